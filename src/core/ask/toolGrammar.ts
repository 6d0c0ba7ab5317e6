/**
 * One thing at a time: a grammar (GBNF) for the tool's name, and a small one for each of its arguments, so that a
 * model of one billion parameters cannot write anything that is not a call. Texts are copied, never composed: a name
 * or a word can only be one that stands in the question.
 */

import type { Tool } from "../tools/tool.js";
import { type RuleSubject, sandboxLanguage } from "./questionRules.js";

/** What the model says in place of a tool when nothing has to be found out. */
export const NO_TOOL = "answer";
/** How the transcript names what is not spelled out in it. */
export const THE_SELECTION = "the selected text";
const EVERYTHING = "everything";

/** What the arguments may be taken from. */
export interface ArgumentSources {
  question: string;
  subject: RuleSubject;
  /** Paths that tools have found. */
  paths: readonly string[];
}

export interface Argument {
  name: string;
  /** Undefined where there is nothing to choose: `value` then holds without the model. */
  grammar: string | undefined;
  value?: string;
  /** What it is copied from, where it is. */
  choices?: readonly string[];
  /** 0 where there is nothing to choose whoever writes it. */
  maxTokens: number;
  /** What the words mean as an input; undefined leaves the argument out. */
  read(words: string): string | undefined;
}

/** Only these words. */
export function oneOf(words: readonly string[]): string {
  return `root ::= ${words.map(literal).join(" | ")}`;
}

/** A string as GBNF writes it. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\"\p{Cc}]/gu, (sign) => {
    if (sign === "\n") return "\\n";
    if (sign === "\r") return "\\r";
    if (sign === "\t") return "\\t";
    if (sign === "\\" || sign === '"') return `\\${sign}`;
    return `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

/** One line of anything. */
export const ONE_SENTENCE = "root ::= [^\\n]{2,160}";

const EXPRESSION =
  'root ::= part{1,80}\npart ::= [0-9] | [-+*/%^(). ] | " < " | " > " | " = " | "gcd(" | "sqrt(" | ", "';
const CODE_LINE = "root ::= [^\\n]{1,200}";
const CODE = "root ::= line{1,20}\nline ::= [^\\n]{1,160} [\\n]?";
const MOST_WORDS = 60;

/** The arguments that the model is asked for, in order; undefined where a tool has nothing to work on. */
export function argumentsFor(tool: Tool, sources: ArgumentSources): Argument[] | undefined {
  const { question, subject } = sources;
  const words = copyable(question);
  const selected = subject.text === "" ? [] : [THE_SELECTION];
  const text = copied("text", [...selected, ...words], subject);
  switch (tool.name) {
    case "calculate":
      return /\d/.test(question)
        ? [{ name: "expression", grammar: EXPRESSION, maxTokens: 60, read: (written) => written.trim() }]
        : undefined;
    case "count_characters":
    case "index_characters":
      return [text, copied("of", [EVERYTHING, ...signsIn(question), ...words], subject)];
    case "count_tokens":
      return [text];
    case "read_diagnostics":
      return [copied("path", [EVERYTHING, ...(subject.path === undefined ? [] : [subject.path])], subject)];
    case "search_workspace": {
      const names = words.filter((word) => [...word].length > 2);
      return names.length === 0 ? undefined : [copied("query", names, subject)];
    }
    case "read_file": {
      const named = words.filter((word) => /[./\\]\w/.test(word));
      const paths = [...(subject.path === undefined ? [] : [subject.path]), ...sources.paths, ...named];
      return paths.length === 0 ? undefined : [copied("path", paths, subject)];
    }
    default:
      return codeArguments(subject);
  }
}

/** With code selected, one line behind it: what is to be evaluated. Without, a program of its own. */
function codeArguments(subject: RuleSubject): Argument[] {
  const language = sandboxLanguage(subject.languageId);
  const read = (written: string) => written.trim();
  if (language !== undefined && subject.text !== "") {
    return [
      { name: "language", grammar: undefined, value: language, maxTokens: 0, read },
      {
        name: "code",
        grammar: CODE_LINE,
        maxTokens: 80,
        read: (written) => `${subject.text}\n${written.trim()}`,
      },
    ];
  }
  return [
    { name: "language", grammar: oneOf(["javascript", "python"]), maxTokens: 8, read },
    { name: "code", grammar: CODE, maxTokens: 200, read },
  ];
}

function copied(name: string, from: readonly string[], subject: RuleSubject): Argument {
  const choices = [...new Set(from)];
  return {
    name,
    choices,
    ...(choices.length === 1 ? { grammar: undefined, value: choices[0]! } : { grammar: oneOf(choices) }),
    maxTokens: 120,
    read: (words) => (words === EVERYTHING ? undefined : words === THE_SELECTION ? subject.text : words),
  };
}

/** What can be copied out of a question: what stands in quotes, then its words without the signs around them. */
export function copyable(question: string): string[] {
  const quoted = [...question.matchAll(/"([^"\n]+)"|`([^`\n]+)`|'([^'\n]+)'(?!\w)/g)].map(
    ({ 1: a, 2: b, 3: c }) => (a ?? b ?? c)!,
  );
  const words = question
    .split(/\s+/)
    .map((word) => word.replace(/^[("'`“‘]+|[)"'`”’?!,;:]+$/g, "").replace(/(?<=\w)\.$/, ""))
    .filter((word) => word !== "");
  return [...new Set([...quoted, ...words])].slice(0, MOST_WORDS);
}

/** Single signs that a question names: `Rs` names r. */
function signsIn(question: string): string[] {
  const letters = [...question.matchAll(/(?<![\p{L}'])(\p{L})(?:'?s)?(?![\p{L}'])/giu)].map(({ 1: letter }) =>
    letter!.toLowerCase(),
  );
  return /\b(?:dots?|periods?)\b/i.test(question) ? [...letters, "."] : letters;
}
