/**
 * Unpacks weights to 16-bit integers with one scale for all of them (AssemblyScript): what the 16-bit path
 * multiplies. `count` is at most 256, a multiple of the block's weights and of 8. No integer is beyond ±4096.
 */

import { largestLane, roundToI16, sumOfLanes } from "./math";
import { half, minimumK, scaleK, scaleQ3_K, weightsQ3_K } from "./unpack";
import { IQ2_XS_GRID, IQ2_XXS_GRID, IQ3_XXS_GRID, SIGNS, unpack } from "./unpackAny";
import { levels } from "./unpackGrids";

/** What the largest of the weights becomes where they are rounded. */
const LARGEST: f32 = 4095;

/**
 * Weights as integers: weight = returned scale · integer. Q3_K, Q6_K and the IQ types of 256 are integers times a
 * scale and keep their values; the other types are rounded to about 1 part in 8,000 of the range of these weights.
 * @param spare room for `count` f32.
 */
export function unpackIntegers(
  type: i32,
  from: usize,
  to: usize,
  count: i32,
  grids: usize,
  spare: usize,
): f32 {
  switch (type) {
    case 2:
      return integersQ4_0(from, to, count);
    case 8:
      return integersQ8_0(from, to, count);
    case 11:
      return integersQ3_K(from, to);
    case 12:
      return integersQ4_K(from, to);
    case 14:
      return integersQ6_K(from, to);
    case 16:
      return integersIQ2_XXS(from, to, grids + IQ2_XXS_GRID, grids + SIGNS);
    case 17:
      return integersIQ2_XS(from, to, grids + IQ2_XS_GRID, grids + SIGNS);
    case 18:
      return integersIQ3_XXS(from, to, grids + IQ3_XXS_GRID, grids + SIGNS);
    case 23:
      return integersIQ4_XS(from, to);
    default:
      unpack(type, from, spare, count, grids);
      return roundWeights(spare, to, count);
  }
}

/** Rounds f32 weights to integers of up to LARGEST. */
function roundWeights(from: usize, to: usize, count: i32): f32 {
  const end = from + ((<usize>count) << 2);
  let most = f32x4.splat(0);
  let sums = most;
  for (let at = from; at < end; at += 16) {
    const magnitudes = f32x4.abs(v128.load(at));
    most = f32x4.pmax(most, magnitudes);
    sums = f32x4.add(sums, magnitudes);
  }
  // A maximum forgets NaN, a sum does not: a damaged file must be noticed.
  const largest = largestLane(most) + <f32>0 * sumOfLanes(sums);
  if (!(largest > 0)) {
    memory.fill(to, 0, (<usize>count) << 1);
    return largest;
  }
  const inverse = f32x4.splat(LARGEST / largest);
  for (let at = from; at < end; at += 32) {
    v128.store(to, roundToI16(f32x4.mul(v128.load(at), inverse), f32x4.mul(v128.load(at, 16), inverse)));
    to += 16;
  }
  return largest / LARGEST;
}

/** d · (q − 8) of eight blocks with a d each: (q − 8) · d / largest d · 511, whose largest is 4088. */
function integersQ4_0(from: usize, to: usize, count: i32): f32 {
  const largest = largestHalf(from, count >> 5, 18);
  if (!(largest > 0)) {
    memory.fill(to, 0, (<usize>count) << 1);
    return largest;
  }
  const eight = i16x8.splat(8);
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 32) {
    // (q − 8) · 2^12 times this, divided by 2^15 and rounded.
    const factor = i16x8.splat(<i16>nearest<f32>((half(from) / largest) * (511 * 8)));
    for (let i: usize = 0; i < 16; i += 8) {
      const q = v128.load8x8_u(from + i, 2);
      const first = i16x8.shl(i16x8.sub(v128.and(q, low), eight), 12);
      const second = i16x8.shl(i16x8.sub(i16x8.shr_u(q, 4), eight), 12);
      v128.store(to + (i << 1), i16x8.q15mulr_sat_s(first, factor));
      v128.store(to + (i << 1), i16x8.q15mulr_sat_s(second, factor), 32);
    }
    from += 18;
    to += 64;
  }
  return largest / 511;
}

/** d · q of eight blocks with a d each: q · d / largest d · 32, whose largest is 4096. */
function integersQ8_0(from: usize, to: usize, count: i32): f32 {
  const largest = largestHalf(from, count >> 5, 34);
  if (!(largest > 0)) {
    memory.fill(to, 0, (<usize>count) << 1);
    return largest;
  }
  for (let block = 0; block < count; block += 32) {
    // q · 2^7 times this, divided by 2^15 and rounded.
    const factor = i16x8.splat(<i16>nearest<f32>((half(from) / largest) * (32 * 256)));
    for (let i: usize = 0; i < 32; i += 8) {
      const q = i16x8.shl(v128.load8x8_s(from + i, 2), 7);
      v128.store(to + (i << 1), i16x8.q15mulr_sat_s(q, factor));
    }
    from += 34;
    to += 64;
  }
  return largest / 32;
}

/** The largest magnitude of the f16 at the start of each of `blocks` blocks. */
function largestHalf(from: usize, blocks: i32, blockBytes: usize): f32 {
  let largest: f32 = 0;
  for (let block = 0; block < blocks; block++) {
    largest = max<f32>(largest, abs<f32>(half(from)));
    from += blockBytes;
  }
  return largest;
}

/** d · (scale − 32) · (q − 4 where the third bit is clear), as `unpackQ3_K`: the integers are at most 128. */
function integersQ3_K(from: usize, to: usize): f32 {
  for (let group: usize = 0; group < 16; group++) {
    const scale = i16x8.splat(<i16>scaleQ3_K(from, group));
    v128.store(to, i16x8.mul(weightsQ3_K(from, group, 0), scale));
    v128.store(to, i16x8.mul(weightsQ3_K(from, group, 8), scale), 16);
    to += 32;
  }
  return half(from + 108);
}

/** d · scale · q − dmin · minimum of eight sub-blocks: both parts as fixed-point numbers of the largest weight. */
function integersQ4_K(from: usize, to: usize): f32 {
  const d = half(from);
  const dmin = half(from + 2);
  const packed = from + 4;
  let largest: f32 = 0;
  for (let j: usize = 0; j < 8; j++) {
    const offset = dmin * <f32>minimumK(packed, j);
    largest = max<f32>(
      largest,
      max<f32>(abs<f32>(offset), abs<f32>(d * <f32>(scaleK(packed, j) * 15) - offset)),
    );
  }
  if (!(largest > 0)) {
    memory.fill(to, 0, 512);
    return largest;
  }
  const inverse = LARGEST / largest;
  const low = i16x8.splat(15);
  let q = from + 16;
  for (let j: usize = 0; j < 8; j += 2) {
    // q · 2^11 times this, divided by 2^15 and rounded. At most 2 · 4095 / 15 · 16, far below 2^15.
    const factor0 = i16x8.splat(<i16>nearest<f32>(d * <f32>scaleK(packed, j) * inverse * 16));
    const factor1 = i16x8.splat(<i16>nearest<f32>(d * <f32>scaleK(packed, j + 1) * inverse * 16));
    const offset0 = i16x8.splat(<i16>nearest<f32>(dmin * <f32>minimumK(packed, j) * inverse));
    const offset1 = i16x8.splat(<i16>nearest<f32>(dmin * <f32>minimumK(packed, j + 1) * inverse));
    for (let i: usize = 0; i < 32; i += 8) {
      const bytes = v128.load8x8_u(q + i);
      const first = i16x8.shl(v128.and(bytes, low), 11);
      const second = i16x8.shl(i16x8.shr_u(bytes, 4), 11);
      v128.store(to + (i << 1), i16x8.sub(i16x8.q15mulr_sat_s(first, factor0), offset0));
      v128.store(to + (i << 1), i16x8.sub(i16x8.q15mulr_sat_s(second, factor1), offset1), 64);
    }
    q += 32;
    to += 128;
  }
  return largest / LARGEST;
}

/** d · scale · (q − 32), as `unpackQ6_K`: the integers are at most 128 · 32 = 4096. */
function integersQ6_K(from: usize, to: usize): f32 {
  const low = i16x8.splat(15);
  const two = i16x8.splat(3);
  const offset = i16x8.splat(32);
  let lows = from;
  let highs = from + 128;
  let scales = from + 192;
  for (let part = 0; part < 2; part++) {
    for (let i: usize = 0; i < 32; i += 8) {
      const a = v128.load8x8_u(lows + i);
      const b = v128.load8x8_u(lows + i, 32);
      const h = v128.load8x8_u(highs + i);
      const s = scales + (i >> 4);
      const at = to + (i << 1);
      const q0 = v128.or(v128.and(a, low), i16x8.shl(v128.and(h, two), 4));
      const q1 = v128.or(v128.and(b, low), i16x8.shl(v128.and(i16x8.shr_u(h, 2), two), 4));
      const q2 = v128.or(i16x8.shr_u(a, 4), i16x8.shl(v128.and(i16x8.shr_u(h, 4), two), 4));
      const q3 = v128.or(i16x8.shr_u(b, 4), i16x8.shl(i16x8.shr_u(h, 6), 4));
      v128.store(at, i16x8.mul(i16x8.sub(q0, offset), i16x8.splat(<i16>load<i8>(s))));
      v128.store(at, i16x8.mul(i16x8.sub(q1, offset), i16x8.splat(<i16>load<i8>(s, 2))), 64);
      v128.store(at, i16x8.mul(i16x8.sub(q2, offset), i16x8.splat(<i16>load<i8>(s, 4))), 128);
      v128.store(at, i16x8.mul(i16x8.sub(q3, offset), i16x8.splat(<i16>load<i8>(s, 6))), 192);
    }
    lows += 64;
    highs += 32;
    scales += 8;
    to += 256;
  }
  return half(from + 208);
}

/** d / 8 · (2 · scale + 1) · grid · sign, as `unpackIQ2_XXS`: the integers are at most 31 · 43 = 1333. */
function integersIQ2_XXS(from: usize, to: usize, grid: usize, signs: usize): f32 {
  const d = half(from);
  from += 2;
  for (let group = 0; group < 8; group++) {
    const rows = load<u32>(from);
    const word = load<u32>(from, 4);
    const scale = i16x8.splat(<i16>(((word >> 28) << 1) + 1));
    for (let l: u32 = 0; l < 4; l++) {
      const values = v128.load8x8_u(grid + <usize>(((rows >> (l << 3)) & 255) << 3));
      const sign = v128.load8x8_s(signs + <usize>(((word >> (7 * l)) & 127) << 3));
      v128.store(to, i16x8.mul(i16x8.mul(values, sign), scale));
      to += 16;
    }
    from += 8;
  }
  return d * <f32>0.125;
}

/** d / 8 · (2 · scale + 1) · grid · sign, as `unpackIQ2_XS`: the integers are at most 31 · 43 = 1333. */
function integersIQ2_XS(from: usize, to: usize, grid: usize, signs: usize): f32 {
  for (let word: usize = 0; word < 32; word++) {
    const packed = <u32>load<u8>(from + 66 + (word >> 2));
    const scale = (word & 2) === 0 ? packed & 15 : packed >> 4;
    const bits = <u32>load<u16>(from + 2 + (word << 1));
    const values = v128.load8x8_u(grid + <usize>((bits & 511) << 3));
    const sign = v128.load8x8_s(signs + <usize>((bits >> 9) << 3));
    v128.store(to, i16x8.mul(i16x8.mul(values, sign), i16x8.splat(<i16>((scale << 1) + 1))));
    to += 16;
  }
  return half(from) * <f32>0.125;
}

/** d / 4 · (2 · scale + 1) · grid · sign, as `unpackIQ3_XXS`: the integers are at most 31 · 62 = 1922. */
function integersIQ3_XXS(from: usize, to: usize, grid: usize, signs: usize): f32 {
  let rows = from + 2;
  for (let group: usize = 0; group < 8; group++) {
    const word = load<u32>(from + 66 + (group << 2));
    const scale = i16x8.splat(<i16>(((word >> 28) << 1) + 1));
    for (let l: u32 = 0; l < 4; l++) {
      const low = <u64>load<u32>(grid + ((<usize>load<u8>(rows)) << 2));
      const high = <u64>load<u32>(grid + ((<usize>load<u8>(rows, 1)) << 2));
      const values = i16x8.extend_low_i8x16_u(i64x2.splat(low | (high << 32)));
      const sign = v128.load8x8_s(signs + <usize>(((word >> (7 * l)) & 127) << 3));
      v128.store(to, i16x8.mul(i16x8.mul(values, sign), scale));
      rows += 2;
      to += 16;
    }
  }
  return half(from) * <f32>0.25;
}

/** d · (scale − 32) · level(q), as `unpackIQ4_XS`: the integers are at most 32 · 127 = 4064. */
function integersIQ4_XS(from: usize, to: usize): f32 {
  const highs = <u32>load<u16>(from, 2);
  for (let group: usize = 0; group < 8; group++) {
    const low = (<u32>load<u8>(from + 4 + (group >> 1)) >> <u32>((group & 1) << 2)) & 15;
    const high = (highs >> <u32>(group << 1)) & 3;
    const scale = i16x8.splat(<i16>(<i32>(low | (high << 4)) - 32));
    const q = v128.load(from + 8 + (group << 4));
    const first = levels(v128.and(q, i8x16.splat(15)));
    const second = levels(i8x16.shr_u(q, 4));
    v128.store(to, i16x8.mul(i16x8.extend_low_i8x16_s(first), scale));
    v128.store(to, i16x8.mul(i16x8.extend_high_i8x16_s(first), scale), 16);
    v128.store(to, i16x8.mul(i16x8.extend_low_i8x16_s(second), scale), 32);
    v128.store(to, i16x8.mul(i16x8.extend_high_i8x16_s(second), scale), 48);
    to += 64;
  }
  return half(from);
}
