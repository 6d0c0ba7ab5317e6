/** Elo: what is expected, what a judgement moves, and that points only change hands. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ELO_START,
  ELO_STEP,
  eloRatings,
  expectedScore,
  type JudgedPair,
  meeting,
} from "../../../src/core/lessons/elo.js";

describe("ratings from judged pairs", () => {
  it("expect as the formula says", () => {
    assert.equal(expectedScore(1000, 1000), 0.5);
    assert.equal(expectedScore(1400, 1000).toFixed(4), "0.9091");
    assert.equal(expectedScore(1200, 1000).toFixed(3), "0.760");
  });

  it("move most where the result was least expected", () => {
    const first: JudgedPair = { a: "x", b: "y", score: 1 };
    assert.deepEqual([...eloRatings(["x", "y"], [first]).values()], [1016, 984]);
    const again = eloRatings(["x", "y"], [first, first]);
    assert.ok((again.get("x") ?? 0) - 1016 < 16);
    assert.deepEqual([...eloRatings(["x", "y"], [{ ...first, score: 0.5 }]).values()], [1000, 1000]);
  });

  it("keep their sum, and no judgement moves one by more than the step", () => {
    const names = ["x", "y", "z"];
    const pair = fc.record({
      a: fc.constantFrom(...names),
      b: fc.constantFrom(...names),
      score: fc.constantFrom<0 | 0.5 | 1>(0, 0.5, 1),
    });
    fc.assert(
      fc.property(
        fc.array(
          pair.filter(({ a, b }) => a !== b),
          { maxLength: 30 },
        ),
        (pairs) => {
          const after = eloRatings(names, pairs);
          const sum = [...after.values()].reduce((total, rating) => total + rating, 0);
          assert.ok(Math.abs(sum - 3 * ELO_START) < 1e-6);
          const before = eloRatings(names, pairs.slice(0, -1));
          for (const name of names) {
            assert.ok(Math.abs((after.get(name) ?? 0) - (before.get(name) ?? 0)) <= ELO_STEP);
          }
        },
      ),
    );
  });

  it("come from meetings in which everybody meets everybody, on both sides", () => {
    const names = ["x", "y", "z"];
    const met = new Set(Array.from({ length: 60 }, (_, round) => meeting(names, round).join()));
    assert.equal(met.size, 6);
    for (let round = 0; round < 60; round += 3) {
      const pairs = [0, 1, 2].map((next) =>
        meeting(names, round + next)
          .toSorted()
          .join(),
      );
      assert.deepEqual(pairs.toSorted(), ["x,y", "x,z", "y,z"]);
    }
  });
});
