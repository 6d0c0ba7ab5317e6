/** The tiny transformer's gradients against finite differences, its shape, and what it may and may not see. */

import assert from "node:assert/strict";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { addProduct, addProductOfColumns, addProductOfRows } from "../../../src/core/training/matrices.js";
import {
  meanLoss,
  parameterCount,
  type TinyShape,
  TinyTransformer,
} from "../../../src/core/training/tinyTransformer.js";

const SHAPE: TinyShape = { vocabulary: 7, layers: 2, width: 8, heads: 2, context: 6 };
const LENGTH = 5;
const TOKENS = Int32Array.of(1, 2, 3, 4, 5, 6, 0, 1, 3, 3);
const TARGETS = Int32Array.of(2, 3, 4, 5, 6, 0, 1, 3, 3, 2);

const model = (seed = 1) => new TinyTransformer(SHAPE, TOKENS.length, seededCoin(seed));

/** A teacher's probabilities: any numbers above 0 whose rows sum to 1. */
function softTargets(): Float64Array {
  const coin = seededCoin(9);
  const targets = Float64Array.from({ length: TOKENS.length * SHAPE.vocabulary }, () => 0.05 + coin());
  for (let row = 0; row < TOKENS.length; row++) {
    const part = targets.subarray(row * SHAPE.vocabulary, (row + 1) * SHAPE.vocabulary);
    const sum = part.reduce((total, value) => total + value, 0);
    for (let at = 0; at < part.length; at++) part[at]! /= sum;
  }
  return targets;
}

/** How the loss changes with one parameter, from both sides. */
function slopeByDifference(one: TinyTransformer, at: number, targets: Int32Array | Float64Array): number {
  const step = 1e-5;
  const before = one.parameters[at]!;
  const lossAt = (value: number) => {
    one.parameters[at] = value;
    return meanLoss(one.forward(TOKENS, LENGTH), targets, SHAPE.vocabulary);
  };
  const slope = (lossAt(before + step) - lossAt(before - step)) / (2 * step);
  one.parameters[at] = before;
  return slope;
}

describe("the tiny transformer", () => {
  for (const [what, targets] of [
    ["what really comes next", TARGETS],
    ["a teacher's probabilities", softTargets()],
  ] as const) {
    it(`has the gradients that finite differences give, by every parameter, towards ${what}`, () => {
      const one = model();
      one.learn(TOKENS, LENGTH, targets);
      const gradients = one.gradients.slice();
      assert.equal(gradients.length, parameterCount(SHAPE));
      let largest = 0;
      for (let at = 0; at < gradients.length; at++) {
        const measured = slopeByDifference(one, at, targets);
        largest = Math.max(largest, Math.abs(measured));
        assert.ok(
          Math.abs(gradients[at]! - measured) < 1e-8 + 1e-5 * Math.abs(measured),
          `parameter ${at}: ${gradients[at]} by the chain rule, ${measured} by differences`,
        );
      }
      assert.ok(largest > 0.01, "they are not all nothing");
    });
  }

  it("answers a distribution at each place", () => {
    const probabilities = model().forward(TOKENS, LENGTH);
    for (let row = 0; row < TOKENS.length; row++) {
      const part = probabilities.subarray(row * SHAPE.vocabulary, (row + 1) * SHAPE.vocabulary);
      assert.ok(part.every((value) => value > 0));
      assert.ok(Math.abs(part.reduce((sum, value) => sum + value, 0) - 1) < 1e-12);
    }
  });

  it("never looks ahead, nor into the passage beside it", () => {
    const one = model();
    const before = one.forward(TOKENS, LENGTH).slice();
    const changed = TOKENS.slice();
    changed[3] = 0;
    const after = one.forward(changed, LENGTH);
    for (let row = 0; row < TOKENS.length; row++) {
      const same = before
        .subarray(row * SHAPE.vocabulary, (row + 1) * SHAPE.vocabulary)
        .every((value, at) => value === after[row * SHAPE.vocabulary + at]);
      // Only the passage's own places from the change on see it.
      assert.equal(same, row < 3 || row >= LENGTH, `row ${row}`);
    }
  });

  it("begins the same with the same seed, and otherwise with another", () => {
    assert.deepEqual(model(4).parameters, model(4).parameters);
    assert.notDeepEqual(model(4).parameters, model(5).parameters);
  });
});

describe("the products", () => {
  const coin = seededCoin(3);
  const random = (count: number) => Float64Array.from({ length: count }, () => coin() - 0.5);

  it("are those of the definition, whatever the sizes leave over", () => {
    for (const [rows, inner, columns] of [
      [1, 1, 1],
      [3, 5, 2],
      [4, 4, 4],
      [6, 9, 7],
    ] as const) {
      const a = random(rows * inner);
      const b = random(inner * columns);
      const expected = Float64Array.from({ length: rows * columns }, (_, at) => {
        const [row, column] = [Math.floor(at / columns), at % columns];
        let sum = 1;
        for (let k = 0; k < inner; k++) sum += a[row * inner + k]! * b[k * columns + column]!;
        return sum;
      });
      const turned = (matrix: Float64Array, height: number, width: number) =>
        Float64Array.from(
          { length: matrix.length },
          (_, at) => matrix[(at % height) * width + Math.floor(at / height)]!,
        );
      const near = (out: Float64Array) =>
        assert.ok(out.every((value, at) => Math.abs(value - expected[at]!) < 1e-12));
      const ones = () => new Float64Array(rows * columns).fill(1);
      const [plain, byRows, byColumns] = [ones(), ones(), ones()];
      addProduct(plain, a, b, rows, inner, columns);
      addProductOfRows(byRows, a, turned(b, inner, columns), rows, inner, columns);
      addProductOfColumns(byColumns, turned(a, rows, inner), b, inner, rows, columns);
      for (const out of [plain, byRows, byColumns]) near(out);
    }
  });
});
