/** The exhibit of languages: what the same meaning takes in each of them, for each tokenizer. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { describeLanguages, formatRatio, ratioInColumn } from "../../src/core/tokens/compareSummary.js";
import { BAND_COUNT } from "../../src/core/tokens/palettes.js";
import { BASE_LANGUAGE, LANGUAGES, MEANINGS } from "../../src/core/tokens/sameMeaning.js";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ComparedTokenizer, CompareHost } from "../../src/shared/panels/compare.js";
import type { Caller } from "../../src/shared/rpc.js";
import "./compare.css";
import { Figure } from "../ui/Figure.js";
import { ErrorNote, LoadingNote } from "../ui/notes.js";
import { Dropdown } from "../ui/toolkit.js";

export interface LanguagesExhibitProps {
  host: Caller<Pick<CompareHost, "countTexts">>;
  tokenizers: readonly ComparedTokenizer[];
  /** Changes when the names stand for other tokenizers. */
  said: number;
  /** Which of the meanings is shown first. */
  meaning?: string;
  /** Offers each sentence to be looked at token by token. */
  onRead?: ((text: string, name: string) => void) | undefined;
}

/** The counts of one meaning; a row for each tokenizer that could count. */
interface Counted {
  meaning: string;
  rows: { label: string; name: string; counts: number[] }[];
  errors: WireError[];
}

const BASE = LANGUAGES.findIndex(({ tag }) => tag === BASE_LANGUAGE);
const BASE_NAME = LANGUAGES[BASE]?.name ?? "";

export function LanguagesExhibit(props: LanguagesExhibitProps) {
  const { host, tokenizers, said, onRead } = props;
  const [chosen, setChosen] = useState(props.meaning ?? MEANINGS[0]?.id ?? "");
  const [sortedBy, setSortedBy] = useState("");
  const [counted, setCounted] = useState<Counted>();
  const meaning = MEANINGS.find(({ id }) => id === chosen) ?? MEANINGS[0]!;

  useEffect(() => {
    const abort = new AbortController();
    const texts = LANGUAGES.map(({ tag }) => meaning.texts[tag]);
    const asked = tokenizers.map(({ name, label }) =>
      host.call("countTexts", { tokenizer: name, texts }, { signal: abort.signal }).then(
        (counts) => ({ row: { name, label, counts } }),
        (error: unknown) => ({ error: toWireError(error) }),
      ),
    );
    Promise.all(asked).then((answers) => {
      if (abort.signal.aborted) return;
      setCounted({
        meaning: meaning.id,
        rows: answers.flatMap((answer) => ("row" in answer ? answer.row : [])),
        errors: answers.flatMap((answer) => ("error" in answer ? answer.error : [])),
      });
    });
    return () => abort.abort();
  }, [host, meaning, said]);

  const order = useMemo(() => {
    const by = counted?.rows.find(({ name }) => name === sortedBy) ?? counted?.rows[0];
    const counts = by?.counts ?? [];
    return LANGUAGES.map((_, index) => index).sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0));
  }, [counted, sortedBy]);

  if (!counted) return <LoadingNote text={t("Counting …")} />;
  const { rows } = counted;
  const by = rows.find(({ name }) => name === sortedBy) ?? rows[0];
  const most = Math.max(1, ...rows.flatMap(({ counts }) => counts));
  const texts = MEANINGS.find(({ id }) => id === counted.meaning)?.texts ?? meaning.texts;
  return (
    <div class="cmp-languages">
      <div class="gb-row cmp-choices">
        <Dropdown
          label={t("Sentence")}
          value={meaning.id}
          options={MEANINGS.map(({ id, title }) => ({ value: id, label: title }))}
          onChange={setChosen}
        />
        {rows.length > 1 && (
          <Dropdown
            label={t("Order by")}
            value={by?.name ?? ""}
            options={rows.map(({ name, label }) => ({ value: name, label }))}
            onChange={setSortedBy}
          />
        )}
      </div>
      <p class="cmp-english">
        {t("“{0}”", texts[BASE_LANGUAGE])} <span class="gb-dim">{meaning.source}.</span>
      </p>
      {counted.errors.map((error) => (
        <ErrorNote key={error.message} error={error} />
      ))}
      {rows.length > 1 && (
        <p class="cmp-legend gb-dim">
          {rows.map(({ name, label }, index) => (
            <span key={name}>
              <span class={`cmp-key cmp-band-${index % BAND_COUNT}`} />
              <span class="cmp-number">{index + 1}</span> {label}
            </span>
          ))}
        </p>
      )}
      {by && (
        <Figure
          caption={[
            describeLanguages(by.label, ofLanguages(by.counts), BASE_NAME),
            t("What is charged by the token costs as many times more."),
          ].join(" ")}
          table={{
            columns: ["Language", "Text", ...rows.flatMap(({ label }) => [`${label}, tokens`, "× English"])],
            heads: [
              t("Language"),
              t("Text"),
              ...rows.flatMap(({ label }) => [t("{0}, tokens", label), `× ${BASE_NAME}`]),
            ],
            rows: () =>
              order.map((index) => [
                LANGUAGES[index]!.name,
                texts[LANGUAGES[index]!.tag],
                ...rows.flatMap(({ counts }) => [
                  formatCount(counts[index]!),
                  formatRatio(ratioOf(counts, index)),
                ]),
              ]),
            exact: () =>
              order.map((index) => [
                LANGUAGES[index]!.name,
                texts[LANGUAGES[index]!.tag],
                ...rows.flatMap(({ counts }) => [counts[index]!, ratioOf(counts, index)]),
              ]),
          }}
        >
          <ol class="cmp-language-list">
            {order.map((index) => {
              const { tag, name, ownName } = LANGUAGES[index]!;
              return (
                <li key={tag}>
                  <span class="cmp-language">
                    {onRead ? (
                      <button
                        type="button"
                        class="gb-link"
                        title={texts[tag]}
                        onClick={() => onRead(texts[tag], name)}
                      >
                        {name}
                      </button>
                    ) : (
                      <span title={texts[tag]}>{name}</span>
                    )}
                    {ownName !== name && (
                      <span class="gb-dim" lang={tag}>
                        {" "}
                        {ownName}
                      </span>
                    )}
                  </span>
                  <span class="cmp-language-bars">
                    {rows.map(({ name: row, label, counts }, at) => (
                      <span key={row} class="cmp-language-bar" title={label}>
                        {rows.length > 1 && <span class="cmp-number">{at + 1}</span>}
                        <span class="cmp-track-bar">
                          <span
                            class={`cmp-fill cmp-band-${at % BAND_COUNT}`}
                            style={{ width: `${(counts[index]! / most) * 100}%` }}
                          />
                        </span>
                        <span class="cmp-language-count">{formatCount(counts[index]!)}</span>
                        <span class="cmp-language-ratio gb-dim">
                          {ratioInColumn(ratioOf(counts, index))} ×
                        </span>
                      </span>
                    ))}
                  </span>
                </li>
              );
            })}
          </ol>
        </Figure>
      )}
    </div>
  );
}

function ofLanguages(counts: readonly number[]) {
  return LANGUAGES.map(({ name }, index) => ({ language: name, tokens: counts[index] ?? 0 }));
}

function ratioOf(counts: readonly number[], index: number): number {
  return (counts[index] ?? 0) / Math.max(1, counts[BASE] ?? 1);
}
