/**
 * Takes a text that an editor holds as lines into a document of tokens bit by bit, so that opening a large one holds
 * nothing up; edits on the way, on either side of what was taken in, are followed.
 */

import type { TokenDocument } from "./tokenDocument.js";

/** UTF-16 units that are taken in at once, about: lines are taken as a whole. */
const AT_ONCE = 64 * 1024;

/** Where the lines come from. */
export interface LineSource {
  readonly lineCount: number;
  /** The text of lines `[first, end)`, each with its line break. */
  lines(first: number, end: number): string;
}

/** One replacement, as VS Code reports it: where it was in the text before it, and the new text. */
export interface LineEdit {
  range: { start: { line: number; character: number }; end: { line: number } };
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

export class LineIntake {
  readonly #tokens: TokenDocument;
  readonly #source: LineSource;
  /** Lines taken in; the offset of the next one is the length of what the document of tokens holds. */
  #lines = 0;
  #linesAtOnce = 256;

  /** @param length UTF-16 units of the whole text. */
  constructor(tokens: TokenDocument, source: LineSource, length: number) {
    this.#tokens = tokens;
    this.#source = source;
    tokens.unread = length;
  }

  /** Whether all lines have been taken in. */
  get done(): boolean {
    return this.#lines >= this.#source.lineCount;
  }

  /** Takes in some lines more. */
  takeIn(): void {
    const end = Math.min(this.#lines + this.#linesAtOnce, this.#source.lineCount);
    const text = this.#source.lines(this.#lines, end);
    this.#tokens.edit({ offset: this.#tokens.length, length: 0, text });
    this.#tokens.unread -= text.length;
    this.#lines = end;
    if (text.length < AT_ONCE / 2) this.#linesAtOnce *= 2;
    else if (text.length > AT_ONCE * 2) this.#linesAtOnce = Math.max(1, this.#linesAtOnce >> 1);
  }

  /** Follows an edit. The source has it already; several at once come from the last place to the first. */
  edit({ range: { start, end }, rangeOffset, rangeLength, text }: LineEdit): void {
    const tokens = this.#tokens;
    if (end.line < this.#lines) {
      tokens.edit({ offset: rangeOffset, length: rangeLength, text });
      this.#lines += lineBreaks(text) - (end.line - start.line);
      return;
    }
    tokens.unread += text.length - rangeLength;
    if (start.line >= this.#lines) return;
    // It begins in what was taken in and ends beyond: from its first line on, all is taken in anew.
    const first = rangeOffset - start.character;
    const given = tokens.length - first;
    tokens.edit({ offset: first, length: given, text: "" });
    tokens.unread += given;
    this.#lines = start.line;
  }
}

/** Line breaks as VS Code counts them. */
export function lineBreaks(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) count++;
  }
  return count;
}
