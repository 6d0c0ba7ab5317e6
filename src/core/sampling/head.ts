/**
 * The head of a distribution: its best tokens with the model's own probabilities. The engine cuts it off natively,
 * which costs a hundredth of handing out a whole vocabulary at each generated token.
 *
 * Its top-k stage tells at little cost how the best compare with one another, but not how much all others hold. Its
 * top-p stage does: what it keeps of the whole holds at least `p`, and without the last token less.
 */

import type { SamplingSettings } from "../../shared/types.js";
import type { Candidates } from "./candidates.js";

/** What a head must have for what it is used for: the first so many tokens, or so much of the probability. */
export interface HeadNeed {
  tokens: number;
  mass: number;
}

/** The probability that the longest head holds at least. */
export const HEAD_MASS = 0.999;
/** How far the probabilities of a head may be off where a longer one would tell more, as a part of them. */
const CLOSE = 0.001;
/** How much of the probability may be asked for, where the best tokens tell how much is enough, and where they do not. */
const MASSES = [0.95, 0.97, 0.98, 0.99, 0.995, HEAD_MASS];
const MASSES_OF_FLAT = [0.9, 0.95, 0.99, HEAD_MASS];

/** A part of a vocabulary: id and probability in turn, best first; the probabilities sum to 1. */
export type HeadList = ArrayLike<number>;

/**
 * What a head must have so that a draw from it is a draw from the whole vocabulary. The engine's order of stages
 * begins with top-k: what is behind its last never matters. Without it a top-p must be settled within the head.
 * @param alternatives as many are shown besides.
 * @returns undefined where only the whole vocabulary will do.
 */
export function headFor(
  { temperature, topK, topP }: SamplingSettings,
  alternatives: number,
): HeadNeed | undefined {
  // One more than top-k keeps, so that it is seen to cut there.
  if (topK > 0) return { tokens: Math.max(topK, alternatives) + 1, mass: 0 };
  if (temperature === 0) return { tokens: alternatives + 1, mass: 0 };
  return topP <= 0.99 ? { tokens: alternatives, mass: HEAD_MASS } : undefined;
}

/**
 * How much of the probability to ask for, one after the other until it is enough: as little as will do, since the engine
 * sorts all of the vocabulary for what is not among its first few hundred tokens.
 * @param best the best tokens as far as they are needed.
 */
export function massesToAsk(best: HeadList): readonly number[] {
  // The shares among the best are those of the whole only where little is left to the others.
  if (best[best.length - 1]! > CLOSE) return MASSES_OF_FLAT;
  let sum = 0;
  let end = 0;
  const enough = MASSES.findIndex((mass) => {
    for (; sum < mass && end < best.length; end += 2) sum += best[end + 1]!;
    return best[end - 1]! <= 2 * CLOSE;
  });
  return enough < 0
    ? MASSES_OF_FLAT
    : [MASSES[enough]!, ...MASSES.slice(Math.max(enough + 1, MASSES.indexOf(0.99)))];
}

/**
 * What the tokens of a head hold of the whole, and whether that is known well enough. It is the shortest to reach `mass`, so
 * that it holds less than `mass` without its last token. With r for the renormalised probability of the last one, what
 * it holds lies between `mass` and `mass / (1 - r)`, and at most at 1; the middle of the two is taken.
 * @param head what the engine kept when it was asked for `mass`.
 * @param vocabularySize a head of this size is the whole and holds 1.
 */
export function heldBy(
  head: HeadList,
  mass: number,
  vocabularySize: number,
): { held: number; isClose: boolean } {
  if (head.length / 2 >= vocabularySize) return { held: 1, isClose: true };
  const last = head[head.length - 1]!;
  const most = last < 1 ? Math.min(1, mass / (1 - last)) : 1;
  return { held: (mass + most) / 2, isClose: most - mass <= 2 * CLOSE };
}

/**
 * The best tokens with the model's own probabilities.
 * @param best the tokens.
 * @param whole a head with the best of them in it, which holds `held` of the whole vocabulary's probability.
 */
export function candidatesOfHead(best: HeadList, whole: HeadList, held: number): Candidates {
  const count = best.length / 2;
  const scale = (held * whole[1]!) / best[1]!;
  const ids = Uint32Array.from({ length: count }, (_, rank) => best[2 * rank]!);
  const probabilities = Float64Array.from({ length: count }, (_, rank) => best[2 * rank + 1]! * scale);
  return { ids, logits: probabilities.map((probability) => Math.log(probability)), probabilities };
}
