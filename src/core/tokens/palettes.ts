/** The palettes of the token bands: which colours of package.json a band has, and how its edge is drawn. */

import type { PaletteName } from "../../shared/types.js";

/** Bands of a line take the looks of a palette in turn. */
export const BAND_COUNT = 6;

export type Edge = "solid" | "dotted";

/** How one band looks; the colours are ids that themes and the reader's settings may redefine. */
export interface BandLook {
  edgeColour: string;
  background: string;
  edge: Edge;
}

export const PALETTE_NAMES = [
  "default",
  "colorBlindSafe",
  "monochrome",
] as const satisfies readonly PaletteName[];

/** Never colour alone: edges alternate, and `BAND_COUNT` is even, so that they do so from the last to the first too. */
function palette(prefix: string, colours: number): readonly BandLook[] {
  return Array.from({ length: BAND_COUNT }, (_, band) => {
    const id = `glassbox.${prefix}${(band % colours) + 1}`;
    return { edgeColour: id, background: `${id}Background`, edge: band % 2 === 0 ? "solid" : "dotted" };
  });
}

/** For each palette the looks of `BAND_COUNT` bands. */
export const PALETTES: Readonly<Record<PaletteName, readonly BandLook[]>> = {
  default: palette("token", BAND_COUNT),
  // After Okabe and Ito, "Color Universal Design" (2008), darker on light backgrounds.
  colorBlindSafe: palette("safeToken", BAND_COUNT),
  monochrome: palette("monochromeToken", 2),
};
