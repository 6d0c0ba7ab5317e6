/** The sampling panel: what its page and its host ask of one another. */

import type { Method } from "../rpc.js";
import type { ModelInfo, ModelToken, PlacedModelToken } from "../types.js";
import type { PanelSource } from "./panel.js";

/** Which text the next token follows. */
export interface SamplingSource extends PanelSource {
  /** What `text` is: the selection, everything before the caret, or a text that was given. */
  scope: "selection" | "caret" | "given";
  /** Whether `text` already lacks its beginning, because the document is long. */
  cutAtStart: boolean;
}

/** A text as the model is given it. */
export interface SamplingPrompt {
  /** Without `text`: the tokens say it exactly. */
  source: Omit<SamplingSource, "text">;
  /** Everything that goes to the model, its BOS token included, in order. */
  tokens: PlacedModelToken[];
  /** Whether the beginning was left out, so that the text fits. */
  cut: boolean;
  model: ModelInfo;
  /** Whether it is the small story model that comes with the extension. */
  builtIn: boolean;
  /** What computes the logits, with its version. */
  engine: string;
}

export interface SamplingHost {
  /** Reads the source and makes its tokens; loads the model where that is still to be done. */
  prompt: Method<
    Record<string, never>,
    /** `no-text`: no editor has been used. `nothing`: no token comes before the place, not even a BOS. */
    { kind: "prompt"; prompt: SamplingPrompt } | { kind: "no-text" } | { kind: "nothing" }
  >;
  /** The logits over the whole vocabulary that follow these tokens: (vocabulary) f32; all as for the model process. */
  next: Method<{ tokenIds: number[]; own?: boolean }, { logits: Float32Array; ms: number; reused: number }>;
  /** Names and bytes of tokens. */
  tokens: Method<{ ids: number[] }, ModelToken[]>;
  /** Takes the selection or the caret as they are now; `sourceChanged` follows. */
  readAgain: Method<Record<string, never>, null>;
  /** Puts a text where the prompt ends, in the document; refused where that was edited since it was read. */
  insert: Method<{ text: string }, null>;
}

export interface SamplingPage {
  /** There is another text: ask for `prompt` again. */
  sourceChanged: Method<Record<string, never>, null>;
  /** The document was edited, so the text on screen is no longer what stands there. */
  sourceEdited: Method<Record<string, never>, null>;
}
