/** How full a context window or a budget is, and what falls out where it does not suffice. */

import { formatCount, formatFixed } from "../../shared/formatCount.js";

const FULL = "▰";
const EMPTY = "▱";

/** A bar of text: `▰▰▰▱▱▱▱▱▱▱`. Something never looks like nothing, and what does not quite fill it never looks full. */
export function fillBar(fraction: number, cells = 10): string {
  const rounded = Math.round(fraction * cells);
  const least = fraction > 0 ? 1 : 0;
  const most = fraction < 1 ? cells - 1 : cells;
  const full = Math.max(least, Math.min(most, rounded));
  return FULL.repeat(full) + EMPTY.repeat(cells - full);
}

/** `3.1 %`; `under 0.1 %` for a little, one digit below ten, none above; never `100 %` for less or more than all. */
export function formatShare(fraction: number): string {
  const percent = fraction * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return `< ${formatFixed(0.1, 1)} %`;
  if (percent < 9.95) return `${formatFixed(percent, 1)} %`;
  const rounded = Math.round(percent);
  if (rounded === 100 && fraction < 1) return `${formatFixed(Math.floor(percent * 10) / 10, 1)} %`;
  if (rounded === 100 && fraction > 1) return `${formatFixed(Math.ceil(percent * 10) / 10, 1)} %`;
  return `${formatCount(rounded)} %`;
}

/** One of several texts that are put into a window one after the other. */
export interface Packed<T> {
  item: T;
  tokens: number;
  /** Of these, how many fit: all, some, none. */
  kept: number;
}

/**
 * Fills a window with texts in their order. The first that does not fit whole is cut, and all after it fall out,
 * also those that would fit into what is left: a prompt is cut at its end.
 */
export function packWindow<T>(
  window: number,
  items: readonly T[],
  tokensOf: (item: T) => number,
): Packed<T>[] {
  let left = Math.max(0, window);
  return items.map((item) => {
    const tokens = tokensOf(item);
    const kept = Math.min(tokens, left);
    left = kept < tokens ? 0 : left - tokens;
    return { item, tokens, kept };
  });
}

/**
 * The first line that does not end within `limit` tokens.
 * @param tokensBefore tokens that start before a line; it must not shrink from line to line, and answers the count
 * of the whole text for `lineCount`.
 * @returns undefined where all of the text fits.
 */
export function lineOfToken(
  lineCount: number,
  limit: number,
  tokensBefore: (line: number) => number,
): number | undefined {
  if (tokensBefore(lineCount) <= limit) return undefined;
  let fits = 0;
  let passes = lineCount;
  // tokensBefore(fits) <= limit < tokensBefore(passes)
  while (passes - fits > 1) {
    const middle = (fits + passes) >> 1;
    if (tokensBefore(middle) <= limit) fits = middle;
    else passes = middle;
  }
  return fits;
}
