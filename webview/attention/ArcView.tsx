/** One head as arcs: the text from top to bottom, and from each token a curve to what it looks at. */

import { formatWeight } from "../../src/core/lens/describe.js";
import type { Look } from "./useView.js";

/** Longer texts are drawn in part, up to the chosen token. */
const MOST_ROWS = 96;
const ROW = 18;
const WIDTH = 400;
/** Where the labels begin; the arcs are to the left of it. */
const LABELS = 190;
/** Fainter arcs are not drawn. */
export const FAINTEST_ARC = 0.02;

/** The tokens that are drawn: all of them, or the part that ends a little behind the chosen one. */
export function drawnTokens({ subject, query }: Pick<Look, "subject" | "query">): {
  from: number;
  to: number;
} {
  const count = subject.tokens.length;
  if (count <= MOST_ROWS) return { from: 0, to: count };
  const to = Math.min(count, Math.max(MOST_ROWS, query + 1));
  return { from: to - MOST_ROWS, to };
}

export function ArcView({ look, label }: { look: Look; label: string }) {
  const { labels, query, square } = look;
  if (!square) return null;
  const { from, to } = drawnTokens(look);
  const rows = Array.from({ length: to - from }, (_, row) => from + row);
  const height = rows.length * ROW;
  const middle = (token: number) => (token - from) * ROW + ROW / 2;
  const weightOf = (of: number, key: number) => square.weights[of * square.tokenCount + key] ?? 0;
  const arcs = (of: number) =>
    rows
      .filter((key) => key <= of && weightOf(of, key) >= FAINTEST_ARC)
      .map((key) => {
        const weight = weightOf(of, key);
        return (
          <path
            key={`${of}:${key}`}
            class={of === query ? "att-arc att-arc-chosen" : "att-arc"}
            d={arcPath(middle(of), middle(key), Math.abs(of - key), rows.length)}
            stroke-width={of === query ? 1 + 4 * weight : 0.5 + weight}
            stroke-opacity={of === query ? 0.35 + 0.65 * weight : 0.3 * weight}
          />
        );
      });
  return (
    <svg class="att-arcs" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label}>
      {rows.filter((token) => token !== query).map(arcs)}
      {arcs(query)}
      {rows.map((token) => {
        const weight = token <= query ? weightOf(query, token) : 0;
        return (
          <g key={token} class={token === query ? "att-arc-row att-arc-query" : "att-arc-row"}>
            <rect x={LABELS} y={middle(token) - ROW / 2} width={WIDTH - LABELS} height={ROW} />
            <text x={LABELS + 6} y={middle(token) + 4}>
              {labels[token]}
            </text>
            {weight >= FAINTEST_ARC && (
              <text class="att-arc-weight" x={WIDTH - 4} y={middle(token) + 4} text-anchor="end">
                {formatWeight(weight)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** A curve that reaches the further left the more tokens it spans; for a token that looks at itself a small loop. */
function arcPath(from: number, to: number, span: number, rows: number): string {
  if (span === 0) return `M ${LABELS} ${from - 3} c -16 -6 -16 12 0 6`;
  const reach = 14 + (LABELS - 24) * Math.sqrt(span / rows);
  return `M ${LABELS} ${from} C ${LABELS - reach} ${from}, ${LABELS - reach} ${to}, ${LABELS} ${to}`;
}
