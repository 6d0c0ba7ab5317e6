/** The chi-square test against published quantiles, closed forms, and draws that do and do not agree. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { chiSquareTail, goodnessOfFit } from "../../../src/core/sampling/goodnessOfFit.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { choose } from "../../../src/core/sampling/sample.js";

describe("the chi-square test", () => {
  it("has the quantiles of the tables", () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4: upper critical values.
    const table: [degrees: number, p: number, x: number][] = [
      [1, 0.05, 3.841],
      [1, 0.001, 10.828],
      [4, 0.1, 7.779],
      [10, 0.01, 23.209],
      [10, 0.001, 29.588],
      [50, 0.05, 67.505],
      [100, 0.001, 149.449],
    ];
    for (const [degrees, p, x] of table)
      assert.ok(Math.abs(chiSquareTail(x, degrees) - p) < 2e-4 * p + 1e-5, `${degrees} ${p}`);
  });

  it("is exp(-x/2) for two degrees of freedom, and one for none", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 300, noNaN: true }), (x) => {
        const expected = Math.exp(-x / 2);
        assert.ok(Math.abs(chiSquareTail(x, 2) - expected) <= 1e-12 * Math.max(expected, 1e-3));
        assert.equal(chiSquareTail(x, 0), 1);
      }),
    );
  });

  it("follows its recurrence from two degrees of freedom to the next two", () => {
    // Q(a + 1, z) = Q(a, z) + z^a e^-z / Gamma(a + 1), for whole a.
    for (let a = 1, factorial = 1; a < 40; factorial *= ++a)
      for (const z of [0.1, 1, 5, 20, 60]) {
        const expected = chiSquareTail(2 * z, 2 * a) + (z ** a * Math.exp(-z)) / factorial;
        assert.ok(Math.abs(chiSquareTail(2 * z, 2 * a + 2) - expected) < 1e-11, `${a} ${z}`);
      }
  });

  const probabilities = [0.5, 0.3, 0.1, 0.06, 0.03, 0.006, 0.003, 0.001];
  const drawn = (from: readonly number[], seed: number, count = 5000) => {
    const counts = new Map<number, number>();
    const coin = seededCoin(seed);
    for (let draw = 0; draw < count; draw++) {
      const id = choose(Float64Array.from(from), coin());
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  };
  const predicted = Float64Array.from(probabilities);

  it("gives p-values that are even where the prediction is true", () => {
    const values = Array.from(
      { length: 200 },
      (_, seed) => goodnessOfFit(drawn(probabilities, seed), predicted).p,
    );
    for (const part of [0.1, 0.5, 0.9]) {
      const below = values.filter((p) => p < part).length / values.length;
      assert.ok(Math.abs(below - part) < 0.12, `${below} of the p-values are below ${part}`);
    }
    assert.ok(Math.min(...values) > 0.0001);
  });

  it("finds a distribution that differs, and a token that cannot be drawn", () => {
    const shifted = [0.46, 0.34, ...probabilities.slice(2)];
    assert.ok(goodnessOfFit(drawn(shifted, 1), predicted).p < 0.001);
    assert.equal(goodnessOfFit(new Map([[99, 1]]), predicted).p, 0);
  });

  it("counts rare tokens together, and has nothing to tell where one token is certain", () => {
    // 0.001 and 0.003 of 1,000 draws are four together: they go with the 6 of the next.
    assert.equal(goodnessOfFit(drawn(probabilities, 7, 1000), predicted).degreesOfFreedom, 5);
    assert.deepEqual(goodnessOfFit(new Map([[3, 50]]), Float64Array.of(0, 0, 0, 1)), {
      chiSquare: 0,
      degreesOfFreedom: 0,
      p: 1,
    });
  });
});
