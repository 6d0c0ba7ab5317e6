/** The comparison of tokenizers: what its page and its host ask of one another. */

import type { Method } from "../rpc.js";

/** UTF-16 units of a text that are counted; longer ones are cut, and the panel says so. */
export const MOST_COMPARED = 100_000;
/** UTF-16 units that are drawn token by token. */
export const MOST_DRAWN = 2_000;
/** As many tokenizers as are compared at once: more rows nobody reads. */
export const MOST_TOKENIZERS = 8;

/** The text that is compared. */
export interface ComparedText {
  /** Grows with every change: a count is asked for one version, and one of an older version is not answered. */
  version: number;
  /** The file's name; for a given text, what it is. */
  name: string;
  /** 0-based and inclusive. */
  firstLine: number;
  lastLine: number;
  /** `paragraph`, `file`: nothing was selected. `given`: it is no text of the editor's. */
  chosen: "selection" | "paragraph" | "file" | "given";
  /** As much of it as is drawn. */
  drawn: string;
  /** Of all that is counted: code points and UTF-8 bytes. */
  characters: number;
  bytes: number;
  /** Whether the text goes on behind `MOST_COMPARED`. */
  cut: boolean;
  /** Whether the reader wants to keep it while another text is selected. */
  kept: boolean;
}

/** One row. */
export interface ComparedTokenizer {
  /** As the settings name it: an encoding, a model, `model`, `gguf:PATH`, `file:PATH`. */
  name: string;
  /** What to write in front of its row. */
  label: string;
  /** Who reads with it, or where it comes from. */
  detail: string;
  /** Why its counts are approximate; undefined where they are exact. */
  approximate: string | undefined;
}

/** What it costs to read the text with a model that counts so. */
export interface ReadingPrice {
  model: string;
  /** US dollars for the text as input. */
  cost: number;
  /** "gpt-4o input, $2.50 per million tokens, price of …, source …". */
  described: string;
}

/** What one tokenizer makes of the text. */
export interface CountedText {
  /** The tokenizer's own name: of `model`, the loaded model's. */
  label: string;
  /** Tokens of all that is counted. */
  tokens: number;
  /** The tokens of the drawn text, and how many of its bytes each stands for. */
  ids: Uint32Array;
  lengths: Uint32Array;
  /** Whether the drawn text ends inside the last of them. */
  goesOn: boolean;
  price: ReadingPrice | undefined;
}

export interface CompareHost {
  /** @throws GlassboxError `cancelled` where the text has changed since `version`. */
  count: Method<{ tokenizer: string; version: number }, CountedText>;
  /** How many tokens each of a few short texts takes. */
  countTexts: Method<{ tokenizer: string; texts: readonly string[] }, number[]>;
  /** Lets the reader choose one more tokenizer. */
  addTokenizer: Method<Record<string, never>, null>;
  removeTokenizer: Method<{ name: string }, null>;
  keepText: Method<{ kept: boolean }, null>;
  /** Takes a text that is not in the editor, and keeps it. */
  useText: Method<{ text: string; name: string }, null>;
}

export interface ComparePage {
  /** There is another text; undefined: no editor shows one. */
  textChanged: Method<{ text: ComparedText | undefined }, null>;
  /** Other tokenizers, or what one of the names stands for has changed. */
  tokenizersChanged: Method<{ tokenizers: ComparedTokenizer[] }, null>;
}
