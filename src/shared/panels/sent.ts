/** The panel that shows what was sent to the model: the very prompt of one call. */

import type { Method } from "../rpc.js";
import type { ModelInfo, ModelToken, SamplingSettings } from "../types.js";
import type { ChatMessage, RenderedPrompt } from "../workerProtocol.js";

/** A stretch of the prompt: what the template wrote, or what a role said. UTF-16 offsets, end exclusive. */
export interface PromptPart {
  role: "template" | ChatMessage["role"];
  start: number;
  end: number;
}

/** One call to the model, as it was made. */
export interface SentCall {
  id: number;
  /** What the call was for: "Step 2 of sum.ts, lines 2–8". */
  subject: string;
  model: ModelInfo;
  /** The object whose tokens went to the engine. */
  prompt: RenderedPrompt;
  parts: PromptPart[];
  /** Words of an earlier, stopped answer that were put behind the prompt to go on from there. */
  resumedFrom: ModelToken[];
  sampling: SamplingSettings;
  seed: number;
  maxTokens: number;
  stopTexts: string[];
  /** The GBNF grammar that the answer had to follow. */
  grammar: string | undefined;
}

export interface SentHost {
  /** Explains the selection, for a page whose call is gone. */
  explain: Method<Record<string, never>, null>;
}

export interface SentPage {
  opened: Method<SentCall, null>;
  /** The window has come back without the call, which was too large to be kept. */
  gone: Method<Record<string, never>, null>;
}
