/** What the settings say of how surprise is shown. */

import {
  areThresholds,
  DEFAULT_THRESHOLDS,
  LEVEL_LOOKS,
  type LevelLook,
} from "../../core/surprisal/levels.js";
import { isPaletteName, type PaletteName } from "../../core/tokens/palettes.js";
import { settingOf, textSetting, wordSetting } from "../settings.js";

export const SURPRISAL_SETTINGS = "glassbox.surprisal";
export const PALETTE_SETTING = "glassbox.tokens.palette";

export type Notes = "off" | "lines" | "functions";

/** Probabilities between the levels; the usual ones where the setting makes no sense. */
export function thresholds(): readonly number[] {
  const value = settingOf(`${SURPRISAL_SETTINGS}.thresholds`);
  return areThresholds(value) ? value : DEFAULT_THRESHOLDS;
}

export function notes(): Notes {
  return wordSetting<Notes>(`${SURPRISAL_SETTINGS}.notes`, ["functions", "lines", "off"]);
}

/** The palette of the token boundaries. */
export function palette(): PaletteName {
  const name = textSetting(PALETTE_SETTING);
  return isPaletteName(name) ? name : "default";
}

/** Looks of levels 1 to 4. */
export function levelLooks(): readonly LevelLook[] {
  return LEVEL_LOOKS[palette()];
}
