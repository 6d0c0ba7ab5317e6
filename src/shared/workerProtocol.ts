/** What the extension host may ask of the model, lens and sandbox processes. */

import type {
  AttentionLayer,
  CacheSize,
  CellParts,
  Cut,
  CutEffect,
  HeadCut,
  LayerReport,
  Neighbours,
  RowPlace,
  StreamReading,
} from "./panels/attention.js";
import type { LookBack, Routing } from "./panels/experiments.js";
import type { ComparisonProgress, ModelComparison } from "./panels/surprisal.js";
import type { Method } from "./rpc.js";
import type { EditSafety, ProposedEdit, Replacement } from "./savings.js";
import type {
  EngineAgreement,
  ExplanationStep,
  ModelInfo,
  ModelToken,
  PlacedModelToken,
  SamplingSettings,
} from "./types.js";

/** The first message of every worker process, sent when its handlers are in place. */
export const WORKER_READY = "glassbox-worker-ready";

/** The environment variable that names the bundle of the reader's language; not set where that is English. */
export const TEXTS_FILE = "GLASSBOX_TEXTS";

/** The environment variable with the folder of the packages for graphics cards; not set where none are used. */
export const GPU_SUPPORT_FOLDER = "GLASSBOX_GPU_SUPPORT";

export interface LoadModelParams {
  path: string;
  /** Tokens; the model's trained context (at most 4096) when left out. */
  contextSize?: number;
  /** `auto` lets the engine choose; 0 keeps everything on the CPU. */
  gpuLayers: number | "auto";
  /** 0 lets the engine choose, never more than the cores. */
  threads: number;
  /** For a process that does nothing but read surprisal and is killed to stop it: in pieces that take seconds. */
  apart?: boolean;
}

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
  /** Of an assistant that called a tool in its template's own form, with what the tool answered. */
  call?: { name: string; input: Readonly<Record<string, string | number | boolean>>; result: string };
}

/** A tool as a chat template is told of it; `parameters` is JSON Schema. */
export interface ToolDeclaration {
  name: string;
  description: string;
  parameters: object;
}

/** How a model writes a call, as its template has it: `before`, the name, `between`, the arguments as JSON, `after`. */
export interface CallFormat {
  before: string;
  between: string;
  after: string;
}

/** A prompt as it really goes to the model. */
export interface RenderedPrompt {
  /** The whole text with special tokens spelled out. */
  text: string;
  tokens: PlacedModelToken[];
  /** Offsets in `text` of word joiners that break up what a message spelled like a role marker. */
  joints: number[];
  /** The prompt goes to a server, whose tokens nobody sees: these are estimated, and their ids mean nothing. */
  estimated?: true;
}

export interface GeneratedToken {
  token: ModelToken;
  /**
   * Probability that the model gave this token before any sampling stage (softmax at temperature 1), within a
   * thousandth of it (see `heldBy`). Undefined where a server does not tell.
   */
  probability: number | undefined;
  /** The next-most probable tokens at this place, best first, same scale. */
  alternatives: { token: ModelToken; probability: number }[];
}

export type StopReason = "end-of-turn" | "max-tokens" | "stop-text" | "context-full";

export interface GenerationResult {
  stop: StopReason;
  tokenCount: number;
  /** Milliseconds spent on reading the prompt, and on generating. */
  promptMs: number;
  generateMs: number;
}

/** What the model gave the tokens that stand in a text, one after the other: (tokens) each. */
export interface TokenReadings {
  /** Place in the evaluated tokens of the first. */
  first: number;
  /** -log2 of the probability of the token, over the whole vocabulary, within 0.01. */
  bits: Float64Array;
  /** 1 is the most probable; those within 0.00001 nats of one another share the worst rank of them. */
  ranks: Uint32Array;
  /** Of the whole distribution, in bits; see `entropyBits`. */
  entropies: Float64Array;
  /** How far each of those can be off at most, by all that is known of the distribution; see `entropyRange`. */
  entropiesWithin: Float64Array;
  /** The most probable tokens instead, best first: (tokens, alternatives). */
  alternativeIds: Uint32Array;
  alternativeProbabilities: Float64Array;
}

/** How probable it is that a text goes on with certain characters. */
export interface Continuation {
  probability: number;
  /** What ways of spelling it that were not followed may add, at most. */
  missing: number;
  /** Whether a token of the vocabulary stands for just that. */
  oneToken: boolean;
  /** Tokens of the vocabulary that begin with it. */
  beginning: number;
  /** The most probable way to spell it; the last token may be longer. Empty where there is none. */
  spelling: number[];
}

export interface ModelProtocol {
  /** Loads a model, replacing the one that is loaded; the same path and options again are answered at once. */
  load: Method<LoadModelParams, ModelInfo, { fraction: number }>;
  unload: Method<Record<string, never>, null>;
  /** What this machine has for a model, as the engine sees it. Loads no model. */
  machine: Method<Record<string, never>, MachineInfo>;
  /** Tokens of a text as the model reads it, with exact places. `bos` prepends the model's BOS token. */
  tokenize: Method<{ text: string; bos: boolean }, PlacedModelToken[]>;
  /**
   * The same with the tokenizer of another file, of which no weights are loaded; BOS is prepended. `sameVocabulary`:
   * all of its tokens have the names that the loaded model's have.
   */
  tokenizeWith: Method<
    { path: string; text: string },
    { model: ModelInfo; tokens: PlacedModelToken[]; sameVocabulary: boolean }
  >;
  /** Names and bytes of vocabulary entries. */
  tokens: Method<{ ids: number[] }, ModelToken[]>;
  /**
   * The logits that follow a token sequence, over the whole vocabulary: (vocabulary) f32. The engine hands out
   * probabilities, so these are the model's logits shifted by one constant: their exponentials sum to 1. With `own`
   * they are not shifted, which costs a second evaluation of the last token. `reused` is how many tokens at the
   * start the engine held already.
   */
  next: Method<{ tokenIds: number[]; own?: boolean }, { logits: Float32Array; ms: number; reused: number }>;
  /** The logits at every position, one event a position, in order: (vocabulary) f32 each. */
  logitsAtEachPosition: Method<
    { tokenIds: number[] },
    { ms: number },
    { position: number; logits: Float32Array }
  >;
  /**
   * What the model gave each token from `from` (at least 1) on that stands in a text, by those before it; one event
   * for each piece that was evaluated, in order. `held`: how many tokens at the start the engine holds then.
   */
  surprisal: Method<
    { tokenIds: number[]; from: number; alternatives: number },
    { ms: number; held: number },
    TokenReadings
  >;
  /**
   * Reads a text with the loaded model and with another, one after the other in the same memory; the first is loaded
   * again at the end, also where it was cancelled or failed. `from`: UTF-16 offset of what is scored.
   */
  compareModels: Method<{ path: string; text: string; from: number }, ModelComparison, ComparisonProgress>;
  /**
   * How probable it is that a text goes on with each of these, whichever tokens spell it; see core/guess. Those that
   * cannot be the most probable are not followed to their end.
   */
  continuations: Method<{ tokenIds: number[]; texts: string[] }, Continuation[]>;
  /** Renders a chat with the model's own template; a model without one gets the last message as plain text. */
  renderChat: Method<{ messages: ChatMessage[]; tools?: ToolDeclaration[] }, RenderedPrompt>;
  /** How the model was trained to call tools; null where its template does not tell. */
  callFormat: Method<Record<string, never>, CallFormat | null>;
  /** Generates from prompt tokens; one event a token. */
  generate: Method<
    {
      tokenIds: number[];
      /** The chat that was rendered into the tokens. A server is asked with it in their place. */
      messages?: ChatMessage[];
      maxTokens: number;
      sampling: SamplingSettings;
      seed: number;
      /** Stop when the generated text contains one of these. */
      stopTexts?: string[];
      /** How many alternatives to report with each token at most; 0 by default. Those beyond 99.9 % may be left out. */
      alternatives?: number;
      /**
       * GBNF: tokens that it does not let through are not drawn, and the turn ends only where it may end. The
       * probabilities and alternatives of the events are still those that the model gave without it.
       */
      grammar?: string;
    },
    GenerationResult,
    GeneratedToken
  >;
}

/** What this machine has for a model. */
export interface MachineInfo {
  totalMemoryBytes: number;
  /** Memory that programs can have now without others being pushed out. */
  freeMemoryBytes: number;
  /** Cores that this process may use. */
  cores: number;
  /** The graphics cards that the engine found, as one; undefined where it found none. */
  gpu: { names: string[]; kind: string; totalBytes: number; freeBytes: number } | undefined;
  /** What is known of graphics cards without the engine's code for them; left out where nobody has looked. */
  found?: {
    /** Kinds of support that the drivers of this machine are there for, best first: "cuda", "vulkan", "metal". */
    kinds: string[];
    /** The cards as the system names them; none where it names none. */
    cards: string[];
  };
  /** Why the engine does not use the graphics card although its support is here. */
  gpuFault?: string;
}

/** A file that must have this length and hash. */
export interface PinnedFile {
  name: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** A whole package of an npm registry, as it was when its hash was taken. */
export interface PinnedPackage {
  /** With its scope. */
  name: string;
  version: string;
  /** Of the packed file; hexadecimal. */
  sha256: string;
  packedBytes: number;
  unpackedBytes: number;
}

/** A file inside a package of an npm registry. */
export interface PackagePart {
  /** `name@version`. */
  spec: string;
  /** Its path inside the package's archive. */
  file: string;
  /** Compressed size of the package in bytes, for the progress. */
  packedBytes: number;
}

/** Where a model is fetched from. */
export type ModelSource =
  | { kind: "url"; url: string }
  | { kind: "hugging-face"; user: string; repository: string; branch: string; file: string }
  /** A quantisation by its name; the repository says which file that is. */
  | { kind: "hugging-face-tag"; user: string; repository: string; tag: string }
  /** The parts laid end to end, cut into the files, of which the first is the model. */
  | { kind: "npm"; parts: PackagePart[]; files: PinnedFile[] };

export interface DownloadProgress {
  phase: "connecting" | "receiving" | "checking";
  /** Bytes that are here, those of earlier sessions among them. */
  receivedBytes: number;
  totalBytes: number | undefined;
  bytesPerSecond: number | undefined;
  secondsLeft: number | undefined;
}

export interface DownloadedModel {
  path: string;
  bytes: number;
  sha256: string;
  /** Whether the source named a hash and the file has it. Without one, its length and its header were checked. */
  hashMatched: boolean;
}

/** A download that was paused or interrupted, to be gone on with. */
export interface UnfinishedDownload {
  fileName: string;
  source: ModelSource;
  receivedBytes: number;
  totalBytes: number | undefined;
}

export interface DownloadProtocol {
  /**
   * Fetches a model into a folder; goes on where an earlier download of it ended. Cancelling pauses it: what has
   * come stays until `discard`.
   */
  download: Method<{ source: ModelSource; folder: string }, DownloadedModel, DownloadProgress>;
  unfinished: Method<{ folder: string }, UnfinishedDownload[]>;
  /** Deletes what has come of a download. */
  discard: Method<{ folder: string; fileName: string }, null>;
  /**
   * Fetches packages of the npm registry of this machine and lays each out in a folder of its name below
   * `folder/VERSION`, when all of them have come and have their hashes. Cancelling pauses as with `download`.
   */
  fetchPackages: Method<{ packages: readonly PinnedPackage[]; folder: string }, null, DownloadProgress>;
}

export interface LensRun {
  /** Names this run in `agree`; a new run replaces the last one. */
  run: number;
  layerCount: number;
  headCount: number;
  tokenCount: number;
  /** Of a mixture of experts: how many there are in a layer, and how many each token has. */
  experts?: { count: number; used: number };
  /** Which arithmetic produced the numbers, such as "f32, WebAssembly SIMD, 1 thread". */
  path: string;
  /** Whether products were computed in f32, not with 16-bit integers. */
  exact: boolean;
  /** Milliseconds in the forward pass, and in reading the file (0 when it was still held). */
  ms: number;
  loadMs: number;
}

export interface LensProtocol {
  /**
   * Runs the lens's own forward pass over the tokens; one event a layer as it is finished, from when on `layer`
   * hands it out.
   */
  attend: Method<
    {
      path: string;
      tokenIds: number[];
      /** Products in f32 also where 16-bit integers would be quicker. */
      exact?: boolean;
      /** Tokens that the engine's context has room for: some models turn queries and keys otherwise in a long one. */
      contextSize?: number;
    },
    LensRun,
    { run: number; layer: number }
  >;
  /**
   * A finished layer of the last run, while that is under way or over: without its weights, which come before in
   * pieces (core/lens/fetchLayer), so that those of a long text are never in memory at once.
   */
  layer: Method<{ run: number; layer: number }, Omit<AttentionLayer, "halves">, Uint16Array>;
  /** The next-token logits behind one position of the last run: (vocabulary) f32. */
  logits: Method<{ run: number; position: number }, Float32Array>;
  /** Measures what every head of the last run does on the text, one event a layer. `bytes`: of each token. */
  heads: Method<{ run: number; tokenIds: number[]; bytes: Uint8Array[] }, null, LayerReport>;
  /** What one row of one head of the last run is made of. */
  cell: Method<{ run: number; layer: number; head: number; query: number }, CellParts>;
  /** What the residual stream of the last run says at each layer: the end first, then from the embeddings on. */
  streams: Method<{ run: number; contextSize: number }, CacheSize, StreamReading>;
  /** Runs the last run's tokens again without something, and answers how the prediction behind `position` moved. */
  cut: Method<{ run: number; cuts: Cut[]; position: number; row?: RowPlace }, CutEffect>;
  /** The tokens of the last run's model whose embeddings are nearest to Σ plus − Σ minus. */
  neighbours: Method<{ run: number; plus: number[]; minus: number[]; count: number }, Neighbours>;
  /**
   * A pass of its own, which takes the place of the last run: what the last token looks at and goes on with, with
   * positions as they are or all equal.
   */
  lookBack: Method<
    { path: string; tokenIds: number[]; equalPositions: boolean; contextSize?: number },
    LookBack
  >;
  /** Where a pass of its own sends the tokens; null where the model is no mixture of experts. */
  routing: Method<{ path: string; tokenIds: number[]; contextSize?: number }, Routing | null>;
  /** (ids, width): rows of the model's table of embeddings. */
  embeddings: Method<{ path: string; ids: number[] }, { rows: Float32Array; width: number }>;
  /** Cuts every head, one at a time. */
  cutEachHead: Method<{ run: number; position: number }, null, HeadCut>;
  /**
   * Compares the last run's next-token distribution at one position with the engine's logits there, and answers
   * the agreement over all positions compared since the run began.
   */
  agree: Method<{ run: number; position: number; engineLogits: Float32Array }, EngineAgreement>;
}

export interface SandboxLimits {
  /** Milliseconds of run time for each input. */
  timeMs: number;
  memoryBytes: number;
}

/** One run of a function: either a value or what it threw. */
export interface FunctionRun {
  /** The arguments as the reader typed them: an argument list in the function's language, such as `[3, 4], "x"`. */
  input: string;
  outcome: "returned" | "threw" | "timed-out" | "out-of-memory" | "invalid-input";
  /** The value or error as text, at most 2,000 characters. */
  value: string;
  /** What the code printed with `console.log` or `print`, at most 2,000 characters. */
  printed: string;
  ms: number;
}

/** What a piece of code came to. */
export interface CodeRun {
  outcome: FunctionRun["outcome"];
  /** The value of the last expression, or the error, as text of at most 2,000 characters. */
  value: string;
  printed: string;
  ms: number;
}

/** A variable as it stood at a step of a trace. */
export interface TracedVariable {
  name: string;
  /** Printed as the values of runs are, at most 200 characters. */
  value: string;
  /** Whether it is new, or differs from the step before in the same call of the function. */
  changed: boolean;
}

/** A moment of a traced run. */
export interface TraceStep {
  /** 0-based, in the source that was given. */
  line: number;
  /** `line`: before the line runs; `return` and `throw`: as the function is left there, or an error passes. */
  kind: "line" | "return" | "throw";
  /** How many calls deep, the traced function being 0. */
  depth: number;
  functionName: string;
  /** Parameters first, then locals, then what is used of the surroundings. */
  variables: TracedVariable[];
  /** What is returned or thrown; only with those kinds, and only where it is known. */
  value?: string;
  /** How much had been printed by then, in UTF-16 units; the run's own `printed` may have been cut before that. */
  printed: number;
}

/** A run of a function with what its variables held, line by line. */
export interface FunctionTrace {
  run: FunctionRun;
  steps: TraceStep[];
  /** Whether more happened than `maxSteps` steps, or than their text may take. */
  truncated: boolean;
  /** Lines that were run, those beyond the kept steps among them; left out where nobody has counted. */
  lineCount?: number;
}

/** A function that can be run on its own. */
export interface RunnableFunction {
  name: string;
  /** Parameter names as written. */
  parameters: string[];
  /** Argument lists to try first, made from parameter names, types and defaults. */
  suggestedInputs: string[];
}

export interface SandboxProtocol {
  /** Splits code into steps by its syntax; languages without a grammar are split by structure. */
  splitSteps: Method<
    { text: string; languageId: string; firstLine: number },
    { steps: ExplanationStep[]; parser: string; functions: RunnableFunction[] }
  >;
  /**
   * Edits of `text[start, end)` that may save tokens, each with what it does to the text's meaning; one event an
   * edit, because an edit of many places is a message that takes its time. Answers how many there are.
   */
  findSavings: Method<
    { text: string; languageId: string; start: number; end: number; whole: boolean },
    number,
    ProposedEdit
  >;
  /** What `count` kinds of edits at once do to the meaning; null where they change what each alone leaves. */
  checkEdits: Method<
    {
      text: string;
      languageId: string;
      start: number;
      end: number;
      whole: boolean;
      edits: Replacement[];
      count: number;
    },
    EditSafety | null
  >;
  /**
   * Makes ready what runs a language, and answers how long that took: JavaScript a few milliseconds, Python about
   * two seconds the first time. Runs do so themselves; this is for telling the reader what is waited for.
   */
  start: Method<{ languageId: string }, { ms: number }>;
  /**
   * Runs a function of JavaScript, TypeScript or Python on each input, each in a fresh runtime that has neither
   * files nor a network. A first run of Python waits about two seconds for Python itself, which no limit counts.
   */
  runFunction: Method<
    {
      source: string;
      languageId: string;
      functionName: string;
      inputs: string[];
      limits: SandboxLimits;
    },
    FunctionRun[],
    FunctionRun
  >;
  /** Runs a piece of code of the same languages, as `runFunction` runs functions. */
  runCode: Method<{ code: string; languageId: string; limits: SandboxLimits }, CodeRun>;
  /** Runs a function on one input and records what its variables hold, line by line. */
  trace: Method<
    {
      source: string;
      languageId: string;
      functionName: string;
      input: string;
      limits: SandboxLimits;
      /** Steps that are kept; the run goes on beyond them. */
      maxSteps: number;
    },
    FunctionTrace
  >;
}
