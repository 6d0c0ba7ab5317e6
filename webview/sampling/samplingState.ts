/** What the sampling panel keeps over a reload of the window: settings and seed, checked when they come back. */

import { checkSettings } from "../../src/core/sampling/stages.js";
import type { SamplingSettings } from "../../src/shared/types.js";

export interface SamplingState {
  settings: SamplingSettings;
  seed: number;
}

/** The settings that llama.cpp starts with: each stage has something to show. */
export const INITIAL_STATE: SamplingState = {
  settings: { topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8 },
  seed: 1,
};

/** A saved state, or the initial one where there is none or it is not one of ours. */
export function restoreState(saved: unknown): SamplingState {
  if (!isRecord(saved) || !isRecord(saved.settings)) return INITIAL_STATE;
  const { topK, topP, minP, temperature } = saved.settings;
  const seed = saved.seed;
  if (![topK, topP, minP, temperature].every((value) => typeof value === "number")) return INITIAL_STATE;
  const settings = { topK, topP, minP, temperature } as SamplingSettings;
  return isSeed(seed) && isValid(settings) ? { settings, seed } : INITIAL_STATE;
}

export function isSeed(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isValid(settings: SamplingSettings): boolean {
  try {
    checkSettings(settings);
    return true;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
