/**
 * Models that make tokens of one word at a time, after it was normalised: WordPiece (BERT), Unigram (T5, XLM-R,
 * ALBERT), BPE, and a token for each word. The tests hold them against the library @huggingface/tokenizers.
 */

import { codeAt, startOfCharacter } from "./characterClasses.js";
import { PairTable } from "./pairTable.js";
import { TokenIds } from "./tokenIds.js";
import type { Tokenizer } from "./tokenizer.js";
import { tokenSpans } from "./tokenSpans.js";

/** The tokens of a word: their ids, and where each begins and ends in it, in UTF-16 units. */
export interface WordTokens {
  ids: number[];
  starts: number[];
  ends: number[];
}

export interface WordModel {
  tokensOf(word: string): WordTokens;
  /** The logarithm of a token's probability, where the model goes by such. */
  scoreOf?(id: number): number | undefined;
}

/** Tokens that are looked at between two yields. */
const STEP = 256;

const encoder = new TextEncoder();

/**
 * WordPiece: from the left, the longest token that fits; behind the first, those with a prefix such as `##`. A word
 * that cannot be made up of tokens is unknown as a whole.
 */
export class WordPiece implements WordModel {
  #ids = new TokenIds([]);
  readonly #prefix: string;
  readonly #unknown: number;
  readonly #mostCharacters: number;
  #longest = 0;

  /** @param mostCharacters a longer word is unknown. */
  constructor(prefix: string, unknown: number, mostCharacters: number) {
    this.#prefix = prefix;
    this.#unknown = unknown;
    this.#mostCharacters = mostCharacters;
  }

  /** Takes the vocabulary in, yielding every few hundred tokens. */
  *read(tokens: readonly (string | undefined)[]): Generator<void, void, void> {
    this.#ids = new TokenIds(tokens);
    for (const [id, token] of tokens.entries()) {
      if (token !== undefined) {
        this.#ids.add(id);
        this.#longest = Math.max(this.#longest, token.length);
      }
      if (id % STEP === STEP - 1) yield;
    }
  }

  tokensOf(word: string): WordTokens {
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    for (let start = 0; start < word.length; ) {
      const prefix = start > 0 ? this.#prefix : "";
      let end = Math.min(word.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start; end = startOfCharacter(word, end)) {
        id = this.#ids.get(prefix + word.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined || this.#isTooLong(word)) {
        return { ids: [this.#unknown], starts: [0], ends: [word.length] };
      }
      found.ids.push(id);
      found.starts.push(start);
      found.ends.push(end);
      start = end;
    }
    return found;
  }

  #isTooLong(word: string): boolean {
    if (word.length <= this.#mostCharacters) return false;
    let characters = 0;
    for (const _ of word) characters++;
    return characters > this.#mostCharacters;
  }
}

/** WordLevel: each word is a token, or unknown. */
export class WordLevel implements WordModel {
  #ids = new TokenIds([]);
  readonly #unknown: number;

  constructor(unknown: number) {
    this.#unknown = unknown;
  }

  /** Takes the vocabulary in, yielding every few hundred tokens. */
  *read(tokens: readonly (string | undefined)[]): Generator<void, void, void> {
    this.#ids = new TokenIds(tokens);
    for (const [id, token] of tokens.entries()) {
      if (token !== undefined) this.#ids.add(id);
      if (id % STEP === STEP - 1) yield;
    }
  }

  tokensOf(word: string): WordTokens {
    return { ids: [this.#ids.get(word) ?? this.#unknown], starts: [0], ends: [word.length] };
  }
}

/**
 * Unigram: of all ways to make a word up of tokens, the one with the highest sum of scores (Viterbi's algorithm;
 * Kudo 2018, "Subword Regularization"). Neighbouring characters without a token are one unknown token, or the tokens of
 * their bytes.
 */
export class Unigram implements WordModel {
  /** A trie: (node, character) -> node; `#tokens` has the token that ends at a node, or -1. */
  readonly #trie: PairTable;
  #tokens = new Int32Array(2 ** 16).fill(-1);
  #nodes = 1;
  readonly #scores: Float64Array;
  readonly #unknown: number;
  #unknownScore = 0;
  readonly #byteTokens: readonly (number | undefined)[] | undefined;

  readonly #givenScore: number | undefined;

  /**
   * @param byteTokens the tokens of bytes, where characters without a token become these.
   * @param unknownScore of a character without a token; 10 below the lowest where that is left out.
   */
  constructor(
    scores: Float64Array,
    unknown: number,
    byteTokens?: readonly (number | undefined)[],
    unknownScore?: number,
  ) {
    this.#givenScore = unknownScore;
    this.#scores = scores;
    this.#unknown = unknown;
    this.#byteTokens = byteTokens;
    this.#trie = new PairTable(scores.length * 2);
  }

  /** Takes the vocabulary in, yielding every few hundred tokens. */
  *read(tokens: readonly (string | undefined)[]): Generator<void, void, void> {
    let lowest = Number.POSITIVE_INFINITY;
    for (const score of this.#scores) if (score < lowest) lowest = score;
    // As SentencePiece has it: worse than any token.
    this.#unknownScore = this.#givenScore ?? lowest - 10;
    for (const [id, token] of tokens.entries()) {
      if (token !== undefined && token !== "" && id !== this.#unknown) {
        if (!this.#trie.hasRoom(token.length)) yield* this.#trie.growInSteps();
        this.#add(token, id);
      }
      if (id % STEP === STEP - 1) yield;
    }
  }

  scoreOf(id: number): number | undefined {
    return this.#scores[id];
  }

  #add(token: string, id: number): void {
    let node = 0;
    for (let at = 0; at < token.length; ) {
      const code = codeAt(token, at);
      at += code > 0xffff ? 2 : 1;
      const found = this.#trie.find(node, code);
      if (found >= 0) {
        node = this.#trie.rank(found);
        continue;
      }
      this.#trie.add(node, code, this.#nodes, 0);
      node = this.#nodes++;
      if (node >= this.#tokens.length) {
        const larger = new Int32Array(node * 2).fill(-1);
        larger.set(this.#tokens);
        this.#tokens = larger;
      }
    }
    this.#tokens[node] = id;
  }

  tokensOf(word: string): WordTokens {
    const { length } = word;
    // The best way to each place: its score, its last token, and where that begins.
    const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
    const last = new Int32Array(length + 1);
    const from = new Int32Array(length + 1);
    best[0] = 0;
    const reach = (start: number, end: number, id: number, score: number) => {
      const sum = best[start]! + score;
      if (sum <= best[end]!) return;
      best[end] = sum;
      last[end] = id;
      from[end] = start;
    };
    for (let start = 0; start < length; ) {
      const next = start + (codeAt(word, start) > 0xffff ? 2 : 1);
      let known = false;
      let node = 0;
      for (let at = start; at < length; ) {
        const code = codeAt(word, at);
        const found = this.#trie.find(node, code);
        if (found < 0) break;
        at += code > 0xffff ? 2 : 1;
        node = this.#trie.rank(found);
        const id = this.#tokens[node]!;
        if (id < 0) continue;
        known ||= at === next;
        reach(start, at, id, this.#scores[id]!);
      }
      if (!known) reach(start, next, this.#unknown, this.#unknownScore);
      start = next;
    }
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    for (let end = length; end > 0; end = from[end]!) {
      if (last[end] === this.#unknown && found.ids.at(-1) === this.#unknown) {
        found.starts[found.starts.length - 1] = from[end]!;
        continue;
      }
      found.ids.push(last[end]!);
      found.starts.push(from[end]!);
      found.ends.push(end);
    }
    const tokens = { ids: found.ids.reverse(), starts: found.starts.reverse(), ends: found.ends.reverse() };
    return this.#byteTokens ? this.#withBytes(word, tokens, this.#byteTokens) : tokens;
  }

  /** The tokens of bytes in place of the unknown one, where all of them exist; they share their character. */
  #withBytes(word: string, tokens: WordTokens, byteTokens: readonly (number | undefined)[]): WordTokens {
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    const push = (id: number, start: number, end: number) => {
      found.ids.push(id);
      found.starts.push(start);
      found.ends.push(end);
    };
    for (const [at, id] of tokens.ids.entries()) {
      const [start, end] = [tokens.starts[at]!, tokens.ends[at]!];
      const bytes = id === this.#unknown ? Array.from(encoder.encode(word.slice(start, end))) : [];
      if (bytes.length === 0 || bytes.some((byte) => byteTokens[byte] === undefined)) {
        push(id, start, end);
        continue;
      }
      for (let from = start; from < end; ) {
        const to = from + (codeAt(word, from) > 0xffff ? 2 : 1);
        for (const byte of encoder.encode(word.slice(from, to))) push(byteTokens[byte]!, from, to);
        from = to;
      }
    }
    return found;
  }
}

/** RWKV: from the left, the longest token that fits, byte by byte; a byte without one is unknown. */
export class LongestMatch implements WordModel {
  readonly #trie = new PairTable(2 ** 17);
  readonly #tokens = new Map<number, number>();
  readonly #unknown: number;

  constructor(unknown: number) {
    this.#unknown = unknown;
  }

  /** Takes the vocabulary in, yielding every few hundred tokens. */
  *read(tokens: readonly Uint8Array[]): Generator<void, void, void> {
    for (const [id, token] of tokens.entries()) {
      if (id % STEP === STEP - 1) yield;
      if (token.length === 0) continue;
      let node = 0;
      for (const byte of token) {
        const found = this.#trie.find(node, byte);
        if (found >= 0) node = this.#trie.rank(found);
        else {
          if (!this.#trie.hasRoom(1)) yield* this.#trie.growInSteps();
          const next = this.#trie.count + 1;
          this.#trie.add(node, byte, next, 0);
          node = next;
        }
      }
      this.#tokens.set(node, id);
    }
  }

  tokensOf(word: string): WordTokens {
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    // The UTF-16 unit that each byte belongs to, and the end of its character.
    const bytes: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < word.length; ) {
      const end = at + (codeAt(word, at) > 0xffff ? 2 : 1);
      for (const byte of encoder.encode(word.slice(at, end))) {
        bytes.push(byte);
        starts.push(at);
        ends.push(end);
      }
      at = end;
    }
    for (let at = 0; at < bytes.length; ) {
      let id = this.#unknown;
      let next = at + 1;
      let node = 0;
      for (let end = at; end < bytes.length; end++) {
        const step = this.#trie.find(node, bytes[end]!);
        if (step < 0) break;
        node = this.#trie.rank(step);
        const token = this.#tokens.get(node);
        if (token === undefined) continue;
        id = token;
        next = end + 1;
      }
      found.ids.push(id);
      found.starts.push(starts[at]!);
      found.ends.push(ends[next - 1]!);
      at = next;
    }
    return found;
  }
}

/** BPE on the characters of a word; those without a token become their bytes' tokens, which share the character. */
export class MergedWords implements WordModel {
  readonly #encoder: Tokenizer;

  constructor(encoder: Tokenizer) {
    this.#encoder = encoder;
  }

  tokensOf(word: string): WordTokens {
    const found: WordTokens = { ids: [], starts: [], ends: [] };
    for (const { id, start, end } of tokenSpans(
      this.#encoder,
      word,
      Uint32Array.from(this.#encoder.encode(word)),
    )) {
      found.ids.push(id);
      found.starts.push(start);
      found.ends.push(end);
    }
    return found;
  }
}
