/** Many draws from one distribution: what a person sees who asks the same thing again and again. */

import type { Candidates } from "./candidates.js";
import { seededCoin } from "./randomness.js";
import { choose } from "./sample.js";
import { chanceOfXtc, runStages, type StageOptions, type StageSettings, strikes } from "./stages.js";

/** The coins of one seed: those of a walk, of a trial, and XTC's own for each of them. */
export const COINS = { walk: 0, xtcOfWalk: 1, trial: 2, xtcOfTrial: 3 } as const;

/**
 * Draws that many times from the same candidates.
 * @returns (draws) token ids in order; the seed determines them.
 */
export function drawTrial(
  candidates: Candidates,
  settings: StageSettings,
  options: Omit<StageOptions, "xtcStrikes">,
  seed: number,
  draws: number,
): Uint32Array {
  const left = (xtcStrikes: boolean) =>
    runStages(candidates, settings, { ...options, xtcStrikes }).at(-1)?.survivors ?? candidates;
  const [struck, spared] = [left(true), chanceOfXtc(settings) < 1 ? left(false) : undefined];
  const coin = seededCoin(seed, 0, COINS.trial);
  const xtcCoin = seededCoin(seed, 0, COINS.xtcOfTrial);
  const drawn = new Uint32Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    const survivors = strikes(settings, xtcCoin()) || !spared ? struck : spared;
    drawn[draw] = survivors.ids[choose(survivors.probabilities, coin())]!;
  }
  return drawn;
}

/** id -> how often it was drawn, among the first `draws`. */
export function countDraws(drawn: Uint32Array, draws = drawn.length): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of drawn.subarray(0, draws)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
