/** Splitting into steps, with the real grammars: what becomes a step, and what must hold for any text. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Language, Parser } from "@vscode/tree-sitter-wasm";
import * as fc from "fast-check";
import { splitSyntax } from "../../../src/core/explain/splitSteps.js";
import { splitProse, splitStructure } from "../../../src/core/explain/splitText.js";
import { MAX_STEPS, type Piece, stepsFromPieces } from "../../../src/core/explain/steps.js";
import { ALONE, missingBrackets, waysToParse } from "../../../src/core/explain/surroundings.js";
import type { Parse } from "../../../src/core/explain/syntax.js";
import type { ExplanationStep } from "../../../src/shared/types.js";

const IN_CLASS = { before: "class X {\n", after: "\n}" };

/** What must hold for the steps of any text. */
function checkSteps(text: string, steps: readonly ExplanationStep[], firstLine: number): void {
  assert.ok(steps.length <= MAX_STEPS);
  let end = 0;
  for (const [index, step] of steps.entries()) {
    assert.equal(step.index, index);
    assert.ok(step.start >= end && step.end > step.start && step.end <= text.length, JSON.stringify(step));
    assert.equal(step.firstLine, firstLine + text.slice(0, step.start).split("\n").length - 1);
    assert.equal(step.lastLine, firstLine + text.slice(0, step.end).split("\n").length - 1);
    assert.ok(step.title !== "" && !step.title.includes("\n"));
    assert.equal(text.slice(end, step.start).trim(), "", "nothing is left out");
    end = step.end;
  }
  assert.equal(text.slice(end).trim(), "");
}

describe("steps by syntax", () => {
  const parsers = new Map<string, Parse>();

  before(async () => {
    const folder = join(process.cwd(), "node_modules", "@vscode", "tree-sitter-wasm", "wasm");
    const treeSitter = createRequire(join(folder, "tree-sitter.js"))("./tree-sitter.js") as {
      Parser: typeof Parser;
      Language: typeof Language;
    };
    await treeSitter.Parser.init({ locateFile: (file) => join(folder, file) });
    for (const name of ["javascript", "typescript", "python", "java", "go"]) {
      const parser = new treeSitter.Parser();
      parser.setLanguage(await treeSitter.Language.load(join(folder, `tree-sitter-${name}.wasm`)));
      parsers.set(name, (source) => parser.parse(source)?.rootNode);
    }
  });

  function split(language: string, text: string, attempts = [ALONE, IN_CLASS]): ExplanationStep[] {
    const pieces = splitSyntax(text, parsers.get(language)!, attempts);
    assert.ok(pieces);
    const steps = stepsFromPieces(text, pieces, 5);
    checkSteps(text, steps, 5);
    return steps;
  }

  const shape = (steps: readonly ExplanationStep[]) => steps.map(({ kind, title }) => [kind, title]);

  it("splits a function into its signature and statements", () => {
    const steps = split(
      "javascript",
      `// Counts.
async function count(xs) {
  const seen = new Map(); // how often
  for (const x of xs) {
    seen.set(x, (seen.get(x) ?? 0) + 1);
  }
  if (seen.size === 0) throw new Error("none");
  total += 1;
  report(seen);
  return seen;
}`,
    );
    assert.deepEqual(shape(steps), [
      ["signature", "async function count(xs) {"],
      ["declaration", "const seen = new Map(); // how often"],
      ["loop", "for (const x of xs) {"],
      ["condition", 'if (seen.size === 0) throw new Error("none");'],
      ["assignment", "total += 1;"],
      ["call", "report(seen);"],
      ["return", "return seen;"],
    ]);
  });

  it("opens arrow functions, decorated and exported functions, and callbacks", () => {
    const wrapped = (open: string, close: string) => `${open}\n  const a = 1;\n  return a;\n${close}`;
    for (const [open, close] of [
      ["export const f = (x) => {", "};"],
      ["export default async function f(x) {", "}"],
      ['it("works", () => {', "});"],
    ] as const) {
      assert.deepEqual(
        split("javascript", wrapped(open, close)).map(({ title }) => title),
        [open, "const a = 1;", "return a;"],
      );
    }
    const decorated = "@cache\ndef f(n):\n    '''Doc.'''\n    return n\n";
    assert.deepEqual(
      split("python", decorated).map(({ kind }) => kind),
      ["signature", "return"],
    );
  });

  it("opens a class with one method down to its statements", () => {
    const steps = split(
      "java",
      "public class A {\n  int add(int a) {\n    int b = a;\n    return b;\n  }\n}",
    );
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ["class", "signature", "declaration", "return"],
    );
  });

  it("makes one step of each of several declarations, and of the imports before them", () => {
    const body = Array.from({ length: 20 }, (_, i) => `  call(${i});`).join("\n");
    const steps = split(
      "typescript",
      `import a from "a";\nimport b from "b";\n\ninterface P { x: number }\nfunction one() {\n${body}\n}\nclass Two {\n${body.replaceAll("call", "x = () =>")}\n}`,
    );
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ["import", "type", "function", "class"],
    );
  });

  it("opens a long loop into its head and statements, and joins what is then too many", () => {
    const inner = Array.from({ length: 30 }, (_, i) => `    work(${i});`).join("\n");
    const steps = split("go", `func f() {\n\tfor i := 0; i < 3; i++ {\n${inner}\n\t}\n\treturn\n}`);
    assert.equal(steps.length, MAX_STEPS);
    assert.deepEqual(shape(steps).slice(0, 2), [
      ["signature", "func f() {"],
      ["loop", "for i := 0; i < 3; i++ {"],
    ]);
  });

  it("keeps else branches with what they open", () => {
    const branch = Array.from({ length: 8 }, (_, i) => `    work(${i});\n    rest(${i});`).join("\n");
    const steps = split(
      "javascript",
      `if (a) {\n${branch}\n} else if (b) {\n  one();\n} else {\n  two();\n}`,
    );
    const last = steps.at(-1)!;
    assert.ok(steps[0]?.title === "if (a) {");
    assert.ok(last.end > 0);
  });

  it("parses what cannot stand alone in surroundings of its own", () => {
    const method = "  async load(path: string): Promise<void> {\n    this.path = path;\n    return;\n  }";
    assert.deepEqual(shape(split("typescript", method)), [
      ["signature", "async load(path: string): Promise<void> {"],
      ["assignment", "this.path = path;"],
      ["return", "return;"],
    ]);
  });

  it("completes the brackets of a selection that was cut out of its blocks", () => {
    const text =
      "    total += x;\n  } else {\n    skip();\n  }\n  return total;\n}\nfunction next() {\n  a();";
    const steps = split("javascript", text, waysToParse(text, [], "if (x) {"));
    assert.deepEqual(shape(steps), [
      ["assignment", "total += x;"],
      ["condition", "else {"],
      ["return", "return total;"],
      ["function", "function next() {"],
    ]);
    assert.deepEqual(missingBrackets('a("}"); // }\n{ b(', "{")?.after, "\n)\n}");
    assert.equal(missingBrackets("f({ a: [1] })", "{"), undefined);
  });

  it("leaves to others what hardly parses", () => {
    assert.equal(
      splitSyntax("Hello, dear reader! This: is no (code.", parsers.get("java")!, [ALONE]),
      undefined,
    );
  });

  it("holds for any cut out of real code", () => {
    const source = `export class Queue<T> {
  readonly #items: T[] = [];

  /** Adds. */
  push(item: T): number {
    if (item === undefined) {
      throw new TypeError("nothing");
    } else {
      this.#items.push(item); // at the end
    }
    return this.#items.length;
  }
}

const numbers = [1, 2, 3].map((n) => {
  const twice = n * 2;
  return twice;
});

for (const n of numbers) {
  switch (n) {
    case 1:
      console.log("one 🎉");
      break;
    default:
      console.log(n);
  }
}
`;
    const lines = source.split("\n");
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(lines.length), (a, b) => {
        const text = lines.slice(Math.min(a, b), Math.max(a, b) + 1).join("\n");
        const pieces =
          splitSyntax(text, parsers.get("typescript")!, [ALONE, IN_CLASS]) ?? splitStructure(text);
        checkSteps(text, stepsFromPieces(text, pieces, 0), 0);
      }),
      { numRuns: 300 },
    );
  });
});

describe("steps without a grammar", () => {
  const kinds = (pieces: readonly Piece[]) => pieces.map(({ kind }) => kind);

  it("splits a paragraph into sentences, and a document into its parts", () => {
    const sentences = splitProse("Mr. Smith went home. Did he? Yes, at 3.14 o'clock!");
    assert.equal(sentences.length >= 3, true);
    const document = "# Title\n\nOne.\nStill one.\n\n- a\n- b\n\n```js\n\nlet x;\n\n```\n\n> said\n";
    const parts = ["heading", "sentence", "sentence", "item", "code", "quotation"];
    assert.deepEqual(kinds(splitProse(document.replace("\n- b", ""))), parts);
    const long = kinds(splitProse(`${document}\n${"Once more. ".repeat(20)}\n`));
    assert.deepEqual(long, ["heading", "paragraph", "list", "code", "quotation", "paragraph"]);
  });

  it("splits JSON and YAML at their outermost entries", () => {
    const json = '{\n  "a": 1,\n  "b": {\n    "c": 2\n  },\n  "d": [\n    1\n  ]\n}';
    const steps = stepsFromPieces(json, splitStructure(json), 0);
    assert.deepEqual(
      steps.map(({ firstLine, lastLine }) => [firstLine, lastLine]),
      [
        [0, 1],
        [2, 4],
        [5, 8],
      ],
    );
    const yaml = "on: push\njobs:\n  a:\n    run: x\n  b:\n    run: y\nenv:\n  A: 1";
    assert.equal(splitStructure(yaml).length, 3);
  });

  it("gives no step for nothing", () => {
    for (const text of ["", "  \n\t\n"]) {
      assert.deepEqual(splitProse(text), []);
      assert.deepEqual(splitStructure(text), []);
    }
  });

  it("holds for any text", () => {
    const unit = fc.constantFrom(
      "a",
      "Word. ",
      "\n",
      "\n\n",
      "  ",
      "{",
      "}",
      "🎉",
      "- ",
      "# ",
      "```\n",
      "日本。",
      "x = 1;",
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), (parts) => {
        const text = parts.join("");
        for (const pieces of [splitProse(text), splitStructure(text)]) {
          checkSteps(text, stepsFromPieces(text, pieces, 3), 3);
        }
      }),
      { numRuns: 500 },
    );
  });
});
