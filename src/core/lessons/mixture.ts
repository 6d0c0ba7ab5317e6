/** Routers of mixtures of experts: which experts a token gets, how evenly they are used, and how large that makes a model. */

import type { Routing } from "../../shared/panels/experiments.js";
import type { ModelFacts } from "../../shared/panels/lesson.js";
import { seededCoin } from "../sampling/randomness.js";

/** The scores that a router of random weights gives rows: (rows, experts). Rows are scaled as a norm would scale them. */
export function routerScores(rows: Float32Array, width: number, experts: number, seed: number): Float64Array {
  const coin = seededCoin(seed);
  // Normally distributed weights, by the transform of Box and Muller (1958).
  const weights = Float64Array.from(
    { length: experts * width },
    () => Math.sqrt(-2 * Math.log(1 - coin())) * Math.cos(2 * Math.PI * coin()),
  );
  const tokens = rows.length / width;
  const scores = new Float64Array(tokens * experts);
  for (let token = 0; token < tokens; token++) {
    const row = rows.subarray(token * width, (token + 1) * width);
    const size = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / width) || 1;
    for (let expert = 0; expert < experts; expert++) {
      let score = 0;
      for (let i = 0; i < width; i++) score += row[i]! * weights[expert * width + i]!;
      scores[token * experts + expert] = score / size / Math.sqrt(width);
    }
  }
  return scores;
}

/**
 * Sends each token to the experts with the highest scores and weighs them by softmax, scaled so that a token's shares
 * sum to 1 (Mixtral, arXiv 2401.04088, section 2.1). `bias` counts for the choice, not for the shares.
 */
export function routeTokens(scores: Float64Array, count: number, used: number, bias?: Float64Array): Routing {
  const tokens = scores.length / count;
  const chosen = new Int32Array(tokens * used);
  const shares = new Float32Array(tokens * used);
  for (let token = 0; token < tokens; token++) {
    const own = scores.subarray(token * count, (token + 1) * count);
    const rank = (expert: number) => own[expert]! + (bias?.[expert] ?? 0);
    const best = [...own.keys()].sort((a, b) => rank(b) - rank(a)).slice(0, used);
    const largest = Math.max(...best.map((expert) => own[expert]!));
    const weights = best.map((expert) => Math.exp(own[expert]! - largest));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [at, expert] of best.entries()) {
      chosen[token * used + at] = expert;
      shares[token * used + at] = weights[at]! / sum;
    }
  }
  return { count, used, layers: 1, tokens, chosen, shares };
}

/** How many choices of a layer fell on each expert. */
export function loadsOf({ count, used, tokens, chosen }: Routing, layer: number): number[] {
  const loads = Array.from({ length: count }, () => 0);
  for (const expert of chosen.subarray(layer * tokens * used, (layer + 1) * tokens * used)) loads[expert]!++;
  return loads;
}

/** How many times the mean the busiest expert has to do: 1 where all have the same. */
export function imbalanceOf(loads: readonly number[]): number {
  const sum = loads.reduce((total, load) => total + load, 0);
  return sum === 0 ? 1 : (Math.max(...loads) * loads.length) / sum;
}

/**
 * One round of balancing without a loss: whoever has too much to do is made a little less welcome, and the other way
 * round (Wang and others 2024, arXiv 2408.15664, algorithm 1; used in DeepSeek-V3).
 */
export function nudgeBias(bias: Float64Array, loads: readonly number[], rate: number): Float64Array {
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  return bias.map((value, expert) => value + rate * Math.sign(mean - loads[expert]!));
}

/** Biases after rounds of nudging, the steps shrinking so that they come to rest; the best of them all is kept. */
export function balancedBias(
  scores: Float64Array,
  count: number,
  used: number,
  rounds: number,
): Float64Array {
  let bias: Float64Array = new Float64Array(count);
  let best = { bias, imbalance: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    const loads = loadsOf(routeTokens(scores, count, used, bias), 0);
    const imbalance = imbalanceOf(loads);
    if (imbalance < best.imbalance) best = { bias, imbalance };
    bias = nudgeBias(bias, loads, 0.3 / (1 + round / 20));
  }
  return best.bias;
}

export interface MixtureSizes {
  /** Weights in the file, or that would be there; and those that one token meets. */
  total: number;
  active: number;
  /** Of one expert, over all layers. */
  expert: number;
}

/**
 * The weights of a mixture. Of a loaded mixture they are its own; of another model they are what it would have if each
 * feed-forward part were there `count` times and a token met `used` of them.
 */
export function mixtureSizes(
  { values, feedForwardWeights }: Pick<ModelFacts, "values" | "feedForwardWeights">,
  { count, used }: { count: number; used: number },
  isMixture: boolean,
): MixtureSizes {
  const parameters = values["model-parameters"] ?? 0;
  if (isMixture) {
    const expert = feedForwardWeights / count;
    return { total: parameters, active: parameters - (count - used) * expert, expert };
  }
  const routers = (values["model-layers"] ?? 0) * (values["model-width"] ?? 0) * count;
  const expert = feedForwardWeights;
  return {
    total: parameters + routers + (count - 1) * expert,
    active: parameters + routers + (used - 1) * expert,
    expert,
  };
}
