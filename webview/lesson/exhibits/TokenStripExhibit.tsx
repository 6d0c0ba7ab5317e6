/** The exhibit of tokens: the text cut into token chips, and the merges behind the chosen one. */

import { useEffect, useRef, useState } from "preact/hooks";
import { tokenReadings } from "../../../src/core/lessons/tokenReadings.js";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { EncodedToken, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { hexBytes, visibleText } from "../../../src/shared/visibleText.js";
import { chipOf } from "../../tokens/chipOf.js";
import { countedBytes, countedCharacters, countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { itemByKey } from "../../ui/itemByKey.js";
import { EmptyNote, ErrorNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { joinSentences } from "./joinSentences.js";
import { MergeSteps } from "./MergeSteps.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "token-strip" }>;

interface Encoded {
  text: string;
  encoding: string;
  tokens: EncodedToken[];
}

export function TokenStripExhibit(props: ExhibitProps<Config>) {
  const { config, text, host, onInstrument } = props;
  const encoding = config.encoding || props.encoding;
  const [encoded, setEncoded] = useState<Encoded>();
  const [error, setError] = useState<WireError>();
  const [chosen, setChosen] = useState<number>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    host.call("encode", { text, encoding }, { signal: abort.signal }).then(
      (tokens) => {
        setError(undefined);
        setChosen(undefined);
        setEncoded({ text, encoding, tokens });
        const readings = tokenReadings(tokens.map(({ bytes }) => bytes));
        onInstrument({ text, readings, setting: text, guesses: {} });
      },
      (thrown: unknown) => {
        if (!isCancelled(thrown)) setError(toWireError(thrown));
      },
    );
    return () => abort.abort();
  }, [text, encoding, attempt]);

  if (error) return <ErrorNote error={error} retry={() => setAttempt(attempt + 1)} />;
  if (!encoded || props.covered) return null;
  const { tokens } = encoded;
  if (tokens.length === 0) return <EmptyNote text={t("Type something: no text, no tokens.")} />;
  const index = Math.min(chosen ?? mostMerged(tokens), tokens.length - 1);
  return (
    <>
      <Figure caption={captionOf(encoded)} table={tableOf(tokens)}>
        <TokenStrip tokens={tokens} chosen={index} onChoose={setChosen} />
      </Figure>
      {config.replay && <MergeSteps tokens={tokens} chosen={index} encoding={encoded.encoding} host={host} />}
    </>
  );
}

/** The first token of the piece that is cut into most tokens: the one whose making says most. */
function mostMerged(tokens: readonly EncodedToken[]): number {
  let best = 0;
  let most = 0;
  let start = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.startsPiece) start = index;
    const length = index - start + 1;
    if (length > most) {
      most = length;
      best = start;
    }
  }
  if (most > 1) return best;
  const lengths = tokens.map(({ bytes }) => bytes.length);
  return lengths.indexOf(Math.max(...lengths));
}

function captionOf({ encoding, tokens }: Encoded): string {
  const {
    characters = 0,
    bytes = 0,
    "split-characters": split = 0,
  } = tokenReadings(tokens.map((token) => token.bytes));
  const rate = formatFixed(characters / tokens.length, 1);
  const cut =
    bytes === characters
      ? t(
          "{0} cuts these {1} into {2}: {3} characters a token.",
          encoding,
          countedCharacters(characters),
          countedTokens(tokens.length),
          rate,
        )
      : t(
          "{0} cuts these {1}, {2}, into {3}: {4} characters a token.",
          encoding,
          countedCharacters(characters),
          countedBytes(bytes),
          countedTokens(tokens.length),
          rate,
        );
  if (split === 0) return cut;
  return joinSentences(
    cut,
    split === 1
      ? t("1 character is cut into several tokens.")
      : t("{0} characters are cut into several tokens.", formatCount(split)),
  );
}

function tableOf(tokens: readonly EncodedToken[]) {
  return {
    columns: ["", t("Token"), t("Id"), t("Bytes")],
    rows: () =>
      tokens.map(({ id, bytes }, index) => [
        String(index + 1),
        visibleText(bytes),
        String(id),
        hexBytes(bytes),
      ]),
  };
}

/** The chips with their ids below. One stop for the tab key; the arrow keys move inside. */
function TokenStrip(props: {
  tokens: readonly EncodedToken[];
  chosen: number;
  onChoose(index: number): void;
}) {
  const { tokens, chosen, onChoose } = props;
  const strip = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = itemByKey(event.key, chosen, tokens.length);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    strip.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <div
      ref={strip}
      class="gb-strip lesson-strip"
      role="toolbar"
      aria-label={t("Tokens")}
      onKeyDown={onKeyDown}
    >
      {tokens.map((token, index) => (
        <span key={`${index} ${token.id}`} class="lesson-strip-token">
          <TokenChip
            token={chipOf(token)}
            band={index}
            selected={index === chosen}
            tabIndex={index === chosen ? 0 : -1}
            onClick={() => onChoose(index)}
          />
          <span class="lesson-strip-id" aria-hidden="true">
            {token.id}
          </span>
        </span>
      ))}
    </div>
  );
}
