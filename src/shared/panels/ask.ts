/** The panel that answers questions with tools: its state, what happens to it, what page and host ask of each other. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type { CheckResult, ModelInfo, PlacedModelToken } from "../types.js";
import type { GeneratedToken, StopReason } from "../workerProtocol.js";

/** What is asked about. Lines are 0-based and inclusive; without a selection the text is empty. */
export interface AskSubject {
  fileName: string;
  /** From the workspace folder, where the file lies in one. */
  path: string | undefined;
  languageId: string;
  firstLine: number;
  lastLine: number;
  text: string;
  /** What the reader must know about the choice: "Only the first 20,000 characters …". */
  notes: string[];
}

/** What a question is about that is asked without a selection. */
export const NOTHING_SELECTED: AskSubject = {
  fileName: "",
  path: undefined,
  languageId: "plaintext",
  firstLine: 0,
  lastLine: 0,
  text: "",
  notes: [],
};

/** What a call to the model was for. */
export type CallPurpose =
  | { kind: "thought" }
  /** A call in the form of the model's own template, or words. */
  | { kind: "call" }
  | { kind: "tool" }
  | { kind: "argument"; name: string }
  | { kind: "answer" }
  /** The same question without any tool. */
  | { kind: "alone" };

/** One call to the model, token by token. */
export interface ModelCall {
  id: number;
  purpose: CallPurpose;
  /** Which step it belongs to; undefined for answers. */
  step: number | undefined;
  promptTokens: number;
  /** The tokens of the prompt that the call before it had not: what was put into the model's context. */
  injected: PlacedModelToken[];
  /** GBNF that the words had to follow. */
  grammar: string | undefined;
  tokens: GeneratedToken[];
  end: StopReason | "stopped" | "failed" | undefined;
  /** Milliseconds from the request to the first token, and between the tokens after it. */
  promptMs: number;
  generateMs: number;
}

export interface ToolOutcome {
  ok: boolean;
  /** What the model reads. */
  text: string;
  /** One line for people. */
  evidence: string;
  value?: string;
  quotes?: boolean;
}

/** One round of think, act, observe. */
export interface AskStep {
  /** The rule that chose, in words; undefined where the model chose. */
  rule: string | undefined;
  /** Undefined while the model chooses; `answer` where it chose to say something. */
  toolName: string | undefined;
  input: Record<string, string | number | boolean>;
  /** What the model wrote in its template's own form; undefined where it was asked for one thing at a time. */
  written: string | undefined;
  outcome: ToolOutcome | undefined;
  /** Milliseconds that the tool took. */
  ms: number;
}

export type AskPhase = "asking" | "done" | "stopped" | "failed";

/** One question with everything that was done for it. */
export interface AskTurn {
  question: string;
  /** Whether tools that run code were allowed for this question. */
  allowCode: boolean;
  phase: AskPhase;
  error: WireError | undefined;
  steps: AskStep[];
  calls: ModelCall[];
  /** What tools say about the claims of the answer, and of the answer without tools. */
  checks: { answer: CheckResult[]; alone: CheckResult[] };
  /** What the reader must know: that a limit was reached, that a text tried to give orders. */
  notes: string[];
}

export interface AskState {
  subject: AskSubject;
  /** Whether code may be run at all: the workspace is trusted. */
  trusted: boolean;
  model: ModelInfo | undefined;
  turns: AskTurn[];
}

/** All but `trusted` and `model` are about the last turn. */
export type AskEvent =
  | { kind: "trusted"; trusted: boolean }
  | { kind: "asked"; question: string; allowCode: boolean }
  | { kind: "model"; model: ModelInfo }
  | { kind: "step"; rule: string | undefined }
  | { kind: "call"; call: ModelCall }
  /** `ms` since the token before, or since the request. */
  | { kind: "token"; call: number; token: GeneratedToken; ms: number }
  | { kind: "spoken"; call: number; end: NonNullable<ModelCall["end"]> }
  | { kind: "written"; text: string }
  | { kind: "chosen"; toolName: string }
  | { kind: "argument"; name: string; value: string | number | boolean }
  | { kind: "observed"; outcome: ToolOutcome; ms: number }
  | { kind: "checked"; of: "answer" | "alone"; checks: CheckResult[] }
  | { kind: "note"; text: string }
  | { kind: "ended"; phase: Exclude<AskPhase, "asking">; error: WireError | undefined };

/** What the page may ask of its host. */
export interface AskHost {
  ask: Method<{ question: string; allowCode: boolean }, null>;
  stop: Method<Record<string, never>, null>;
  manageTrust: Method<Record<string, never>, null>;
}
