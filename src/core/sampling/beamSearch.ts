/**
 * Beam search: the most probable continuations that a few roads at a time can find, by the sum of the logarithms of
 * the model's own probabilities, without a bonus for length.
 *
 * As in B. Lowerre, "The HARPY speech recognition system", 1976, and as libraries of language models have it.
 */

import type { Candidates } from "./candidates.js";

export interface Beam {
  /** Ids of the tokens that were found, without the prompt. */
  ids: number[];
  /** The model's probability of each, given all before it, and its rank there; 0 is the best. */
  probabilities: number[];
  ranks: number[];
  /** Natural logarithm of the probability of all of them together. */
  logProbability: number;
  /** Whether it ended with a token that ends the text. */
  ended: boolean;
}

export interface BeamOptions {
  /** Roads that are kept at each step; 1 is the greedy choice. */
  width: number;
  /** Tokens of a road at most. */
  length: number;
  /** Whether a token ends the text. */
  ends(id: number): boolean;
  /** The model's distribution behind the prompt and these tokens. */
  predict(ids: readonly number[]): Promise<Candidates>;
  onStep?(done: number): void;
}

/** @returns at most `width` roads, the most probable first. */
export async function beamSearch({ width, length, ends, predict, onStep }: BeamOptions): Promise<Beam[]> {
  let beams: Beam[] = [{ ids: [], probabilities: [], ranks: [], logProbability: 0, ended: false }];
  for (let step = 0; step < length && beams.some(({ ended }) => !ended); step++) {
    const next: Beam[] = [];
    for (const beam of beams) {
      if (beam.ended) {
        next.push(beam);
        continue;
      }
      const { ids, probabilities } = await predict(beam.ids);
      // No more than `width` of one road can be among the best of all.
      for (let rank = 0; rank < Math.min(width, ids.length); rank++) {
        const [id, probability] = [ids[rank]!, probabilities[rank]!];
        if (probability === 0) break;
        next.push({
          ids: [...beam.ids, id],
          probabilities: [...beam.probabilities, probability],
          ranks: [...beam.ranks, rank],
          logProbability: beam.logProbability + Math.log(probability),
          ended: ends(id),
        });
      }
    }
    beams = next.sort((one, other) => other.logProbability - one.logProbability).slice(0, width);
    onStep?.(step + 1);
  }
  return beams;
}
