/** Lists of replacements: applied, restricted to a part of the text, and joined where they do not meet. */

import type { Replacement } from "../../shared/savings.js";

/** The text after replacements that are in order and do not overlap. */
export function applyReplacements(text: string, edits: readonly Replacement[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: inserted } of edits) {
    parts.push(text.slice(at, start), inserted);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** Those that lie in `[start, end]`. */
export function replacementsWithin(edits: readonly Replacement[], start: number, end: number): Replacement[] {
  return edits.filter((edit) => edit.start >= start && edit.end <= end);
}

/** All replacements of several lists in order; of two that meet, the one of the earlier list stays. */
export function joinReplacements(lists: readonly (readonly Replacement[])[]): Replacement[] {
  const ranked = lists.flatMap((edits, rank) => edits.map((edit) => ({ edit, rank })));
  ranked.sort((a, b) => a.edit.start - b.edit.start || a.rank - b.rank);
  const joined: typeof ranked = [];
  for (const candidate of ranked) {
    const last = joined.at(-1);
    if (!last || candidate.edit.start >= last.edit.end) {
      joined.push(candidate);
    } else if (candidate.rank < last.rank) {
      joined.pop();
      joined.push(candidate);
    }
  }
  return joined.map(({ edit }) => edit);
}

/** Ranges of a text that no edit may touch. */
export class SparedRanges {
  readonly #ranges: { start: number; end: number }[] = [];

  /** @param ranges in any order; they may overlap. */
  constructor(ranges: readonly { start: number; end: number }[] = []) {
    for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
      const last = this.#ranges.at(-1);
      if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
      else this.#ranges.push({ start: range.start, end: range.end });
    }
  }

  /** Whether a range holds a spared character. */
  touches(start: number, end: number): boolean {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]!.end <= start) low = middle + 1;
      else high = middle;
    }
    const next = this.#ranges[low];
    return next !== undefined && next.start < end;
  }
}
