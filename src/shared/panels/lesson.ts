/** The lesson page and its host: a lesson as plain data, and what each side asks of the other. */

import type { Method } from "../rpc.js";
import type { MergeReplay } from "../types.js";

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
] as const;
export type LessonCommand = (typeof LESSON_COMMANDS)[number];

/** Where a link of a lesson leads. A web page is opened by the host, on request, outside the editor. */
export type LinkTarget =
  | { kind: "web"; url: string }
  | { kind: "lesson"; id: string }
  | { kind: "command"; command: LessonCommand };

/** Running text. There is no kind for markup: HTML in a lesson is text like any other. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "emphasis"; children: Inline[] }
  | { kind: "link"; target: LinkTarget; children: Inline[] }
  | { kind: "break" };

export type ProseBlock =
  | { kind: "heading"; level: 2 | 3; children: Inline[] }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "list"; ordered: boolean; items: ProseBlock[][] }
  | { kind: "quote"; children: ProseBlock[] }
  | { kind: "code"; text: string };

/**
 * A live exhibit with its parameters; `languages` brings its own sentences. `text` is what the others run on while the editor offers nothing; with `own`, until
 * something is selected there.
 */
export type ExhibitConfig =
  | { type: "token-strip"; text: string; own: boolean; encoding: string; replay: boolean }
  | { type: "next-token"; text: string; own: boolean }
  | { type: "attention-map"; text: string; own: boolean }
  | { type: "languages"; meaning: string; encodings: string[] };
export type ExhibitType = ExhibitConfig["type"];

export interface ExhibitBlock {
  kind: "exhibit";
  id: string;
  config: ExhibitConfig;
  /** The check that must be answered once before the exhibit is uncovered: predict, then reveal. */
  coveredBy: string | undefined;
}

/** Something that is measured live, not stored with the lesson. */
export type Fact = { fact: "token-count"; text: string; encoding: string };

export type Comparison = "at-least" | "at-most" | "over" | "under";

/** A reading of an exhibit and what it must be. */
export interface Condition {
  reading: string;
  is: Comparison;
  value: number;
}

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
  | { type: "guess"; exhibit: string; about: string; within: number };
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
}

export interface Lesson extends LessonHead {
  blocks: LessonBlock[];
}

export interface CheckProgress {
  done: boolean;
  /** Wrong guesses in the reader's own words, oldest first. */
  wrong: string[];
  hintsShown: number;
  /** The answer that was right. */
  answer: string | undefined;
}

export interface LessonProgress {
  checks: Record<string, CheckProgress>;
}

export interface LessonLink {
  id: string;
  title: string;
}

/** The text that the reader has in front of them in the editor. */
export interface LessonSource {
  fileName: string;
  /** 0-based and inclusive. */
  firstLine: number;
  lastLine: number;
  chosen: "selection" | "line";
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
  source: LessonSource | undefined;
  /** The tokenizer that the settings name. */
  encoding: string;
}

/** A token of an encoding, as the exhibits show it. */
export interface EncodedToken {
  id: number;
  bytes: Uint8Array;
  /** Whether a piece begins with it: merging never joins across pieces. */
  startsPiece: boolean;
}

export interface LessonHostProtocol {
  /** Records an answer and returns the lesson's progress after it. */
  answered: Method<{ lessonId: string; checkId: string; answer: string; right: boolean }, LessonProgress>;
  hintShown: Method<{ lessonId: string; checkId: string }, LessonProgress>;
  /** Opens a web address of the lesson that is shown, outside the editor. */
  openLink: Method<{ url: string }, null>;
  runCommand: Method<{ command: LessonCommand }, null>;
  /** Measures facts with the real tokenizer. */
  measure: Method<{ facts: Fact[] }, number[]>;
  encode: Method<{ text: string; encoding: string }, EncodedToken[]>;
  /** How the bytes of one piece become tokens, merge by merge. */
  replay: Method<{ piece: Uint8Array; encoding: string }, MergeReplay>;
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
}
