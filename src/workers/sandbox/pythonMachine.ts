/**
 * Pyodide in this process as a machine for single runs: after each run its memory is put back, byte by byte, to
 * what it was before, so that nothing of a run is left for the next.
 */

import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { CodeRun, SandboxLimits, TraceStep } from "../../shared/workerProtocol.js";
import { endedReport, REPORT_BYTES, type RunJob, type RunReport, TRACE_MS } from "./job.js";
import { PYTHON_HARNESS } from "./pythonHarness.js";

/** The parts of Pyodide's module that are used: its memory, Python's C interface, and its table of imports. */
interface PyodideModule {
  HEAPU8: Uint8Array;
  FS: { streams: unknown[]; filesystems: object; cwd(): string; chdir(path: string): void };
  _malloc(bytes: number): number;
  _free(address: number): void;
  _PyDict_New(): number;
  _PyDict_GetItemString(dict: number, key: number): number;
  _PyDict_SetItemString(dict: number, key: number, value: number): number;
  _PyUnicode_DecodeUTF8(text: number, bytes: number, errors: number): number;
  _PyUnicode_AsUTF8AndSize(object: number, size: number): number;
  _PyLong_FromLong(value: number): number;
  _PyByteArray_AsString(object: number): number;
  _PyRun_String(code: number, start: number, globals: number, locals: number): number;
  _PyErr_Clear(): void;
}

interface Pyodide {
  _module: PyodideModule;
  setInterruptBuffer(buffer: { 0: number }): void;
}

type Imports = Record<string, Record<string, unknown>>;

interface WasmGlobal {
  value: number;
}

/** What is used of the exports of Pyodide's WebAssembly. */
interface WasmExports {
  memory: { buffer: ArrayBuffer };
  __stack_pointer: WasmGlobal;
  /** Where the address of the table of built-in modules is. */
  PyImport_Inittab: WasmGlobal;
}

/** The part of `WebAssembly` through which Pyodide starts. */
interface WasmNamespace {
  instantiate(source: Uint8Array, imports: Imports): Promise<{ instance: { exports: WasmExports } }>;
}

/** Python's names for what `PyRun_String` is to read. */
const FILE_INPUT = 257;
const EVAL_INPUT = 258;
/** WASI's error numbers. */
const EPERM = 63;
const EROFS = 69;
/** `open` for writing, creating or cutting, in the flags of Linux, which Emscripten has. */
const WRITING = 0o1 | 0o2 | 0o100 | 0o1000;

const REPORT_MS = 500;
/** Between one interrupt and the next, and before code that survives them all is broken off. */
const INTERRUPT_EVERY_MS = 5;
const INTERRUPT_FOR_MS = 100;

/** Modules that reach out of Python, or into memory; taken out of those that Python was built with. */
const REMOVED_MODULES = new Set([
  ..."_ctypes _posixsubprocess _pyodide_core _remote_debugging _testbuffer _testcapi _testclinic".split(" "),
  ..."_testclinic_limited _testinternalcapi _testlimitedcapi _xxtestfuzz faulthandler fcntl mmap".split(" "),
  ..."termios xxsubtype".split(" "),
]);
/** Imports of Pyodide's WebAssembly that are refused: JavaScript given as text, sockets, pipes, other processes. */
const REFUSED =
  /^_?emscripten_(?:async_)?(?:run_script|websocket|fetch|wget|set_socket|system|dlopen)|^__syscall_(?:socket|socketpair|connect|bind|listen|accept4|sendto|sendmsg|recvfrom|recvmsg|getsockopt|setsockopt|getsockname|getpeername|pipe2?|fchmod\w*|fchown\w*|wait4|prlimit64)$|^getaddrinfo$|^_dlopen_js$/;
/** Those that change files. */
const CHANGING =
  /^__syscall_(?:mkdirat|mknodat|renameat|rmdir|symlinkat|linkat|truncate64|ftruncate64|unlinkat|utimensat|chmod|fallocate)$/;

/** Thrown through Python's frames when its code ignores every interrupt. */
class BrokenOff extends Error {}
/** Thrown where Python would end its process. */
class ProcessEnd extends Error {}

export class PythonMachine {
  readonly #module: PyodideModule;
  readonly #stackPointer: WasmGlobal;
  readonly #border: Border;
  readonly #globals: number;
  readonly #spent: number;
  readonly #snapshot: Uint8Array;
  readonly #stackStart: number;
  readonly #folder: string;
  #deadline = Number.POSITIVE_INFINITY;
  #expired = false;
  #nextInterrupt = 0;
  #broken = false;

  /** @param folder where Pyodide's files are, as a path. */
  static async start(folder: string): Promise<PythonMachine> {
    const border = new Border();
    const snapshot = `${folder}/snapshot.bin`;
    let exports: WasmExports | undefined;
    const wasm = WebAssembly as unknown as WasmNamespace;
    const { instantiate } = wasm;
    // Pyodide has no option for its imports, so they are changed where it hands them over.
    wasm.instantiate = async (source, imports) => {
      border.guard(imports);
      const made = await instantiate(source, imports);
      exports = made.instance.exports;
      border.memory = exports.memory;
      return made;
    };
    try {
      const { loadPyodide } = (await import(pathToFileURL(`${folder}/pyodide.mjs`).href)) as {
        loadPyodide(options: object): Promise<Pyodide>;
      };
      const pyodide = await loadPyodide({
        indexURL: `${folder}/`,
        // Made by the build; without it Python starts from the beginning, five times as slowly.
        ...(existsSync(snapshot) ? { _loadSnapshot: readFileSync(snapshot) } : {}),
        jsglobals: Object.create(null),
        env: { HOME: "/", PYTHONHASHSEED: "0" },
        stdin: () => null,
        stdout: () => undefined,
        stderr: () => undefined,
      });
      if (!exports) throw new Error("Pyodide did not start its WebAssembly as it used to.");
      return new PythonMachine(pyodide, exports, border);
    } finally {
      wasm.instantiate = instantiate;
    }
  }

  private constructor(pyodide: Pyodide, exports: WasmExports, border: Border) {
    const module = pyodide._module;
    this.#module = module;
    this.#border = border;
    this.#stackPointer = exports.__stack_pointer;
    border.interrupt = () => this.#interrupt();
    // Makes Python look for interrupts; where it looks is not this buffer.
    pyodide.setInterruptBuffer({ 0: 0 });
    this.#globals = module._PyDict_New();
    this.#must(PYTHON_HARNESS, FILE_INPUT);
    this.#must("os.urandom(1)", FILE_INPUT);
    this.#removeModules(exports.PyImport_Inittab.value);
    this.#must("lock()", FILE_INPUT);
    this.#spent = module._PyByteArray_AsString(
      this.#withText("spent", (key) => module._PyDict_GetItemString(this.#globals, key)),
    );
    this.#folder = module.FS.cwd();
    // One of them is that of the host.
    module.FS.filesystems = {};
    this.#stackStart = this.#stackPointer.value;
    this.#snapshot = module.HEAPU8.slice();
    border.base = this.#snapshot.length;
  }

  /** Bytes of memory that the code of earlier runs left grown: a limit below that would not hold. */
  get grownBytes(): number {
    return this.#module.HEAPU8.length - this.#snapshot.length;
  }

  /** Whether Python came out of its last run in a way that nobody expects. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Runs a job; whatever the code does, the answer is a report. */
  run(job: RunJob): RunReport {
    const startedAt = performance.now();
    this.#border.most = job.limits.memoryBytes + REPORT_BYTES;
    this.#deadline = startedAt + job.limits.timeMs;
    this.#border.refused = false;
    this.#expired = false;
    this.#nextInterrupt = 0;
    try {
      const reserve = this.#allocate(REPORT_BYTES);
      this.#begin(job);
      this.#module._free(reserve);
      this.#deadline = performance.now() + REPORT_MS;
      const timedOut = this.#expired;
      const report = this.#readReport();
      if (timedOut) {
        report.outcome = "timed-out";
        report.value = `It did not end within ${job.limits.timeMs} ms.`;
      } else if (report.outcome === "out-of-memory") {
        report.value = outOfMemory(job.limits);
      }
      return report;
    } catch (error) {
      return this.#brokenOff(error, job, performance.now() - startedAt);
    } finally {
      this.#restore();
    }
  }

  #begin({ source, task }: RunJob): void {
    const { _PyRun_String: run } = this.#module;
    const call = task.kind === "code" ? undefined : task;
    this.#setText("text", source);
    this.#setText("kind", task.kind);
    this.#setText("function_name", call?.functionName ?? "");
    this.#setText("argument_list", call?.input ?? "");
    this.#setText("max_steps", String(task.kind === "trace" ? task.maxSteps : 0));
    const code = "run(kind, text, function_name, argument_list, int(max_steps))";
    const done = this.#withText(code, (at) => run(at, FILE_INPUT, this.#globals, this.#globals));
    if (done === 0) this.#module._PyErr_Clear();
  }

  #readReport(): RunReport {
    const module = this.#module;
    const text = this.#withText("report()", (at) =>
      module._PyRun_String(at, EVAL_INPUT, this.#globals, this.#globals),
    );
    const size = this.#allocate(4);
    const at = text === 0 ? 0 : module._PyUnicode_AsUTF8AndSize(text, size);
    if (at === 0) {
      return endedReport("threw", "The program broke what reports its result.", 0);
    }
    const bytes = new DataView(module.HEAPU8.buffer).getUint32(size, true);
    return checkedReport(new TextDecoder().decode(module.HEAPU8.slice(at, at + bytes)));
  }

  #brokenOff(error: unknown, { limits }: RunJob, ms: number): RunReport {
    if (error instanceof BrokenOff) {
      return endedReport("timed-out", `It did not end within ${limits.timeMs} ms.`, ms);
    }
    if (error instanceof ProcessEnd) {
      return endedReport("threw", "SystemExit: the program tried to end its process.", ms);
    }
    if (error instanceof RangeError) {
      return endedReport("threw", "RecursionError: the calls went deeper than the sandbox's stack.", ms);
    }
    // Python does not survive every refusal of memory.
    if (this.#border.refused) return endedReport("out-of-memory", outOfMemory(limits), ms);
    const reason = error instanceof Error ? error.message : String(error);
    // A trap of WebAssembly leaves nothing behind but memory; what else there may be is not known.
    this.#broken = !(error instanceof Error && error.name === "RuntimeError");
    return endedReport("threw", `Python itself broke down: ${reason.split("\n", 1)[0]?.slice(0, 200)}`, ms);
  }

  /** What Python reads where it looks whether somebody pressed Ctrl+C: 2 interrupts it. */
  #interrupt(): number {
    const now = performance.now();
    if (now < this.#deadline) return 0;
    const reporting = new DataView(this.#module.HEAPU8.buffer).getFloat64(this.#spent, true);
    const late = now - this.#deadline - Math.min(TRACE_MS, Math.max(0, reporting));
    if (late < 0) return 0;
    this.#expired = true;
    if (late > INTERRUPT_FOR_MS) throw new BrokenOff();
    if (now < this.#nextInterrupt) return 0;
    this.#nextInterrupt = now + INTERRUPT_EVERY_MS;
    return 2;
  }

  #restore(): void {
    const { HEAPU8, FS } = this.#module;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#border.most = Number.POSITIVE_INFINITY;
    HEAPU8.set(this.#snapshot);
    HEAPU8.fill(0, this.#snapshot.length);
    this.#stackPointer.value = this.#stackStart;
    // The files that were open are kept outside of that memory; the first three are the standard ones.
    FS.streams.length = Math.min(FS.streams.length, 3);
    FS.chdir(this.#folder);
  }

  /** Runs code of our own. */
  #must(code: string, start: number): void {
    const done = this.#withText(code, (at) =>
      this.#module._PyRun_String(at, start, this.#globals, this.#globals),
    );
    if (done === 0) throw new Error("The sandbox's own part in Python failed.");
  }

  #setText(name: string, value: string): void {
    const module = this.#module;
    // Halves of surrogate pairs, which are no text in UTF-8, become question marks in a box.
    const bytes = new TextEncoder().encode(value);
    const at = this.#allocate(bytes.length + 1);
    module.HEAPU8.set(bytes, at);
    const text = module._PyUnicode_DecodeUTF8(at, bytes.length, 0);
    module._free(at);
    this.#withText(name, (key) => module._PyDict_SetItemString(this.#globals, key, text));
  }

  #allocate(bytes: number): number {
    const at = this.#module._malloc(bytes);
    if (at === 0) throw new Error("No memory is left for the sandbox's own part.");
    return at;
  }

  /** Hands over the address of a text that ends in a zero byte. */
  #withText<T>(text: string, use: (address: number) => T): T {
    const module = this.#module;
    const bytes = new TextEncoder().encode(`${text}\0`);
    const at = this.#allocate(bytes.length);
    module.HEAPU8.set(bytes, at);
    const result = use(at);
    module._free(at);
    return result;
  }

  /** Closes the gaps that removed modules leave in the table of (name, initialiser) that Python imports from. */
  #removeModules(pointer: number): void {
    const words = new Uint32Array(this.#module.HEAPU8.buffer);
    const table = words[pointer >> 2]! >> 2;
    const beginning = words.slice(table, table + 4);
    // Python imports from a copy, whose address it does not tell.
    for (let at = words.indexOf(beginning[0]!); at >= 0; at = words.indexOf(beginning[0]!, at + 1)) {
      if (beginning.every((word, index) => words[at + index] === word)) this.#removeFrom(words, at);
    }
  }

  #removeFrom(words: Uint32Array, table: number): void {
    let to = table;
    for (let from = table; ; from += 2) {
      const name = words[from]!;
      if (name !== 0 && REMOVED_MODULES.has(this.#textAt(name))) continue;
      words[to] = name;
      words[to + 1] = words[from + 1]!;
      if (name === 0) return;
      to += 2;
    }
  }

  #textAt(address: number): string {
    const { HEAPU8 } = this.#module;
    return new TextDecoder().decode(HEAPU8.slice(address, HEAPU8.indexOf(0, address)));
  }
}

/** Stands between Python and what its WebAssembly imports: memory up to a limit, no writing, no way out. */
class Border {
  base = 0;
  /** Bytes on top of `base`. */
  most = Number.POSITIVE_INFINITY;
  memory: WasmExports["memory"] | undefined;
  /** Whether memory was refused since this was set to false. */
  refused = false;
  interrupt = () => 0;

  guard(imports: Imports): void {
    const { env } = imports;
    if (!env) throw new Error("Pyodide's imports are not where they used to be.");
    for (const name of Object.keys(env)) {
      if (REFUSED.test(name)) env[name] = () => -EPERM;
      else if (CHANGING.test(name)) env[name] = () => -EROFS;
    }
    const end = () => {
      throw new ProcessEnd();
    };
    Object.assign(env, { proc_exit: end, exit: end, _exit: end });
    const open = env.__syscall_openat as (...args: number[]) => number;
    env.__syscall_openat = (folder: number, path: number, flags: number, rest: number) =>
      flags & WRITING ? -EROFS : open(folder, path, flags, rest);
    const grow = env.emscripten_resize_heap as (bytes: number) => number;
    // Not the way that Pyodide offers, which catches what is thrown to break code off.
    env._Py_CheckEmscriptenSignals_Helper = () => this.interrupt();
    env.emscripten_resize_heap = (bytes: number) => {
      // Emscripten takes a fifth more than it is asked for.
      const wanted = Math.max(bytes >>> 0, (this.memory?.buffer.byteLength ?? 0) * 1.2);
      if (wanted <= this.base + this.most) return grow(bytes);
      this.refused = true;
      return 0;
    };
  }
}

function outOfMemory({ memoryBytes }: SandboxLimits): string {
  return `It needed more than ${Math.round(memoryBytes / 2 ** 20)} MB of memory.`;
}

const OUTCOMES: readonly string[] = ["returned", "threw", "timed-out", "out-of-memory", "invalid-input"];
const KINDS: readonly string[] = ["line", "return", "throw"];

/** The report as Python wrote it, where code that meddled with its own report is taken for a broken one. */
function checkedReport(text: string): RunReport {
  const { outcome, value, printed, ms, steps, truncated, lineCount } = JSON.parse(text) as Record<
    string,
    unknown
  >;
  const sound =
    OUTCOMES.includes(outcome as string) &&
    typeof value === "string" &&
    typeof printed === "string" &&
    typeof ms === "number" &&
    typeof truncated === "boolean" &&
    (lineCount === undefined || typeof lineCount === "number") &&
    Array.isArray(steps) &&
    steps.every(isStep);
  if (!sound) return endedReport("threw", "The program broke what reports its result.", 0);
  return {
    outcome: outcome as CodeRun["outcome"],
    value: value.slice(0, 2200),
    printed: printed.slice(0, 2001),
    ms,
    steps,
    truncated,
    ...(lineCount === undefined ? {} : { lineCount }),
  };
}

function isStep(step: unknown): step is TraceStep {
  if (typeof step !== "object" || step === null) return false;
  const { line, kind, depth, functionName, variables, value, printed } = step as Record<string, unknown>;
  return (
    Number.isInteger(line) &&
    KINDS.includes(kind as string) &&
    Number.isInteger(depth) &&
    typeof functionName === "string" &&
    Number.isInteger(printed) &&
    (value === undefined || typeof value === "string") &&
    Array.isArray(variables) &&
    variables.every(
      (each: unknown) =>
        typeof each === "object" &&
        each !== null &&
        "name" in each &&
        typeof each.name === "string" &&
        "value" in each &&
        typeof each.value === "string" &&
        "changed" in each &&
        typeof each.changed === "boolean",
    )
  );
}
