/** The explanation panel: its state, what happens to it, and what page and host ask of each other. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type { CheckResult, ExplanationStep, ModelInfo, SamplingSettings } from "../types.js";
import type {
  FunctionRun,
  GeneratedToken,
  RunnableFunction,
  SandboxLimits,
  StopReason,
} from "../workerProtocol.js";

/** The text that is explained and where it stands. Lines are 0-based and inclusive. */
export interface ExplainSubject {
  fileName: string;
  languageId: string;
  firstLine: number;
  lastLine: number;
  text: string;
  /** What the reader must know about the choice: "Nothing was selected …", "Only the first 400 lines …". */
  notes: string[];
}

/** What an answer is about: a step by its index, or the continuation by a model that cannot be asked. */
export type AnswerTarget = number | "continuation";

export type AnswerEnd = StopReason | "two-sentences" | "stopped" | "failed";

/** The model's words about one target. */
export interface Answer {
  phase: "reading" | "writing" | "ended";
  tokens: GeneratedToken[];
  /** Which call to the model these words come from, for *Show what was sent*. */
  call: number;
  promptTokens: number;
  /** 0-based lines of the document whose text was sent, where it was not the whole selection. */
  sentLines: { first: number; last: number } | undefined;
  end: AnswerEnd | undefined;
  /** Milliseconds from the request to the first token, and between the tokens after it. */
  promptMs: number;
  generateMs: number;
  /** How many tokens `generateMs` was spent on. */
  timedTokens: number;
  /** What tools found about claims in the words. */
  checks: CheckResult[];
}

/** Runs of the reader's function in the sandbox. */
export interface FactsState {
  functionName: string;
  running: boolean;
  runs: FunctionRun[];
  /** Whether the whole file was loaded, so that functions beside the selected one are found. */
  wholeFile: boolean;
  error: WireError | undefined;
}

export type ExplainPhase =
  /** The parser is at work. */
  | "splitting"
  /** Split, and the model has not been asked. */
  | "ready"
  | "explaining"
  | "stopped"
  | "failed"
  | "done";

export interface ExplainState {
  subject: ExplainSubject;
  phase: ExplainPhase;
  error: WireError | undefined;
  steps: ExplanationStep[];
  /** Which parser made the steps, and how long it took. */
  parser: string;
  splitMs: number;
  functions: RunnableFunction[];
  /** Whether code may be run: the workspace is trusted. */
  trusted: boolean;
  limits: SandboxLimits;
  facts: FactsState | undefined;
  /** The functions' results that the model was told, as one line each; empty when it was told none. */
  told: string[];
  model: ModelInfo | undefined;
  sampling: SamplingSettings;
  seed: number;
  answers: Partial<Record<AnswerTarget, Answer>>;
  /** Where each step stands now, by index; lines move with edits above them. */
  lines: { first: number; last: number }[];
  /** The explained text itself has been edited since. */
  edited: boolean;
}

export type ExplainEvent =
  | { kind: "split"; steps: ExplanationStep[]; functions: RunnableFunction[]; parser: string; ms: number }
  | { kind: "trusted"; trusted: boolean }
  | { kind: "running"; functionName: string; wholeFile: boolean }
  | { kind: "ran"; run: FunctionRun }
  | { kind: "run-ended"; error: WireError | undefined }
  | { kind: "explaining"; anew: boolean }
  | { kind: "model"; model: ModelInfo; told: string[] }
  | {
      kind: "asked";
      target: AnswerTarget;
      call: number;
      promptTokens: number;
      sentLines: { first: number; last: number } | undefined;
    }
  /** `ms` since the token before, or since the request. */
  | { kind: "token"; target: AnswerTarget; token: GeneratedToken; ms: number }
  | { kind: "answered"; target: AnswerTarget; end: AnswerEnd; checks: CheckResult[] }
  | { kind: "ended"; phase: "ready" | "stopped" | "failed" | "done"; error: WireError | undefined }
  | { kind: "moved"; lines: { first: number; last: number }[]; edited: boolean };

/** What the page may ask of its host. */
export interface ExplainHost {
  /** Explains all steps anew, or goes on with those that are not finished. */
  explain: Method<{ anew: boolean }, null>;
  stop: Method<Record<string, never>, null>;
  /** Runs a function of the selection in the sandbox, one argument list an input. */
  runFunction: Method<{ functionName: string; inputs: string[] }, null>;
  /** Lights the lines of a step in the editor; null puts the light out. */
  highlight: Method<{ step: number | null }, null>;
  goTo: Method<{ step: number }, null>;
  /** Opens the exact prompt of a call. */
  showSent: Method<{ call: number }, null>;
  manageTrust: Method<Record<string, never>, null>;
}

/** What the host may ask of the page. */
export interface ExplainPage {
  opened: Method<ExplainState, null>;
  happened: Method<{ events: ExplainEvent[] }, null>;
}
