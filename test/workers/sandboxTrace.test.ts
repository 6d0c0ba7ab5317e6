/** Traces of the real sandbox: what variables hold line by line, and that tracing changes nothing. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { FunctionTrace, TraceStep } from "../../src/shared/workerProtocol.js";
import { builtWorkers } from "../builtWorkers.js";

/** For what ends by itself, in the time that the machine takes for it. */
const LIMITS = { timeMs: 15_000, memoryBytes: 32 * 2 ** 20 };

/** `LINE kind depth function name=value* → value`, lines counted from 0, a star where it changed. */
function lineOf({ line, kind, depth, functionName, variables, value }: TraceStep): string {
  const held = variables.map((each) => `${each.name}=${each.value}${each.changed ? "*" : ""}`).join(" ");
  return `${line} ${kind} ${depth} ${functionName} ${held}${value === undefined ? "" : ` → ${value}`}`;
}

describe("traces", function () {
  this.timeout(60_000);
  const client = builtWorkers.sandbox({ log: (line) => console.log(line) });
  before(() => client.call("start", { languageId: "python" }));
  after(() => client.dispose());

  function trace(
    source: string,
    input = "",
    languageId = "javascript",
    maxSteps = 2000,
    limits = LIMITS,
  ): Promise<FunctionTrace> {
    const params = { source, languageId, functionName: "f", input, maxSteps };
    return client.call("trace", { ...params, limits });
  }

  it("record a loop with its variables", async () => {
    const source = `type Numbers = number[];
/** Sums. */
export function f(
  xs: Numbers,
): number {
  let total = 0;
  for (const x of xs) {
    total += x;
  }
  return total;
}`;
    const { steps, truncated } = await trace(source, "[3, 4]", "typescript");
    assert.equal(truncated, false);
    assert.deepEqual(steps.map(lineOf), [
      "5 line 0 f xs=[3, 4]*",
      "6 line 0 f xs=[3, 4] total=0*",
      "6 line 0 f xs=[3, 4] total=0 x=3*",
      "7 line 0 f xs=[3, 4] total=0 x=3",
      "6 line 0 f xs=[3, 4] total=3* x=4*",
      "7 line 0 f xs=[3, 4] total=3 x=4",
      "9 line 0 f xs=[3, 4] total=7*",
      "9 return 0 f xs=[3, 4] total=7 → 7",
    ]);
  });

  it("record recursion with its depth, and closures with what they use", async () => {
    const source = `const limit = 2;
function f(n) {
  const inner = (m) => m + n;
  if (n >= limit) return inner(1);
  return f(n + 1);
}`;
    const { steps } = await trace(source, "1");
    assert.deepEqual(steps.map(lineOf), [
      "2 line 0 f n=1* limit=2*",
      "3 line 0 f n=1 limit=2",
      "4 line 0 f n=1 limit=2",
      "2 line 1 f n=2* limit=2*",
      "3 line 1 f n=2 limit=2",
      "2 line 2 inner m=1* n=2*",
      "2 return 2 inner m=1 n=2 → 3",
      "3 return 1 f n=2 limit=2 → 3",
      "4 return 0 f n=1 limit=2 → 3",
    ]);
  });

  it("record errors where they are thrown, where they pass, and where they are caught", async () => {
    const source = `function f(o) {
  try {
    g(o);
  } catch (e) {
    return e.message;
  }
}
function g(o) {
  o.x.y = 1;
}`;
    const { steps } = await trace(source, "{}");
    assert.deepEqual(steps.map(lineOf), [
      "2 line 0 f o={}*",
      "8 line 1 g o={}*",
      "8 throw 1 g o={} → TypeError: cannot set property 'y' of undefined",
      "2 throw 0 f o={} → TypeError: cannot set property 'y' of undefined",
      `4 line 0 f o={} e=TypeError: cannot set property 'y' of undefined*`,
      `4 return 0 f o={} e=TypeError: cannot set property 'y' of undefined → "cannot set property 'y' of undefined"`,
    ]);
  });

  it("record an error that nobody catches", async () => {
    const { run, steps } = await trace("function f() {\n  throw new Error('no');\n}");
    assert.deepEqual([run.outcome, run.value], ["threw", "Error: no"]);
    assert.deepEqual(steps.map(lineOf), ["1 line 0 f ", "1 throw 0 f  → Error: no"]);
  });

  it("record `this`, and generators and async functions as they go on", async () => {
    const source = `class Counter {
  n = 0;
  add(k) {
    this.n += k;
  }
}
function* two() {
  yield 1;
  yield 2;
}
async function f() {
  const c = new Counter();
  for (const k of two()) c.add(k);
  await null;
  return c;
}`;
    const { run, steps } = await trace(source);
    assert.equal(run.value, "Counter {n: 3}");
    const lines = steps.map(lineOf);
    assert.ok(lines.includes("3 line 1 add this=Counter {n: 1}* k=2*"), lines.join("\n"));
    assert.ok(lines.includes("8 line 1 two "));
    assert.equal(lines.at(-1), "14 return 0 f c=Counter {n: 3} → Counter {n: 3}");
  });

  it("cut values, stop at a number of steps, and let the run go on", async () => {
    const source =
      "function f() { let s = ''; for (let i = 0; i < 1000; i++) s += 'xxxxx'; return s.length; }";
    const { run, steps, truncated, lineCount } = await trace(source, "", "javascript", 150);
    assert.deepEqual([run.value, steps.length, truncated], ["5000", 150, true]);
    assert.ok(lineCount && lineCount >= 1000 && lineCount < 2100, `${lineCount}`);
    const python = await trace(
      "def f():\n    for i in range(1000):\n        i += 1\n    return i",
      "",
      "python",
      150,
    );
    assert.deepEqual([python.run.value, python.steps.length, python.truncated], ["1000", 150, true]);
    assert.equal(python.lineCount, 2002);
    const longest = Math.max(...steps.flatMap(({ variables }) => variables.map(({ value }) => value.length)));
    assert.ok(longest > 190 && longest <= 201, `${longest}`);
  });

  it("end with what was recorded when time is up", async () => {
    for (const [source, languageId] of [
      ["function f() { let i = 0; for (;;) i++; }", "javascript"],
      ["def f():\n    i = 0\n    while True: i += 1", "python"],
    ] as const) {
      const soon = { ...LIMITS, timeMs: 1000 };
      const { run, steps, truncated } = await trace(source, "", languageId, 100, soon);
      assert.deepEqual([run.outcome, steps.length, truncated], ["timed-out", 100, true], languageId);
    }
  });

  it("record Python the same way", async () => {
    const source = `limit = 3
def f(xs, k=2):
    total = 0
    for x in xs:
        if x > limit:
            total += x * k
    try:
        g(total)
    except ValueError as e:
        return total`;
    const { steps } = await trace(`${source}\ndef g(t):\n    raise ValueError(t)\n`, "[1, 5]", "python");
    assert.deepEqual(steps.map(lineOf), [
      "2 line 0 f xs=[1, 5]* k=2* limit=3*",
      "3 line 0 f xs=[1, 5] k=2 total=0* limit=3",
      "4 line 0 f xs=[1, 5] k=2 total=0 x=1* limit=3",
      "3 line 0 f xs=[1, 5] k=2 total=0 x=1 limit=3",
      "4 line 0 f xs=[1, 5] k=2 total=0 x=5* limit=3",
      "5 line 0 f xs=[1, 5] k=2 total=0 x=5 limit=3",
      "3 line 0 f xs=[1, 5] k=2 total=10* x=5 limit=3",
      "6 line 0 f xs=[1, 5] k=2 total=10 x=5 limit=3",
      "7 line 0 f xs=[1, 5] k=2 total=10 x=5 limit=3",
      "11 line 1 g t=10*",
      "11 throw 1 g t=10 → ValueError: 10",
      "7 throw 0 f xs=[1, 5] k=2 total=10 x=5 limit=3 → ValueError: 10",
      "8 line 0 f xs=[1, 5] k=2 total=10 x=5 limit=3",
      "9 line 0 f xs=[1, 5] k=2 total=10 x=5 e=ValueError(10)* limit=3",
      "9 return 0 f xs=[1, 5] k=2 total=10 x=5 limit=3 → 10",
    ]);
  });

  it("tell at each moment what has been printed by then", async () => {
    const javascript = `function f(xs) {
  console.log("one");
  for (const x of xs) {
    console.log("👋", x);
  }
  return xs.length;
}`;
    const python = `def f(xs):
    print("one")
    for x in xs:
        print("👋", x)
    return len(xs)
`;
    for (const [languageId, source] of Object.entries({ javascript, python })) {
      const { run, steps } = await trace(source, "[1, 2]", languageId);
      const seen = steps.map(({ printed }) => run.printed.slice(0, printed));
      assert.deepEqual([...new Set(seen)], ["", "one\n", "one\n👋 1\n", "one\n👋 1\n👋 2\n"], languageId);
      assert.equal(seen[1], "one\n");
      assert.equal(seen.at(-1), run.printed);
    }
  });

  /** Functions that use much of the language, each run on numbers. */
  const SAMPLES: Record<string, string[]> = {
    javascript: [
      "function f(n, m) { let s = 0; for (let i = 0; i < n; i++) { if (i % 2) continue; s += i * m; if (s > 50) break; } return s }",
      "const f = (n, m) => n <= 0 ? [m] : [n, ...f(n - 1, m)]",
      "function f(n) { label: for (const a of [1, 2, n]) { for (const b in { x: 1, y: 2 }) { if (a === n) break label; console.log(a, b) } } return typeof label }",
      "function f(n, m) { switch (n % 4) { case 0: let z = m; return z; case 1: m++; case 2: return m; default: throw new RangeError('n is ' + n) } }",
      "function f(n) { try { if (n > 3) throw { n }; return 'in' } catch ({ n: k }) { return k } finally { console.log('done', n) } }",
      "function* g(n) { const got = yield n; try { yield got } finally { console.log('end') } } function f(n) { const it = g(n); return [it.next(), it.next(7), it.return(3), it.next()] }",
      "async function f(n, m) { const all = await Promise.all([1, n, m].map(async (x) => { await null; return x * 2 })); for await (const x of all) console.log(x); return all }",
      "async function* g(n) { while (n-- > 0) yield await n } async function f(n) { const out = []; for await (const x of g(n)) out.push(x); return out }",
      "class A { #n = 1; static made = 0; static { A.made = 10 } constructor(n) { this.#n = n; A.made++ } get n() { return this.#n } set n(v) { this.#n = v } static of(n) { return new this(n) } } class B extends A { constructor(n) { super(n + 1); this.k = () => this.n } } function f(n) { const b = B.of(n); b.n += 2; return [b.k(), A.made, b] }",
      "function f(n, m = n + 1, ...[a, { b = 3 } = {}]) { var n = n; { let n = 5; m += n } function n2() { return n } var n2; return [n, m, a, b, arguments.length, n2()] }",
      "function f(n) { 'use strict'; return [this, (() => typeof this)(), delete {}.x] }",
      "var f = function g(n) { return n < 1 ? g.name : (n--, g(n)) }",
      "function f(n) { var fs = []; for (let i = 0; i < n; i++) fs.push(() => i); for (var j = 0; j < n; j++) fs.push(() => j); return fs.map((x) => x()) }",
      "function f(n) { do n--; while (n > 0)\nif (n) return 1; else if (n === 0) { } else return 3\nreturn\n4 }",
      "function f(n) { let calls = 0; const p = new Proxy({}, { get: () => ++calls, ownKeys: () => (calls++, []), getPrototypeOf: () => (calls++, null) }); const o = { get x() { return ++calls } , toString() { calls++; return '' }, get [Symbol.toStringTag]() { calls++; return 'T' } }; p.a; o.x; return calls }",
      "function f(n) { const it = [1, 2, n][Symbol.iterator](), g = (function* () { yield 1; yield 2 })(); let a = g.next().value; const m = new Map([[n, it]]); return [a, g.next().value, m.size, [...it]] }",
      "const o = { f(n) { return super.toString === Object.prototype.toString && n }, async *g() {}, ['x' + 1]: (a) => ({ a }) }; function f(n) { return [o.f(n), o.x1(n)] }",
      "function f(n) { return n > 100 ? n : f(n * 2 + 1) }",
      "function f(n) { const x = n?.y?.z ?? n, [y = x, ...z] = [, 1, 2]; return [x, ((a) => a)`t`[0], y, z] }",
      "function f(n) { if (n) function h() { return 1 } return typeof h }",
      "function f(n) { for (;;) { if (n-- < 0) return n; } }",
      "function f(n) { const e = eval('n + 1'); return e }",
      "let count = 0; const bump = () => (count++, count); function f(n) { while (bump() < n) ; return count }",
      "function f(n) { return new Function('a', 'return a * 2')(n) }",
    ],
    python: [
      "def f(n, m):\n    s = 0\n    for i in range(n):\n        if i % 2: continue\n        s += i * m\n        if s > 50: break\n    else:\n        s = -s\n    return s",
      "def f(n, m=1):\n    return [m] if n <= 0 else [n, *f(n - 1, m)]",
      "def g(n):\n    got = yield n\n    try:\n        yield got\n    finally:\n        print('end')\ndef f(n, m):\n    it = g(n)\n    return [next(it), it.send(m), list(it)]",
      "class A:\n    made = 0\n    def __init__(self, n):\n        self._n = n\n        A.made += 1\n    @property\n    def n(self): return self._n\n    def __repr__(self):\n        A.made += 1\n        return 'A!'\ndef f(n, m):\n    a = A(n)\n    return [a.n, A.made]",
      "import asyncio\nasync def g(x):\n    await asyncio.sleep(x)\n    return x * 2\nasync def f(n, m):\n    return await asyncio.gather(g(n), g(m))",
      "def f(n, m):\n    try:\n        return n // (m % 2)\n    except ZeroDivisionError as e:\n        return str(e)\n    finally:\n        print('done')",
      "def f(n, m):\n    def inner(k):\n        nonlocal n\n        n += k\n        return n\n    return [inner(x) for x in (1, m)] + [(lambda z: z + n)(2)]",
      "def f(n, m):\n    match n % 3, m:\n        case 0, _: return 'zero'\n        case 1, k if k > 2: return k\n        case other: return other",
      "def f(n, m):\n    with __import__('contextlib').suppress(KeyError):\n        {}[n]\n    yield from range(n)\n    return m",
      "def f(n, m):\n    if n > 3: raise ValueError(f'{n=}')\n    return {k: v for k, v in zip('ab', (n, m))}",
      "calls = 0\nclass N:\n    def __eq__(self, o):\n        global calls\n        calls += 1\n        return True\n    __hash__ = None\ndef f(n, m):\n    x = N()\n    return calls, x == n, calls",
    ],
  };

  for (const [languageId, samples] of Object.entries(SAMPLES)) {
    for (const source of samples) {
      it(`change nothing: ${source.replaceAll("\n", "; ").slice(0, 90)}`, async () => {
        const input = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -3, max: 9 }));
        await fc.assert(
          fc.asyncProperty(input, async (numbers) => {
            const inputs = [numbers.join(", ")];
            const params = { source, languageId, functionName: "f", inputs, limits: LIMITS };
            const [plain] = await client.call("runFunction", params);
            const traced = await trace(source, inputs[0], languageId);
            const told = ({ outcome, value, printed }: FunctionTrace["run"]) => [outcome, value, printed];
            assert.deepEqual(told(traced.run), told(plain!));
            assert.notEqual(plain?.outcome, "timed-out");
            assert.ok(traced.steps.length > 0);
            for (const [index, step] of traced.steps.entries()) {
              assert.ok(step.printed >= (traced.steps[index - 1]?.printed ?? 0));
            }
          }),
          { numRuns: 6 },
        );
      });
    }
  }
});
