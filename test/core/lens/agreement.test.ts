/** Holds the comparison with the engine to distributions that can be told by hand. */

import assert from "node:assert/strict";
import { compareAt, joinAgreements, probabilities, whyTheyDiffer } from "../../../src/core/lens/agreement.js";

const logitsOf = (...values: number[]) => Float32Array.from(values, Math.log);

describe("agreement with the engine", () => {
  it("is the largest difference of probabilities, whatever both add to their logits", () => {
    const lens = logitsOf(0.5, 0.3, 0.2);
    const engine = logitsOf(0.4, 0.35, 0.25).map((logit) => logit + 7);
    assert.ok(Math.abs(probabilities(engine)[0]! - 0.4) < 1e-6);
    const { maxProbabilityDifference, top1Agreements, positions } = compareAt(lens, engine);
    assert.ok(Math.abs(maxProbabilityDifference - 0.1) < 1e-6);
    assert.deepEqual([top1Agreements, positions], [1, 1]);
    assert.equal(compareAt(lens, lens).maxProbabilityDifference, 0);
    assert.throws(() => compareAt(lens, logitsOf(1)), RangeError);
  });

  it("counts another best token against it only where the engine's lead is clear", () => {
    const lens = logitsOf(0.3, 0.5, 0.2);
    assert.equal(compareAt(lens, logitsOf(0.5, 0.3, 0.2)).top1Disagreements, 1);
    const close = compareAt(lens, logitsOf(0.404, 0.396, 0.2));
    assert.deepEqual([close.top1Agreements, close.top1Disagreements], [0, 0]);
    const both = joinAgreements(close, compareAt(lens, lens));
    assert.deepEqual([both.positions, both.top1Agreements], [2, 1]);
    assert.ok(Math.abs(both.maxProbabilityDifference - 0.104) < 1e-6);
  });

  it("says what either rounds that the other does not", () => {
    assert.equal(whyTheyDiffer("F32", true).length, 2);
    assert.match(whyTheyDiffer("Q4_K", true).join(" "), /with Q4_K weights to 8 bits\. .*16-bit floats/);
    assert.match(whyTheyDiffer("BF16", true).join(" "), /with BF16 weights to 16 bits/);
    assert.match(whyTheyDiffer("F32", false)[0]!, /to 12 bits or more/);
    const experts = { count: 128, used: 8 };
    assert.match(whyTheyDiffer("F32", true, experts).at(-1)!, /to 8 of 128 experts.* sends it to the other/);
  });
});
