/** The making of one row of attention, step by step, from its queries, keys and values: what the panel shows in numbers. */

import type { CellParts } from "../../shared/panels/attention.js";

/** One key of the row. */
export interface CellStep {
  key: number;
  /** q · k. */
  product: number;
  /** Times the scale, and capped where the model does so. */
  score: number;
  /** e^(score − largest score). */
  exponential: number;
  /** Exponential over their sum. */
  weight: number;
  /** Length of the key's value vector, and what the weight leaves of it. */
  valueLength: number;
  weightedLength: number;
}

export interface MadeCell {
  steps: CellStep[];
  largest: number;
  /** Sum of the exponentials. */
  sum: number;
  /** Σ weight · value: (headDim). */
  mixed: Float64Array;
  /** The largest difference to the lens's own weights, and to its own mixed values. */
  weightDifference: number;
  mixedDifference: number;
}

/** Computes a row anew in f64: softmax(cap(q · kᵀ · scale)) · v (Vaswani et al. 2017, section 3.2.1). */
export function makeCell({ q, keys, values, scale, cap, firstKey, weights, mixed }: CellParts): MadeCell {
  const headDim = q.length;
  const row = (matrix: Float32Array, index: number) =>
    matrix.subarray(index * headDim, (index + 1) * headDim);
  const products = Array.from(weights, (_, index) => dot(q, row(keys, index)));
  const scores = products.map((product) => {
    const score = product * scale;
    return cap === undefined ? score : cap * Math.tanh(score / cap);
  });
  const largest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((total, exponential) => total + exponential, 0);
  const made = new Float64Array(headDim);
  const steps = exponentials.map((exponential, index): CellStep => {
    const weight = exponential / sum;
    const value = row(values, index);
    for (let i = 0; i < headDim; i++) made[i]! += weight * value[i]!;
    const valueLength = Math.sqrt(dot(value, value));
    return {
      key: firstKey + index,
      product: products[index]!,
      score: scores[index]!,
      exponential,
      weight,
      valueLength,
      weightedLength: weight * valueLength,
    };
  });
  return {
    steps,
    largest,
    sum,
    mixed: made,
    weightDifference: Math.max(...steps.map(({ weight }, index) => Math.abs(weight - weights[index]!))),
    mixedDifference: Math.max(...Array.from(made, (value, index) => Math.abs(value - mixed[index]!))),
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
