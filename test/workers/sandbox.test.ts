/** The sandbox process with its real QuickJS: ordinary functions, their rendering, and programs that mean harm. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { GlassboxError } from "../../src/shared/errors.js";
import type { FunctionRun, SandboxProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";

const LIMITS = { timeMs: 400, memoryBytes: 24 * 2 ** 20 };

describe("sandbox process", function () {
  this.timeout(20_000);
  const client = new WorkerClient<SandboxProtocol>({
    name: "sandbox",
    script: join(process.cwd(), "dist", "workers", "sandbox.mjs"),
    log: (line) => console.log(line),
  });
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
      assert.ok(Date.now() - startedAt < 2000);
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
      const params = { source: "", languageId: "python", functionName: "f", inputs: [""], limits: LIMITS };
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
        limits: { ...LIMITS, timeMs: 10_000 },
      };
      await assert.rejects(
        client.call("runFunction", endless, { signal: AbortSignal.timeout(200) }),
        (error) => error instanceof GlassboxError && error.code === "cancelled",
      );
      assert.ok(Date.now() - startedAt < 1000);
      assert.equal((await run("const f = () => 1;")).value, "1");
    });
  });

  describe("hostile programs", () => {
    type Outcome = FunctionRun["outcome"];
    const programs: [what: string, source: string, outcomes: Outcome[], value?: RegExp][] = [
      ["an endless loop", "function f() { while (true); }", ["timed-out"]],
      [
        "an endless loop that catches",
        "function f() { for (;;) { try { for (;;); } catch {} finally { continue; } } }",
        ["timed-out"],
      ],
      ["an endless loop before the function", "for (;;); function f() {}", ["timed-out"]],
      ["endless microtasks", "async function f() { for (;;) await null; }", ["timed-out"]],
      [
        "endless timers",
        "function f() { return new Promise(() => setInterval(() => {}, 0)); }",
        ["timed-out"],
      ],
      [
        "a promise that never settles",
        "const f = () => new Promise(() => {});",
        ["timed-out"],
        /never settles/,
      ],
      ["an endless generator", "function* f() { for (;;) yield 1; }", ["returned"], /yields 1, 1.*…/],
      ["a generator that hangs while it is shown", "function* f() { for (;;); }", ["timed-out"]],
      ["deep recursion", "function f() { return f() + 1; }", ["threw"], /stack overflow/],
      [
        "mutual recursion through a getter",
        "const o = { get x() { return o.x; } }; const f = () => o.x;",
        ["threw"],
        /stack overflow/,
      ],
      [
        "deep nesting of the result",
        "function f() { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; }",
        ["returned"],
        /\[Array\]/,
      ],
      ["a deep JSON text", "const f = () => JSON.parse('['.repeat(1e5));", ["threw"]],
      [
        "a memory bomb of arrays",
        "function f() { const a = []; for (;;) a.push({ n: a.length }); }",
        ["out-of-memory"],
      ],
      [
        "a memory bomb of text",
        "function f() { let s = 'xxxxxxxx'; for (;;) s += s + Math.random(); }",
        ["out-of-memory", "threw"],
      ],
      ["a huge typed array", "const f = () => new Uint8Array(2 ** 31 - 1);", ["out-of-memory", "threw"]],
      [
        "a caught memory bomb",
        "function f() { try { const a = []; for (;;) a.push({ n: a.length }); } catch { return 'fine'; } }",
        ["returned"],
        /fine/,
      ],
      ["a huge power", "const f = () => 7n ** 9999999n;", ["timed-out", "threw", "returned"]],
      ["a catastrophic pattern", "const f = () => /^(a+)+$/.test('a'.repeat(40) + '!');", ["timed-out"]],
      [
        "a native sort with a lying comparator",
        "const f = () => Array.from({ length: 3e5 }, Math.random).sort(() => Math.random() - 0.5).length;",
        ["timed-out", "returned"],
      ],
      ["throwing null", "function f() { throw null; }", ["threw"], /^null$/],
      [
        "throwing an object with a hostile toString",
        "function f() { throw { toString() { for (;;); }, get message() { for (;;); } }; }",
        ["threw"],
      ],
      [
        "throwing an error with a hostile message",
        "function f() { const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e; }",
        ["threw"],
        /^Error$/,
      ],
      [
        "a proxy that throws",
        "const f = () => new Proxy({}, { ownKeys() { throw 1; }, getPrototypeOf() { throw 2; } });",
        ["returned"],
        /cannot be read/,
      ],
      [
        "a proxy that hangs",
        "const f = () => new Proxy({}, { getPrototypeOf() { for (;;); } });",
        ["timed-out"],
      ],
      ["a thenable that hangs", "async function f() { return { then() { for (;;); } }; }", ["timed-out"]],
      [
        "replaced built-ins",
        "const all = [Array.prototype, String.prototype, Object.prototype, Map.prototype, Reflect, JSON, Function.prototype], keys = Reflect.ownKeys; for (let i = 0; i < 7; i++) { const o = all[i], names = keys(o); for (let j = 0; j < names.length; j++) { try { o[names[j]] = () => 'pwned'; } catch {} } } function f() { return [1, 'a', { b: 2 }]; }",
        ["returned"],
        /^\[1, "a", \{b: 2\}\]$/,
      ],
      [
        "setters on the prototype of arrays",
        "Object.defineProperty(Array.prototype, '0', { set() { for (;;); } }); const f = (x) => x;",
        ["returned", "timed-out"],
      ],
      [
        "a replaced console",
        "console.log = null; globalThis.console = undefined; const f = () => 1;",
        ["returned"],
        /^1$/,
      ],
      [
        "replaced globals",
        "globalThis.Promise = undefined; globalThis.Reflect = undefined; async function f() { return 1; }",
        ["returned"],
        /^1$/,
      ],
      [
        "looking for the process",
        "const f = () => [typeof process, typeof fetch, typeof Deno, typeof WebAssembly, typeof XMLHttpRequest, typeof importScripts];",
        ["returned"],
        /^\["undefined", "undefined", "undefined", "undefined", "undefined", "undefined"\]$/,
      ],
      [
        "escaping through a constructor",
        "const f = () => (function () {}).constructor('return typeof process')();",
        ["returned"],
        /^"undefined"$/,
      ],
      [
        "escaping through console",
        "const f = () => console.log.constructor('return typeof require(\"fs\").readFileSync')();",
        ["returned"],
      ],
      ["a dynamic import", "const f = () => import('node:fs');", ["threw", "timed-out"]],
      ["eval", "const f = () => eval('while (true);');", ["timed-out"]],
      [
        "huge output",
        "function f() { for (;;) console.log('x'.repeat(1e5)); }",
        ["timed-out", "out-of-memory", "threw"],
      ],
    ];

    for (const [what, source, outcomes, value] of programs) {
      it(`ends ${what}, and the next run works`, async () => {
        const startedAt = Date.now();
        const result = await run(source, "", "javascript", {
          ...LIMITS,
          timeMs: what.includes("memory") || outcomes.includes("out-of-memory") ? 3000 : 400,
        });
        assert.ok(Date.now() - startedAt < 5500, "it took too long");
        assert.ok(outcomes.includes(result.outcome), `${result.outcome}: ${result.value}`);
        if (value) assert.match(result.value, value);
        assert.ok(result.value.length < 2300 && result.printed.length <= 2001);
        const next = await run("const f = (x) => [x].map((y) => y + 1);", "41");
        assert.deepEqual([next.outcome, next.value], ["returned", "[42]"]);
      });
    }
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
