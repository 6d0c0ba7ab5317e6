/** The counts: one row a tokenizer, with a bar, what a token holds on average, and what reading costs. */

import { formatRatio } from "../../src/core/tokens/compareSummary.js";
import { formatCost } from "../../src/core/tokens/prices.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ComparedText } from "../../src/shared/panels/compare.js";
import { Track } from "../ui/Track.js";
import type { Row } from "./useCounts.js";

export interface CountTableProps {
  text: ComparedText;
  rows: readonly Row[];
  /** Left out where the tokenizers are not the reader's to choose. */
  onRemove?: ((name: string) => void) | undefined;
}

export function CountTable({ text, rows, onRemove }: CountTableProps) {
  const tokens = rows.flatMap(({ counted }) => (counted ? [counted.tokens] : []));
  const most = Math.max(1, ...tokens);
  const least = Math.min(most, ...tokens);
  return (
    <table class="cmp-counts">
      <thead>
        <tr>
          <th scope="col">{t("Tokenizer")}</th>
          <th scope="col">{t("Tokens")}</th>
          <th scope="col">
            <span class="gb-visually-hidden">{t("Bar of the tokens")}</span>
          </th>
          <th scope="col" title={t("Tokens, as a multiple of the least")}>
            {t("× least")}
          </th>
          <th scope="col">{t("bytes a token")}</th>
          <th scope="col">{t("characters a token")}</th>
          <th scope="col">{t("cost as input")}</th>
          {onRemove && (
            <th scope="col">
              <span class="gb-visually-hidden">{t("Remove")}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={row.tokenizer.name}>
            <th scope="row" title={row.tokenizer.detail}>
              <span class="cmp-number">{index + 1}</span> <span class="cmp-name">{labelOf(row)}</span>
              {row.tokenizer.approximate !== undefined && (
                <span class="cmp-approximate gb-dim" title={row.tokenizer.approximate}>
                  {" "}
                  {t("approximate")}
                </span>
              )}
            </th>
            <Counted row={row} text={text} most={most} least={least} />
            {onRemove && (
              <td class="cmp-remove">
                <button
                  type="button"
                  class="gb-link"
                  aria-label={t("Remove {0}", labelOf(row))}
                  title={t("Remove {0}", labelOf(row))}
                  onClick={() => onRemove(row.tokenizer.name)}
                >
                  ×
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Counted(props: { row: Row; text: ComparedText; most: number; least: number }) {
  const { row, text, most, least } = props;
  const { counted, error } = row;
  if (!counted) {
    return (
      <td class="cmp-failed" colSpan={6}>
        {error?.message} {error?.remedy && <span class="gb-dim">{error.remedy}</span>}
      </td>
    );
  }
  const sign = row.tokenizer.approximate === undefined ? "" : "≈ ";
  return (
    <>
      <td class="cmp-tokens">
        {sign}
        {formatCount(counted.tokens)}
      </td>
      <td class="cmp-bar">
        <Track share={counted.tokens / most} />
      </td>
      <td data-label={t("× least")}>{formatRatio(least === 0 ? 1 : counted.tokens / least)}</td>
      <td data-label={t("bytes a token")}>{perToken(text.bytes, counted.tokens, formatFixed)}</td>
      <td data-label={t("characters a token")}>{perToken(text.characters, counted.tokens, formatFixed)}</td>
      <td
        data-label={t("cost as input")}
        class="cmp-cost"
        {...(counted.price ? { title: counted.price.described } : {})}
      >
        {counted.price ? (
          <>
            {sign}
            {formatCost(counted.price.cost)} <span class="gb-dim">{counted.price.model}</span>
          </>
        ) : (
          <span class="gb-dim">{t("no price")}</span>
        )}
      </td>
    </>
  );
}

/** What the row is called: of a model, the name that its file gives it. */
export function labelOf({ tokenizer, counted }: Row): string {
  return tokenizer.name === "model" && counted ? counted.label : tokenizer.label;
}

function perToken(amount: number, tokens: number, write = forFiles): string {
  return tokens === 0 ? "–" : write(amount / tokens, 2);
}

/** With a point in every language. */
function forFiles(value: number, digits: number): string {
  return value.toFixed(digits);
}

/** The counts as CSV (RFC 4180), numbers without grouping. */
export function countsAsCsv(text: ComparedText, rows: readonly Row[]): string {
  const head = [
    "tokenizer",
    "tokens",
    "approximate",
    "bytes per token",
    "characters per token",
    "input cost in USD",
    "price",
  ];
  const lines = rows.flatMap((row) => {
    const { counted, tokenizer } = row;
    if (!counted) return [];
    return [
      [
        labelOf(row),
        counted.tokens,
        tokenizer.approximate === undefined ? "no" : "yes",
        perToken(text.bytes, counted.tokens),
        perToken(text.characters, counted.tokens),
        counted.price?.cost ?? "",
        counted.price?.described ?? "",
      ],
    ];
  });
  return [head, ...lines]
    .map((line) => line.map(csvField).join(","))
    .join("\r\n")
    .concat("\r\n");
}

function csvField(value: string | number): string {
  const field = String(value);
  // A field that begins like a formula is text to a spreadsheet only behind an apostrophe.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
