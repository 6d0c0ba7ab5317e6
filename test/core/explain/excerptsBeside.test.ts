/** The code that a run reached beside the selection. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { excerptsBeside } from "../../../src/core/explain/excerptsBeside.js";
import type { TraceStep } from "../../../src/shared/workerProtocol.js";

const at = (line: number): TraceStep => ({
  line,
  kind: "line",
  depth: 0,
  functionName: "f",
  variables: [],
  printed: 0,
});

describe("the code beside the selection", () => {
  const source = Array.from({ length: 200 }, (_, line) => `line ${line}`).join("\n");

  it("is none where the run stayed inside", () => {
    assert.deepEqual(excerptsBeside(source, { firstLine: 10, lastLine: 20 }, [at(10), at(20)]), []);
  });

  it("ends where the selection begins, and what touches is one", () => {
    const [above, below, far, ...more] = excerptsBeside(
      source.replaceAll("\n", "\r\n"),
      { firstLine: 10, lastLine: 20 },
      [at(5), at(15), at(8), at(150)],
    );
    assert.deepEqual([above?.firstLine, above?.lines.length, above?.lines.at(-1)], [0, 10, "line 9"]);
    assert.deepEqual([below?.firstLine, below?.lines.at(-1)], [21, "line 38"]);
    assert.deepEqual([far?.firstLine, far?.lines.length, far?.lines[30]], [120, 61, "line 150"]);
    assert.equal(more.length, 0);
  });

  it("holds every line that was reached there, as it stands in the file", () => {
    const line = fc.integer({ min: 0, max: 199 });
    fc.assert(
      fc.property(line, line, fc.array(line), (one, other, reached) => {
        const shown = { firstLine: Math.min(one, other), lastLine: Math.max(one, other) };
        const excerpts = excerptsBeside(source, shown, reached.map(at));
        const found = new Map(
          excerpts.flatMap(({ firstLine, lines }) =>
            lines.map((text, index) => [firstLine + index, text] as const),
          ),
        );
        for (const [at, text] of found) {
          assert.equal(text, `line ${at}`);
          assert.ok(at < shown.firstLine || at > shown.lastLine);
        }
        for (const each of reached) {
          assert.equal(found.has(each), each < shown.firstLine || each > shown.lastLine);
        }
      }),
    );
  });
});
