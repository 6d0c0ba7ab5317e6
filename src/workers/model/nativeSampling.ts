/** llama.cpp's own samplers, put to the distributions that an engine's context holds. */

import { throwIfCancelled } from "../../shared/errors.js";

/** What the samplers draw is left aside; without a seed they would look at the clock for one. */
export const SAMPLER_SEED = 1;
/** As many samplers work at once as the process has threads for them (libuv's). */
export const LANES = 4;
/** Stands for a probability that underflowed in the engine's f32 arithmetic, below e^-103. */
const UNDERFLOWN_LOGIT = -104;

/** What is not named is not done. */
export interface SamplerConfig {
  temperature: number;
  seed: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repeatPenalty?: number;
  repeatPenaltyTokens?: Uint32Array;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
}

/** A chain of llama.cpp's samplers. */
export interface NativeSampler {
  applyConfig(config: SamplerConfig): void;
  dispose(): void;
}

export interface NativeContext {
  /**
   * Puts a sampler to the distribution that is kept at a place, off this thread.
   * @param list whether to hand out what the samplers left: id and probability in turn, best first.
   * @param confidence whether to hand out the probability of what was drawn among what they left.
   */
  sampleToken(
    place: number,
    sampler: NativeSampler,
    list: boolean,
    confidence: boolean,
  ): Promise<[drawn: number, list: number[] | undefined, confidence: number | undefined]>;
}

/**
 * Logits from the engine's probabilities: their natural logarithms, normalised again in f64.
 * @param list id and probability in turn.
 * @returns (vocabulary) f32.
 */
export function logitsOf(list: ArrayLike<number>, vocabularySize: number): Float32Array {
  // The engine sums thousands of f32 values one by one, which leaves an error of about 1e-4 in the sum.
  let sum = 0;
  for (let at = 1; at < list.length; at += 2) sum += list[at]!;
  const logSum = Math.log(sum);
  const logits = new Float32Array(vocabularySize).fill(UNDERFLOWN_LOGIT);
  for (let at = 0; at + 1 < list.length; at += 2) {
    if (list[at + 1]! > 0) logits[list[at]!] = Math.log(list[at + 1]!) - logSum;
  }
  return logits;
}

/**
 * Does something with each of `count` distributions, in as many lanes as there are.
 * @param look gets the lane that is free and which distribution is next.
 * @throws what `look` throws first by the order of the lanes, `cancelled`; when no lane works any more.
 */
export async function inLanes<Lane>(
  lanes: readonly Lane[],
  count: number,
  signal: AbortSignal,
  look: (lane: Lane, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  // All lanes end before an error is told: their samplers are in use on other threads.
  const ends = await Promise.allSettled(
    lanes.map(async (lane) => {
      while (next < count) {
        throwIfCancelled(signal);
        await look(lane, next++);
      }
    }),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
