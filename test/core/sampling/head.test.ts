/** The head of a distribution: what its probabilities are, and how far they can be off. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { softmax } from "../../../src/core/sampling/candidates.js";
import { HEAD_MASS, headCandidates, headIsEnough } from "../../../src/core/sampling/head.js";

/** The shortest list of best tokens that reaches the mass, renormalised, as the engine hands it out. */
function cut(logits: Float64Array): { head: Map<number, number>; truth: Map<number, number> } {
  const ranked = [...softmax(logits).entries()].sort(([, a], [, b]) => b - a);
  let sum = 0;
  const kept: [number, number][] = [];
  for (const entry of ranked) {
    kept.push(entry);
    sum += entry[1];
    if (sum >= HEAD_MASS) break;
  }
  return { head: new Map(kept.map(([id, p]) => [id, p / sum])), truth: new Map(kept) };
}

describe("the head of a distribution", () => {
  it("is off by at most 0.0005 in every probability", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const { head, truth } = cut(Float64Array.from(values));
          const { ids, probabilities } = headCandidates(head, HEAD_MASS, values.length + 1);
          for (const [rank, id] of ids.entries()) {
            const difference = Math.abs(probabilities[rank]! - truth.get(id)!);
            assert.ok(difference <= 0.000501, `${difference}`);
          }
        },
      ),
    );
  });

  it("is exact where it is the whole vocabulary", () => {
    const head = new Map([
      [2, 0.5],
      [0, 0.3],
      [1, 0.2],
    ]);
    const { ids, probabilities } = headCandidates(head, HEAD_MASS, 3);
    assert.deepEqual([...ids], [2, 0, 1]);
    assert.deepEqual([...probabilities], [0.5, 0.3, 0.2]);
  });

  it("is hardly off where many tokens compete", () => {
    const { head, truth } = cut(Float64Array.from({ length: 3000 }, (_, id) => -id / 400));
    const { probabilities } = headCandidates(head, HEAD_MASS, 3000);
    assert.ok(Math.abs(probabilities[0]! - truth.get(0)!) < 1e-8);
  });

  it("is enough for a greedy choice and for top-p, not for a draw from everything", () => {
    const settings = { topK: 0, topP: 0.95, minP: 0, temperature: 1 };
    assert.equal(headIsEnough(settings), true);
    assert.equal(headIsEnough({ ...settings, topP: 1 }), false);
    assert.equal(headIsEnough({ ...settings, topP: 1, temperature: 0 }), true);
  });
});
