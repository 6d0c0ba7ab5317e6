/**
 * What the blocks of the architectures differ in (AssemblyScript): norms, position, activations, soft-capping.
 * Pointers and strides are in bytes, counts in numbers and multiples of 4.
 */

import { exp, tanh } from "./math";

/** x *= factor */
export function scale(x: usize, count: i32, factor: f32): void {
  const bytes = (<usize>count) << 2;
  const factors = f32x4.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(x + at, f32x4.mul(v128.load(x + at), factors));
}

/** x += factor · y */
export function addScaled(x: usize, y: usize, count: i32, factor: f32): void {
  const bytes = (<usize>count) << 2;
  const factors = f32x4.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(x + at, f32x4.add(v128.load(x + at), f32x4.mul(v128.load(y + at), factors)));
  }
}

/** Adds the same numbers to the same columns of every token. */
export function addBias(y: usize, stride: usize, bias: usize, tokens: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let token = 0; token < tokens; token++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(bias + at)));
    }
    y += stride;
  }
}

/** out = (x − mean) / sqrt(variance + epsilon) · weight + bias; mean and variance are summed in f64. */
export function layerNorm(x: usize, weight: usize, bias: usize, out: usize, count: i32, epsilon: f32): void {
  const bytes = (<usize>count) << 2;
  let sum: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) sum += <f64>f32.load(x + at);
  const mean = sum / <f64>count;
  let squares: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) {
    const difference = <f64>f32.load(x + at) - mean;
    squares += difference * difference;
  }
  const factor = f32x4.splat(<f32>(1 / Math.sqrt(squares / <f64>count + <f64>epsilon)));
  const shift = f32x4.splat(<f32>mean);
  for (let at: usize = 0; at < bytes; at += 16) {
    const normed = f32x4.mul(f32x4.sub(v128.load(x + at), shift), factor);
    v128.store(out + at, f32x4.add(f32x4.mul(normed, v128.load(weight + at)), v128.load(bias + at)));
  }
}

/**
 * Rotates the pairs (2i, 2i + 1) of one token's heads by the angles of its position.
 * @param table (rotated / 2) pairs of cosine and sine. @param rotated how many numbers of each head are turned.
 */
export function ropeInterleaved(x: usize, table: usize, heads: i32, headDim: i32, rotated: i32): void {
  const bytes = (<usize>rotated) << 2;
  for (let head = 0; head < heads; head++) {
    for (let at: usize = 0; at < bytes; at += 8) turn(x + at, x + at + 4, table + at);
    x += (<usize>headDim) << 2;
  }
}

/** The same for the pairs (i, i + rotated / 2). */
export function ropeHalves(x: usize, table: usize, heads: i32, headDim: i32, rotated: i32): void {
  const half = (<usize>rotated) << 1;
  for (let head = 0; head < heads; head++) {
    for (let at: usize = 0; at < half; at += 4) turn(x + at, x + half + at, table + (at << 1));
    x += (<usize>headDim) << 2;
  }
}

function turn(first: usize, second: usize, angle: usize): void {
  const real = f32.load(first);
  const imaginary = f32.load(second);
  const cosine = f32.load(angle);
  const sine = f32.load(angle, 4);
  f32.store(first, real * cosine - imaginary * sine);
  f32.store(second, real * sine + imaginary * cosine);
}

/** gate = silu(gate) · up for the same columns of every token; silu(x) = x / (1 + exp(−x)). */
export function swiglu(gate: usize, up: usize, stride: usize, tokens: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  const one = f32x4.splat(1);
  for (let token = 0; token < tokens; token++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const g = v128.load(gate + at);
      const silu = f32x4.div(g, f32x4.add(one, exp(f32x4.neg(g))));
      v128.store(gate + at, f32x4.mul(silu, v128.load(up + at)));
    }
    gate += stride;
    up += stride;
  }
}

/** gate = gelu(gate) · up for the same columns of every token. @param table see `gelu`. */
export function geglu(gate: usize, up: usize, stride: usize, tokens: i32, columns: i32, table: usize): void {
  const bytes = (<usize>columns) << 2;
  for (let token = 0; token < tokens; token++) {
    for (let at: usize = 0; at < bytes; at += 4) {
      f32.store(gate + at, geluOf(f32.load(gate + at), table) * f32.load(up + at));
    }
    gate += stride;
    up += stride;
  }
}

/**
 * x = gelu(x) for the same columns of every token, looked up as llama.cpp does on a processor: x is rounded to f16,
 * of which there are few enough for a table.
 * @param table (65,536) f32: the value for each f16.
 */
export function gelu(x: usize, stride: usize, tokens: i32, columns: i32, table: usize): void {
  const bytes = (<usize>columns) << 2;
  for (let token = 0; token < tokens; token++) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(x + at, geluOf(f32.load(x + at), table));
    x += stride;
  }
}

function geluOf(x: f32, table: usize): f32 {
  if (x <= -10) return 0;
  if (x >= 10) return x;
  return f32.load(table + ((<usize>halfBits(x)) << 2));
}

/** The f16 nearest to a number of a magnitude below 65,520, ties to even. */
function halfBits(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // Below 2^-14 f16 are multiples of 2^-24; adding a half makes the sum one of them and puts it into the last bits.
  if (magnitude < 0x38800000) {
    return sign | (reinterpret<u32>(reinterpret<f32>(magnitude) + 0.5) - 0x3f000000);
  }
  const odd = (magnitude >> 13) & 1;
  return sign | ((magnitude + 0xfff + odd - 0x38000000) >> 13);
}

/** x = cap · tanh(x / cap) for the same columns of every token. */
export function softCap(x: usize, stride: usize, tokens: i32, columns: i32, cap: f32): void {
  const bytes = (<usize>columns) << 2;
  const caps = f32x4.splat(cap);
  for (let token = 0; token < tokens; token++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(x + at, f32x4.mul(caps, tanh(f32x4.div(v128.load(x + at), caps))));
    }
    x += stride;
  }
}
