/** The tools by their inputs: what they answer, what they refuse, and how they say so. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { graphemes, occurrences } from "../../../src/core/tools/characters.js";
import { callTool, type ToolContext, type ToolInput } from "../../../src/core/tools/tool.js";
import { TOOLS, toolNamed } from "../../../src/core/tools/toolbox.js";
import { GlassboxError } from "../../../src/shared/errors.js";

const never = new AbortController().signal;

async function use(name: string, input: unknown, context: ToolContext = {}) {
  const tool = toolNamed(name);
  assert.ok(tool, name);
  return callTool(tool, input, context, never);
}

describe("the tools", () => {
  it("have names, schemas and descriptions that another program can rely on", () => {
    assert.equal(new Set(TOOLS.map(({ name }) => name)).size, TOOLS.length);
    for (const { name, description, schema } of TOOLS) {
      assert.match(name, /^[a-z]+_?[a-z]*$/);
      assert.ok(description.length > 40, name);
      for (const required of schema.required)
        assert.ok(required in schema.properties, `${name}: ${required}`);
    }
  });

  const exact: [string, ToolInput, string][] = [
    ["calculate", { expression: "3847 * 291" }, "1119477"],
    ["calculate", { expression: "9.11 > 9.9" }, "9.11 < 9.9"],
    ["count_characters", { text: "strawberry", of: "r" }, "3"],
    ["count_characters", { text: "Rear", of: "r" }, "2"],
    ["count_characters", { text: "Rear", of: "r", case_sensitive: true }, "1"],
    ["count_characters", { text: "ubiquitous" }, "10"],
    ["count_characters", { text: "banana", of: "ana" }, "2"],
    ["count_characters", { text: ".".repeat(177), of: "." }, "177"],
    ["count_characters", { text: "e\u0301té", of: "é" }, "2"],
    ["count_characters", { text: "👩‍👩‍👧a🇩🇪" }, "3"],
    ["count_characters", { text: "a\r\nb" }, "3"],
    ["index_characters", { text: "ubiquitous", every: 3 }, "uqts"],
    ["index_characters", { text: "ubiquitous", every: 3, start: 3 }, "iiu"],
    ["index_characters", { text: "strawberry", of: "r" }, "3, 8, 9"],
    ["index_characters", { text: "abc", of: "z" }, ""],
  ];
  for (const [name, input, value] of exact) {
    it(`${name} ${JSON.stringify(input).slice(0, 60)} gives ${value}`, async () => {
      const result = await use(name, input);
      assert.deepEqual([result.ok, result.value], [true, value], result.text);
    });
  }

  it("count letters as a loop over the letters does", async () => {
    const words = fc.string({ unit: fc.constantFrom(..."abcABC.é😀"), maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(words, fc.constantFrom(..."abc.é😀"), async (text, letter) => {
        const known = [...text].filter((character) => character.toLowerCase() === letter).length;
        assert.equal((await use("count_characters", { text, of: letter })).value, `${known}`);
      }),
    );
  });

  it("cut texts into characters that join to the text again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-composite" }), (text) => {
        assert.equal(graphemes(text).join(""), text);
        if (text !== "") assert.ok(occurrences(text, graphemes(text)[0]!, true).starts.includes(0));
      }),
    );
  });

  const refused: [string, unknown, RegExp][] = [
    ["calculate", {}, /"expression" is missing/],
    ["calculate", { expression: 5 }, /must be of type string, got 5/],
    ["calculate", { expression: "1/0" }, /division by zero/],
    [
      "calculate",
      { expression: "1", __proto__: null, extra: 1 },
      /There is no "extra"\. There are: expression/,
    ],
    ["calculate", JSON.parse('{"expression":"1","constructor":1}'), /There is no "constructor"/],
    ["calculate", "1 + 1", /takes an object, got "1 \+ 1"/],
    ["count_characters", { text: "x", of: "" }, /nothing to look for/],
    ["count_characters", { text: "x".repeat(300_000) }, /may have 200000 characters, got 300000/],
    ["index_characters", { text: "abc", start: 9 }, /has 3 characters; there is no place 9/],
    ["index_characters", { text: "abc", every: 0 }, /must be at least 1, got 0/],
    ["index_characters", { text: "abc", every: 1.5 }, /must be of type integer/],
    ["run_code", { language: "ruby", code: "1" }, /one of javascript, typescript, python; got "ruby"/],
    ["run_code", { language: "python", code: "1" }, /Running code is not allowed here/],
    ["read_file", { path: "a" }, /Reading files is not allowed here/],
  ];
  for (const [name, input, message] of refused) {
    it(`${name} says what is wrong with ${JSON.stringify(input).slice(0, 50)}`, async () => {
      const result = await use(name, input);
      assert.equal(result.ok, false);
      assert.match(result.text, message);
      assert.match(result.text, new RegExp(`^Error in ${name}: `));
    });
  }

  it("throw nothing but the cancelling of their caller", async () => {
    const failing: ToolContext = {
      search: async () => {
        throw new GlassboxError("failed", "The disk is gone.", "Plug it in.");
      },
    };
    const { ok, text } = await use("search_workspace", { query: "x" }, failing);
    assert.deepEqual([ok, text], [false, "Error in search_workspace: The disk is gone. Plug it in."]);
    const stopped = AbortSignal.abort();
    await assert.rejects(callTool(toolNamed("calculate")!, { expression: "1" }, {}, stopped), {
      code: "cancelled",
    });
  });

  it("say which words are quoted from somebody else, and cut what is long", async () => {
    const context: ToolContext = {
      readFile: async () => Array.from({ length: 5000 }, (_, line) => `line ${line + 1}`).join("\n"),
      search: async ({ most }) => ({
        hits: Array.from({ length: most }, (_, n) => ({ path: `f${n}`, line: 1, text: "x".repeat(999) })),
        files: 9,
        more: true,
      }),
      runCode: async () => ({ outcome: "threw", value: "Error: no", printed: "half\n", ms: 3 }),
    };
    const file = await use("read_file", { path: "a.txt" }, context);
    assert.equal(file.quotes, true);
    assert.match(file.text, /cut; \d+ characters in all\)$/);
    const part = await use("read_file", { path: "a.txt", first_line: 10, last_line: 12 }, context);
    assert.deepEqual([part.text, part.evidence], ["line 10\nline 11\nline 12", "a.txt, lines 10–12 of 5000"]);
    assert.equal((await use("read_file", { path: "a.txt", first_line: 6000 }, context)).ok, false);
    const found = await use("search_workspace", { query: "x" }, context);
    assert.match(found.evidence, /More than 50 lines with "x" in 9 files searched/);
    assert.ok(found.text.split("\n").every((line) => line.length < 230));
    const ran = await use("run_code", { language: "python", code: "x" }, context);
    assert.deepEqual([ran.ok, ran.text], [false, "It threw an error.\nPrinted:\nhalf\nError: no"]);
  });
});
