/** Ranking and softmax over a vocabulary: closed forms, edge values, refusals. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { candidatesOf, entropyBits, rankByLogit, softmax } from "../../../src/core/sampling/candidates.js";
import { GlassboxError } from "../../../src/shared/errors.js";

/** Logits with many ties, both zeros and infinities. */
const anyLogits = fc
  .array(
    fc.oneof(
      fc.float({ noNaN: true, min: -40, max: 40 }),
      fc.float({ noNaN: true }),
      fc.constantFrom(0, -0, 1, Number.NEGATIVE_INFINITY),
    ),
    { minLength: 1, maxLength: 300 },
  )
  .map((values) => Float32Array.from(values));

describe("candidates", () => {
  it("are ranked by logit, equal ones by id, whatever the values", () => {
    fc.assert(
      fc.property(anyLogits, (logits) => {
        const expected = Array.from(logits.keys()).sort((a, b) => {
          const [left, right] = [logits[a] as number, logits[b] as number];
          return left === right ? a - b : right > left ? 1 : -1;
        });
        assert.deepEqual(Array.from(rankByLogit(logits)), expected);
      }),
    );
  });

  it("ranks a view that does not begin at its buffer's start", () => {
    const logits = new Float32Array([9, 9, 1, 3, 2]).subarray(2);
    assert.deepEqual(Array.from(rankByLogit(logits)), [1, 2, 0]);
  });

  it("softmax sums to 1 and equals exp(l - max) / sum", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const probabilities = softmax(Float64Array.from(values));
          const max = Math.max(...values);
          const sum = values.reduce((total, value) => total + Math.exp(value - max), 0);
          let total = 0;
          probabilities.forEach((probability, index) => {
            assert.ok(Math.abs(probability - Math.exp((values[index] ?? 0) - max) / sum) < 1e-12);
            total += probability;
          });
          assert.ok(Math.abs(total - 1) < 1e-9, `${total}`);
        },
      ),
    );
  });

  it("does not change when a constant is added to all logits", () => {
    const plain = softmax(Float64Array.of(1, 2, 3));
    const shifted = softmax(Float64Array.of(1001, 1002, 1003));
    shifted.forEach((probability, index) => {
      assert.ok(Math.abs(probability - (plain[index] ?? 0)) < 1e-12);
    });
  });

  it("gives impossible tokens 0 and shares everything among certain ones", () => {
    const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;
    assert.deepEqual(Array.from(candidatesOf(Float32Array.of(down, 5, down)).probabilities), [1, 0, 0]);
    const certain = candidatesOf(Float32Array.of(3, up, down, up));
    assert.deepEqual(Array.from(certain.ids), [1, 3, 0, 2]);
    assert.deepEqual(Array.from(certain.probabilities), [0.5, 0.5, 0, 0]);
  });

  it("gives equal logits equal probabilities in the order of their ids", () => {
    const equal = candidatesOf(new Float32Array(8).fill(-3));
    assert.deepEqual(Array.from(equal.ids), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.ok(equal.probabilities.every((probability) => probability === 0.125));
    assert.equal(entropyBits(equal.probabilities), 3);
  });

  it("does not care which ids the tokens have", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.float({ noNaN: true, min: -30, max: 30 }).map((value) => value + 0),
          {
            minLength: 1,
            maxLength: 60,
            comparator: (a, b) => a === b,
          },
        ),
        fc.integer(),
        (values, seed) => {
          const permutation = Array.from(values.keys()).sort(
            (a, b) => ((a * 7919 + seed) % 61) - ((b * 7919 + seed) % 61),
          );
          const plain = candidatesOf(Float32Array.from(values));
          const moved = candidatesOf(Float32Array.from(permutation, (from) => values[from] ?? 0));
          assert.deepEqual(
            Array.from(moved.ids, (id) => permutation[id]),
            Array.from(plain.ids),
          );
          assert.deepEqual(moved.probabilities, plain.probabilities);
        },
      ),
    );
  });

  it("refuses NaN, nothing at all, and nothing possible, and says what it found", () => {
    const refusal = (logits: Float32Array, expected: RegExp) =>
      assert.throws(
        () => candidatesOf(logits),
        (error: unknown) => error instanceof GlassboxError && expected.test(error.message),
      );
    refusal(Float32Array.of(1, Number.NaN, 2), /token 1 of 3 has the logit NaN/);
    refusal(new Float32Array(0), /no logits/);
    refusal(new Float32Array(4).fill(Number.NEGATIVE_INFINITY), /all 4 logits are -Infinity/);
  });

  it("knows the entropy of simple distributions", () => {
    assert.equal(entropyBits(Float64Array.of(1, 0, 0)), 0);
    assert.equal(entropyBits(Float64Array.of(0.5, 0.5)), 1);
    assert.equal(entropyBits(Float64Array.of(0.5, 0.25, 0.125, 0.125)), 1.75);
  });
});
