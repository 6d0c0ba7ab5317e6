/**
 * The same forward pass in plain f64 JavaScript, as short as it can be: what the kernel is held against, and
 * what the bench calls plain JavaScript.
 */

import type { ModelShape } from "../../../src/core/lens/modelShape.js";

/** Weights as plain f32 arrays, by GGUF tensor name; matrices are (rows, columns). */
export type PlainWeights = ReadonlyMap<string, Float32Array>;

export interface ReferenceResult {
  /** One a layer: (head, query, key). */
  attention: Float64Array[];
  /** (token, vocabulary) */
  logits: Float64Array;
}

export function referenceForward(
  shape: ModelShape,
  weights: PlainWeights,
  ids: readonly number[],
  options: { logits: boolean } = { logits: true },
): ReferenceResult {
  const { dim, heads, kvHeads, headDim, hidden, vocabulary, normEpsilon } = shape;
  const tokens = ids.length;
  const weight = (name: string) => {
    const found = weights.get(`${name}.weight`);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const embedding = weight("token_embd");
  const x = new Float64Array(tokens * dim);
  for (const [token, id] of ids.entries()) x.set(embedding.subarray(id * dim, (id + 1) * dim), token * dim);

  const attention: Float64Array[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    const part = (name: string) => weight(`blk.${layer}.${name}`);
    const normed = rmsNorm(x, part("attn_norm"), dim, normEpsilon);
    const q = rope(product(normed, part("attn_q"), dim), heads, headDim, shape);
    const k = rope(product(normed, part("attn_k"), dim), kvHeads, headDim, shape);
    const v = product(normed, part("attn_v"), dim);
    const map = new Float64Array(heads * tokens * tokens);
    const mixed = new Float64Array(tokens * heads * headDim);
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      for (let query = 0; query < tokens; query++) {
        const row = map.subarray((head * tokens + query) * tokens, (head * tokens + query + 1) * tokens);
        for (let key = 0; key <= query; key++) {
          for (let i = 0; i < headDim; i++) {
            row[key]! +=
              q[(query * heads + head) * headDim + i]! * k[(key * kvHeads + kvHead) * headDim + i]!;
          }
          row[key]! *= shape.attentionScale;
        }
        softmax(row.subarray(0, query + 1));
        for (let key = 0; key <= query; key++) {
          for (let i = 0; i < headDim; i++) {
            mixed[(query * heads + head) * headDim + i]! +=
              row[key]! * v[(key * kvHeads + kvHead) * headDim + i]!;
          }
        }
      }
    }
    attention.push(map);
    addTo(x, product(mixed, part("attn_output"), heads * headDim));
    const normed2 = rmsNorm(x, part("ffn_norm"), dim, normEpsilon);
    const gate = product(normed2, part("ffn_gate"), dim);
    const up = product(normed2, part("ffn_up"), dim);
    for (let i = 0; i < tokens * hidden; i++) gate[i]! *= up[i]! / (1 + Math.exp(-gate[i]!));
    addTo(x, product(gate, part("ffn_down"), hidden));
  }
  const last = rmsNorm(x, weight("output_norm"), dim, normEpsilon);
  const classifier = weights.get("output.weight") ?? embedding;
  const logits = options.logits ? product(last, classifier, dim) : new Float64Array(0);
  if (options.logits && logits.length !== tokens * vocabulary) throw new Error("the shapes do not fit");
  return { attention, logits };
}

function rmsNorm(x: Float64Array, weight: Float32Array, dim: number, epsilon: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += dim) {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += x[at + i]! ** 2;
    const scale = 1 / Math.sqrt(sum / dim + epsilon);
    for (let i = 0; i < dim; i++) out[at + i] = x[at + i]! * scale * weight[i]!;
  }
  return out;
}

function product(x: Float64Array, matrix: Float32Array, columns: number): Float64Array {
  const tokens = x.length / columns;
  const rows = matrix.length / columns;
  const y = new Float64Array(tokens * rows);
  for (let token = 0; token < tokens; token++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += x[token * columns + i]! * matrix[row * columns + i]!;
      y[token * rows + row] = sum;
    }
  }
  return y;
}

function rope(x: Float64Array, heads: number, headDim: number, shape: ModelShape): Float64Array {
  const turn = shape.ropes[0]!;
  for (let at = 0; at < x.length; at += 2) {
    const position = Math.floor(at / (heads * headDim));
    const angle = position * turn.scale * turn.base ** (-(at % headDim) / headDim);
    const [real, imaginary] = [x[at]!, x[at + 1]!];
    x[at] = real * Math.cos(angle) - imaginary * Math.sin(angle);
    x[at + 1] = real * Math.sin(angle) + imaginary * Math.cos(angle);
  }
  return x;
}

function softmax(row: Float64Array): void {
  const largest = Math.max(...row);
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    row[i] = Math.exp(row[i]! - largest);
    sum += row[i]!;
  }
  for (let i = 0; i < row.length; i++) row[i]! /= sum;
}

function addTo(x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i]! += y[i]!;
}
