/** Which of the pre-tokenisers' character classes a character belongs to, asked of the engine's own Unicode. */

/** Lu, Lt: letters that only an upper-case run takes. */
export const UPPER = 1;
/** Ll: letters that only a lower-case run takes. */
export const LOWER = 2;
/** Lm, Lo: letters without case; both runs take them. */
export const CASELESS = 4;
/** M: combining marks; no letters, yet both runs take them. */
export const MARK = 8;
/** N */
export const NUMBER = 16;
/** `\s` other than line breaks. */
export const SPACE = 32;
/** CR and LF. */
export const NEWLINE = 64;
/** Everything else, lone surrogates too. */
export const OTHER = 128;

export const LETTER = UPPER | LOWER | CASELESS;
export const WHITESPACE = SPACE | NEWLINE;

// One byte a code point, filled as characters are met: the system hands out its pages when they are touched.
const classes = new Uint8Array(0x110000);
for (let code = 0; code < 0x80; code++) classify(code);

function classify(code: number): number {
  const character = String.fromCodePoint(code);
  let found = OTHER;
  if (code === 10 || code === 13) found = NEWLINE;
  else if (/\s/u.test(character)) found = SPACE;
  else if (/[\p{Lu}\p{Lt}]/u.test(character)) found = UPPER;
  else if (/\p{Ll}/u.test(character)) found = LOWER;
  else if (/[\p{Lm}\p{Lo}]/u.test(character)) found = CASELESS;
  else if (/\p{M}/u.test(character)) found = MARK;
  else if (/\p{N}/u.test(character)) found = NUMBER;
  classes[code] = found;
  return found;
}

/** The class of a code point, one of the bits above. */
export function classOf(code: number): number {
  return classes[code]! || classify(code);
}

/** The code point at `index`; a surrogate without its other half is its own code point. */
export function codeAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if ((unit & 0xfc00) !== 0xd800) return unit;
  const low = text.charCodeAt(index + 1);
  return (low & 0xfc00) === 0xdc00 ? ((unit - 0xd800) << 10) + (low - 0xdc00) + 0x10000 : unit;
}

/** The first index at or after `start` whose character is in none of the classes of `mask`. */
export function endOfRun(text: string, start: number, mask: number): number {
  const length = text.length;
  let index = start;
  while (index < length) {
    const code = codeAt(text, index);
    if ((classOf(code) & mask) === 0) break;
    index += code > 0xffff ? 2 : 1;
  }
  return index;
}

/** Where the character before `end > 0` starts. */
export function startOfCharacter(text: string, end: number): number {
  const pair =
    end > 1 &&
    (text.charCodeAt(end - 1) & 0xfc00) === 0xdc00 &&
    (text.charCodeAt(end - 2) & 0xfc00) === 0xd800;
  return pair ? end - 2 : end - 1;
}

/** Where the run of characters in `mask` that ends at `end` starts; `end` where there is none. */
export function startOfRun(text: string, end: number, mask: number): number {
  let index = end;
  while (index > 0) {
    const before = startOfCharacter(text, index);
    if ((classOf(codeAt(text, before)) & mask) === 0) break;
    index = before;
  }
  return index;
}
