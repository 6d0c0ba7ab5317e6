/** The panel of "Show Surprisal": what its page and its host ask of one another. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type { ModelInfo, PaletteName } from "../types.js";

/** Which text is read. Lines are 0-based. */
export interface SurprisalSource {
  fileName: string;
  scope: "file" | "selection";
  firstLine: number;
  lastLine: number;
  /** Whether the text is longer than what is read of it. */
  cut: boolean;
}

export type SurprisalPhase =
  | { kind: "reading" }
  | { kind: "ready" }
  | { kind: "stopped" }
  | { kind: "failed"; error: WireError };

/** Everything by token: (tokens) each. What has not been read is NaN, rank 0 and no text. */
export interface SurprisalTokens {
  texts: string[];
  /** UTF-16 offsets in the document. */
  starts: Uint32Array;
  ends: Uint32Array;
  /** 0-based. */
  lines: Uint32Array;
  columns: Uint32Array;
  bits: Float64Array;
  ranks: Uint32Array;
  entropies: Float64Array;
  /** By how much each of those can be off at most. */
  entropiesWithin: Float64Array;
  /** The most probable token at each place, and its probability. */
  bestTexts: string[];
  bestProbabilities: Float64Array;
}

export interface SurprisalState {
  source: SurprisalSource;
  phase: SurprisalPhase;
  /** Undefined until it is loaded. */
  model: ModelInfo | undefined;
  /** Whether it is the small story model that comes with the extension. */
  builtIn: boolean;
  /** What computes the numbers, with its version. */
  engine: string;
  /** Tokens that a window has at most, and how many of them it repeats of the one before. */
  windows: { count: number; size: number; overlap: number };
  /** Probabilities between the levels, see `src/core/surprisal/levels.ts`. */
  thresholds: number[];
  /** The palette whose looks the levels have. */
  palette: PaletteName;
  /** Tokens read by the engine since it was asked, and milliseconds; those that were known cost nothing. */
  read: { tokens: number; ms: number };
  /** UTF-8 bytes of the tokens that have been read. */
  bytes: number;
  tokens: SurprisalTokens;
}

/** One of two models that were compared on a text. */
export interface ComparedModel {
  info: ModelInfo;
  /** Tokens of the text that it was scored on, and all bits of theirs. */
  tokens: number;
  bits: number;
  /** Raw evaluation of so many tokens from the start, when the weights were in memory already. */
  timedTokens: number;
  timedMs: number;
  /** Of the model process, when it had read the text: what was mapped of the file among it. */
  residentBytes: number;
}

/** Two models on one text. Everything by place: (places) each. */
export interface ModelComparison {
  first: ComparedModel;
  second: ComparedModel;
  /** UTF-8 bytes of what both were scored on. */
  bytes: number;
  /** Places are tokens where both have the same; else the shortest stretches of text that both end a token with. */
  texts: string[];
  /** UTF-16 offsets in the text. */
  starts: Uint32Array;
  ends: Uint32Array;
  /** -log2 of the probability of what stands there. */
  firstBits: Float64Array;
  secondBits: Float64Array;
  /** Only where both have the same vocabulary and cut the text alike: distributions over all of it. */
  byToken:
    | {
        /** Kullback-Leibler divergence of the second from the first in bits, and of the first from the second. */
        forward: Float64Array;
        backward: Float64Array;
        firstEntropies: Float64Array;
        secondEntropies: Float64Array;
        /** 1 where the two have different favourites. */
        flips: Uint8Array;
        firstTops: string[];
        secondTops: string[];
      }
    | undefined;
}

/** A comparison on its way. `returning`: the model that was active before is loaded again. */
export interface ComparisonProgress {
  stage: "reading" | "loading" | "returning";
  /** The name of the model that is read; empty where one is loaded. */
  model: string;
  /** 0 to 1, of this stage. */
  fraction: number;
}

/** What was compared, for the page: offsets are those of the document when it was read. */
export interface ShownComparison {
  comparison: ModelComparison;
  source: SurprisalSource;
  engine: string;
  /** 0-based lines of the places. */
  lines: Uint32Array;
  /** Whether only a part of the text was compared. */
  cut: boolean;
}

export interface SurprisalHost {
  /** Undefined while nothing is shown. */
  state: Method<Record<string, never>, SurprisalState | undefined>;
  /** Puts the caret on a place and shows it. */
  reveal: Method<{ start: number; end: number }, null>;
  stop: Method<Record<string, never>, null>;
  /** Goes on where it was stopped, or tries again. */
  goOn: Method<Record<string, never>, null>;
  /** Reads the selection or the file in front of the reader. */
  readAgain: Method<Record<string, never>, null>;
  /** Lets the reader choose a second model and reads the same text with both; null where none was chosen. */
  compare: Method<Record<string, never>, ShownComparison | null, ComparisonProgress>;
  /** SHA-256 of the files of the two models that were compared last. */
  comparedHashes: Method<Record<string, never>, [first: string, second: string]>;
  /** Takes the colours off the text. */
  hide: Method<Record<string, never>, null>;
}

export interface SurprisalPage {
  /** Something was read, stopped or edited: ask for `state` again. */
  changed: Method<Record<string, never>, null>;
}
