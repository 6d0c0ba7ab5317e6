/** The colours of a palette as the variables that the style sheets of panels name. */

import { PALETTES } from "../../src/core/tokens/palettes.js";
import type { PaletteName } from "../../src/shared/types.js";

/** A colour that the extension has given to the theme, by its id. */
export const themeColour = (id: string) => `var(--vscode-${id.replaceAll(".", "-")})`;

/**
 * For each band the colour of its edge and its tint, as in the text; and as many colours for lines and bars that tell
 * things apart by their colour alone, which greys cannot.
 */
export function paletteVariables(name: PaletteName): [variable: string, value: string][] {
  const series = PALETTES[name === "monochrome" ? "default" : name];
  return PALETTES[name].flatMap(({ edgeColour, background }, band): [string, string][] => [
    [`--gb-token-${band + 1}`, themeColour(edgeColour)],
    [`--gb-token-${band + 1}-tint`, themeColour(background)],
    [`--gb-series-${band + 1}`, themeColour(series[band]!.edgeColour)],
  ]);
}
