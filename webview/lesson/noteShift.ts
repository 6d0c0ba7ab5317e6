/** Where the note on a word or a symbol stands: beside it, and inside the page however far right that is. */

/** Of a note, in pixels; the same as in the style sheet. */
const NOTE_WIDTH = 340;
const NOTE_MARGIN = 16;

/** How far to the left of its place a note must begin. @param left of the place, in pixels of the page. */
export function noteShift(left: number): number {
  const page = document.documentElement.clientWidth;
  const width = Math.min(NOTE_WIDTH, page - 2 * NOTE_MARGIN);
  return Math.min(0, page - NOTE_MARGIN - width - left);
}
