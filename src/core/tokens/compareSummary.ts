/** What a comparison of tokenizers comes to: ratios, and the sentences under its pictures. */

import { formatCount } from "../../shared/formatCount.js";

export interface NamedCount {
  name: string;
  tokens: number;
}

/** How often one count holds another, as a person reads it: 1.62, 13.4, 1. */
export function formatRatio(ratio: number): string {
  if (ratio >= 100) return formatCount(Math.round(ratio));
  return ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2).replace(/\.00$/, "");
}

/** "a", "a and b", "a, b and c". */
function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What is to be seen in the counts of one text. */
export function describeCounts(counts: readonly NamedCount[]): string {
  const [first] = counts;
  if (!first) return "";
  if (counts.length === 1) return `${first.name} makes ${tokens(first.tokens)} of this text.`;
  const least = Math.min(...counts.map((each) => each.tokens));
  const most = Math.max(...counts.map((each) => each.tokens));
  const withCount = (wanted: number) =>
    counts.filter((each) => each.tokens === wanted).map(({ name }) => name);
  let sentence: string;
  if (least === most) {
    sentence = `${listed(withCount(least))} all make ${tokens(least)} of this text`.replace(
      " all ",
      counts.length === 2 ? " both " : " all ",
    );
  } else {
    const fewest = withCount(least);
    const largest = withCount(most);
    sentence =
      `${listed(fewest)} ${fewest.length === 1 ? "needs" : "need"} the fewest tokens, ${formatCount(least)}; ` +
      `${listed(largest)} ${largest.length === 1 ? "needs" : "need"} ${formatCount(most)}, ` +
      `${formatRatio(most / least)} times as many`;
  }
  return `${sentence}.`;
}

/**
 * What is to be seen in the picture of several tokenizers.
 * @param cuts places inside the drawn text at which any, and at which all of them cut.
 */
export function describeCuts({ any, all }: { any: number; all: number }): string {
  if (any === 0) return "To all of them it is a single token.";
  if (any === all) return "They cut at the same places throughout.";
  return `Of the ${formatCount(any)} places where any of them cuts, ${formatCount(all)} ${all === 1 ? "is" : "are"} common to all.`;
}

function tokens(value: number): string {
  return `${formatCount(value)} token${value === 1 ? "" : "s"}`;
}

export interface LanguageCount {
  language: string;
  /** Tokens of the sentence in this language. */
  tokens: number;
}

/** What is to be seen in the counts of one meaning in several languages, by one tokenizer. */
export function describeLanguages(tokenizer: string, counts: readonly LanguageCount[], base: string): string {
  const own = counts.find(({ language }) => language === base);
  const others = counts.filter(({ language }) => language !== base);
  if (!own || others.length === 0) return "";
  const most = others.reduce((a, b) => (b.tokens > a.tokens ? b : a));
  const least = others.reduce((a, b) => (b.tokens < a.tokens ? b : a));
  const compared = ({ tokens: other }: LanguageCount) =>
    other === own.tokens
      ? `as much as in ${base}`
      : `${formatRatio(other / own.tokens)} times the tokens of ${base}`;
  const dearest = `With ${tokenizer}, the same meaning takes ${compared(most)} in ${most.language}`;
  if (least.language === most.language) return `${dearest}.`;
  return `${dearest}, and ${least.tokens === own.tokens ? "as many" : formatRatio(least.tokens / own.tokens)} in ${least.language}.`;
}
