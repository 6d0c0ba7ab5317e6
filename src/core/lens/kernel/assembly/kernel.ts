/**
 * The arithmetic of the forward pass in 128-bit SIMD (AssemblyScript). Pointers and strides are in bytes, counts
 * in numbers; nothing is allocated here, and there is no static data that the caller's buffers could overwrite.
 *
 * Every result is summed in an order that does not depend on how the work is divided, so the same input gives
 * the same bits with any number of threads.
 */

import { exp, mulAdd, tanh, toHalves } from "./math";

export * from "./blocks";
export { multiplyF32, multiplyI16, readyF32, readyI16 } from "./products";
export { unpack } from "./unpackAny";

/** Adds the four lanes of each of four vectors: [sum a, sum b, sum c, sum d]. */
function sumLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** One token against many rows. */
function multiplyRows(x: usize, w: usize, wStride: usize, y: usize, rows: i32, bytes: usize): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const w0 = w + <usize>row * wStride;
    const w1 = w0 + wStride;
    const w2 = w1 + wStride;
    const w3 = w2 + wStride;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let at: usize = 0; at < bytes; at += 16) {
      const vx = v128.load(x + at);
      a0 = mulAdd(a0, vx, v128.load(w0 + at));
      a1 = mulAdd(a1, vx, v128.load(w1 + at));
      a2 = mulAdd(a2, vx, v128.load(w2 + at));
      a3 = mulAdd(a3, vx, v128.load(w3 + at));
    }
    v128.store(y + ((<usize>row) << 2), sumLanes(a0, a1, a2, a3));
  }
  for (; row < rows; row++) f32.store(y + ((<usize>row) << 2), dot(x, w + <usize>row * wStride, bytes));
}

function dot(x: usize, w: usize, bytes: usize): f32 {
  let acc = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) acc = mulAdd(acc, v128.load(x + at), v128.load(w + at));
  return f32x4.extract_lane(sumLanes(acc, acc, acc, acc), 0);
}

/** x += y over `count` numbers, a multiple of 4. */
export function add(x: usize, y: usize, count: i32): void {
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(x + at, f32x4.add(v128.load(x + at), v128.load(y + at)));
  }
}

/** out = x / sqrt(mean(x²) + epsilon) · weight; the squares are summed in f64. `count` is a multiple of 4. */
export function rmsNorm(x: usize, weight: usize, out: usize, count: i32, epsilon: f32): void {
  const bytes = (<usize>count) << 2;
  let sums = f64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 8) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(x + at));
    sums = f64x2.add(sums, f64x2.mul(pair, pair));
  }
  const mean = <f32>((f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)) / <f64>count);
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(mean + epsilon));
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.mul(f32x4.mul(v128.load(x + at), scale), v128.load(weight + at)));
  }
}

/**
 * The attention weights of one head for a range of queries: softmax over the last `window` keys up to the query of
 * scale · q · k, each capped to cap · tanh(score / cap) where `cap` is not 0; zero for all other keys.
 * @returns the total of the sums of exponentials: no finite number when some score was none.
 */
export function attentionRows(
  q: usize, // (tokens, headDim), the head's part of each token
  qStride: usize,
  k: usize, // (tokens, headDim)
  kStride: usize,
  weights: usize, // (to - from, tokens)
  tokens: i32,
  from: i32,
  to: i32,
  headDim: i32,
  scale: f32,
  window: i32,
  cap: f32,
): f64 {
  let check: f64 = 0;
  for (let query = from; query < to; query++) {
    const row = weights + ((<usize>(query - from) * <usize>tokens) << 2);
    const first = max<i32>(0, query + 1 - window);
    const seen = row + ((<usize>first) << 2);
    const count = query + 1 - first;
    multiplyRows(
      q + <usize>query * qStride,
      k + <usize>first * kStride,
      kStride,
      seen,
      count,
      (<usize>headDim) << 2,
    );
    check += softmax(seen, count, scale, cap);
    memory.fill(row, 0, (<usize>first) << 2);
    memory.fill(row + ((<usize>(query + 1)) << 2), 0, (<usize>(tokens - query - 1)) << 2);
  }
  return check;
}

/** In place: exp(score − max) / sum of scores scale · x, capped as above, summed in f64. Returns the sum before division. */
function softmax(row: usize, count: i32, scale: f32, cap: f32): f64 {
  const end = row + ((<usize>count) << 2);
  let largest: f32 = -Infinity;
  for (let at = row; at < end; at += 4) {
    let score = f32.load(at) * scale;
    if (cap !== 0) score = cap * f32x4.extract_lane(tanh(f32x4.splat(score / cap)), 0);
    f32.store(at, score);
    largest = max<f32>(largest, score);
  }
  let sum: f64 = 0;
  const shift = f32x4.splat(largest);
  let at = row;
  for (; at + 16 <= end; at += 16) {
    const e = exp(f32x4.sub(v128.load(at), shift));
    v128.store(at, e);
    const pair = f64x2.add(
      f64x2.promote_low_f32x4(e),
      f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)),
    );
    sum += f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  }
  for (; at < end; at += 4) {
    const e = f32x4.extract_lane(exp(f32x4.splat(f32.load(at) - largest)), 0);
    f32.store(at, e);
    sum += <f64>e;
  }
  const inverse = <f32>(1 / sum);
  for (at = row; at < end; at += 4) f32.store(at, f32.load(at) * inverse);
  return sum;
}

/** out[query, :] = Σ weights[query, key] · v[key, :] for a range of queries of one head. `headDim` is a multiple of 4. */
export function mixValues(
  weights: usize, // (to - from, tokens)
  v: usize, // (tokens, headDim), the head's part of each token
  vStride: usize,
  out: usize, // (tokens, headDim)
  outStride: usize,
  tokens: i32,
  from: i32,
  to: i32,
  headDim: i32,
): void {
  const bytes = (<usize>headDim) << 2;
  for (let query = from; query < to; query++) {
    const row = weights + ((<usize>(query - from) * <usize>tokens) << 2);
    const end = row + ((<usize>(query + 1)) << 2);
    const o = out + <usize>query * outStride;
    let at: usize = 0;
    for (; at + 64 <= bytes; at += 64) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let value = v + at;
      for (let weight = row; weight < end; weight += 4) {
        const p = v128.load32_splat(weight);
        a0 = mulAdd(a0, p, v128.load(value));
        a1 = mulAdd(a1, p, v128.load(value, 16));
        a2 = mulAdd(a2, p, v128.load(value, 32));
        a3 = mulAdd(a3, p, v128.load(value, 48));
        value += vStride;
      }
      v128.store(o + at, a0);
      v128.store(o + at, a1, 16);
      v128.store(o + at, a2, 32);
      v128.store(o + at, a3, 48);
    }
    for (; at < bytes; at += 16) {
      let a0 = f32x4.splat(0);
      let value = v + at;
      for (let weight = row; weight < end; weight += 4) {
        a0 = mulAdd(a0, v128.load32_splat(weight), v128.load(value));
        value += vStride;
      }
      v128.store(o + at, a0);
    }
  }
}

/**
 * Keeps the rows of a range of queries in 16-bit floats, up to the diagonal only: row q begins behind the
 * 1 + 2 + … + q numbers of those before it.
 */
export function keepRows(
  weights: usize, // (to - from, tokens)
  triangle: usize, // (lower triangle of tokens²) f16
  tokens: i32,
  from: i32,
  to: i32,
): void {
  for (let query = from; query < to; query++) {
    let at = weights + ((<usize>(query - from) * <usize>tokens) << 2);
    let kept = triangle + <usize>query * <usize>(query + 1);
    const end = at + ((<usize>(query + 1)) << 2);
    for (; at + 32 <= end; at += 32) {
      v128.store(kept, toHalves(v128.load(at), v128.load(at, 16)));
      kept += 16;
    }
    for (; at < end; at += 4) {
      const one = v128.load32_splat(at);
      store<u16>(kept, <u16>i16x8.extract_lane_u(toHalves(one, one), 0));
      kept += 2;
    }
  }
}
