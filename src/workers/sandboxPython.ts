/**
 * The process in which Python runs. It gives up everything that it could do harm with before any of the reader's
 * code runs, so that code which got out of Python would find nothing: no files, no network, no other processes,
 * no environment, no way to turn text into JavaScript.
 */

import childProcess from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import { constants } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { fileURLToPath } from "node:url";
import workerThreads from "node:worker_threads";
import type { RunJob } from "./sandbox/job.js";
import { PythonMachine } from "./sandbox/pythonMachine.js";

/** What is left of the global object: JavaScript itself, and what Pyodide uses while it runs. */
const KEPT = new Set(
  [
    "Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise",
    "RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis",
    "JSON Math Intl ArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array",
    "Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set WeakMap",
    "WeakSet WeakRef Proxy Reflect FinalizationRegistry decodeURI decodeURIComponent encodeURI",
    "encodeURIComponent escape unescape isFinite isNaN Iterator WebAssembly TextDecoder TextEncoder performance",
  ]
    .join(" ")
    .split(" "),
);

function refuse(): never {
  throw new Error("The sandbox has no way out.");
}

/** Takes the ways out of Node's modules, for code that still holds one of them. */
function closeModules(): void {
  const doors: [object, string[]][] = [
    [net.Socket.prototype, ["connect"]],
    [net.Server.prototype, ["listen"]],
    [net, ["connect", "createConnection", "createServer"]],
    [dgram.Socket.prototype, ["bind", "send", "connect"]],
    [dns, ["lookup", "resolve"]],
    [http, ["request", "get", "createServer"]],
    [https, ["request", "get", "createServer"]],
    [childProcess, ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]],
    [workerThreads, ["Worker"]],
  ];
  for (const [owner, names] of doors) {
    for (const name of names) Object.defineProperty(owner, name, { value: refuse });
  }
}

function closeGlobals(): void {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (typeof key === "string" && KEPT.has(key)) continue;
    if (!Reflect.deleteProperty(globalThis, key)) Reflect.set(globalThis, key, undefined);
  }
}

const host = process;
const send = host.send?.bind(host);
if (!send) throw new Error("This file is a worker: it must be forked.");
host.on("disconnect", () => host.exit(0));
// Under Node's permissions this is refused, and Pyodide asks it for the constants of files.
Object.defineProperty(host, "binding", {
  configurable: true,
  value: (name: string) => (name === "constants" ? { fs: constants } : refuse()),
});

const machine = await PythonMachine.start(fileURLToPath(new URL("../pyodide", import.meta.url)));
closeModules();
closeGlobals();
for (const name of Object.keys(host.env)) delete host.env[name];
Object.defineProperty(host, "binding", { value: refuse });
Object.defineProperty(host, "dlopen", { value: refuse });

host.on("message", (job: RunJob) => {
  const report = machine.run(job);
  send({ report, broken: machine.broken, grownBytes: machine.grownBytes });
});
send("ready");
