/** A short text as the panel "Why Did It Split Here?" shows it: its pieces, their tokens, and one of them closely. */

import {
  MOST_REPLAYED_BYTES,
  MOST_SPLIT_CHARACTERS,
  type PieceDetail,
  type SplitPiece,
  type SplitView,
} from "../../shared/panels/split.js";
import { ID_BITS, TokenBuffer } from "./tokenBuffer.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * Cuts a text and looks closely at the piece that holds the character at `at`; at the end of the text, the last one.
 * Text beyond `MOST_SPLIT_CHARACTERS` is not looked at.
 */
export function splitView(tokenizer: Tokenizer, wholeText: string, at: number): Omit<SplitView, "ms"> {
  const text = wholeText.slice(0, MOST_SPLIT_CHARACTERS);
  const { pieceEnd, patterns = [] } = tokenizer.splitter;
  const pieces: SplitPiece[] = [];
  const tokens = new TokenBuffer();
  for (let start = 0; start < text.length; ) {
    const end = pieceEnd(text, start);
    tokens.clear();
    tokenizer.encodePiece(text, start, end, tokens);
    pieces.push({
      start,
      end,
      tokens: Array.from(tokens.words.subarray(0, tokens.length), (word) => {
        const id = word & ID_BITS;
        return { id, bytes: tokenizer.bytesOf(id) };
      }),
    });
    start = end;
  }
  const found = pieces.findIndex(({ end }) => at < end);
  const chosen = found < 0 ? pieces.length - 1 : found;
  const piece = pieces[chosen];
  return {
    tokenizer: tokenizer.name,
    patterns,
    pieces,
    chosen,
    detail: piece && pieceDetail(tokenizer, text, piece),
  };
}

function pieceDetail(tokenizer: Tokenizer, text: string, { start, end }: SplitPiece): PieceDetail {
  const whole = new TextEncoder().encode(text.slice(start, end));
  let length = Math.min(whole.length, MOST_REPLAYED_BYTES);
  // Back to the first byte of a character.
  while (length < whole.length && (whole[length]! & 0xc0) === 0x80) length--;
  const bytes = whole.slice(0, length);
  return {
    bytes,
    byteCount: whole.length,
    replay: tokenizer.replay(bytes),
  };
}
