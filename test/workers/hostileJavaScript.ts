/** Programs in JavaScript and TypeScript that mean harm, and how each must end. */

import type { FunctionRun } from "../../src/shared/workerProtocol.js";

export type Outcome = FunctionRun["outcome"];

export interface Hostile {
  what: string;
  /** Declares `f`, which is called without arguments. CANARY, PORT and SECRET stand for what must not be touched. */
  source: string;
  outcomes: Outcome[];
  value?: RegExp;
  languageId?: string;
}

const program = (what: string, source: string, outcomes: Outcome[], value?: RegExp): Hostile => ({
  what,
  source,
  outcomes,
  ...(value ? { value } : {}),
});

export const HOSTILE_JAVASCRIPT: Hostile[] = [
  program("an endless loop", "function f() { while (true); }", ["timed-out"]),
  program(
    "an endless loop that catches",
    "function f() { for (;;) { try { for (;;); } catch {} finally { continue; } } }",
    ["timed-out"],
  ),
  program("an endless loop before the function", "for (;;); function f() {}", ["timed-out"]),
  program("endless microtasks", "async function f() { for (;;) await null; }", ["timed-out"]),
  program("endless timers", "function f() { return new Promise(() => setInterval(() => {}, 0)); }", [
    "timed-out",
  ]),
  program(
    "timers that make timers",
    "function f() { return new Promise(() => { const again = () => { setTimeout(again); setTimeout(again); }; again(); }); }",
    ["timed-out", "out-of-memory"],
  ),
  program(
    "a promise that never settles",
    "const f = () => new Promise(() => {});",
    ["timed-out"],
    /never settles/,
  ),
  program(
    "a promise that waits for itself",
    "const f = async () => { const p = (async () => { await 0; await p; })(); await p; };",
    ["timed-out"],
  ),
  program("an endless chain of promises", "const f = () => Promise.resolve().then(f);", [
    "timed-out",
    "out-of-memory",
  ]),
  program(
    "an async generator without end",
    "const f = async () => { for await (const x of (async function* () { for (;;) yield 1; })()); };",
    ["timed-out"],
  ),
  program("an endless generator", "function* f() { for (;;) yield 1; }", ["returned"], /yields 1, 1.*…/),
  program("a generator that hangs while it is shown", "function* f() { for (;;); }", ["timed-out"]),
  program("an iterator without end", "const f = () => [...{ *[Symbol.iterator]() { for (;;) yield 1; } }];", [
    "timed-out",
    "out-of-memory",
  ]),
  program(
    "a destructuring of the endless",
    "const f = () => { const [...all] = (function* () { for (;;) yield 'x'; })(); };",
    ["timed-out", "out-of-memory"],
  ),
  program("deep recursion", "function f() { return f() + 1; }", ["threw"], /stack overflow/),
  program("deep recursion that catches", "function f() { try { return f(); } catch { return f(); } }", [
    "threw",
    "timed-out",
    "returned",
  ]),
  program(
    "mutual recursion through a getter",
    "const o = { get x() { return o.x; } }; const f = () => o.x;",
    ["threw"],
    /stack overflow/,
  ),
  program(
    "recursion through toString",
    "const o = { toString() { return String(o); } }; const f = () => String(o);",
    ["threw"],
    /stack overflow/,
  ),
  program("recursion through sort", "const f = () => [3, 2, 1].sort(f);", ["threw"], /stack overflow/),
  program("recursion through a pattern", "const f = () => 'a'.replace(/a/, f);", ["threw"], /stack overflow/),
  program(
    "deep nesting of the result",
    "function f() { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; }",
    ["returned"],
    /\[Array\]/,
  ),
  program("a deep JSON text", "const f = () => JSON.parse('['.repeat(1e5));", ["threw"]),
  program("a deeply nested source", `const f = () => ${"(".repeat(20_000)}1${")".repeat(20_000)};`, [
    "threw",
    "returned",
  ]),
  program("a memory bomb of arrays", "function f() { const a = []; for (;;) a.push({ n: a.length }); }", [
    "out-of-memory",
    "timed-out",
  ]),
  program("a memory bomb of text", "function f() { let s = 'xxxxxxxx'; for (;;) s += s + Math.random(); }", [
    "out-of-memory",
    "threw",
  ]),
  program("a repeated text", "const f = () => 'x'.repeat(2 ** 30).length;", [
    "out-of-memory",
    "threw",
    "returned",
  ]),
  program("padding", "const f = () => 'x'.padEnd(2 ** 29, 'ab').length;", [
    "out-of-memory",
    "threw",
    "returned",
  ]),
  program("a huge typed array", "const f = () => new Uint8Array(2 ** 31 - 1);", ["out-of-memory", "threw"]),
  program(
    "many typed arrays",
    "const f = () => { const all = []; for (;;) all.push(new Float64Array(1e5)); };",
    ["out-of-memory", "threw", "timed-out"],
  ),
  program(
    "a huge sparse array",
    "const f = () => { const a = []; a.length = 2 ** 32 - 1; return a.fill(1); };",
    ["timed-out", "out-of-memory", "threw"],
  ),
  program(
    "a map without end",
    "const f = () => { const m = new Map(); for (let i = 0; ; i++) m.set(i, { i }); };",
    ["out-of-memory", "timed-out"],
  ),
  program(
    "closures without end",
    "const f = () => { let g = () => 0; for (;;) { const h = g; g = () => h; } };",
    ["out-of-memory", "timed-out"],
  ),
  program(
    "a caught memory bomb",
    "function f() { try { 'x'.repeat(2 ** 29).split(''); } catch { return 'fine'; } return 'fine'; }",
    ["returned", "timed-out", "out-of-memory"],
  ),
  program("a huge power", "const f = () => 7n ** 9999999n;", [
    "timed-out",
    "threw",
    "returned",
    "out-of-memory",
  ]),
  program("a huge shift", "const f = () => (1n << 2n ** 40n);", ["threw", "out-of-memory"]),
  program("a growing integer", "const f = () => { let n = 3n; for (;;) n *= n; };", [
    "timed-out",
    "threw",
    "out-of-memory",
  ]),
  program("a catastrophic pattern", "const f = () => /^(a+)+$/.test('a'.repeat(40) + '!');", ["timed-out"]),
  program("a catastrophic replacement", "const f = () => 'x'.repeat(30000).replace(/(x+x+)+y/g, '');", [
    "timed-out",
  ]),
  program("a pattern with references", "const f = () => /^(?:(.*?)\\1)+$/.test('ab'.repeat(2000) + 'c');", [
    "timed-out",
    "returned",
    "threw",
  ]),
  program(
    "a native sort with a lying comparator",
    "const f = () => Array.from({ length: 3e5 }, Math.random).sort(() => Math.random() - 0.5).length;",
    ["timed-out", "returned", "out-of-memory"],
  ),
  program("throwing null", "function f() { throw null; }", ["threw"], /^null$/),
  program(
    "throwing an object with a hostile toString",
    "function f() { throw { toString() { for (;;); }, get message() { for (;;); } }; }",
    ["threw"],
  ),
  program(
    "throwing an error with a hostile message",
    "function f() { const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e; }",
    ["threw"],
    /^Error$/,
  ),
  program(
    "an error with a hostile stack",
    "function f() { const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e; }",
    ["threw"],
    /^Error: x$/,
  ),
  program("an error with a huge message", "function f() { throw new Error('x'.repeat(1e6)); }", ["threw"]),
  program(
    "an error among its own causes",
    "function f() { const e = new Error('x'); e.cause = e; throw e; }",
    ["threw"],
  ),
  program(
    "a rejection with itself",
    "const f = () => { const p = Promise.reject(new Error('no')); return p.catch((e) => { throw e; }); };",
    ["threw"],
  ),
  program(
    "a proxy that throws",
    "const f = () => new Proxy({}, { ownKeys() { throw 1; }, getPrototypeOf() { throw 2; } });",
    ["returned"],
    /cannot be read/,
  ),
  program("a proxy that hangs", "const f = () => new Proxy({}, { getPrototypeOf() { for (;;); } });", [
    "timed-out",
  ]),
  program(
    "a proxy of a proxy of …",
    "const f = () => { let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p; };",
    ["returned", "threw", "out-of-memory", "timed-out"],
  ),
  program("a thenable that hangs", "async function f() { return { then() { for (;;); } }; }", ["timed-out"]),
  program(
    "traps in what is returned",
    "const trap = () => { for (;;); }; const f = () => ({ toString: trap, toJSON: trap, valueOf: trap, [Symbol.toPrimitive]: trap, get [Symbol.toStringTag]() { return trap(); } });",
    ["returned"],
    /toString: \[Function trap\]/,
  ),
  program(
    "getters that print without end",
    "const f = () => { console.log({ get x() { for (;;) console.log('x'); } }); return 1; };",
    ["returned"],
    /^1$/,
  ),
  program("a class name that hangs", "class A { static get name() { for (;;); } } const f = () => new A();", [
    "returned",
  ]),
  program(
    "replaced built-ins",
    "const all = [Array.prototype, String.prototype, Object.prototype, Map.prototype, Reflect, JSON, Function.prototype], keys = Reflect.ownKeys; for (let i = 0; i < 7; i++) { const o = all[i], names = keys(o); for (let j = 0; j < names.length; j++) { try { o[names[j]] = () => 'pwned'; } catch {} } } function f() { return [1, 'a', { b: 2 }]; }",
    ["returned"],
    /^\[1, "a", \{b: 2\}\]$/,
  ),
  program(
    "setters on the prototype of arrays",
    "Object.defineProperty(Array.prototype, '0', { set() { for (;;); } }); const f = (x) => x;",
    ["returned", "timed-out"],
  ),
  program(
    "a setter on the prototype of everything",
    "Object.defineProperty(Object.prototype, 'outcome', { set() { for (;;); }, get() { return 'pwned'; } }); const f = () => ({ a: 1 });",
    ["returned"],
    /^\{a: 1\}$/,
  ),
  program(
    "a replaced console",
    "console.log = null; globalThis.console = undefined; const f = () => 1;",
    ["returned"],
    /^1$/,
  ),
  program(
    "replaced globals",
    "globalThis.Promise = undefined; globalThis.Reflect = undefined; async function f() { return 1; }",
    ["returned"],
    /^1$/,
  ),
  program(
    "a frozen world",
    "Object.freeze(globalThis); Object.freeze(Object.prototype); const f = () => 1;",
    ["returned", "threw"],
  ),
  program(
    "looking for the process",
    "const f = () => [typeof process, typeof fetch, typeof Deno, typeof WebAssembly, typeof XMLHttpRequest, typeof importScripts, typeof WebSocket, typeof Worker];",
    ["returned"],
    /^\[("undefined", ){7}"undefined"\]$/,
  ),
  program("reading the environment", "const f = () => process.env.GLASSBOX_CANARY;", ["threw"]),
  program(
    "escaping through a constructor",
    "const f = () => (function () {}).constructor('return typeof process')();",
    ["returned"],
    /^"undefined"$/,
  ),
  program(
    "escaping through a constructor of generators",
    "const f = () => [...(function* () {}).constructor('yield typeof process; yield typeof require(\"fs\").writeFileSync.call')()];",
    ["returned", "threw"],
  ),
  program(
    "escaping through console",
    'const f = () => console.log.constructor(\'return require("fs").writeFileSync("CANARY", "pwned")\')();',
    ["threw"],
    /sandbox has no modules/,
  ),
  program(
    "escaping through a hook of the sandbox",
    "const f = () => { let o = setTimeout; const seen = []; while (o) { seen.push(Reflect.ownKeys(o).length); o = Object.getPrototypeOf(o); } return setTimeout.constructor('return this')().process; };",
    ["returned"],
    /^undefined$/,
  ),
  program(
    "writing a file by import",
    'import { writeFileSync } from "node:fs"; const f = () => writeFileSync("CANARY", "pwned");',
    ["threw"],
  ),
  program(
    "a dynamic import",
    "const f = () => import('node:fs').then((fs) => fs.writeFileSync('CANARY', 'pwned'));",
    ["threw", "timed-out"],
  ),
  program("a connection", "const f = () => fetch('http://127.0.0.1:PORT/');", ["threw"]),
  program("another process", "const f = () => require('node:child_process').execSync('touch CANARY');", [
    "threw",
  ]),
  program(
    "std and os of QuickJS",
    "const f = () => [typeof std, typeof os, typeof bjson, typeof scriptArgs];",
    ["returned"],
    /^\[("undefined", ){3}"undefined"\]$/,
  ),
  program("eval", "const f = () => eval('while (true);');", ["timed-out"]),
  program(
    "a shared buffer to wait on",
    "const f = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    ["threw", "timed-out"],
  ),
  program("huge output", "function f() { for (;;) console.log('x'.repeat(1e5)); }", [
    "timed-out",
    "out-of-memory",
    "threw",
  ]),
  program("a huge result", "const f = () => Array.from({ length: 2e5 }, (_, i) => ({ i }));", [
    "returned",
    "out-of-memory",
    "timed-out",
  ]),
  program("a source that closes our brackets", "const f = () => 1; }; globalThis.pwned = 1; {", [
    "threw",
    "returned",
  ]),
  {
    ...program("types without end", "type A<T> = A<[T]>; const f = (): A<1> => { for (;;); };", [
      "timed-out",
    ]),
    languageId: "typescript",
  },
  {
    ...program(
      "decorators and enums that hang",
      "enum E { A = (() => { for (;;); })() as unknown as number } const f = (): E => E.A;",
      ["timed-out"],
    ),
    languageId: "typescript",
  },
  {
    ...program("JSX that is evil", "const f = () => <a {...{ get x() { for (;;); return 1; } }} />;", [
      "timed-out",
      "returned",
    ]),
    languageId: "typescriptreact",
  },
];
