/** Where tokens stand while their text is edited, and which of their numbers still hold. */

/** A token as it stands in the text now; UTF-16 offsets. */
export interface TokenPlace {
  start: number;
  end: number;
  /** The first token that was read before it, by index: its numbers depend on all from there on. */
  readFrom: number;
  /** Whether its text is gone, or what it was read behind has changed. */
  stale: boolean;
}

/** What was replaced, as the editor reports it. */
export interface TextEdit {
  offset: number;
  removed: number;
  added: number;
}

/**
 * The places after an edit. A token that the edit touches, even at its end, is stale: its text may now be part of
 * another token. So is every token behind it that was read behind what has changed.
 */
export function placesAfter(
  places: readonly TokenPlace[],
  { offset, removed, added }: TextEdit,
): TokenPlace[] {
  const behind = offset + removed;
  const shift = added - removed;
  return places.map((place) => {
    const { start, end, readFrom, stale } = place;
    if (end < offset) return place;
    if (start < behind || start < offset) {
      return { start: Math.min(start, offset), end: Math.min(start, offset), readFrom, stale: true };
    }
    // Its text stays; a token that begins where text was put in may have grown together with that.
    const untouched = places[readFrom]!.start > behind || (removed > 0 && places[readFrom]!.start === behind);
    return { start: start + shift, end: end + shift, readFrom, stale: stale || !untouched };
  });
}
