/** Gives the page the colours of the palette that the reader chose, and new ones whenever the choice changes. */

import { PALETTE_NAMES } from "../../src/core/tokens/palettes.js";
import type { PaletteName } from "../../src/shared/types.js";
import { paletteVariables } from "./paletteVariables.js";

export function showPalette(name: PaletteName): void {
  document.body.dataset.palette = name;
  for (const [variable, value] of paletteVariables(name)) document.body.style.setProperty(variable, value);
}

/** The palette that the host has written into the page. */
export function showFirstPalette(): void {
  const { palette } = document.body.dataset;
  showPalette(PALETTE_NAMES.find((name) => name === palette) ?? "default");
}
