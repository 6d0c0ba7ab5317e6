/** The panel of "Show Surprisal": what its page and its host ask of one another. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type { ModelInfo } from "../types.js";

/** As in `src/core/tokens/palettes.ts`, which this may not import. */
type PaletteName = "default" | "colorBlindSafe" | "monochrome";

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
  /** Takes the colours off the text. */
  hide: Method<Record<string, never>, null>;
}

export interface SurprisalPage {
  /** Something was read, stopped or edited: ask for `state` again. */
  changed: Method<Record<string, never>, null>;
}
