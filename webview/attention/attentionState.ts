/** What the attention panel keeps over a reload of the window: what the reader has chosen, checked when it comes back. */

import type { HeatScale } from "../ui/heatScale.js";
import type { HeadChoice } from "./HeadPicker.js";

/** Undefined is what the reader has left to the panel. */
export interface ChosenView {
  layer: number | undefined;
  head: HeadChoice | undefined;
  /** The token that looks. */
  query: number | undefined;
  firstAside: boolean;
  scale: HeatScale;
}

export const NOTHING_CHOSEN: ChosenView = {
  layer: undefined,
  head: undefined,
  query: undefined,
  firstAside: false,
  scale: "linear",
};

/** A saved choice, or none where there is none or it is not one of ours. */
export function restoreChosen(saved: unknown): ChosenView {
  if (typeof saved !== "object" || saved === null) return NOTHING_CHOSEN;
  const { layer, head, query, firstAside, scale } = saved as Record<string, unknown>;
  return {
    layer: isIndex(layer) ? layer : undefined,
    head: isIndex(head) || head === "mean" ? head : undefined,
    query: isIndex(query) ? query : undefined,
    firstAside: firstAside === true,
    scale: scale === "log" ? "log" : "linear",
  };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
