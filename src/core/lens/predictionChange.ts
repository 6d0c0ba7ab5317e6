/** How far two next-token distributions lie apart, and where: what a cut did. */

import type { CutEffect } from "../../shared/panels/attention.js";

/** Tokens that are named: so many of the most probable before, after, and of those that moved most. */
const NAMED = 5;

/** The index of the largest value; the first of equals. */
export function topOf(values: Float32Array | Float64Array): number {
  let top = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[top]!) top = i;
  return top;
}

/**
 * Kullback-Leibler divergence Σ before · log2(before / after) in bits (Kullback and Leibler 1951): 0 when nothing moved.
 * Terms are paired with after − before, which sums to 0, so that rounding cannot make the sum negative.
 */
export function divergenceBits(before: Float64Array, after: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const p = before[i]!;
    const q = after[i]!;
    if (p > 0) sum += p * Math.log(p / q) - p + q;
    else sum += q;
  }
  return Math.max(0, sum / Math.LN2);
}

/** The tokens that matter in a change, by probability before. */
export function largestChanges(before: Float64Array, after: Float64Array): CutEffect["changes"] {
  const moved = Float64Array.from(before, (p, id) => Math.abs(p - after[id]!));
  const ids = new Set([before, after, moved].flatMap((values) => largestOf(values, NAMED)));
  return [...ids]
    .map((id) => ({ id, before: before[id]!, after: after[id]! }))
    .sort((a, b) => b.before - a.before || b.after - a.after);
}

/** The indices of the `count` largest values, largest first. */
function largestOf(values: Float64Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && values[i]! <= values[best[count - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < values[i]!) at--;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}
