/**
 * Text -> tokens in WebAssembly (AssemblyScript): splits UTF-8 into pieces, looks each up or merges it. The caller
 * puts the text at `inputAt()` and takes `written()` tokens from `outputAt()`.
 */

import {
  findPhrase,
  findWord,
  keepPhrase,
  keepWord,
  LONGEST_PHRASE,
  LONGEST_WORD,
  phraseTokens,
} from "./cache";
import { input, JOINT, layTable, layText, merged, NO_RANK, output, tableAt } from "./memory";
import { fillTables, lengthOf, merge, sameBytes, startOf, wholeToken } from "./merge";
import { begin, classifyAscii, forgetEnd, pieceEnd, reachedEnd } from "./splitter";

export { layTable, layText, tableAt };

/** Marks the first token of a piece, as in ../../tokenBuffer.ts. */
const PIECE_START: u32 = 0x80000000;
/** Pieces of more bytes than this are merged in windows of this many. */
const WINDOW: u32 = 256;
/** Tokens at the end of a window that may still change with what follows it. */
const UNSETTLED: u32 = 4;

/** Where the next token goes. */
let out: usize = 0;

/** Makes what is looked up from the table, which is in its place by now. */
export function prepare(): void {
  classifyAscii();
  fillTables();
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
  } else if (length > LONGEST_PHRASE) {
    const first = out;
    encodeLongPiece(at, length);
    store<u32>(first, load<u32>(first) | PIECE_START);
    return;
  }
  const phrase = findPhrase(at, length);
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
  else count = merge(at, length, 1, out);
  if (length > LONGEST_WORD || !keepWord(out, count)) keepPhrase(at, length, out, count);
  store<u32>(out, load<u32>(out) | PIECE_START);
  out += (<usize>count) << 2;
}

/** Merges the first `length` bytes of the input until `leave` parts are left or none can merge. */
export function mergeInput(length: u32, leave: u32): void {
  out = output + ((<usize>merge(input, length, leave, output)) << 2);
}

// A long piece, window by window. Tokens stand next to one another in the merge of a whole exactly where each two
// neighbours, merged by themselves, stay as they are: up to the first merge that would cross a border the two would
// have merged in the same order alone. So it is enough to check the joints.

/** The token before the joint at hand, or NO_RANK at the start of the piece. */
let before: u32 = NO_RANK;
/** The joint that was checked last, and held. */
let jointLeft: u32 = NO_RANK;
let jointRight: u32 = NO_RANK;

function encodeLongPiece(at: usize, length: u32): void {
  const first = out;
  const whole = wholeToken(at, length);
  if (whole !== NO_RANK) {
    store<u32>(out, whole);
    out += 4;
    return;
  }
  for (let window = WINDOW; ; window *= 4) {
    out = first;
    before = NO_RANK;
    if (encodeWindows(at, at + length, true, window) === at + length) return;
  }
}

/** Begins a piece that is too long for the input, or goes on behind the token `last` of it. */
export function resumeLongPiece(last: u32): void {
  before = last;
}

/**
 * Encodes the next `length` bytes of such a piece, as far as what follows cannot change it; to its end where `final`.
 * @returns bytes that were encoded, or -1 where windows of this size do not fit together: then the piece is to be
 * encoded from its start in larger ones.
 */
export function encodeLongPart(length: u32, final: bool, window: u32): i32 {
  out = output;
  const reached = encodeWindows(input, input + length, final, window);
  return reached === 0 ? -1 : <i32>(reached - input);
}

/** @returns the end of what was encoded, or 0 where a joint does not hold. */
function encodeWindows(at: usize, end: usize, final: bool, window: u32): usize {
  let last: usize = 0;
  let lastLength: u32 = 0;
  let count: u32 = 0;
  while (at < end) {
    const length = <u32>min(<usize>window, end - at);
    const toEnd = at + length === end;
    if (toEnd && !final) return at;
    // The same bytes merge to the same tokens: runs of one letter and the like need one window only.
    if (length !== lastLength || !sameBytes(last, at, length)) count = merge(at, length, 1, merged);
    last = at;
    lastLength = length;
    if (before !== NO_RANK && !stayApart(before, load<u32>(merged))) return 0;
    if (!toEnd && count <= UNSETTLED) return 0;
    const settled = toEnd ? count : count - UNSETTLED;
    for (let i: usize = 0; i < settled; i++) {
      before = load<u32>(merged + (i << 2));
      store<u32>(out, before);
      out += 4;
      at += lengthOf(before);
    }
  }
  return at;
}

/** Whether two tokens, merged from their bytes together, come out as themselves. */
export function stayApart(left: u32, right: u32): bool {
  if (left === jointLeft && right === jointRight) return true;
  const leftLength = lengthOf(left);
  const rightLength = lengthOf(right);
  memory.copy(JOINT, startOf(left), leftLength);
  memory.copy(JOINT + leftLength, startOf(right), rightLength);
  const tokens = JOINT + 0x8000;
  const count = merge(JOINT, leftLength + rightLength, 1, tokens);
  if (count !== 2 || load<u32>(tokens) !== left || load<u32>(tokens, 4) !== right) return false;
  jointLeft = left;
  jointRight = right;
  return true;
}
