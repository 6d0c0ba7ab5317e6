/** One row of attention made by hand: every step in closed form. */

import assert from "node:assert/strict";
import { makeCell } from "../../../src/core/lens/makeCell.js";
import type { CellParts } from "../../../src/shared/panels/attention.js";

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} is not ${expected}`);

/** Two keys whose scores are 0 and ln 3. */
const PARTS: CellParts = {
  layer: 0,
  head: 0,
  query: 6,
  firstKey: 5,
  kvHead: 0,
  q: Float32Array.of(2, 1),
  keys: Float32Array.of(1, -2, Math.log(3) * 2, 0),
  values: Float32Array.of(4, 0, 0, 4),
  scale: 0.25,
  cap: undefined,
  weights: Float32Array.of(0.25, 0.75),
  mixed: Float32Array.of(1, 3),
};

describe("makeCell", () => {
  it("goes from products to weights to the sum of values", () => {
    const made = makeCell(PARTS);
    const [first, second] = made.steps;
    assert.ok(first && second);
    assert.deepEqual([first.key, second.key], [5, 6]);
    near(first.product, 0);
    near(second.product, 4 * Math.log(3));
    near(second.score, Math.log(3));
    near(made.largest, Math.log(3));
    near(first.exponential, 1 / 3);
    near(second.exponential, 1);
    near(made.sum, 4 / 3);
    near(first.weight, 1 / 4);
    near(second.weight, 3 / 4);
    near(second.valueLength, 4);
    near(second.weightedLength, 3);
    near(made.mixed[0]!, 1);
    near(made.mixed[1]!, 3);
    near(made.weightDifference, 0);
    near(made.mixedDifference, 0);
  });

  it("caps scores where the model does", () => {
    const made = makeCell({ ...PARTS, cap: 1 });
    near(made.steps[1]!.score, Math.tanh(Math.log(3)));
    // tanh(ln 3) = 0.8: e^0.8 against e^0.
    near(made.steps[1]!.weight, Math.exp(0.8) / (1 + Math.exp(0.8)));
  });

  it("says how far it is from what the lens computed", () => {
    const off = { ...PARTS, weights: Float32Array.of(0.5, 0.5), mixed: Float32Array.of(1, 0) };
    near(makeCell(off).weightDifference, 0.25);
    near(makeCell(off).mixedDifference, 3);
  });
});
