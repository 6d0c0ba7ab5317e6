/** What a page shows of surprisal, in one sentence and by levels, written from the numbers. */

import { formatCount, formatFixed, inLanguage } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { SurprisalState, SurprisalTokens } from "../../shared/panels/surprisal.js";
import { levelOf } from "./levels.js";
import { bitsPerByte, bitsPerToken, mostSurprising, perplexity, type SurprisalSum, sumOf } from "./sums.js";

/** The bits of each token, undefined where it has not been read. */
export function bitsOf({ bits }: SurprisalTokens): { bits: number | undefined }[] {
  return Array.from(bits, (each) => ({ bits: Number.isNaN(each) ? undefined : each }));
}

export interface LevelCount {
  level: number;
  tokens: number;
  /** Their part of all surprisal, from 0 to 1. */
  share: number;
}

/** How many tokens each level has, and how much of the surprisal, level 0 first. */
export function countLevels({ bits }: SurprisalTokens, thresholds: readonly number[]): LevelCount[] {
  const counts = Array.from({ length: thresholds.length + 1 }, (_, level) => ({
    level,
    tokens: 0,
    share: 0,
  }));
  let all = 0;
  for (const each of bits) {
    if (Number.isNaN(each)) continue;
    const count = counts[levelOf(each, thresholds)]!;
    count.tokens++;
    count.share += each;
    all += each;
  }
  for (const count of counts) count.share = all > 0 ? count.share / all : 0;
  return counts;
}

/** "0.1 to 0.5" as percentages: which probabilities a level holds. */
export function levelWords(level: number, thresholds: readonly number[]): string {
  const percent = (part: number) => `${inLanguage(String(Number((100 * part).toPrecision(6))))} %`;
  if (level === 0) return t("{0} or more", percent(thresholds[0]!));
  if (level === thresholds.length) return t("below {0}", percent(thresholds[level - 1]!));
  return t("{0} to {1}", percent(thresholds[level]!), percent(thresholds[level - 1]!));
}

export interface SurprisalFigures {
  sum: SurprisalSum;
  bitsPerToken: number;
  bitsPerByte: number | undefined;
  perplexity: number;
}

/** Undefined while nothing has been read. */
export function figuresOf({ tokens, bytes }: SurprisalState): SurprisalFigures | undefined {
  const sum = sumOf(bitsOf(tokens));
  const mean = bitsPerToken(sum);
  const even = perplexity(sum);
  if (mean === undefined || even === undefined) return undefined;
  return { sum, bitsPerToken: mean, bitsPerByte: bitsPerByte(sum, bytes), perplexity: even };
}

/** What is to be seen in these tokens. */
export function summaryOf(state: SurprisalState): string {
  const figures = figuresOf(state);
  const { tokens, thresholds } = state;
  if (!figures) return t("Nothing has been read yet.");
  const levels = countLevels(tokens, thresholds);
  const expected = levels[0]!.tokens / figures.sum.tokens;
  const said = t(
    "The model needed {0} bits a token, as if each time it had chosen among {1} equally good ones; {2} % of the tokens had a probability of {3}.",
    formatFixed(figures.bitsPerToken, 2),
    short(figures.perplexity),
    Math.round(100 * expected),
    levelWords(0, thresholds),
  );
  const [first] = mostSurprising(bitsOf(tokens), 1, 0);
  if (first === undefined) return said;
  const most = t(
    "The greatest surprise is “{0}” in line {1}, {2} bits.",
    tokens.texts[first]!,
    tokens.lines[first]! + 1,
    formatFixed(tokens.bits[first]!, 1),
  );
  return `${said} ${most}`;
}

/** With one digit behind the point where that still tells something. */
export function short(value: number): string {
  return value < 100 ? formatFixed(value, 1) : formatCount(Math.round(value));
}
