/** The film of a recorded run, read from traces as the sandbox makes them, and the comparison of two drafts. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { FunctionTrace, TraceStep } from "../../../src/shared/workerProtocol.js";
import {
  captionOf,
  filmLines,
  linesInSight,
  momentBefore,
  nextAtLine,
  openCalls,
  printedAt,
  printedBehind,
  reachedUpTo,
  sayMoment,
  screenOf,
  variablesAt,
} from "../../../webview/explain/film.js";
import { wordChanges } from "../../../webview/explain/wordChanges.js";

function moment(
  line: number,
  variables: Record<string, [value: string, changed: boolean]>,
  more: Partial<TraceStep> = {},
): TraceStep {
  return {
    line,
    kind: "line",
    depth: 0,
    functionName: "f",
    printed: 0,
    variables: Object.entries(variables).map(([name, [value, changed]]) => ({ name, value, changed })),
    ...more,
  };
}

const CODE = [
  "let far = 1;",
  "function f(a) {",
  "  let x = g(a);",
  "  x = x + 1;",
  "  return x;",
  "}",
  "f(1);",
];

/** f calls g at line 2 and goes on. */
const STEPS: TraceStep[] = [
  moment(2, { a: ["1", true] }),
  moment(9, { b: ["1", true] }, { depth: 1, functionName: "g" }),
  moment(9, { b: ["1", false] }, { depth: 1, functionName: "g", kind: "return", value: "5" }),
  moment(3, { a: ["1", false], x: ["5", true] }),
  moment(4, { a: ["1", false], x: ["6", true] }),
  moment(4, { a: ["1", false], x: ["6", false] }, { kind: "return", value: "6" }),
];

const TRACE: FunctionTrace = {
  run: { input: "1", outcome: "returned", value: "6", printed: "", ms: 1 },
  steps: STEPS,
  truncated: false,
};

describe("the film of a run", () => {
  it("holds a variable against the moment before in the same call", () => {
    assert.equal(momentBefore(STEPS, 3), 0);
    assert.equal(momentBefore(STEPS, 1), undefined);
    assert.deepEqual(
      variablesAt(STEPS, 4).map(({ name, before }) => [name, before]),
      [
        ["a", "1"],
        ["x", "5"],
      ],
    );
    assert.equal(variablesAt(STEPS, 3)[1]?.before, undefined);
  });

  it("does not take an earlier call of the same depth for the same call", () => {
    const again = [...STEPS.slice(0, 3), moment(9, { b: ["2", true] }, { depth: 1, functionName: "g" })];
    assert.equal(momentBefore(again, 3), undefined);
  });

  it("tells the calls that are open", () => {
    assert.deepEqual(openCalls(STEPS, 1), [
      { functionName: "f", line: 2 },
      { functionName: "g", line: 9 },
    ]);
    assert.deepEqual(openCalls(STEPS, 4), [{ functionName: "f", line: 4 }]);
  });

  it("counts how often a line was reached, without counting that it was left", () => {
    assert.deepEqual(
      [...reachedUpTo(STEPS, 5)],
      [
        [2, 1],
        [9, 1],
        [3, 1],
        [4, 1],
      ],
    );
    assert.deepEqual([...reachedUpTo(STEPS, 0)], [[2, 1]]);
  });

  it("goes to the next moment of a line, and round", () => {
    assert.equal(nextAtLine(STEPS, 0, 4), 4);
    assert.equal(nextAtLine(STEPS, 5, 2), 0);
    assert.equal(nextAtLine(STEPS, 0, 77), undefined);
  });

  it("says a moment in one sentence, with the document's own line numbers", () => {
    assert.equal(sayMoment(TRACE, 0, 10), "Before line 13 runs: a is 1.");
    assert.equal(sayMoment(TRACE, 2, 0), "In g, line 10 leaves g with 5.");
    assert.equal(sayMoment(TRACE, 4, 0), "Before line 5 runs: x is now 6.");
    assert.equal(sayMoment(TRACE, 5, 0), "Line 5 leaves f with 6.");
  });

  it("shows what had been printed by then, and what came since the moment before", () => {
    const printed = "one\n👋 two\nthree\n";
    const counts = [0, 0, 4, 4, 11, 11];
    const trace: FunctionTrace = {
      ...TRACE,
      run: { ...TRACE.run, printed },
      steps: STEPS.map((step, index) => ({ ...step, printed: counts[index]! })),
    };
    assert.deepEqual(printedAt(trace, 0), { before: "", fresh: "" });
    assert.deepEqual(printedAt(trace, 2), { before: "", fresh: "one\n" });
    assert.deepEqual(printedAt(trace, 3), { before: "one\n", fresh: "" });
    assert.deepEqual(printedAt(trace, 4), { before: "one\n", fresh: "👋 two\n" });
    assert.equal(printedBehind(trace), "three\n");
    assert.equal(sayMoment(trace, 4, 0), "Before line 5 runs: x is now 6. It printed “👋 two”.");
  });

  it("shows the end of what was printed where it is long, and cuts no character in two", () => {
    assert.deepEqual(screenOf({ before: "a\n", fresh: "b\n" }), { before: "a\n", fresh: "b\n", above: 0 });
    const many = Array.from({ length: 15 }, (_, line) => `${line}\n`).join("");
    assert.deepEqual(screenOf({ before: many, fresh: "" }).before, many.slice(10));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 700 }), fc.nat(), (text, at) => {
        const half = at % (text.length + 1);
        const { before, fresh, above } = screenOf({ before: text.slice(0, half), fresh: text.slice(half) });
        assert.equal(before + fresh, text.slice(above));
        assert.ok(before.length + fresh.length <= 400);
        assert.ok(!/^[\uDC00-\uDFFF]/.test(before + fresh));
      }),
    );
  });

  it("writes the caption from the numbers", () => {
    assert.equal(
      captionOf(TRACE, "f(1)", 0),
      "f(1) returned 6 after 6 moments; no line ran twice; x changed 1 time, at last to 6.",
    );
    assert.equal(
      captionOf({ ...TRACE, truncated: true }, "f(1)", 0),
      "f(1) returned 6. In the 6 moments that are kept, no line ran twice; x changed 1 time, at last to 6.",
    );
  });

  it("shows the function from its head to its end, and nothing beside it", () => {
    assert.deepEqual(
      filmLines(TRACE, "f", (line) => CODE[line]),
      { first: 1, last: 5 },
    );
    assert.equal(
      filmLines(TRACE, "f", () => undefined),
      undefined,
    );
  });

  it("keeps the line of the moment in sight in long code", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 400 }), (first, length) => {
        const range = { first, last: first + length };
        for (let line = first; line <= range.last; line++) {
          const part = linesInSight(range, line);
          assert.ok(part.first <= line && line <= part.last);
          assert.ok(part.first >= range.first && part.last <= range.last);
          assert.ok(part.last - part.first < 30);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("two drafts", () => {
  it("shows what was taken out and what was put in", () => {
    assert.deepEqual(wordChanges("It multiplies all values.", "It adds all values."), [
      { kind: "same", text: "It " },
      { kind: "out", text: "multiplies " },
      { kind: "in", text: "adds " },
      { kind: "same", text: "all values." },
    ]);
  });

  it("can be put together again from the parts", () => {
    const text = fc
      .array(fc.constantFrom("a", "bb", "c", "`d`", "数"), { maxLength: 30 })
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = wordChanges(before, after);
        const join = (without: string) =>
          parts
            .filter(({ kind }) => kind !== without)
            .map(({ text: part }) => part.trim())
            .filter((part) => part !== "")
            .join(" ");
        assert.equal(join("in"), before);
        assert.equal(join("out"), after);
      }),
    );
  });
});
