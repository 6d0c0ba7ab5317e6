/** Holds the angles of stretched contexts against what their papers say of them. */

import assert from "node:assert/strict";
import { type Rope, type RopeDivisors, ropeTable } from "../../../src/core/lens/rope.js";

const PLAIN: Rope = {
  pairs: "halves",
  rotated: 32,
  base: 10_000,
  scale: 1,
  yarn: undefined,
  magnitude: 1,
  originalContext: 256,
  divided: true,
};

/** Angle and length of what a pair is turned with at a position. */
function turnAt(rope: Rope, position: number, pair: number, divisors?: RopeDivisors, context = 64) {
  const table = ropeTable(position + 1, rope, divisors, context);
  const at = (position * (rope.rotated / 2) + pair) * 2;
  const [cosine, sine] = [table[at]!, table[at + 1]!];
  return { angle: Math.atan2(sine, cosine), length: Math.hypot(cosine, sine) };
}

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} for ${expected}`);

describe("stretched RoPE", () => {
  const yarn: Rope = { ...PLAIN, scale: 1 / 4, yarn: { fast: 32, slow: 1 } };
  // Pair i turns 256 / (2π · 10,000^(i/16)) times in the original context: 41 times, 23 times, … 1.3 times, 0.7 times, …
  const frequency = (pair: number) => 10_000 ** (-pair / 16);

  it("by YaRN keeps what turns fast and scales what does not turn once", () => {
    near(turnAt(yarn, 1, 0).angle, frequency(0));
    for (const pair of [7, 8, 15]) near(turnAt(yarn, 1, pair).angle, frequency(pair) / 4);
  });

  it("by YaRN mixes along a ramp between", () => {
    // 32 turns are those of pair 0.42, one turn that of pair 6.4: the ramp goes from 0 to 7.
    for (let pair = 0; pair <= 7; pair++) {
      const kept = 1 - pair / 7;
      near(turnAt(yarn, 1, pair).angle, frequency(pair) * (kept + (1 - kept) / 4));
    }
  });

  it("by YaRN lengthens by 0.1 · ln(factor) + 1, and by what the file says besides", () => {
    const length = 0.1 * Math.log(4) + 1;
    for (const pair of [0, 3, 15]) near(turnAt(yarn, 5, pair).length, length);
    near(turnAt({ ...yarn, magnitude: 1.2 }, 5, 3).length, 1.2 * length);
    near(turnAt({ ...PLAIN, magnitude: 1.2 }, 5, 3).length, 1.2);
    near(turnAt({ ...yarn, scale: 1 }, 5, 3).length, 1);
  });

  it("by LongRoPE divides by one list in a context as long as the original, and by the other in a longer one", () => {
    const divisors: RopeDivisors = { short: Array(16).fill(2), long: Array(16).fill(8) };
    near(turnAt(PLAIN, 1, 3, divisors, 256).angle, frequency(3) / 2);
    near(turnAt(PLAIN, 1, 3, divisors, 257).angle, frequency(3) / 8);
    near(turnAt({ ...PLAIN, divided: false }, 1, 3, divisors, 257).angle, frequency(3));
    near(turnAt(PLAIN, 1, 3, { short: Array(16).fill(2), long: undefined }, 257).angle, frequency(3));
  });
});
