/**
 * The pre-tokenisers: they cut a text into pieces, and no token ever crosses the border of a piece.
 *
 * Each is written out by hand from the regular expression of its encoding, alternative by alternative, and the
 * tests hold it against that expression. By hand, because V8's regular expressions overflow their stack on runs
 * of some millions of letters, and because an incremental encoder must know how far each decision looks ahead.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import {
  CASELESS,
  classOf,
  codeAt,
  endOfRun,
  LETTER,
  LOWER,
  MARK,
  NEWLINE,
  NUMBER,
  OTHER,
  SPACE,
  startOfCharacter,
  startOfRun,
  UPPER,
  WHITESPACE,
} from "./characterClasses.js";
import type { PieceEnd, Splitter } from "./tokenizer.js";

/** `[^\s\p{L}\p{N}]` */
const SYMBOL = MARK | OTHER;
/** `[^\r\n\p{L}\p{N}]` */
const PREFIX = MARK | OTHER | SPACE;
/** o200k's `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` */
const UPPER_RUN = UPPER | CASELESS | MARK;
const LOWER_RUN = LOWER | CASELESS | MARK;

const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;

function width(code: number): number {
  return code > 0xffff ? 2 : 1;
}

/**
 * The end of `'s 't 're 've 'm 'll 'd` at `start`, or `start` where there is none.
 * @param fold 0x20 takes capitals too, 0 does not.
 */
function endOfContraction(text: string, start: number, fold: 0x20 | 0): number {
  if (text.charCodeAt(start) !== APOSTROPHE) return start;
  switch (text.charCodeAt(start + 1) | fold) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return start + 2;
    case 0x72: // re
    case 0x76: // ve
      return (text.charCodeAt(start + 2) | fold) === 0x65 ? start + 3 : start;
    case 0x6c: // ll
      return (text.charCodeAt(start + 2) | fold) === 0x6c ? start + 3 : start;
    default:
      return start;
  }
}

/** `\p{N}{1,3}` at a number. */
function endOfDigits(text: string, start: number): number {
  let index = start;
  for (let digits = 0; digits < 3 && index < text.length; digits++) {
    const code = codeAt(text, index);
    if (classOf(code) !== NUMBER) break;
    index += width(code);
  }
  return index;
}

/** `\s+(?!\S)|\s+` at white space: all of the run but the last character, which goes to what follows. */
function endOfSpaces(text: string, start: number): number {
  const end = endOfRun(text, start, WHITESPACE);
  return end === text.length || end - start === 1 ? end : end - 1;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+` at white space: up to the last line break of the run, where there is one. */
function endOfSpacesOrLines(text: string, start: number): number {
  const end = endOfRun(text, start, WHITESPACE);
  for (let index = end - 1; index >= start; index--) {
    if (classOf(text.charCodeAt(index)) === NEWLINE) return index + 1;
  }
  return end === text.length || end - start === 1 ? end : end - 1;
}

/** gpt2, r50k_base, p50k_base. */
const gpt2PieceEnd: PieceEnd = (text, start) => {
  const contraction = endOfContraction(text, start, 0);
  if (contraction > start) return contraction;
  const body = text.charCodeAt(start) === BLANK ? start + 1 : start;
  const kind = body < text.length ? classOf(codeAt(text, body)) : SPACE;
  if (kind & LETTER) return endOfRun(text, body, LETTER);
  if (kind & NUMBER) return endOfRun(text, body, NUMBER);
  if (kind & SYMBOL) return endOfRun(text, body, SYMBOL);
  return endOfSpaces(text, start);
};

const cl100kPieceEnd: PieceEnd = (text, start) => {
  const contraction = endOfContraction(text, start, 0x20);
  if (contraction > start) return contraction;
  const code = codeAt(text, start);
  const kind = classOf(code);
  if (kind & LETTER) return endOfRun(text, start, LETTER);
  if (kind & PREFIX) {
    const body = start + width(code);
    const end = endOfRun(text, body, LETTER);
    if (end > body) return end;
  }
  if (kind & NUMBER) return endOfDigits(text, start);
  const body = code === BLANK ? start + 1 : start;
  const symbols = endOfRun(text, body, SYMBOL);
  if (symbols > body) return endOfRun(text, symbols, NEWLINE);
  return endOfSpacesOrLines(text, start);
};

const o200kPieceEnd: PieceEnd = (text, start) => {
  const code = codeAt(text, start);
  const kind = classOf(code);
  if (kind & (LETTER | PREFIX)) {
    const word = endOfCasedWord(text, start, kind, width(code));
    if (word > start) return endOfContraction(text, word, 0x20);
  }
  if (kind & NUMBER) return endOfDigits(text, start);
  const body = code === BLANK ? start + 1 : start;
  let symbols = endOfRun(text, body, SYMBOL);
  if (symbols > body) {
    while (symbols < text.length) {
      const next = text.charCodeAt(symbols);
      if (next !== SLASH && classOf(next) !== NEWLINE) break;
      symbols++;
    }
    return symbols;
  }
  return endOfSpacesOrLines(text, start);
};

/**
 * o200k's two word alternatives, without their contraction: `P?U*L+`, else `P?U+L*`, where P is PREFIX, U is
 * UPPER_RUN and L is LOWER_RUN. Answers `start` where neither matches.
 */
function endOfCasedWord(text: string, start: number, kind: number, firstWidth: number): number {
  const body = kind & PREFIX ? start + firstWidth : start;
  let index = body;
  // Where U* may give way to L+: behind the last character that belongs to both.
  let lastShared = -1;
  let next = 0;
  while (index < text.length) {
    const code = codeAt(text, index);
    next = classOf(code);
    if ((next & UPPER_RUN) === 0) break;
    index += width(code);
    if (next & LOWER_RUN) lastShared = index;
  }
  if (index < text.length && next === LOWER) return endOfRun(text, index, LOWER_RUN);
  if (lastShared > 0) return lastShared;
  // A mark that could not be the prefix of anything is itself L+.
  if (kind === MARK) return start + firstWidth;
  return index > body ? index : start;
}

const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const CONTRACTIONS = "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)";
const CL100K_PATTERN = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const O200K_PATTERN = [
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${CONTRACTIONS}?`,
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${CONTRACTIONS}?`,
  "\\p{N}{1,3}",
  " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
  "\\s*[\\r\\n]+",
  "\\s+(?!\\S)",
  "\\s+",
].join("|");

const KNOWN = new Map<string, PieceEnd>([
  [GPT2_PATTERN, gpt2PieceEnd],
  [CL100K_PATTERN, cl100kPieceEnd],
  [O200K_PATTERN, o200kPieceEnd],
]);

/** The pre-tokenisers that the kernel knows too, in the order of its numbers. */
export const KERNEL_RULES: readonly PieceEnd[] = [gpt2PieceEnd, cl100kPieceEnd, o200kPieceEnd];

/** UTF-16 units that `pieceEndInSteps` reads between two steps. */
const STEP = 32 * 1024;
/** Classes of which no pre-tokeniser here remembers how long a run of them is. */
const RUNS = [UPPER, LOWER, CASELESS, OTHER, SPACE];

/**
 * The end of the piece at `start`, handing control back on the way through a long one. A piece that starts, behind a
 * blank at most, with a run of one class goes on behind it as one that starts two characters before its end: none
 * of the pre-tokenisers here remembers more of such a run.
 */
export function* pieceEndInSteps(
  pieceEnd: PieceEnd,
  text: string,
  start: number,
): Generator<void, number, void> {
  const body = text.charCodeAt(start) === BLANK && text.charCodeAt(start + 1) !== BLANK ? start + 1 : start;
  const kind = body < text.length ? classOf(codeAt(text, body)) : 0;
  if (!RUNS.includes(kind) || (kind === SPACE && body !== start)) return pieceEnd(text, start);
  let end = body;
  for (let to = body; end === to && to < text.length; ) {
    yield;
    to = Math.min(end + STEP, text.length);
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to--;
    end += endOfRun(text.slice(end, to), 0, kind);
  }
  if (end - body < STEP) return pieceEnd(text, start);
  const last = startOfCharacter(text, end);
  return pieceEnd(text, startOfCharacter(text, last));
}

/** A half of a character at an end would be another character beside its other half. */
function classOfRun(text: string): number {
  const kind = text === "" ? 0 : classOf(codeAt(text, 0));
  const whole =
    (text.charCodeAt(0) & 0xfc00) !== 0xdc00 && (text.charCodeAt(text.length - 1) & 0xfc00) !== 0xd800;
  return whole && RUNS.includes(kind) && endOfRun(text, 0, kind) === text.length ? kind : 0;
}

/**
 * The hand-written form of a pre-tokeniser's regular expression.
 * @throws GlassboxError `unsupported` for an expression that has none.
 */
export function splitterFor(pattern: string): Splitter {
  const pieceEnd = KNOWN.get(pattern);
  if (pieceEnd) return { pieceEnd, patterns: [pattern], isCertainBorder, settledBefore, classOfRun };
  throw new GlassboxError("unsupported", t("There is no splitter for the pre-tokeniser /{0}/u.", pattern));
}

/**
 * Whether every pre-tokeniser here cuts at `index`, whatever else the text holds: between a letter or number
 * and what can neither continue a word nor begin a contraction. The decision looks at these two characters
 * only, and no piece before looks further than the second.
 */
function isCertainBorder(text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return false;
  const after = codeAt(text, index);
  if (after === APOSTROPHE || (classOf(after) & (WHITESPACE | OTHER)) === 0) return false;
  const start = startOfCharacter(text, index);
  return (
    start + width(codeAt(text, start)) === index && (classOf(codeAt(text, start)) & (LETTER | NUMBER)) !== 0
  );
}

/**
 * A bound on what an edit at `offset` can reach backwards: a piece that ends before the answer looked at nothing
 * at or after `offset`, so it stays as it is. A contraction looks two characters ahead, a run of white space and
 * o200k's upper-case run look to their ends, and a surrogate to its other half.
 */
function settledBefore(text: string, offset: number): number {
  const at = offset > 0 && (text.charCodeAt(offset - 1) & 0xfc00) === 0xd800 ? offset - 1 : offset;
  return Math.min(at - 2, startOfRun(text, at, WHITESPACE), startOfRun(text, at, UPPER));
}
