/** The sandbox process with its real QuickJS and Python: ordinary functions and pieces of code, and how values are shown. */

import assert from "node:assert/strict";
import { GlassboxError } from "../../src/shared/errors.js";
import type { FunctionRun } from "../../src/shared/workerProtocol.js";
import { builtWorkers } from "../builtWorkers.js";

/** All that runs here ends by itself, in the time that the machine takes for it, or is cancelled. */
const LIMITS = { timeMs: 15_000, memoryBytes: 24 * 2 ** 20 };

describe("sandbox process", function () {
  this.timeout(20_000);
  const client = builtWorkers.sandbox({ log: (line) => console.log(line) });
  after(() => client.dispose());

  async function run(
    source: string,
    input = "",
    languageId = "javascript",
    limits = LIMITS,
  ): Promise<FunctionRun> {
    const params = { source, languageId, functionName: "f", inputs: [input], limits };
    const [only] = await client.call("runFunction", params);
    assert.ok(only);
    return only;
  }

  describe("values", () => {
    const values: [body: string, expected: string][] = [
      ["1 / 3", "0.3333333333333333"],
      ["-0", "-0"],
      ["2n ** 70n", "1180591620717411303424n"],
      ["'a \"quoted\"\\nline'", '"a \\"quoted\\"\\nline"'],
      ["undefined", "undefined"],
      ["[1, , [2, { a: null }]]", "[1, <empty>, [2, {a: null}]]"],
      ["new Map([[1, new Set(['x'])]])", 'Map(1) {1 => Set(1) {"x"}}'],
      ["new (class Point { x = 1; #y = 2; })", "Point {x: 1}"],
      ["({ get x() { throw 1; }, set y(v) {} })", "{x: [Getter], y: [Setter]}"],
      ["({ 'a-b': 1, [Symbol('s')]: 2 })", '{"a-b": 1, [Symbol(s)]: 2}'],
      ["new Error('no')", "Error: no"],
      [
        "[new Date(0), /a+/g, (x) => x, class A {}]",
        "[1970-01-01T00:00:00.000Z, /a+/g, [Function], [class A]]",
      ],
      ["new Uint8Array([1, 255])", "Uint8Array(2) [1, 255]"],
      ["(() => { const a = { n: 1 }; a.self = a; return a; })()", "{n: 1, self: [Circular]}"],
      ["Object.create(null)", "[no prototype] {}"],
    ];
    for (const [body, expected] of values) {
      it(`renders ${body}`, async () => {
        const { outcome, value } = await run(`function f() { return ${body}; }`);
        assert.deepEqual([outcome, value], ["returned", expected]);
      });
    }

    it("cuts huge values and huge output to a length that says so", async () => {
      const { value, printed } = await run(
        "function f() { for (let i = 0; i < 5000; i++) console.log('line', i); return Array.from({ length: 1e4 }, (_, i) => ({ i, text: 'x'.repeat(500) })); }",
      );
      assert.ok(value.length < 2300 && value.includes("…"), `${value.length}`);
      assert.ok(printed.length <= 2001 && printed.startsWith("line 0\nline 1\n"));
    });

    it("shows what a generator yields", async () => {
      const { value } = await run(
        "function* f(n) { for (let i = 0; i < n; i++) yield i * i; return 'end'; }",
        "3",
      );
      assert.equal(value, '[Generator] yields 0, 1, 4, returns "end"');
    });

    it("awaits async functions, with timers in virtual time", async () => {
      const startedAt = Date.now();
      const { outcome, value, printed } = await run(
        "async function f() { setTimeout(() => console.log('late'), 5000); await new Promise((r) => setTimeout(r, 60_000)); return 7; }",
      );
      assert.deepEqual([outcome, value, printed], ["returned", "7", "late\n"]);
      assert.ok(Date.now() - startedAt < LIMITS.timeMs);
    });
  });

  describe("source and inputs", () => {
    it("runs each input in a world of its own, and reports each as it is done", async () => {
      const events: FunctionRun[] = [];
      const runs = await client.call(
        "runFunction",
        {
          source: "let calls = 0; function f(...xs) { return [++calls, xs]; }",
          languageId: "javascript",
          functionName: "f",
          inputs: ["1, 2", "", "...[3, 4] // both", "1 +", "nobody"],
          limits: LIMITS,
        },
        { onEvent: (event) => events.push(event) },
      );
      assert.deepEqual(
        runs.map(({ outcome }) => outcome),
        ["returned", "returned", "returned", "invalid-input", "invalid-input"],
      );
      assert.deepEqual(
        runs.slice(0, 3).map(({ value }) => value),
        ["[1, [1, 2]]", "[1, []]", "[1, [3, 4]]"],
      );
      assert.deepEqual(events, runs);
    });

    it("runs TypeScript with exports, enums, generics and helpers of the selection", async () => {
      const { outcome, value } = await run(
        `import type { Other } from "./other";
        enum Kind { A = 3, B }
        const helper = <T,>(x: T): T => x;
        export interface Point { x: number }
        export const f = async (p: Point, kind: Kind = Kind.B): Promise<number> => helper(p.x!) * (kind as number);`,
        "{ x: 10 }",
        "typescript",
      );
      assert.deepEqual([outcome, value], ["returned", "40"]);
    });

    it("compiles JSX", async () => {
      const { value } = await run("export function f() { return <b id='x'>hi</b>; }", "", "typescriptreact");
      assert.equal(value, '{type: "b", props: {id: "x"}, children: ["hi"]}');
    });

    it("says what does not parse, is no function, or was imported", async () => {
      assert.match((await run("function f( {")).value, /^SyntaxError: /);
      assert.match((await run("const f = ;", "", "typescript")).value, /^SyntaxError: /);
      assert.equal((await run("const f = 3;")).value, "TypeError: f is not a function");
      const imported = await run(
        'import { readFile } from "node:fs"; function f() { return readFile("x"); }',
      );
      assert.match(imported.value, /^ReferenceError: "node:fs".readFile was imported/);
    });

    it("refuses other languages and names that are no identifiers", async () => {
      const params = { source: "", languageId: "ruby", functionName: "f", inputs: [""], limits: LIMITS };
      await assert.rejects(client.call("runFunction", params), { code: "unsupported" });
      const injected = { ...params, languageId: "javascript", functionName: "f(), g" };
      await assert.rejects(client.call("runFunction", injected), { code: "invalid-request" });
    });

    it("stops when it is cancelled", async () => {
      const startedAt = Date.now();
      const endless = {
        source: "function f() { for (;;); }",
        languageId: "javascript",
        functionName: "f",
        inputs: ["", "", ""],
        limits: LIMITS,
      };
      await assert.rejects(
        client.call("runFunction", endless, { signal: AbortSignal.timeout(200) }),
        (error) => error instanceof GlassboxError && error.code === "cancelled",
      );
      assert.ok(Date.now() - startedAt < LIMITS.timeMs / 3);
      assert.equal((await run("const f = () => 1;")).value, "1");
    });
  });

  describe("pieces of code", () => {
    const pieces: [languageId: string, code: string, expected: string, printed?: string][] = [
      ["javascript", "const x = 3; console.log(x); x * 2", "6", "3\n"],
      ["javascript", "const p = await Promise.resolve(4); p + 1", "5"],
      ["javascript", "let x = 1;", "undefined"],
      ["typescript", "let x: number = 3; enum E { A = 4 } x + E.A", "7"],
      ["python", "x = 3\nprint(x)\nx * 2", "6", "3\n"],
      [
        "python",
        "import asyncio\nasync def m():\n    await asyncio.sleep(60)\n    return 8\nasyncio.run(m())",
        "8",
      ],
      ["python", "import asyncio\nawait asyncio.sleep(60)\n7", "7"],
      ["python", "x = 1", "None"],
      ["python", "  1 +\\\n  2", "3"],
    ];
    for (const [languageId, code, expected, printed = ""] of pieces) {
      it(`come to a value: ${code.replaceAll("\n", "; ")}`, async () => {
        const run = await client.call("runCode", { code, languageId, limits: LIMITS });
        assert.deepEqual([run.outcome, run.value, run.printed], ["returned", expected, printed]);
      });
    }

    it("say what they threw", async () => {
      const run = (code: string, languageId: string) =>
        client.call("runCode", { code, languageId, limits: LIMITS });
      assert.equal((await run("null.x", "javascript")).outcome, "threw");
      assert.equal((await run("1 / 0", "python")).value, "ZeroDivisionError: division by zero");
      assert.match((await run("if", "python")).value, /^SyntaxError: /);
    });
  });

  describe("Python", () => {
    const values: [expression: string, expected: string][] = [
      ["1 / 3", "0.3333333333333333"],
      ["2 ** 100", "1267650600228229401496703205376"],
      ["'a \"quoted\"\\nline'", "'a \"quoted\"\\nline'"],
      ["None, True", "(None, True)"],
      ["(1,)", "(1,)"],
      ["[1, {'a': (2.5, b'x')}, set(), {3}]", "[1, {'a': (2.5, b'x')}, set(), {3}]"],
      ["len, (lambda x: x), int", "(<function len>, <function <lambda>>, <class 'int'>)"],
      ["ValueError('no')", "ValueError('no')"],
      ["__import__('collections').Counter('aab')", "Counter({'a': 2, 'b': 1})"],
      ["__import__('fractions').Fraction(1, 3)", "Fraction(1, 3)"],
      ["(x * x for x in range(3))", "<generator> yields 0, 1, 4"],
      ["(lambda a: (a.append(a), a)[1])([1])", "[1, [...]]"],
    ];
    for (const [expression, expected] of values) {
      it(`shows ${expression}`, async () => {
        const { outcome, value } = await run(`def f(): return ${expression}`, "", "python");
        assert.deepEqual([outcome, value], ["returned", expected]);
      });
    }

    it("shows objects by their own representation, or else by their attributes", async () => {
      const source = `from dataclasses import dataclass
from enum import Enum
@dataclass
class Point:
    x: int
class Plain:
    def __init__(self): self.n = 1
class Slots:
    __slots__ = ("a", "b")
    def __init__(self): self.a = 2
class Colour(Enum):
    RED = 1
def f(): return [Point(3), Plain(), Slots(), Colour.RED]`;
      assert.equal(
        (await run(source, "", "python")).value,
        "[Point(x=3), Plain(n=1), Slots(a=2), <Colour.RED: 1>]",
      );
    });

    it("takes keyword arguments, awaits coroutines, and starts each input afresh", async () => {
      const source = "calls = []\nasync def f(a, *, k=0):\n    calls.append(a)\n    return a + k, len(calls)";
      const runs = await client.call("runFunction", {
        source,
        languageId: "python",
        functionName: "f",
        inputs: ["1", "2, k=3", "k=", "", "*[4]"],
        limits: LIMITS,
      });
      assert.deepEqual(
        runs.map(({ outcome, value }) => (outcome === "returned" ? value : outcome)),
        ["(1, 1)", "(5, 1)", "invalid-input", "threw", "(4, 1)"],
      );
    });

    it("lets a selection import what is not there, as long as it is not used", async () => {
      const source = "import numpy as np\nfrom .models import User\ndef f(n): return np.array(n) if n else 1";
      assert.equal((await run(source, "0", "python")).value, "1");
      assert.match(
        (await run(source, "1", "python")).value,
        /^ModuleNotFoundError: numpy.array was imported/,
      );
    });

    it("runs an indented selection, and its own suggestions", async () => {
      const text = "    def words(text: str, sep=' ') -> list[str]:\n        return text.split(sep)\n";
      assert.equal(
        (
          await client.call("runFunction", {
            source: text,
            languageId: "python",
            functionName: "words",
            inputs: ["'a b'"],
            limits: LIMITS,
          })
        )[0]?.value,
        "['a', 'b']",
      );
      const source = `def clamp(value: int, low=0, *, high: int = 10) -> int:
    return max(low, min(high, value))
def average(numbers):
    return sum(numbers) / len(numbers) if numbers else None
def initials(name):
    return "".join(part[0] for part in name.split())`;
      const { functions } = await client.call("splitSteps", {
        text: source,
        languageId: "python",
        firstLine: 0,
      });
      assert.deepEqual(
        functions.map(({ name, parameters }) => [name, parameters]),
        [
          ["clamp", ["value", "low", "high"]],
          ["average", ["numbers"]],
          ["initials", ["name"]],
        ],
      );
      for (const { name, suggestedInputs } of functions) {
        const params = { source, languageId: "python", functionName: name, inputs: suggestedInputs };
        const runs = await client.call("runFunction", { ...params, limits: LIMITS });
        assert.ok(runs.length >= 2);
        for (const { outcome, value } of runs) assert.equal(outcome, "returned", `${name}: ${value}`);
      }
    });

    it("stops when it is cancelled, and runs again", async () => {
      const endless = {
        code: "while True: pass",
        languageId: "python",
        limits: LIMITS,
      };
      const startedAt = Date.now();
      await assert.rejects(client.call("runCode", endless, { signal: AbortSignal.timeout(200) }), {
        code: "cancelled",
      });
      assert.ok(Date.now() - startedAt < LIMITS.timeMs / 3);
      const next = await client.call("runCode", { code: "1 + 1", languageId: "python", limits: LIMITS });
      assert.equal(next.value, "2");
    });
  });

  describe("steps", () => {
    it("splits by the grammar of the language, and finds what can be run", async () => {
      const text = `/** Sums. */
export function sum(xs: number[], start = 0): number {
  let total = start;
  for (const x of xs) total += x;
  return total;
}`;
      const { steps, parser, functions } = await client.call("splitSteps", {
        text,
        languageId: "typescript",
        firstLine: 10,
      });
      assert.equal(parser, "tree-sitter, TypeScript");
      assert.deepEqual(
        steps.map(({ kind, firstLine, lastLine }) => [kind, firstLine, lastLine]),
        [
          ["signature", 10, 11],
          ["declaration", 12, 12],
          ["loop", 13, 13],
          ["return", 14, 15],
        ],
      );
      assert.deepEqual(
        functions.map(({ name, parameters }) => [name, parameters]),
        [["sum", ["xs", "start"]]],
      );
      assert.equal(functions[0]?.suggestedInputs[0], "[3, 1, 2]");
    });

    it("runs its own suggestions for functions that it finds", async () => {
      const source = `export const clamp = (value, min, max) => Math.min(Math.max(value, min), max);
export function initials(name) { return name.split(" ").map((part) => part[0]).join(""); }
export const average = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;`;
      const { functions } = await client.call("splitSteps", {
        text: source,
        languageId: "javascript",
        firstLine: 0,
      });
      assert.equal(functions.length, 3);
      for (const { name, suggestedInputs } of functions) {
        const runs = await client.call("runFunction", {
          source,
          languageId: "javascript",
          functionName: name,
          inputs: suggestedInputs,
          limits: LIMITS,
        });
        assert.ok(runs.length >= 2);
        for (const { outcome, value } of runs) assert.equal(outcome, "returned", `${name}: ${value}`);
      }
    });
  });
});
