/** The text around the caret, from one border of pieces to another, so that it is cut as it is in the document. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { Splitter } from "../../core/tokens/tokenizer.js";
import { MOST_SPLIT_CHARACTERS, type SplitSource } from "../../shared/panels/split.js";

/** UTF-16 units to go back, at most, for a place that is a border of pieces whatever stands before it. */
const LOOK_BACK = 4096;
/** UTF-16 units before and behind the caret that are shown of a long line. */
const AROUND = MOST_SPLIT_CHARACTERS / 2;

/**
 * The line of `offset` with all pieces that reach into it, and at least one piece behind that of the caret. Of a long
 * line, what stands around the caret.
 */
export function textAround(document: vscode.TextDocument, offset: number, splitter: Splitter): SplitSource {
  const position = document.positionAt(offset);
  const line = document.lineAt(position.line).rangeIncludingLineBreak;
  const caret = document.offsetAt(position);
  const lineStart = document.offsetAt(line.start);
  const lineEnd = document.offsetAt(line.end);
  const wantedStart = Math.max(lineStart, caret - AROUND);
  const wantedEnd = Math.min(Math.max(lineEnd, caret + 1), caret + AROUND);

  const base = Math.max(0, wantedStart - LOOK_BACK);
  const text = document.getText(
    new vscode.Range(document.positionAt(base), document.positionAt(wantedEnd + AROUND)),
  );
  const bounds = { start: wantedStart - base, end: wantedEnd - base, caret: caret - base };
  const { start, end } = piecesAround(text, bounds, base === 0, splitter);
  return {
    fileName: basename(document.uri.path) || document.uri.path,
    line: position.line,
    text: text.slice(start, end),
    caret: caret - base - start,
    cutBefore: base + start > lineStart,
    cutAfter: base + end < lineEnd,
  };
}

/** The borders of pieces around `[start, end)`, at most `MOST_SPLIT_CHARACTERS` apart. */
function piecesAround(
  text: string,
  { start, end, caret }: { start: number; end: number; caret: number },
  isWhole: boolean,
  { pieceEnd, isCertainBorder }: Splitter,
): { start: number; end: number } {
  // Two characters of the text that was read may lack what stands before them.
  let border = start;
  while (border > 2 && !isCertainBorder(text, border)) border--;
  if (border <= 2) border = isWhole ? 0 : start;
  let first = border;
  let next = border;
  while (next < text.length && next <= start) {
    first = next;
    next = pieceEnd(text, next);
  }
  // A piece that begins too far before is cut where the caret's surroundings begin.
  if (start - first > AROUND) first = characterStart(text, start);
  let last = first;
  while (last < text.length) {
    const pieceStart = last;
    if (pieceStart >= end && pieceStart > caret) break;
    last = pieceEnd(text, pieceStart);
    if (last - first > MOST_SPLIT_CHARACTERS) {
      // What is cut inside a piece is cut between characters.
      last = pieceStart > caret ? pieceStart : characterStart(text, first + MOST_SPLIT_CHARACTERS);
      break;
    }
  }
  return { start: first, end: last };
}

/** `index`, or the start of the surrogate pair that it stands in. */
function characterStart(text: string, index: number): number {
  const inside =
    (text.charCodeAt(index) & 0xfc00) === 0xdc00 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
  return inside ? index - 1 : index;
}
