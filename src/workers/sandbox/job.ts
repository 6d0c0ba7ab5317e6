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
}

/** The report of a run that was ended from outside. */
export function endedReport(outcome: CodeRun["outcome"], value: string, ms: number): RunReport {
  return { outcome, value, printed: "", ms, steps: [], truncated: false };
}
