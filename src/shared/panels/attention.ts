/** What the attention panel and its host ask of each other; a lesson's attention exhibit uses the same host. */

import type { Method } from "../rpc.js";
import type { EngineAgreement, ModelInfo, ModelToken, PlacedModelToken } from "../types.js";
import type { LensRun } from "../workerProtocol.js";

/** Where the text came from. Lines are 0-based and inclusive. */
export interface AttentionSource {
  fileName: string;
  firstLine: number;
  lastLine: number;
  /** `paragraph`: nothing was selected, so the lines around the caret were taken. */
  chosen: "selection" | "paragraph" | "lesson";
}

/** The tokens that attention is computed for, BOS included. */
export interface AttentionSubject {
  source: AttentionSource;
  model: ModelInfo;
  /** The tokens that are shown; `start` and `end` are UTF-16 offsets into the chosen text. */
  tokens: PlacedModelToken[];
  /** How many tokens the whole text has; more than are shown when it was cut. */
  totalTokens: number;
  /** The text itself was too long to be counted to its end: there are more than `totalTokens`. */
  totalIsLowerBound: boolean;
  /** The most tokens that are shown, and why not more. */
  limit: number;
  limitedBy: "context" | "panel";
}

export type AttentionEvent =
  | { kind: "subject"; subject: AttentionSubject }
  /** A layer is finished and can be asked for. */
  | { kind: "layer"; layer: number };

/** One layer, lower triangle only, 16-bit floats: see core/lens/packedAttention. */
export interface AttentionLayer {
  layer: number;
  headCount: number;
  tokenCount: number;
  /** (head, query, key <= query), IEEE binary16 bits. */
  halves: Uint16Array;
}

/** What a head can be seen doing on a text; core/lens/describe says how each is measured. */
export type HeadHabit = "first" | "previous" | "self" | "same" | "induction" | "brackets" | "indentation";

export interface HeadScore {
  habit: HeadHabit;
  /** Mean weight over the queries that can show the habit, 0 to 1. */
  score: number;
  /** The score of a head that looked at all tokens evenly. */
  even: number;
  /** How many queries those are. */
  queries: number;
}

/** One head of the model, measured on the text. */
export interface HeadReport {
  /** Strongest first. */
  scores: HeadScore[];
  /** The same with the first token set aside. */
  asideScores: HeadScore[];
  /** Mean over all queries but the first, in bits. */
  entropy: number;
  asideEntropy: number;
  /** (side, side) of `LayerReport`, a small picture of its weights; 255 is its largest. */
  thumbnail: Uint8Array;
  asideThumbnail: Uint8Array;
}

export interface LayerReport {
  layer: number;
  side: number;
  heads: HeadReport[];
}

/** What is taken out of a model before it is run again. */
export type Cut =
  /** The answer of a head is zero: the same as zeros in its columns of the output projection. */
  | { kind: "head"; layer: number; head: number }
  /** A query cannot look at a key, as if that were masked; in all layers or heads where none is named. */
  | { kind: "edge"; query: number; key: number; layer?: number; head?: number }
  /** No later token can look at a token, in any layer. */
  | { kind: "token"; token: number }
  /** Another token stands in a token's place: nothing is cut, a word is changed. */
  | { kind: "swap"; token: number; id: number };

/** Everything that one query of one head is made of. */
export interface CellParts {
  layer: number;
  head: number;
  query: number;
  /** The first key that is in the window: the rows of `keys`, `values` and `weights` begin with it and end with the query. */
  firstKey: number;
  /** Which of the key heads this head shares. */
  kvHead: number;
  /** (headDim), normed and turned as they are compared. */
  q: Float32Array;
  keys: Float32Array; // (keys, headDim)
  values: Float32Array; // (keys, headDim)
  /** What products are multiplied with. */
  scale: number;
  /** Scores s become cap · tanh(s / cap). */
  cap: number | undefined;
  /** The lens's own, before they are rounded to the 16 bits that are kept: (keys). */
  weights: Float32Array;
  /** The lens's own sum of weighted values: (headDim). */
  mixed: Float32Array;
}

/** What the residual stream says before a layer, read with the model's own classifier; by position. */
export interface StreamReading {
  /** How many layers are behind it: 0 is the embeddings, the number of layers the end. */
  layer: number;
  /** The most probable next token, and its probability. */
  top: Uint32Array;
  topProbability: Float32Array;
  /** Of the token that the model puts first in the end: its rank, counted from 1, and its probability here. */
  finalRank: Uint32Array;
  finalProbability: Float32Array;
  /** The same of the token that really follows in the text; 0 behind the last. */
  nextRank: Uint32Array;
  nextProbability: Float32Array;
  /** Root of the mean of squares of the stream. */
  norm: Float32Array;
  /** Entropy of the attention of the layer that reads this stream, in bits: the mean over its heads and queries. */
  attentionEntropy?: number;
}

/** What an engine keeps of a text: keys and values of every layer. */
export interface CacheSize {
  kvHeads: number;
  headDim: number;
  /** Numbers that are kept for the tokens at hand; layers with a window keep no more than that. */
  numbers: number;
  /** The same for the whole context that was allocated. */
  numbersOfContext: number;
}

/** How the distribution of the next token moved. */
export interface CutEffect {
  /** Kullback-Leibler divergence of the distribution after the cut from the one before, in bits. */
  klBits: number;
  /** The tokens that were or are most probable, or moved most; by probability before. */
  changes: { id: number; before: number; after: number }[];
  /** The weights of the row that was asked for, before and after: (keys up to the query). */
  row?: { before: Float32Array; after: Float32Array };
}

/** One row of attention. */
export interface RowPlace {
  layer: number;
  head: number;
  query: number;
}

export interface HeadCut {
  layer: number;
  head: number;
  klBits: number;
  /** The most probable token after the cut. */
  top: number;
  topProbability: number;
}

/** Tokens whose embeddings point the most alike way. */
export interface Neighbours {
  /** By cosine of the angle, most alike first; the tokens that were asked about are left out. */
  nearest: { id: number; cosine: number }[];
  /** How many tokens were compared. */
  compared: number;
}

/** What is run beside the first: another text with the same model, or the same text with a model that is chosen. */
export type BesideAsk = { kind: "text"; text: string } | { kind: "model" };

/** How far a second run is. */
export type BesideProgress =
  /** A list of models is open; nothing is read before one is chosen from it. */
  | { kind: "choosing" }
  /** Its text is read as tokens; of a second model the name. */
  | { kind: "reading"; model: string | undefined }
  /** A layer is finished, of `layers`. */
  | { kind: "layer"; layer: number; layers: number };

/** A second run, which stays beside the first. */
export interface BesideRun {
  model: ModelInfo;
  tokens: PlacedModelToken[];
  /** The text has more tokens than are shown. */
  cut: boolean;
  run: LensRun;
  /** For each token of the first text its counterpart in the second; -1 where there is none: see core/lens/beside. */
  counterparts: Int32Array;
  /** Whether the predictions of both are over the same tokens. */
  sameVocabulary: boolean;
}

/** How strongly each shown token is looked at; index = token, 0 to 1. */
export interface LitTokens {
  /** The token that looks. */
  query: number;
  strengths: number[];
}

export interface AttentionHost {
  /**
   * Runs the lens over the text that the host was given; the layers stay with the lens until asked for.
   * `exact`: in f32 also where 16-bit integers would be quicker.
   */
  attend: Method<{ exact?: boolean }, LensRun, AttentionEvent>;
  /** One finished layer of the run that is under way or was the last. */
  layer: Method<{ layer: number }, AttentionLayer>;
  /** Measures what every head of the last run does, one event a layer. */
  heads: Method<Record<string, never>, null, LayerReport>;
  /** The numbers that one row of one head is made of. */
  cell: Method<{ layer: number; head: number; query: number }, CellParts>;
  /** The prediction at each layer and position: the end first, then from the embeddings on. */
  streams: Method<Record<string, never>, { cache: CacheSize; tokens: ModelToken[] }, StreamReading>;
  /** Runs again with something taken out, and answers how the prediction behind `position` moved; and a row, if asked. */
  cut: Method<{ cuts: Cut[]; position: number; row?: RowPlace }, { effect: CutEffect; tokens: ModelToken[] }>;
  /** The same for every head, one at a time. */
  cutEachHead: Method<{ position: number }, { tokens: ModelToken[] }, HeadCut>;
  /** Runs a second text or model beside the first; null where no model was chosen. */
  beside: Method<{ ask: BesideAsk; exact: boolean }, BesideRun | null, BesideProgress>;
  /** One layer of the second run. */
  besideLayer: Method<{ layer: number }, AttentionLayer>;
  /** How the prediction behind a token of the first run differs from that behind a token of the second. */
  besideEffect: Method<{ position: number; other: number }, { effect: CutEffect; tokens: ModelToken[] }>;
  /** The tokens whose embeddings are nearest to a sum of others, in the model's own matrix. */
  neighbours: Method<{ plus: number[]; minus: number[] }, Neighbours & { tokens: ModelToken[] }>;
  /** The tokens of a few words that the reader has typed, without BOS. */
  tokensOf: Method<{ text: string }, ModelToken[]>;
  /** Compares the last run with llama.cpp at every position; each event is the agreement so far. */
  agree: Method<Record<string, never>, { agreement: EngineAgreement; engineMs: number }, EngineAgreement>;
  /** Lights tokens in the document itself; `null` clears them. */
  light: Method<LitTokens | null, null>;
  /** Outlines one token in the document while the pointer is over it; `null` ends it. */
  point: Method<{ token: number } | null, null>;
  /** Scrolls the document to a token where it is out of sight. */
  reveal: Method<{ token: number }, null>;
  /** Whether the token under the caret shall light what it looks at. */
  setFollowing: Method<{ on: boolean }, null>;
  /** Makes the built-in model the active one. */
  useBuiltInModel: Method<Record<string, never>, null>;
  /** Takes the text that is selected now. */
  takeSelection: Method<Record<string, never>, null>;
}

export interface AttentionPage {
  /** There is a text to run on: a new one, or the same one with another model. */
  start: Method<Record<string, never>, null>;
  /** The caret follows, or does so no longer. */
  following: Method<{ on: boolean }, null>;
  /** The caret stands in this token now. */
  caretIn: Method<{ token: number }, null>;
  /** The document was edited or closed, so its places no longer hold. */
  textChanged: Method<Record<string, never>, null>;
}
