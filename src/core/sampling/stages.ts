/**
 * The named stages between the model's probabilities and the draw, as llama.cpp computes them and in the order in
 * which node-llama-cpp chains them.
 *
 * The order is that of `AddonSampler::rebuildChainIfNeeded` (node-llama-cpp 3.21.1, llama/addon/AddonSampler.cpp):
 * penalties, top-k, top-p, min-p, XTC, then temperature, then the draw. So the cuts fall on the model's own
 * probabilities, and temperature only reshapes what they left. At temperature 0 the chain holds the penalties, XTC
 * and the greedy choice. Typical-p is llama.cpp's too, but node-llama-cpp does not chain it; it stands where
 * llama.cpp's own programs run it, after top-k.
 * Each stage follows `llama_sampler_*_apply` of llama.cpp's src/llama-sampler.cpp; sums are taken in double
 * precision where llama.cpp uses single.
 */

import { GlassboxError } from "../../shared/errors.js";
import type { SamplerSettings, SamplingSettings } from "../../shared/types.js";
import { type Candidates, entropyBits, softmax } from "./candidates.js";

export type OrderedStage = "penalties" | "top-k" | "typical-p" | "top-p" | "min-p" | "xtc" | "temperature";
export type StageName = OrderedStage | "greedy";

/** The stages that a temperature above 0 runs, in the engine's order. */
export const ENGINE_ORDER: readonly OrderedStage[] = [
  "penalties",
  "top-k",
  "typical-p",
  "top-p",
  "min-p",
  "xtc",
  "temperature",
];

/** What a temperature of 0 leaves of the order: the stages that also come before the greedy choice. */
const BEFORE_GREEDY: ReadonlySet<OrderedStage> = new Set(["penalties", "xtc"]);

/** The stages that node-llama-cpp's chain does not have. */
export const NOT_IN_ENGINE: ReadonlySet<StageName> = new Set(["typical-p"]);

/** Settings under which the draw follows the model's own probabilities. */
export const NEUTRAL_SETTINGS: Readonly<SamplerSettings> = {
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  penaltyTokens: 64,
  topK: 0,
  typicalP: 1,
  topP: 1,
  minP: 0,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  temperature: 1,
};

/** The four settings that every request has; what is left out of the others is off. */
export type StageSettings = SamplingSettings & Partial<SamplerSettings>;

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

export interface StageOptions {
  /** For trying what another order does; the engine's own when left out. Of no effect on the greedy choice. */
  order?: readonly OrderedStage[];
  /** Token ids of the text so far, for the penalties. */
  history?: ArrayLike<number>;
  /** Whether XTC strikes this time (see `strikes`); it does when left out. */
  xtcStrikes?: boolean;
}

/**
 * Runs the stages on a ranked vocabulary, one outcome a stage, in order.
 * @param candidates for the repeat penalty their logits must be the model's own, not shifted: it depends on signs.
 * @throws GlassboxError `invalid-request` for a setting outside its range.
 */
export function runStages(
  candidates: Candidates,
  given: StageSettings,
  { order = ENGINE_ORDER, history = [], xtcStrikes = true }: StageOptions = {},
): StageOutcome[] {
  const settings: SamplerSettings = { ...NEUTRAL_SETTINGS, ...given };
  checkSettings(settings);
  const outcomes: StageOutcome[] = [];
  let current = candidates;
  // Entropy costs a logarithm a token: stages that are off hand it on.
  let entropy: number | undefined;
  for (const stage of stagesOf(settings, order)) {
    const off = isOff(stage, settings);
    const spares = off || (stage === "xtc" && !xtcStrikes);
    const survivors = spares ? current : applyStage(stage, current, settings, history);
    if (entropy === undefined || survivors !== current) entropy = entropyBits(survivors.probabilities);
    outcomes.push({ stage, off, survivors, ...removedBetween(current, survivors), entropy });
    current = survivors;
  }
  return outcomes;
}

/** The stages that are run under these settings, in order. */
export function stagesOf(
  settings: SamplingSettings,
  order: readonly OrderedStage[] = ENGINE_ORDER,
): StageName[] {
  if (settings.temperature !== 0) return [...order];
  return [...order.filter((stage) => BEFORE_GREEDY.has(stage)), "greedy"];
}

/** Whether XTC strikes at a draw. @param toss a coin of its own, in [0, 1). */
export function strikes(settings: StageSettings, toss: number): boolean {
  return toss < chanceOfXtc(settings);
}

/**
 * The probability with which each token is drawn, XTC's chance included: what it leaves where it strikes and where
 * it does not, each as often as that happens.
 * @returns (largest id + 1), index = token id; 0 for tokens that cannot be drawn.
 */
export function drawProbabilities(
  candidates: Candidates,
  settings: StageSettings,
  options: Omit<StageOptions, "xtcStrikes"> = {},
): Float64Array {
  const drawn = new Float64Array(candidates.ids.reduce((largest, id) => Math.max(largest, id), 0) + 1);
  const chance = chanceOfXtc(settings);
  for (const [xtcStrikes, share] of [
    [true, chance],
    [false, 1 - chance],
  ] as const) {
    if (share === 0) continue;
    const outcomes = runStages(candidates, settings, { ...options, xtcStrikes });
    const { ids, probabilities } = outcomes.at(-1)?.survivors ?? candidates;
    for (let place = 0; place < ids.length; place++) drawn[ids[place]!]! += share * probabilities[place]!;
  }
  return drawn;
}

/** How often XTC strikes under these settings: 0 where it is off. */
export function chanceOfXtc(settings: StageSettings): number {
  return isOff("xtc", { ...NEUTRAL_SETTINGS, ...settings }) ? 0 : (settings.xtcProbability ?? 0);
}

/** What the penalties ask for. */
export type Penalties = Pick<
  SamplerSettings,
  "repeatPenalty" | "frequencyPenalty" | "presencePenalty" | "penaltyTokens"
>;

/**
 * Makes tokens of the text so far less probable: a logit above 0 is divided by the repeat penalty and any other
 * multiplied by it (Keskar et al. 2019, with the mend for negative ones); then the frequency penalty is taken once
 * for each time that the token stands among the last `penaltyTokens`, and the presence penalty once.
 * Removes nothing. `llama_sampler_penalties_apply`.
 */
export function penalise(
  candidates: Candidates,
  penalties: Penalties,
  history: ArrayLike<number>,
): Candidates {
  const { repeatPenalty, frequencyPenalty, presencePenalty, penaltyTokens } = penalties;
  const counts = new Map<number, number>();
  for (let at = Math.max(0, history.length - penaltyTokens); at < history.length; at++) {
    const id = history[at]!;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const { ids, logits } = candidates;
  const moved: { id: number; logit: number }[] = [];
  const kept = { ids: new Uint32Array(ids.length), logits: new Float64Array(ids.length), count: 0 };
  for (let rank = 0; rank < ids.length; rank++) {
    const count = counts.size === 0 ? undefined : counts.get(ids[rank]!);
    const logit = logits[rank]!;
    if (count === undefined) {
      kept.ids[kept.count] = ids[rank]!;
      kept.logits[kept.count++] = logit;
    } else {
      const repeated = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty;
      moved.push({ id: ids[rank]!, logit: repeated - (count * frequencyPenalty + presencePenalty) });
    }
  }
  if (moved.length === 0) return candidates;
  moved.sort((a, b) => b.logit - a.logit || a.id - b.id);
  return ranked(kept, moved);
}

/** Two rows, each best first, as one. */
function ranked(
  kept: { ids: Uint32Array; logits: Float64Array; count: number },
  moved: readonly { id: number; logit: number }[],
): Candidates {
  const ids = new Uint32Array(kept.ids.length);
  const logits = new Float64Array(kept.ids.length);
  let next = 0;
  for (let rank = 0, from = 0; rank < ids.length; rank++) {
    const penalised = moved[next];
    const logit = kept.logits[from]!;
    const first =
      penalised !== undefined &&
      (from === kept.count ||
        penalised.logit > logit ||
        (penalised.logit === logit && penalised.id < kept.ids[from]!));
    ids[rank] = first ? penalised.id : kept.ids[from]!;
    logits[rank] = first ? penalised.logit : logit;
    if (first) next++;
    else from++;
  }
  return { ids, logits, probabilities: softmax(logits) };
}

/** Keeps the `k` best candidates; 0 keeps all. `llama_sampler_top_k_impl`. */
export function topK(candidates: Candidates, k: number): Candidates {
  return k <= 0 ? candidates : firstOf(candidates, k);
}

/**
 * Keeps the candidates whose surprisal is nearest to the entropy, the fewest that together hold more than `p`; 1
 * keeps all. It can cut the best one. Meister et al. 2023 (locally typical sampling); `llama_sampler_typical_apply`.
 */
export function typicalP(candidates: Candidates, p: number): Candidates {
  if (p >= 1) return candidates;
  const { probabilities } = candidates;
  const entropy = entropyBits(probabilities);
  const distance = probabilities.map((probability) => Math.abs(-Math.log2(probability) - entropy));
  // Surprisal never falls with the rank, so the nearest to any number are a stretch of ranks.
  let from = 0;
  for (let rank = 1; rank < distance.length; rank++) if (distance[rank]! < distance[from]!) from = rank;
  let to = from + 1;
  let sum = probabilities[from]!;
  while (sum <= p && to - from < probabilities.length) {
    const left = from > 0 ? distance[from - 1]! : Number.POSITIVE_INFINITY;
    const right = to < distance.length ? distance[to]! : Number.POSITIVE_INFINITY;
    sum += left <= right && from > 0 ? probabilities[--from]! : probabilities[to++]!;
  }
  return between(candidates, from, to);
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

/**
 * Removes the top choices, which are the candidates that have at least `threshold`, all but the least probable of
 * them (exclude top choices, by p-e-w). Whether that happens at a draw is a matter of chance: see `strikes`.
 * `llama_sample_xtc_apply`.
 */
export function xtc(candidates: Candidates, threshold: number): Candidates {
  const { probabilities } = candidates;
  // What cannot be drawn is no choice, even for a threshold of 0.
  let choices = 0;
  while (probabilities[choices]! > 0 && probabilities[choices]! >= threshold) choices++;
  return between(candidates, Math.max(0, choices - 1), probabilities.length);
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
export function checkSettings(given: StageSettings): void {
  const settings: SamplerSettings = { ...NEUTRAL_SETTINGS, ...given };
  const demand = (holds: boolean, name: string, expected: string, found: number) => {
    if (!holds)
      throw new GlassboxError("invalid-request", `${name} must be ${expected}, but it is ${found}.`);
  };
  const { temperature: t, topK: k, penaltyTokens } = settings;
  demand(Number.isFinite(t) && t >= 0, "Temperature", "a number of 0 or more", t);
  demand(Number.isInteger(k) && k >= 0, "Top-k", "a whole number of 0 or more", k);
  const parts = [
    ["Top-p", settings.topP],
    ["Min-p", settings.minP],
    ["Typical-p", settings.typicalP],
    ["The probability of XTC", settings.xtcProbability],
    ["The threshold of XTC", settings.xtcThreshold],
  ] as const;
  for (const [name, part] of parts) demand(part >= 0 && part <= 1, name, "from 0 to 1", part);
  const repeat = settings.repeatPenalty;
  demand(Number.isFinite(repeat) && repeat > 0, "Repeat penalty", "a number above 0", repeat);
  for (const [name, penalty] of [
    ["Frequency penalty", settings.frequencyPenalty],
    ["Presence penalty", settings.presencePenalty],
  ] as const)
    demand(Number.isFinite(penalty), name, "a number", penalty);
  demand(
    Number.isInteger(penaltyTokens) && penaltyTokens >= 0,
    "The length that penalties look back",
    "a whole number of 0 or more",
    penaltyTokens,
  );
}

/** Whether a stage changes nothing under these settings, whatever the candidates. */
export function isOff(stage: StageName, settings: SamplerSettings): boolean {
  switch (stage) {
    case "penalties":
      return (
        settings.penaltyTokens === 0 ||
        (settings.repeatPenalty === 1 && settings.frequencyPenalty === 0 && settings.presencePenalty === 0)
      );
    case "top-k":
      return settings.topK === 0;
    case "typical-p":
      return settings.typicalP === 1;
    case "top-p":
      return settings.topP === 1;
    case "min-p":
      return settings.minP === 0;
    case "xtc":
      return settings.xtcProbability === 0 || settings.xtcThreshold > 0.5;
    case "temperature":
      return settings.temperature === 1;
    case "greedy":
      return false;
  }
}

function applyStage(
  stage: StageName,
  candidates: Candidates,
  settings: SamplerSettings,
  history: ArrayLike<number>,
): Candidates {
  switch (stage) {
    case "penalties":
      return penalise(candidates, settings, history);
    case "top-k":
      return topK(candidates, settings.topK);
    case "typical-p":
      return typicalP(candidates, settings.typicalP);
    case "top-p":
      return topP(candidates, settings.topP);
    case "min-p":
      return minP(candidates, settings.minP);
    case "xtc":
      return xtc(candidates, settings.xtcThreshold);
    case "temperature":
      return temperature(candidates, settings.temperature);
    case "greedy":
      return greedy(candidates);
  }
}

/** What a stage cut: it keeps a stretch of the ranks, or reorders all and cuts nothing. */
function removedBetween(
  before: Candidates,
  after: Candidates,
): Pick<StageOutcome, "removed" | "removedMass"> {
  const { ids, probabilities } = before;
  if (after.ids.length === ids.length) return { removed: new Uint32Array(0), removedMass: 0 };
  const from = ids.indexOf(after.ids[0]!);
  const to = from + after.ids.length;
  const removedMass = mass(probabilities.subarray(0, from)) + mass(probabilities.subarray(to));
  if (from === 0) return { removed: ids.subarray(to), removedMass };
  const removed = new Uint32Array(ids.length - after.ids.length);
  removed.set(ids.subarray(0, from));
  removed.set(ids.subarray(to), from);
  return { removed, removedMass };
}

/** The `count` best, renormalised; the same object when that is all of them. */
function firstOf(candidates: Candidates, count: number): Candidates {
  return between(candidates, 0, count);
}

/** Those of the ranks `[from, to)`, renormalised; the same object when that is all of them. */
function between(candidates: Candidates, from: number, to: number): Candidates {
  if (from === 0 && to >= candidates.ids.length) return candidates;
  const probabilities = candidates.probabilities.slice(from, to);
  const sum = mass(probabilities);
  for (let rank = 0; rank < probabilities.length; rank++) {
    probabilities[rank] = (probabilities[rank] as number) / sum;
  }
  return {
    ids: candidates.ids.subarray(from, to),
    logits: candidates.logits.subarray(from, to),
    probabilities,
  };
}

function mass(probabilities: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < probabilities.length; at++) sum += probabilities[at] as number;
  return sum;
}
