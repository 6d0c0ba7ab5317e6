/** From pieces of a text to the steps that are explained one at a time: whole, in order, few enough to follow. */

import type { ExplanationStep } from "../../shared/types.js";
import { joinedKind } from "./kinds.js";

/** A part of the text with its kind; `start` and `end` are UTF-16 offsets, end exclusive. */
export interface Piece {
  kind: string;
  start: number;
  end: number;
  /** Where the line begins that names the piece: after a leading comment. `start` when left out. */
  titleAt?: number;
}

/** More steps than this tire the reader, and the model. */
export const MAX_STEPS = 12;
/** Lines of a step; longer constructs are opened. */
export const MAX_STEP_LINES = 12;
/** Characters that count as a line where a text has hardly any line breaks. */
const LINE_CHARACTERS = 120;
/** Statements on one line are one step while they are no longer than this together, in characters. */
const SHARED_LINE_CHARACTERS = 200;
/** Characters of a title. */
const LONGEST_TITLE = 200;
/** Of more pieces than this, neighbours are joined by their number before their lengths are compared. */
const MOST_COMPARED = 400;

/** Signs and words that only close what came before: they belong to it. */
const CLOSERS =
  /^(?:[\s)\]};,]|(?:end|fi|done|esac)(?![\w:])|<\/[\w:.-]*\s*>|\/>|\?>|#endif(?![\w])[^\n]*)*/i;

/** Lines that `text[start, end)` lies in, at least one. */
export function countLines(text: string, start: number, end: number): number {
  let lines = 1;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** The length of a piece in lines; a line of minified code counts as many. */
export function sizeOf(text: string, start: number, end: number): number {
  return Math.max(countLines(text, start, end), Math.ceil((end - start) / LINE_CHARACTERS));
}

/** How many characters at the start of a text only close what came before. */
export function closingLength(text: string): number {
  return CLOSERS.exec(text)![0].length;
}

/**
 * Leaves no gaps but whitespace. What closes a piece belongs to it; other text between pieces, such as `} else {`,
 * belongs with its whole line to the piece after it, and text after the last one to the last.
 */
function fillGaps(text: string, pieces: readonly Piece[]): Piece[] {
  const filled: Piece[] = [];
  let covered = 0;
  for (const piece of pieces) {
    if (piece.end <= covered) continue;
    const start = Math.max(covered, piece.start);
    const gap = text.slice(covered, start);
    const previous = filled.at(-1);
    let closers = previous ? closingLength(gap) : 0;
    const lineStart = gap.slice(0, closers).lastIndexOf("\n") + 1;
    const sharesLine = closers < gap.length || gap.slice(lineStart).trim() !== "";
    if (sharesLine && (lineStart > 0 || closers < gap.length)) closers = lineStart;
    if (previous) previous.end = covered + gap.slice(0, closers).trimEnd().length;
    const rest = gap.slice(closers);
    const lead = rest.length - rest.trimStart().length;
    const from = rest.trim() === "" ? start : covered + closers + lead;
    filled.push({ ...piece, start: from, titleAt: from < start ? from : (piece.titleAt ?? start) });
    covered = piece.end;
  }
  const last = filled.at(-1);
  if (last) last.end = Math.max(last.end, text.trimEnd().length);
  return filled;
}

/**
 * Joins neighbours that share a line: a line belongs to one step, unless it is a very long one, all there is, or the
 * `}, {` between two long ones.
 */
function joinSharedLines(text: string, pieces: readonly Piece[]): Piece[] {
  if (!text.trim().includes("\n")) return [...pieces];
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const previous = joined.at(-1);
    if (
      previous &&
      !(previous.kind === "sentence" && piece.kind === "sentence") &&
      !text.slice(previous.end, piece.start).includes("\n") &&
      (countLines(text, previous.start, previous.end) === 1 ||
        countLines(text, piece.start, piece.end) === 1) &&
      lineLengthAt(text, piece.start) <= SHARED_LINE_CHARACTERS
    ) {
      // What opens a construct names it: `if (x) { a();` is a condition.
      if (countLines(text, previous.start, previous.end) === 1) {
        previous.kind =
          /[{(:[]$|^\s*(?:else|case|default)\b/.test(text.slice(previous.start, previous.end)) ||
          previous.kind === piece.kind
            ? previous.kind
            : joinedKind(previous.kind, piece.kind);
      }
      previous.end = piece.end;
    } else joined.push({ ...piece });
  }
  return joined;
}

function lineLengthAt(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return (end < 0 ? text.length : end) - (text.lastIndexOf("\n", at - 1) + 1);
}

/** How much longer, in lines, two neighbours may be and still be joined rather than two of one kind. */
function reluctance(a: Piece, b: Piece): number {
  // A heading goes with what follows it.
  if (b.kind === "heading") return 3 * MAX_STEP_LINES;
  if (a.kind === "heading" || a.kind === "comment") return 0;
  if (a.kind === "signature" || b.kind === "signature") return 3 * MAX_STEP_LINES;
  return a.kind === b.kind ? 0 : MAX_STEP_LINES / 2;
}

function joinPieces<P extends Piece>(a: P, b: P): P {
  const kind = a.kind === "comment" ? b.kind : joinedKind(a.kind, b.kind);
  return { ...a, kind, end: b.end };
}

/** Joins the two neighbours that are shortest together until there are few enough. */
export function reducePieces<P extends Piece>(text: string, pieces: readonly P[], most: number): P[] {
  let reduced = [...pieces];
  if (reduced.length > MOST_COMPARED) {
    const each = Math.ceil(reduced.length / MOST_COMPARED);
    const grouped: P[] = [];
    for (const [i, piece] of reduced.entries()) {
      if (i % each === 0) grouped.push(piece);
      else grouped[grouped.length - 1] = joinPieces(grouped.at(-1)!, piece);
    }
    reduced = grouped;
  }
  const sizes = reduced.map((piece) => sizeOf(text, piece.start, piece.end));
  while (reduced.length > most) {
    let best = 0;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < reduced.length; i++) {
      const cost = sizes[i]! + sizes[i + 1]! + reluctance(reduced[i]!, reduced[i + 1]!);
      if (cost < bestCost) [best, bestCost] = [i, cost];
    }
    const [a, b] = [reduced[best]!, reduced[best + 1]!];
    reduced.splice(best, 2, joinPieces(a, b));
    sizes.splice(best, 2, sizeOf(text, a.start, b.end));
  }
  return reduced;
}

/** The line that names a piece: its first with a word, without what closes the piece before it. */
function titleOf(text: string, start: number, end: number, at: number): string {
  const lineStart = Math.max(start, text.lastIndexOf("\n", at - 1) + 1);
  let fallback = "";
  for (let from = lineStart; from < end; ) {
    const lineEnd = text.indexOf("\n", from);
    const to = lineEnd < 0 ? end : Math.min(end, lineEnd);
    const line = text.slice(from, Math.min(to, from + LONGEST_TITLE));
    const title = line.slice(closingLength(line)).trim();
    if (/[\p{L}\p{N}_]/u.test(title)) return title;
    if (fallback === "") fallback = line.trim();
    from = to + 1;
  }
  return fallback === "" ? text.slice(start, end).trim().split("\n")[0]!.slice(0, LONGEST_TITLE) : fallback;
}

function wholeOf(text: string): Piece {
  return { kind: "block", start: text.length - text.trimStart().length, end: text.trimEnd().length };
}

/**
 * Makes steps from pieces in document order. Everything but whitespace between them belongs to exactly one.
 * @param firstLine the document's line (0-based) on which the text begins.
 */
export function stepsFromPieces(
  text: string,
  pieces: readonly Piece[],
  firstLine: number,
): ExplanationStep[] {
  let line = firstLine;
  let at = 0;
  const all = pieces.length > 0 || text.trim() === "" ? pieces : [wholeOf(text)];
  const whole = joinSharedLines(text, fillGaps(text, all));
  return reducePieces(text, whole, MAX_STEPS).map(({ kind, start, end, titleAt }, index) => {
    line += countLines(text, at, start) - 1;
    at = start;
    const lines = countLines(text, start, end);
    const title = titleOf(text, start, end, titleAt ?? start);
    return { index, kind, start, end, firstLine: line, lastLine: line + lines - 1, title };
  });
}
