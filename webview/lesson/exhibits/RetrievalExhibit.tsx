/** The exhibit of retrieval: passages ranked for the question by BM25, and the prompt that the best of them make. */

import { useEffect, useState } from "preact/hooks";
import { promptWith, type RankedPassage, rankPassages } from "../../../src/core/lessons/ranking.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig, Passage } from "../../../src/shared/panels/lesson.js";
import { countedFiles } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote, LoadingNote } from "../../ui/notes.js";
import { LinkButton } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "retrieval" }>;

/** Passages that get a bar. */
const MOST_SHOWN = 6;

export function RetrievalExhibit(props: ExhibitProps<Config>) {
  const { config, text, host, covered, onInstrument } = props;
  const [ofWorkspace, setOfWorkspace] = useState(false);
  const workspace = useAnswer(ofWorkspace ? "workspace" : undefined, (signal) =>
    host.call("passages", {}, { signal }),
  );
  const passages: Passage[] = ofWorkspace ? (workspace.value?.passages ?? []) : config.passages;
  const ranked = rankPassages(text, passages);
  const found = ranked.filter(({ score }) => score > 0);
  const chosen = found.slice(0, config.most);
  const prompt = promptWith(text.trim(), chosen);
  const encoding = props.encoding;
  const counted = useAnswer(`${encoding}\n${prompt}`, async (signal) => {
    const [tokens = 0] = await host.call(
      "measure",
      { facts: [{ fact: "token-count", text: prompt, encoding }] },
      { signal },
    );
    return { text, tokens };
  });
  const key = JSON.stringify([text, passages.length, counted.value]);

  useEffect(() => {
    const ranks = Object.fromEntries(
      config.passages.flatMap(({ id }) => {
        const at = ranked.findIndex(({ passage, score }) => passage.id === id && score > 0);
        return at < 0 ? [] : [[`rank-${id}`, at + 1]];
      }),
    );
    onInstrument({
      text,
      // Nobody has asked anything: that nothing was found says nothing.
      readings:
        text.trim() === ""
          ? {}
          : {
              found: found.length,
              "top-score": found[0]?.score ?? 0,
              ...ranks,
              ...(counted.value && { "prompt-tokens": counted.value.tokens }),
            },
      setting: text,
      guesses: {},
    });
  }, [key]);

  return (
    <>
      <p class="gb-row">
        <LinkButton onClick={() => setOfWorkspace(!ofWorkspace)}>
          {ofWorkspace ? t("Search the lesson’s passages") : t("Search the files of my workspace")}
        </LinkButton>
        {ofWorkspace && workspace.value && (
          <span class="gb-dim">
            {t(
              { message: "{0} of {1}", comment: "passages of files" },
              countedPassages(workspace.value.passages.length),
              countedFiles(workspace.value.files),
            )}
          </span>
        )}
      </p>
      {workspace.error && <ErrorNote error={workspace.error} retry={workspace.again} />}
      {ofWorkspace && !workspace.value && !workspace.error && (
        <LoadingNote text={t("Reading the workspace …")} />
      )}
      {!covered && (
        <>
          <Figure
            caption={captionOf(found, passages.length)}
            table={{
              columns: [t("Rank"), t("Passage"), t("Score"), t("Words found")],
              rows: () =>
                found.map(({ passage, score, words }, at) => [
                  String(at + 1),
                  passage.id,
                  formatFixed(score, 2),
                  words.map(({ word, score: part }) => `${word} ${formatFixed(part, 2)}`).join(", "),
                ]),
            }}
          >
            <Bars
              bars={found.slice(0, MOST_SHOWN).map(({ passage, score, words }, at) => ({
                key: passage.id,
                label: passage.id,
                share: score / (found[0]?.score || 1),
                value: `${formatFixed(score, 2)}: ${words.map(({ word }) => word).join(", ")}`,
                strong: at < config.most,
              }))}
            />
          </Figure>
          <details class="lesson-details">
            <summary>
              {counted.value
                ? t(
                    "The prompt that a model would be sent, {0} tokens in {1}",
                    formatCount(counted.value.tokens),
                    encoding,
                  )
                : t("The prompt that a model would be sent")}
            </summary>
            <pre class="lesson-call">{prompt}</pre>
          </details>
        </>
      )}
    </>
  );
}

function captionOf(found: readonly RankedPassage[], passages: number): string {
  const [best] = found;
  if (!best) return t("None of {0} has a word of the question.", countedPassages(passages));
  const rarest = best.words.toSorted((a, b) => b.score - a.score)[0];
  return t(
    "{0} of {1} share a word with the question; “{2}” is first, mostly for “{3}”.",
    found.length,
    countedPassages(passages),
    best.passage.id,
    rarest?.word ?? "",
  );
}

function countedPassages(count: number): string {
  return count === 1 ? t("1 passage") : t("{0} passages", formatCount(count));
}
