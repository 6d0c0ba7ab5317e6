/** The generators against their published vectors, and the coin's promises. */

import assert from "node:assert/strict";
import { seededCoin, splitMix64, xoshiro128StarStar } from "../../../src/core/sampling/randomness.js";

describe("seeded randomness", () => {
  it("xoshiro128** gives the reference implementation's numbers for the state 1, 2, 3, 4", () => {
    const next = xoshiro128StarStar([1, 2, 3, 4]);
    assert.deepEqual(
      Array.from({ length: 10 }, next),
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    );
  });

  it("SplitMix64 gives the reference implementation's numbers for the seed 1234567", () => {
    const next = splitMix64(1234567n);
    assert.deepEqual(Array.from({ length: 5 }, next), [
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it("the same seed gives the same coins, another seed others", () => {
    const coins = (seed: number) => Array.from({ length: 20 }, seededCoin(seed));
    assert.deepEqual(coins(42), coins(42));
    assert.notDeepEqual(coins(42), coins(43));
    assert.notDeepEqual(coins(0), coins(2 ** 32), "the upper half of the seed counts");
  });

  it("draw n of a seed can be had by itself", () => {
    const inOrder = Array.from({ length: 12 }, seededCoin(7));
    const oneByOne = inOrder.map((_, index) => seededCoin(7, index)());
    assert.deepEqual(oneByOne, inOrder);
  });

  it("stays in [0, 1) and spreads evenly over 100 bins", () => {
    const coin = seededCoin(2026);
    const bins = new Array<number>(100).fill(0);
    for (let toss = 0; toss < 100_000; toss++) {
      const value = coin();
      assert.ok(value >= 0 && value < 1);
      const bin = Math.floor(value * 100);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: p = 0.001 at 148.2.
    assert.ok(chiSquare < 148.2, `chi-square ${chiSquare.toFixed(1)}`);
  });
});
