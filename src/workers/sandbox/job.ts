/** What the sandbox process hands to the runtimes that run code, and what they hand back. */

import type { CodeRun, SandboxLimits, TraceStep } from "../../shared/workerProtocol.js";

export type RunTask =
  | { kind: "code" }
  | { kind: "call"; functionName: string; input: string }
  | { kind: "trace"; functionName: string; input: string; maxSteps: number };

export interface RunJob {
  source: string;
  languageId: string;
  task: RunTask;
  limits: SandboxLimits;
}

export interface RunReport extends CodeRun {
  /** Empty unless the task is a trace. */
  steps: TraceStep[];
  truncated: boolean;
  /** See `FunctionTrace`. */
  lineCount?: number;
}

/** Milliseconds that reporting the steps of a trace may take besides the code's own time. */
export const TRACE_MS = 1000;
/** Given to a runtime's own deadline before it is ended from outside: a few built-ins never look at the clock. */
export const GRACE_MS = 1000;

/** Set aside in Python for the report of a run, because the reader's code may have exhausted the rest. */
export const REPORT_BYTES = 4 * 2 ** 20;

/** What runs jobs, one at a time: a thread with QuickJS, or a process with Python. */
export interface Runner {
  /** Whether it can take another job. */
  readonly usable: boolean;
  /** Whether it can hold this job to its limits. */
  fits(job: RunJob): boolean;
  ready(): Promise<void>;
  /** @throws GlassboxError `cancelled` when the signal aborts; the runner is ended then. */
  run(job: RunJob, signal: AbortSignal): Promise<RunReport>;
  end(): void;
}

/** The report of a run that was ended from outside. */
export function endedReport(outcome: CodeRun["outcome"], value: string, ms: number): RunReport {
  return { outcome, value, printed: "", ms, steps: [], truncated: false };
}
