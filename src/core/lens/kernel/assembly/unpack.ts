/**
 * Unpacks quantised weights to f32 (AssemblyScript), bit for bit as the formats define them. Layouts are those
 * of ggml's blocks; `count` is a multiple of the block's weights.
 */

export function half(pointer: usize): f32 {
  const bits = <u32>load<u16>(pointer);
  const sign = (bits & 0x8000) << 16;
  // As f32 the exponent is 112 too small; multiplying mends normal and subnormal numbers alike.
  const magnitude = reinterpret<f32>((bits & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
  if ((bits & 0x7c00) === 0x7c00) return reinterpret<f32>(sign | 0x7f800000 | ((bits & 0x3ff) << 13));
  return reinterpret<f32>(sign | reinterpret<u32>(magnitude));
}

/** Stores eight signed 16-bit integers as f32, each times `scale`. */
export function storeScaled(to: usize, integers: v128, scale: v128): void {
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(integers)), scale));
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(integers)), scale), 16);
}

/** Stores eight unsigned 16-bit integers as f32: integer · scale − offset. */
function storeAffine(to: usize, integers: v128, scale: v128, offset: v128): void {
  const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(integers));
  const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(integers));
  v128.store(to, f32x4.sub(f32x4.mul(low, scale), offset));
  v128.store(to, f32x4.sub(f32x4.mul(high, scale), offset), 16);
}

export function unpackF32(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 2);
}

export function unpackF16(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to + ((<usize>i) << 2), halves(v128.load64_zero(from + ((<usize>i) << 1))));
  }
  for (; i < count; i++) f32.store(to + ((<usize>i) << 2), half(from + ((<usize>i) << 1)));
}

/** The first four f16 of a vector as f32, as `half`. */
function halves(bits: v128): v128 {
  const wide = i32x4.extend_low_i16x8_u(bits);
  const magnitude = i32x4.shl(v128.and(wide, i32x4.splat(0x7fff)), 13);
  const scaled = f32x4.mul(magnitude, f32x4.splat(reinterpret<f32>(0x77800000)));
  // An exponent of all ones stays one.
  const none = i32x4.ge_s(magnitude, i32x4.splat(0x0f800000));
  const value = v128.bitselect(v128.or(magnitude, i32x4.splat(0x7f800000)), scaled, none);
  return v128.or(value, i32x4.shl(v128.and(wide, i32x4.splat(0x8000)), 16));
}

export function unpackBF16(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const bits = i32x4.extend_low_i16x8_u(v128.load64_zero(from + ((<usize>i) << 1)));
    v128.store(to + ((<usize>i) << 2), i32x4.shl(bits, 16));
  }
  for (; i < count; i++) {
    store<u32>(to + ((<usize>i) << 2), (<u32>load<u16>(from + ((<usize>i) << 1))) << 16);
  }
}

/** Blocks of 32: f16 d; 32 × i8. x = d · q */
export function unpackQ8_0(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block += 32) {
    const d = f32x4.splat(half(from));
    for (let i: usize = 0; i < 32; i += 8) storeScaled(to + (i << 2), v128.load8x8_s(from + i, 2), d);
    from += 34;
    to += 128;
  }
}

/** Blocks of 32: f16 d; 16 bytes of two 4-bit q. x = d · (q − 8); low halves first, then high halves. */
export function unpackQ4_0(from: usize, to: usize, count: i32): void {
  const eight = i16x8.splat(8);
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 32) {
    const d = f32x4.splat(half(from));
    for (let i: usize = 0; i < 16; i += 8) {
      const q = v128.load8x8_u(from + i, 2);
      storeScaled(to + (i << 2), i16x8.sub(v128.and(q, low), eight), d);
      storeScaled(to + 64 + (i << 2), i16x8.sub(i16x8.shr_u(q, 4), eight), d);
    }
    from += 18;
    to += 128;
  }
}

/** Blocks of 32: f16 d, f16 m; 16 bytes of two 4-bit q. x = d · q + m */
export function unpackQ4_1(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 32) {
    const d = f32x4.splat(half(from));
    const m = f32x4.splat(-half(from + 2));
    for (let i: usize = 0; i < 16; i += 8) {
      const q = v128.load8x8_u(from + i, 4);
      storeAffine(to + (i << 2), v128.and(q, low), d, m);
      storeAffine(to + 64 + (i << 2), i16x8.shr_u(q, 4), d, m);
    }
    from += 20;
    to += 128;
  }
}

/** Eight bits as eight i16 that are 16 where the bit is set. */
function fifths(bits: u32): v128 {
  const places = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  return v128.and(i16x8.eq(v128.and(i16x8.splat(<i16>(bits & 255)), places), places), i16x8.splat(16));
}

/** Blocks of 32: f16 d; 32 fifth bits; 16 bytes of two 4-bit q. x = d · (q − 16) */
export function unpackQ5_0(from: usize, to: usize, count: i32): void {
  const sixteen = i16x8.splat(16);
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 32) {
    const d = f32x4.splat(half(from));
    const high = load<u32>(from + 2);
    for (let i: usize = 0; i < 16; i += 8) {
      const q = v128.load8x8_u(from + 6 + i);
      const first = v128.or(v128.and(q, low), fifths(high >> <u32>i));
      const second = v128.or(i16x8.shr_u(q, 4), fifths(high >> <u32>(i + 16)));
      storeScaled(to + (i << 2), i16x8.sub(first, sixteen), d);
      storeScaled(to + 64 + (i << 2), i16x8.sub(second, sixteen), d);
    }
    from += 22;
    to += 128;
  }
}

/** Blocks of 32: f16 d, f16 m; 32 fifth bits; 16 bytes of two 4-bit q. x = d · q + m */
export function unpackQ5_1(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 32) {
    const d = f32x4.splat(half(from));
    const m = f32x4.splat(-half(from + 2));
    const high = load<u32>(from + 4);
    for (let i: usize = 0; i < 16; i += 8) {
      const q = v128.load8x8_u(from + 8 + i);
      storeAffine(to + (i << 2), v128.or(v128.and(q, low), fifths(high >> <u32>i)), d, m);
      storeAffine(to + 64 + (i << 2), v128.or(i16x8.shr_u(q, 4), fifths(high >> <u32>(i + 16))), d, m);
    }
    from += 24;
    to += 128;
  }
}

/**
 * Blocks of 256: 16 bytes of 4-bit scale and 4-bit minimum, one a 16 weights; 64 bytes of four 2-bit q; f16 d;
 * f16 dmin. x = d · scale · q − dmin · minimum
 */
export function unpackQ2_K(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(3);
  for (let block = 0; block < count; block += 256) {
    const d = half(from + 80);
    const dmin = half(from + 82);
    let q = from + 16;
    let scales = from;
    for (let part = 0; part < 2; part++) {
      for (let shift = 0; shift < 8; shift += 2) {
        for (let i: usize = 0; i < 32; i += 16) {
          const packed = <u32>load<u8>(scales++);
          const scale = f32x4.splat(d * <f32>(packed & 15));
          const offset = f32x4.splat(dmin * <f32>(packed >> 4));
          storeAffine(to, v128.and(i16x8.shr_u(v128.load8x8_u(q + i), shift), low), scale, offset);
          storeAffine(to + 32, v128.and(i16x8.shr_u(v128.load8x8_u(q + i, 8), shift), low), scale, offset);
          to += 64;
        }
      }
      q += 32;
    }
    from += 84;
  }
}

/**
 * Blocks of 256: 32 bytes of third bits (set means: do not subtract 4); 64 bytes of four 2-bit q; 12 bytes of
 * sixteen 6-bit scales; f16 d. x = d · (scale − 32) · (q − 4 where the third bit is clear)
 */
export function unpackQ3_K(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block += 256) {
    const d = half(from + 108);
    for (let group: usize = 0; group < 16; group++) {
      const scale = f32x4.splat(d * <f32>scaleQ3_K(from, group));
      storeScaled(to, weightsQ3_K(from, group, 0), scale);
      storeScaled(to + 32, weightsQ3_K(from, group, 8), scale);
      to += 64;
    }
    from += 110;
  }
}

/** The scale of 16 weights: its low four bits are in byte g mod 8, the high two in byte 8 + g mod 4. */
export function scaleQ3_K(from: usize, group: usize): i32 {
  const low = (<u32>load<u8>(from + 96 + (group & 7)) >> (group < 8 ? 0 : 4)) & 15;
  const high = (<u32>load<u8>(from + 104 + (group & 3)) >> ((<u32>(group >> 2)) << 1)) & 3;
  return <i32>(low | (high << 4)) - 32;
}

/** Eight weights of a group of 16, from −4 to 3, as i16. Two groups share bytes, then four shifts follow. */
export function weightsQ3_K(from: usize, group: usize, first: usize): v128 {
  const place = ((group & 1) << 4) + first;
  const shift = (<i32>((group >> 1) & 3)) << 1;
  const low = v128.load8x8_u(from + 32 + ((group >> 3) << 5) + place);
  const third = i16x8.shr_u(v128.load8x8_u(from + place), <i32>(group >> 1));
  const two = v128.and(i16x8.shr_u(low, shift), i16x8.splat(3));
  return i16x8.sub(i16x8.add(two, i16x8.shl(v128.and(third, i16x8.splat(1)), 2)), i16x8.splat(4));
}

/** The 6-bit scale of sub-block j in the 12 packed bytes of Q4_K and Q5_K. */
export function scaleK(packed: usize, j: usize): u32 {
  if (j < 4) return <u32>load<u8>(packed + j) & 63;
  return (<u32>load<u8>(packed + j + 4) & 15) | ((<u32>load<u8>(packed + j - 4) >> 6) << 4);
}

/** The 6-bit minimum of sub-block j in the 12 packed bytes of Q4_K and Q5_K. */
export function minimumK(packed: usize, j: usize): u32 {
  if (j < 4) return <u32>load<u8>(packed + j + 4) & 63;
  return (<u32>load<u8>(packed + j + 4) >> 4) | ((<u32>load<u8>(packed + j) >> 6) << 4);
}

/**
 * Blocks of 256: f16 d; f16 dmin; 12 bytes of eight 6-bit scales and minima; 128 bytes of two 4-bit q.
 * x = d · scale · q − dmin · minimum, in sub-blocks of 32: the low halves of 32 bytes, then the high halves.
 */
export function unpackQ4_K(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(15);
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    const dmin = half(from + 2);
    let q = from + 16;
    for (let j: usize = 0; j < 8; j += 2) {
      const scale0 = f32x4.splat(d * <f32>scaleK(from + 4, j));
      const offset0 = f32x4.splat(dmin * <f32>minimumK(from + 4, j));
      const scale1 = f32x4.splat(d * <f32>scaleK(from + 4, j + 1));
      const offset1 = f32x4.splat(dmin * <f32>minimumK(from + 4, j + 1));
      for (let i: usize = 0; i < 32; i += 8) {
        const bytes = v128.load8x8_u(q + i);
        storeAffine(to + (i << 2), v128.and(bytes, low), scale0, offset0);
        storeAffine(to + 128 + (i << 2), i16x8.shr_u(bytes, 4), scale1, offset1);
      }
      q += 32;
      to += 256;
    }
    from += 144;
  }
}

/** As Q4_K, with 32 bytes of fifth bits before the q: bit j of byte l belongs to sub-block j, weight l. */
export function unpackQ5_K(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(15);
  const one = i16x8.splat(1);
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    const dmin = half(from + 2);
    const high = from + 16;
    let q = from + 48;
    for (let j: usize = 0; j < 8; j += 2) {
      const scale0 = f32x4.splat(d * <f32>scaleK(from + 4, j));
      const offset0 = f32x4.splat(dmin * <f32>minimumK(from + 4, j));
      const scale1 = f32x4.splat(d * <f32>scaleK(from + 4, j + 1));
      const offset1 = f32x4.splat(dmin * <f32>minimumK(from + 4, j + 1));
      for (let i: usize = 0; i < 32; i += 8) {
        const bytes = v128.load8x8_u(q + i);
        const bits = v128.load8x8_u(high + i);
        const fifth0 = i16x8.shl(v128.and(i16x8.shr_u(bits, <i32>j), one), 4);
        const fifth1 = i16x8.shl(v128.and(i16x8.shr_u(bits, <i32>j + 1), one), 4);
        storeAffine(to + (i << 2), v128.or(v128.and(bytes, low), fifth0), scale0, offset0);
        storeAffine(to + 128 + (i << 2), v128.or(i16x8.shr_u(bytes, 4), fifth1), scale1, offset1);
      }
      q += 32;
      to += 256;
    }
    from += 176;
  }
}

/**
 * Blocks of 256: 128 bytes of low 4 bits; 64 bytes of high 2 bits; sixteen i8 scales; f16 d.
 * x = d · scale · (q − 32)
 */
export function unpackQ6_K(from: usize, to: usize, count: i32): void {
  const low = i16x8.splat(15);
  const two = i16x8.splat(3);
  const offset = i16x8.splat(32);
  for (let block = 0; block < count; block += 256) {
    const d = half(from + 208);
    let lows = from;
    let highs = from + 128;
    let scales = from + 192;
    for (let part = 0; part < 2; part++) {
      for (let i: usize = 0; i < 32; i += 8) {
        const a = v128.load8x8_u(lows + i);
        const b = v128.load8x8_u(lows + i, 32);
        const h = v128.load8x8_u(highs + i);
        const s = scales + (i >> 4);
        const at = to + (i << 2);
        const q0 = v128.or(v128.and(a, low), i16x8.shl(v128.and(h, two), 4));
        const q1 = v128.or(v128.and(b, low), i16x8.shl(v128.and(i16x8.shr_u(h, 2), two), 4));
        const q2 = v128.or(i16x8.shr_u(a, 4), i16x8.shl(v128.and(i16x8.shr_u(h, 4), two), 4));
        const q3 = v128.or(i16x8.shr_u(b, 4), i16x8.shl(i16x8.shr_u(h, 6), 4));
        storeScaled(at, i16x8.sub(q0, offset), f32x4.splat(d * <f32>load<i8>(s)));
        storeScaled(at + 128, i16x8.sub(q1, offset), f32x4.splat(d * <f32>load<i8>(s, 2)));
        storeScaled(at + 256, i16x8.sub(q2, offset), f32x4.splat(d * <f32>load<i8>(s, 4)));
        storeScaled(at + 384, i16x8.sub(q3, offset), f32x4.splat(d * <f32>load<i8>(s, 6)));
      }
      lows += 64;
      highs += 32;
      scales += 8;
      to += 512;
    }
    from += 210;
  }
}

/**
 * Blocks of 256: f16 d; eight groups of 32, each four bytes that choose a row of the grid and one 32-bit word of
 * four 7-bit sign patterns and a 4-bit scale. x = d · (scale + ½) / 4 · grid · sign
 * @param grid 256 rows of 8 bytes. @param signs 128 rows of 8 bytes that are 1 or −1.
 */
export function unpackIQ2_XXS(from: usize, to: usize, count: i32, grid: usize, signs: usize): void {
  for (let block = 0; block < count; block += 256) {
    const d = half(from);
    from += 2;
    for (let group = 0; group < 8; group++) {
      const rows = load<u32>(from);
      const word = load<u32>(from, 4);
      const scale = f32x4.splat(d * (<f32>0.5 + <f32>(word >> 28)) * <f32>0.25);
      for (let l: u32 = 0; l < 4; l++) {
        const values = v128.load8x8_u(grid + <usize>(((rows >> (l << 3)) & 255) << 3));
        const sign = v128.load8x8_s(signs + <usize>(((word >> (7 * l)) & 127) << 3));
        storeScaled(to, i16x8.mul(values, sign), scale);
        to += 32;
      }
      from += 8;
    }
  }
}
