/** What a comparison of tokenizers comes to: ratios, and the sentences under its pictures. */

import { formatCount, formatFixed } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import { listed } from "../../shared/listed.js";

export interface NamedCount {
  name: string;
  tokens: number;
}

/** How often one count holds another, as a person reads it: 1.62, 13.4, 1. */
export function formatRatio(ratio: number): string {
  if (ratio >= 100) return formatCount(Math.round(ratio));
  return ratio >= 10 ? formatFixed(ratio, 1) : formatFixed(ratio, 2).replace(/[.,]00$/, "");
}

/** A ratio among others: below each other they have the same decimals, 1.00 as well. */
export function ratioInColumn(ratio: number): string {
  return formatFixed(ratio, ratio >= 10 ? 1 : 2);
}

/** What is to be seen in the counts of one text. */
export function describeCounts(counts: readonly NamedCount[]): string {
  const [first] = counts;
  if (!first) return "";
  if (counts.length === 1) return t("{0} makes {1} of this text.", first.name, tokens(first.tokens));
  const least = Math.min(...counts.map((each) => each.tokens));
  const most = Math.max(...counts.map((each) => each.tokens));
  const withCount = (wanted: number) =>
    counts.filter((each) => each.tokens === wanted).map(({ name }) => name);
  const fewest = withCount(least);
  if (least === most) {
    return counts.length === 2
      ? t("{0} both make {1} of this text.", listed(fewest), tokens(least))
      : t("{0} all make {1} of this text.", listed(fewest), tokens(least));
  }
  const largest = withCount(most);
  const said = {
    few: listed(fewest),
    least: formatCount(least),
    many: listed(largest),
    most: formatCount(most),
    ratio: formatRatio(most / least),
  };
  if (fewest.length === 1) {
    return largest.length === 1
      ? t("{few} needs the fewest tokens, {least}; {many} needs {most}, {ratio} times as many.", said)
      : t("{few} needs the fewest tokens, {least}; {many} need {most}, {ratio} times as many.", said);
  }
  return largest.length === 1
    ? t("{few} need the fewest tokens, {least}; {many} needs {most}, {ratio} times as many.", said)
    : t("{few} need the fewest tokens, {least}; {many} need {most}, {ratio} times as many.", said);
}

/**
 * What is to be seen in the picture of several tokenizers.
 * @param cuts places inside the drawn text at which any, and at which all of them cut.
 */
export function describeCuts({ any, all }: { any: number; all: number }): string {
  if (any === 0) return t("To all of them it is a single token.");
  if (any === all) return t("They cut at the same places throughout.");
  return all === 1
    ? t("Of the {0} places where any of them cuts, 1 is common to all.", formatCount(any))
    : t(
        "Of the {0} places where any of them cuts, {1} are common to all.",
        formatCount(any),
        formatCount(all),
      );
}

function tokens(value: number): string {
  return value === 1 ? t("1 token") : t("{0} tokens", formatCount(value));
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
  const said = {
    tokenizer,
    base,
    dearest: most.language,
    most: formatRatio(most.tokens / own.tokens),
    cheapest: least.language,
    least: formatRatio(least.tokens / own.tokens),
  };
  const alone = least.language === most.language;
  if (most.tokens === own.tokens) {
    if (alone) return t("With {tokenizer}, the same meaning takes as much as in {base} in {dearest}.", said);
    return least.tokens === own.tokens
      ? t(
          "With {tokenizer}, the same meaning takes as much as in {base} in {dearest}, and as many in {cheapest}.",
          said,
        )
      : t(
          "With {tokenizer}, the same meaning takes as much as in {base} in {dearest}, and {least} in {cheapest}.",
          said,
        );
  }
  if (alone)
    return t(
      "With {tokenizer}, the same meaning takes {most} times the tokens of {base} in {dearest}.",
      said,
    );
  return least.tokens === own.tokens
    ? t(
        "With {tokenizer}, the same meaning takes {most} times the tokens of {base} in {dearest}, and as many in {cheapest}.",
        said,
      )
    : t(
        "With {tokenizer}, the same meaning takes {most} times the tokens of {base} in {dearest}, and {least} in {cheapest}.",
        said,
      );
}
