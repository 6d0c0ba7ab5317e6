/** Keeps the link from steps to lines while the document is edited. Lines are 0-based and inclusive. */

export interface LineRange {
  first: number;
  last: number;
}

/** One edit: the lines that it replaced (in the document before it) and how many line breaks it brought. */
export interface LineEdit {
  firstLine: number;
  lastLine: number;
  /** Whether it begins at the very start of `firstLine` and ends at the very start of `lastLine`. */
  wholeLines: boolean;
  insertedBreaks: number;
}

/**
 * Where a range of lines stands after an edit. Edits below it leave it, edits above it move it, edits inside it
 * stretch or shrink it and count as `edited`.
 */
export function moveLines(range: LineRange, edit: LineEdit): LineRange & { edited: boolean } {
  const shift = edit.insertedBreaks - (edit.lastLine - edit.firstLine);
  if (edit.firstLine > range.last) return { ...range, edited: false };
  const endsAbove = edit.lastLine < range.first || (edit.wholeLines && edit.lastLine <= range.first);
  if (endsAbove) return { first: range.first + shift, last: range.last + shift, edited: false };
  const first = Math.min(range.first, edit.firstLine);
  return {
    first: edit.firstLine >= range.first ? range.first : first,
    last: Math.max(first, range.last + shift),
    edited: true,
  };
}
