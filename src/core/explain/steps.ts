/** From pieces of a text to the steps that are explained one at a time: whole, in order, few enough to follow. */

import type { ExplanationStep } from "../../shared/types.js";

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

/** Punctuation and words that only close what came before; they are no step of their own. */
const CLOSERS = /^(?:[\s)\]};,]|(?:end|fi|done|esac)(?![\w]))*/;

export function countLines(text: string, start: number, end: number): number {
  let lines = 1;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Text between pieces belongs to the piece after it (`} else {`), text after the last one to the last. */
function fillGaps(text: string, pieces: readonly Piece[]): Piece[] {
  const filled: Piece[] = [];
  let covered = 0;
  for (const piece of pieces) {
    const gap = text.slice(covered, piece.start);
    const closers = CLOSERS.exec(gap)![0].length;
    const start = closers < gap.length ? covered + closers : piece.start;
    filled.push({ ...piece, start, titleAt: start < piece.start ? start : (piece.titleAt ?? piece.start) });
    covered = piece.end;
  }
  const last = filled.at(-1);
  const tail = text.slice(covered);
  if (last && CLOSERS.exec(tail)![0].length < tail.length) last.end = text.trimEnd().length;
  return filled;
}

/** How much longer, in lines, two neighbours of one kind may be and still be joined rather than these. */
function reluctance(a: Piece, b: Piece): number {
  if (a.kind === "signature" || b.kind === "signature") return 3 * MAX_STEP_LINES;
  return a.kind === b.kind ? 0 : MAX_STEP_LINES / 2;
}

/** Joins the two neighbours that are shortest together until there are few enough. */
function reduce(text: string, pieces: Piece[]): Piece[] {
  const lines = pieces.map((piece) => countLines(text, piece.start, piece.end));
  const reduced = [...pieces];
  while (reduced.length > MAX_STEPS) {
    let best = 0;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < reduced.length; i++) {
      const cost = lines[i]! + lines[i + 1]! + reluctance(reduced[i]!, reduced[i + 1]!);
      if (cost < bestCost) [best, bestCost] = [i, cost];
    }
    const [a, b] = [reduced[best]!, reduced[best + 1]!];
    reduced.splice(best, 2, { ...a, end: b.end, kind: a.kind === b.kind ? a.kind : "statements" });
    lines.splice(best, 2, countLines(text, a.start, b.end));
  }
  return reduced;
}

/**
 * Makes steps from pieces in document order.
 * @param firstLine the document's line (0-based) on which the text begins.
 */
export function stepsFromPieces(
  text: string,
  pieces: readonly Piece[],
  firstLine: number,
): ExplanationStep[] {
  let line = firstLine;
  let at = 0;
  return reduce(text, fillGaps(text, pieces)).map(({ kind, start, end, titleAt }, index) => {
    line += countLines(text, at, start) - 1;
    at = start;
    const lines = countLines(text, start, end);
    const titleStart = text.lastIndexOf("\n", titleAt ?? start) + 1;
    const lineEnd = text.indexOf("\n", titleAt ?? start);
    const titleEnd = lineEnd < 0 ? end : Math.min(end, lineEnd);
    const title = text.slice(Math.max(start, titleStart), titleEnd).trim();
    return { index, kind, start, end, firstLine: line, lastLine: line + lines - 1, title };
  });
}
