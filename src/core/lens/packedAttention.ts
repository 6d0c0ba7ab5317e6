/**
 * The attention of one layer as it is kept, or made again, and sent to a page: the lower triangle only, in 16-bit
 * floats. A quarter of the square in f32: 46 MB instead of 185 for 22 layers of 32 heads over 256 tokens. Rounding to 16 bits
 * changes a weight by at most 1 part in 2,048 (by 3e-8 where it is below 6e-5), far below what is drawn or written.
 */

import type { AttentionLayer } from "../../shared/panels/attention.js";
import { halfToFloat } from "./gguf/half.js";

/** Elements of a lower triangle with its diagonal: a head takes so many. */
export function triangle(tokenCount: number): number {
  return (tokenCount * (tokenCount + 1)) / 2;
}

// All 65,536 values, made at first use: reading them is many times quicker than computing them.
let values: Float32Array | undefined;

function halfValues(): Float32Array {
  values ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToFloat(bits));
  return values;
}

/**
 * One head as a square: (query, key) f32, zero above the diagonal.
 * @param square where it is written, in place of an array of its own: as large, and zero above the diagonal.
 */
export function unpackHead(
  layer: AttentionLayer,
  head: number,
  square = new Float32Array(layer.tokenCount ** 2),
): Float32Array {
  const { tokenCount, headCount, halves } = layer;
  if (!(head >= 0 && head < headCount)) throw new RangeError(`There is no head ${head} of ${headCount}.`);
  const each = triangle(tokenCount);
  return unpackMap(halves.subarray(head * each, (head + 1) * each), tokenCount, square);
}

/** The same of a map by itself: (query, key <= query) f16. */
export function unpackMap(map: Uint16Array, tokenCount: number, square: Float32Array): Float32Array {
  const table = halfValues();
  let from = 0;
  for (let query = 0; query < tokenCount; query++) {
    for (let key = 0; key <= query; key++) square[query * tokenCount + key] = table[map[from++]!]!;
  }
  return square;
}

/** The arithmetic mean over the heads of a layer: (query, key) f32. Its rows sum to 1 as each head's do. */
export function meanOfHeads({ tokenCount, headCount, halves }: AttentionLayer): Float32Array {
  const mean = new Float32Array(tokenCount * tokenCount);
  const each = triangle(tokenCount);
  for (let head = 0; head < headCount; head++) {
    const map = halves.subarray(head * each, (head + 1) * each);
    for (let query = 0; query < tokenCount; query++) {
      addToMean(mean.subarray(query * tokenCount), map, query, headCount);
    }
  }
  return mean;
}

/** Adds one head's row to the mean over `headCount` heads: (key <= query). @param map as `unpackMap` takes it. */
export function addToMean(mean: Float32Array, map: Uint16Array, query: number, headCount: number): void {
  const table = halfValues();
  const from = triangle(query);
  for (let key = 0; key <= query; key++) mean[key]! += table[map[from + key]!]! / headCount;
}
