/** Bytes -> UTF-16: where tokens lie in the text, counted from their bytes and never by decoding them singly. */

import type { TokenSpan } from "../../shared/types.js";
import { PieceWalk } from "./pieceWalk.js";
import { ID_BITS, PIECE_START } from "./tokenBuffer.js";
import type { PlacedTokens, TokenBytes } from "./tokenizer.js";

const LOWER_ONE_EIGHTH_BLOCK = 0x2581;

/** Goes over the tokens of a text from the first to the last. */
export interface TokenWalk {
  /** The token that is next. */
  readonly index: number;
  /** Start of the character that the next token begins at or in; of its piece, if that begins with text of no token. */
  readonly offset: number;
  /** Above 0 where earlier tokens have taken a part of that character. */
  readonly inside: number;
  readonly done: boolean;
  /** Whether the next token is the first of its piece; true at the end. */
  readonly atPiece: boolean;
  /** Start of the character that the next token begins at or in. */
  readonly start: number;
  /** Goes past the next token. */
  step(): void;
  /**
   * Goes past the tokens that begin before `offset`.
   * @returns where the last piece that begins before it begins; the start of the text where none does.
   */
  passStartsBefore(offset: number): { index: number; offset: number };
  /** Goes past the tokens that touch no character from `offset` on. */
  passEndsUpTo(offset: number): void;
  /** The next token as a span, going past it. `index` counts from the start of this walk's text. */
  take(): TokenSpan;
}

/**
 * Begins to walk over the tokens of a text.
 * @param words ids of the text's tokens, with or without `PIECE_START`.
 * @param ascii whether the text is known to be ASCII, which makes each step a single addition.
 */
export function walkTokens(
  vocabulary: TokenBytes | PlacedTokens,
  text: string,
  words: Uint32Array,
  ascii: boolean,
): TokenWalk {
  return isPlaced(vocabulary)
    ? new PieceWalk(vocabulary, text, words)
    : new SpanWalk(vocabulary, text, words, ascii);
}

function isPlaced(vocabulary: TokenBytes | PlacedTokens): vocabulary is PlacedTokens {
  return "placesIn" in vocabulary && vocabulary.placesIn !== undefined;
}

/** Walks over the tokens of a text, keeping the place in UTF-16 units and, inside a character, in bytes. */
class SpanWalk implements TokenWalk {
  index = 0;
  /** Start of the character that the next token begins at or in. */
  offset = 0;
  /**
   * Bytes of that character that earlier tokens have taken; 0 on a border of characters, and -1 before a text that
   * is read with a space in front of it.
   */
  inside: number;
  readonly #vocabulary: TokenBytes;
  readonly #text: string;
  readonly #words: Uint32Array;
  readonly #ascii: boolean;

  constructor(vocabulary: TokenBytes, text: string, words: Uint32Array, ascii: boolean) {
    this.#vocabulary = vocabulary;
    this.#text = text;
    this.#words = words;
    this.#ascii = ascii;
    this.inside = vocabulary.spacePrefix ? -1 : 0;
  }

  get done(): boolean {
    return this.index >= this.#words.length;
  }

  get atPiece(): boolean {
    return this.done || this.#words[this.index]! >= PIECE_START;
  }

  get start(): number {
    return this.offset;
  }

  step(): void {
    let bytes = this.#vocabulary.byteLength(this.#words[this.index++]! & ID_BITS);
    if (this.#ascii) {
      this.offset += bytes + this.inside;
      this.inside = 0;
      return;
    }
    while (bytes > 0) {
      const width = this.#characterBytes();
      if (bytes < width - this.inside) {
        this.inside += bytes;
        return;
      }
      bytes -= width - this.inside;
      this.offset += width === 4 ? 2 : 1;
      this.inside = 0;
    }
  }

  passStartsBefore(offset: number): { index: number; offset: number } {
    const words = this.#words;
    const piece = { index: 0, offset: 0 };
    if (this.#ascii && this.inside === 0) {
      this.#passBytes(offset, piece);
      return piece;
    }
    while (this.index < words.length && this.offset < offset) {
      if (words[this.index]! >= PIECE_START) {
        piece.index = this.index;
        piece.offset = this.offset;
      }
      this.step();
    }
    return piece;
  }

  /** As `passStartsBefore`, where each byte is a character: most of what an edit costs is spent here. */
  #passBytes(until: number, piece: { index: number; offset: number }): void {
    const words = this.#words;
    const vocabulary = this.#vocabulary;
    let { index, offset } = this;
    for (; index < words.length && offset < until; index++) {
      const word = words[index]!;
      if (word >= PIECE_START) {
        piece.index = index;
        piece.offset = offset;
      }
      offset += vocabulary.byteLength(word & ID_BITS);
    }
    this.index = index;
    this.offset = offset;
  }

  passEndsUpTo(offset: number): void {
    if (this.#ascii && this.inside === 0) {
      const words = this.#words;
      const vocabulary = this.#vocabulary;
      let { index, offset: end } = this;
      for (; index < words.length; index++) {
        const next = end + vocabulary.byteLength(words[index]! & ID_BITS);
        if (next > offset) break;
        end = next;
      }
      this.index = index;
      this.offset = end;
      return;
    }
    while (this.index < this.#words.length) {
      const { index, offset: start, inside } = this;
      this.step();
      if (this.#end() <= offset) continue;
      this.index = index;
      this.offset = start;
      this.inside = inside;
      return;
    }
  }

  take(): TokenSpan {
    const index = this.index;
    const id = this.#words[index]! & ID_BITS;
    const start = this.offset;
    const startsInside = this.inside > 0;
    this.step();
    return { index, id, start, end: this.#end(), startsInside, endsInside: this.inside > 0 };
  }

  /** The end of the last character that the tokens so far touch. */
  #end(): number {
    return this.inside > 0 ? this.offset + (this.#characterBytes() === 4 ? 2 : 1) : this.offset;
  }

  /** UTF-8 bytes of the character at `offset`; a surrogate without its other half counts as U+FFFD. */
  #characterBytes(): number {
    const unit = this.#text.charCodeAt(this.offset);
    if (unit < 0x80) return 1;
    if (unit < 0x800) return 2;
    if (unit === LOWER_ONE_EIGHTH_BLOCK && this.#vocabulary.blockIsSpace) return 1;
    if ((unit & 0xfc00) !== 0xd800) return 3;
    return (this.#text.charCodeAt(this.offset + 1) & 0xfc00) === 0xdc00 ? 4 : 3;
  }
}

/** The spans of a text's tokens. */
export function tokenSpans(
  vocabulary: TokenBytes | PlacedTokens,
  text: string,
  ids: Uint32Array,
): TokenSpan[] {
  const walk = walkTokens(vocabulary, text, ids, false);
  const spans: TokenSpan[] = [];
  while (!walk.done) spans.push(walk.take());
  return spans;
}
