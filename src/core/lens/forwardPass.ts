/**
 * The forward pass of a llama model that keeps its attention, as a sequence of stages. A stage is a number of
 * items that do not depend on one another, so that they can be done in slices or by several threads; a stage
 * begins when the one before it is complete. Read from top to bottom.
 */

import { GlassboxError } from "../../shared/errors.js";
import { Arena, type Kernel, type Pointer, unpack } from "./kernel/kernel.js";
import type { Matrix, PlacedModel } from "./weights.js";

/** Rows of a matrix that are unpacked and multiplied at a time. */
const PANEL_ROWS = 16;
/** Queries of one head that make one item. */
const QUERY_BLOCK = 32;
/** Positions whose logits are computed at a time. */
export const LOGIT_BLOCK = 16;

/**
 * Where one run keeps its numbers. Plain data; every buffer is f32 unless said, and has room for an even number
 * of tokens. *Paired* buffers interleave two tokens as `multiply` reads them.
 */
export interface RunBuffers {
  tokens: number;
  tokenIds: Pointer; // (tokens) i32
  rope: Pointer; // (tokens, headDim / 2, 2)
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
  gate: Pointer; // (tokens, hidden)
  gatePaired: Pointer; // (tokens, hidden) paired
  up: Pointer; // (tokens, hidden)
  logits: Pointer; // (LOGIT_BLOCK, vocabulary rounded up to a multiple of 4)
  /** One a thread: (2, PANEL_ROWS, the most columns of any matrix), a panel unpacked and the same in fours. */
  scratch: Pointer[];
  end: Pointer;
}

/** Lays out the buffers of a run behind the model's weights. */
export function placeRun(model: PlacedModel, tokens: number, threads: number): RunBuffers {
  const { dim, heads, kvHeads, headDim, hidden, vocabulary } = model.shape;
  const arena = new Arena(model.end);
  const most = Math.max(dim, hidden, heads * headDim);
  const even = tokens + (tokens % 2);
  return {
    tokens,
    tokenIds: arena.floats(tokens),
    rope: arena.floats(tokens * headDim),
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
    gate: arena.floats(even * hidden),
    gatePaired: arena.floats(even * hidden),
    up: arena.floats(even * hidden),
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

/**
 * The stages from token ids to the normed residual stream at every position. The caller may
 * rest after any of them; all attention is known after the stage with `attentionOf` of the last layer.
 * A stage throws GlassboxError `failed` when scores are no finite numbers.
 */
export function* forwardStages(context: ForwardContext): Generator<Stage, void, undefined> {
  const { kernel, memory, model, run } = context;
  const { shape, layers, tables, embedding } = model;
  const { dim, heads, kvHeads, headDim, hidden, attentionScale } = shape;
  const { tokens, x, normedPaired, q, k, v, attention } = run;
  const { mixed, mixedPaired, projected, gate, gatePaired, up } = run;
  const dimBytes = dim * 4;
  const qBytes = heads * headDim * 4;
  const kvBytes = kvHeads * headDim * 4;
  const hiddenBytes = hidden * 4;
  const headBytes = headDim * 4;
  const queryBlocks = Math.ceil(tokens / QUERY_BLOCK);
  const ids = new Int32Array(memory.buffer, run.tokenIds, tokens);

  // x[token] = embedding[id]
  yield {
    items: tokens,
    run(token) {
      const row = embedding.pointer + ids[token]! * embedding.rowBytes;
      unpack(kernel, tables, embedding.type, row, x + token * dimBytes, dim);
    },
  };

  for (const [layer, weights] of layers.entries()) {
    // x += what the layer before adds; normed = rmsnorm(x)
    yield normStage(context, weights.attentionNorm, layer > 0);

    // q, k, v = the three projections of normed
    yield products(
      product(context, weights.query, normedPaired, q),
      product(context, weights.key, normedPaired, k),
      product(context, weights.value, normedPaired, v),
    );

    // q and k are turned by their positions
    yield {
      items: tokens,
      run(token) {
        const angles = run.rope + token * headBytes;
        kernel.ropeInterleaved(q + token * qBytes, angles, heads, headDim);
        kernel.ropeInterleaved(k + token * kvBytes, angles, kvHeads, headDim);
      },
    };

    // attention[head] = softmax(q · kᵀ · scale), causal; mixed = attention · v
    yield {
      items: heads * queryBlocks,
      attentionOf: layer,
      run(item) {
        const head = Math.floor(item / queryBlocks);
        const kvHead = Math.floor((head * kvHeads) / heads);
        // The last block of queries is the longest and comes first, so that no thread is left with it.
        const from = (queryBlocks - 1 - (item % queryBlocks)) * QUERY_BLOCK;
        const to = Math.min(from + QUERY_BLOCK, tokens);
        const map = attention + head * tokens * tokens * 4;
        const check = kernel.attentionRows(
          q + head * headBytes,
          qBytes,
          k + kvHead * headBytes,
          kvBytes,
          map,
          tokens,
          from,
          to,
          headDim,
          attentionScale,
        );
        if (!Number.isFinite(check)) {
          throw new GlassboxError(
            "failed",
            `The forward pass met a value that is no finite number in layer ${layer}, head ${head}.`,
            "The model file may be damaged; fetch it again or choose another.",
          );
        }
        kernel.mixValues(
          map,
          v + kvHead * headBytes,
          kvBytes,
          mixed + head * headBytes,
          qBytes,
          tokens,
          from,
          to,
          headDim,
        );
        kernel.packPairs(mixed, mixedPaired, from, to, heads * headDim, head * headDim, headDim);
      },
    };

    // x += output · mixed; normed = rmsnorm(x)
    yield products(product(context, weights.output, mixedPaired, projected));
    yield normStage(context, weights.ffnNorm, true);

    // gate = silu(gate · normed) * (up · normed), a panel of rows at a time
    const gateProduct = product(context, weights.gate, normedPaired, gate);
    const upProduct = product(context, weights.up, normedPaired, up);
    yield {
      items: gateProduct.items,
      run(panel) {
        gateProduct.run(panel);
        upProduct.run(panel);
        const row = panel * PANEL_ROWS;
        const rows = Math.min(PANEL_ROWS, hidden - row);
        kernel.swiglu(gate + row * 4, up + row * 4, hiddenBytes, tokens, rows);
        kernel.packPairs(gate, gatePaired, 0, tokens, hidden, row, rows);
      },
    };

    // projected = down · gate
    yield products(product(context, weights.down, gatePaired, projected));
  }

  yield normStage(context, model.finalNorm, true);
}

/** x += projected, where a part has been computed; normed = rmsnorm(x). Two tokens an item. */
function normStage({ kernel, model, run }: ForwardContext, norm: Pointer, added: boolean): Stage {
  const { dim, rmsEpsilon } = model.shape;
  const { tokens, x, projected, normed, normedPaired } = run;
  return {
    items: Math.ceil(tokens / 2),
    run(pair) {
      const end = Math.min(pair * 2 + 2, tokens);
      for (let token = pair * 2; token < end; token++) {
        const at = token * dim * 4;
        if (added) kernel.add(x + at, projected + at, dim);
        kernel.rmsNorm(x + at, norm, normed + at, dim, rmsEpsilon);
      }
      kernel.packPairs(normed, normedPaired, pair * 2, end, dim, 0, dim);
    },
  };
}

/**
 * The logits of up to LOGIT_BLOCK positions from `first`, a multiple of it, into `run.logits`. All stages before
 * must be complete.
 */
export function logitStage(context: ForwardContext, first: number): Stage {
  const { model, run } = context;
  const tokens = Math.min(LOGIT_BLOCK, run.tokens - first);
  const x = run.normedPaired + first * model.shape.dim * 4;
  return product(context, model.classifier, x, run.logits, tokens);
}

/** y[token] = matrix · x[token] for every token, a panel of rows an item. */
function product(
  { kernel, model, run, thread }: ForwardContext,
  matrix: Matrix,
  x: Pointer, // (tokens, matrix.columns) paired
  y: Pointer, // (tokens, matrix.rows rounded up to a multiple of 4)
  tokens: number = run.tokens,
): Stage {
  const { type, rows, columns, rowBytes } = matrix;
  const scratch = run.scratch[thread]!;
  const inFours = scratch + PANEL_ROWS * columns * 4;
  const pairs = Math.ceil(tokens / 2);
  return {
    items: Math.ceil(rows / PANEL_ROWS),
    run(panel) {
      const row = panel * PANEL_ROWS;
      const count = Math.min(PANEL_ROWS, rows - row);
      // Rows that fill up the last four are whatever was there; their results go where nobody looks.
      const padded = roundUp4(count);
      const packed = matrix.pointer + row * rowBytes;
      if (type !== "F32") unpack(kernel, model.tables, type, packed, scratch, count * columns);
      kernel.packFours(type === "F32" ? packed : scratch, inFours, padded, columns);
      kernel.multiply(x, inFours, y + row * 4, roundUp4(rows) * 4, pairs, padded, columns);
    },
  };
}

/** Several products as one stage, so that threads need not wait between them. */
function products(...parts: Stage[]): Stage {
  return {
    items: parts.reduce((total, part) => total + part.items, 0),
    run(item) {
      let rest = item;
      for (const part of parts) {
        if (rest < part.items) return part.run(rest);
        rest -= part.items;
      }
    },
  };
}
