/** Grading attempts: tasks as the reader writes them, pass@k, and what a push does. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { advantages, passAtK, readTask, reinforced, sourceOf } from "../../../src/core/lessons/attempts.js";

const task = {
  instruction: "Adds two\nnumbers */",
  header: " add(a, b) ",
  cases: "1, 2 => 3\n\n 'a=>', 'b' => 'ab' ",
};

describe("attempts at a function", () => {
  it("reads the task as the reader wrote it", () => {
    const { functionName, prompt, cases } = readTask(task);
    assert.equal(functionName, "add");
    assert.equal(prompt, "// Adds two numbers * /\nfunction add(a, b) {\n");
    assert.deepEqual(cases, [
      { input: "1, 2", expected: "3" },
      { input: "'a=>', 'b'", expected: "'ab'" },
    ]);
    assert.equal(sourceOf(prompt, "  return a + b;\n"), `${prompt}  return a + b;\n}`);
  });

  it("says what cannot be read, and where", () => {
    assert.throws(() => readTask({ ...task, header: "add" }), /not a function’s name/);
    assert.throws(() => readTask({ ...task, cases: "1 => 2\n3" }), /Line 2.*no “=>”/);
    assert.throws(() => readTask({ ...task, cases: " \n" }), /0 tests/);
  });

  it("gives the probability that one of k draws without putting back passes", () => {
    assert.equal(passAtK(10, 0, 5), 0);
    assert.equal(passAtK(10, 10, 1), 1);
    assert.ok(Math.abs(passAtK(10, 3, 1) - 0.3) < 1e-12);
    // 1 − (7·6)/(10·9)
    assert.ok(Math.abs(passAtK(10, 3, 2) - (1 - 42 / 90)) < 1e-12);
    assert.equal(passAtK(10, 3, 8), 1);
  });

  it("pushes up what did better than its group and down what did worse, by as much in all", () => {
    assert.deepEqual(advantages([1, 1, 1]), [0, 0, 0]);
    assert.deepEqual(advantages([0, 0]), [0, 0]);
    assert.deepEqual(advantages([1, 0]), [1, -1]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 }), (rewards) => {
        const pushes = advantages(rewards);
        assert.ok(Math.abs(pushes.reduce((sum, push) => sum + push, 0)) < 1e-9);
        assert.ok(pushes.every((push, at) => push === 0 || push > 0 === (rewards[at] === 1)));
      }),
      { seed: 11 },
    );
  });

  it("makes what passes more probable, but never what does not occur", () => {
    assert.equal(reinforced(0, 5), 0);
    assert.equal(reinforced(1, 5), 1);
    assert.equal(reinforced(0.25, 0), 0.25);
    // A quarter to three quarters is odds of 1 to 3; times 3 makes them even.
    assert.ok(Math.abs(reinforced(0.25, Math.log(3)) - 0.5) < 1e-12);
  });
});
