/** Settings that have proved themselves, and what each is good for. */

import { t } from "../../shared/l10n.js";
import type { SamplerSettings } from "../../shared/types.js";
import { NEUTRAL_SETTINGS } from "./stages.js";

export interface Preset {
  id: string;
  title: string;
  /** What it is good for, and what it costs: one sentence. */
  purpose: string;
  settings: Readonly<SamplerSettings>;
}

const settings = (change: Partial<SamplerSettings>): SamplerSettings => ({ ...NEUTRAL_SETTINGS, ...change });

export const PRESETS: readonly Preset[] = [
  {
    id: "model",
    title: t("The model itself"),
    purpose: t(
      "Every token keeps the probability that the model gave it: for looking at what it has learnt.",
    ),
    settings: settings({}),
  },
  {
    id: "greedy",
    title: t("Greedy"),
    purpose: t(
      "The most probable token each time, so always the same text: for tests. Long texts tend to loop.",
    ),
    settings: settings({ temperature: 0 }),
  },
  {
    id: "precise",
    title: t("Precise"),
    purpose: t(
      "For code, facts and extraction: close to greedy, with room for a second choice where two are alike.",
    ),
    settings: settings({ topP: 0.9, temperature: 0.2 }),
  },
  {
    id: "chat",
    title: t("Chat"),
    purpose: t("llama.cpp's own defaults: for conversation, varied in its words and rarely off the point."),
    settings: settings({ topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8 }),
  },
  {
    id: "creative",
    title: t("Creative"),
    purpose: t(
      "For stories and ideas: the obvious words are left out at half of the draws, nonsense always.",
    ),
    settings: settings({ minP: 0.02, xtcProbability: 0.5, xtcThreshold: 0.1, temperature: 1.1 }),
  },
];

/** The preset that these settings are. */
export function presetOf(given: SamplerSettings): Preset | undefined {
  const keys = Object.keys(NEUTRAL_SETTINGS) as (keyof SamplerSettings)[];
  return PRESETS.find((preset) => keys.every((key) => preset.settings[key] === given[key]));
}
