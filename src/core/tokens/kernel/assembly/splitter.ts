/**
 * The pre-tokenisers of ../../splitter.ts over UTF-8 (AssemblyScript); the tests hold both to the regular
 * expressions. A scan that comes to the end of the text says so in `reachedEnd`: more text might change it.
 */

import { CLASSES, FAR, KINDS } from "./memory";

/** The class of a code point, asked once of the engine that the kernel runs in. */
declare function classify(code: u32): u32;

// As in ../../characterClasses.ts.
const UPPER: u32 = 1;
const LOWER: u32 = 2;
const CASELESS: u32 = 4;
const MARK: u32 = 8;
const NUMBER: u32 = 16;
const SPACE: u32 = 32;
const NEWLINE: u32 = 64;
const OTHER: u32 = 128;
const LETTER: u32 = UPPER | LOWER | CASELESS;
const WHITESPACE: u32 = SPACE | NEWLINE;
const SYMBOL: u32 = MARK | OTHER;
const PREFIX: u32 = MARK | OTHER | SPACE;
const UPPER_RUN: u32 = UPPER | CASELESS | MARK;
const LOWER_RUN: u32 = LOWER | CASELESS | MARK;

const BLANK: u32 = 0x20;
const APOSTROPHE: u32 = 0x27;
const SLASH: u32 = 0x2f;

/** End of the text. */
export let end: usize = 0;
export let reachedEnd: bool = false;
/** Bytes of the character that `classAt` has looked at. */
let width: usize = 1;

/** Asks for the classes that are looked up without asking. */
export function classifyAscii(): void {
  for (let code: u32 = 0; code < 0x80; code++) {
    const found = <u8>classify(code);
    store<u8>(CLASSES + code, found);
    store<u8>(KINDS + code, found);
  }
  for (let byte: u32 = 0x80; byte < 0x100; byte++) store<u8>(KINDS + byte, <u8>FAR);
}

/** @param textEnd behind it there is room for one byte. */
export function begin(textEnd: usize): void {
  end = textEnd;
  // So that the end is FAR, too.
  store<u8>(end, 0xff);
}

export function forgetEnd(): void {
  reachedEnd = false;
}

function classOfFar(at: usize, lead: u32): u32 {
  let code: u32;
  const second = <u32>load<u8>(at, 1) & 0x3f;
  if (lead < 0xe0) {
    width = 2;
    code = ((lead & 0x1f) << 6) | second;
  } else {
    const third = <u32>load<u8>(at, 2) & 0x3f;
    if (lead < 0xf0) {
      width = 3;
      code = ((lead & 0x0f) << 12) | (second << 6) | third;
    } else {
      width = 4;
      code = ((lead & 0x07) << 18) | (second << 12) | (third << 6) | (<u32>load<u8>(at, 3) & 0x3f);
    }
  }
  const found = <u32>load<u8>(CLASSES + code);
  if (found !== 0) return found;
  const asked = classify(code);
  store<u8>(CLASSES + code, <u8>asked);
  return asked;
}

/** The class of the character at `at < end`. */
function classAt(at: usize): u32 {
  const lead = <u32>load<u8>(at);
  if (lead < 0x80) {
    width = 1;
    return <u32>load<u8>(CLASSES + lead);
  }
  return classOfFar(at, lead);
}

function endOfRun(at: usize, mask: u32): usize {
  while (at < end) {
    const lead = <u32>load<u8>(at);
    if (lead < 0x80) {
      if ((load<u8>(CLASSES + lead) & mask) === 0) return at;
      at++;
    } else {
      if ((classOfFar(at, lead) & mask) === 0) return at;
      at += width;
    }
  }
  reachedEnd = true;
  return at;
}

/** The byte at `at`, or 0 behind the end. */
function byteAt(at: usize): u32 {
  if (at < end) return load<u8>(at);
  reachedEnd = true;
  return 0;
}

function endOfContraction(start: usize, fold: u32): usize {
  if (byteAt(start) !== APOSTROPHE) return start;
  switch (byteAt(start + 1) | fold) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return start + 2;
    case 0x72: // re
    case 0x76: // ve
      return (byteAt(start + 2) | fold) === 0x65 ? start + 3 : start;
    case 0x6c: // ll
      return (byteAt(start + 2) | fold) === 0x6c ? start + 3 : start;
    default:
      return start;
  }
}

function endOfDigits(start: usize): usize {
  let at = start;
  for (let digits = 0; digits < 3; digits++) {
    if (at >= end) {
      reachedEnd = true;
      break;
    }
    if (classAt(at) !== NUMBER) break;
    at += width;
  }
  return at;
}

function startOfLast(start: usize, after: usize): usize {
  let at = after - 1;
  while (at > start && (load<u8>(at) & 0xc0) === 0x80) at--;
  return at;
}

function endOfSpaces(start: usize): usize {
  const after = endOfRun(start, WHITESPACE);
  if (after === end) return after;
  const last = startOfLast(start, after);
  return last === start ? after : last;
}

function endOfSpacesOrLines(start: usize): usize {
  const after = endOfRun(start, WHITESPACE);
  for (let at = after; at > start; at--) {
    const byte = load<u8>(at - 1);
    if (byte === 10 || byte === 13) return at;
  }
  if (after === end) return after;
  const last = startOfLast(start, after);
  return last === start ? after : last;
}

function gpt2PieceEnd(start: usize): usize {
  const contraction = endOfContraction(start, 0);
  if (contraction > start) return contraction;
  const body = load<u8>(start) === BLANK ? start + 1 : start;
  if (body === end) {
    reachedEnd = true;
    return body;
  }
  const kind = classAt(body);
  if (kind & LETTER) return endOfRun(body + width, LETTER);
  if (kind & NUMBER) return endOfRun(body + width, NUMBER);
  if (kind & SYMBOL) return endOfRun(body + width, SYMBOL);
  return endOfSpaces(start);
}

function cl100kPieceEnd(start: usize): usize {
  const contraction = endOfContraction(start, 0x20);
  if (contraction > start) return contraction;
  const kind = classAt(start);
  const first = start + width;
  if (kind & LETTER) return endOfRun(first, LETTER);
  if (kind & PREFIX) {
    const after = endOfRun(first, LETTER);
    if (after > first) return after;
  }
  if (kind & NUMBER) return endOfDigits(start);
  const body = load<u8>(start) === BLANK ? start + 1 : start;
  const symbols = endOfRun(body, SYMBOL);
  if (symbols > body) return endOfRun(symbols, NEWLINE);
  return endOfSpacesOrLines(start);
}

function o200kPieceEnd(start: usize): usize {
  const kind = classAt(start);
  if (kind & (LETTER | PREFIX)) {
    const word = endOfCasedWord(start, kind, width);
    if (word > start) return endOfContraction(word, 0x20);
  }
  if (kind & NUMBER) return endOfDigits(start);
  const body = load<u8>(start) === BLANK ? start + 1 : start;
  let symbols = endOfRun(body, SYMBOL);
  if (symbols > body) {
    for (; symbols < end; symbols++) {
      const byte = <u32>load<u8>(symbols);
      if (byte !== SLASH && byte !== 10 && byte !== 13) return symbols;
    }
    reachedEnd = true;
    return symbols;
  }
  return endOfSpacesOrLines(start);
}

function endOfCasedWord(start: usize, kind: u32, firstWidth: usize): usize {
  const body = kind & LETTER ? start : start + firstWidth;
  let at = body;
  let lastShared: usize = 0;
  let kindHere: u32 = 0;
  while (at < end) {
    kindHere = classAt(at);
    if ((kindHere & UPPER_RUN) === 0) break;
    at += width;
    if (kindHere & LOWER_RUN) lastShared = at;
  }
  if (at >= end) reachedEnd = true;
  else if (kindHere === LOWER) return endOfRun(at, LOWER_RUN);
  if (lastShared > 0) return lastShared;
  if (kind === MARK) return start + firstWidth;
  return at > body ? at : start;
}

/**
 * The first byte from `at` on that is none of `a` to `z`, sixteen at once: where a word ends cannot be foretold, and
 * a loop over its letters pays for that each time. Looks at up to 15 bytes behind the end of the text.
 */
function endOfSmallLetters(at: usize): usize {
  let others = 0;
  for (; ; at += 16) {
    const fromA = i8x16.sub(v128.load(at), i8x16.splat(0x61));
    others = i8x16.bitmask(i8x16.ge_u(fromA, i8x16.splat(26)));
    if (others !== 0) break;
  }
  return at + <usize>ctz(others);
}

/**
 * The piece at `start` where ASCII characters alone decide, else 0. It says nothing that the functions above do not
 * say; it says it four times as fast, for most of what people write.
 * @param cased whether words end as in o200k or as in cl100k.
 */
function asciiPieceEnd(start: usize, cased: bool): usize {
  let at = start;
  let kind = load<u8>(KINDS + <usize>load<u8>(at));
  if (kind === FAR) return 0;
  if (kind & (OTHER | SPACE)) {
    if (load<u8>(at) === APOSTROPHE) return 0;
    kind = load<u8>(KINDS + <usize>load<u8>(++at));
  }
  if (kind & LETTER && kind !== FAR) {
    if (cased) {
      while (kind === UPPER) kind = load<u8>(KINDS + <usize>load<u8>(++at));
      if (kind === LOWER) {
        at = endOfSmallLetters(at + 1);
        kind = load<u8>(KINDS + <usize>load<u8>(at));
      }
      if (load<u8>(at) === APOSTROPHE) return 0;
    } else {
      while (kind & LETTER && kind !== FAR) kind = load<u8>(KINDS + <usize>load<u8>(++at));
    }
    return kind === FAR ? 0 : at;
  }
  if (kind === FAR) return 0;
  at = start;
  kind = load<u8>(KINDS + <usize>load<u8>(at));
  if (kind === NUMBER) {
    do kind = load<u8>(KINDS + <usize>load<u8>(++at));
    while (kind === NUMBER && at - start < 3);
    return kind === FAR ? 0 : at;
  }
  if (load<u8>(at) === BLANK) kind = load<u8>(KINDS + <usize>load<u8>(++at));
  if (kind === OTHER) {
    while (kind === OTHER) kind = load<u8>(KINDS + <usize>load<u8>(++at));
    while (kind === NEWLINE || (cased && load<u8>(at) === SLASH)) {
      kind = load<u8>(KINDS + <usize>load<u8>(++at));
    }
    return kind === FAR ? 0 : at;
  }
  at = start;
  kind = load<u8>(KINDS + <usize>load<u8>(at));
  let afterLine: usize = 0;
  while (kind & WHITESPACE && kind !== FAR) {
    at++;
    if (kind === NEWLINE) afterLine = at;
    kind = load<u8>(KINDS + <usize>load<u8>(at));
  }
  if (kind === FAR) return 0;
  if (afterLine > 0) return afterLine;
  return at - start === 1 ? at : at - 1;
}

/** The end of the piece at `start < end`, by pre-tokeniser: 0 gpt2, 1 cl100k, 2 o200k. */
export function pieceEnd(rule: u32, start: usize): usize {
  if (rule === 0) return gpt2PieceEnd(start);
  const after = asciiPieceEnd(start, rule === 2);
  if (after > 0) return after;
  return rule === 2 ? o200kPieceEnd(start) : cl100kPieceEnd(start);
}
