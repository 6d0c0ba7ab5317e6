/** The explanation panel: its state, what happens to it, and what page and host ask of each other. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type {
  CheckResult,
  ExplanationStep,
  ModelInfo,
  ModelToken,
  SamplingSettings,
  Verdict,
} from "../types.js";
import type {
  FunctionRun,
  FunctionTrace,
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

/**
 * What an answer is about: a step by its index, a question of the reader's by its id, or the continuation by a model
 * that cannot be asked.
 */
export type AnswerTarget = number | FollowUpTarget | "continuation";
export type FollowUpTarget = `follow-up-${number}`;

export type AnswerEnd = StopReason | "two-sentences" | "stopped" | "failed";

/** Why there is this version of an answer. */
export type AnswerOrigin =
  | { kind: "first" }
  /** Contradicted by tools, the model was told so once and wrote anew. `of` is the version that was contradicted. */
  | { kind: "revision"; of: number; because: CheckResult[] }
  /** The reader chose another token: `tokens[tokenIndex]` was put there, and the model went on behind it. */
  | { kind: "branch"; of: number; tokenIndex: number; token: ModelToken };

/** Something that tools found out before the model spoke, or about what it said. */
export interface Fact extends CheckResult {
  /** The step that it is about; undefined for the whole selection. */
  step: number | undefined;
  source: "type" | "diagnostic" | "run";
}

/** A part of what could have been sent that was left out for want of room. */
export interface DroppedPart {
  kind: "follow-up" | "code" | "fact";
  /** What it was, in one line: "Lines 40–96", "What does the loop do?". */
  label: string;
}

/** What a prompt takes of the model's context, in tokens. */
export interface ContextUse {
  size: number;
  /** The longest prompt that Glassbox sends: what is longer would take longer to read than to answer. */
  limit: number;
  /** The prompt, all parts together. */
  used: number;
  /** Kept free for the answer. */
  reserved: number;
  /** What `used` is made of, in the order of the prompt; their sum may differ from it by tokens at the seams. */
  parts: { kind: "instructions" | "facts" | "code" | "conversation" | "question"; tokens: number }[];
  dropped: DroppedPart[];
}

/** One version of the model's words about one target. */
export interface Answer {
  /** Unique in an explanation, growing. */
  version: number;
  origin: AnswerOrigin;
  /** The facts that this prompt told the model, one line each. */
  told: string[];
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

/** Lines of the document that stand together, as they were when they ran. */
export interface SourceExcerpt {
  /** 0-based in the document. */
  firstLine: number;
  lines: string[];
}

/** A recorded run of a function, to be scrubbed like a film. */
export interface TraceState {
  functionName: string;
  input: string;
  running: boolean;
  trace: FunctionTrace | undefined;
  /** The document's line (0-based) at which the traced source begins; `TraceStep.line` counts from there. */
  firstLine: number;
  /** What the run reached beside the selection, with what stands around it. */
  beside: SourceExcerpt[];
  error: WireError | undefined;
}

export type PredictionKind = "return-value" | "variable" | "throws" | "iterations" | "complexity";

/** A question that a run decides. */
export interface PredictionQuestion {
  id: number;
  kind: PredictionKind;
  /** The step behind whose words it is asked. */
  step: number;
  functionName: string;
  /** The argument list; for complexity the smallest of the growing ones. */
  input: string;
  /** 0-based line of the document as it was explained, where the question is about a line. */
  line: number | undefined;
  /** The variable that is asked for, and at the how-manieth time that the line is about to run. */
  variable: { name: string; visit: number } | undefined;
  /** The question in words: "What does sum([3, 1, 2]) return?". */
  text: string;
  /**
   * What kind of answer is asked for: one of `options`, how often something happens, or a value as the language writes
   * it. That a value is a number or a text is told: a small model would else answer a number with a text.
   */
  form: "choice" | "count" | "number" | "text" | "literal";
  /** What may be answered; empty unless `form` is `choice`. */
  options: string[];
}

/** What somebody said before it was run. */
export interface PredictedAnswer {
  answer: string;
  verdict: Verdict;
  /** The call to the model, and what it wrote under the grammar; undefined and empty for the reader. */
  call: number | undefined;
  tokens: GeneratedToken[];
}

/** A measured run of growing input. */
export interface GrowthPoint {
  /** The size of the input: its length, or its value where it is a number. */
  size: number;
  /** Lines that were run. */
  lines: number;
}

/** What the run showed. */
export interface PredictionOutcome {
  /** The answer that is right; undefined where the run could not decide (it did not end, or the like). */
  actual: string | undefined;
  /** What the tool saw, in one line. */
  evidence: string;
  /** What a model is told of it, in English; left out where that is the same. */
  told?: string;
  tool: string;
  /** The index into the steps of `trace` that decides. */
  traceStep: number | undefined;
  trace: FunctionTrace | undefined;
  firstLine: number;
  beside: SourceExcerpt[];
  growth: GrowthPoint[];
}

export interface Prediction {
  question: PredictionQuestion;
  reader: PredictedAnswer | undefined;
  model: PredictedAnswer | undefined;
  /** Undefined until somebody has predicted or the reader has asked to see it. */
  outcome: PredictionOutcome | undefined;
}

export type StageKind = "gather" | "plan" | "speak" | "call" | "observe" | "revise" | "answer";

/** One thing that was done for the explanation, in order. */
export interface Stage {
  id: number;
  kind: StageKind;
  /** What it was for; undefined for the whole selection. */
  target: AnswerTarget | undefined;
  /** What is done, in a few words. */
  title: string;
  /** What came of it, in one line; empty while it runs. */
  result: string;
  state: "running" | "ended" | "stopped" | "failed";
  /** The call to the model, for *Show what was sent*; undefined where no model took part. */
  call: number | undefined;
  promptTokens: number;
  /** Tokens that the model wrote. */
  tokens: number;
  /** Milliseconds since the explanation was opened, and how long it took. */
  startedMs: number;
  ms: number;
}

/** What the same tokens would cost at a vendor, in US dollars per million. The local model costs nothing. */
export interface TokenPrice {
  model: string;
  vendor: string;
  input: number;
  output: number;
  /** "price of 2026-09-23, from genai-prices 0.1.8 after openai.com". */
  source: string;
}

/** A place where the text tries to instruct the tutor. Found by rules, which may miss some and suspect others. */
export interface InstructionAttempt {
  where: "text" | "file-name" | "fact" | "follow-up" | "answer";
  /** 0-based line of the document, for the selected text. */
  line: number | undefined;
  /** The words that look like an instruction, at most 80 characters. */
  quote: string;
  /** What they look like: "tells the tutor to ignore its instructions". */
  looksLike: string;
}

/** A question of the reader's; its answer is `answers["follow-up-ID"]`. */
export interface FollowUp {
  id: number;
  text: string;
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
  /** Whether the reader has allowed that code is run for this explanation. Running a function is asking for it. */
  mayRun: boolean;
  facts: FactsState | undefined;
  /** What tools said before the model did: types, diagnostics, runs. */
  gathered: Fact[];
  trace: TraceState | undefined;
  predictions: Prediction[];
  stages: Stage[];
  price: TokenPrice | undefined;
  attempts: InstructionAttempt[];
  followUps: FollowUp[];
  /** What the last prompt took of the context. */
  context: ContextUse | undefined;
  /** The functions' results that the model was told, as one line each; empty when it was told none. */
  told: string[];
  model: ModelInfo | undefined;
  sampling: SamplingSettings;
  seed: number;
  /** The version of each answer that is shown. */
  answers: Partial<Record<AnswerTarget, Answer>>;
  /** The other versions: drafts that were revised, and branches. By target, in the order of their versions. */
  kept: Partial<Record<AnswerTarget, Answer[]>>;
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
  | { kind: "allowed" }
  | { kind: "gathered"; facts: Fact[] }
  | { kind: "tracing"; functionName: string; input: string }
  | {
      kind: "traced";
      trace: FunctionTrace | undefined;
      firstLine: number;
      beside: SourceExcerpt[];
      error: WireError | undefined;
    }
  | { kind: "questions"; questions: PredictionQuestion[] }
  | { kind: "predicted"; prediction: number; by: "reader" | "model"; predicted: PredictedAnswer }
  | { kind: "revealed"; prediction: number; outcome: PredictionOutcome }
  | { kind: "stage"; stage: Stage }
  | { kind: "attempts"; attempts: InstructionAttempt[] }
  | { kind: "follow-up"; followUp: FollowUp }
  /** The shown version is kept and a new one begins with these tokens. */
  | { kind: "version"; target: AnswerTarget; version: number; origin: AnswerOrigin; tokens: GeneratedToken[] }
  | { kind: "switched"; target: AnswerTarget; version: number }
  | { kind: "explaining"; anew: boolean }
  | { kind: "model"; model: ModelInfo; told: string[] }
  | {
      kind: "asked";
      target: AnswerTarget;
      call: number;
      promptTokens: number;
      sentLines: { first: number; last: number } | undefined;
      told: string[];
      context: ContextUse;
    }
  /** `ms` since the token before, or since the request. */
  | { kind: "token"; target: AnswerTarget; token: GeneratedToken; ms: number }
  | { kind: "answered"; target: AnswerTarget; end: AnswerEnd; checks: CheckResult[] }
  | { kind: "ended"; phase: "ready" | "stopped" | "failed" | "done"; error: WireError | undefined }
  | { kind: "moved"; lines: { first: number; last: number }[]; edited: boolean };

/** What the page may ask of its host. */
export interface ExplainHost {
  /** Takes the selection as it is now, in place of the text that is shown. */
  explainSelection: Method<Record<string, never>, null>;
  /** Explains all steps anew, or goes on with those that are not finished. */
  explain: Method<{ anew: boolean }, null>;
  stop: Method<Record<string, never>, null>;
  /** Runs a function of the selection in the sandbox, one argument list an input. */
  runFunction: Method<{ functionName: string; inputs: string[] }, null>;
  /** Consents, once for this explanation, to running its functions: tools gather facts and questions are made. */
  allowRuns: Method<Record<string, never>, null>;
  /** The reader's own prediction; it is checked as the model's are. */
  predict: Method<{ prediction: number; answer: string }, null>;
  /** Shows what the run gave to a reader who does not want to guess. */
  reveal: Method<{ prediction: number }, null>;
  /** Records a run of a function, line by line. */
  trace: Method<{ functionName: string; input: string }, null>;
  /** Shows the variables of a moment beside their lines in the editor, of `trace` or a prediction's; null ends it. */
  showMoment: Method<{ prediction: number | null; moment: number | null }, null>;
  /** Puts an alternative in a token's place and lets the model go on behind it; the version before is kept. */
  branch: Method<{ target: AnswerTarget; tokenIndex: number; tokenId: number }, null>;
  /** Shows another version of an answer. */
  switchTo: Method<{ target: AnswerTarget; version: number }, null>;
  /** Asks a follow-up question. */
  ask: Method<{ text: string }, null>;
  /** Writes the explanation with its evidence into a Markdown file that the reader chooses. */
  save: Method<Record<string, never>, null>;
  /** Lights the lines of a step in the editor; null puts the light out. */
  highlight: Method<{ step: number | null }, null>;
  goTo: Method<{ step: number }, null>;
  /** Opens the exact prompt of a call. */
  showSent: Method<{ call: number }, null>;
  manageTrust: Method<Record<string, never>, null>;
}
