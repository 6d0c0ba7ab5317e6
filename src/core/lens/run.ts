/** One run of the forward pass: where it keeps its numbers, and what the stages are that it consists of. */

import { Arena, type Kernel, type Pointer } from "./kernel/kernel.js";
import type { PlacedModel } from "./weights.js";

/** Rows of a matrix that are unpacked and multiplied at a time. */
export const PANEL_ROWS = 16;
/** Positions whose logits are computed at a time. */
export const LOGIT_BLOCK = 16;

/**
 * Where one run keeps its numbers. Plain data; every buffer is f32 unless said, and has room for an even number
 * of tokens. *Paired* buffers interleave two tokens as `multiply` reads them.
 */
export interface RunBuffers {
  tokens: number;
  tokenIds: Pointer; // (tokens) i32
  /** One for each of the shape's ropes: (tokens, rotated / 2, 2). */
  ropes: Pointer[];
  x: Pointer; // (tokens, dim), the residual stream
  normed: Pointer; // (tokens, dim)
  normedPaired: Pointer; // (tokens, dim) paired
  q: Pointer; // (tokens, heads * headDim)
  k: Pointer; // (tokens, kvHeads * headDim)
  v: Pointer; // (tokens, kvHeads * headDim)
  attention: Pointer; // (heads, tokens, tokens), of the layer at hand
  mixed: Pointer; // (tokens, heads * headDim)
  mixedPaired: Pointer; // (tokens, heads * headDim) paired
  projected: Pointer; // (tokens, dim), what a part adds to the residual stream
  gate: Pointer; // (rows, hidden)
  gatePaired: Pointer; // (rows, hidden) paired
  up: Pointer; // (rows, hidden)
  /** What a mixture of experts needs besides; `gate` and `up` then have a row for each token of each expert. */
  experts: ExpertBuffers | undefined;
  logits: Pointer; // (LOGIT_BLOCK, vocabulary rounded up to a multiple of 4)
  /** One a thread: (2, PANEL_ROWS, the most columns of any matrix), a panel unpacked and the same in fours. */
  scratch: Pointer[];
  end: Pointer;
}

export interface ExpertBuffers {
  /** Places for one token with one expert, the tokens of an expert side by side from an even place on. */
  slots: number;
  scores: Pointer; // (tokens, experts rounded up to a multiple of 4)
  /** (experts, 2) i32: the first slot of each and how many tokens have it. */
  spans: Pointer;
  slotTokens: Pointer; // (slots) i32
  tokenSlots: Pointer; // (tokens, used) i32
  shares: Pointer; // (tokens, used), what each expert's answer is multiplied with
  chosen: Pointer; // (slots, dim), the normed token of each slot
  chosenPaired: Pointer; // (slots, dim) paired
  answers: Pointer; // (slots, dim)
}

/** Lays out the buffers of a run behind the model's weights. */
export function placeRun(model: PlacedModel, tokens: number, threads: number): RunBuffers {
  const { shape } = model;
  const { dim, heads, kvHeads, headDim, hidden, vocabulary, experts } = shape;
  const arena = new Arena(model.end);
  const most = Math.max(dim, hidden, heads * headDim);
  const even = tokens + (tokens % 2);
  // Each expert may leave one place of its last pair empty.
  const slots = experts
    ? tokens * experts.used + experts.count + ((tokens * experts.used + experts.count) % 2)
    : 0;
  const hiddenRows = Math.max(even, slots);
  return {
    tokens,
    tokenIds: arena.floats(tokens),
    ropes: shape.ropes.map((rope) => arena.floats(tokens * rope.rotated)),
    x: arena.floats(even * dim),
    normed: arena.floats(even * dim),
    normedPaired: arena.floats(even * dim),
    q: arena.floats(even * heads * headDim),
    k: arena.floats(even * kvHeads * headDim),
    v: arena.floats(even * kvHeads * headDim),
    attention: arena.floats(heads * tokens * tokens),
    mixed: arena.floats(even * heads * headDim),
    mixedPaired: arena.floats(even * heads * headDim),
    projected: arena.floats(even * dim),
    gate: arena.floats(hiddenRows * hidden),
    gatePaired: arena.floats(hiddenRows * hidden),
    up: arena.floats(hiddenRows * hidden),
    experts: experts && {
      slots,
      scores: arena.floats(even * roundUp4(experts.count)),
      spans: arena.floats(experts.count * 2),
      slotTokens: arena.floats(slots),
      tokenSlots: arena.floats(tokens * experts.used),
      shares: arena.floats(tokens * experts.used),
      chosen: arena.floats(slots * dim),
      chosenPaired: arena.floats(slots * dim),
      answers: arena.floats(slots * dim),
    },
    logits: arena.floats(LOGIT_BLOCK * roundUp4(vocabulary)),
    scratch: Array.from({ length: threads }, () => arena.floats(2 * PANEL_ROWS * most)),
    end: arena.end,
  };
}

/** The stride of a row of logits, in numbers. */
export function roundUp4(count: number): number {
  return Math.ceil(count / 4) * 4;
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
