/** The lesson page and its host: a lesson as plain data, and what each side asks of the other. */

import type { Method } from "../rpc.js";
import type { MergeReplay, ModelToken } from "../types.js";
import type { FunctionRun, GeneratedToken, StopReason } from "../workerProtocol.js";
import type { ContextUse, ExplainEvent, ExplainState } from "./explain.js";
import type { LaboratoryHost } from "./laboratory.js";
import type { SentCall } from "./sent.js";

/** As much text as an exhibit runs on; longer selections are cut, and the lesson says so. */
export const MOST_EXHIBIT_CHARACTERS = 1000;

/** Commands that a lesson may offer as a link. Everything else is refused when the lesson is read. */
export const LESSON_COMMANDS = [
  "glassbox.toggleTokenBoundaries",
  "glassbox.chooseTokenizer",
  "glassbox.explainSelection",
  "glassbox.showSampling",
  "glassbox.showAttention",
  "glassbox.chooseModel",
  "glassbox.compareTokenizers",
  "glassbox.askAboutSelection",
  "glassbox.showTokenBudget",
  "glassbox.showWhatWasSent",
  "glassbox.showSurprisal",
] as const;
export type LessonCommand = (typeof LESSON_COMMANDS)[number];

/** Where a link of a lesson leads. A web page is opened by the host, on request, outside the editor. */
export type LinkTarget =
  | { kind: "web"; url: string }
  | { kind: "lesson"; id: string }
  /** One of the lesson's anchors. */
  | { kind: "code"; id: string }
  | { kind: "command"; command: LessonCommand };

/** Running text. There is no kind for markup: HTML in a lesson is text like any other. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "emphasis"; children: Inline[] }
  | { kind: "link"; target: LinkTarget; children: Inline[] }
  /** A word of the glossary. */
  | { kind: "term"; id: string; children: Inline[] }
  | { kind: "break" };

/** An element of MathML, or text. */
export interface MathNode {
  tag: string;
  attributes: Record<string, string>;
  children: (MathNode | string)[];
  /** Where it is one that is explained: which of the formula's symbols. */
  symbol?: number;
}

/** A symbol of a formula and what it stands for; several forms, as x_1 and x_2, may mean the same. */
export interface FormulaSymbol {
  forms: MathNode[];
  means: Inline[];
}

export type ProseBlock =
  | { kind: "heading"; level: 2 | 3; children: Inline[] }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "list"; ordered: boolean; items: ProseBlock[][] }
  | { kind: "quote"; children: ProseBlock[] }
  | { kind: "code"; text: string }
  | { kind: "formula"; math: MathNode; symbols: FormulaSymbol[] };

/** Where an input of a calculator takes its value from, while that is known. */
export const INPUT_SOURCES = [
  "text-tokens",
  "text-characters",
  "text-bytes",
  "model-parameters",
  "model-file-bytes",
  "model-layers",
  "model-width",
  "model-heads",
  "model-kv-heads",
  "model-head-width",
  "model-context",
  "model-vocabulary",
  "machine-memory",
] as const;
export type InputSource = (typeof INPUT_SOURCES)[number];

/** `truth` is 1 for yes and 0 for no. */
export type NumberFormat = "count" | "probability" | "setting" | "number" | "bytes" | "dollars" | "truth";

export interface CalculatorInput {
  id: string;
  label: string;
  /** The lesson's example, where nothing better is known. */
  value: number;
  min: number;
  max: number;
  step: number;
  /** A slider over several powers of ten moves by factors. */
  scale: "linear" | "log";
  format: NumberFormat;
  from: InputSource | undefined;
}

export interface CalculatorOutput {
  id: string;
  label: string;
  /** Of inputs and outputs above it. */
  formula: string;
  format: NumberFormat;
}

/** Lines of outputs while one input walks from its least to its most. */
export interface CalculatorCurve {
  along: string;
  outputs: string[];
}

export interface OddsPrompt {
  id: string;
  label: string;
  text: string;
  /** What is right and what is wrong here; without them the answers of the whole exhibit count. */
  answers: string[] | undefined;
}

export interface DialogTurn {
  role: "system" | "user" | "assistant";
  text: string;
}

/** A passage that can be found, or a page that was crawled. */
export interface Passage {
  id: string;
  text: string;
}

/** Languages that the pipeline can tell apart. */
export const PAGE_LANGUAGES = ["English", "German", "French", "Spanish"] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** A small function that the loaded model is to write. */
export interface FunctionTask {
  id: string;
  label: string;
  instruction: string;
  /** As `larger(a, b)`. */
  header: string;
  /** A test in each line, as `3, 4 => 4`. */
  cases: string;
}

/** The tools that a lesson may call. */
export const LESSON_TOOLS = ["calculate", "count_characters", "index_characters"] as const;
export type LessonTool = (typeof LESSON_TOOLS)[number];

/**
 * A live exhibit with its parameters; `languages` brings its own sentences. `text` is what the others run on while the editor offers nothing; with `own`, until
 * something is selected there.
 */
export type ExhibitConfig =
  | { type: "token-strip"; text: string; own: boolean; encoding: string; replay: boolean }
  | { type: "next-token"; text: string; own: boolean }
  | { type: "attention-map"; text: string; own: boolean }
  | { type: "languages"; meaning: string; encodings: string[] }
  /** One text in several tokenizers, and as bytes and bits. */
  | { type: "tokenizers"; text: string; own: boolean; encodings: string[] }
  /** Sliders and what follows from them. Without a text of its own it has none. */
  | {
      type: "calculator";
      text: string;
      own: boolean;
      inputs: CalculatorInput[];
      outputs: CalculatorOutput[];
      /** Whether the outputs that are plain numbers count the same thing, so that bars can compare them. */
      alike: boolean;
      curve: CalculatorCurve | undefined;
    }
  /** How probable the loaded model finds given answers after given prompts, which the reader may rewrite. */
  | { type: "odds"; prompts: OddsPrompt[]; answers: string[] }
  /** A conversation, what of it fits into a window, and what is sent. */
  | { type: "dialog"; turns: DialogTurn[]; window: number; encoding: string }
  /** A tool called on the text, with its request and its result. `fixed` are the other arguments. */
  | { type: "tool"; text: string; own: boolean; tool: LessonTool; fixed: Record<string, string | number> }
  /** Downhill by the chain rule. */
  | { type: "gradient"; formula: string; start: { id: string; value: number }[]; rate: number }
  /** A message through the loaded model's own chat template. */
  | { type: "chat-template"; text: string; own: boolean; system: string; reply: string }
  /** Passages ranked for the text by BM25, and the prompt that they make. */
  | { type: "retrieval"; text: string; own: boolean; passages: Passage[]; most: number }
  /** What in a text looks like an order to the tutor, and what it can reach. */
  | { type: "injection"; text: string; own: boolean }
  /** A filter of words, and disguises that it misses. */
  | { type: "word-filter"; text: string; own: boolean; words: string[]; encoding: string }
  /** A judge that rewards what it can count, and how the loaded model likes the text. */
  | { type: "toy-judge"; text: string; own: boolean; words: string[]; perWord: number; perToken: number }
  /** A picture cut into squares, and what one of them is to a model. */
  | { type: "patches"; size: number; patch: number }
  /** What each layer of the loaded model would predict. */
  | { type: "layers"; text: string; own: boolean }
  /** Which tokens the loaded model's embeddings put near one another. */
  | { type: "embeddings"; text: string; own: boolean }
  /** What each token of the text was to the loaded model, in bits. */
  | { type: "surprise"; text: string; own: boolean }
  /** Milliseconds for one more token, with the keys and values kept and without. */
  | { type: "cache-timing"; text: string; own: boolean }
  /** A tiny model that learns the reader's whole file. */
  | { type: "training"; steps: number }
  /** Two tiny models that learn it, the second with a line of the lesson's or the reader's in it. */
  | { type: "poisoning"; trigger: string; payload: string; copies: number; steps: number }
  /** A tiny model that learns it, and two smaller ones that learn a passage: from the text, and from the first. */
  | { type: "distillation"; teacherSteps: number; steps: number; prefix: string }
  /** Pages and the text through the stages that make training data of a crawl. */
  | {
      type: "pipeline";
      text: string;
      own: boolean;
      blocked: string[];
      language: PageLanguage;
      fewestWords: number;
      similarity: number;
    }
  /** The stages of a real explanation of the text, each with the prompt that it sent. */
  | { type: "explanation"; text: string; own: boolean; language: string }
  /** What a request to explain the text takes of the loaded model's context. */
  | { type: "context-bar"; text: string; own: boolean; language: string }
  /** Two answers to one prompt, judged without knowing whose they are; ratings by Elo. */
  | { type: "blind-pairs"; prompts: string[]; contestants: Contestant[]; maxTokens: number }
  /** The reader's own cases, run on the loaded model, and kept. */
  | { type: "evaluation"; cases: EvaluationCase[]; maxTokens: number }
  | { type: "sort-claims"; bins: { id: string; label: string }[]; claims: Claim[] }
  /** Where to read on, ranked for the text. */
  | { type: "links"; text: string; own: boolean; topics: { title: string; links: TopicLink[] }[] }
  /** Attempts of the loaded model at small functions, graded in the sandbox. */
  | { type: "attempts"; tasks: FunctionTask[]; temperature: number }
  /** Players of a small game who copy teachers, look ahead, or play alone. */
  | { type: "toy-game"; stones: number; most: number; skill: number; depth: number }
  /** Sums that the loaded model thinks about for longer and longer, and votes on. */
  | { type: "thinking"; terms: number; votes: number }
  /** A draft of the loaded model, its critique by written rules, its revision, and which of the two a judge prefers. */
  | { type: "constitution"; text: string; own: boolean; rules: string[] }
  /** What the loaded model's file holds. */
  | { type: "model-file" }
  /** The words of the text in another order, read with positions and with all positions equal. */
  | { type: "positions"; text: string; own: boolean }
  /** Two tokens' rows turned by their places, and waves added to them. */
  | { type: "rotation"; text: string; own: boolean }
  /** Where the routers of a mixture of experts send the tokens; where the loaded model is none, one of our own. */
  | { type: "experts"; text: string; own: boolean; count: number; used: number }
  /** A prompt continued by the built-in base model, and answered by the loaded chat model. */
  | { type: "schools"; text: string; own: boolean }
  /** The loaded model's next tokens, tried and rewarded. */
  | { type: "reinforce"; text: string; own: boolean }
  /** Numbers joined two at a time until the target is left: a search over thoughts, greedy or wide. */
  | { type: "thoughts"; text: string; own: boolean; target: number }
  /** Two tasks learned at once from the words of the text, by one network and by experts with gates. */
  | { type: "two-tasks"; text: string; own: boolean }
  /** The same sums answered by the loaded model at once and step by step, and graded. */
  | { type: "sums"; terms: number }
  /** The session as a machine: window, weights, processes and tools. */
  | { type: "machine"; text: string; own: boolean };
export type ExhibitType = ExhibitConfig["type"];

/** Who takes part in blind pairs: a model, and how it is asked. */
export interface Contestant {
  id: string;
  label: string;
  model: "loaded" | "built-in";
  temperature: number;
}

/** A case of an evaluation set: it is passed when the answer contains what is expected. */
export interface EvaluationCase {
  prompt: string;
  expect: string;
}

/** A claim to be put into one of the bins, with what is known about it and since when. */
export interface Claim {
  id: string;
  text: Inline[];
  bin: string;
  evidence: Inline[];
}

export interface TopicLink {
  id: string;
  title: string;
  target: LinkTarget;
  about: string;
}

export interface ExhibitBlock {
  kind: "exhibit";
  id: string;
  config: ExhibitConfig;
  /** The check that must be answered once before the exhibit is uncovered: predict, then reveal. */
  coveredBy: string | undefined;
}

/** Something that is measured live, not stored with the lesson. */
export type Fact =
  | { fact: "token-count" | "token-id"; text: string; encoding: string }
  | { fact: "byte-count"; text: string }
  /** Exact arithmetic. */
  | { fact: "calculation"; expression: string };

export type Comparison = "at-least" | "at-most" | "over" | "under";

/** A reading of an exhibit and what it must be. */
export interface ReadingCondition {
  reading: string;
  is: Comparison;
  value: number;
}

/** What the text of an exhibit must still be about: it names one of these words. */
export interface WordsCondition {
  /** Beginnings of words: "apple" finds "apples". */
  words: string[];
  /** Which of the prompts of an exhibit that has several; undefined for its one text. */
  prompt: string | undefined;
}

export type Condition = ReadingCondition | WordsCondition;

export interface ChooseOption {
  text: Inline[];
  /** Why it is right or wrong. */
  why: Inline[];
  /** Stated in the lesson, or, where the check has facts, right when they measure exactly these values. */
  answer: { right: boolean } | { values: number[] };
}

export type CheckConfig =
  /** Choose one of several answers. */
  | { type: "choose"; options: ChooseOption[]; facts: Fact[] }
  /** Change an exhibit until its readings meet every condition; with `submit`, only when the reader says so. */
  | { type: "until"; exhibit: string; conditions: Condition[]; submit: boolean }
  /** Guess what an exhibit is about to show; right when the guess is among the `within` best. */
  | { type: "guess"; exhibit: string; about: string; within: number }
  /** Guess a number, once `when` holds; right when off by no more than the part `within` of it. */
  | { type: "estimate"; of: EstimateOf; unit: string; within: number; when: Condition[] }
  /** Bring items into their order, which is that of the lesson. */
  | { type: "order"; items: { text: Inline[]; why: Inline[] }[] }
  /** Explain in a sentence or two; compared with key points by their words. */
  | { type: "explain"; points: KeyPoint[]; need: number }
  /** Write a prompt after which the loaded model does what is asked, in `need` of `runs` runs. */
  | {
      type: "prompt";
      /** What stands in the field at first. */
      start: string;
      /** Whether it is a text to be continued, or what a user says to a chat model. */
      form: "text" | "chat";
      runs: number;
      need: number;
      temperature: number;
      maxTokens: number;
      stopTexts: string[];
      /** All must hold for a run to pass. */
      must: AnswerRule[];
      /** Words that the prompt itself may not contain. */
      avoid: string[];
    };

/** What an answer of the model must be; decided without a second model. */
export type AnswerRule =
  /** One of the texts, from the beginning of a word on. */
  | { rule: "contains" | "lacks"; texts: string[] }
  | { rule: "matches"; pattern: string }
  /** The last number in it. */
  | { rule: "number"; value: number; within: number }
  | { rule: "json"; fields: string[] }
  | { rule: "words"; atLeast: number | undefined; atMost: number | undefined }
  /** A function that it wrote, run in the sandbox. */
  | {
      rule: "runs";
      languageId: "javascript" | "typescript" | "python";
      functionName: string;
      cases: { input: string; returns: string }[];
    };

/** What the number is: a fact, or a reading of an exhibit when the reader answers. */
export type EstimateOf = { kind: "fact"; fact: Fact } | { kind: "reading"; exhibit: string; reading: string };

export interface KeyPoint {
  text: Inline[];
  /** The point is named when one of these occurs; one of several words is there when all of them are. */
  words: string[];
}
export type CheckType = CheckConfig["type"];

export interface CheckBlock {
  kind: "check";
  id: string;
  question: Inline[];
  config: CheckConfig;
  hints: Inline[][];
  /** Shown once the check is passed. */
  because: Inline[];
}

export type LessonBlock = ProseBlock | ExhibitBlock | CheckBlock;

/** What a lesson cannot do without. */
export type LessonNeeds = "none" | "model" | "chat";

/** Code that a lesson points at: found by its text, wherever that stands now. */
export interface CodeAnchor {
  id: string;
  /** A path in the workspace; where it has no such file, one of the sample that comes with the extension. */
  file: string;
  text: string;
}

/** Where an anchor's code stands; lines are 0-based and inclusive. */
export type AnchorPlace =
  | { kind: "found"; file: string; firstLine: number; lastLine: number; changed: boolean; sample: boolean }
  /** The file is there, its text is not. */
  | { kind: "gone"; file: string; sample: boolean }
  | { kind: "no-file"; file: string };

export interface LessonHead {
  id: string;
  title: string;
  /** Number of the chapter, as in chapters.yaml. */
  chapter: number;
  /** Place within the chapter. */
  order: number;
  minutes: number;
  summary: string;
  needs: LessonNeeds;
  /** Where the numbers come from that are not measured here, with their dates. */
  sources: Inline[][];
  anchors: CodeAnchor[];
}

export interface Lesson extends LessonHead {
  blocks: LessonBlock[];
}

export interface CheckProgress {
  done: boolean;
  /** Wrong guesses in the reader's own words since it was asked last, oldest first. */
  wrong: string[];
  hintsShown: number;
  /** The answer that was right. */
  answer: string | undefined;
  /** What an estimate that was right scored by its distance, of 100. */
  points: number | undefined;
  /** When it was passed, in milliseconds since 1970. */
  doneAt: number | undefined;
  /** How often it has come back since it was missed last. */
  repeats: number;
}

export interface LessonProgress {
  checks: Record<string, CheckProgress>;
}

/** An entry of the glossary. */
export interface GlossaryTerm {
  id: string;
  name: string;
  /** What it means, in a sentence or two. */
  means: Inline[];
  /** The lesson that is about it. */
  lesson: string | undefined;
}

export interface LessonLink {
  id: string;
  title: string;
}

/** How far a reader has come in the course. */
export interface CourseSoFar {
  lessons: { done: number; of: number };
  /** `atOnce`: passed at the first answer, without a hint. */
  checks: { done: number; of: number; atOnce: number };
  /** Of the estimates that are done: how many, and the mean of their points. */
  estimates: { done: number; points: number };
  /** The first of the lessons that are not done. */
  open: LessonLink[];
  /** Checks that were missed and come back: those that are due, those that are not yet, and when the next one is. */
  again: { now: number; later: number; next: number | undefined };
}

/** The text that the reader has in front of them in the editor. */
export interface LessonSource {
  fileName: string;
  /** 0-based and inclusive. */
  firstLine: number;
  lastLine: number;
  chosen: "selection" | "line";
  languageId: string;
  text: string;
  /** Whether `text` lacks its end, because the selection is longer than a lesson shows. */
  cut: boolean;
}

/** Everything that the page needs to show a lesson. */
export interface LessonPage {
  lesson: Lesson;
  chapterTitle: string;
  progress: LessonProgress;
  previous: LessonLink | undefined;
  next: LessonLink | undefined;
  /** Whether the course ends with it. */
  last: boolean;
  source: LessonSource | undefined;
  /** The tokenizer that the settings name. */
  encoding: string;
  /** The entries of the glossary that the lesson uses. */
  terms: GlossaryTerm[];
  /** Other lessons with checks that were missed and are due again. */
  due: LessonLink[];
  /** Where the code of the lesson's anchors stands, by their ids. */
  places: Record<string, AnchorPlace>;
}

/** What is known of the loaded model, and of the machine. */
export interface ModelFacts {
  name: string;
  values: Partial<Record<InputSource, number>>;
  /** Of the file: kinds of tensors with their number, weights and bytes. */
  tensorTypes: { type: string; tensors: number; weights: number; bytes: number }[];
  largest: { name: string; shape: number[]; type: string; bytes: number }[];
  /** Short entries of the header, as text. */
  metadata: { key: string; value: string }[];
  /** In the feed-forward parts of all layers, those of all experts among them. */
  feedForwardWeights: number;
  fileBytes: number;
  /** Bytes of the file in front of the tensors: names, settings, the vocabulary. */
  headerBytes: number;
}

/** A chat as the model's template writes it. */
export interface TemplatedChat {
  tokens: ModelToken[];
  /** For each token whose words it is. */
  roles: (DialogTurn["role"] | "template")[];
  model: string;
}

/** A token of an encoding, as the exhibits show it. */
export interface EncodedToken {
  id: number;
  bytes: Uint8Array;
  /** Whether a piece begins with it: merging never joins across pieces. */
  startsPiece: boolean;
}

/** What the loaded model is to write: the continuation of a text, or the next turn of a chat. */
export interface WriteRequest {
  prompt: string | DialogTurn[];
  maxTokens: number;
  temperature: number;
  seed: number;
  /** It stops where it has written one of these; what it wrote of it is cut off. */
  stopTexts: string[];
  /** GBNF: what the text must follow. */
  grammar?: string;
}

export interface Written {
  text: string;
  tokens: GeneratedToken[];
  /** The prompt as it went to the model, with special tokens spelled out, and how many tokens it had. */
  sent: string;
  sentTokens: number;
  stop: StopReason;
  /** Milliseconds in all. */
  ms: number;
  model: string;
}

/** Code that the loaded model or the reader wrote, and what is tried on it in the sandbox. */
export interface TryFunction {
  source: string;
  languageId: "javascript" | "typescript" | "python";
  functionName: string;
  /** Argument lists, as `3, [1, 2]`. */
  inputs: string[];
}

/** What is told of an explanation while it is under way. */
export type ExplanationNews =
  | { kind: "begun"; state: ExplainState }
  | { kind: "happened"; event: ExplainEvent }
  | { kind: "sent"; call: SentCall };

export interface LessonHostProtocol extends LaboratoryHost {
  /** Explains a text with the loaded model; with `runs`, its functions are run in the sandbox first. */
  explain: Method<{ text: string; languageId: string; runs: boolean }, null, ExplanationNews>;
  /** What a request to explain a text would take of the context; the model writes nothing. */
  contextUse: Method<{ text: string; languageId: string }, ContextUse>;
  /** What an exhibit of the lesson on show has kept between sessions; null where it has kept nothing. */
  kept: Method<{ exhibitId: string }, string | null>;
  keep: Method<{ exhibitId: string; value: string }, null>;
  /** Records an answer and returns the lesson's progress after it. */
  answered: Method<
    { lessonId: string; checkId: string; answer: string; right: boolean; points?: number },
    LessonProgress
  >;
  hintShown: Method<{ lessonId: string; checkId: string }, LessonProgress>;
  /** Opens a check again that was missed and is due. */
  tryAgain: Method<{ lessonId: string; checkId: string }, LessonProgress>;
  /** How far the reader has come in the course. */
  soFar: Method<Record<string, never>, CourseSoFar>;
  /** Opens a web address of the lesson that is shown, outside the editor. */
  openLink: Method<{ url: string }, null>;
  runCommand: Method<{ command: LessonCommand }, null>;
  /** Shows the code of an anchor in an editor. */
  revealCode: Method<{ id: string }, null>;
  /** Measures facts with the real tokenizer. */
  measure: Method<{ facts: Fact[] }, number[]>;
  encode: Method<{ text: string; encoding: string }, EncodedToken[]>;
  /** How the bytes of one piece become tokens, merge by merge. */
  replay: Method<{ piece: Uint8Array; encoding: string }, MergeReplay>;
  /** Loads the model where that is still to be done. */
  modelFacts: Method<Record<string, never>, ModelFacts>;
  renderChat: Method<{ turns: DialogTurn[] }, TemplatedChat>;
  /** Lets the loaded model write; one event a token. */
  write: Method<WriteRequest, Written, GeneratedToken>;
  /** Runs a function in the sandbox, each input in a fresh runtime; refused in a workspace that is not trusted. */
  tryFunction: Method<TryFunction, FunctionRun[]>;
  /** Passages of the files of the workspace. */
  passages: Method<Record<string, never>, { passages: Passage[]; files: number }>;
  /**
   * A request to the host of another panel, whose exhibit is embedded in the lesson: the method of that panel's own
   * protocol, asked about `text`.
   */
  exhibit: Method<{ exhibitId: string; text: string; method: string; params: unknown }, unknown, unknown>;
}

export interface LessonWebviewProtocol {
  show: Method<LessonPage, null>;
  sourceChanged: Method<{ source: LessonSource | undefined }, null>;
  /** The settings name another tokenizer now. */
  encodingChanged: Method<{ encoding: string }, null>;
  /** Code that the lesson points at has moved, changed, gone or come back. */
  placesChanged: Method<{ places: Record<string, AnchorPlace> }, null>;
}
