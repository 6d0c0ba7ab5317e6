/**
 * Matrix products (AssemblyScript): 16 rows of weights against all tokens, 256 columns at a time, so that what was
 * unpacked is multiplied while it is still in the nearest cache. Two ways: exact in f32, and with 16-bit integers
 * that are summed in 32 bits, which multiplies twice as many at once.
 *
 * Activations are made ready once and used by many panels: eight tokens side by side, so that a weight is read once
 * for all of them and no sum has to be collected from the lanes of a vector.
 */

import { unpackIntegers } from "./integers";
import { largestLane, mulAdd, roundToI16, sumOfLanes } from "./math";
import { unpack } from "./unpackAny";

/** Columns that are unpacked and multiplied at a time. */
const BLOCK: i32 = 256;
/** Bytes from one unpacked row to the next: constants, so that four rows need one address. */
const ROW_F32: usize = 1024;
const ROW_I16: usize = 512;
/** Rows of a panel. */
const ROWS: usize = 16;
/** Tokens that stand side by side, and the bytes of a number of each of them. */
const TOKENS: i32 = 8;
const LANES: usize = 32;
/** Bytes of the sums of a panel for eight tokens: (16 rows, 8 tokens) f32. */
const SUMS: usize = 512;

// A thread's scratch: the unpacked panel, a row to spare, the scales of the rows, and the sums.
const SPARE: usize = ROWS * ROW_F32;
const SCALES: usize = SPARE + ROW_F32;
const SUMS_START: usize = SCALES + 64;

/** No product of integers may exceed 31 bits: weights are at most this, whose sum with activations `readyI16` bounds. */
const LARGEST_WEIGHT: f32 = 4096;

/** Turns four vectors of four into each other's lanes and stores them `stride` bytes apart. */
function storeTransposed(a: v128, b: v128, c: v128, d: v128, to: usize, stride: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(ab2, cd2, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(ab2, cd2, 1, 3));
}

/**
 * Makes up to eight tokens ready for `multiplyF32`: (tokens, columns) becomes (columns, 8 tokens). Missing tokens are
 * zero. `columns` is a multiple of 4.
 */
export function readyF32(from: usize, stride: usize, to: usize, tokens: i32, columns: i32): void {
  for (let first = 0; first < TOKENS; first += 4) {
    for (let column = 0; column < columns; column += 4) {
      const at = from + ((<usize>column) << 2);
      const a = first < tokens ? v128.load(at) : f32x4.splat(0);
      const b = first + 1 < tokens ? v128.load(at + stride) : f32x4.splat(0);
      const c = first + 2 < tokens ? v128.load(at + 2 * stride) : f32x4.splat(0);
      const d = first + 3 < tokens ? v128.load(at + 3 * stride) : f32x4.splat(0);
      storeTransposed(a, b, c, d, to + <usize>column * LANES + ((<usize>first) << 2), LANES);
    }
    from += 4 * stride;
  }
}

/**
 * Makes up to eight tokens ready for `multiplyI16`. Each block of columns becomes (columns / 2, 8 tokens, 2 columns)
 * i16 and (8 tokens) f32 scales; activation = scale · integer. Missing tokens are zero. `columns` is a multiple of 8.
 */
export function readyI16(from: usize, stride: usize, to: usize, tokens: i32, columns: i32): void {
  for (let column = 0; column < columns; column += BLOCK) {
    const count = min<i32>(BLOCK, columns - column);
    const scales = to + <usize>count * (LANES >> 1);
    for (let token = 0; token < TOKENS; token++) {
      const row = from + <usize>token * stride + ((<usize>column) << 2);
      const lane = to + ((<usize>token) << 2);
      if (token >= tokens) {
        for (let pair = 0; pair < count; pair += 2) store<u32>(lane + <usize>pair * (LANES >> 1), 0);
        f32.store(scales + ((<usize>token) << 2), 0);
        continue;
      }
      const scale = integerScale(row, count);
      f32.store(scales + ((<usize>token) << 2), scale);
      const inverse = f32x4.splat(scale > 0 ? 1 / scale : 0);
      for (let pair = 0; pair < count; pair += 8) {
        const at = row + ((<usize>pair) << 2);
        const low = f32x4.mul(v128.load(at), inverse);
        const integers = roundToI16(low, f32x4.mul(v128.load(at, 16), inverse));
        const target = lane + <usize>pair * (LANES >> 1);
        v128.store32_lane(target, integers, 0, 0);
        v128.store32_lane(target, integers, 1, LANES);
        v128.store32_lane(target, integers, 2, 2 * LANES);
        v128.store32_lane(target, integers, 3, 3 * LANES);
      }
    }
    to = scales + LANES;
  }
}

/**
 * The finest scale at which no sum of products with weights up to LARGEST_WEIGHT can leave 32 bits and no
 * activation 16: at least 12 bits of the largest one, 14 to 16 where, as is usual, most are much smaller.
 */
function integerScale(from: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  let sums = most;
  const end = from + ((<usize>count) << 2);
  for (let at = from; at < end; at += 16) {
    const magnitudes = f32x4.abs(v128.load(at));
    most = f32x4.pmax(most, magnitudes);
    sums = f32x4.add(sums, magnitudes);
  }
  const sum = sumOfLanes(sums);
  // The sum is NaN where an activation is, and so is what is returned.
  // Rounding adds at most a half to each of 256; a part in a thousand is left for the rounding of the sum itself.
  const room: f32 = (<f32>2_147_483_648 / LARGEST_WEIGHT - <f32>BLOCK / 2) * <f32>0.999;
  return max<f32>(largestLane(most) / 32_767, sum / room);
}

/**
 * y[token, row] = x[token, :] · w[row, :], exact in f32.
 * @param w rows as they are in the file, of a type given by its number there. @param rows at most 16; results are
 *   written for the next multiple of 4. @param x (tokens / 8, columns, 8 tokens) of `readyF32`.
 */
export function multiplyF32(
  type: i32,
  w: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
  x: usize,
  tokens: i32,
  y: usize, // (tokens, rows)
  yStride: usize,
  scratch: usize,
  grids: usize,
): void {
  const sums = scratch + SUMS_START;
  const xStride = <usize>columns * LANES;
  clearSums(sums, tokens);
  for (let column = 0; column < columns; column += BLOCK) {
    const count = min<i32>(BLOCK, columns - column);
    const block = w + (rowBytes * <usize>column) / <usize>columns;
    for (let row = 0; row < rows; row++) {
      unpack(type, block + <usize>row * rowBytes, scratch + <usize>row * ROW_F32, count, grids);
    }
    let tile = x + <usize>column * LANES;
    let sum = sums;
    for (let token = 0; token < tokens; token += TOKENS) {
      for (let row = 0; row < rows; row += 4) {
        tile32(tile, scratch + <usize>row * ROW_F32, sum + <usize>row * LANES, (<usize>count) << 2);
      }
      tile += xStride;
      sum += SUMS;
    }
  }
  storeSums(sums, y, yStride, tokens, rows);
}

/** Adds 4 rows by 8 tokens to their sums; what is summed fits the sixteen registers with its operands. */
function tile32(x: usize, w: usize, sum: usize, bytes: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = w + bytes;
  // Not unrolled here: the engine does it, and runs out of registers when it is given more.
  do {
    const xa = v128.load(x);
    const xb = v128.load(x, 16);
    let row = v128.load32_splat(w);
    a0 = mulAdd(a0, xa, row);
    b0 = mulAdd(b0, xb, row);
    row = v128.load32_splat(w, ROW_F32);
    a1 = mulAdd(a1, xa, row);
    b1 = mulAdd(b1, xb, row);
    row = v128.load32_splat(w, 2 * ROW_F32);
    a2 = mulAdd(a2, xa, row);
    b2 = mulAdd(b2, xb, row);
    row = v128.load32_splat(w, 3 * ROW_F32);
    a3 = mulAdd(a3, xa, row);
    b3 = mulAdd(b3, xb, row);
    x += LANES;
    w += 4;
  } while (w < end);
  addSums(sum, a0, b0);
  addSums(sum + LANES, a1, b1);
  addSums(sum + 2 * LANES, a2, b2);
  addSums(sum + 3 * LANES, a3, b3);
}

function addSums(sum: usize, a: v128, b: v128): void {
  v128.store(sum, f32x4.add(v128.load(sum), a));
  v128.store(sum, f32x4.add(v128.load(sum, 16), b), 16);
}

/** As `multiplyF32`, with weights and activations as integers. @param x of `readyI16`. */
export function multiplyI16(
  type: i32,
  w: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
  x: usize,
  tokens: i32,
  y: usize, // (tokens, rows)
  yStride: usize,
  scratch: usize,
  grids: usize,
): void {
  const sums = scratch + SUMS_START;
  const scales = scratch + SCALES;
  const xStride = <usize>columns * (LANES >> 1) + <usize>((columns + BLOCK - 1) / BLOCK) * LANES;
  clearSums(sums, tokens);
  for (let column = 0; column < columns; column += BLOCK) {
    const count = min<i32>(BLOCK, columns - column);
    const block = w + (rowBytes * <usize>column) / <usize>columns;
    for (let row = 0; row < rows; row++) {
      const to = scratch + <usize>row * ROW_I16;
      const scale = unpackIntegers(type, block + <usize>row * rowBytes, to, count, grids, scratch + SPARE);
      f32.store(scales + ((<usize>row) << 2), scale);
    }
    let tile = x;
    let sum = sums;
    for (let token = 0; token < tokens; token += TOKENS) {
      for (let row = 0; row < rows; row += 4) {
        tile16(
          tile,
          scratch + <usize>row * ROW_I16,
          sum + <usize>row * LANES,
          (<usize>count) << 1,
          scales + ((<usize>row) << 2),
        );
      }
      tile += xStride;
      sum += SUMS;
    }
    x += <usize>count * (LANES >> 1) + LANES;
  }
  storeSums(sums, y, yStride, tokens, rows);
}

function dotAdd(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/** As `tile32`, two columns at a time; the activations' scales stand behind their integers. */
function tile16(x: usize, w: usize, sum: usize, bytes: usize, scales: usize): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = w + bytes;
  do {
    const xa = v128.load(x);
    const xb = v128.load(x, 16);
    let row = v128.load32_splat(w);
    a0 = dotAdd(a0, xa, row);
    b0 = dotAdd(b0, xb, row);
    row = v128.load32_splat(w, ROW_I16);
    a1 = dotAdd(a1, xa, row);
    b1 = dotAdd(b1, xb, row);
    row = v128.load32_splat(w, 2 * ROW_I16);
    a2 = dotAdd(a2, xa, row);
    b2 = dotAdd(b2, xb, row);
    row = v128.load32_splat(w, 3 * ROW_I16);
    a3 = dotAdd(a3, xa, row);
    b3 = dotAdd(b3, xb, row);
    x += LANES;
    w += 4;
  } while (w < end);
  addScaled(sum, a0, b0, x, scales);
  addScaled(sum + LANES, a1, b1, x, scales + 4);
  addScaled(sum + 2 * LANES, a2, b2, x, scales + 8);
  addScaled(sum + 3 * LANES, a3, b3, x, scales + 12);
}

/** Adds integer sums of one row to its sums, times the row's scale and the tokens' scales. */
function addScaled(sum: usize, a: v128, b: v128, tokenScales: usize, rowScale: usize): void {
  const scale = v128.load32_splat(rowScale);
  const scaleA = f32x4.mul(scale, v128.load(tokenScales));
  const scaleB = f32x4.mul(scale, v128.load(tokenScales, 16));
  v128.store(sum, mulAdd(v128.load(sum), f32x4.convert_i32x4_s(a), scaleA));
  v128.store(sum, mulAdd(v128.load(sum, 16), f32x4.convert_i32x4_s(b), scaleB), 16);
}

function clearSums(sums: usize, tokens: i32): void {
  memory.fill(sums, 0, <usize>((tokens + TOKENS - 1) / TOKENS) * SUMS);
}

/** (tokens / 8, 16 rows, 8 tokens) becomes (tokens, rows). */
function storeSums(sums: usize, y: usize, yStride: usize, tokens: i32, rows: i32): void {
  for (let token = 0; token < tokens; token += 4) {
    const eight = sums + <usize>(token >> 3) * SUMS + ((<usize>(token & 4)) << 2);
    for (let row = 0; row < rows; row += 4) {
      const at = eight + <usize>row * LANES;
      const a = v128.load(at);
      const b = v128.load(at, LANES);
      const c = v128.load(at, 2 * LANES);
      const d = v128.load(at, 3 * LANES);
      const to = y + <usize>token * yStride + ((<usize>row) << 2);
      if (token + 4 <= tokens) storeTransposed(a, b, c, d, to, yStride);
      else {
        // The sums are not needed any more: they hold the four tokens, of which those that exist are copied.
        storeTransposed(a, b, c, d, at, LANES);
        for (let i = 0; token + i < tokens; i++)
          v128.store(to + <usize>i * yStride, v128.load(at + <usize>i * LANES));
      }
    }
  }
}
