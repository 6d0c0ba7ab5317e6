/**
 * How SentencePiece vocabularies read a text that spells tokens added by hand: these are cut out first, and each
 * stretch between them is read as if a space stood in front of it (as llama.cpp does).
 */

import type { Splitter } from "./tokenizer.js";
import { splitterWith, UserTokens } from "./userTokens.js";
import type { PieceReading, Word } from "./wordReading.js";

const SPACE = /[ \t-\r]/;

export class SectionReading implements PieceReading {
  readonly cutRun = false;
  readonly readsAnywhere = false;
  readonly #tokens: UserTokens;
  readonly #cut: Splitter;
  readonly #lastCharacters = new Set<string>();
  readonly #swallows: boolean;

  /** @param swallows whether white space behind an added token is left out (Phi-3). */
  constructor(userTokens: ReadonlyMap<string, number>, base: Splitter, swallows: boolean) {
    this.#tokens = new UserTokens(userTokens);
    this.#cut = splitterWith(this.#tokens, base);
    this.#swallows = swallows;
    for (const token of userTokens.keys()) this.#lastCharacters.add([...token].at(-1) ?? "");
  }

  /** A piece that begins with an added token reaches on to what is read with a space in front. */
  readonly pieceEnd = (text: string, start: number): number => {
    const end = this.#cut.pieceEnd(text, start);
    if (this.#tokens.idOf(text, start, end) === undefined) return end;
    const rest = this.#restOf(text, end);
    if (rest >= text.length) return rest;
    const restEnd = this.#cut.pieceEnd(text, rest);
    return this.#tokens.idOf(text, rest, restEnd) === undefined ? restEnd : rest;
  };

  #restOf(text: string, end: number): number {
    let rest = end;
    if (this.#swallows) while (rest < text.length && SPACE.test(text[rest]!)) rest++;
    return rest;
  }

  isCertainBorder(text: string, index: number): boolean {
    if (!this.#cut.isCertainBorder(text, index)) return false;
    const before = String.fromCodePoint(text.codePointAt(index - 1)!);
    const low = before >= "\udc00" && before <= "\udfff" ? text.slice(index - 2, index) : before;
    return !this.#lastCharacters.has(low) && !(this.#swallows && SPACE.test(before));
  }

  settledBefore(text: string, offset: number): number {
    let at = offset;
    while (
      at > 0 &&
      (this.#tokens.hasUnit(text.charCodeAt(at - 1)) || (this.#swallows && SPACE.test(text[at - 1]!)))
    ) {
      at--;
    }
    return Math.min(this.#cut.settledBefore(text, offset), this.#cut.settledBefore(text, at));
  }

  words(piece: string, first: boolean): Word[] {
    const end = this.#cut.pieceEnd(piece, 0);
    const id = this.#tokens.idOf(piece, 0, end);
    if (id === undefined) return [wordOf(piece, 0, first)];
    const words: Word[] = [{ text: piece.slice(0, end), id, starts: [0], ends: [end] }];
    const rest = this.#restOf(piece, end);
    if (rest < piece.length) words.push(wordOf(piece, rest, true));
    return words;
  }
}

/** `piece` from `start` on, with a space in front that is nowhere in the text. */
function wordOf(piece: string, start: number, spaced: boolean): Word {
  const front = spaced ? 1 : 0;
  const length = piece.length - start + front;
  return {
    text: (spaced ? " " : "") + piece.slice(start),
    starts: Int32Array.from({ length }, (_, at) => start + Math.max(0, at - front)),
    ends: Int32Array.from({ length }, (_, at) => start + at + 1 - front),
  };
}
