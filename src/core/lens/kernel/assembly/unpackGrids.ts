/** Unpacks the formats whose weights are not evenly spaced (AssemblyScript): as unpack.ts, bit for bit. */

import { half, storeScaled } from "./unpack";

/**
 * Blocks of 256: f16 d; 32 16-bit words, each nine bits that choose a row of the grid and a 7-bit sign pattern;
 * eight bytes of two 4-bit scales. x = d · (scale + ½) / 4 · grid · sign
 * @param grid 512 rows of 8 bytes. @param signs 128 rows of 8 bytes that are 1 or −1.
 */
export function unpackIQ2_XS(from: usize, to: usize, count: i32, grid: usize, signs: usize): void {
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    for (let word: usize = 0; word < 32; word++) {
      const packed = <u32>load<u8>(from + 66 + (word >> 2));
      const scale = (word & 2) === 0 ? packed & 15 : packed >> 4;
      const bits = <u32>load<u16>(from + 2 + (word << 1));
      const values = v128.load8x8_u(grid + <usize>((bits & 511) << 3));
      const sign = v128.load8x8_s(signs + <usize>((bits >> 9) << 3));
      storeScaled(to, i16x8.mul(values, sign), f32x4.splat(d * (<f32>0.5 + <f32>scale) * <f32>0.25));
      to += 32;
    }
    from += 74;
  }
}

/**
 * Blocks of 256: f16 d; 64 bytes that each choose a row of the grid; eight 32-bit words of four 7-bit sign patterns
 * and a 4-bit scale. x = d · (scale + ½) / 2 · grid · sign
 * @param grid 256 rows of 4 bytes. @param signs 128 rows of 8 bytes that are 1 or −1.
 */
export function unpackIQ3_XXS(from: usize, to: usize, count: i32, grid: usize, signs: usize): void {
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    let rows = from + 2;
    for (let group: usize = 0; group < 8; group++) {
      const word = load<u32>(from + 66 + (group << 2));
      const scale = f32x4.splat(d * (<f32>0.5 + <f32>(word >> 28)) * <f32>0.5);
      for (let l: u32 = 0; l < 4; l++) {
        const low = <u64>load<u32>(grid + ((<usize>load<u8>(rows)) << 2));
        const high = <u64>load<u32>(grid + ((<usize>load<u8>(rows, 1)) << 2));
        const values = i16x8.extend_low_i8x16_u(i64x2.splat(low | (high << 32)));
        const sign = v128.load8x8_s(signs + <usize>(((word >> (7 * l)) & 127) << 3));
        storeScaled(to, i16x8.mul(values, sign), scale);
        rows += 2;
        to += 32;
      }
    }
    from += 98;
  }
}

/** What sixteen q of 4 bits stand for, as i8. */
export function levels(q: v128): v128 {
  return i8x16.swizzle(i8x16(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113), q);
}

/** Stores 32 weights of 16 bytes of two 4-bit q, low halves first: x = scale · level(q). */
function storeLevels(from: usize, to: usize, scale: f32): void {
  const q = v128.load(from);
  const factor = f32x4.splat(scale);
  const low = levels(v128.and(q, i8x16.splat(15)));
  const high = levels(i8x16.shr_u(q, 4));
  storeScaled(to, i16x8.extend_low_i8x16_s(low), factor);
  storeScaled(to + 32, i16x8.extend_high_i8x16_s(low), factor);
  storeScaled(to + 64, i16x8.extend_low_i8x16_s(high), factor);
  storeScaled(to + 96, i16x8.extend_high_i8x16_s(high), factor);
}

/** Blocks of 32: f16 d; 16 bytes of two 4-bit q. x = d · level(q) */
export function unpackIQ4_NL(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block += 32) {
    storeLevels(from + 2, to, half(from));
    from += 18;
    to += 128;
  }
}

/**
 * Blocks of 256: f16 d; 16 bits of high 2 bits and four bytes of low 4 bits of eight 6-bit scales; 128 bytes of two
 * 4-bit q. x = d · (scale − 32) · level(q)
 */
export function unpackIQ4_XS(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    const highs = <u32>load<u16>(from, 2);
    for (let group: usize = 0; group < 8; group++) {
      const low = (<u32>load<u8>(from + 4 + (group >> 1)) >> <u32>((group & 1) << 2)) & 15;
      const high = (highs >> <u32>(group << 1)) & 3;
      storeLevels(from + 8 + (group << 4), to, d * <f32>(<i32>(low | (high << 4)) - 32));
      to += 128;
    }
    from += 136;
  }
}
