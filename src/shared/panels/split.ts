/** The panel "Why Did It Split Here?": what its page and its host ask of one another. */

import type { Method } from "../rpc.js";
import type { MergeReplay } from "../types.js";

/** As much text as the panel looks at, in UTF-16 units; longer lines are cut around the caret, and it says so. */
export const MOST_SPLIT_CHARACTERS = 2000;
/** As many bytes of a piece as are replayed: each merge is a row, and the work grows with their square. */
export const MOST_REPLAYED_BYTES = 240;

/** What a term of the rule took, in UTF-16 offsets of the text that the rule was run on. */
export interface TermTrace {
  /** As the expression has it: `\p{L}+`. */
  source: string;
  /** The same in words: "letters, at least one". */
  words: string;
  start: number;
  end: number;
  text: string;
}

/** One alternative of the pre-tokeniser's expression, in the order in which they are tried. */
export interface AlternativeTrace {
  source: string;
  /** What it is for: "word", "number". */
  name: string;
  kind: "failed" | "matched" | "untried";
  /** One sentence, where it failed. */
  why?: string;
  /** Where it matched. */
  terms?: TermTrace[];
}

/** How the pre-tokeniser came to a piece. */
export interface RuleTrace {
  /** Which of the pre-tokeniser's expressions decided, from 0, and how many it has. */
  stage: number;
  stages: number;
  pattern: string;
  alternatives: AlternativeTrace[];
  /** The alternative that matched; -1 for what lies between two matches. */
  matched: number;
  /** Why the piece ends where it does, in one sentence. */
  ends: string;
}

/** A piece as the pre-tokeniser cuts it, with the tokens that it becomes. */
export interface SplitPiece {
  /** UTF-16 offsets into the text. */
  start: number;
  end: number;
  tokens: { id: number; bytes: Uint8Array }[];
}

/** The piece that is looked at. */
export interface PieceDetail {
  /** Its bytes; those of the replay where it is longer. */
  bytes: Uint8Array;
  /** How many bytes it has in all. */
  byteCount: number;
  replay: MergeReplay;
}

/** A text, cut. */
export interface SplitView {
  tokenizer: string;
  /** The expressions of the pre-tokeniser, from which the page names the rule; none where nothing published cuts. */
  patterns: readonly string[];
  pieces: SplitPiece[];
  /** Index of the piece that is looked at; -1 for an empty text. */
  chosen: number;
  detail: PieceDetail | undefined;
  /** Milliseconds that all of it took in the extension host. */
  ms: number;
}

/** The text around the caret. */
export interface SplitSource {
  fileName: string;
  /** 0-based line of the caret. */
  line: number;
  text: string;
  /** The caret in `text`, in UTF-16 units. */
  caret: number;
  /** Whether the line goes on before or behind `text`. */
  cutBefore: boolean;
  cutAfter: boolean;
}

export interface TokenizerOption {
  /** As the host knows it. */
  name: string;
  /** As people call it. */
  label: string;
}

export interface SplitStart {
  /** Undefined while no text is in an editor. */
  source: SplitSource | undefined;
  /** The tokenizer that the settings name. */
  tokenizer: string;
  tokenizers: TokenizerOption[];
}

export interface SplitHost {
  start: Method<Record<string, never>, SplitStart>;
  /** Cuts a text and looks at the piece at `at`, a UTF-16 offset into it. */
  look: Method<{ text: string; at: number; tokenizer: string }, SplitView>;
  /** The text around the caret now. */
  caretText: Method<Record<string, never>, SplitSource | undefined>;
  /** Whether the page wants to hear of the caret. */
  follow: Method<{ on: boolean }, null>;
}

export interface SplitPage {
  /** Another text is asked about: by the command, or by the caret that is followed. */
  sourceChanged: Method<{ source: SplitSource | undefined; asked: boolean }, null>;
  /** The settings name another tokenizer now. */
  tokenizerChanged: Method<{ tokenizer: string; tokenizers: TokenizerOption[] }, null>;
}
