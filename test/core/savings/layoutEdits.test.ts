/** Edits of layout: what they take, what they leave, and that JSON, tables and indentation keep their content. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonLayout, jsonTokens, sameJson } from "../../../src/core/savings/jsonEdits.js";
import {
  blankLines,
  indentationUnit,
  lineEndings,
  reindent,
  rulers,
  trailingSpaces,
} from "../../../src/core/savings/layoutEdits.js";
import { markdownFences, tablePadding } from "../../../src/core/savings/markdownEdits.js";
import {
  applyReplacements,
  joinReplacements,
  replacementsWithin,
  SparedRanges,
} from "../../../src/core/savings/replacements.js";
import type { Replacement } from "../../../src/shared/savings.js";

const none = new SparedRanges();
const edited = (text: string, edits: Replacement[]) => applyReplacements(text, edits);

describe("edits of layout", () => {
  const cases: [what: string, before: string, make: (text: string) => Replacement[], expected: string][] = [
    ["trailing spaces", "a  \nb\t \r\n \nc", (t) => trailingSpaces(t, none), "a\nb\r\n\nc"],
    ["a space behind a backslash", "a \\ \nb", (t) => trailingSpaces(t, none), "a \\ \nb"],
    ["hard breaks of Markdown", "a  \nb \n   \n", (t) => trailingSpaces(t, none, true), "a  \nb\n\n"],
    ["blank lines", "a\n\n\n\nb\n\nc\n", (t) => blankLines(t, none), "a\n\nb\n\nc\n"],
    ["blank lines with CRLF", "a\r\n\r\n\r\nb\r\n", (t) => blankLines(t, none), "a\r\n\r\nb\r\n"],
    ["blank lines at the end", "a\n\n\n", (t) => blankLines(t, none), "a\n"],
    [
      "spaces to tabs",
      "a\n    b\n        c\n     * d\n",
      (t) => reindent(t, none, 4, 0),
      "a\n\tb\n\t\tc\n\t * d\n",
    ],
    ["four to two", "a\n    b\n      c\n", (t) => reindent(t, none, 4, 2), "a\n  b\n    c\n"],
    ["tabs to a space", "a\n\t\tb\n\t  c\n", (t) => reindent(t, none, 0, 1), "a\n  b\n   c\n"],
    ["line endings", "a\r\nb\rc\n", lineEndings, "a\nb\rc\n"],
    ["rulers", "// ==========\n", (t) => rulers(t, [{ start: 0, end: t.length }]), "// ===\n"],
    ["a row of slashes", "//////////\n", (t) => rulers(t, [{ start: 0, end: t.length }]), "//////////\n"],
    [
      "the padding of tables",
      "| a    | b |\n|------|---|\n| 1    |  2 |\n\na    | b\n",
      (t) => tablePadding(t, none),
      "| a | b |\n|---|---|\n| 1 | 2 |\n\na    | b\n",
    ],
  ];
  for (const [what, before, make, expected] of cases) {
    it(`take or keep ${what}`, () => assert.equal(edited(before, make(before)), expected));
  }

  it("leave alone what is spared", () => {
    const text = "x = `a  \n\n\n    b`  \n    y\n";
    const spared = new SparedRanges([{ start: 4, end: text.indexOf("b`") + 2 }]);
    assert.equal(edited(text, trailingSpaces(text, spared)), "x = `a  \n\n\n    b`\n    y\n");
    assert.deepEqual(blankLines(text, spared), []);
    assert.equal(edited(text, reindent(text, spared, 4, 0)), "x = `a  \n\n\n    b`  \n\ty\n");
  });

  it("find the unit of indentation as it is seen most often", () => {
    assert.equal(indentationUnit("a\n  b\n    c\n  d\n", none), 2);
    assert.equal(indentationUnit("a\n    b\n        c\n             aligned\n    d\n", none), 4);
    assert.equal(indentationUnit("a\n\tb\n\t\tc\n  d\n", none), 0);
    assert.equal(indentationUnit("a\nb\n", none), undefined);
    assert.equal(indentationUnit("/**\n * a\n */\n", none), undefined);
  });

  it("come back when tabs become spaces again", () => {
    const line = fc.tuple(fc.nat(5), fc.constantFrom("a", "b c", "* d"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 2, max: 8 }), (lines, unit) => {
        const text = lines.map(([level, rest]) => " ".repeat(level * unit) + rest).join("\n");
        const tabs = edited(text, reindent(text, none, unit, 0));
        assert.equal(edited(tabs, reindent(tabs, none, 0, unit)), text);
      }),
    );
  });

  it("know where Markdown takes text as it is", () => {
    const text = "---\na: 1\n---\n\ntext\n\n```js\n\n\n    x  \n```\n\n~~~\nopen";
    const fenced = markdownFences(text).map(({ start, end }) => text.slice(start, end));
    assert.deepEqual(fenced, ["---\na: 1\n---", "```js\n\n\n    x  \n```", "~~~\nopen"]);
  });

  it("are joined so that none meets another, the earlier list first", () => {
    const first = [{ start: 4, end: 6, text: "x" }];
    const second = [
      { start: 0, end: 2, text: "" },
      { start: 5, end: 9, text: "" },
      { start: 3, end: 5, text: "" },
    ];
    assert.deepEqual(joinReplacements([first, second]), [second[0], first[0]]);
    assert.deepEqual(replacementsWithin(second, 0, 5), [second[0], second[2]]);
  });
});

describe("layouts of JSON", () => {
  const layout = (text: string, style: "minified" | "compact") =>
    edited(text, jsonLayout(text, jsonTokens(text)!, style));

  it("hold the same data in fewer signs, whatever the data", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const minified = layout(text, "minified");
        assert.equal(minified, JSON.stringify(value));
        const compact = layout(text, "compact");
        assert.deepEqual(JSON.parse(compact), JSON.parse(text));
        assert.ok(sameJson(text, compact));
        assert.equal(layout(compact, "compact"), compact);
      }),
    );
  });

  it("keep numbers as they are written, doubled keys, and comments", () => {
    const text = '{ // why\n  "a": 1.0e5, "a": 12345678901234567890,\n  /* b */ "c": [ ]\n}\n';
    assert.equal(layout(text, "minified"), '{// why\n"a":1.0e5,"a":12345678901234567890,/* b */"c":[]}\n');
    assert.equal(
      layout(text, "compact"),
      '{ // why\n"a": 1.0e5,\n"a": 12345678901234567890,\n/* b */"c": []\n}\n',
    );
  });

  it("keep one text of JSON a line", () => {
    assert.equal(layout('{ "a": 1 }\n{ "a": 2 }\n', "minified"), '{"a":1}\n{"a":2}\n');
  });

  it("leave alone what is no JSON", () => {
    for (const text of ['{"a": }x', "{'a': 1}", '"a\nb"', "{]nan"]) {
      assert.equal(jsonTokens(text), undefined, text);
      assert.ok(!sameJson(text, text));
    }
  });
});
