/**
 * The pre-tokenisers of byte-level GGUF vocabularies, as llama.cpp reads their regular expressions.
 *
 * They are not those of splitter.ts although most began as the same expressions: llama.cpp takes `\s` as Unicode's
 * White_Space (with U+0085, without U+FEFF), knows upper and lower case in ASCII only, and does some in stages, each
 * cutting what those before it left. The tests hold every name in the list against llama.cpp itself.
 */

import { codeAt, startOfCharacter } from "./characterClasses.js";
import type { Splitter } from "./tokenizer.js";

const LETTER = 1;
const MARK = 2;
const NUMBER = 4;
const SPACE = 8;
const NEWLINE = 16;
const PUNCTUATION = 32;
const SYMBOL = 64;
/** Control and format characters, private use, what is not assigned. */
const REST = 128;
const WHITESPACE = SPACE | NEWLINE;
/** `[^\s\p{L}\p{N}]` */
const SIGN = MARK | PUNCTUATION | SYMBOL | REST;

const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const REPLACEMENT = 0xfffd;

const classes = new Uint8Array(0x110000);

function classify(code: number): number {
  const character = String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code);
  let found = REST;
  if (code === 10 || code === 13) found = NEWLINE;
  else if (/\p{White_Space}/u.test(character)) found = SPACE;
  else if (/\p{L}/u.test(character)) found = LETTER;
  else if (/\p{M}/u.test(character)) found = MARK;
  else if (/\p{N}/u.test(character)) found = NUMBER;
  else if (/\p{P}/u.test(character)) found = PUNCTUATION;
  else if (/\p{S}/u.test(character)) found = SYMBOL;
  classes[code] = found;
  return found;
}

function classOf(code: number): number {
  return classes[code] || classify(code);
}

/** The class of the character at `index`; 0 at the end. */
function classAt(text: string, index: number, end: number): number {
  return index < end ? classOf(codeAt(text, index)) : 0;
}

function width(code: number): number {
  return code > 0xffff ? 2 : 1;
}

function endOfRun(text: string, start: number, end: number, mask: number): number {
  let index = start;
  while (index < end) {
    const code = codeAt(text, index);
    if ((classOf(code) & mask) === 0) break;
    index += width(code);
  }
  return index;
}

/** As `endOfRun`, at most `most` characters. */
function endOfFew(text: string, start: number, end: number, mask: number, most: number): number {
  let index = start;
  for (let count = 0; count < most && index < end; count++) {
    const code = codeAt(text, index);
    if ((classOf(code) & mask) === 0) break;
    index += width(code);
  }
  return index;
}

/** A stage: the end of the piece at `start < end`, when the text ends at `end`. */
type Cut = (text: string, start: number, end: number) => number;

/** `'s 't 're 've 'm 'll 'd` at `start`; `fold` 0x20 takes capitals too. */
function endOfContraction(text: string, start: number, end: number, fold: 0x20 | 0): number {
  if (start + 1 >= end || text.charCodeAt(start) !== APOSTROPHE) return start;
  const next = text.charCodeAt(start + 1) | fold;
  if (next === 0x73 || next === 0x74 || next === 0x6d || next === 0x64) return start + 2;
  if (start + 2 >= end) return start;
  const last = text.charCodeAt(start + 2) | fold;
  const fits =
    (next === 0x72 && last === 0x65) || (next === 0x76 && last === 0x65) || (next === 0x6c && last === 0x6c);
  return fits ? start + 3 : start;
}

/** `\s+(?!\S)|\s+` at white space. */
function endOfSpaces(text: string, start: number, end: number): number {
  const run = endOfRun(text, start, end, WHITESPACE);
  return run === end || run - start === 1 ? run : run - 1;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+` at white space. */
function endOfSpacesOrLines(text: string, start: number, end: number): number {
  const run = endOfRun(text, start, end, WHITESPACE);
  for (let index = run - 1; index >= start; index--) {
    if (classOf(text.charCodeAt(index)) === NEWLINE) return index + 1;
  }
  return run === end || run - start === 1 ? run : run - 1;
}

const gpt2: Cut = (text, start, end) => {
  const contraction = endOfContraction(text, start, end, 0);
  if (contraction > start) return contraction;
  const body = text.charCodeAt(start) === BLANK ? start + 1 : start;
  const kind = classAt(text, body, end);
  if (kind & LETTER) return endOfRun(text, body, end, LETTER);
  if (kind & NUMBER) return endOfRun(text, body, end, NUMBER);
  if (kind & SIGN) return endOfRun(text, body, end, SIGN);
  return endOfSpaces(text, start, end);
};

/**
 * The family of cl100k_base.
 * @param digits how many go together.
 * @param word what words are made of; marks, where they belong to words, are no signs.
 * @param lines whether line breaks go with the signs before them.
 */
function words(digits: number, word: number, lines: boolean): Cut {
  const sign = SIGN & ~word;
  return (text, start, end) => {
    const contraction = endOfContraction(text, start, end, 0x20);
    if (contraction > start) return contraction;
    const code = codeAt(text, start);
    const kind = classOf(code);
    if (kind & word) return endOfRun(text, start, end, word);
    if ((kind & (NEWLINE | NUMBER)) === 0) {
      const body = start + width(code);
      const wordEnd = endOfRun(text, body, end, word);
      if (wordEnd > body) return wordEnd;
    }
    if (kind & NUMBER) return endOfFew(text, start, end, NUMBER, digits);
    const body = code === BLANK ? start + 1 : start;
    const signs = endOfRun(text, body, end, sign);
    if (signs > body) return lines ? endOfRun(text, signs, end, NEWLINE) : signs;
    return endOfSpacesOrLines(text, start, end);
  };
}

/** Upper case in ASCII; letters of other alphabets count as both upper and lower. */
function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** The family of o200k_base, with words cut where a capital follows a small letter. */
function casedWords(digits: number, contractions: boolean): Cut {
  return (text, start, end) => {
    const code = codeAt(text, start);
    const kind = classOf(code);
    if ((kind & (NEWLINE | NUMBER)) === 0) {
      const word = endOfCasedWord(text, kind === LETTER ? start : start + width(code), end);
      if (word > start + (kind === LETTER ? 0 : width(code)))
        return contractions ? endOfContraction(text, word, end, 0x20) : word;
    }
    if (kind & NUMBER) return endOfFew(text, start, end, NUMBER, digits);
    const body = code === BLANK ? start + 1 : start;
    let signs = endOfRun(text, body, end, SIGN);
    if (signs > body) {
      while (signs < end) {
        const next = text.charCodeAt(signs);
        if (next !== SLASH && classOf(next) !== NEWLINE) break;
        signs++;
      }
      return signs;
    }
    return endOfSpacesOrLines(text, start, end);
  };
}

/** `U*L+|U+L*` without its prefix; `start` where there is no letter. */
function endOfCasedWord(text: string, start: number, end: number): number {
  let index = start;
  // Where U* may give way to L+: behind the last letter that is both.
  let lastShared = -1;
  let next = 0;
  while (index < end) {
    next = codeAt(text, index);
    if (classOf(next) !== LETTER || isLower(next)) break;
    index += width(next);
    if (!isUpper(next)) lastShared = index;
  }
  const endsLower = index < end && isLower(next);
  if (!endsLower) return lastShared > 0 ? lastShared : index;
  while (index < end) {
    next = codeAt(text, index);
    if (classOf(next) !== LETTER || isUpper(next)) break;
    index += width(next);
  }
  return index;
}

/** `[!-/:-@[-`{-~]` */
function isAsciiSign(code: number): boolean {
  return code < 0x7f && (classOf(code) & (PUNCTUATION | SYMBOL)) !== 0;
}

function isAsciiLetter(code: number): boolean {
  return isUpper(code) || isLower(code);
}

/** The last stage of deepseek-v3. */
const deepseekWords: Cut = (text, start, end) => {
  const code = codeAt(text, start);
  const kind = classOf(code);
  if (isAsciiSign(code)) {
    let index = start + 1;
    while (index < end && isAsciiLetter(text.charCodeAt(index))) index++;
    if (index > start + 1) return index;
  }
  if (kind & (LETTER | MARK)) return endOfRun(text, start, end, LETTER | MARK);
  if (kind & (SPACE | REST | NUMBER)) {
    const body = start + width(code);
    const word = endOfRun(text, body, end, LETTER | MARK);
    if (word > body) return word;
  }
  const body = code === BLANK ? start + 1 : start;
  const signs = endOfRun(text, body, end, PUNCTUATION | SYMBOL);
  if (signs > body) return endOfRun(text, signs, end, NEWLINE);
  if (kind & WHITESPACE) return endOfSpacesOrLines(text, start, end);
  // Nothing matches: all up to the next match is one piece. The last of the run is the prefix of a word behind it.
  const rest = endOfRun(text, start, end, REST | NUMBER);
  return (classAt(text, rest, end) & (LETTER | MARK)) !== 0 ? startOfCharacter(text, rest) : rest;
};

/** A stage that goes before another: the end of its match at `start`, or `start`; and whether a character begins one. */
interface Stage {
  match: Cut;
  begins(code: number): boolean;
}

const oneDigit: Stage = {
  match: (text, start, end) => endOfFew(text, start, end, NUMBER, 1),
  begins: (code) => classOf(code) === NUMBER,
};

const threeDigits: Stage = {
  match: (text, start, end) => endOfFew(text, start, end, NUMBER, 3),
  begins: (code) => classOf(code) === NUMBER,
};

function runOf(belongs: (code: number) => boolean): Stage {
  return {
    begins: belongs,
    match: (text, start, end) => {
      let index = start;
      while (index < end) {
        const code = codeAt(text, index);
        if (!belongs(code)) break;
        index += width(code);
      }
      return index;
    },
  };
}

/** `[一-龥぀-ゟ゠-ヿ]+` */
const cjk = runOf((code) => (code >= 0x4e00 && code <= 0x9fa5) || (code >= 0x3040 && code <= 0x30ff));
const FALCON_SIGNS = new Set([..."$+<=>^~|"].map((sign) => sign.charCodeAt(0)));
const signs = runOf((code) => classOf(code) === PUNCTUATION || FALCON_SIGNS.has(code));
const signsAndBacktick = runOf(
  (code) => classOf(code) === PUNCTUATION || FALCON_SIGNS.has(code) || code === 0x60,
);

/** Stages, then a cut for what they leave, and within what they match. */
function staged(stages: readonly Stage[], cut: Cut): Cut {
  const begins = (code: number) => stages.some((stage) => stage.begins(code));
  return (text, start, end) => {
    for (const stage of stages) {
      const match = stage.match(text, start, end);
      if (match > start) return cut(text, start, match);
    }
    // The cut ends at the first match of a stage, and may have looked at two characters behind its end.
    const whole = cut(text, start, end);
    for (let index = start; index < end && index <= whole + 2; ) {
      const code = codeAt(text, index);
      if (begins(code)) return cut(text, start, index);
      index += width(code);
    }
    return whole;
  };
}

/**
 * A cut, then a stage within each of its pieces.
 * @param unbroken whether the cut never ends inside a match: then a match at the start needs no cut, which would
 *   read a run of a million digits once for every piece of it.
 */
function then(cut: Cut, { begins, match }: Stage, unbroken: boolean): Cut {
  return (text, start, end) => {
    if (unbroken && begins(codeAt(text, start))) {
      const matched = match(text, start, end);
      if (matched > start) return matched;
    }
    const whole = cut(text, start, end);
    for (let index = start; index < whole; ) {
      const code = codeAt(text, index);
      if (begins(code)) {
        const matched = match(text, index, whole);
        if (matched > index) return index === start ? matched : index;
      }
      index += width(code);
    }
    return whole;
  };
}

function isAsciiDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** `[0-9][0-9][0-9]` */
const threeAsciiDigits: Stage = {
  begins: isAsciiDigit,
  match: (text, start, end) => {
    const fits =
      start + 3 <= end &&
      isAsciiDigit(text.charCodeAt(start + 1)) &&
      isAsciiDigit(text.charCodeAt(start + 2));
    return fits ? start + 3 : start;
  },
};

/** `\p{N}+` */
const numbers = runOf((code) => classOf(code) === NUMBER);

/** `[一-龥ࠀ-一가-퟿]+`, where white space has been put out of the way. */
const deepseekRange = runOf(
  (code) =>
    ((code >= 0x0800 && code <= 0x9fa5) || (code >= 0xac00 && code <= 0xd7ff)) && classOf(code) !== SPACE,
);

/** `[\r\n]`, `\s?\p{L}+`, `\s?\p{P}+`, one after the other. */
const deepseekCoder: Cut = (text, start, end) => {
  const kind = classAt(text, start, end);
  if (kind === NEWLINE) return start + 1;
  const body = kind === SPACE ? start + 1 : start;
  const next = classAt(text, body, end);
  if (next === LETTER || next === PUNCTUATION) return endOfRun(text, body, end, next);
  // What no stage takes, up to what one does; the last white space before a letter or sign goes with it.
  let index = start;
  while (index < end) {
    const code = codeAt(text, index);
    const found = classOf(code);
    if (found & (NEWLINE | LETTER | PUNCTUATION)) break;
    if (found === SPACE && (classAt(text, index + 1, end) & (LETTER | PUNCTUATION)) !== 0) break;
    index += width(code);
  }
  return index;
};

/** What an edit behind it may change of a piece: runs of these classes are read to their end. */
interface Reading {
  cut: Cut;
  /** Runs that are read to their end, besides white space. */
  lookahead: number;
  /** Whether runs of capitals are. */
  capitals: boolean;
  patterns: readonly string[];
}

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const CONTRACTIONS = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
const CL100K = (digits: string) =>
  `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const O200K = (digits: string, contraction: string) =>
  [
    `[^\\r\\n\\p{L}\\p{N}]?(?:(?=\\p{L})[^a-z])*(?:(?=\\p{L})[^A-Z])+${contraction}`,
    `[^\\r\\n\\p{L}\\p{N}]?(?:(?=\\p{L})[^a-z])+(?:(?=\\p{L})[^A-Z])*${contraction}`,
    `${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  ].join("|");
const DEEPSEEK_V3 =
  "[!\"#$%&'()*+,\\-.\\/:;<=>?@\\[\\\\\\]^_`\\{\\|\\}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const plain = (cut: Cut, ...patterns: string[]): Reading => ({
  cut,
  lookahead: 0,
  capitals: false,
  patterns,
});

const gpt2Reading = plain(gpt2, GPT2);
const llama3Reading = plain(words(3, LETTER, true), CL100K("\\p{N}{1,3}"));
const qwen2Reading = plain(words(1, LETTER, true), CL100K("\\p{N}"));
const digitsThenGpt2 = plain(staged([oneDigit], gpt2), "\\p{N}", GPT2);
const gpt4oReading: Reading = {
  ...plain(casedWords(3, true), O200K("\\p{N}{1,3}", `(?:${CONTRACTIONS})?`)),
  capitals: true,
};
const deepseekV3: Reading = {
  ...plain(
    staged([threeDigits, cjk], deepseekWords),
    "\\p{N}{1,3}",
    "[\\u4e00-\\u9fa5\\u3040-\\u30ff]+",
    DEEPSEEK_V3,
  ),
  lookahead: REST,
};

/** `tokenizer.ggml.pre` -> how it reads, by the names that llama.cpp knows. */
const READINGS = new Map<string, Reading>(
  (
    [
      [
        gpt2Reading,
        "gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert jina-v1-en jina-v2-code roberta-bpe exaone4 mpt olmo jais trillion granite-docling",
      ],
      [
        llama3Reading,
        "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano dbrx smaug-bpe glm4 chatglm-bpe",
      ],
      [
        qwen2Reading,
        "qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan solar-open grok-2 bailingmoe bailingmoe2 llada-moe",
      ],
      [
        plain(
          words(1, LETTER | MARK, true),
          `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
        ),
        "qwen35",
      ],
      [
        plain(
          words(1, LETTER, false),
          `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
        ),
        "seed-coder",
      ],
      [digitsThenGpt2, "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2"],
      [gpt4oReading, "gpt-4o llama4 kanana2 talkie minimax-m2"],
      [{ ...plain(casedWords(1, false), O200K("\\p{N}", "")), capitals: true }, "tekken"],
      [deepseekV3, "deepseek-v3 hunyuan-dense joyai-llm"],
      [
        {
          ...plain(
            then(then(deepseekCoder, deepseekRange, false), oneDigit, true),
            "[\\r\\n]",
            "\\s?\\p{L}+",
            "\\s?\\p{P}+",
            "[\\u0800-\\u9fa5\\uac00-\\ud7ff]+",
            "\\p{N}",
          ),
          lookahead: SPACE | MARK | NUMBER | SYMBOL | REST,
        },
        "deepseek-coder",
      ],
      [
        {
          ...plain(
            then(staged([signsAndBacktick], gpt2), threeAsciiDigits, true),
            "[\\p{P}$+<=>^~\\|`]+",
            GPT2,
            "[0-9][0-9][0-9]",
          ),
          lookahead: NUMBER,
        },
        "falcon",
      ],
      [
        {
          ...plain(
            then(then(staged([signs], gpt2), numbers, true), threeAsciiDigits, true),
            "[\\p{P}$+<=>^~\\|]+",
            GPT2,
            "\\p{N}+",
            "[0-9][0-9][0-9]",
          ),
          lookahead: NUMBER,
        },
        "default",
      ],
    ] as const
  ).flatMap(([reading, names]) => names.split(" ").map((name): [string, Reading] => [name, reading])),
);

/** Those whose tokenizer takes a piece that is a token as a whole, whatever its merges say. */
const IGNORES_MERGES = new Set(
  "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano tekken".split(" "),
);

/** The names of `tokenizer.ggml.pre` that are supported. */
export const PRE_TOKENIZERS: readonly string[] = [...READINGS.keys()];

export interface PreTokenizer {
  splitter: Splitter;
  ignoresMerges: boolean;
}

/** The pre-tokeniser with llama.cpp's name for it; undefined for one that is not supported. */
export function preTokenizer(name: string): PreTokenizer | undefined {
  const reading = READINGS.get(name);
  return reading && { splitter: splitterOf(reading), ignoresMerges: IGNORES_MERGES.has(name) };
}

function splitterOf({ cut, lookahead, capitals, patterns }: Reading): Splitter {
  return {
    patterns,
    pieceEnd: (text, start) => cut(text, start, text.length),
    isCertainBorder,
    settledBefore: (text, offset) => {
      const at = offset > 0 && (text.charCodeAt(offset - 1) & 0xfc00) === 0xd800 ? offset - 1 : offset;
      const back = (belongs: (code: number) => boolean) => startOfRun(text, at, belongs);
      let settled = Math.min(
        at - 3,
        back((code) => (classOf(code) & WHITESPACE) !== 0),
      );
      if (capitals) settled = Math.min(settled, back(isUpper));
      if (lookahead)
        settled = Math.min(
          settled,
          back((code) => (classOf(code) & lookahead) !== 0),
        );
      return settled;
    },
  };
}

function startOfRun(text: string, end: number, belongs: (code: number) => boolean): number {
  let index = end;
  while (index > 0) {
    const before = startOfCharacter(text, index);
    if (!belongs(codeAt(text, before))) break;
    index = before;
  }
  return index;
}

/**
 * Whether every pre-tokeniser here cuts at `index`, whatever else the text holds: between a letter or number and
 * what can neither continue a word nor begin a contraction.
 */
function isCertainBorder(text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return false;
  const after = codeAt(text, index);
  if (after === APOSTROPHE || (classOf(after) & (LETTER | NUMBER | MARK)) !== 0) return false;
  const start = startOfCharacter(text, index);
  const before = codeAt(text, start);
  return start + width(before) === index && (classOf(before) & (LETTER | NUMBER)) !== 0;
}
