/** The thread in which QuickJS runs, and the process's end of it: a thread that does not answer is ended. */

import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { CodeRun } from "../../shared/workerProtocol.js";
import { endedReport, GRACE_MS, type RunJob, type Runner, type RunReport, TRACE_MS } from "./job.js";

/** QuickJS's WebAssembly module, where the build puts it beside the worker scripts. */
const WASM_FILE = fileURLToPath(new URL("../quickjs/emscripten-module.wasm", import.meta.url));
/** WebAssembly's stack, in megabytes: deep recursion must end in QuickJS's limit, not in the engine's. */
const STACK_MB = 16;

/** Serves jobs inside the thread. */
export async function serveSandboxThread(): Promise<void> {
  const { compileQuickJs, runInQuickJs } = await import("./runInQuickJs.js");
  const compiled = await compileQuickJs(WASM_FILE);
  parentPort?.on("message", async (job: RunJob) =>
    parentPort?.postMessage(await runInQuickJs(compiled, job)),
  );
  parentPort?.postMessage("ready");
}

export class SandboxThread implements Runner {
  readonly #thread: Worker;
  readonly #ready: Promise<void>;
  #usable = true;

  constructor() {
    this.#thread = new Worker(fileURLToPath(import.meta.url), { resourceLimits: { stackSizeMb: STACK_MB } });
    this.#ready = new Promise((resolve, reject) => {
      this.#thread.once("message", () => resolve());
      this.#thread.once("error", reject);
      this.#thread.once("exit", () => reject(new GlassboxError("sandbox", t("The sandbox's thread ended."))));
    });
    // Awaited by the first run; a thread that is ended before that is nobody's error.
    this.#ready.catch(() => undefined);
  }

  get usable(): boolean {
    return this.#usable;
  }

  fits(): boolean {
    return this.#usable;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  end(): void {
    this.#usable = false;
    void this.#thread.terminate();
  }

  /** @throws GlassboxError `cancelled` when the signal aborts; the thread is ended then. */
  async run(job: RunJob, signal: AbortSignal): Promise<RunReport> {
    const thread = this.#thread;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(GlassboxError.cancelled());
      const startedAt = performance.now();
      const brokenOff = (outcome: CodeRun["outcome"], value: string) => {
        leave();
        this.end();
        resolve(endedReport(outcome, value, performance.now() - startedAt));
      };
      const onMessage = (report: RunReport) => {
        leave();
        resolve(report);
      };
      const onError = (error: Error) =>
        brokenOff("out-of-memory", `The sandbox broke down: ${error.message}`);
      const onAbort = () => {
        leave();
        this.end();
        reject(GlassboxError.cancelled());
      };
      const timer = setTimeout(
        () => brokenOff("timed-out", `It did not end within ${job.limits.timeMs} ms.`),
        job.limits.timeMs + (job.task.kind === "trace" ? TRACE_MS : 0) + GRACE_MS,
      );
      const leave = () => {
        clearTimeout(timer);
        thread.off("message", onMessage);
        thread.off("error", onError);
        signal.removeEventListener("abort", onAbort);
      };
      thread.on("message", onMessage);
      thread.on("error", onError);
      signal.addEventListener("abort", onAbort, { once: true });
      thread.postMessage(job);
    });
  }
}
