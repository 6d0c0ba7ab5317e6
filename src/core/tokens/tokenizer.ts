/**
 * What every tokenizer offers, whatever it was made from: js-tiktoken's ranks, a GGUF's vocabulary, a tokenizer.json.
 * Documents are kept tokenised through edits, hovers and panels are written against this, and never against one kind.
 */

import type { MergeReplay } from "../../shared/types.js";
import type { TokenBuffer } from "./tokenBuffer.js";

/** The end of the piece that starts at `start < text.length`. It reads nothing before `start`. */
export type PieceEnd = (text: string, start: number) => number;

/** The pre-tokeniser: it cuts a text into pieces, and no token ever crosses the border of a piece. */
export interface Splitter {
  readonly pieceEnd: PieceEnd;
  /**
   * The pre-tokeniser as it is published: sources of regular expressions (flag `u`), each cutting what those before
   * it left. Left out where nothing cuts, or nothing that an expression says.
   */
  readonly patterns?: readonly string[];
  /**
   * Whether a piece ends at `index` whatever else the text holds. The answer depends on the two characters at the
   * border only, and no piece before it looks further than the second.
   */
  isCertainBorder(text: string, index: number): boolean;
  /**
   * A bound on what an edit at `offset` can reach backwards: a piece that ends before the answer looked at nothing
   * at or after `offset`, so it stays as it is.
   */
  settledBefore(text: string, offset: number): number;
  /**
   * The class of characters that a text consists of, where the splitter remembers of a long run of them no more than
   * that it is one: taking a part out of its middle changes no other piece. 0 for any other text. Left out where
   * nothing is known.
   */
  classOfRun?(text: string): number;
}

/**
 * Pieces of a text that is normalised end here at the latest, in UTF-16 units, so that one without white space can be
 * read in slices.
 */
export const LONGEST_PIECE = 8192;

/** id -> bytes. */
export interface TokenBytes {
  /** Number of bytes of text that the token `id` stands for; 0 where there is no such token. */
  byteLength(id: number): number;
  /** The bytes that the token `id` stands for, not to be written to. */
  bytesOf(id: number): Uint8Array;
  /** Whether `▁` (U+2581) in a text is read as a space, and so counts as one byte (SentencePiece). */
  readonly blockIsSpace?: boolean;
  /** Whether a text is read as if it began with a space: the first token stands for one byte more than is there. */
  readonly spacePrefix?: boolean;
}

/** Where tokens lie that do not stand for certain bytes of the text, as what a normaliser made of it is tokenised. */
export interface PlacedTokens extends TokenBytes {
  readonly splitter: Splitter;
  /** See `Tokenizer`. */
  readonly continued?: Tokenizer | undefined;
  /**
   * Where the tokens of the piece `text[start, end)` lie: for each its start and its end, in UTF-16 units from
   * `start` on, the starts never falling. Text between them belongs to none; those that overlap share a character.
   * Not to be written to.
   */
  placesIn(text: string, start: number, end: number): Int32Array;
}

/** See `Tokenizer.orderOf`. */
export interface TokenOrder {
  rank?: number;
  score?: number;
}

export interface Tokenizer extends TokenBytes {
  /** What people call it: `o200k_base`, `TinyLlama 1.1B Chat`. */
  readonly name: string;
  readonly splitter: Splitter;
  /** Whether the vocabulary's makers bring a text to the form NFC first, which is not done here: other text counts otherwise. */
  readonly leavesOutNfc?: boolean;
  /** Whether text that spells a token added by hand is read as any other, which its makers would not do. */
  readonly leavesOutAdded?: boolean;
  /** Whether a table that its makers normalise text by is not read, and Unicode's NFKC stands for it. */
  readonly standsInForTable?: boolean;
  /** Whether it has read a run in parts that may belong together, as there was no end to it: see `LONGEST_PIECE`. */
  readonly cutRun?: boolean;
  /** How a text is read that is not at the beginning of its document, where that makes a difference. */
  readonly continued?: Tokenizer | undefined;
  /** Tokens that ordinary text can become, control tokens left out. */
  readonly ordinaryTokens: number;
  /** There where tokens do not stand for certain bytes of the text: see `PlacedTokens`. */
  readonly placesIn?: PlacedTokens["placesIn"];
  /** A token as the vocabulary spells it, where that is not its text: `##ing`, `▁the`. */
  spellingOf?(id: number): string;

  /** The ids of a text. Text that spells a control token is text like any other. */
  encode(text: string): number[];
  /** Appends the tokens of `text[start, end)`; both must be borders of pieces. */
  encodeRange(text: string, start: number, end: number, out: TokenBuffer): void;
  /** Appends the tokens of the piece `text[start, end)`. */
  encodePiece(text: string, start: number, end: number, out: TokenBuffer): void;
  /**
   * Appends the tokens of a whole text, handing control back after about every 4 KB; they are complete when the
   * generator is done.
   */
  encodeInSteps(text: string, out: TokenBuffer): Generator<void, void, void>;

  /** The ids that bytes merge to, without the short cut for bytes that are a token as a whole. */
  mergeBytes(bytes: Uint8Array): number[];
  /** Whether two tokens, merged from their bytes together, come out as themselves. */
  stayApart(left: number, right: number): boolean;

  /**
   * The two tokens whose merge makes a token; undefined for one that is not merged from others, and for one that
   * merging never reaches from its own bytes.
   */
  parentsOf(id: number): [left: number, right: number] | undefined;
  /**
   * What decides when a token is made: the place of its last merge in the order of merges, counted from 0, or the
   * logarithm of its probability; undefined for one that no merge makes and that has none.
   */
  orderOf?(id: number): TokenOrder | undefined;
  /** How the bytes of one whole piece become tokens, merge by merge, for a person to look at. */
  replay(piece: Uint8Array): MergeReplay;
}
