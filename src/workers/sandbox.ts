/** The sandbox process: splits code by its syntax, and runs functions where they can do no harm. */

import { isMainThread } from "node:worker_threads";
import { isRunnableLanguage } from "../core/checks/prepareSource.js";
import { GlassboxError } from "../shared/errors.js";
import type { CodeRun, FunctionRun, FunctionTrace, SandboxProtocol } from "../shared/workerProtocol.js";
import { checkEdits, findSavings } from "./sandbox/findSavings.js";
import type { RunJob, RunReport } from "./sandbox/job.js";
import { SandboxThread, serveSandboxThread } from "./sandbox/sandboxThread.js";
import { splitCode } from "./sandbox/splitCode.js";
import { serveWorker } from "./serve.js";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

/** A thread that waits for its next job, so that starting one is paid for once. */
let idle: SandboxThread | undefined;

/** Runs jobs one after the other, in one thread as long as it holds. */
async function runEach(
  jobs: RunJob[],
  signal: AbortSignal,
  done: (report: RunReport) => void,
): Promise<void> {
  let thread = idle ?? new SandboxThread();
  idle = undefined;
  for (const job of jobs) {
    if (!thread.usable) thread = new SandboxThread();
    done(await thread.run(job, signal));
  }
  if (!thread.usable) return;
  if (idle) thread.end();
  else idle = thread;
}

function checkLanguage(languageId: string): void {
  if (isRunnableLanguage(languageId)) return;
  throw new GlassboxError(
    "unsupported",
    `The sandbox does not run ${languageId}.`,
    "Select a function in JavaScript or TypeScript.",
  );
}

function checkName(functionName: string): void {
  if (IDENTIFIER.test(functionName)) return;
  throw new GlassboxError("invalid-request", `"${functionName}" is not the name of a function.`);
}

function serve(): void {
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

    async runFunction({ source, languageId, functionName, inputs, limits }, { signal, emit }) {
      checkLanguage(languageId);
      checkName(functionName);
      const runs: FunctionRun[] = [];
      const jobs = inputs.map(
        (input): RunJob => ({ source, languageId, task: { kind: "call", functionName, input }, limits }),
      );
      await runEach(jobs, signal, (report) => {
        const run = functionRun(inputs[runs.length]!, report);
        runs.push(run);
        emit(run);
      });
      return runs;
    },

    async runCode({ code, languageId, limits }, { signal }) {
      checkLanguage(languageId);
      const runs: CodeRun[] = [];
      await runEach([{ source: code, languageId, task: { kind: "code" }, limits }], signal, (report) => {
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
      await runEach([{ source, languageId, task, limits }], signal, (report) => {
        const { steps, truncated } = report;
        traces.push({ run: functionRun(input, report), steps, truncated });
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
