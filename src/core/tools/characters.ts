/** Characters as people count them (graphemes), which a model that reads tokens does not see. */

import { GlassboxError } from "../../shared/errors.js";

/** Finding where characters end takes about a second for a million of them. */
export const LONGEST_COUNTED = 200_000;

/** The characters of a text: an emoji of several parts, a letter with its accents, or CRLF are one each. */
export function graphemes(text: string): string[] {
  if (text.length > LONGEST_COUNTED) {
    throw new GlassboxError(
      "too-long",
      `The text has ${text.length} UTF-16 units; at most ${LONGEST_COUNTED} are counted at a time.`,
      "Give a part of it.",
    );
  }
  if (isPlain(text)) return text.split("");
  return Array.from(
    new Intl.Segmenter("und", { granularity: "grapheme" }).segment(text),
    ({ segment }) => segment,
  );
}

/** Whether every unit is a character: ASCII without CRLF. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7e || unit === 0x0d) return false;
  }
  return true;
}

export interface Occurrences {
  /** How many characters the text has. */
  characters: number;
  /** Where it begins, in characters, counted from 0; they may overlap. */
  starts: number[];
  /** How many there are when none may overlap the one before. */
  apart: number;
}

/**
 * Where a character or a run of characters occurs. Both sides are brought to one form (NFC) first, so that é is é
 * however it is written.
 * @throws GlassboxError `too-long`, `invalid-request` for an empty pattern.
 */
export function occurrences(text: string, of: string, caseSensitive: boolean): Occurrences {
  const folded = (character: string) => {
    const composed = character.normalize("NFC");
    return caseSensitive ? composed : composed.toLowerCase();
  };
  const places = graphemes(text).map(folded);
  const wanted = graphemes(of).map(folded);
  if (wanted.length === 0) throw new GlassboxError("invalid-request", "There is nothing to look for.");
  const starts: number[] = [];
  let apart = 0;
  let free = 0;
  for (let at = 0; at + wanted.length <= places.length; at++) {
    if (!wanted.every((character, index) => places[at + index] === character)) continue;
    starts.push(at);
    if (at < free) continue;
    apart++;
    free = at + wanted.length;
  }
  return { characters: places.length, starts, apart };
}
