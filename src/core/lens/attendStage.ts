/** Attention of one layer as a stage: scores, softmax and the mixing of values, a block of queries of a head an item. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { cutEdges } from "./cuts.js";
import type { Pointer } from "./kernel/kernel.js";
import { triangle } from "./packedAttention.js";
import { type ForwardContext, QUERY_BLOCK, type Stage } from "./run.js";

/**
 * attention[head] = softmax(cap(q · kᵀ · scale)) over the keys that the layer's window leaves; mixed = attention · v.
 * Where maps are kept, the lower triangle of every head is in f16. Throws GlassboxError `failed` when scores are no
 * finite numbers.
 */
export function attendStage(context: ForwardContext, layer: number): Stage {
  const { kernel, memory, model, run, thread } = context;
  const { heads, kvHeads, headDim } = model.shape;
  const { tokens, q, k, v, attention, kept, mixed, wantedRow } = run;
  const { scores } = run.scratch[thread]!;
  const qBytes = heads * headDim * 4;
  const kvBytes = kvHeads * headDim * 4;
  const headBytes = headDim * 4;
  const queryBlocks = Math.ceil(tokens / QUERY_BLOCK);
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
      const queries = { pointer: q + head * headBytes, stride: qBytes };
      const keys = { pointer: k + kvHead * headBytes, stride: kvBytes };
      weigh(context, layer, head, queries, keys, rows, from, to);
      cutEdges(context, layer, head, rows, from, to);
      if (kept?.as === "maps") {
        const map = kept.pointer + (layer * heads + head) * triangle(tokens) * 2;
        kernel.keepRows(rows, map, tokens, from, to);
      }
      if (wantedRow?.layer === layer && wantedRow.head === head) {
        const { query, to: place } = wantedRow;
        if (query >= from && query < to) {
          const row = new Float32Array(memory.buffer, rows + (query - from) * tokens * 4, tokens);
          new Float32Array(memory.buffer, place, tokens).set(row);
        }
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

/** One head's vectors of all tokens: where the first is, and the bytes from each to the next. */
interface HeadVectors {
  pointer: Pointer;
  stride: number;
}

/** The weights of a block of queries of one head: (to - from, tokens) f32. */
export function weigh(
  { kernel, model, run }: ForwardContext,
  layer: number,
  head: number,
  queries: HeadVectors,
  keys: HeadVectors,
  rows: Pointer,
  from: number,
  to: number,
): void {
  const { headDim, attentionScale, scoreCap, windows } = model.shape;
  const { tokens } = run;
  const check = kernel.attentionRows(
    queries.pointer,
    queries.stride,
    keys.pointer,
    keys.stride,
    rows,
    tokens,
    from,
    to,
    headDim,
    attentionScale,
    windows[layer] ?? tokens,
    scoreCap ?? 0,
  );
  if (Number.isFinite(check)) return;
  throw new GlassboxError(
    "failed",
    t("The forward pass met a value that is no finite number in layer {0}, head {1}.", layer, head),
    t("The model file may be damaged; fetch it again or choose another."),
  );
}
