/** A quick share of the conformance matrix: every architecture with F32 weights, and every tensor type once. */

import assert from "node:assert/strict";
import { SUPPORTED_ARCHITECTURES } from "../../src/core/lens/architectures.js";
import { SUPPORTED_TYPES } from "../../src/core/lens/kernel/kernel.js";
import { CASES } from "./conformance/cases.js";
import { shownAgreement } from "./conformance/engine.js";
import { barInIntegers, Conformance, NOTICED, SAME } from "./conformance/matrix.js";

/** Of the models' weights; the command `exactness -- lens` tries others. */
const seed = 2;

describe("the lens's conformance with llama.cpp", function () {
  this.timeout(60_000);

  let conformance: Conformance;
  before(async () => {
    conformance = await Conformance.open();
  });
  after(() => conformance?.dispose());

  it("is tried for every architecture", () => {
    assert.deepEqual(
      new Set(CASES.map(({ architecture }) => architecture)),
      new Set<string>(SUPPORTED_ARCHITECTURES),
    );
  });

  for (const each of CASES) {
    it(`holds for ${each.architecture}: ${each.variant}; and not without any part of it`, async () => {
      const { agreement, integers, without } = await conformance.runCase(each, seed);
      assert.ok(agreement.maxProbabilityDifference < SAME, `seed ${seed}: ${shownAgreement(agreement)}`);
      assert.ok(
        integers.maxProbabilityDifference < barInIntegers(each),
        `in integers: ${shownAgreement(integers)}`,
      );
      for (const [feature, difference] of without) {
        assert.ok(difference > NOTICED, `seed ${seed}: ${difference} without ${feature}`);
      }
    });
  }

  for (const type of SUPPORTED_TYPES) {
    it(`holds for weights in ${type}`, async () => {
      const { exact } = await conformance.runType(type, seed);
      assert.ok(exact.maxProbabilityDifference < SAME, `seed ${seed}: ${shownAgreement(exact)}`);
    });
  }
});
