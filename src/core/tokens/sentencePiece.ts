/**
 * SentencePiece vocabularies, as llama.cpp reads them from a GGUF file: pieces begin as characters, the pair whose
 * token has the highest score merges first, and characters without a token become the tokens of their UTF-8 bytes.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { codeAt, startOfCharacter } from "./characterClasses.js";
import { MergeEncoder, type MergeRules, NO_RANK, type Parts } from "./mergeEncoder.js";
import { Neighbours } from "./neighbours.js";
import { PairTable } from "./pairTable.js";
import { SectionReading } from "./sectionReading.js";
import { TokenIds } from "./tokenIds.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";
import { MergedWords } from "./wordModels.js";
import { WordTokenizer } from "./wordTokenizer.js";

/** `▁` stands for a space in the vocabulary, and in a text it is read as one. */
export const LOWER_ONE_EIGHTH_BLOCK = 0x2581;
const BLANK = 0x20;
const REPLACEMENT = 0xfffd;
/** Pairs that are kept; looking one up again costs little. */
const MOST_PAIRS = 2 ** 20;
const MOST_SPELLINGS = 2 ** 12;

export interface SentencePieceVocabulary {
  name: string;
  /** By id, with `▁` for a space. */
  tokens: readonly string[];
  /** (tokens) logarithms of probabilities: the highest merges first. */
  scores?: ArrayLike<number>;
  /** In place of scores: the two parts of each merge, separated by one space, in their order. */
  merges?: readonly string[];
  /** The token of each byte. */
  byteTokens: ArrayLike<number>;
  /** Ids of tokens that are no text: they are read, where text spells them, and left out of the count. */
  controls: ReadonlySet<number>;
  /** Whether a text is read as if it began with a space. */
  spacePrefix: boolean;
  /** Tokens that a text becomes wherever it spells them. */
  userTokens: ReadonlyMap<string, number>;
  /** Whether white space behind one of these is left out. */
  swallowsSpaces?: boolean;
}

/** Space and `▁` are one character to the vocabulary. */
function folded(code: number): number {
  if (code === LOWER_ONE_EIGHTH_BLOCK) return BLANK;
  return code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
}

/**
 * Cuts wherever no token of the vocabulary holds the two characters side by side: no merge can cross such a border,
 * whatever else the text holds.
 */
class NeighbourSplitter implements Splitter {
  readonly #neighbours: Neighbours;

  /** @param tokens of the vocabulary, about. */
  constructor(tokens: number) {
    this.#neighbours = new Neighbours(tokens);
  }

  /** Notes that the vocabulary holds two characters side by side. */
  add(before: number, after: number): void {
    this.#neighbours.add(before, after);
  }

  readonly pieceEnd = (text: string, start: number): number => {
    const { length } = text;
    let index = start;
    let before = -1;
    while (index < length) {
      const code = codeAt(text, index);
      const found = folded(code);
      if (before >= 0 && !this.#neighbours.meet(before, found)) return index;
      before = found;
      index += code > 0xffff ? 2 : 1;
    }
    return length;
  };

  isCertainBorder(text: string, index: number): boolean {
    if (index <= 0 || index >= text.length) return false;
    const start = startOfCharacter(text, index);
    const before = codeAt(text, start);
    // Not between the halves of a character.
    if (start + (before > 0xffff ? 2 : 1) !== index) return false;
    return !this.#neighbours.meet(folded(before), folded(codeAt(text, index)));
  }

  settledBefore(_text: string, offset: number): number {
    return offset - 1;
  }
}

class SentencePieceRules implements MergeRules {
  readonly name: string;
  readonly splitter: Splitter;
  readonly size: number;
  readonly ordinaryTokens: number;
  made = -1;
  readonly #spacePrefix: boolean;
  readonly #shared: SharedVocabulary;

  constructor(shared: SharedVocabulary, spacePrefix: boolean) {
    this.#shared = shared;
    this.#spacePrefix = spacePrefix;
    this.name = shared.name;
    this.splitter = shared.splitter;
    this.size = shared.tokens.length;
    this.ordinaryTokens = shared.ordinaryTokens;
  }

  byteLength(id: number): number {
    return this.#shared.byteLength(id);
  }

  bytesOf(id: number): Uint8Array {
    return this.#shared.bytesOf(id);
  }

  appendText(text: string, start: number, end: number, parts: Parts): void {
    const shared = this.#shared;
    if (start === 0 && this.#spacePrefix) parts.push(shared.partOf(BLANK));
    for (let index = start; index < end; ) {
      const code = codeAt(text, index);
      parts.push(shared.partOf(folded(code)));
      index += code > 0xffff ? 2 : 1;
    }
  }

  appendBytes(bytes: Uint8Array, parts: Parts): void {
    for (let at = 0; at < bytes.length; ) {
      const length = characterBytes(bytes, at);
      if (length === 0) {
        // Inside a character that merging cannot have taken apart otherwise than into its bytes.
        parts.push(this.#shared.byteTokens[bytes[at]!]!);
        at++;
      } else {
        const code = decoder.decode(bytes.subarray(at, at + length)).codePointAt(0)!;
        parts.push(this.#shared.partOf(folded(code)));
        at += length;
      }
    }
  }

  appendToken(id: number, parts: Parts): void {
    if (this.#shared.isByte(id)) {
      parts.push(id);
      return;
    }
    const token = this.#shared.tokens[id]!;
    for (let at = 0; at < token.length; ) {
      const code = token.codePointAt(at)!;
      parts.push(this.#shared.partOf(folded(code)));
      at += code > 0xffff ? 2 : 1;
    }
  }

  partBytes(part: number): number {
    return this.#shared.partBytes(part);
  }

  rankOfPair(left: number, right: number): number {
    return this.#shared.rankOfPair(left, right, this);
  }

  tokensOfPart(part: number): readonly number[] {
    return this.#shared.tokensOfPart(part);
  }

  scoreOf(id: number): number | undefined {
    return this.#shared.scores?.[id];
  }

  wholePiece(): undefined {
    return undefined;
  }

  wholeBytes(): undefined {
    return undefined;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes of the character at `at`; 0 where none begins there or it is cut off. */
function characterBytes(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return at + length <= bytes.length ? length : 0;
}

/**
 * The vocabulary behind both readings of a text, with and without the space in front. Parts outside the ids are
 * characters without a token: `-1 - code` for one that no token holds, larger than the ids for one that some do.
 */
class SharedVocabulary {
  readonly name: string;
  readonly tokens: readonly string[];
  readonly scores: ArrayLike<number> | undefined;
  readonly #merges: readonly string[] | undefined;
  readonly byteTokens: ArrayLike<number>;
  readonly splitter: NeighbourSplitter;
  readonly ordinaryTokens: number;
  readonly #ids: TokenIds;
  /** (tokens) place in the falling order of the scores, equal scores sharing it. */
  readonly #ranks: Int32Array;
  readonly #byteOf: Int16Array;
  readonly #parts = new Map<number, number>();
  readonly #asciiParts = new Int32Array(128);
  /** Texts of the parts above the ids. */
  readonly #loose: string[] = [];
  #pairs = new PairTable(2 ** 15);
  /** The byte tokens of characters without a token of their own, as they are met. */
  readonly #byteSpellings = new Map<number, readonly number[]>();

  /** Yields every few hundred tokens. */
  static *build(vocabulary: SentencePieceVocabulary): Generator<void, SharedVocabulary, void> {
    const shared = new SharedVocabulary(vocabulary);
    yield;
    yield* shared.#index();
    return shared;
  }

  private constructor(vocabulary: SentencePieceVocabulary) {
    const { name, tokens, scores, merges, byteTokens, controls } = vocabulary;
    this.name = name;
    this.splitter = new NeighbourSplitter(tokens.length);
    this.#ids = new TokenIds(tokens);
    this.tokens = tokens;
    this.scores = scores;
    this.#merges = merges;
    this.byteTokens = byteTokens;
    this.#byteOf = new Int16Array(tokens.length).fill(-1);
    for (let byte = 0; byte < 256; byte++) {
      // A vocabulary without tokens for bytes has characters in their place, which merge as such.
      if (tokens[byteTokens[byte]!]!.length > 1) this.#byteOf[byteTokens[byte]!] = byte;
    }
    this.ordinaryTokens = tokens.length - controls.size;
    this.#ranks = new Int32Array(tokens.length);
  }

  *#index(): Generator<void, void, void> {
    if (this.scores) yield* this.#rankScores(this.scores);
    for (let id = 0; id < this.tokens.length; id++) {
      if (this.#byteOf[id] === -1) this.#ids.add(id);
      if (id % STEP === STEP - 1) yield;
    }
    for (const [id, token] of this.tokens.entries()) {
      if (this.#byteOf[id] === -1) this.#readCharacters(token);
      if (id % STEP === STEP - 1) yield;
    }
    if (this.#merges) yield* this.#readMerges(this.#merges);
    for (let code = 0; code < 128; code++) this.#asciiParts[code] = this.#parts.get(code) ?? -1 - code;
  }

  /** Which pairs merge, where the vocabulary lists them. */
  *#readMerges(merges: readonly string[]): Generator<void, void, void> {
    this.#pairs = new PairTable(merges.length);
    for (const [rank, merge] of merges.entries()) {
      if (rank % STEP === STEP - 1) yield;
      const space = merge.indexOf(" ", 1);
      const texts = [merge.slice(0, space), merge.slice(space + 1)];
      const [left = -1, right = -1] = texts.map((text) => this.#ids.get(text) ?? -1);
      const made = this.#ids.get(texts.join(""));
      if (space < 0 || left < 0 || right < 0 || made === undefined) {
        throw new GlassboxError(
          "file-invalid",
          t(
            "Cannot use the tokenizer of {0}: its merge {1}, {2}, is not of two tokens that make a third.",
            this.name,
            rank,
            JSON.stringify(merge.slice(0, 64)),
          ),
          t("Choose another tokenizer."),
        );
      }
      if (this.#pairs.find(left, right) < 0) this.#pairs.add(left, right, rank, made);
    }
  }

  *#rankScores(scores: ArrayLike<number>): Generator<void, void, void> {
    const falling = new Float64Array(scores.length);
    let sorted = true;
    for (let id = 0; id < falling.length; id++) {
      falling[id] = -scores[id]!;
      if (id > 0 && falling[id]! < falling[id - 1]!) sorted = false;
    }
    yield;
    if (!sorted) yield* sortInSteps(falling);
    for (let id = 0; id < this.#ranks.length; id++) {
      this.#ranks[id] = firstAtLeast(falling, -scores[id]!);
      if (id % STEP === STEP - 1) yield;
    }
  }

  #readCharacters(token: string): void {
    let before = -1;
    for (let at = 0; at < token.length; ) {
      const code = token.codePointAt(at)!;
      at += code > 0xffff ? 2 : 1;
      const found = folded(code);
      if (before >= 0) this.splitter.add(before, found);
      before = found;
      if (this.#parts.has(found)) continue;
      const text = String.fromCodePoint(found === BLANK ? LOWER_ONE_EIGHTH_BLOCK : found);
      let part = this.#ids.get(text);
      if (part === undefined) {
        part = this.tokens.length + this.#loose.length;
        this.#loose.push(text);
      }
      this.#parts.set(found, part);
    }
  }

  partOf(code: number): number {
    if (code < 128) return this.#asciiParts[code]!;
    return this.#parts.get(code) ?? -1 - code;
  }

  #textOf(part: number): string {
    return part < this.tokens.length ? this.tokens[part]! : this.#loose[part - this.tokens.length]!;
  }

  isByte(id: number): boolean {
    return this.#byteOf[id] !== -1;
  }

  bytesOf(id: number): Uint8Array {
    const token = this.tokens[id];
    if (token === undefined) return new Uint8Array(0);
    const byte = this.#byteOf[id]!;
    return byte >= 0 ? Uint8Array.of(byte) : encoder.encode(token.replaceAll("\u2581", " "));
  }

  byteLength(id: number): number {
    const token = this.tokens[id];
    if (token === undefined) return 0;
    return this.#byteOf[id]! >= 0 ? 1 : textBytes(token);
  }

  partBytes(part: number): number {
    if (part >= 0) return part < this.tokens.length ? this.byteLength(part) : textBytes(this.#textOf(part));
    const code = -1 - part;
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }

  tokensOfPart(part: number): readonly number[] {
    let found = this.#byteSpellings.get(part);
    if (!found) {
      const text = part < 0 ? String.fromCodePoint(-1 - part) : this.#textOf(part);
      found = Array.from(encoder.encode(text), (byte) => this.byteTokens[byte]!);
      if (this.#byteSpellings.size >= MOST_SPELLINGS) this.#byteSpellings.clear();
      this.#byteSpellings.set(part, found);
    }
    return found;
  }

  rankOfPair(left: number, right: number, rules: { made: number }): number {
    if (left < 0 || right < 0) return NO_RANK;
    let at = this.#pairs.find(left, right);
    if (at < 0) {
      if (this.#merges) return NO_RANK;
      if (this.#pairs.count >= MOST_PAIRS) this.#pairs = new PairTable(2 ** 15);
      const id =
        this.#isText(left) && this.#isText(right)
          ? this.#ids.get(this.#textOf(left) + this.#textOf(right))
          : undefined;
      this.#pairs.add(left, right, id === undefined ? NO_RANK : this.#ranks[id]!, id ?? -1);
      at = this.#pairs.find(left, right);
    }
    rules.made = this.#pairs.made(at);
    return this.#pairs.rank(at);
  }

  #isText(part: number): boolean {
    return part >= this.tokens.length || this.#byteOf[part] === -1;
  }
}

/** Tokens that are looked at between two yields. */
const STEP = 512;

/** The first place of sorted numbers that holds no less than one of them. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sorts numbers from the lowest on, yielding every few thousand. */
function* sortInSteps(numbers: Float64Array): Generator<void, void, void> {
  const { length } = numbers;
  for (let start = 0; start < length; start += SORTED) {
    numbers.subarray(start, start + SORTED).sort();
    yield;
  }
  const merged = new Float64Array(length);
  for (let width = SORTED; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takesLeft = left < middle && (right >= end || numbers[left]! <= numbers[right]!);
        merged[at] = takesLeft ? numbers[left++]! : numbers[right++]!;
        if (at % SORTED === SORTED - 1) yield;
      }
    }
    numbers.set(merged);
  }
}

/** Numbers that are sorted at once. */
const SORTED = 4096;

/** UTF-8 bytes of a token's text, `▁` counting as the one byte of a space. */
function textBytes(token: string): number {
  let bytes = 0;
  for (let at = 0; at < token.length; at++) {
    const unit = token.charCodeAt(at);
    // Each half of a surrogate pair stands for two of its four bytes.
    if (unit < 0x80 || unit === LOWER_ONE_EIGHTH_BLOCK) bytes++;
    else if (unit < 0x800 || (unit & 0xf800) === 0xd800) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}

/** A SentencePiece tokenizer; `continued` reads a text that is not at the beginning of its document. */
class SentencePieceEncoder extends MergeEncoder {
  readonly blockIsSpace = true;
  readonly spacePrefix: boolean;
  readonly continued: Tokenizer | undefined;

  constructor(shared: SharedVocabulary, spacePrefix: boolean, userTokens?: ReadonlyMap<string, number>) {
    super(new SentencePieceRules(shared, spacePrefix), userTokens);
    this.spacePrefix = spacePrefix;
    this.continued = spacePrefix ? new SentencePieceEncoder(shared, false, userTokens) : undefined;
  }
}

/** Makes the tokenizer, yielding every few hundred tokens. */
export function* sentencePieceEncoder(vocabulary: SentencePieceVocabulary): Generator<void, Tokenizer, void> {
  const shared = yield* SharedVocabulary.build(vocabulary);
  if (shared.partOf(BLANK) < 0 || shared.partOf(BLANK) >= vocabulary.tokens.length) {
    throw new GlassboxError(
      "unsupported",
      t('Cannot use the tokenizer of {0}: its vocabulary has no token "▁" for a space.', vocabulary.name),
      t("Choose another tokenizer."),
    );
  }
  const { name, tokens, controls, spacePrefix, userTokens } = vocabulary;
  if (!spacePrefix || userTokens.size === 0) return new SentencePieceEncoder(shared, spacePrefix, userTokens);
  // A space is read behind each of the added tokens too, which the text does not have.
  const merges = new SentencePieceEncoder(shared, false);
  return new WordTokenizer({
    name,
    tokens,
    ordinaryTokens: shared.ordinaryTokens,
    prefix: "",
    controls,
    reading: new SectionReading(userTokens, shared.splitter, vocabulary.swallowsSpaces === true),
    model: new MergedWords(merges),
    merges,
    leavesOutAdded: false,
  });
}
