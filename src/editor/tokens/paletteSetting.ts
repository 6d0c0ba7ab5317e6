/** The palette that the reader chose for token boundaries, which levels of surprise and the chips of panels follow. */

import { PALETTE_NAMES } from "../../core/tokens/palettes.js";
import type { PaletteName } from "../../shared/types.js";
import { wordSetting } from "../settings.js";

export const PALETTE_SETTING = "glassbox.tokens.palette";

export function chosenPalette(): PaletteName {
  return wordSetting<PaletteName>(PALETTE_SETTING, PALETTE_NAMES);
}
