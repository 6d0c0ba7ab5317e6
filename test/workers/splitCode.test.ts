/** Steps as the sandbox process makes them, with the grammars that are shipped: real snippets, cuts of them, and hostile texts. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import type { ExplanationStep } from "../../src/shared/types.js";
import type { SandboxProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { EXPECTED } from "./steps/expected.js";
import { SAMPLES } from "./steps/samples.js";

const DIST = join(process.cwd(), "dist");
const MAX_STEPS = 12;

function sandboxAt(dist: string): WorkerClient<SandboxProtocol> {
  return builtWorkers.sandbox({
    script: join(dist, "workers", "sandbox.mjs"),
    log: (line) => console.log(line),
  });
}

/** What must hold for the steps of any text: in order, apart, few, and nothing but whitespace outside of them. */
function checkSteps(text: string, steps: readonly ExplanationStep[]): void {
  assert.ok(steps.length <= MAX_STEPS, `${steps.length} steps`);
  let end = 0;
  for (const [index, step] of steps.entries()) {
    assert.equal(step.index, index);
    assert.ok(step.start >= end && step.end > step.start && step.end <= text.length, JSON.stringify(step));
    assert.equal(text.slice(end, step.start).trim(), "", "text between steps");
    assert.equal(step.firstLine, text.slice(0, step.start).split("\n").length - 1);
    assert.equal(step.lastLine, text.slice(0, step.end).split("\n").length - 1);
    assert.ok(step.title !== "" && !step.title.includes("\n") && step.kind !== "");
    end = step.end;
  }
  assert.equal(text.slice(end).trim(), "", "text after the last step");
}

describe("steps of languages", function () {
  this.timeout(60_000);
  const client = sandboxAt(DIST);
  after(() => client.dispose());

  const split = (text: string, languageId: string) =>
    client.call("splitSteps", { text, languageId, firstLine: 0 });

  for (const { languageId, name, text } of SAMPLES) {
    it(`${languageId}: ${name}`, async () => {
      const { steps, parser } = await split(text, languageId);
      checkSteps(text, steps);
      const expected = EXPECTED[`${languageId}: ${name}`];
      assert.ok(expected);
      assert.equal(parser, expected.parser);
      assert.deepEqual(
        steps.map(({ kind, firstLine, lastLine, title }) => [kind, firstLine, lastLine, title]),
        expected.steps,
      );
      // Each line belongs to one step, but where sentences or minified code share one.
      if (!parser.startsWith("sentences") && text.trim().includes("\n")) {
        for (const [i, step] of steps.entries()) {
          if (i > 0) assert.ok(step.firstLine > steps[i - 1]!.lastLine, JSON.stringify(step));
        }
      }
    });
  }

  it("are split by a real grammar in all eighteen languages", () => {
    const languages = new Set(
      SAMPLES.filter(({ languageId, name }) =>
        EXPECTED[`${languageId}: ${name}`]?.parser.startsWith("tree-sitter, "),
      ).map(({ languageId }) => languageId),
    );
    const promised =
      "javascript typescript typescriptreact python java c cpp csharp go rust php ruby shellscript sql html css json yaml";
    for (const language of promised.split(" ")) assert.ok(languages.has(language), language);
  });

  it("hold for any cut of the samples, with and without a piece missing in the middle", async () => {
    const sampleLines = SAMPLES.map((sample) => ({ ...sample, lines: sample.text.split("\n") }));
    const cut = fc.record({
      sample: fc.constantFrom(...sampleLines),
      from: fc.nat(20),
      count: fc.integer({ min: 1, max: 12 }),
      hole: fc.option(fc.nat(200), { nil: undefined }),
      newline: fc.constantFrom("\n", "\r\n"),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ sample, from, count, hole, newline }) => {
        const { lines, languageId } = sample;
        const first = from % lines.length;
        let text = lines.slice(first, first + count).join(newline);
        if (hole !== undefined) text = text.slice(0, hole) + text.slice(hole + 7);
        const { steps } = await split(text, languageId);
        checkSteps(text, steps);
      }),
      { numRuns: 400 },
    );
  });

  it("hold for noise in every language", async () => {
    const unit = fc.constantFrom(
      ..."{ } ( ) [ ] < > </a> <b> ; : , \" ' ` /* */ // # -- \\ \n \t \0 🎉 é if else for def end fi class x 1 = => SELECT FROM \r\n ``` $$ @ | - ? <?php ?>"
        .split(" ")
        .map((word) => (word === "" ? "\n" : word)),
    );
    const languageIds = [...new Set(SAMPLES.map(({ languageId }) => languageId))];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...languageIds),
        fc.array(unit, { maxLength: 60 }),
        async (languageId, parts) => {
          const text = parts.join(" ").replace(/ ?\n ?/g, "\n");
          checkSteps(text, (await split(text, languageId)).steps);
        },
      ),
      { numRuns: 400 },
    );
  });

  describe("of texts that are out of the ordinary", () => {
    const hostile: [name: string, languageId: string, text: string][] = [
      ["nothing", "python", " \n\n\t"],
      ["one bracket", "javascript", "}"],
      ["100,000 nested brackets", "javascript", "(".repeat(100_000)],
      ["20,000 nested arrays", "json", "[".repeat(20_000) + "]".repeat(20_000)],
      ["5,000 nested elements", "html", "<div>".repeat(5000) + "</div>".repeat(5000)],
      ["3,000 nested blocks", "typescript", "if (a) {\n".repeat(3000) + "}\n".repeat(3000)],
      ["400 kB of minified code", "javascript", "function f(a){return a+1}var x=f(2);".repeat(11_000)],
      ["a line of a megabyte", "plaintext", "word ".repeat(200_000)],
      ["a megabyte of code", "python", "x = 1\n".repeat(170_000)],
      [
        "bytes",
        "c",
        Array.from({ length: 20_000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(""),
      ],
      ["10,000 statements", "sql", "SELECT a FROM b WHERE c = 1;\n".repeat(10_000)],
      ["10,000 entries", "yaml", Array.from({ length: 10_000 }, (_, i) => `k${i}: ${i}`).join("\n")],
      ["a staircase", "objective-c", Array.from({ length: 2000 }, (_, i) => `${" ".repeat(i)}x`).join("\n")],
      ["fences without end", "markdown", "```js\n".repeat(5000)],
    ];
    for (const [name, languageId, text] of hostile) {
      it(`${name} (${languageId})`, async () => {
        const startedAt = performance.now();
        const { steps } = await split(text, languageId);
        checkSteps(text, steps);
        assert.ok(performance.now() - startedAt < 15_000, `${performance.now() - startedAt} ms`);
      });
    }
  });

  it("fall back to structure and say so when a grammar cannot be loaded or hardly anything parses", async () => {
    const prose = "Hello, dear reader! This: is no (code.\n\nIt goes on like this.";
    const { parser } = await split(prose, "java");
    assert.equal(parser, "blank lines and indents (hardly any of it parses as Java)");

    const folder = mkdtempSync(join(tmpdir(), "glassbox-grammars-"));
    mkdirSync(join(folder, "tree-sitter"));
    for (const file of ["tree-sitter.js", "tree-sitter.wasm", "tree-sitter-go.wasm"]) {
      cpSync(join(DIST, "tree-sitter", file), join(folder, "tree-sitter", file));
    }
    cpSync(join(DIST, "workers"), join(folder, "workers"), { recursive: true });
    symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "tree-sitter", "tree-sitter-rust.wasm"), "no WebAssembly");
    const broken = sandboxAt(folder);
    try {
      for (const [languageId, title] of [
        ["rust", "Rust"],
        ["python", "Python"],
      ] as const) {
        const params = { text: "a\nb\n\nc\n", languageId, firstLine: 0 };
        const answer = await broken.call("splitSteps", params);
        assert.match(answer.parser, new RegExp(`^blank lines and indents \\(the ${title} grammar failed: `));
        checkSteps(params.text, answer.steps);
      }
      const go = await broken.call("splitSteps", { text: "x := 1\n", languageId: "go", firstLine: 0 });
      assert.equal(go.parser, "tree-sitter, Go");
    } finally {
      broken.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});
