/** Attention that was not kept, made again when it is looked at. */

import { weigh } from "./attendStage.js";
import { applyNorm, turnHeads } from "./forwardPass.js";
import type { Pointer } from "./kernel/kernel.js";
import { triangle } from "./packedAttention.js";
import { operandFrom, product, readyRows, roundUp, TOKENS_TOGETHER, together } from "./products.js";
import { type ForwardContext, QUERY_BLOCK, type Stage } from "./run.js";
import { type Matrix, rowsOf } from "./weights.js";

/**
 * The stages that make the attention of a layer again where a run has kept the residual stream before it: the same
 * arithmetic on the same numbers, so the same bits. They may be carried out while the run goes on.
 * @param onHead receives each head's map when it is complete: a view that the next head overwrites.
 */
export function* remakeLayer(
  context: ForwardContext,
  layer: number,
  onHead: (head: number, map: Uint16Array) => void,
): Generator<Stage, void, undefined> {
  const { kernel, memory, model, run } = context;
  const { kept, streams, tokens } = run;
  if (kept?.as !== "streams" || streams === undefined) throw new RangeError("This run has kept no stream.");
  const { normed, normedReady, q, k, map, scratch } = kept;
  const { dim, heads, kvHeads, headDim, normEpsilon } = model.shape;
  const { attentionNorm, query, key, headNorms } = model.layers[layer]!;
  const aside: ForwardContext = { ...context, run: { ...run, scratch: [scratch] }, thread: 0 };

  // normed = norm(stream)
  yield {
    items: Math.ceil(tokens / TOKENS_TOGETHER),
    run(group) {
      const first = group * TOKENS_TOGETHER;
      const count = Math.min(TOKENS_TOGETHER, tokens - first);
      const stream = streams + (layer * tokens + first) * dim * 4;
      for (let at = 0; at < count * dim * 4; at += dim * 4)
        applyNorm(kernel, attentionNorm, stream + at, normed + at, dim, normEpsilon);
      readyRows(kernel, normed, operandFrom(normedReady, first), count);
    },
  };

  const stride = roundUp(headDim, 4) * 4;
  const project = (matrix: Matrix, of: number, to: Pointer) =>
    product(aside, rowsOf(matrix, of * headDim, headDim), normedReady, to);
  let keysOf: number | undefined;
  for (let head = 0; head < heads; head++) {
    const kvHead = Math.floor((head * kvHeads) / heads);
    const newKeys = kvHead !== keysOf;
    keysOf = kvHead;
    // q, k = the rows of the projections that are this head's, normed and turned
    yield newKeys ? together(project(query, head, q), project(key, kvHead, k)) : project(query, head, q);
    yield {
      items: tokens,
      run(token) {
        turnHeads(aside, layer, token, q + token * stride, 1, headNorms?.query);
        if (newKeys) turnHeads(aside, layer, token, k + token * stride, 1, headNorms?.key);
      },
    };
    // map = softmax(q · kᵀ · scale)
    yield {
      items: Math.ceil(tokens / QUERY_BLOCK),
      run(block) {
        const from = block * QUERY_BLOCK;
        const to = Math.min(from + QUERY_BLOCK, tokens);
        weigh(aside, layer, head, { pointer: q, stride }, { pointer: k, stride }, scratch.scores, from, to);
        kernel.keepRows(scratch.scores, map, tokens, from, to);
      },
    };
    onHead(head, new Uint16Array(memory.buffer, map, triangle(tokens)));
  }
}
