/** Edits of a text's layout: spaces at the ends of lines, runs of blank lines, indentation, rulers, line endings. */

import type { Replacement } from "../../shared/savings.js";
import type { SparedRanges } from "./replacements.js";

/** One line of a text without its break. */
interface Line {
  start: number;
  end: number;
}

function* linesOf(text: string): Generator<Line> {
  let start = 0;
  while (start <= text.length) {
    let next = text.indexOf("\n", start);
    if (next < 0) next = text.length;
    const end = next > start && text[next - 1] === "\r" ? next - 1 : next;
    yield { start, end };
    start = next + 1;
  }
}

const isBlank = (unit: string | undefined) => unit === " " || unit === "\t";

/**
 * Takes spaces and tabs off the ends of lines.
 * @param hardBreaks keeps two spaces and more behind a text, which are a line break in Markdown.
 */
export function trailingSpaces(text: string, spared: SparedRanges, hardBreaks = false): Replacement[] {
  const edits: Replacement[] = [];
  for (const { start, end } of linesOf(text)) {
    let from = end;
    while (from > start && isBlank(text[from - 1])) from--;
    if (from === end || spared.touches(from, end)) continue;
    // Behind a backslash a space decides whether the next line goes on with this one.
    if (from > start && (text[from - 1] === "\\" || (hardBreaks && end - from > 1))) continue;
    edits.push({ start: from, end, text: "" });
  }
  return edits;
}

/** Leaves one of several blank lines in a row, and none at the end of the text. */
export function blankLines(text: string, spared: SparedRanges): Replacement[] {
  const edits: Replacement[] = [];
  let first: Line | undefined;
  let last: Line | undefined;
  const end = () => {
    if (first && last && last !== first) {
      // From the end of the first blank line to that of the last; at the end of the text the first one goes too.
      const from = last.end === text.length ? first.start : first.end;
      if (from < last.end && !spared.touches(from, last.end)) {
        edits.push({ start: from, end: last.end, text: "" });
      }
    }
    first = undefined;
  };
  for (const line of linesOf(text)) {
    if (/[^ \t]/.test(text.slice(line.start, line.end))) end();
    else {
      first ??= line;
      last = line;
    }
  }
  end();
  return edits;
}

/** Leading whitespace of the lines that have text, spared ones left out. */
function* indents(text: string, spared: SparedRanges): Generator<Line> {
  for (const { start, end } of linesOf(text)) {
    let to = start;
    while (to < end && isBlank(text[to])) to++;
    if (to < end && !spared.touches(start, to)) yield { start, end: to };
  }
}

/**
 * Spaces that one level of indentation has, 0 for a tab; undefined where nothing is indented, or without a system.
 * The step from line to deeper line that is seen most often counts, as in VS Code's own guess.
 */
export function indentationUnit(text: string, spared: SparedRanges): number | undefined {
  const steps = new Map<number, number>();
  let tabs = 0;
  let spaces = 0;
  let before = 0;
  for (const { start, end } of indents(text, spared)) {
    const width = end - start;
    if (text[start] === "\t") tabs++;
    else {
      if (width > 1) spaces++;
      // One column more aligns the stars of a comment.
      if (width - before > 1) steps.set(width - before, (steps.get(width - before) ?? 0) + 1);
      before = width;
    }
  }
  if (tabs > spaces) return 0;
  const [most] = [...steps].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return most && most[0] <= 8 ? most[0] : undefined;
}

/**
 * Indents with `to` where `from` was: spaces a level, 0 for a tab. What is left over of a level, such as the column
 * that aligns a comment's stars, stays as it is.
 */
export function reindent(text: string, spared: SparedRanges, from: number, to: number): Replacement[] {
  const edits: Replacement[] = [];
  const level = to === 0 ? "\t" : " ".repeat(to);
  for (const { start, end } of indents(text, spared)) {
    const old = text.slice(start, end);
    const unit = from === 0 ? "\t" : " ".repeat(from);
    let levels = 0;
    while (old.startsWith(unit, levels * unit.length)) levels++;
    if (levels === 0) continue;
    edits.push({ start, end: start + levels * unit.length, text: level.repeat(levels) });
  }
  return edits;
}

/** A row of the same sign that only draws a line. A row of slashes may be a kind of comment, and is left alone. */
const RULER = /([=\-*#~_+─━═])\1{7,}/g;

/** Cuts rulers in `ranges` to three signs. */
export function rulers(text: string, ranges: readonly { start: number; end: number }[]): Replacement[] {
  return ranges.flatMap(({ start, end }) =>
    [...text.slice(start, end).matchAll(RULER)].map((match) => ({
      start: start + match.index + 3,
      end: start + match.index + match[0].length,
      text: "",
    })),
  );
}

/** Text with its rulers cut, to compare comments by. */
export function withoutRulers(text: string): string {
  return text.replace(RULER, "$1$1$1");
}

/** Takes the carriage returns off line breaks. */
export function lineEndings(text: string): Replacement[] {
  const edits: Replacement[] = [];
  for (let at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n", at + 2)) {
    edits.push({ start: at, end: at + 1, text: "" });
  }
  return edits;
}
