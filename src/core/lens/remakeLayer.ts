/** Attention that was not kept, made again when it is looked at. */

import { weigh } from "./attendStage.js";
import { turnStage } from "./forwardPass.js";
import { triangle } from "./packedAttention.js";
import { product, together } from "./products.js";
import { type ForwardContext, QUERY_BLOCK, type Stage } from "./run.js";

/**
 * The stages that make the attention of a layer again where a run has kept what queries and keys are made of: the same
 * arithmetic on the same numbers, so the same bits. They may be carried out while the run goes on.
 * @param onHead receives each head's map when it is complete: a view that the next head overwrites.
 */
export function* remakeLayer(
  context: ForwardContext,
  layer: number,
  onHead: (head: number, map: Uint16Array) => void,
): Generator<Stage, void, undefined> {
  const { kernel, memory, model, run } = context;
  const { kept, tokens } = run;
  if (kept?.as !== "inputs") throw new RangeError("This run has kept its maps, or nothing.");
  const { q, k, map, scratch } = kept;
  const aside: ForwardContext = { ...context, run: { ...run, q, k, scratch: [scratch] }, thread: 0 };
  const weights = model.layers[layer]!;
  const normed = kept.normed[layer]!;
  yield together(product(aside, weights.query, normed, q), product(aside, weights.key, normed, k));
  yield turnStage(aside, layer, weights);
  for (let head = 0; head < model.shape.heads; head++) {
    yield {
      items: Math.ceil(tokens / QUERY_BLOCK),
      run(block) {
        const from = block * QUERY_BLOCK;
        const to = Math.min(from + QUERY_BLOCK, tokens);
        weigh(aside, layer, head, scratch.scores, from, to);
        kernel.keepRows(scratch.scores, map, tokens, from, to);
      },
    };
    onHead(head, new Uint16Array(memory.buffer, map, triangle(tokens)));
  }
}
