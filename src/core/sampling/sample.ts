/** The last step of sampling: the stages' survivors and a coin become one token. */

import type { SamplingSettings } from "../../shared/types.js";
import { type Candidates, candidatesOf } from "./candidates.js";
import type { Coin } from "./randomness.js";
import { runStages, type StageOutcome } from "./stages.js";

export interface Draw {
  /** The chosen token. */
  id: number;
  /** Its rank among the survivors and, as the stages keep the order, in the whole vocabulary; 0 is the best. */
  rank: number;
  /** Its probability before any stage, and in the draw. */
  before: number;
  after: number;
  /** What the coin showed, in [0, 1); `undefined` where one survivor left nothing to toss for. */
  coin: number | undefined;
}

export interface Sample extends Draw {
  stages: StageOutcome[];
}

/**
 * Draws one token from logits.
 * @param logits (vocabulary) f32, index = token id.
 * @param coin tossed exactly once, whatever the settings, so that draw n of a seed is always its n-th coin.
 * @throws GlassboxError `invalid-request` for logits or settings that make no distribution.
 */
export function sample(logits: Float32Array, settings: SamplingSettings, coin: Coin): Sample {
  const candidates = candidatesOf(logits);
  const stages = runStages(candidates, settings);
  return { ...draw(candidates, stages, coin), stages };
}

/** Draws from stages that have been run already, as a panel does that has them on screen. */
export function draw(candidates: Candidates, stages: readonly StageOutcome[], coin: Coin): Draw {
  const survivors = stages.at(-1)?.survivors ?? candidates;
  const tossed = coin();
  const place = choose(survivors.probabilities, tossed);
  const id = survivors.ids[place] as number;
  const rank = candidates.ids.indexOf(id);
  return {
    id,
    rank,
    before: candidates.probabilities[rank] as number,
    after: survivors.probabilities[place] as number,
    coin: survivors.ids.length === 1 ? undefined : tossed,
  };
}

/**
 * The first place at which the running sum reaches the coin, as `llama_sampler_dist_apply` does it. Rounding can
 * leave the whole sum a hair under the coin; then it is the last place that has any probability.
 */
export function choose(probabilities: Float64Array, coin: number): number {
  let sum = 0;
  let last = 0;
  for (let place = 0; place < probabilities.length; place++) {
    const probability = probabilities[place] as number;
    if (probability === 0) continue;
    last = place;
    sum += probability;
    if (sum >= coin) return place;
  }
  return last;
}
