/**
 * How a tokenizer.json reads a text before its model does: normalised, then cut into words. Both are done by the
 * library @huggingface/tokenizers on short pieces, whose borders neither normaliser nor pre-tokeniser looks across.
 */

import { SequenceNormalizer, SequencePreTokenizer } from "@huggingface/tokenizers";
import { t } from "../../shared/l10n.js";
import { type AlignedText, alignNormalized } from "./alignNormalized.js";
import { codeAt, startOfCharacter } from "./characterClasses.js";
import { CharacterSplitter } from "./characterSplitter.js";
import type { Splitter } from "./tokenizer.js";

/** A normalizer or pre-tokeniser, as the file has it. */
export interface Part {
  type?: unknown;
  normalizers?: unknown;
  pretokenizers?: unknown;
  prepend?: unknown;
  prepend_scheme?: unknown;
  split?: unknown;
  str_rep?: unknown;
  replacement?: unknown;
  lowercase?: unknown;
  strip_left?: unknown;
  strip_right?: unknown;
  /** What is stripped where that is not all white space; no file says so. */
  only?: " ";
  content?: unknown;
  pattern?: { String?: unknown; Regex?: unknown };
  behavior?: unknown;
  use_regex?: unknown;
  add_prefix_space?: unknown;
  individual_digits?: unknown;
  invert?: unknown;
  length?: unknown;
  delimiter?: unknown;
}

/** A word of a piece, normalised, and where each of its UTF-16 units lies in the piece. */
export interface Word {
  text: string;
  /** The token that it is as a whole, where no model is to make any of it. */
  id?: number;
  starts: ArrayLike<number>;
  ends: ArrayLike<number>;
}

/** Cuts a text into pieces, and each of these into words for a model. */
export interface PieceReading extends Splitter {
  /** Whether a run was cut where it is not certain that it may be, which `words` then reads in parts. */
  readonly cutRun: boolean;
  /** Whether what lies behind a token that was added by hand is read as it would be inside a text. */
  readonly readsAnywhere: boolean;
  /**
   * The words of a piece.
   * @param first whether the text begins with it.
   */
  words(piece: string, first: boolean): Word[];
}

const BLOCK = "\u2581";

const NORMALIZERS = new Set(
  "BertNormalizer Precompiled NFC NFD NFKC NFKD StripAccents Lowercase Strip Prepend Replace".split(" "),
);
/** Patterns that take white space only. */
const SPACE_PATTERNS = new Set([" {2,}", "\\s+", "\\s{2,}", "\\n", "\\n+"]);
/** Pre-tokenisers that leave white space out. */
const DROPPERS = new Set(["BertPreTokenizer", "Whitespace", "WhitespaceSplit"]);
const OTHERS = new Set(["Punctuation", "Digits", "Metaspace"]);

/** What a character becomes by itself. */
const SOLID = 1; // text without white space at its ends
const SPACE = 2; // white space only
const ISOLATED = 3; // text between white space
const OTHER = 4; // nothing, or white space at one end: where it stands is no certain border

/** What of a file's normalizers and pre-tokenisers cannot be read; undefined where all can. */
export function unreadable(normalizers: readonly Part[], preTokenizers: readonly Part[]): string | undefined {
  for (const part of normalizers) {
    if (!NORMALIZERS.has(String(part.type))) return t("its normalizer is {0}", name(part));
    if (part.type !== "Replace") continue;
    const { Regex, String: plain } = part.pattern ?? {};
    const known =
      typeof Regex === "string"
        ? SPACE_PATTERNS.has(Regex)
        : typeof plain === "string" && plain !== "" && (plain.length === 1 || !/\s/.test(plain));
    if (!known) return t("its normalizer replaces {0}", JSON.stringify(Regex ?? plain)?.slice(0, 100));
  }
  for (const part of preTokenizers) {
    if (!DROPPERS.has(String(part.type)) && !OTHERS.has(String(part.type))) {
      return t("its pre-tokeniser is {0}", name(part));
    }
    if (
      part.type === "Metaspace" &&
      ((part.str_rep ?? BLOCK) !== BLOCK || (part.replacement ?? BLOCK) !== BLOCK)
    ) {
      return t("its pre-tokeniser spells spaces {0}", JSON.stringify(part.replacement)?.slice(0, 20));
    }
  }
  const cuts = preTokenizers.some(
    ({ type, split }) => DROPPERS.has(String(type)) || (type === "Metaspace" && split !== false),
  );
  return cuts ? undefined : t("its pre-tokeniser is {0}", preTokenizers.map(name).join(", ") || t("none"));
}

function name({ type }: Part): string {
  return String(type).slice(0, 64);
}

export class WordReading extends CharacterSplitter implements PieceReading {
  readonly readsAnywhere: boolean;
  readonly #normalize: (text: string) => string;
  /** The same at the beginning of a text. */
  readonly #normalizeFirst: (text: string) => string;
  readonly #preTokenizer: SequencePreTokenizer;
  /** Whether white space is part of no word. */
  readonly #drops: boolean;
  /** Whether `▁` is read as a space. */
  readonly #blocks: boolean;
  readonly #cutsBlanks: boolean;
  readonly #cutsPunctuation: boolean;
  readonly #cutsSpaces: boolean;
  readonly #stripsRight: boolean;
  readonly #classes = new Uint8Array(0x110000);

  /** @throws Error where `unreadable` has something to say. */
  constructor(normalizers: readonly Part[], preTokenizers: readonly Part[]) {
    super();
    const lowers = normalizers.some(
      ({ type, lowercase }) => type === "Lowercase" || (type === "BertNormalizer" && lowercase === true),
    );
    const sequence = (leftOut: readonly string[]) => {
      const parts = normalizers.filter(({ type }) => !leftOut.includes(String(type)));
      const made = new SequenceNormalizer({ type: "Sequence", normalizers: parts } as ConstructorParameters<
        typeof SequenceNormalizer
      >[0]);
      // JavaScript makes a capital sigma at the end of a word another letter, which Rust's tokenizers do not.
      return (text: string) => made.normalize(lowers ? text.replaceAll("\u03a3", "\u03c3") : text);
    };
    const strips = (side: "strip_left" | "strip_right") =>
      normalizers.some((part) => part.type === "Strip" && part[side] === true);
    const stripsLeft = strips("strip_left");
    this.readsAnywhere =
      normalizers.every(({ type }) => type !== "Strip" && type !== "Prepend") &&
      preTokenizers.every(({ type }) => type !== "Metaspace");
    this.#stripsRight = strips("strip_right");
    this.#normalize = sequence(["Strip", "Prepend"]);
    const first = sequence(["Strip"]);
    this.#normalizeFirst = stripsLeft ? (text) => first(text.trimStart()) : first;
    this.#preTokenizer = new SequencePreTokenizer({
      type: "Sequence",
      pretokenizers: preTokenizers,
    } as ConstructorParameters<typeof SequencePreTokenizer>[0]);
    this.#drops = preTokenizers.some(({ type }) => DROPPERS.has(String(type)));
    this.#blocks = preTokenizers.some(({ type }) => type === "Metaspace");
    this.#cutsBlanks = preTokenizers.some(({ type, split }) => type === "Metaspace" && split !== false);
    const replaces = normalizers.filter(({ type }) => type === "Replace");
    this.#cutsPunctuation =
      preTokenizers.some(({ type }) => type === "BertPreTokenizer") && replaces.length === 0;
    this.#cutsSpaces = this.#drops && !replaces.some(({ pattern }) => pattern?.Regex !== undefined);
  }

  #classOf(code: number): number {
    const known = this.#classes[code];
    if (known) return known;
    const alone = this.#normalize(String.fromCodePoint(code));
    const normal = this.#blocks ? alone.replaceAll(BLOCK, " ") : alone;
    let found = OTHER;
    if (normal !== "") {
      // Where white space is kept, only a blank begins a word.
      if (this.#drops ? normal.trim() === "" : /^ +$/.test(normal)) found = SPACE;
      else if (!this.#drops && !this.#stripsRight) found = SOLID;
      else if (normal.trim() === normal) found = SOLID;
      else if (this.#drops && normal.trimStart() !== normal && normal.trimEnd() !== normal) found = ISOLATED;
    }
    this.#classes[code] = found;
    return found;
  }

  protected isBorder(before: number, after: number): boolean {
    const left = this.#classOf(before);
    const right = this.#classOf(after);
    if (right === SPACE) return left === SOLID || left === ISOLATED || (left === SPACE && this.#cutsSpaces);
    if (left === ISOLATED) return right === SOLID || right === ISOLATED;
    if (left !== SOLID) return false;
    if (right === ISOLATED) return true;
    return this.#cutsPunctuation && right === SOLID && before < 0x80 && after < 0x80
      ? isPunctuation(before) || isPunctuation(after)
      : false;
  }

  words(whole: string, first: boolean): Word[] {
    // Only at the end of a text is there white space without a word behind it.
    const piece = this.#stripsRight && !this.#drops ? this.#strippedRight(whole) : whole;
    const normal = first ? this.#normalizeFirst(piece) : this.#normalize(piece);
    if (normal === "") return [];
    const aligned = alignNormalized(piece, normal, this.#normalize);
    // A piece without white space in front goes on a word, and gets no space. Where white space is kept, a blank is one.
    const begins = first || (this.#drops && this.#classOf(codeAt(piece, 0)) === SPACE);
    const texts = this.#preTokenizer.pre_tokenize(normal, { section_index: begins ? 0 : 1 });
    const words = this.#cutsBlanks ? texts.flatMap((text) => text.split(/(?=\u2581)/)) : texts;
    return placedWords(words, aligned, begins, piece.length);
  }

  /** A piece without the characters at its end that become white space or nothing. */
  #strippedRight(piece: string): string {
    let end = piece.length;
    while (end > 0) {
      const start = startOfCharacter(piece, end);
      if (this.#normalize(piece.slice(start, end)).trim() !== "") break;
      end = start;
    }
    return piece.slice(0, end);
  }
}

function isPunctuation(code: number): boolean {
  return (
    (code >= 0x21 && code <= 0x2f) ||
    (code >= 0x3a && code <= 0x40) ||
    (code >= 0x5b && code <= 0x60) ||
    (code >= 0x7b && code <= 0x7e)
  );
}

/** Finds the words again in the normalised text that they were cut from. */
function placedWords(
  texts: readonly string[],
  aligned: AlignedText,
  begins: boolean,
  length: number,
): Word[] {
  const blocked = aligned.text.replaceAll(" ", BLOCK);
  const isAt = (word: string, at: number) =>
    aligned.text.startsWith(word, at) || blocked.startsWith(word, at);
  const words: Word[] = [];
  let at = 0;
  for (const text of texts) {
    const bare = text.startsWith(BLOCK) ? text.slice(1) : undefined;
    let from = at;
    while (from < aligned.text.length && !isAt(text, from)) {
      if (bare && isAt(bare, from)) break;
      from++;
    }
    if (from >= aligned.text.length) {
      // Not to be found, which no known rule leads to: the whole piece stands for it.
      const whole = { starts: new Int32Array(text.length), ends: new Int32Array(text.length).fill(length) };
      words.push({ text, ...whole });
      continue;
    }
    if (bare === undefined || isAt(text, from)) {
      at = from + text.length;
      words.push({ text, starts: aligned.starts.subarray(from, at), ends: aligned.ends.subarray(from, at) });
      continue;
    }
    at = from + bare.length;
    const starts = aligned.starts.subarray(from, at);
    const ends = aligned.ends.subarray(from, at);
    // The space in front is nowhere in the text.
    if (from === 0 && !begins) words.push({ text: bare, starts, ends });
    else words.push({ text, starts: [starts[0]!, ...starts], ends: [starts[0]!, ...ends] });
  }
  return words;
}
