/**
 * The catalogue of exhibits: for each type the readings that checks may test and what the reader may be asked to
 * guess of it. The page has a component for each; the compiler holds the two together.
 */

import type { ExhibitType } from "../../shared/panels/lesson.js";

export interface Reading {
  /** Completes "… : at most 8". */
  label: string;
  format: "count" | "probability" | "setting";
}

interface ExhibitKind {
  needsModel: boolean;
  readings: Record<string, Reading>;
  /** What the reader may be asked to guess before it is shown. */
  guesses: readonly string[];
}

export const EXHIBITS: Record<ExhibitType, ExhibitKind> = {
  "token-strip": {
    needsModel: false,
    readings: {
      characters: { label: "characters", format: "count" },
      bytes: { label: "bytes", format: "count" },
      tokens: { label: "tokens", format: "count" },
      "split-characters": { label: "characters cut into several tokens", format: "count" },
      "longest-token": { label: "characters in the longest token", format: "count" },
    },
    guesses: [],
  },
  "next-token": {
    needsModel: true,
    readings: {
      temperature: { label: "temperature", format: "setting" },
      "top-probability": { label: "probability of the likeliest token", format: "probability" },
      survivors: { label: "tokens that can still be drawn", format: "count" },
    },
    guesses: ["next-token"],
  },
  "attention-map": {
    needsModel: true,
    readings: {
      "previous-token": { label: "attention on the previous token, on average", format: "probability" },
      "first-token": { label: "attention on the first token, on average", format: "probability" },
    },
    guesses: ["last-token-target"],
  },
  languages: { needsModel: false, readings: {}, guesses: [] },
};

/** The reading of that name, if exhibits of this type have it. */
export function readingOf(type: ExhibitType, name: string): Reading | undefined {
  const { readings } = EXHIBITS[type];
  return Object.hasOwn(readings, name) ? readings[name] : undefined;
}
