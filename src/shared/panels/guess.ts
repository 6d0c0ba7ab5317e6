/** The panel of "Guess the Next Token": what its page and its host ask of one another. */

import type { Method } from "../rpc.js";
import type { ModelInfo, ModelToken } from "../types.js";

/** The text that is played on; what comes next in it stays with the host until it is revealed. */
export interface GuessPassage {
  fileName: string;
  /** Of the first token to guess; 0-based. */
  line: number;
  /** The last tokens before the first that is to be guessed. */
  before: ModelToken[];
  /** How many tokens the model reads before it, BOS included, and whether the text has more. */
  contextTokens: number;
  cut: boolean;
  /** The caret stood inside a token, so the game begins at that token's start. */
  insideToken: boolean;
  /** Tokens to guess; 0 where nothing stands behind the caret, so that only the model can be guessed. */
  count: number;
  model: ModelInfo;
  builtIn: boolean;
  /** What computes the numbers, with its version. */
  engine: string;
}

export type GuessHit = "whole" | "part" | "miss";

/** A token with what the model gave it. */
export interface RatedToken {
  token: ModelToken;
  probability: number;
  bits: number;
}

/** What was scored of a guess, and by which rule. */
export interface ScoredGuess {
  /** The text that was scored, whitespace visible. */
  text: string;
  /** A space was put in front of what was typed: the model finds that more probable. */
  spaced: boolean;
  /**
   * `token`: it is a token; `part`: tokens begin with it, none is just that; `several`: no token is as long.
   * In each case all ways of spelling it count.
   */
  rule: "token" | "part" | "several";
  /** Tokens that begin with it. */
  beginning: number;
  /** The most probable way to spell it; the last may be longer than what was typed. */
  spelling: ModelToken[];
  probability: number;
  /** Of the probability, and of what it is at most: ways that were not followed could add the difference. */
  bits: number;
  leastBits: number;
}

/** One place, guessed and revealed. */
export interface GuessRound {
  /** Counted from 0 at the beginning of the passage. */
  index: number;
  /** Undefined where the reader did not guess. */
  guess: ScoredGuess | undefined;
  /** What stands in the text, with its rank; undefined behind the end. */
  text: (RatedToken & { rank: number }) | undefined;
  favourite: RatedToken;
  /** The most probable tokens, best first, the favourite among them. */
  alternatives: RatedToken[];
  /** Of the whole distribution, in bits. */
  entropy: number;
  /** Undefined where nothing stands in the text. */
  hit: GuessHit | undefined;
  favouriteHit: boolean;
}

export type GuessBeginning =
  | { kind: "no-text" }
  /** Nothing stands before the caret, and this model has no token to begin with. */
  | { kind: "nothing" }
  | { kind: "passage"; passage: GuessPassage };

export interface GuessHost {
  /** Takes the text around the caret, hides what is to be guessed, and answers what stands before it. */
  begin: Method<Record<string, never>, GuessBeginning>;
  /** Scores a guess at a place of the passage and reveals what stands there; nothing typed gives it up. */
  guess: Method<{ index: number; typed: string }, GuessRound>;
  /** Shows the rest of the passage in the editor: the game is over or given up. */
  showAll: Method<Record<string, never>, null>;
}

export interface GuessPage {
  /** Another caret was chosen, or another model: begin anew. */
  begin: Method<Record<string, never>, null>;
  /** The document was edited or closed, so that what stands there is not what was read. */
  textChanged: Method<Record<string, never>, null>;
}
