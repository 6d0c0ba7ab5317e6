/**
 * Text -> tokens in WebAssembly (AssemblyScript): splits UTF-8 into pieces, looks each up or merges it. The caller
 * puts the text at `inputAt()` and takes `written()` tokens from `outputAt()`.
 */

import { backtrack, fillLengths } from "./backtrack";
import {
  findPhrase,
  findWord,
  keepPhrase,
  keepWord,
  LONGEST_PHRASE,
  LONGEST_WORD,
  phraseTokens,
} from "./cache";
import { input, JOINT, layTable, layText, longestToken, NO_RANK, output, SCRATCH, tableAt } from "./memory";
import { fillTables, lengthOf, merge, startOf, wholeToken } from "./merge";
import { begin, classifyAscii, forgetEnd, pieceEnd, reachedEnd } from "./splitter";

export { layTable, layText, tableAt };

/** Marks the first token of a piece, as in ../../tokenBuffer.ts. */
const PIECE_START: u32 = 0x80000000;
/** Up to this many bytes, merging is faster than looking for the tokens from left to right. */
const MERGED_BYTES: u32 = 24;
/** So many times the longest token's bytes at the end of a part may still change with what follows it. */
const UNSETTLED: u32 = 2;

/** Where the next token goes. */
let out: usize = 0;

/** Makes what is looked up from the table, which is in its place by now. */
export function prepare(): void {
  classifyAscii();
  fillTables();
  fillLengths();
}

export function inputAt(): usize {
  return input;
}

export function outputAt(): usize {
  return output;
}

/** Tokens that lie at `outputAt()`. */
export function written(): u32 {
  return <u32>((out - output) >> 2);
}

/**
 * Encodes the first `length` bytes of the input, as far as what follows cannot change it; to the end where `final`.
 * @param rule number of the pre-tokeniser.
 * @returns bytes that were encoded.
 */
export function encode(rule: u32, length: u32, final: bool): u32 {
  const end = input + length;
  begin(end);
  out = output;
  let at = input;
  while (at < end) {
    forgetEnd();
    const after = pieceEnd(rule, at);
    if (reachedEnd && !final) break;
    encodeOne(at, <u32>(after - at));
    at = after;
  }
  return <u32>(at - input);
}

/** Encodes the first `length` bytes of the input as one piece. */
export function encodePiece(length: u32): void {
  out = output;
  encodeOne(input, length);
}

function encodeOne(at: usize, length: u32): void {
  if (length <= LONGEST_WORD) {
    const entry = findWord(at, length);
    if (entry !== 0) {
      // Four numbers are copied whatever their count: the output has room for them.
      const count = load<u32>(entry);
      v128.store(out, v128.load(entry, 4));
      store<u32>(out, load<u32>(out) | PIECE_START);
      out += (<usize>count) << 2;
      return;
    }
  }
  const phrase = length > LONGEST_PHRASE ? <usize>0 : findPhrase(at, length);
  if (phrase !== 0) {
    const count = load<u32>(phrase, 4);
    const tokens = phraseTokens(phrase);
    // By fours, as above: a call to copy memory costs more than what is copied.
    for (let i: usize = 0; i < (<usize>count) << 2; i += 16) v128.store(out + i, v128.load(tokens + i));
    store<u32>(out, load<u32>(out) | PIECE_START);
    out += (<usize>count) << 2;
    return;
  }
  let count: u32 = 1;
  const whole = wholeToken(at, length);
  if (whole !== NO_RANK) store<u32>(out, whole);
  else if (length > MERGED_BYTES) count = backtrack(at, length, NO_RANK, out);
  else count = merge(at, length, 1, out);
  if (length <= LONGEST_PHRASE && (length > LONGEST_WORD || !keepWord(out, count))) {
    keepPhrase(at, length, out, count);
  }
  store<u32>(out, load<u32>(out) | PIECE_START);
  out += (<usize>count) << 2;
}

/** Merges the first `length` bytes of the input until `leave` parts are left or none can merge. */
export function mergeInput(length: u32, leave: u32): void {
  out = output + ((<usize>merge(input, length, leave, output)) << 2);
}

/**
 * Encodes the first `length` bytes of the input, which are a part of a piece, as far as what follows cannot change
 * it; to the end where `final`. It is exact if the parts behind it succeed, too.
 * @param before the last token in front of them, or NO_RANK at the start of the piece.
 * @returns bytes that were encoded, or -1 where what is in front would have to change.
 */
export function encodePart(length: u32, final: bool, before: u32): i32 {
  out = output;
  if (before !== NO_RANK) memory.copy(input - lengthOf(before), startOf(before), lengthOf(before));
  let count = backtrack(input, length, before, output);
  if (count === 0) return -1;
  let encoded = length;
  if (!final) {
    const settled = <i32>length - <i32>(UNSETTLED * longestToken);
    while (count > 0 && <i32>encoded > settled)
      encoded -= lengthOf(load<u32>(output + ((<usize>--count) << 2)));
  }
  out += (<usize>count) << 2;
  return <i32>encoded;
}

/** Whether two tokens, merged from their bytes together, come out as themselves. */
export function stayApart(left: u32, right: u32): bool {
  const leftLength = lengthOf(left);
  const rightLength = lengthOf(right);
  memory.copy(JOINT, startOf(left), leftLength);
  memory.copy(JOINT + leftLength, startOf(right), rightLength);
  const count = merge(JOINT, leftLength + rightLength, 1, SCRATCH);
  return count === 2 && load<u32>(SCRATCH) === left && load<u32>(SCRATCH, 4) === right;
}
