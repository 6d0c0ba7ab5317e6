/** What the experiments of lessons ask of the lens, of the models and of the session: plain data, one answer each. */

import type { Method } from "../rpc.js";
import type { ModelInfo, PlacedModelToken } from "../types.js";
import type { GeneratedToken } from "../workerProtocol.js";
import type { WriteRequest, Written } from "./lesson.js";

/** Where the routers of a mixture of experts send tokens. */
export interface Routing {
  /** Experts in a layer, and how many of them a token has. */
  count: number;
  used: number;
  layers: number;
  tokens: number;
  /** (layers, tokens, used): a token's experts, the best first. */
  chosen: Int32Array;
  /** The same shape; those of a token sum to 1. */
  shares: Float32Array;
}

/** What the last token of a text looks at, and what it would go on with. */
export interface LookBack {
  layers: number;
  /** (layers, tokens): the attention of the last token, averaged over the heads of a layer. */
  attention: Float32Array;
  /** (vocabulary) f32. */
  logits: Float32Array;
}

/** What the model's processes and tools have done since the window was opened. */
export interface SessionUse {
  /** By device, such as "model" or "sandbox": by request, how often. */
  devices: { device: string; requests: { name: string; count: number }[] }[];
  /** Tokens in the model's memory now, and how many of them it wrote since the window was opened. */
  inMemory: number;
  written: number;
}

export interface ExperimentHost {
  /** A text's tokens as the active model reads it, its BOS among them. */
  read: Method<{ text: string }, { tokens: PlacedModelToken[]; model: ModelInfo }>;
  /** The lens's own forward pass; with `equalPositions` as if all tokens stood at the first place. */
  lookBack: Method<{ tokenIds: number[]; equalPositions: boolean }, LookBack>;
  /** Null where the active model is no mixture of experts. */
  routing: Method<{ tokenIds: number[] }, Routing | null>;
  /** (ids, width): rows of the active model's table. */
  embeddings: Method<{ ids: number[] }, { rows: Float32Array; width: number }>;
  /** Names of tokens of the active model. */
  nameTokens: Method<{ ids: number[] }, { id: number; text: string }[]>;
  /** The logits behind tokens: (vocabulary) f32. */
  next: Method<{ tokenIds: number[] }, { logits: Float32Array }>;
  /** Lets the built-in model write, whichever model is active. */
  writeBuiltIn: Method<WriteRequest, Written, GeneratedToken>;
  sessionUse: Method<Record<string, never>, SessionUse>;
}
