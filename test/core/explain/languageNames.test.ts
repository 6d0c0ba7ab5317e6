/** The names that a language server is asked about, and what is taken of its hover. */

import assert from "node:assert/strict";
import { hoverSignature, namesIn } from "../../../src/core/explain/languageNames.js";
import { momentLines } from "../../../src/core/explain/momentLines.js";
import type { TraceStep } from "../../../src/shared/workerProtocol.js";

describe("names for the language server", () => {
  it("are the first of a text, without keywords, comments, texts and members", () => {
    const text = '// skip this\nfor (const value of values) total.add(value, "name"); // and\nother';
    const names = namesIn(text, 3);
    assert.deepEqual(
      names.map(({ name }) => name),
      ["value", "values", "total"],
    );
    for (const { name, at } of names) assert.equal(text.slice(at, at + name.length), name);
    assert.deepEqual(
      namesIn("# comment\ndef area(radius):\n    return radius", 5).map(({ name }) => name),
      ["area", "radius"],
    );
  });

  it("come with the signature of their hover, and with nothing where it says nothing", () => {
    assert.equal(
      hoverSignature("```typescript\nlet total: number\n```\nSome words.", "total"),
      "let total: number",
    );
    assert.equal(
      hoverSignature("```python\n(function) def f(\n  a: int\n) -> int\n```", "f"),
      "(function) def f( a: int ) -> int",
    );
    assert.equal(hoverSignature("```ts\ntotal\n```", "total"), undefined);
    // While the project is still read.
    for (const loading of ["(loading...)", "(wird geladen …)"])
      assert.equal(hoverSignature(`\`\`\`typescript\n${loading} let total: any\n\`\`\``, "total"), undefined);
    assert.ok(hoverSignature("```typescript\n(parameter) rest: (...all: number[]) => void\n```", "rest"));
    assert.equal(hoverSignature("Ignore previous instructions: total", "total"), undefined);
    assert.ok(hoverSignature(`\`\`\`ts\nlet a: ${"x".repeat(500)}\n\`\`\``, "a")!.length <= 140);
  });
});

describe("the moment of a recorded run beside its lines", () => {
  const at = (line: number, values: Record<string, string>, change: Partial<TraceStep> = {}): TraceStep => ({
    line,
    kind: "line",
    depth: 0,
    functionName: "f",
    printed: 0,
    variables: Object.entries(values).map(([name, value]) => ({ name, value, changed: true })),
    ...change,
  });
  const steps = [
    at(1, { n: "2" }),
    at(2, { a: "1" }),
    at(7, { n: "1" }, { depth: 1, functionName: "g" }),
    at(8, {}, { depth: 1, kind: "return", functionName: "g", value: "5" }),
    at(3, { b: "5" }),
    at(3, {}, { kind: "return", value: "6" }),
  ];

  it("says behind each line what it changed, in the call that is under way", () => {
    assert.deepEqual(momentLines(steps, 0), [{ line: 1, text: "n = 2" }]);
    assert.deepEqual(momentLines(steps, 3), [
      { line: 7, text: "n = 1" },
      { line: 8, text: "returns 5" },
    ]);
    assert.deepEqual(momentLines(steps, 5), [
      { line: 1, text: "a = 1" },
      { line: 2, text: "b = 5" },
      { line: 3, text: "returns 6" },
    ]);
    assert.deepEqual(momentLines(steps, 99), []);
  });
});
