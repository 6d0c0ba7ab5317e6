/** Functions of four numbers at a time that the other files of the kernel share (AssemblyScript). */

export function mulAdd(acc: v128, a: v128, b: v128): v128 {
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** The largest of four lanes that are no NaN. */
export function largestLane(x: v128): f32 {
  const two = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(two, v128.shuffle<f32>(two, two, 1, 0, 3, 2)), 0);
}

export function sumOfLanes(x: v128): f32 {
  const two = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}

/** Eight f32 of at most ±32767 rounded to i16, ties to even. */
export function roundToI16(low: v128, high: v128): v128 {
  // 1.5 · 2^23 has its last bit at 1: adding it leaves the rounded integer in the lower bits.
  const magic = f32x4.splat(12_582_912);
  return i16x8.narrow_i32x4_s(
    i32x4.sub(f32x4.add(low, magic), magic),
    i32x4.sub(f32x4.add(high, magic), magic),
  );
}

/** Eight f32 from 0 to 65,504 as f16, ties to even. */
export function toHalves(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_u(toHalf(low), toHalf(high));
}

function toHalf(x: v128): v128 {
  // Normal: the exponent moves by 112, and what is cut off rounds, with the last kept bit deciding a tie.
  const odd = v128.and(i32x4.shr_u(x, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(
    i32x4.sub(i32x4.add(i32x4.add(x, i32x4.splat(0xfff)), odd), i32x4.splat(0x38000000)),
    13,
  );
  // Subnormal: multiples of 2^-24, which is what f32 beside a half are multiples of.
  const subnormal = i32x4.sub(f32x4.add(x, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  return v128.bitselect(subnormal, normal, f32x4.lt(x, f32x4.splat(6.103515625e-5)));
}

/**
 * e^x in four lanes: x = n·ln 2 + r with |r| ≤ ln 2 / 2, the Taylor series of e^r to the seventh power (its rest
 * is below 6e-9), and n put into the exponent. Below −87 it is 0, above 88 infinite.
 */
export function exp(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)));
  // ln 2 in two parts: the first has few bits, so that its product with n is exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444005469e-4)));
  let p = f32x4.splat(<f32>(1.0 / 5040.0));
  p = mulAdd(f32x4.splat(<f32>(1.0 / 720.0)), p, r);
  p = mulAdd(f32x4.splat(<f32>(1.0 / 120.0)), p, r);
  p = mulAdd(f32x4.splat(<f32>(1.0 / 24.0)), p, r);
  p = mulAdd(f32x4.splat(<f32>(1.0 / 6.0)), p, r);
  p = mulAdd(f32x4.splat(0.5), p, r);
  p = mulAdd(f32x4.splat(1), p, r);
  p = mulAdd(f32x4.splat(1), p, r);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  let e = f32x4.mul(p, power);
  e = v128.andnot(e, f32x4.lt(x, f32x4.splat(-87)));
  e = v128.bitselect(f32x4.splat(Infinity), e, f32x4.gt(x, f32x4.splat(88)));
  // A NaN stays one: the series carries it, and no comparison above holds for it.
  return e;
}

/**
 * tanh in four lanes: up to 1 the seventh convergent of its continued fraction (its rest is below 1e-8), beyond it
 * 1 − 2 / (e^2|x| + 1), which would cancel near 0.
 */
export function tanh(x: v128): v128 {
  const square = f32x4.mul(x, x);
  let over = f32x4.add(square, f32x4.splat(378));
  over = mulAdd(f32x4.splat(17_325), over, square);
  over = mulAdd(f32x4.splat(135_135), over, square);
  let under = mulAdd(f32x4.splat(3150), f32x4.splat(28), square);
  under = mulAdd(f32x4.splat(62_370), under, square);
  under = mulAdd(f32x4.splat(135_135), under, square);
  const near = f32x4.div(f32x4.mul(x, over), under);
  const one = f32x4.splat(1);
  const magnitude = f32x4.abs(x);
  const grown = f32x4.add(exp(f32x4.add(magnitude, magnitude)), one);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), grown));
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(v128.or(far, sign), near, f32x4.gt(magnitude, one));
}
