/**
 * The named stages between the model's probabilities and the draw, as llama.cpp computes them and in the order in
 * which node-llama-cpp chains them.
 *
 * The order is that of `AddonSampler::rebuildChainIfNeeded` (node-llama-cpp 3.21.1, llama/addon/AddonSampler.cpp):
 * top-k, top-p, min-p, then temperature, then the draw. So top-p and min-p cut the model's own probabilities, and
 * temperature only reshapes what they left. At temperature 0 the chain holds no stage but the greedy choice.
 * Each stage follows `llama_sampler_*_apply` of llama.cpp's src/llama-sampler.cpp; sums are taken in double
 * precision where llama.cpp uses single.
 */

import { GlassboxError } from "../../shared/errors.js";
import type { SamplingSettings } from "../../shared/types.js";
import { type Candidates, entropyBits, softmax } from "./candidates.js";

export type StageName = "top-k" | "top-p" | "min-p" | "temperature" | "greedy";

/** The stages that a temperature above 0 runs, in the engine's order. */
export const ENGINE_ORDER: readonly Exclude<StageName, "greedy">[] = [
  "top-k",
  "top-p",
  "min-p",
  "temperature",
];

/** Settings under which the draw follows the model's own probabilities. */
export const NEUTRAL_SETTINGS: Readonly<SamplingSettings> = { topK: 0, topP: 1, minP: 0, temperature: 1 };

export interface StageOutcome {
  stage: StageName;
  /** Whether the setting is the neutral one, so that the stage changes nothing. */
  off: boolean;
  /** What is left, renormalised. */
  survivors: Candidates;
  /** Ids that this stage cut, best first. */
  removed: Uint32Array;
  /** Probability that went with them, on the scale of what came into the stage: 0 to 1. */
  removedMass: number;
  /** Entropy of the survivors in bits. */
  entropy: number;
}

/**
 * Runs the stages on a ranked vocabulary, one outcome a stage, in order.
 * @param order for trying what another order does; the engine's own when left out. Ignored at temperature 0.
 * @throws GlassboxError `invalid-request` for a setting outside its range.
 */
export function runStages(
  candidates: Candidates,
  settings: SamplingSettings,
  order: readonly Exclude<StageName, "greedy">[] = ENGINE_ORDER,
): StageOutcome[] {
  checkSettings(settings);
  const outcomes: StageOutcome[] = [];
  let current = candidates;
  // Entropy costs a logarithm a token: stages that are off hand it on.
  let entropy: number | undefined;
  for (const stage of settings.temperature === 0 ? (["greedy"] as const) : order) {
    const off = isOff(stage, settings);
    const survivors = off ? current : applyStage(stage, current, settings);
    if (entropy === undefined || survivors !== current) entropy = entropyBits(survivors.probabilities);
    const kept = survivors.ids.length;
    outcomes.push({
      stage,
      off,
      survivors,
      removed: current.ids.subarray(kept),
      removedMass: mass(current.probabilities.subarray(kept)),
      entropy,
    });
    current = survivors;
  }
  return outcomes;
}

/** Keeps the `k` best candidates; 0 keeps all. `llama_sampler_top_k_impl`. */
export function topK(candidates: Candidates, k: number): Candidates {
  return k <= 0 ? candidates : firstOf(candidates, k);
}

/**
 * Keeps the fewest best candidates whose probabilities sum to at least `p`, never fewer than one; 1 keeps all.
 * Holtzman et al. 2020 (nucleus sampling); `llama_sampler_top_p_apply`.
 */
export function topP(candidates: Candidates, p: number): Candidates {
  if (p >= 1) return candidates;
  let sum = 0;
  let kept = 0;
  while (kept < candidates.ids.length) {
    sum += candidates.probabilities[kept] as number;
    kept++;
    if (sum >= p) break;
  }
  return firstOf(candidates, kept);
}

/**
 * Keeps the candidates at least `p` times as probable as the best one; 0 keeps all. Compared as logits,
 * `l >= max + ln p`, as `llama_sampler_min_p_apply` does it. Nguyen et al. 2024.
 */
export function minP(candidates: Candidates, p: number): Candidates {
  if (p <= 0) return candidates;
  const { logits } = candidates;
  const threshold = (logits[0] as number) + Math.log(p);
  let kept = 1;
  while (kept < logits.length && (logits[kept] as number) >= threshold) kept++;
  return firstOf(candidates, kept);
}

/** Divides the logits by `t` > 0: below 1 the best gain, above 1 the others do. Removes nothing, keeps the order. */
export function temperature(candidates: Candidates, t: number): Candidates {
  if (t === 1) return candidates;
  const logits = candidates.logits.map((logit) => logit / t);
  return { ids: candidates.ids, logits, probabilities: softmax(logits) };
}

/** Keeps the best candidate alone. */
export function greedy(candidates: Candidates): Candidates {
  return firstOf(candidates, 1);
}

/** @throws GlassboxError `invalid-request`, naming the setting and its range. */
export function checkSettings(settings: SamplingSettings): void {
  const demand = (holds: boolean, name: string, expected: string, found: number) => {
    if (!holds)
      throw new GlassboxError("invalid-request", `${name} must be ${expected}, but it is ${found}.`);
  };
  const { temperature: t, topK: k, topP: p, minP: m } = settings;
  demand(Number.isFinite(t) && t >= 0, "Temperature", "a number of 0 or more", t);
  demand(Number.isInteger(k) && k >= 0, "Top-k", "a whole number of 0 or more", k);
  demand(p >= 0 && p <= 1, "Top-p", "from 0 to 1", p);
  demand(m >= 0 && m <= 1, "Min-p", "from 0 to 1", m);
}

function isOff(stage: StageName, settings: SamplingSettings): boolean {
  switch (stage) {
    case "top-k":
      return settings.topK === 0;
    case "top-p":
      return settings.topP === 1;
    case "min-p":
      return settings.minP === 0;
    case "temperature":
      return settings.temperature === 1;
    case "greedy":
      return false;
  }
}

function applyStage(stage: StageName, candidates: Candidates, settings: SamplingSettings): Candidates {
  switch (stage) {
    case "top-k":
      return topK(candidates, settings.topK);
    case "top-p":
      return topP(candidates, settings.topP);
    case "min-p":
      return minP(candidates, settings.minP);
    case "temperature":
      return temperature(candidates, settings.temperature);
    case "greedy":
      return greedy(candidates);
  }
}

/** The `count` best, renormalised; the same object when that is all of them. */
function firstOf(candidates: Candidates, count: number): Candidates {
  if (count >= candidates.ids.length) return candidates;
  const probabilities = candidates.probabilities.slice(0, count);
  const sum = mass(probabilities);
  for (let rank = 0; rank < count; rank++) probabilities[rank] = (probabilities[rank] as number) / sum;
  return {
    ids: candidates.ids.subarray(0, count),
    logits: candidates.logits.subarray(0, count),
    probabilities,
  };
}

function mass(probabilities: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < probabilities.length; at++) sum += probabilities[at] as number;
  return sum;
}
