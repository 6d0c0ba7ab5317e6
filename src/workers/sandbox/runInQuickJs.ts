/** Runs one piece of JavaScript in a QuickJS runtime of its own, inside the sandbox's thread. */

import { readFileSync } from "node:fs";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { prepareCode, prepareSource } from "../../core/checks/prepareSource.js";
import { type TracedSource, traceSource } from "../../core/checks/traceSource.js";
import type { CodeRun, TraceStep } from "../../shared/workerProtocol.js";
import { HARNESS } from "./harness.js";
import { endedReport, type RunJob, type RunReport, type RunTask, TRACE_MS } from "./job.js";

/** Characters of a value, an error, or what was printed. */
const MAX_TEXT = 2000;
/** QuickJS counts its own stack; WebAssembly's must be larger. */
const STACK_BYTES = 512 * 1024;
/** What the report may use on top of the limit, which the reader's code may have exhausted. */
const REPORT_BYTES = 8 * 1024 * 1024;
const REPORT_MS = 500;
/** Characters of a variable's value in a trace, and of all steps together as they are reported. */
const MAX_TRACED_VALUE = 200;
const MAX_TRACE_CHARACTERS = 2_000_000;

/** @param wasmFile path of QuickJS's WebAssembly module. */
export function compileQuickJs(wasmFile: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readFileSync(wasmFile));
}

/** An outcome that ended the run early. */
class Ended {
  readonly outcome: CodeRun["outcome"];
  readonly value: string;
  constructor(outcome: CodeRun["outcome"], value: string) {
    this.outcome = outcome;
    this.value = value;
  }
}

type HarnessMethod =
  | "call"
  | "render"
  | "thrown"
  | "printed"
  | "runNextTimer"
  | "trace"
  | "startTrace"
  | "endTrace"
  | "isTruncated"
  | "lineCount";

/** One run: holds the runtime, the deadline and the harness inside. */
class Run {
  readonly #job: RunJob;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  #deadline = 0;
  #expired = false;
  #harness: QuickJSHandle | undefined;
  #ms = 0;
  /** Of that, what reporting the steps of a trace took. */
  #reportMs = 0;
  readonly #steps: TraceStep[] = [];

  constructor(quickJs: QuickJSWASMModule, job: RunJob) {
    this.#job = job;
    this.#runtime = quickJs.newRuntime();
    this.#runtime.setMemoryLimit(job.limits.memoryBytes + REPORT_BYTES);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => {
      this.#expired ||= performance.now() > this.#deadline;
      return this.#expired;
    });
    this.#context = this.#runtime.newContext();
  }

  report(): RunReport {
    let outcome: CodeRun["outcome"];
    let value: string;
    try {
      this.#deadline = Number.POSITIVE_INFINITY;
      const make = this.#must(this.#context.evalCode(HARNESS, "harness.js"));
      this.#harness = this.#must(
        this.#context.callFunction(make, this.#context.undefined, this.#context.newNumber(MAX_TEXT)),
      );
      this.#runtime.setMemoryLimit(this.#job.limits.memoryBytes);
      this.#deadline = performance.now() + this.#job.limits.timeMs;
      value = this.#job.task.kind === "code" ? this.#evaluateCode() : this.#evaluateCall(this.#job.task);
      outcome = "returned";
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      ({ outcome, value } = error);
    }
    const steps = this.#steps;
    const lineCount = this.#lineCount();
    return {
      outcome,
      value,
      printed: this.#printed(),
      ms: Math.max(0, this.#ms - this.#reportMs),
      steps,
      truncated: this.#isTruncated(),
      ...(lineCount === undefined ? {} : { lineCount }),
    };
  }

  /** The source made ready; one that does not parse ends the run as running it would. */
  #prepared(prepare: typeof prepareSource): string {
    try {
      return prepare(this.#job.source, this.#job.languageId);
    } catch (error) {
      throw new Ended("threw", `SyntaxError: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #evaluateCode(): string {
    const script = this.#prepared(prepareCode);
    return this.#timed(() => this.#must(this.#context.evalCode(script, "code.js")));
  }

  #evaluateCall(task: Exclude<RunTask, { kind: "code" }>): string {
    const { functionName, input } = task;
    const context = this.#context;
    const script = this.#prepared(prepareSource);
    const traced = task.kind === "trace" ? traceSource(script) : undefined;
    if (traced && task.kind === "trace") this.#placeHook(traced, task.maxSteps);
    this.#must(context.evalCode(traced?.script ?? script, "selection.js"));
    // A line break, so that a comment at the end does not swallow the bracket.
    const parsed = context.evalCode(`[${input}\n]`, "input");
    if (parsed.error && !this.#expired) throw new Ended("invalid-input", this.#thrownText(parsed.error));
    const list = this.#must(parsed);
    const callee = this.#must(context.evalCode(functionName, "selection.js"));
    if (context.typeof(callee) !== "function") {
      throw new Ended("threw", `TypeError: ${functionName} is not a function`);
    }
    if (traced) this.#must(this.#callHarness("startTrace"));
    return this.#timed(() => this.#must(this.#callHarness("call", callee, list)));
  }

  /** Gives a traced script its hook. What reporting takes is not the code's time. */
  #placeHook({ hook, scopes }: TracedSource, maxSteps: number): void {
    const context = this.#context;
    let startedAt = 0;
    let characters = 0;
    const record = context.newFunction("record", (step) => {
      if (step === undefined) {
        startedAt = performance.now();
        return;
      }
      const text = context.getString(step);
      characters += text.length;
      this.#steps.push(JSON.parse(text) as TraceStep);
      const spent = Math.min(performance.now() - startedAt, TRACE_MS - this.#reportMs);
      this.#reportMs += spent;
      this.#deadline += spent;
      return characters < MAX_TRACE_CHARACTERS && this.#reportMs < TRACE_MS ? context.true : context.false;
    });
    this.#must(
      this.#callHarness(
        "trace",
        context.newString(hook),
        this.#must(context.evalCode(JSON.stringify(scopes), "scopes.js")),
        context.newNumber(maxSteps),
        context.newNumber(MAX_TRACED_VALUE),
        record,
      ),
    );
  }

  /** The value that code comes to, as text, and how long it took. */
  #timed(evaluate: () => QuickJSHandle): string {
    const startedAt = performance.now();
    try {
      const settled = this.#settle(evaluate());
      this.#ms = performance.now() - startedAt;
      return this.#context.getString(this.#must(this.#callHarness("render", settled)));
    } finally {
      if (this.#ms === 0) this.#ms = performance.now() - startedAt;
    }
  }

  /** Runs promise jobs and timers until a promise is settled; anything else is its own result. */
  #settle(returned: QuickJSHandle): QuickJSHandle {
    for (;;) {
      const jobs = this.#runtime.executePendingJobs();
      if (jobs.error) throw this.#ended(jobs.error);
      if (this.#expired) throw this.#timedOut();
      const state = this.#context.getPromiseState(returned);
      if (state.type === "rejected") throw this.#ended(state.error);
      if (state.type === "fulfilled") {
        return state.value;
      }
      const ran = this.#must(this.#callHarness("runNextTimer"));
      if (this.#context.dump(ran) !== true)
        throw new Ended("timed-out", "The promise never settles: nothing is left that could do it.");
    }
  }

  #callHarness(name: HarnessMethod, ...args: QuickJSHandle[]) {
    if (!this.#harness) throw new Error("The harness is not there yet.");
    const method = this.#context.getProp(this.#harness, name);
    return this.#context.callFunction(method, this.#context.undefined, ...args);
  }

  /** The value of a result, or the end of the run with what was thrown. */
  #must(result: ReturnType<QuickJSContext["evalCode"]>): QuickJSHandle {
    if (result.error) throw this.#ended(result.error);
    return result.value;
  }

  #timedOut(): Ended {
    return new Ended("timed-out", `It did not end within ${this.#job.limits.timeMs} ms.`);
  }

  #ended(error: QuickJSHandle): Ended {
    if (this.#expired) return this.#timedOut();
    const text = this.#thrownText(error);
    if (this.#job.task.kind === "trace") this.#reported(() => this.#callHarness("endTrace", error), "");
    if (text === "InternalError: out of memory" || (text === "null" && this.#memoryIsFull())) {
      const megabytes = Math.round(this.#job.limits.memoryBytes / 2 ** 20);
      return new Ended("out-of-memory", `It needed more than ${megabytes} MB of memory.`);
    }
    return new Ended("threw", text);
  }

  /** QuickJS may be unable to make the error object itself, and then throws `null`. */
  #memoryIsFull(): boolean {
    const usage = this.#runtime.computeMemoryUsage();
    const { malloc_size: used } = this.#context.dump(usage) as { malloc_size: number };
    return used > 0.9 * this.#job.limits.memoryBytes;
  }

  #thrownText(error: QuickJSHandle): string {
    return this.#reported(() => this.#callHarness("thrown", error), "an error that cannot be read");
  }

  #printed(): string {
    return this.#harness ? this.#reported(() => this.#callHarness("printed"), "") : "";
  }

  #isTruncated(): boolean {
    if (this.#job.task.kind !== "trace" || !this.#harness) return false;
    return this.#context.dump(this.#must(this.#callHarness("isTruncated"))) === true;
  }

  #lineCount(): number | undefined {
    if (this.#job.task.kind !== "trace" || !this.#harness) return undefined;
    const count: unknown = this.#context.dump(this.#must(this.#callHarness("lineCount")));
    return typeof count === "number" ? count : undefined;
  }

  /** Lets the harness report although the code has used up its time or memory. */
  #reported(ask: () => ReturnType<QuickJSContext["evalCode"]>, otherwise: string): string {
    const wasExpired = this.#expired;
    const { memoryBytes } = this.#job.limits;
    this.#runtime.setMemoryLimit(memoryBytes + REPORT_BYTES);
    this.#expired = false;
    this.#deadline = performance.now() + REPORT_MS;
    const result = ask();
    this.#expired = wasExpired;
    return result.error ? otherwise : this.#context.getString(result.value);
  }
}

/**
 * Runs a job; whatever the code does, the answer is a report.
 *
 * Every run gets an instance of QuickJS of its own and none is cleaned up: code that was broken off leaves its
 * runtime in a state that QuickJS would stumble over, and the garbage collector takes the whole instance anyway.
 */
export async function runInQuickJs(compiled: WebAssembly.Module, job: RunJob): Promise<RunReport> {
  try {
    const variant = newVariant(RELEASE_SYNC, { wasmModule: compiled });
    return new Run(await newQuickJSWASMModuleFromVariant(variant), job).report();
  } catch (error) {
    // QuickJS itself gave up: WebAssembly ran out of stack or memory.
    const reason = error instanceof Error ? error.message : String(error);
    return endedReport("out-of-memory", `The sandbox broke down: ${reason.split("\n", 1)[0]}`, 0);
  }
}
