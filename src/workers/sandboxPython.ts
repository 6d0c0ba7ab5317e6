/**
 * The process in which Python runs. It gives up everything that it could do harm with before any of the reader's
 * code runs, so that code which got out of Python would find nothing: no files, no network, no other processes,
 * no environment, no way to turn text into JavaScript.
 */

import childProcess from "node:child_process";
import cluster from "node:cluster";
import dgram from "node:dgram";
import dns from "node:dns";
import { constants } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import inspector from "node:inspector";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import vm from "node:vm";
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

/** Takes the ways out of Node's modules, for code that still holds one of them, or imports it. */
function closeModules(): void {
  const prototypes = [
    net.Socket,
    net.Server,
    dgram.Socket,
    dns.Resolver,
    dns.promises.Resolver,
    childProcess.ChildProcess,
    vm.Script,
  ].map((each): object => each.prototype);
  const modules = [childProcess, cluster, dgram, dns, dns.promises, http, http2, https, net, tls, v8, vm];
  for (const owner of [...prototypes, ...modules, inspector, workerThreads]) {
    for (const name of Reflect.ownKeys(owner)) {
      const { value } = Reflect.getOwnPropertyDescriptor(owner, name) ?? {};
      if (typeof value === "function") Reflect.defineProperty(owner, name, { value: refuse });
    }
  }
  // Otherwise an import would still hand out what the modules had before.
  syncBuiltinESMExports();
}

function closeGlobals(): void {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (typeof key === "string" && KEPT.has(key)) continue;
    if (!Reflect.deleteProperty(globalThis, key)) Reflect.set(globalThis, key, undefined);
  }
}

/**
 * The thread that watches over the other one: standard input is a pipe that the parent holds open, however busy
 * Python is. When the parent goes, so does this process.
 */
function endWithParent(): void {
  const end = () => process.kill(process.pid, "SIGKILL");
  const pipe = new net.Socket({ fd: 0, readable: true, writable: false });
  pipe.on("close", end).on("error", end).resume();
}

async function serve(): Promise<void> {
  const host = process;
  const send = host.send?.bind(host);
  if (!send) throw new Error("This file is a worker: it must be forked.");
  const exit = host.exit.bind(host);
  host.on("disconnect", () => exit(0));
  const watch = new workerThreads.Worker(new URL(import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  await new Promise((resolve, reject) => watch.once("online", resolve).once("error", reject));
  // Under Node's permissions this is refused, and Pyodide asks it for the constants of files.
  Object.defineProperty(host, "binding", {
    configurable: true,
    value: (name: string) => (name === "constants" ? { fs: constants } : refuse()),
  });

  const machine = await PythonMachine.start(fileURLToPath(new URL("../pyodide", import.meta.url)));
  closeModules();
  closeGlobals();
  for (const name of Object.keys(host.env)) delete host.env[name];
  for (const name of ["binding", "dlopen", "kill", "_kill", "_debugProcess", "report"]) {
    Object.defineProperty(host, name, { value: refuse });
  }

  host.on("message", (job: RunJob) => {
    const report = machine.run(job);
    send({ report, broken: machine.broken, grownBytes: machine.grownBytes });
  });
  send("ready");
}

if (workerThreads.isMainThread) await serve();
else endWithParent();
