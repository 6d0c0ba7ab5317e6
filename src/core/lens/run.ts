/** One run of the forward pass: where it keeps its numbers, and what the stages are that it consists of. */

import type { Cut } from "../../shared/panels/attention.js";
import { Arena, type Kernel, type Pointer } from "./kernel/kernel.js";
import { triangle } from "./packedAttention.js";
import { type Operand, placeOperand, roundUp, scratchBytes, TOKENS_TOGETHER } from "./products.js";
import type { PlacedModel } from "./weights.js";

/** Queries of one head whose attention is computed as one piece of work. */
export const QUERY_BLOCK = 32;
/** Positions whose logits are computed at a time. */
export const LOGIT_BLOCK = 16;

/** What products are computed with: f32, or integers of 16 bits that are summed in 32. */
export type Arithmetic = "f32" | "i16";

/** Where one run keeps its numbers. Plain data; every buffer is f32 unless said. */
export interface RunBuffers {
  tokens: number;
  arithmetic: Arithmetic;
  tokenIds: Pointer; // (tokens) i32
  /** One for each of the shape's ropes: (tokens, rotated / 2, 2). */
  ropes: Pointer[];
  x: Pointer; // (tokens, dim), the residual stream
  normed: Pointer; // (tokens, dim)
  normedReady: Operand; // (tokens, dim)
  q: Pointer; // (tokens, heads * headDim)
  k: Pointer; // (tokens, kvHeads * headDim)
  v: Pointer; // (tokens, kvHeads * headDim)
  /** (heads, tokens, tokens), of the layer at hand, where it is wanted as it was computed. */
  attention: Pointer | undefined;
  /** (layers, heads, lower triangle of tokens²) f16, of every layer, where it is kept. */
  kept: Pointer | undefined;
  /** (layers + 1, tokens, dim): the residual stream before each layer and behind the last, where it is wanted. */
  streams: Pointer | undefined;
  /** Whether this run writes the streams. */
  records: boolean;
  /** The layer that this run begins with, from the streams that are there; undefined: with the embeddings. */
  resumesAt: number | undefined;
  cuts: readonly Cut[];
  /** Whether every token is taken to stand at the first position, as if there were no order. */
  equalPositions: boolean;
  mixed: Pointer; // (tokens, heads * headDim)
  mixedReady: Operand; // (tokens, heads * headDim)
  projected: Pointer; // (tokens, dim), what a part adds to the residual stream
  gate: Pointer; // (rows, hidden)
  gateReady: Operand; // (rows, hidden)
  up: Pointer; // (rows, hidden)
  /** What a mixture of experts needs besides; `gate` and `up` then have a row for each token of each expert. */
  experts: ExpertBuffers | undefined;
  logits: Pointer; // (LOGIT_BLOCK, vocabulary rounded up to a multiple of 4)
  /** One a thread. */
  scratch: { panel: Pointer; scores: Pointer /* (QUERY_BLOCK, tokens) */ }[];
  end: Pointer;
}

export interface ExpertBuffers {
  /** Places for one token with one expert, the tokens of an expert side by side from a multiple of eight on. */
  slots: number;
  scores: Pointer; // (tokens, experts rounded up to a multiple of 4)
  /** (experts, 2) i32: the first slot of each and how many tokens have it. */
  spans: Pointer;
  slotTokens: Pointer; // (slots) i32
  tokenSlots: Pointer; // (tokens, used) i32
  shares: Pointer; // (tokens, used), what each expert's answer is multiplied with
  chosen: Pointer; // (slots, dim), the normed token of each slot
  chosenReady: Operand; // (slots, dim)
  answers: Pointer; // (slots, dim)
  /** Which experts every token had in every layer, the best first, and their shares. */
  routedTo: Pointer; // (layers, tokens, used) i32
  routedShares: Pointer; // (layers, tokens, used)
}

export interface RunOptions {
  arithmetic: Arithmetic;
  /** Whether the attention of the layer at hand is wanted in f32, besides the f16 that are kept. */
  f32Attention: boolean;
  /** Whether the attention of every layer is kept in f16. */
  keepsAttention?: boolean;
  /** Whether the residual stream is kept before every layer. */
  keepsStreams?: boolean;
  /** See `RunBuffers`. */
  equalPositions?: boolean;
  /** The first free address; behind the weights where it is left out. */
  from?: Pointer;
  threads: number;
}

/** Lays out the buffers of a run behind the model's weights. */
export function placeRun(model: PlacedModel, tokens: number, options: RunOptions): RunBuffers {
  const {
    arithmetic,
    f32Attention,
    keepsAttention = true,
    keepsStreams = false,
    equalPositions = false,
    threads,
  } = options;
  const { dim, heads, kvHeads, headDim, hidden, vocabulary, experts, layers, ropes } = model.shape;
  const arena = new Arena(options.from ?? model.end);
  // Each expert may leave all but one place of its last eight empty.
  const slots = experts
    ? roundUp(tokens * experts.used + experts.count * (TOKENS_TOGETHER - 1), TOKENS_TOGETHER)
    : 0;
  const hiddenRows = Math.max(tokens, slots);
  const ready = (columns: number, rows: number) => placeOperand(arena, columns, rows, arithmetic);
  return {
    tokens,
    arithmetic,
    tokenIds: arena.floats(tokens),
    ropes: ropes.map((rope) => arena.floats(tokens * rope.rotated)),
    x: arena.floats(tokens * dim),
    normed: arena.floats(tokens * dim),
    normedReady: ready(dim, tokens),
    q: arena.floats(tokens * heads * headDim),
    k: arena.floats(tokens * kvHeads * headDim),
    v: arena.floats(tokens * kvHeads * headDim),
    attention: f32Attention ? arena.floats(heads * tokens * tokens) : undefined,
    kept: keepsAttention ? arena.take(layers * heads * triangle(tokens) * 2) : undefined,
    streams: keepsStreams ? arena.floats((layers + 1) * tokens * dim) : undefined,
    records: keepsStreams,
    resumesAt: undefined,
    cuts: [],
    equalPositions,
    mixed: arena.floats(tokens * heads * headDim),
    mixedReady: ready(heads * headDim, tokens),
    projected: arena.floats(tokens * dim),
    gate: arena.floats(hiddenRows * hidden),
    gateReady: ready(hidden, hiddenRows),
    up: arena.floats(hiddenRows * hidden),
    experts: experts && {
      slots,
      scores: arena.floats(tokens * roundUp(experts.count, 4)),
      spans: arena.floats(experts.count * 2),
      slotTokens: arena.floats(slots),
      tokenSlots: arena.floats(tokens * experts.used),
      shares: arena.floats(tokens * experts.used),
      chosen: arena.floats(slots * dim),
      chosenReady: ready(dim, slots),
      answers: arena.floats(slots * dim),
      routedTo: arena.floats(layers * tokens * experts.used),
      routedShares: arena.floats(layers * tokens * experts.used),
    },
    logits: arena.floats(LOGIT_BLOCK * roundUp(vocabulary, 4)),
    scratch: Array.from({ length: threads }, () => ({
      panel: arena.take(scratchBytes(hiddenRows)),
      scores: arena.floats(QUERY_BLOCK * tokens),
    })),
    end: arena.end,
  };
}

export interface Stage {
  /** How many independent pieces of work there are. */
  items: number;
  run(item: number): void;
  /** The layer whose attention is complete when this stage is. */
  attentionOf?: number;
}

export interface ForwardContext {
  kernel: Kernel;
  memory: WebAssembly.Memory;
  model: PlacedModel;
  run: RunBuffers;
  /** Which of the scratch buffers is this thread's. */
  thread: number;
}
