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

/** Where one run keeps its numbers. Plain data; every buffer is f32 unless said. */
export interface RunBuffers {
  tokens: number;
  tokenIds: Pointer; // (tokens) i32
  rope: Pointer; // (tokens, headDim / 2, 2)
  x: Pointer; // (tokens, dim), the residual stream
  normed: Pointer; // (tokens, dim)
  q: Pointer; // (tokens, heads * headDim)
  k: Pointer; // (tokens, kvHeads * headDim)
  v: Pointer; // (tokens, kvHeads * headDim)
  attention: Pointer; // (heads, tokens, tokens), of the layer at hand
  mixed: Pointer; // (tokens, heads * headDim)
  projected: Pointer; // (tokens, dim), what a part adds to the residual stream
  gate: Pointer; // (tokens, hidden)
  up: Pointer; // (tokens, hidden)
  logits: Pointer; // (LOGIT_BLOCK, vocabulary)
  /** One a thread: (PANEL_ROWS, the most columns of any matrix). */
  scratch: Pointer[];
  end: Pointer;
}

/** Lays out the buffers of a run behind the model's weights. */
export function placeRun(model: PlacedModel, tokens: number, threads: number): RunBuffers {
  const { dim, heads, kvHeads, headDim, hidden, vocabulary } = model.shape;
  const arena = new Arena(model.end);
  const most = Math.max(dim, hidden, heads * headDim);
  return {
    tokens,
    tokenIds: arena.floats(tokens),
    rope: arena.floats(tokens * headDim),
    x: arena.floats(tokens * dim),
    normed: arena.floats(tokens * dim),
    q: arena.floats(tokens * heads * headDim),
    k: arena.floats(tokens * kvHeads * headDim),
    v: arena.floats(tokens * kvHeads * headDim),
    attention: arena.floats(heads * tokens * tokens),
    mixed: arena.floats(tokens * heads * headDim),
    projected: arena.floats(tokens * dim),
    gate: arena.floats(tokens * hidden),
    up: arena.floats(tokens * hidden),
    logits: arena.floats(LOGIT_BLOCK * vocabulary),
    scratch: Array.from({ length: threads }, () => arena.floats(PANEL_ROWS * most)),
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

/**
 * The stages from token ids to the normed residual stream at every position, in `run.normed`. The caller may
 * rest after any of them; all attention is known after the stage with `attentionOf` of the last layer.
 * A stage throws GlassboxError `failed` when scores are no finite numbers.
 */
export function* forwardStages(context: ForwardContext): Generator<Stage, void, undefined> {
  const { kernel, memory, model, run } = context;
  const { shape, layers, tables, embedding } = model;
  const { dim, heads, kvHeads, headDim, hidden, rmsEpsilon, attentionScale } = shape;
  const { tokens, x, normed, q, k, v, attention, mixed, projected, gate, up } = run;
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
    yield {
      items: tokens,
      run(token) {
        const at = token * dimBytes;
        if (layer > 0) kernel.add(x + at, projected + at, dim);
        kernel.rmsNorm(x + at, weights.attentionNorm, normed + at, dim, rmsEpsilon);
      },
    };

    // q, k, v = the three projections of normed
    yield products(
      product(context, weights.query, normed, q),
      product(context, weights.key, normed, k),
      product(context, weights.value, normed, v),
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
      },
    };

    // x += output · mixed; normed = rmsnorm(x)
    yield products(product(context, weights.output, mixed, projected));
    yield {
      items: tokens,
      run(token) {
        const at = token * dimBytes;
        kernel.add(x + at, projected + at, dim);
        kernel.rmsNorm(x + at, weights.ffnNorm, normed + at, dim, rmsEpsilon);
      },
    };

    // gate = silu(gate · normed) * (up · normed), a panel of rows at a time
    const gateProduct = product(context, weights.gate, normed, gate);
    const upProduct = product(context, weights.up, normed, up);
    yield {
      items: gateProduct.items,
      run(panel) {
        gateProduct.run(panel);
        upProduct.run(panel);
        const row = panel * PANEL_ROWS;
        const rows = Math.min(PANEL_ROWS, hidden - row);
        kernel.swiglu(gate + row * 4, up + row * 4, hiddenBytes, tokens, rows);
      },
    };

    // projected = down · gate
    yield products(product(context, weights.down, gate, projected));
  }

  yield {
    items: tokens,
    run(token) {
      const at = token * dimBytes;
      kernel.add(x + at, projected + at, dim);
      kernel.rmsNorm(x + at, model.finalNorm, normed + at, dim, rmsEpsilon);
    },
  };
}

/** The logits of up to LOGIT_BLOCK positions from `first`, into `run.logits`. Needs `run.normed` complete. */
export function logitStage(context: ForwardContext, first: number): Stage {
  const { model, run } = context;
  const tokens = Math.min(LOGIT_BLOCK, run.tokens - first);
  return product(context, model.classifier, run.normed + first * model.shape.dim * 4, run.logits, tokens);
}

/** y[token] = matrix · x[token] for every token, a panel of rows an item. */
function product(
  { kernel, model, run, thread }: ForwardContext,
  matrix: Matrix,
  x: Pointer, // (tokens, matrix.columns)
  y: Pointer, // (tokens, matrix.rows)
  tokens: number = run.tokens,
): Stage {
  const { type, rows, columns, rowBytes } = matrix;
  const scratch = run.scratch[thread]!;
  return {
    items: Math.ceil(rows / PANEL_ROWS),
    run(panel) {
      const row = panel * PANEL_ROWS;
      const count = Math.min(PANEL_ROWS, rows - row);
      const packed = matrix.pointer + row * rowBytes;
      if (type !== "F32") unpack(kernel, model.tables, type, packed, scratch, count * columns);
      kernel.multiply(
        x,
        columns * 4,
        type === "F32" ? packed : scratch,
        columns * 4,
        y + row * 4,
        rows * 4,
        tokens,
        count,
        columns,
      );
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
