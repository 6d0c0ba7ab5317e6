/** The sources of a notebook's cells are found in its file, and only in a file that is a notebook. */

import assert from "node:assert/strict";
import { isNotebookFile, notebookSources } from "../../../src/core/budget/notebookSources.js";

describe("The sources of a notebook's file", () => {
  it("are those of all cells, without outputs, whether they stand as a text or as lines", () => {
    const cells = [
      { cell_type: "markdown", source: ["# Title\n", "text"], attachments: { a: "not this" } },
      { cell_type: "code", source: "x = 1\n", outputs: [{ data: { "image/png": "not this" } }] },
      { cell_type: "raw", source: [] },
      { cell_type: "code", source: ["without a break", "and the next"], outputs: [] },
    ];
    assert.deepEqual(notebookSources({ cells, metadata: {}, nbformat: 4 }), [
      "# Title\ntext",
      "x = 1\n",
      "",
      "without a break\nand the next",
    ]);
    assert.deepEqual(notebookSources({ cells: [] }), []);
  });

  for (const [what, file] of [
    ["no object", 5],
    ["nothing", null],
    ["the format before, with worksheets", { worksheets: [{ cells: [] }] }],
    ["a cell that is none", { cells: ["text"] }],
    ["a cell without a source", { cells: [{ cell_type: "code" }] }],
    ["lines that are no texts", { cells: [{ source: ["a", 1] }] }],
  ] as const) {
    it(`are not looked for in ${what}`, () => assert.equal(notebookSources(file), undefined));
  }

  it("are looked for by the name of the file", () => {
    assert.ok(isNotebookFile("/a/tale.ipynb"));
    assert.ok(!isNotebookFile("/a/tale.ipynb.txt"));
  });
});
