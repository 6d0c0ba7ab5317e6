/** The head of a distribution: what its probabilities are, and how far they can be off. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { softmax } from "../../../src/core/sampling/candidates.js";
import {
  candidatesOfHead,
  HEAD_MASS,
  type HeadList,
  headFor,
  heldBy,
  massesToAsk,
} from "../../../src/core/sampling/head.js";

type Ranked = [id: number, probability: number][];

function ranked(logits: readonly number[]): Ranked {
  return [...softmax(Float64Array.from(logits)).entries()].sort(([, a], [, b]) => b - a);
}

/** The first tokens, renormalised, as the engine's top-k hands them out. */
function first(all: Ranked, count: number): HeadList {
  const kept = all.slice(0, count);
  const sum = kept.reduce((total, [, probability]) => total + probability, 0);
  return kept.flatMap(([id, probability]) => [id, probability / sum]);
}

/** The shortest list of best tokens that reaches the mass, renormalised, as the engine's top-p hands it out. */
function cut(all: Ranked, mass: number): HeadList {
  let sum = 0;
  const count = all.findIndex(([, probability]) => {
    sum += probability;
    return sum >= mass;
  });
  return first(all, count < 0 ? all.length : count + 1);
}

const logits = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 });

describe("the head of a distribution", () => {
  it("is off by at most a thousandth of its probabilities, however few tokens are asked for", () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 60 }), (values, count) => {
        const all = ranked(values);
        const truth = new Map(all);
        const best = first(all, count);
        for (const mass of massesToAsk(best)) {
          const whole = cut(all, mass);
          const { held, isClose } = heldBy(whole, mass, values.length + 1);
          if (!isClose) continue;
          const { ids, probabilities } = candidatesOfHead(best, whole, held);
          for (const [rank, id] of ids.entries()) {
            const off = Math.abs(probabilities[rank]! - truth.get(id)!);
            assert.ok(off <= 0.0011 * truth.get(id)!, `${off} at ${mass}`);
          }
          return;
        }
        assert.fail("the longest head was not enough");
      }),
    );
  });

  it("is exact where it is the whole vocabulary", () => {
    const head = [2, 0.5, 0, 0.3, 1, 0.2];
    const { ids, probabilities } = candidatesOfHead(head, head, heldBy(head, HEAD_MASS, 3).held);
    assert.deepEqual([...ids], [2, 0, 1]);
    assert.deepEqual([...probabilities], [0.5, 0.3, 0.2]);
  });

  it("is hardly off where many tokens compete", () => {
    const all = ranked(Array.from({ length: 3000 }, (_, id) => -id / 400));
    const whole = cut(all, 0.95);
    const { held, isClose } = heldBy(whole, 0.95, 3000);
    assert.ok(isClose);
    const { probabilities } = candidatesOfHead(first(all, 5), whole, held);
    assert.ok(Math.abs(probabilities[0]! / all[0]![1] - 1) < 1e-4);
  });

  it("asks for no more than what is drawn from and shown", () => {
    const settings = { topK: 0, topP: 0.95, minP: 0, temperature: 1 };
    assert.deepEqual(headFor(settings, 5), { tokens: 5, mass: HEAD_MASS });
    assert.equal(headFor({ ...settings, topP: 1 }, 5), undefined);
    assert.deepEqual(headFor({ ...settings, topP: 1, temperature: 0 }, 5), { tokens: 6, mass: 0 });
    assert.deepEqual(headFor({ ...settings, topK: 40, topP: 1 }, 5), { tokens: 41, mass: 0 });
    assert.deepEqual(headFor({ ...settings, topK: 3 }, 5), { tokens: 6, mass: 0 });
  });
});
