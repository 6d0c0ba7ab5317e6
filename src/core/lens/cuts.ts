/** Takes edges out of attention while it is computed: one key for one query, or a token for all that come after it. */

import type { Cut } from "../../shared/panels/attention.js";
import type { Pointer } from "./kernel/kernel.js";
import type { ForwardContext } from "./run.js";

/** Where less than this is left of a row, its numbers were rounded too small to be shared out anew. */
const TOO_LITTLE = 1e-30;

/**
 * Sets the cut weights of a block of queries to 0 and shares each of their rows out anew among the other keys: what the
 * softmax gives with those keys masked as the future is. A query that is left no key adds nothing.
 * @param rows (to - from, tokens), the weights of this head.
 */
export function cutEdges(
  context: ForwardContext,
  layer: number,
  head: number,
  rows: Pointer,
  from: number,
  to: number,
): void {
  const cuts = context.run.cuts.filter((cut) => concerns(cut, layer, head));
  if (cuts.length === 0) return;
  const { tokens } = context.run;
  for (let query = from; query < to; query++) {
    const keys = cuts.flatMap((cut) => cutKeys(cut, query));
    if (keys.length === 0) continue;
    const row = new Float32Array(context.memory.buffer, rows + (query - from) * tokens * 4, tokens);
    if (keys.every((key) => row[key] === 0)) continue;
    for (const key of keys) row[key] = 0;
    let left = 0;
    for (let key = 0; key <= query; key++) left += row[key]!;
    if (left >= TOO_LITTLE) for (let key = 0; key <= query; key++) row[key]! /= left;
    else row.set(weightsWithout(context, layer, head, query, new Set(keys)));
  }
}

function concerns(cut: Cut, layer: number, head: number): boolean {
  switch (cut.kind) {
    case "head":
    case "swap":
      return false;
    case "edge":
      return (cut.layer ?? layer) === layer && (cut.head ?? head) === head;
    case "token":
      return true;
  }
}

/** The keys that a query must not look at. */
function cutKeys(cut: Cut, query: number): number[] {
  if (cut.kind === "edge") return cut.query === query ? [cut.key] : [];
  return cut.kind === "token" && query > cut.token ? [cut.token] : [];
}

/** A row from the queries and keys themselves, in f64: (tokens). */
function weightsWithout(
  { memory, model, run }: ForwardContext,
  layer: number,
  head: number,
  query: number,
  cut: ReadonlySet<number>,
): Float64Array {
  const { heads, kvHeads, headDim, attentionScale, scoreCap, windows } = model.shape;
  const kvHead = Math.floor((head * kvHeads) / heads);
  const q = new Float32Array(memory.buffer, run.q + (query * heads + head) * headDim * 4, headDim);
  const row = new Float64Array(run.tokens);
  const first = Math.max(0, query + 1 - (windows[layer] ?? run.tokens));
  const seen = Array.from({ length: query + 1 - first }, (_, i) => first + i).filter((key) => !cut.has(key));
  for (const key of seen) {
    const k = new Float32Array(memory.buffer, run.k + (key * kvHeads + kvHead) * headDim * 4, headDim);
    let score = 0;
    for (let i = 0; i < headDim; i++) score += q[i]! * k[i]!;
    score *= attentionScale;
    row[key] = scoreCap === undefined ? score : scoreCap * Math.tanh(score / scoreCap);
  }
  const largest = Math.max(...seen.map((key) => row[key]!));
  let sum = 0;
  for (const key of seen) {
    row[key] = Math.exp(row[key]! - largest);
    sum += row[key]!;
  }
  for (const key of seen) row[key]! /= sum;
  return row;
}
