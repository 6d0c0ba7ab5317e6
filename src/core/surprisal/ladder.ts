/**
 * The sum over a whole vocabulary without sorting it. The engine tells the probability of a token only after sorting
 * all of them; but its top-p stage, which sorts no more than it keeps, takes every token into account. Tokens whose
 * logits are known are put on a ladder of weights, and how many of them top-p keeps tells between which two rungs the
 * sum of all others lies.
 */

/** Top-p keeps the fewest best tokens that hold half of all weight. */
export const LADDER_TOP_P = 0.5;
/** What the engine's f32 sums may lose of the weights, as a part of them. */
const LOST = 1e-3;

/** Of ten tails eight or nine have no more than so many times what is told by their head. */
const TAIL_MARGIN = 2;

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

/**
 * Where the sum of the others probably is, so that one ladder tells it: a little more than what they have when their
 * weights go on falling as the head's second half does, as a power of the rank.
 * @param logits of the head, best first.
 */
export function likelyBounds({ least, most }: Bounds, logits: Float64Array, vocabularySize: number): Bounds {
  const size = logits.length;
  const last = logits.at(-1)!;
  const power = (logits[size >> 1]! - last) / Math.log(size / (size >> 1));
  const ratio = vocabularySize / size;
  const integral = Math.abs(power - 1) < 1e-6 ? Math.log(ratio) : (1 - ratio ** (1 - power)) / (power - 1);
  return { least, most: Math.min(most, TAIL_MARGIN * size * Math.exp(last) * integral) };
}

/** What is known where top-p has kept even others: the ladder was made for too small a sum. */
export function boundsAbove({ most }: Bounds, { most: largest }: Bounds): Bounds {
  return { least: Math.min(largest, most * (1 - LOST)), most: largest };
}
