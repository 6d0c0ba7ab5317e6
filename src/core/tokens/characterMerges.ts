/**
 * BPE on the characters of a word, as a tokenizer.json has it in all its forms: with a mark at the end of words
 * (CLIP), with or without tokens for bytes, with or without a token for what is unknown, on letters or on bytes that
 * are spelt as characters.
 */

import { BYTE_OF_CHARACTER, CHARACTER_OF_BYTE } from "./byteAlphabet.js";
import { codeAt } from "./characterClasses.js";
import { MergeEncoder, type MergeRules, NO_RANK, type Parts } from "./mergeEncoder.js";
import { addListedMerge, PairTable } from "./pairTable.js";
import { TokenIds } from "./tokenIds.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";
import type { WordModel, WordTokens } from "./wordModels.js";

export interface CharacterVocabulary {
  name: string;
  /** By id; undefined where an id has no token. */
  tokens: readonly (string | undefined)[];
  /** In their order: the two parts, separated by one space. */
  merges: readonly string[];
  /** What the last character of a word has behind it, such as `</w>`. */
  suffix: string;
  /** Whether a word that is a token becomes it, whatever the merges say. */
  ignoresMerges: boolean;
  /** Whether a word of line breaks that is a token becomes it too. */
  wholeLineBreaks?: boolean;
  /** The tokens of the bytes of characters that have none, where the vocabulary has those. */
  byteTokens: readonly (number | undefined)[] | undefined;
  /** What other characters become; undefined where they are left out. */
  unknown: number | undefined;
  /** Whether neighbours that are unknown are one token. */
  fusesUnknown: boolean;
  /** Whether words are spelt in bytes, and spaces as `▁`: what stands for what in the text. */
  spellsBytes: boolean;
  spellsBlocks: boolean;
  ordinaryTokens: number;
}

const STEP = 512;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One word is never cut. */
const WHOLE: Splitter = {
  pieceEnd: (text) => text.length,
  isCertainBorder: () => false,
  settledBefore: () => 0,
};

/** Parts are ids, or `-1 - code` for a character without a token; the last of a word is `LAST - code` then. */
const LAST = -0x200000;

class CharacterRules implements MergeRules {
  readonly name: string;
  readonly splitter = WHOLE;
  readonly size: number;
  readonly ordinaryTokens: number;
  made = -1;
  readonly vocabulary: CharacterVocabulary;
  readonly ids: TokenIds;
  readonly #pairs: PairTable;

  static *build(vocabulary: CharacterVocabulary): Generator<void, CharacterRules, void> {
    const rules = new CharacterRules(vocabulary);
    yield* rules.#index();
    return rules;
  }

  private constructor(vocabulary: CharacterVocabulary) {
    this.vocabulary = vocabulary;
    this.ids = new TokenIds(vocabulary.tokens);
    this.name = vocabulary.name;
    this.size = vocabulary.tokens.length;
    this.ordinaryTokens = vocabulary.ordinaryTokens;
    this.#pairs = new PairTable(vocabulary.merges.length);
  }

  *#index(): Generator<void, void, void> {
    const { tokens, merges, name } = this.vocabulary;
    for (const [id, token] of tokens.entries()) {
      if (token !== undefined) this.ids.add(id);
      if (id % STEP === STEP - 1) yield;
    }
    // Of two merges of one pair the last counts, as in a table that is filled in their order.
    for (let rank = merges.length - 1; rank >= 0; rank--) {
      if (rank % STEP === STEP - 1) yield;
      addListedMerge(this.#pairs, this.ids, { merge: merges[rank]!, rank, name });
    }
  }

  /** A token's letters as they stand in a text. */
  #textOf(token: string): string {
    const { suffix, spellsBlocks } = this.vocabulary;
    const bare = suffix !== "" && token.endsWith(suffix) ? token.slice(0, -suffix.length) : token;
    return spellsBlocks ? bare.replaceAll("\u2581", " ") : bare;
  }

  bytesOf(id: number): Uint8Array {
    const token = this.vocabulary.tokens[id];
    if (token === undefined) return new Uint8Array(0);
    const byte = this.vocabulary.byteTokens?.indexOf(id) ?? -1;
    if (byte >= 0) return Uint8Array.of(byte);
    const text = this.#textOf(token);
    if (!this.vocabulary.spellsBytes) return encoder.encode(text);
    return Uint8Array.from(
      Array.from(text).flatMap((character) => {
        const found = BYTE_OF_CHARACTER.get(character);
        return found === undefined ? [...encoder.encode(character)] : [found];
      }),
    );
  }

  byteLength(id: number): number {
    return this.bytesOf(id).length;
  }

  appendText(text: string, start: number, end: number, parts: Parts): void {
    const { suffix } = this.vocabulary;
    for (let at = start; at < end; ) {
      const code = codeAt(text, at);
      at += code > 0xffff ? 2 : 1;
      const last = suffix !== "" && at >= end;
      const id = this.ids.get(String.fromCodePoint(code) + (last ? suffix : ""));
      parts.push(id ?? (last ? LAST : -1) - code);
    }
  }

  /** The bytes of a word of the text, which are spelt as the vocabulary does. */
  appendBytes(bytes: Uint8Array, parts: Parts): void {
    const { spellsBytes, spellsBlocks } = this.vocabulary;
    const text = spellsBytes
      ? Array.from(bytes, (byte) => CHARACTER_OF_BYTE[byte]!).join("")
      : decoder.decode(bytes);
    const spelt = spellsBlocks && !spellsBytes ? text.replaceAll(" ", "\u2581") : text;
    this.appendText(spelt, 0, spelt.length, parts);
  }

  appendToken(id: number, parts: Parts): void {
    const { suffix, tokens } = this.vocabulary;
    const token = tokens[id] ?? "";
    const ends = suffix !== "" && token.endsWith(suffix);
    const text = ends ? token.slice(0, -suffix.length) : token;
    for (let at = 0; at < text.length; ) {
      const code = codeAt(text, at);
      at += code > 0xffff ? 2 : 1;
      const last = ends && at >= text.length;
      parts.push(
        this.ids.get(String.fromCodePoint(code) + (last ? suffix : "")) ?? (last ? LAST : -1) - code,
      );
    }
  }

  partBytes(part: number): number {
    if (part >= 0) return this.byteLength(part);
    const code = part <= LAST ? LAST - part : -1 - part;
    if (this.vocabulary.spellsBytes) return 1;
    return code < 0x80 || (code === 0x2581 && this.vocabulary.spellsBlocks)
      ? 1
      : code < 0x800
        ? 2
        : code < 0x10000
          ? 3
          : 4;
  }

  rankOfPair(left: number, right: number): number {
    if (left < 0 || right < 0) return NO_RANK;
    const at = this.#pairs.find(left, right);
    if (at < 0) return NO_RANK;
    this.made = this.#pairs.made(at);
    return this.#pairs.rank(at);
  }

  tokensOfPart(part: number): readonly number[] {
    if (part >= 0) return [part];
    const { byteTokens, unknown, suffix } = this.vocabulary;
    if (byteTokens) {
      const character = String.fromCodePoint(part <= LAST ? LAST - part : -1 - part);
      const ids = Array.from(
        encoder.encode(character + (part <= LAST ? suffix : "")),
        (byte) => byteTokens[byte],
      );
      if (ids.every((id) => id !== undefined)) return ids;
    }
    return unknown === undefined ? [] : [unknown];
  }

  wholePiece(text: string, start: number, end: number): number | undefined {
    const { ignoresMerges, wholeLineBreaks } = this.vocabulary;
    const word = text.slice(start, end);
    return ignoresMerges || (wholeLineBreaks && /^\n+$/.test(word)) ? this.ids.get(word) : undefined;
  }

  wholeBytes(): undefined {
    return undefined;
  }
}

/** The model, and what replays its merges. */
export interface CharacterMerges {
  model: WordModel;
  merges: Tokenizer;
}

/** Makes the model, yielding every few hundred tokens. @throws GlassboxError `file-invalid`. */
export function* characterMerges(vocabulary: CharacterVocabulary): Generator<void, CharacterMerges, void> {
  const rules = yield* CharacterRules.build(vocabulary);
  const merges = new MergeEncoder(rules);
  return { model: new MergedCharacters(rules, merges), merges };
}

class MergedCharacters implements WordModel {
  readonly #rules: CharacterRules;
  readonly #encoder: MergeEncoder;

  constructor(rules: CharacterRules, encoder: MergeEncoder) {
    this.#rules = rules;
    this.#encoder = encoder;
  }

  tokensOf(word: string): WordTokens {
    const rules = this.#rules;
    const whole = rules.wholePiece(word, 0, word.length);
    if (whole !== undefined) return { ids: [whole], starts: [0], ends: [word.length] };
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    const { unknown, fusesUnknown } = rules.vocabulary;
    const { parts, borders } = this.#encoder.mergeText(word);
    let start = 0;
    for (const [at, part] of parts.entries()) {
      let end = start;
      for (let characters = borders[at + 1]! - borders[at]!; characters > 0; characters--) {
        end += codeAt(word, end) > 0xffff ? 2 : 1;
      }
      const ids = rules.tokensOfPart(part);
      const fuses =
        fusesUnknown && ids[0] === unknown && found.ids.at(-1) === unknown && found.ids.length > 0;
      if (fuses && unknown !== undefined) found.ends[found.ends.length - 1] = end;
      else {
        for (const id of ids) {
          found.ids.push(id);
          found.starts.push(start);
          found.ends.push(end);
        }
      }
      start = end;
    }
    return found;
  }
}
