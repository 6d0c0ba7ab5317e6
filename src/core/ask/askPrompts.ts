/** The words around a question: the transcript in which a tool is chosen, and the one in which the answer is given. */

import { firstCharacters } from "../../shared/cutText.js";
import type { AskSubject, CallPurpose } from "../../shared/panels/ask.js";
import type { SamplingSettings } from "../../shared/types.js";
import type { ChatMessage } from "../../shared/workerProtocol.js";
import type { Tool, ToolResult } from "../tools/tool.js";
import { NO_TOOL, THE_SELECTION } from "./toolGrammar.js";

/** The most probable token each time: the same question is answered the same. */
export const ASK_SAMPLING: SamplingSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };
export const ASK_SEED = 1;
export const ANSWER_TOKENS = 96;
export const ALONE_TOKENS = 64;
export const THOUGHT_TOKENS = 28;
/** Of a call in the model's own form; a longer one is broken off and read as malformed. */
export const CALL_TOKENS = 160;
/** How much of the selection, and of a result, a prompt quotes; in UTF-16 units. */
const QUOTED = { selection: 1600, result: 1600 } as const;

/** In fewer words than the descriptions for larger models: each costs a small one time and attention. */
const IN_SHORT: Readonly<Record<string, string>> = {
  calculate: "arithmetic and comparing numbers",
  count_characters: "how often a letter or sign occurs",
  index_characters: "at which place a letter stands, spelling",
  count_tokens: "how many tokens a text has",
  read_diagnostics: "errors and warnings in the code",
  search_workspace: "find a name in all files",
  read_file: "read a file",
  run_code: "run a program",
};

const THINK = "What must be found out?";
const CHOOSE = "Which tool?";

// One whole round as an example each: it teaches a small model the form better than any instruction.
const EXAMPLES: readonly { question: string; thought: string; tool: string }[] = [
  {
    question: "What do 12 boxes of 12 eggs come to?",
    thought: "The product of 12 and 12.",
    tool: "calculate",
  },
  {
    question: "Who calls parseDate?",
    thought: "The files that contain parseDate.",
    tool: "search_workspace",
  },
  { question: "What is a variable?", thought: "Nothing, this is general knowledge.", tool: NO_TOOL },
];

/**
 * The transcript up to the question. It holds only what the reader wrote and what these tools are: neither the
 * selection nor what a tool has quoted can ask for a tool, because it is not there.
 */
export function choosingMessages(
  question: string,
  subject: AskSubject,
  tools: readonly Tool[],
): ChatMessage[] {
  const list = tools.map(({ name }) => `${name}: ${IN_SHORT[name] ?? name}`);
  const examples = EXAMPLES.filter(({ tool }) => tool === NO_TOOL || tools.some(({ name }) => name === tool));
  return [
    {
      role: "system",
      content: [
        "You choose the tool that answers a question.",
        ...list,
        `${NO_TOOL}: no tool is needed`,
      ].join("\n"),
    },
    ...examples.flatMap((example): ChatMessage[] => [
      { role: "user", content: `${example.question}\n${THINK}` },
      { role: "assistant", content: example.thought },
      { role: "user", content: CHOOSE },
      { role: "assistant", content: example.tool },
    ]),
    { role: "user", content: `${question}${selectionNote(subject)}\n${THINK}` },
  ];
}

/** The question for a model whose template declares the tools by itself. It holds no more than the other one. */
export function callingMessages(question: string, subject: AskSubject): ChatMessage[] {
  return [
    {
      role: "system",
      content:
        "Call the tool that finds out what the question asks. Where nothing has to be found out, say so in a few words.",
    },
    { role: "user", content: `${question}${selectionNote(subject)}${namingNote(subject)}` },
  ];
}

function namingNote({ text }: AskSubject): string {
  return text === "" ? "" : `\n(As an argument, write "${THE_SELECTION}" for it; code is run behind it.)`;
}

function selectionNote({ text, languageId }: AskSubject): string {
  if (text === "") return "";
  const lines = text.split("\n").length;
  return `\n(${lines === 1 ? "1 line" : `${lines} lines`} of ${languageId} selected.)`;
}

/** What the user's side says next. */
export function promptFor(purpose: CallPurpose): string {
  return purpose.kind === "argument" ? `The ${purpose.name}?` : purpose.kind === "thought" ? THINK : CHOOSE;
}

/** A result inside the choosing transcript: what quotes somebody else only says that it is there. */
export function observation(result: ToolResult): string {
  if (!result.ok) return "Result: it failed.";
  return result.quotes ? "Result: it is there." : `Result: ${firstCharacters(result.text, QUOTED.result)}`;
}

/** One call of a tool and what came of it. */
export interface Fact {
  tool: Tool;
  result: ToolResult;
}

/** The chat that asks for the answer, with the selection and the results in it as data; no tool is left to call. */
export function answerMessages(
  question: string,
  text: string,
  facts: readonly Fact[],
  before: readonly { question: string; answer: string }[],
  share: number,
): ChatMessage[] {
  const results = facts.map(
    ({ tool, result }) => `Result of ${tool.name}: ${quoted(result.text, QUOTED.result * share)}`,
  );
  return [
    { role: "system", content: "Answer in one short sentence. Use the result; it is right." },
    { role: "user", content: "Result of calculate: 12 * 12 = 144\nWhat do 12 boxes of 12 eggs come to?" },
    { role: "assistant", content: "12 boxes of 12 eggs come to 144." },
    {
      role: "user",
      content: 'Result of count_characters: "a" occurs 3 times in "banana".\nHow many a are in banana?',
    },
    { role: "assistant", content: 'There are 3 "a" in banana.' },
    ...earlier(before),
    { role: "user", content: [...selection(text, share), ...results, question].join("\n") },
  ];
}

/** The same question without any result. */
export function aloneMessages(question: string, text: string, share: number): ChatMessage[] {
  return [
    { role: "system", content: "Answer in one short sentence." },
    { role: "user", content: [...selection(text, share), question].join("\n") },
  ];
}

function earlier(before: readonly { question: string; answer: string }[]): ChatMessage[] {
  return before.flatMap(({ question, answer }): ChatMessage[] => [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ]);
}

function selection(text: string, share: number): string[] {
  return text === "" ? [] : [quoted(text, QUOTED.selection * share), ""];
}

function quoted(text: string, most: number): string {
  const kept = firstCharacters(text, Math.floor(most));
  return kept.length < text.length ? `${kept} …` : kept;
}
