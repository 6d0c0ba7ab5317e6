/** Chooses what is explained when the reader selected nothing, a half line, or too much. Lines are 0-based. */

/** More is not explained at once: nobody reads two hundred steps. */
export const MOST_LINES = 400;
/** A single line of minified code may hold a megabyte. */
export const MOST_CHARACTERS = 40_000;

/** The paragraph around a line: the lines up to the next blank ones; undefined on a blank line. */
export function paragraphAround(
  lineCount: number,
  lineAt: (line: number) => string,
  caretLine: number,
): { first: number; last: number } | undefined {
  const isBlank = (line: number) => lineAt(line).trim() === "";
  if (caretLine >= lineCount || isBlank(caretLine)) return undefined;
  let first = caretLine;
  let last = caretLine;
  while (first > 0 && !isBlank(first - 1)) first--;
  while (last < lineCount - 1 && !isBlank(last + 1)) last++;
  return { first, last };
}

/** Cuts a text after `MOST_LINES` lines or `MOST_CHARACTERS` characters, never inside a surrogate pair. */
export function cutText(text: string): { text: string; lines: number; allLines: number; cut: boolean } {
  const lines = text.split("\n");
  let kept = lines.slice(0, MOST_LINES).join("\n");
  if (kept.length > MOST_CHARACTERS) {
    const splitsPair = /[\ud800-\udbff]/.test(kept[MOST_CHARACTERS - 1]!);
    kept = kept.slice(0, MOST_CHARACTERS - (splitsPair ? 1 : 0));
  }
  return {
    text: kept,
    lines: kept.split("\n").length,
    allLines: lines.length,
    cut: kept.length < text.length,
  };
}
