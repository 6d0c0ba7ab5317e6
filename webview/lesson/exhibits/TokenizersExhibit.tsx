/** The exhibit of tokenizers: one text as bits, bytes, characters and the tokens of several vocabularies. */

import { useEffect } from "preact/hooks";
import { readingName } from "../../../src/core/lessons/exhibits.js";
import { tokenReadings } from "../../../src/core/lessons/tokenReadings.js";
import { ENCODINGS, isEncodingName } from "../../../src/core/tokens/encodings.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { EncodedToken, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { visibleText } from "../../../src/shared/visibleText.js";
import { chipOf } from "../../tokens/chipOf.js";
import { countedBytes, countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { EmptyNote, ErrorNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "tokenizers" }>;

interface Column {
  name: string;
  tokens: EncodedToken[];
}

export function TokenizersExhibit({ config, text, host, covered, onInstrument }: ExhibitProps<Config>) {
  const { value, error, again } = useAnswer(text, async (signal) => {
    const asked = config.encodings.map(
      async (encoding): Promise<Column> => ({
        name: encoding,
        tokens: await host.call("encode", { text, encoding }, { signal }),
      }),
    );
    return { text, columns: await Promise.all(asked) };
  });

  useEffect(() => {
    if (!value) return;
    const counts = value.columns.map(({ tokens }) => tokens.length);
    onInstrument({
      text: value.text,
      readings: {
        ...sizesOf(value.columns),
        ...Object.fromEntries(value.columns.map(({ name, tokens }) => [readingName(name), tokens.length])),
        difference: Math.max(...counts) - Math.min(...counts),
      },
      setting: value.text,
      guesses: {},
    });
  }, [value]);

  if (error) return <ErrorNote error={error} retry={again} />;
  if (!value || covered) return null;
  const { columns } = value;
  const { characters, bytes, bits } = sizesOf(columns);
  if (characters === 0) return <EmptyNote text={t("Type something: no text, no tokens.")} />;
  const rows = [
    { name: t("bits"), count: bits, choices: 2 },
    { name: t("bytes"), count: bytes, choices: 256 },
    ...columns.map(({ name, tokens }) => ({
      name,
      count: tokens.length,
      choices: isEncodingName(name) ? ENCODINGS[name].ordinaryTokens : Number.NaN,
    })),
  ];
  return (
    <>
      <Figure
        caption={captionOf(columns, bytes)}
        table={{
          columns: ["", t("Symbols"), t("To choose from")],
          rows: () =>
            rows.map(({ name, count, choices }) => [name, formatCount(count), formatCount(choices)]),
        }}
      >
        <Bars
          bars={rows.map(({ name, count, choices }) => ({
            key: name,
            label: name,
            // Bits would leave the others no room: lengths are drawn by their logarithm.
            share: Math.log(count + 1) / Math.log(bits + 1),
            value: t("{0}, each one of {1}", formatCount(count), formatCount(choices)),
          }))}
        />
      </Figure>
      {columns.map(({ name, tokens }) => (
        <div key={name} class="lesson-row">
          <span class="gb-dim">{name}</span>
          <div class="gb-strip">
            {tokens.map((token, at) => (
              <TokenChip key={`${at} ${token.id}`} token={chipOf(token)} band={at} />
            ))}
          </div>
        </div>
      ))}
    </>
  );
}

function sizesOf([first]: readonly Column[]): { characters: number; bytes: number; bits: number } {
  const { characters = 0, bytes = 0 } = tokenReadings(first?.tokens.map((token) => token.bytes) ?? []);
  return { characters, bytes, bits: bytes * 8 };
}

function captionOf(columns: readonly Column[], bytes: number): string {
  const sorted = columns.toSorted((a, b) => a.tokens.length - b.tokens.length);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (!least || !most) return "";
  const longest = least.tokens.reduce((a, b) => (b.bytes.length > a.bytes.length ? b : a));
  const said = [countedBytes(bytes), countedTokens(least.tokens.length), least.name] as const;
  const text = visibleText(longest.bytes);
  return most.tokens.length > least.tokens.length
    ? t(
        "{0} become {1} in {2} and {3} in {4}; the longest is “{5}”. The bars are logarithmic.",
        ...said,
        formatCount(most.tokens.length),
        most.name,
        text,
      )
    : t("{0} become {1} in {2}; the longest is “{3}”. The bars are logarithmic.", ...said, text);
}
