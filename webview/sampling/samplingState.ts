/** What the sampling panel keeps over a reload of the window: settings, order and seed, checked when they come back. */

import { PRESETS } from "../../src/core/sampling/presets.js";
import {
  checkSettings,
  ENGINE_ORDER,
  NEUTRAL_SETTINGS,
  type OrderedStage,
} from "../../src/core/sampling/stages.js";
import { isFields } from "../../src/shared/isFields.js";
import type { SamplerSettings } from "../../src/shared/types.js";

/** What decides which tokens are left and how probable each is. */
export interface SamplerChoice {
  settings: SamplerSettings;
  order: readonly OrderedStage[];
}

export interface SamplingState extends SamplerChoice {
  seed: number;
}

/** The settings that llama.cpp starts with: most stages have something to show. */
export const INITIAL_STATE: SamplingState = {
  settings: { ...NEUTRAL_SETTINGS, ...PRESETS.find(({ id }) => id === "chat")?.settings },
  order: ENGINE_ORDER,
  seed: 1,
};

/** A saved state, or the initial one where there is none or it is not one of ours. */
export function restoreState(saved: unknown): SamplingState {
  if (!isFields(saved) || !isFields(saved.settings)) return INITIAL_STATE;
  const { seed } = saved;
  const settings: SamplerSettings = { ...NEUTRAL_SETTINGS };
  for (const key of Object.keys(settings) as (keyof SamplerSettings)[]) {
    const value = saved.settings[key];
    if (typeof value !== "number") return INITIAL_STATE;
    settings[key] = value;
  }
  if (!isSeed(seed) || !isValid(settings)) return INITIAL_STATE;
  return { settings, order: isOrder(saved.order) ? saved.order : ENGINE_ORDER, seed };
}

export function isSeed(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether it names each stage once. */
function isOrder(value: unknown): value is OrderedStage[] {
  return (
    Array.isArray(value) &&
    value.length === ENGINE_ORDER.length &&
    ENGINE_ORDER.every((stage) => value.includes(stage))
  );
}

function isValid(settings: SamplerSettings): boolean {
  try {
    checkSettings(settings);
    return true;
  } catch {
    return false;
  }
}
