/** Attention of one layer as a stage: scores, softmax and the mixing of values, a block of queries of a head an item. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { cutEdges } from "./cuts.js";
import { triangle } from "./packedAttention.js";
import { type ForwardContext, QUERY_BLOCK, type Stage } from "./run.js";

/**
 * attention[head] = softmax(cap(q · kᵀ · scale)) over the keys that the layer's window leaves; mixed = attention · v.
 * The lower triangle of every head is kept in f16. Throws GlassboxError `failed` when scores are no finite numbers.
 */
export function attendStage(context: ForwardContext, layer: number): Stage {
  const { kernel, model, run, thread } = context;
  const { heads, kvHeads, headDim, attentionScale, scoreCap, windows } = model.shape;
  const { tokens, q, k, v, attention, kept, mixed } = run;
  const { scores } = run.scratch[thread]!;
  const qBytes = heads * headDim * 4;
  const kvBytes = kvHeads * headDim * 4;
  const headBytes = headDim * 4;
  const queryBlocks = Math.ceil(tokens / QUERY_BLOCK);
  const window = windows[layer] ?? tokens;
  return {
    items: heads * queryBlocks,
    attentionOf: layer,
    run(item) {
      const head = Math.floor(item / queryBlocks);
      const kvHead = Math.floor((head * kvHeads) / heads);
      // The last block of queries is the longest and comes first, so that no thread is left with it.
      const from = (queryBlocks - 1 - (item % queryBlocks)) * QUERY_BLOCK;
      const to = Math.min(from + QUERY_BLOCK, tokens);
      const rows = attention === undefined ? scores : attention + (head * tokens + from) * tokens * 4;
      const check = kernel.attentionRows(
        q + head * headBytes,
        qBytes,
        k + kvHead * headBytes,
        kvBytes,
        rows,
        tokens,
        from,
        to,
        headDim,
        attentionScale,
        window,
        scoreCap ?? 0,
      );
      if (!Number.isFinite(check)) {
        throw new GlassboxError(
          "failed",
          t("The forward pass met a value that is no finite number in layer {0}, head {1}.", layer, head),
          t("The model file may be damaged; fetch it again or choose another."),
        );
      }
      cutEdges(context, layer, head, rows, from, to);
      if (kept !== undefined) {
        kernel.keepRows(rows, kept + (layer * heads + head) * triangle(tokens) * 2, tokens, from, to);
      }
      kernel.mixValues(
        rows,
        v + kvHead * headBytes,
        kvBytes,
        mixed + head * headBytes,
        qBytes,
        tokens,
        from,
        to,
        headDim,
      );
      if (run.cuts.some((cut) => cut.kind === "head" && cut.layer === layer && cut.head === head)) {
        for (let query = from; query < to; query++)
          kernel.scale(mixed + query * qBytes + head * headBytes, headDim, 0);
      }
    },
  };
}
