/**
 * The sum over a whole vocabulary without sorting it. The engine tells the probability of a token only after sorting
 * all of them; but its top-p stage, which sorts no more than it keeps, takes every token into account. Tokens whose
 * logits are known are put on a ladder of weights, and how many of them top-p keeps tells between which two rungs the
 * sum of all others lies.
 */

import { type Count, type Head, powerLaw } from "./reading.js";

/** Top-p keeps the fewest best tokens that hold half of all weight. */
export const LADDER_TOP_P = 0.5;
/** What the engine's f32 sums may lose of the weights, as a part of them. */
const LOST = 1e-3;

/** What the sum over the vocabulary is known well enough to, as a part of it: to 0.003 bits. */
const CLOSE = 0.004;
/** Behind the count, probabilities fall so much more steeply by the rank than before it. */
const STEEPER = 1.3;
/** A tail nearly always has between so many times what is foretold; where it has not, another ladder finds it. */
const FORETOLD = { least: 0.75, most: 1.5 };
/** Steps of this part of `CLOSE` tell the sum at once, whatever the engine's sums lose. */
const FINE_STEPS = 0.5;

/** Bounds of a sum. */
export interface Bounds {
  least: number;
  most: number;
}

/**
 * Weights w, best first, that tell apart the sums T between two bounds. Top-p keeps n of them when c(n), the sum of
 * the first n, is at least half of W + T, but c(n - 1) is not; with a W of `most`, T is between 2 c(n - 1) - W and
 * 2 c(n) - W, which are steps of one size.
 * @param tokens whose weights can be set.
 * @param largest weight of the others: a rung below it would be mixed with them. (rungs) weights, none where even two
 *   rungs are too many.
 */
export function makeLadder({ least, most }: Bounds, tokens: number, largest: number): Float64Array {
  const rungs = Math.min(tokens, Math.floor((most - least) / (2 * largest)) + 1);
  if (rungs < 2) return new Float64Array(0);
  const weights = new Float64Array(rungs).fill((most - least) / (2 * (rungs - 1)));
  weights[0] = (most + least) / 2;
  return weights;
}

/** What is known of the sum of the others when top-p has kept so many tokens of a ladder that was made for `bounds`. */
export function boundsAfter(bounds: Bounds, weights: Float64Array, kept: number): Bounds {
  const { least, most } = bounds;
  const step = (most - least) / (weights.length - 1);
  const lost = LOST * most;
  const above = kept > 1 ? least + (kept - 2) * step - lost : least;
  return {
    least: Math.min(most, Math.max(least, above)),
    most: Math.min(most, least + (kept - 1) * step + lost),
  };
}

/** What no sum of all tokens but the head's can be out of, each relative to the best. */
export function boundsOfOthers({ logits }: Head, vocabularySize: number, above?: Count): Bounds {
  const others = vocabularySize - logits.length;
  const largest = Math.exp(logits.at(-1)!);
  if (!above) return { least: 0, most: others * largest };
  const near = Math.min(others, Math.max(0, above.count - logits.length));
  const knot = Math.exp(above.logit);
  return { least: near * knot, most: near * largest + (others - near) * knot };
}

/** Whether the sum over the vocabulary is known well enough. @param held by the head. */
export function isClose({ least, most }: Bounds, held: number): boolean {
  return most - least < CLOSE * (held + least);
}

/**
 * Where the sum of the others probably is, so that one ladder tells it: their weights fall as powers of the rank, to
 * the last that was counted, and more steeply from there on. As much more than that as a ladder can tell apart.
 * @param held by the head.
 */
export function likelyBounds(
  { least, most }: Bounds,
  { logits }: Head,
  held: number,
  vocabularySize: number,
  above: Count,
): Bounds {
  const size = logits.length;
  const last = logits.at(-1)!;
  if (above.count <= size || above.count >= vocabularySize) return { least, most };
  const power = (last - above.logit) / Math.log(above.count / size);
  const foretold =
    powerLaw(size, last, above.count, power).mass +
    powerLaw(above.count, above.logit, vocabularySize, STEEPER * power).mass;
  const from = FORETOLD.least * foretold;
  const fine = from + FINE_STEPS * (size - 1) * CLOSE * (held + foretold);
  return {
    least: Math.max(least, Math.min(most, from)),
    most: Math.max(least, Math.min(most, Math.max(FORETOLD.most * foretold, fine))),
  };
}

/** What is known where top-p has kept one token: the ladder was made for too large a sum. */
export function boundsBelow({ least, most }: Bounds, { least: smallest }: Bounds): Bounds {
  return { least: smallest, most: Math.max(smallest, least + LOST * most) };
}

/** What is known where top-p has kept even others: the ladder was made for too small a sum. */
export function boundsAbove({ most }: Bounds, { most: largest }: Bounds): Bounds {
  return { least: Math.min(largest, most * (1 - LOST)), most: largest };
}
