/**
 * The tokenizer of a tokenizer.json whose tokens are not bytes of the text: it is normalised, cut into words, and a
 * model makes tokens of each (WordPiece, Unigram). Where they lie is followed back through the normaliser.
 */

import type { MergeReplay } from "../../shared/types.js";
import { PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer, TokenOrder } from "./tokenizer.js";
import type { WordModel } from "./wordModels.js";
import type { PieceReading } from "./wordReading.js";

export interface WordVocabulary {
  name: string;
  /** By id; undefined where an id has no token. */
  tokens: readonly (string | undefined)[];
  /** Tokens that ordinary text can become. */
  ordinaryTokens: number;
  /** What a token has in front that goes on a word, such as `##`. */
  prefix: string;
  /** Ids that stand for no text of their own, such as the unknown token's. */
  controls: ReadonlySet<number>;
  reading: PieceReading;
  model: WordModel;
  /** What merges the words, where that is what the model does. */
  merges?: Tokenizer;
  /** The bytes of each token, where they are not those of its text. */
  bytes?: readonly Uint8Array[];
  /** Whether tokens that were added by hand are read as any other text. */
  leavesOutAdded: boolean;
  /** See `Tokenizer`. */
  standsInForTable?: boolean;
}

/** The tokens of a piece, and two numbers for each: its start and end, UTF-16, from the start of the piece. */
interface ReadPiece {
  ids: Int32Array;
  places: Int32Array;
}

/** Most text comes again: pieces are kept until they hold this many UTF-16 units together. */
const KEPT_UNITS = 2 ** 20;
/** What an entry takes besides its text. */
const ENTRY_UNITS = 16;
/** UTF-16 units that are read between two yields. */
const STEP = 4096;

const encoder = new TextEncoder();

export class WordTokenizer implements Tokenizer {
  readonly name: string;
  readonly splitter: Splitter;
  readonly ordinaryTokens: number;
  readonly continued: Tokenizer | undefined;
  readonly leavesOutAdded: boolean;
  readonly standsInForTable: boolean;
  readonly #vocabulary: WordVocabulary;
  readonly #first: boolean;
  /** As pieces inside a text are read. */
  readonly #kept: Map<string, ReadPiece>;
  #keptUnits = 0;
  /** The piece that a text began with, the last time. */
  #beginning: (ReadPiece & { piece: string }) | undefined;

  /** @param whole the tokenizer of texts from their beginning, whose pieces are shared. */
  constructor(vocabulary: WordVocabulary, whole?: WordTokenizer) {
    this.#vocabulary = vocabulary;
    this.name = vocabulary.name;
    this.splitter = vocabulary.reading;
    this.ordinaryTokens = vocabulary.ordinaryTokens;
    this.leavesOutAdded = vocabulary.leavesOutAdded;
    this.standsInForTable = vocabulary.standsInForTable === true;
    this.#first = whole === undefined;
    this.#kept = whole ? whole.#kept : new Map();
    this.continued = whole ? undefined : new WordTokenizer(vocabulary, this);
  }

  get cutRun(): boolean {
    return this.#vocabulary.reading.cutRun;
  }

  #read(text: string, start: number, end: number): ReadPiece {
    const piece = text.slice(start, end);
    if (start === 0 && this.#first) {
      if (this.#beginning?.piece !== piece) this.#beginning = { piece, ...this.#make(piece, true) };
      return this.#beginning;
    }
    let found = this.#kept.get(piece);
    if (!found) {
      found = this.#make(piece, false);
      this.#keptUnits += piece.length + ENTRY_UNITS;
      if (this.#keptUnits > KEPT_UNITS) {
        this.#kept.clear();
        this.#keptUnits = 0;
      }
      this.#kept.set(piece, found);
    }
    return found;
  }

  #make(piece: string, first: boolean): ReadPiece {
    const { reading, model } = this.#vocabulary;
    const ids: number[] = [];
    const places: number[] = [];
    for (const { text, id, starts, ends } of reading.words(piece, first)) {
      if (id !== undefined) {
        ids.push(id);
        places.push(starts[0]!, ends[ends.length - 1]!);
        continue;
      }
      const tokens = model.tokensOf(text);
      for (let i = 0; i < tokens.ids.length; i++) {
        ids.push(tokens.ids[i]!);
        places.push(starts[tokens.starts[i]!]!, ends[tokens.ends[i]! - 1]!);
      }
    }
    return { ids: Int32Array.from(ids), places: Int32Array.from(places) };
  }

  placesIn(text: string, start: number, end: number): Int32Array {
    return this.#read(text, start, end).places;
  }

  byteLength(id: number): number {
    return this.bytesOf(id).length;
  }

  bytesOf(id: number): Uint8Array {
    const { tokens, prefix, controls, merges, bytes } = this.#vocabulary;
    if (bytes) return bytes[id] ?? new Uint8Array(0);
    const token = tokens[id] ?? "";
    if (controls.has(id)) return encoder.encode(token);
    if (merges) return merges.bytesOf(id);
    const text = prefix !== "" && token.startsWith(prefix) ? token.slice(prefix.length) : token;
    return encoder.encode(text.replaceAll("\u2581", " "));
  }

  spellingOf(id: number): string {
    return this.#vocabulary.tokens[id] ?? "";
  }

  orderOf(id: number): TokenOrder | undefined {
    const { merges } = this.#vocabulary;
    if (merges) return merges.orderOf?.(id);
    const score = this.#vocabulary.controls.has(id) ? undefined : this.#vocabulary.model.scoreOf?.(id);
    return score === undefined ? undefined : { score };
  }

  encode(text: string): number[] {
    const tokens = new TokenBuffer();
    this.encodeRange(text, 0, text.length, tokens);
    return tokens.ids();
  }

  encodeRange(text: string, start: number, end: number, out: TokenBuffer): void {
    for (let at = start; at < end; ) {
      const pieceEnd = this.splitter.pieceEnd(text, at);
      this.encodePiece(text, at, pieceEnd, out);
      at = pieceEnd;
    }
  }

  *encodeInSteps(text: string, out: TokenBuffer): Generator<void, void, void> {
    let next = STEP;
    for (let at = 0; at < text.length; ) {
      const end = this.splitter.pieceEnd(text, at);
      this.encodePiece(text, at, end, out);
      at = end;
      if (at < next) continue;
      yield;
      next = at + STEP;
    }
  }

  encodePiece(text: string, start: number, end: number, out: TokenBuffer): void {
    const { ids } = this.#read(text, start, end);
    for (let i = 0; i < ids.length; i++) out.push(i === 0 ? (ids[i]! | PIECE_START) >>> 0 : ids[i]!);
  }

  /** Nothing is mended inside a piece. */
  mergeBytes(): number[] {
    return [];
  }

  stayApart(): boolean {
    return false;
  }

  parentsOf(id: number): [left: number, right: number] | undefined {
    return this.#vocabulary.merges?.parentsOf(id);
  }

  /**
   * Without merges, what it begins with is what it ends with; so too where the model does not read the piece's own
   * letters as one word, which no merges of these could show.
   */
  replay(piece: Uint8Array): MergeReplay {
    const { reading, merges } = this.#vocabulary;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece);
    const { ids, places } = this.#read(text, 0, text.length);
    if (merges) {
      const words = reading.words(text, this.#first);
      const replay = merges.replay(piece);
      if (words.length === 1 && replay.ids.join() === ids.join()) return replay;
    }
    const startBorders = [0];
    for (let i = 1; i < ids.length; i++)
      startBorders.push(encoder.encode(text.slice(0, places[2 * i]!)).length);
    if (ids.length > 0) startBorders.push(piece.length);
    return { startBorders, startIds: [...ids], merges: [], ids: [...ids], wholeWithoutMerges: false };
  }
}
