/** What is to be seen in the comparison of two models: figures, levels of difference, words. */

import { fileNameOf } from "../../shared/fileNameOf.js";
import { formatFixed, inLanguage } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { ComparedModel, ModelComparison } from "../../shared/panels/surprisal.js";

/** From these on a place belongs to the next level; bits of divergence, and of difference where there is none. */
const LIMITS = { divergence: [0.01, 0.1, 0.5, 2], difference: [0.5, 1, 2, 4] } as const;

/** How different each place is: the divergence, or the absolute difference of the bits. (places) */
export function differencesOf({ byToken, firstBits, secondBits }: ModelComparison): Float64Array {
  return byToken ? byToken.forward : firstBits.map((bits, at) => Math.abs(bits - secondBits[at]!));
}

/** Where one level of difference ends and the next begins, in bits. */
export function limitsOf({ byToken }: ModelComparison): readonly number[] {
  return byToken ? LIMITS.divergence : LIMITS.difference;
}

/** 0 is no difference to speak of, 4 the greatest. */
export function differenceLevel(value: number, limits: readonly number[]): number {
  return limits.filter((limit) => value >= limit).length;
}

/** "under 0.01 bits", "0.01 to 0.1 bits", "2 bits or more". */
export function differenceWords(level: number, limits: readonly number[]): string {
  const limit = (at: number) => inLanguage(String(limits[at]));
  if (level === 0) return t("under {0} bits", limit(0));
  if (level === limits.length) return t("{0} bits or more", limit(level - 1));
  return t("{0} to {1} bits", limit(level - 1), limit(level));
}

/** Places by their difference, the greatest first; equals in the order of the text. */
export function mostDifferent(comparison: ModelComparison): number[] {
  const differences = differencesOf(comparison);
  return [...differences.keys()].sort((a, b) => differences[b]! - differences[a]! || a - b);
}

export interface ModelFigures {
  bitsPerToken: number;
  bitsPerByte: number;
  tokensPerSecond: number;
}

/** @param bits of the places that both were scored on. */
export function figuresOfModel(
  { bits: all, tokens, timedTokens, timedMs }: ComparedModel,
  bits: Float64Array,
  bytes: number,
): ModelFigures {
  return {
    bitsPerToken: tokens > 0 ? all / tokens : 0,
    bitsPerByte: bytes > 0 ? sum(bits) / bytes : 0,
    tokensPerSecond: timedMs > 0 ? (1000 * timedTokens) / timedMs : 0,
  };
}

export interface DifferenceFigures {
  /** Means over the tokens, in bits. */
  forward: number;
  backward: number;
  most: number;
  flips: number;
}

/** Undefined where the tokens are not the same. */
export function divergenceFigures({ byToken }: ModelComparison): DifferenceFigures | undefined {
  if (!byToken || byToken.forward.length === 0) return undefined;
  const { forward, backward, flips } = byToken;
  return {
    forward: sum(forward) / forward.length,
    backward: sum(backward) / backward.length,
    most: Math.max(...forward),
    flips: flips.reduce((count, flip) => count + flip, 0),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}

/** 0.34 bits, 1.2e-6 bits. */
export function smallBits(bits: number): string {
  if (bits === 0) return t("{0} bits", 0);
  return t(
    "{0} bits",
    inLanguage(bits < 1e-3 ? bits.toExponential(1) : bits < 10 ? bits.toPrecision(2) : bits.toFixed(1)),
  );
}

/** The two models apart: names, with quantisations; with their files where those do not tell. */
export function labelsOf({ first, second }: ModelComparison): [string, string] {
  const label = ({ info }: ComparedModel) => `${info.name} ${info.quantisation}`;
  const [one, two] = [label(first), label(second)];
  if (one !== two) return [one, two];
  const file = ({ info }: ComparedModel) => fileNameOf(info.path);
  return [file(first), file(second)];
}

/** What is to be seen, in two or three sentences. */
export function comparisonSummary(comparison: ModelComparison): string {
  const { first, second, bytes, firstBits, secondBits, texts } = comparison;
  const [one, two] = labelsOf(comparison);
  const a = figuresOfModel(first, firstBits, bytes);
  const b = figuresOfModel(second, secondBits, bytes);
  const figures = divergenceFigures(comparison);
  const [most] = mostDifferent(comparison);
  if (most === undefined) {
    return t("The two have no place in this text that both end a token with.");
  }
  if (!figures) {
    const [better, worse, less, more] =
      a.bitsPerByte <= b.bitsPerByte
        ? [one, two, a.bitsPerByte, b.bitsPerByte]
        : [two, one, b.bitsPerByte, a.bitsPerByte];
    return t(
      "They cut text into other tokens, so they are compared by bits a byte: {0} needed {1}, {2} {3}. They differ most at “{4}”, {5} against {6} bits.",
      better,
      formatFixed(less, 3),
      worse,
      formatFixed(more, 3),
      texts[most]!,
      formatFixed(firstBits[most]!, 1),
      formatFixed(secondBits[most]!, 1),
    );
  }
  return t(
    "{0} needed {1} bits a token, {2} {3}. Their distributions are {4} apart on average (KL divergence over the whole vocabulary), most at “{5}”, {6}; at {7} of {8} they have different favourites.",
    two,
    formatFixed(b.bitsPerToken, 3),
    one,
    formatFixed(a.bitsPerToken, 3),
    smallBits(figures.forward),
    texts[most]!,
    smallBits(figures.most),
    figures.flips === 1 ? t("1 token") : t("{0} tokens", figures.flips),
    firstBits.length,
  );
}
