/**
 * The head of a distribution: the fewest best tokens that hold almost all of the probability. The engine cuts it
 * off natively, which costs a hundredth of handing out a whole vocabulary at each generated token.
 */

import type { SamplingSettings } from "../../shared/types.js";
import type { Candidates } from "./candidates.js";

/** The probability that a head holds at least. */
export const HEAD_MASS = 0.999;

/**
 * Whether a draw from the head is a draw from the whole vocabulary: the greedy choice is, and so is one whose
 * top-p keeps less than the head holds.
 */
export function headIsEnough({ temperature, topP }: SamplingSettings): boolean {
  return temperature === 0 || topP <= 0.99;
}

/**
 * Candidates with the model's own probabilities from a head that was renormalised to sum to 1.
 *
 * The head is the shortest that reaches `mass`, so that it holds less than `mass` without its last token. With r
 * for the renormalised probability of the last one, what it holds lies between `mass` and `mass / (1 - r)`, and at
 * most at 1; the middle of the two is off by at most 0.0005, and by far less where many tokens compete.
 * @param head token id and renormalised probability, best first.
 * @param mass what the engine was asked for, as a part of 1.
 * @param vocabularySize a head of this size is the whole and holds 1.
 */
export function headCandidates(
  head: ReadonlyMap<number, number>,
  mass: number,
  vocabularySize: number,
): Candidates {
  const ids = Uint32Array.from(head.keys());
  const probabilities = Float64Array.from(head.values());
  let sum = 0;
  for (const probability of probabilities) sum += probability;
  const last = (probabilities.at(-1) ?? 1) / sum;
  const most = last < 1 ? Math.min(1, mass / (1 - last)) : 1;
  const held = ids.length >= vocabularySize ? 1 : (mass + most) / 2;
  const scale = held / sum;
  for (let rank = 0; rank < probabilities.length; rank++) probabilities[rank] = probabilities[rank]! * scale;
  return { ids, logits: probabilities.map((probability) => Math.log(probability)), probabilities };
}
