/** Walks over tokens that do not stand for certain bytes of the text, asking the tokenizer for their places. */

import type { TokenSpan } from "../../shared/types.js";
import { ID_BITS } from "./tokenBuffer.js";
import type { PlacedTokens } from "./tokenizer.js";
import type { TokenWalk } from "./tokenSpans.js";

export class PieceWalk implements TokenWalk {
  index = 0;
  /** Where the next token's piece begins, if it is the first of one; else as for every walk. */
  offset = 0;
  /**
   * How many tokens before the next one share its first character with it; -1 before a text whose first piece is not
   * read as it would be further inside.
   */
  inside = 0;
  readonly #tokens: PlacedTokens;
  readonly #text: string;
  readonly #words: Uint32Array;
  /** The piece of the next token, the places of its tokens, and which of them the next one is. */
  #piece = 0;
  #pieceEnd = 0;
  #places: Int32Array = new Int32Array(0);
  #next = 0;

  constructor(tokens: PlacedTokens, text: string, words: Uint32Array) {
    this.#tokens = tokens;
    this.#text = text;
    this.#words = words;
    this.#arrive();
  }

  get done(): boolean {
    return this.index >= this.#words.length;
  }

  get atPiece(): boolean {
    return this.done || this.#next === 0;
  }

  get start(): number {
    return this.done ? this.#text.length : this.#piece + this.#places[2 * this.#next]!;
  }

  step(): void {
    this.index++;
    this.#next++;
    this.#arrive();
  }

  /** Sets the place to the next token's, going over pieces without any. */
  #arrive(): void {
    const { length } = this.#text;
    while (2 * this.#next >= this.#places.length && this.#pieceEnd < length) {
      this.#piece = this.#pieceEnd;
      this.#pieceEnd = this.#tokens.splitter.pieceEnd(this.#text, this.#piece);
      this.#places = this.#tokens.placesIn(this.#text, this.#piece, this.#pieceEnd);
      this.#next = 0;
    }
    if (this.done) {
      this.offset = length;
      this.inside = 0;
    } else if (this.#next === 0) {
      this.offset = this.#piece;
      this.inside = this.#piece === 0 && this.#tokens.continued ? -1 : 0;
    } else {
      this.offset = this.start;
      this.inside =
        this.offset < this.#piece + this.#places[2 * this.#next - 1]! ? Math.max(0, this.inside) + 1 : 0;
    }
  }

  passStartsBefore(offset: number): { index: number; offset: number } {
    const piece = { index: 0, offset: 0 };
    while (!this.done && this.offset < offset) {
      if (this.atPiece) {
        piece.index = this.index;
        piece.offset = this.offset;
      }
      this.step();
    }
    return piece;
  }

  passEndsUpTo(offset: number): void {
    while (!this.done && this.#piece + this.#places[2 * this.#next + 1]! <= offset) this.step();
  }

  take(): TokenSpan {
    const { index, start } = this;
    const id = this.#words[index]! & ID_BITS;
    const end = this.#piece + this.#places[2 * this.#next + 1]!;
    const startsInside = this.inside > 0;
    this.step();
    return { index, id, start, end, startsInside, endsInside: this.inside > 0 };
  }
}
