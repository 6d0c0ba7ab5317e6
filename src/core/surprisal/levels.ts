/** How surprising a token is in a few steps: which probabilities each holds, and how it looks in each palette. */

import type { PaletteName } from "../../shared/types.js";

/** Tokens of at least the first probability are expected and stay as they are; below the last is the highest level. */
export const DEFAULT_THRESHOLDS = [0.5, 0.1, 0.01, 0.001] as const;
/** Levels that are coloured, 1 to 4; level 0 is not. */
export const LEVEL_COUNT = DEFAULT_THRESHOLDS.length;

export interface LevelLook {
  edgeColour: string;
  background: string;
  /** Never colour alone: each level has an edge of its own. */
  edge: "dotted" | "dashed" | "solid" | "double";
  /** Pixels. */
  edgeWidth: number;
}

const EDGES = [
  { edge: "dotted", edgeWidth: 1 },
  { edge: "dashed", edgeWidth: 1 },
  { edge: "solid", edgeWidth: 2 },
  { edge: "double", edgeWidth: 3 },
] as const;

function looks(prefix: string): readonly LevelLook[] {
  return EDGES.map((edge, index) => {
    const id = `glassbox.${prefix}${index + 1}`;
    return { ...edge, edgeColour: id, background: `${id}Background` };
  });
}

/** For each palette of token boundaries the looks of levels 1 to 4. */
export const LEVEL_LOOKS: Readonly<Record<PaletteName, readonly LevelLook[]>> = {
  default: looks("surprisal"),
  colorBlindSafe: looks("safeSurprisal"),
  monochrome: looks("monochromeSurprisal"),
};

/** Letters on which the look of a level is shown. */
export const SPECIMEN = "abc";

/** Four probabilities between 0 and 1, each below the one before. */
export function areThresholds(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length === LEVEL_COUNT &&
    value.every(
      (each, index) =>
        typeof each === "number" &&
        each > 0 &&
        each < 1 &&
        (index === 0 || each < (value[index - 1] as number)),
    )
  );
}

/** The level of a token with so many bits of surprisal. @param thresholds see `areThresholds`. */
export function levelOf(bits: number, thresholds: readonly number[]): number {
  const probability = 2 ** -bits;
  const level = thresholds.findIndex((threshold) => probability >= threshold);
  return level < 0 ? thresholds.length : level;
}
