/** Finds the place in the text that each token of a model stands for, by its bytes. */

import type { ModelToken, PlacedModelToken } from "../../shared/types.js";

const SPACE = 0x20;
/** `▁` (U+2581) in UTF-8: SentencePiece reads it as a space. */
const LOWER_ONE_EIGHTH_BLOCK = [0xe2, 0x96, 0x81] as const;
const WHITESPACE = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

/** Where each byte of a text's UTF-8 form lies in its UTF-16 form. */
interface ByteMap {
  bytes: Uint8Array;
  /** (bytes + 1): the first UTF-16 unit of the character that the byte belongs to; the text's length at the end. */
  start: Uint32Array;
  /** (bytes): the UTF-16 unit after that character. */
  end: Uint32Array;
  /** (bytes + 1): 1 where a character begins, and at the end. */
  boundary: Uint8Array;
}

function mapBytes(text: string): ByteMap {
  const bytes = new TextEncoder().encode(text);
  const start = new Uint32Array(bytes.length + 1);
  const end = new Uint32Array(bytes.length);
  const boundary = new Uint8Array(bytes.length + 1);
  let unit = 0;
  let byte = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    // A lone surrogate is encoded as U+FFFD: three bytes.
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    boundary[byte] = 1;
    start.fill(unit, byte, byte + length);
    end.fill(unit + character.length, byte, byte + length);
    byte += length;
    unit += character.length;
  }
  start[bytes.length] = text.length;
  boundary[bytes.length] = 1;
  return { bytes, start, end, boundary };
}

/** How many bytes of the text at `at` the token's bytes from `from` on stand for; -1 when they do not fit. */
function matchedBytes(token: Uint8Array, from: number, text: Uint8Array, at: number): number {
  let cursor = at;
  for (let i = from; i < token.length; i++) {
    if (token[i] === text[cursor]) cursor++;
    else if (token[i] === SPACE && LOWER_ONE_EIGHTH_BLOCK.every((byte, n) => text[cursor + n] === byte))
      cursor += LOWER_ONE_EIGHTH_BLOCK.length;
    else return -1;
  }
  return cursor - at;
}

/** Whether the tokenizer put a space before the text, which the text does not have. */
function hasSpacePrefix(text: Uint8Array, tokens: readonly ModelToken[]): boolean {
  const first = tokens.find((token) => token.bytes.length > 0);
  if (first?.bytes[0] !== SPACE) return false;
  let cursor = 0;
  let prefixed = 0;
  let fitsPlain = true;
  let fitsPrefixed = true;
  for (const token of tokens) {
    const plain: number = fitsPlain ? matchedBytes(token.bytes, 0, text, cursor) : -1;
    const withPrefix: number = fitsPrefixed
      ? matchedBytes(token.bytes, token === first ? 1 : 0, text, prefixed)
      : -1;
    fitsPlain &&= plain >= 0;
    fitsPrefixed &&= withPrefix >= 0;
    cursor += plain;
    prefixed += withPrefix;
  }
  return (fitsPrefixed && prefixed === text.length) || (!fitsPlain && text[0] !== SPACE);
}

/**
 * Places the tokens of a text. The tokenizer may have put a space in front (SentencePiece), read `▁` as a space,
 * swallowed whitespace beside a special token, or normalised characters; the place is then that of the text
 * which the token replaces.
 * @param tokens in order; control tokens that the text spells out by name (a rendered prompt) cover their name,
 *   others lie between two characters with `start === end`.
 */
export function placeTokens(text: string, tokens: readonly ModelToken[]): PlacedModelToken[] {
  const map = mapBytes(text);
  const { bytes } = map;
  const encoder = new TextEncoder();
  let awaitsPrefix = hasSpacePrefix(bytes, tokens);
  let cursor = 0;

  function place(token: ModelToken, from: number, to: number): PlacedModelToken {
    cursor = to;
    const empty = to === from;
    return {
      ...token,
      start: map.start[from]!,
      end: empty ? map.start[from]! : map.end[to - 1]!,
      startsInside: !empty && map.boundary[from] === 0,
      endsInside: !empty && map.boundary[to] === 0,
    };
  }

  return tokens.map((token) => {
    if (token.bytes.length === 0) {
      const named = token.special ? matchedBytes(encoder.encode(token.name), 0, bytes, cursor) : -1;
      return place(token, cursor, cursor + Math.max(0, named));
    }
    const skip = awaitsPrefix ? 1 : 0;
    awaitsPrefix = false;
    const direct = matchedBytes(token.bytes, skip, bytes, cursor);
    if (direct >= 0) return place(token, cursor, cursor + direct);
    // Whitespace beside a special token may have been swallowed.
    let start = cursor;
    while (start < bytes.length && WHITESPACE.has(bytes[start]!)) start++;
    const later = matchedBytes(token.bytes, skip, bytes, start);
    if (later >= 0) return place(token, start, start + later);
    // The tokenizer normalised the text: count characters instead of bytes.
    let characters = [...new TextDecoder().decode(token.bytes.subarray(skip))].length;
    let end = cursor;
    while (end < bytes.length && characters > 0) {
      end++;
      if (map.boundary[end] === 1) characters--;
    }
    return place(token, cursor, end);
  });
}
