/** A chat as a server is asked: in messages, where the local engine is asked in tokens. */

import type { SamplingSettings } from "../../shared/types.js";
import type { ChatMessage, GenerationResult } from "../../shared/workerProtocol.js";

export interface ChatParams {
  messages: ChatMessage[];
  maxTokens: number;
  sampling: SamplingSettings;
  seed: number;
  /** Stop when the answer contains one of these. Watched here, so that it holds with every server. */
  stopTexts?: string[];
  /** How many alternatives to ask for with each token, at most 20; 0 by default. */
  alternatives?: number;
  /** GBNF. llama-server keeps to it; other servers do not know the field, and their answers have to be checked. */
  grammar?: string;
}

export interface ChatResult extends GenerationResult {
  /** The model's name as the server gives it. */
  model: string;
  /** Tokens of the prompt with the server's own template, where it tells. */
  promptTokens: number | undefined;
  /** Whether the tokens came with their probabilities. */
  hasProbabilities: boolean;
  /** The request's body as it was sent, the key not being part of it. */
  body: string;
}
