/** Sums at once and step by step: the same prompt up to the way, and exact grades. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerOf,
  firstWrongStep,
  MOST_TERMS,
  sumOf,
  sumPrompt,
  sumTerms,
  wilson,
  workedSum,
} from "../../../src/core/lessons/sums.js";

describe("sums at once and step by step", () => {
  const sums = fc
    .integer({ min: 2, max: MOST_TERMS })
    .chain((terms) => fc.nat(9999).map((s) => sumTerms(terms, s)));

  it("are asked in the same words up to the way, and the worked examples are right", () => {
    fc.assert(
      fc.property(sums, (numbers) => {
        const [once, steps] = [sumPrompt(numbers, "at once"), sumPrompt(numbers, "step by step")];
        assert.ok(once.endsWith("Answer at once:") && steps.endsWith("Answer step by step:"));
        assert.equal(once.replace(/at once:$/, ""), steps.replace(/step by step:$/, ""));
        const worked = [
          ...once.matchAll(/Question: (.*)\nAnswer at once: (\d+)\.\nAnswer step by step:(.*)/g),
        ];
        assert.equal(worked.length, 3);
        for (const [, question = "", sum, steps = ""] of worked) {
          assert.equal(sumOf(question.split(" + ").map(Number)), Number(sum));
          assert.equal(answerOf(steps), Number(sum));
          assert.equal(firstWrongStep(steps), undefined);
        }
      }),
    );
  });

  it("are graded by the number that the first line ends with", () => {
    fc.assert(
      fc.property(sums, (numbers) => {
        assert.equal(answerOf(workedSum(numbers)), sumOf(numbers));
        assert.equal(answerOf(`${workedSum(numbers)}\n\nQuestion: 1 + 1`), sumOf(numbers));
      }),
    );
    assert.equal(answerOf(" I do not know"), undefined);
    assert.equal(workedSum([8, 7, 3]), " 8 + 7 = 15, 15 + 3 = 18, so 18.");
  });

  it("name the step that went wrong", () => {
    assert.equal(firstWrongStep(" 8 + 7 = 11, 11 + 3 = 14, so 14."), "8 + 7 = 11");
    assert.equal(firstWrongStep(" 8 + 7 = 15, 15 + 3 = 19, so 19."), "15 + 3 = 19");
  });

  it("do not conclude much from few tries", () => {
    assert.deepEqual(wilson({ right: 0, of: 0 }), { low: 0, high: 1 });
    const few = wilson({ right: 3, of: 6 });
    const many = wilson({ right: 300, of: 600 });
    assert.ok(few.high - few.low > 0.5 && many.high - many.low < 0.09);
    assert.ok(Math.abs(wilson({ right: 8, of: 10 }).low - 0.49) < 0.005);
  });
});
