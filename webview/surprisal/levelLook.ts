/** How a level of surprise looks on a page: as the editor marks it in the text. */

import { LEVEL_LOOKS } from "../../src/core/surprisal/levels.js";
import type { SurprisalState } from "../../src/shared/panels/surprisal.js";
import { themeColour } from "../ui/paletteVariables.js";

/** The style of a text of that level; level 0 has none. */
export function lookOf(palette: SurprisalState["palette"], level: number) {
  const look = LEVEL_LOOKS[palette][level - 1];
  if (!look) return {};
  return {
    background: themeColour(look.background),
    borderBottom: `${look.edgeWidth}px ${look.edge} ${themeColour(look.edgeColour)}`,
  };
}

/** The colour of a level by itself; level 0 is dim. */
export function colourOf(palette: SurprisalState["palette"], level: number): string {
  const look = LEVEL_LOOKS[palette][level - 1];
  return look ? themeColour(look.edgeColour) : "var(--gb-dim)";
}
