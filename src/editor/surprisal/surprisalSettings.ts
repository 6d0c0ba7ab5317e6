/** What the settings say of how surprise is shown. */

import {
  areThresholds,
  DEFAULT_THRESHOLDS,
  LEVEL_LOOKS,
  type LevelLook,
} from "../../core/surprisal/levels.js";
import { settingOf, wordSetting } from "../settings.js";
import { chosenPalette } from "../tokens/paletteSetting.js";

export const SURPRISAL_SETTINGS = "glassbox.surprisal";

export type Notes = "off" | "lines" | "functions";

/** Probabilities between the levels; the usual ones where the setting makes no sense. */
export function thresholds(): readonly number[] {
  const value = settingOf(`${SURPRISAL_SETTINGS}.thresholds`);
  return areThresholds(value) ? value : DEFAULT_THRESHOLDS;
}

export function notes(): Notes {
  return wordSetting<Notes>(`${SURPRISAL_SETTINGS}.notes`, ["functions", "lines", "off"]);
}

/** Looks of levels 1 to 4. */
export function levelLooks(): readonly LevelLook[] {
  return LEVEL_LOOKS[chosenPalette()];
}
