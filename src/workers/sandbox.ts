/** The sandbox process: splits code by its syntax, and runs functions where they can do no harm. */

import { isMainThread } from "node:worker_threads";
import { isRunnableLanguage } from "../core/checks/prepareSource.js";
import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";
import type { CodeRun, FunctionRun, FunctionTrace, SandboxProtocol } from "../shared/workerProtocol.js";
import { checkEdits, findSavings } from "./sandbox/findSavings.js";
import type { RunJob, RunReport } from "./sandbox/job.js";
import { PythonProcess } from "./sandbox/pythonProcess.js";
import { RunnerPool } from "./sandbox/runnerPool.js";
import { SandboxThread, serveSandboxThread } from "./sandbox/sandboxThread.js";
import { splitCode } from "./sandbox/splitCode.js";
import { serveWorker } from "./serve.js";

/** Milliseconds after which a Python that nobody uses gives its memory back. */
const PYTHON_IDLE_MS = 300_000;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

const quickJs = new RunnerPool(() => new SandboxThread());
/** Python takes two seconds to start: one that was ended is replaced at once. */
const python = new RunnerPool(() => new PythonProcess(), { replace: true, idleMs: PYTHON_IDLE_MS });

function poolOf(languageId: string): RunnerPool {
  return languageId === "python" ? python : quickJs;
}

function checkLanguage(languageId: string): void {
  if (isRunnableLanguage(languageId)) return;
  throw new GlassboxError(
    "unsupported",
    t("The sandbox does not run {0}.", languageId),
    t("Select a function in JavaScript, TypeScript or Python."),
  );
}

function checkName(functionName: string): void {
  if (IDENTIFIER.test(functionName)) return;
  throw new GlassboxError("invalid-request", `"${functionName}" is not the name of a function.`);
}

function serve(): void {
  process.on("exit", () => python.end());
  process.on("SIGTERM", () => process.exit());
  serveWorker<SandboxProtocol>({
    splitSteps(params) {
      return splitCode(params);
    },

    findSavings(params, { emit }) {
      return findSavings(params, emit);
    },

    checkEdits({ edits, count, ...source }) {
      return checkEdits(source, edits, count);
    },

    async start({ languageId }) {
      checkLanguage(languageId);
      const startedAt = performance.now();
      await poolOf(languageId).start();
      return { ms: performance.now() - startedAt };
    },

    async runFunction({ source, languageId, functionName, inputs, limits }, { signal, emit }) {
      checkLanguage(languageId);
      checkName(functionName);
      const runs: FunctionRun[] = [];
      const jobs = inputs.map(
        (input): RunJob => ({ source, languageId, task: { kind: "call", functionName, input }, limits }),
      );
      await poolOf(languageId).run(jobs, signal, (report) => {
        const run = functionRun(inputs[runs.length]!, report);
        runs.push(run);
        emit(run);
      });
      return runs;
    },

    async runCode({ code, languageId, limits }, { signal }) {
      checkLanguage(languageId);
      const runs: CodeRun[] = [];
      const job: RunJob = { source: code, languageId, task: { kind: "code" }, limits };
      await poolOf(languageId).run([job], signal, (report) => {
        const { outcome, value, printed, ms } = report;
        runs.push({ outcome, value, printed, ms });
      });
      return runs[0]!;
    },

    async trace({ source, languageId, functionName, input, limits, maxSteps }, { signal }) {
      checkLanguage(languageId);
      checkName(functionName);
      const traces: FunctionTrace[] = [];
      const task: RunJob["task"] = { kind: "trace", functionName, input, maxSteps };
      await poolOf(languageId).run([{ source, languageId, task, limits }], signal, (report) => {
        const { steps, truncated, lineCount } = report;
        const run = functionRun(input, report);
        traces.push({ run, steps, truncated, ...(lineCount === undefined ? {} : { lineCount }) });
      });
      return traces[0]!;
    },
  });
}

function functionRun(input: string, { outcome, value, printed, ms }: RunReport): FunctionRun {
  return { input, outcome, value, printed, ms };
}

if (isMainThread) serve();
else void serveSandboxThread();
