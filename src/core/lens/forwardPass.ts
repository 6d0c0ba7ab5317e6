/**
 * The forward pass of a model that keeps its attention, as a sequence of stages. A stage is a number of items that do
 * not depend on one another, so that they can be done in slices or by several threads; a stage begins when the one
 * before it is complete. Read from top to bottom.
 */

import { attendStage } from "./attendStage.js";
import { feedForwardStages } from "./feedForward.js";
import { type Kernel, type Pointer, unpack } from "./kernel/kernel.js";
import {
  makeReady,
  type Operand,
  operandFrom,
  PANEL_ROWS,
  product,
  readyStage,
  roundUp,
  TOKENS_TOGETHER,
  together,
} from "./products.js";
import { type ForwardContext, LOGIT_BLOCK, type Stage } from "./run.js";
import type { LayerWeights, Norm, PlacedModel } from "./weights.js";

/**
 * The stages from token ids to the normed residual stream at every position. The caller may
 * rest after any of them; all attention is known after the stage with `attentionOf` of the last layer.
 * A stage throws GlassboxError `failed` when scores are no finite numbers.
 */
export function* forwardStages(context: ForwardContext): Generator<Stage, void, undefined> {
  const { model, run } = context;
  const { q, k, v, mixed, mixedReady, normedReady, projected } = run;

  // x[token] = embedding[id] · scale + positions[token]
  yield run.resumesAt === undefined ? embedStage(context) : resumeStage(context, run.resumesAt);

  let before: Addition = "nothing";
  for (const [layer, weights] of model.layers.entries()) {
    if (layer < (run.resumesAt ?? 0)) continue;
    // x += what the layer before adds; normed = norm(x)
    yield normStage(context, before, weights.attentionNorm, normedReady, streamAt(context, layer));

    // q, k, v = the three projections of normed
    yield together(
      product(context, weights.query, normedReady, q),
      product(context, weights.key, normedReady, k),
      product(context, weights.value, normedReady, v),
    );

    // q and k are normed by head and turned by their positions
    yield turnStage(context, layer, weights);

    // attention[head] = softmax(q · kᵀ · scale), causal; mixed = attention · v
    yield attendStage(context, layer);

    // x += output · mixed; normed = norm(x)
    yield readyStage(context, mixed, mixedReady);
    yield product(context, weights.output, mixedReady, projected);
    yield normStage(context, { normedWith: weights.attentionPostNorm }, weights.ffnNorm, normedReady);

    // projected = what the feed-forward part makes of normed
    yield* feedForwardStages(context, layer, weights.feedForward);
    before = { normedWith: weights.ffnPostNorm };
  }

  yield normStage(context, before, model.finalNorm, normedReady, streamAt(context, model.layers.length));
}

/** Where the residual stream before a layer is to be written, if it is. */
function streamAt({ model, run }: ForwardContext, layer: number): Pointer | undefined {
  if (!run.records || run.streams === undefined) return undefined;
  return run.streams + layer * run.tokens * model.shape.dim * 4;
}

/** x = the residual stream before a layer, from a run that kept it. */
function resumeStage({ kernel, model, run }: ForwardContext, layer: number): Stage {
  const { streams, tokens, x } = run;
  const { dim } = model.shape;
  if (streams === undefined) throw new RangeError("No residual streams were kept.");
  return {
    items: tokens,
    run: (token) =>
      copyFloats(kernel, model, streams + (layer * tokens + token) * dim * 4, x + token * dim * 4, dim),
  };
}

function copyFloats(
  kernel: Kernel,
  { tables }: PlacedModel,
  from: Pointer,
  to: Pointer,
  count: number,
): void {
  unpack(kernel, tables, "F32", from, to, count);
}

/** A token an item. */
function embedStage({ kernel, memory, model, run }: ForwardContext): Stage {
  const { tables, embedding, positions, shape } = model;
  const { dim, embeddingScale } = shape;
  const ids = new Int32Array(memory.buffer, run.tokenIds, run.tokens);
  return {
    items: run.tokens,
    run(token) {
      const x = run.x + token * dim * 4;
      unpack(kernel, tables, embedding.type, embedding.pointer + ids[token]! * embedding.rowBytes, x, dim);
      if (embeddingScale !== 1) kernel.scale(x, dim, embeddingScale);
      if (positions) {
        const learned = run.projected + token * dim * 4;
        const position = run.equalPositions ? 0 : token;
        unpack(
          kernel,
          tables,
          positions.type,
          positions.pointer + position * positions.rowBytes,
          learned,
          dim,
        );
        kernel.add(x, learned, dim);
      }
    },
  };
}

/** Whether `projected` is still to be added to the residual stream, and what it is normed with before. */
type Addition = "nothing" | { normedWith: Pointer | undefined };

/**
 * x += projected, where a part has been computed; normed = norm(x). Eight tokens an item.
 * @param ready where normed is made ready. @param stream where x goes too.
 */
function normStage(
  { kernel, model, run }: ForwardContext,
  addition: Addition,
  norm: Norm,
  ready: Operand,
  stream?: Pointer,
): Stage {
  const { dim, normEpsilon } = model.shape;
  const { tokens, x, projected, normed } = run;
  return {
    items: Math.ceil(tokens / TOKENS_TOGETHER),
    run(group) {
      const first = group * TOKENS_TOGETHER;
      const end = Math.min(first + TOKENS_TOGETHER, tokens);
      for (let token = first; token < end; token++) {
        const at = token * dim * 4;
        if (addition !== "nothing") {
          const { normedWith } = addition;
          if (normedWith !== undefined) {
            kernel.rmsNorm(projected + at, normedWith, projected + at, dim, normEpsilon);
          }
          kernel.add(x + at, projected + at, dim);
        }
        if (stream !== undefined) copyFloats(kernel, model, x + at, stream + at, dim);
        // Overwrites what was projected, which has been added.
        applyNorm(kernel, norm, x + at, normed + at, dim, normEpsilon);
      }
      makeReady(kernel, normed, ready, first, tokens);
    },
  };
}

export function applyNorm(
  kernel: Kernel,
  { weight, bias }: Norm,
  from: Pointer,
  to: Pointer,
  dim: number,
  epsilon: number,
): void {
  if (bias === undefined) kernel.rmsNorm(from, weight, to, dim, epsilon);
  else kernel.layerNorm(from, weight, bias, to, dim, epsilon);
}

/**
 * `normed` of up to LOGIT_BLOCK positions from `first`, a multiple of it, as if the residual stream before `layer`
 * were that behind the last one: what the logit lens reads with the classifier (nostalgebraist 2020).
 */
export function streamStage({ kernel, model, run }: ForwardContext, layer: number, first: number): Stage {
  const { streams, tokens, normed, normedReady } = run;
  const { dim, normEpsilon } = model.shape;
  if (streams === undefined) throw new RangeError("No residual streams were kept.");
  const end = Math.min(first + LOGIT_BLOCK, tokens);
  return {
    items: Math.ceil((end - first) / TOKENS_TOGETHER),
    run(group) {
      const from = first + group * TOKENS_TOGETHER;
      for (let token = from; token < Math.min(from + TOKENS_TOGETHER, end); token++) {
        const at = token * dim * 4;
        applyNorm(
          kernel,
          model.finalNorm,
          streams + layer * tokens * dim * 4 + at,
          normed + at,
          dim,
          normEpsilon,
        );
      }
      makeReady(kernel, normed, normedReady, from, tokens);
    },
  };
}

/** Queries and keys of one token an item; nothing for layers that do neither. */
function turnStage(context: ForwardContext, layer: number, { headNorms }: LayerWeights): Stage {
  const { model, run } = context;
  const { heads, kvHeads, headDim, layerRopes } = model.shape;
  return {
    items: layerRopes[layer] !== undefined || headNorms ? run.tokens : 0,
    run(token) {
      turnHeads(context, layer, token, run.q + token * heads * headDim * 4, heads, headNorms?.query);
      turnHeads(context, layer, token, run.k + token * kvHeads * headDim * 4, kvHeads, headNorms?.key);
    },
  };
}

/** What a layer does with the queries or keys of a token before they meet. @param x (count, headDim). */
export function turnHeads(
  { kernel, model, run }: ForwardContext,
  layer: number,
  token: number,
  x: Pointer,
  count: number,
  norm: Pointer | undefined,
): void {
  const { headDim, normEpsilon, ropes, layerRopes } = model.shape;
  if (norm !== undefined) {
    for (let head = 0; head < count; head++) {
      const at = x + head * headDim * 4;
      kernel.rmsNorm(at, norm, at, headDim, normEpsilon);
    }
  }
  const which = layerRopes[layer];
  const rope = which === undefined ? undefined : ropes[which];
  const angles = which === undefined ? undefined : run.ropes[which];
  if (rope === undefined || angles === undefined) return;
  const table = angles + token * rope.rotated * 4;
  if (rope.pairs === "interleaved") kernel.ropeInterleaved(x, table, count, headDim, rope.rotated);
  else kernel.ropeHalves(x, table, count, headDim, rope.rotated);
}

/**
 * The logits of up to LOGIT_BLOCK positions from `first`, a multiple of it, into `run.logits`. All stages before
 * must be complete.
 */
export function logitStage(context: ForwardContext, first: number): Stage {
  const { kernel, model, run } = context;
  const { vocabulary, logitCap } = model.shape;
  const tokens = Math.min(LOGIT_BLOCK, run.tokens - first);
  const { items, run: multiply } = product(
    context,
    model.classifier,
    operandFrom(run.normedReady, first),
    run.logits,
    tokens,
  );
  return {
    items,
    run(panel) {
      multiply(panel);
      if (logitCap === undefined) return;
      const row = panel * PANEL_ROWS;
      const rows = roundUp(Math.min(PANEL_ROWS, vocabulary - row), 4);
      kernel.softCap(run.logits + row * 4, roundUp(vocabulary, 4) * 4, tokens, rows, logitCap);
    },
  };
}
