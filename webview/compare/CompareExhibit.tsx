/** The comparison of one text: the counts, the aligned picture, and what is to be seen in it. */

import { useMemo, useState } from "preact/hooks";
import { type Borders, countCuts, tokensWithin } from "../../src/core/tokens/compareBorders.js";
import { describeCounts, describeCuts } from "../../src/core/tokens/compareSummary.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { type ComparedText, MOST_COMPARED } from "../../src/shared/panels/compare.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { countedCharacters } from "../ui/counted.js";
import { Figure, type TableData } from "../ui/Figure.js";
import { type AlignedRow, Alignment } from "./Alignment.js";
import { CountTable, labelOf } from "./CountTable.js";
import type { Row } from "./useCounts.js";

export interface CompareExhibitProps {
  text: ComparedText;
  rows: readonly Row[];
  onRemove?: ((name: string) => void) | undefined;
}

export function CompareExhibit({ text, rows, onRemove }: CompareExhibitProps) {
  const [borders, setBorders] = useState<Borders>();
  const aligned = useMemo(
    () =>
      rows.flatMap((row): AlignedRow[] => {
        const { counted } = row;
        if (!counted || !isWhole(counted.lengths, text.drawn)) return [];
        return [{ ...counted, label: labelOf(row) }];
      }),
    [rows, text],
  );
  const counts = rows.flatMap((row) =>
    row.counted ? [{ name: labelOf(row), tokens: row.counted.tokens }] : [],
  );
  const drawnWhole = text.drawn.length === 0 || !cutInDrawing(text);
  // Of an older layout while the next one is made.
  const fits = borders && borders.starts.length === aligned.length;
  const caption = [
    fits && aligned.length > 1 ? describeCuts(countCuts(borders)) : "",
    drawnWhole
      ? ""
      : t(
          "Drawn are the first {0} of {1}; the counts are of all.",
          formatCount(characterCount(text.drawn)),
          countedCharacters(text.characters),
        ),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
  return (
    <>
      {text.cut && (
        <p role="status">
          {t("The text is longer: its first {0} characters are counted here.", formatCount(MOST_COMPARED))}
        </p>
      )}
      <CountTable text={text} rows={rows} onRemove={onRemove} />
      <p class="cmp-summary">{describeCounts(counts)}</p>
      {aligned.length > 0 && (
        <div class="cmp-picture">
          {aligned.length > 1 && <Legend />}
          <Figure caption={caption} table={stretchTable(text.drawn, aligned, fits ? borders : undefined)}>
            <Alignment text={text.drawn} rows={aligned} onBorders={setBorders} />
          </Figure>
        </div>
      )}
    </>
  );
}

/** How to read the picture, with samples of what is in it. */
function Legend() {
  return (
    <p class="cmp-legend gb-dim">
      <span>
        <span class="cmp-sample cmp-token cmp-border-all cmp-ends" /> {t("cut alike by all")}
      </span>
      <span>
        <span class="cmp-sample cmp-token cmp-border-some cmp-band-0 cmp-ends" /> {t("a cut of some")}
      </span>
      <span>
        <span class="cmp-sample cmp-token cmp-border-one cmp-band-0 cmp-ends" /> {t("a cut of this one only")}
      </span>
    </p>
  );
}

/** Whether a row's tokens are the text: those of a tokenizer that rewrites its text are counted, but not drawn. */
function isWhole(lengths: Uint32Array, drawn: string): boolean {
  return lengths.reduce((sum, length) => sum + length, 0) === new TextEncoder().encode(drawn).length;
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function cutInDrawing(text: ComparedText): boolean {
  return characterCount(text.drawn) < text.characters;
}

/** The picture as a table: each stretch between two common borders, and the tokens that each row makes of it. */
function stretchTable(text: string, rows: readonly AlignedRow[], borders: Borders | undefined): TableData {
  const labels = rows.map(({ label }, index) => `${index + 1} ${label}`);
  return {
    columns: ["", "Text", ...labels],
    heads: ["", t("Text"), ...labels],
    rows: () => {
      if (!borders) return [];
      const bytes = new TextEncoder().encode(text);
      return borders.stretches.map(({ firstByte, endByte }, index) => [
        String(index + 1),
        visibleText(bytes.subarray(firstByte, endByte)),
        ...rows.map((row, rowIndex) => {
          const { from, to } = tokensWithin(borders, rowIndex, firstByte, endByte);
          const starts = borders.starts[rowIndex]!;
          return Array.from({ length: to - from }, (_, at) => {
            const token = from + at;
            return `${visibleText(bytes.subarray(starts[token]!, starts[token + 1]!))} ${row.ids[token]}`;
          }).join(" | ");
        }),
      ]);
    },
  };
}
