/** The words that go to the model: one short chat a step, facts told first, and where each role speaks in it. */

import type { ExplainSubject, Fact } from "../../shared/panels/explain.js";
import type { PromptPart } from "../../shared/panels/sent.js";
import type { ExplanationStep, SamplingSettings } from "../../shared/types.js";
import type { ChatMessage, FunctionRun, RenderedPrompt } from "../../shared/workerProtocol.js";

/** Low temperature: the same step should read much the same each time. */
export const EXPLAIN_SAMPLING: SamplingSettings = { temperature: 0.2, topK: 40, topP: 0.95, minP: 0.05 };
export const EXPLAIN_SEED = 1;
export const EXPLAIN_MAX_TOKENS = 80;
/** A small model that goes on after its paragraph repeats the question or invents the next one. */
export const EXPLAIN_STOP_TEXTS: readonly string[] = ["\n", "```"];

/** An answer to the reader's own question may be a short paragraph. */
export const FOLLOW_UP_MAX_TOKENS = 160;
export const FOLLOW_UP_STOP_TEXTS: readonly string[] = ["\n\n", "```"];

/** The longest text that the grammars let through, in tokens. The most probable answer is the prediction. */
export const PREDICTION_MAX_TOKENS = 200;
export const PREDICTION_SAMPLING: SamplingSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };

/** A model that only continues text gets room for a few sentences and no stop text. */
export const CONTINUATION_MAX_TOKENS = 60;
export const CONTINUATION_SAMPLING: SamplingSettings = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 };

/** At most this many facts are told, and this many characters of each: the context is short. */
const MOST_FACTS = 5;
const LONGEST_FACT = 160;
const MOST_STEP_FACTS = 3;
const MOST_EVIDENCE = 2;

const SYSTEM = "You explain code. Answer in one short sentence.";

// Three examples teach a model of one billion parameters the form of the answer better than any instruction: tried
// on TinyLlama 1.1B, which without them repeats the question, quotes the code or goes on for a paragraph.
const EXAMPLES: readonly [question: string, answer: string][] = [
  ["Explain the declaration: let count = 1;", "It starts `count` at 1."],
  [
    "Explain the loop: for (const p of prices) {\n  cheapest = Math.min(cheapest, p);\n}",
    "It goes through `prices` and keeps the smallest one in `cheapest`.",
  ],
  [
    "Explain the condition: if (cheapest > limit) return count * 2;",
    "If `cheapest` is above `limit`, it returns twice the value of `count`.",
  ],
];

/** One run of a function as a sentence: `sum([3, 4, 5]) returned 12`. */
export function factSentence(functionName: string, run: FunctionRun): string {
  const call = `${functionName}(${run.input})`;
  switch (run.outcome) {
    case "returned":
      return `${call} returned ${run.value}`;
    case "threw":
      return `${call} threw ${run.value}`;
    case "timed-out":
      return `${call} did not end in time`;
    case "out-of-memory":
      return `${call} ran out of memory`;
    case "invalid-input":
      return `${call} could not be run: ${run.value}`;
  }
}

/** One line of at most so many characters. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_FACT ? `${line.slice(0, LONGEST_FACT)} …` : line;
}

/** What the editor's tools know of one step, as the model is told it. */
export function stepFactsToTell(gathered: readonly Fact[], step: number): string[] {
  return gathered
    .filter((fact) => fact.step === step && fact.source !== "run")
    .slice(0, MOST_STEP_FACTS)
    .map(({ statement, told }) => oneLine(told ?? statement).replace(/\.$/, ""));
}

/** The facts that the model is told: what really ran, at most five, each on one line and cut to a length. */
export function factsToTell(functionName: string, runs: readonly FunctionRun[]): string[] {
  return runs
    .filter((run) => run.outcome !== "invalid-input")
    .slice(0, MOST_FACTS)
    .map((run) => oneLine(factSentence(functionName, run)));
}

/** Words for the kinds that the parser gives; a model knows "the loop" better than "the for_statement". */
function kindWord(step: ExplanationStep): string {
  return step.kind.replace(/[_-]+/g, " ").trim() || "part";
}

/** The facts about the whole selection as they stand above the code; empty when there are none. */
export function toldText(facts: readonly string[]): string {
  return facts.length > 0 ? `Facts from running it: ${facts.join("; ")}.` : "";
}

/**
 * How every chat about a selection begins. Everything before the question is the same for all of them, so that the
 * engine reads it once.
 * @param told see `toldText`.
 * @param code the selection, or the lines of it that fit.
 */
export function openingMessages(told: string, code: string, question: string): ChatMessage[] {
  return [
    { role: "system", content: SYSTEM },
    ...EXAMPLES.flatMap(([ask, answer]): ChatMessage[] => [
      { role: "user", content: ask },
      { role: "assistant", content: answer },
    ]),
    { role: "user", content: `${told === "" ? "" : `${told}\n\n`}${code}\n\n${question}` },
  ];
}

/** Asks for one step, with what tools know of it. */
export function explainRequest(step: ExplanationStep, quoted: string, stepFacts: readonly string[]): string {
  const known = stepFacts.length > 0 ? `Known: ${stepFacts.join("; ")}.\n` : "";
  return `${known}Explain the ${kindWord(step)}: ${quoted}`;
}

/** Asks for a second draft. The form of the examples, once more: a small model that is told to correct itself rambles. */
export function correctionRequest(
  step: ExplanationStep,
  quoted: string,
  evidence: readonly string[],
): string {
  const shown = evidence.slice(0, MOST_EVIDENCE).map(oneLine).join("; ");
  return `A real run showed: ${shown}. Explain the ${kindWord(step)} again: ${quoted}`;
}

/** Asks for a value and nothing else; the grammar sees to the form. */
export function predictionRequest(question: string): string {
  return `${question} Answer with the value only.`;
}

/** A step quoted in the question: its own text, without common indentation, within the budget. */
export function quoteStep(subject: ExplainSubject, step: ExplanationStep, budget: CodeBudget): string {
  const lines = withoutIndent(subject.text.slice(step.start, step.end)).split("\n");
  const kept = lines.slice(0, budget.lines).join("\n").slice(0, budget.characters);
  return kept.length < lines.join("\n").length ? `${kept} …` : kept;
}

/** Removes the indentation that all lines but the first share (the first begins where the step begins). */
export function withoutIndent(text: string): string {
  const [first = "", ...rest] = text.replace(/\r\n?/g, "\n").split("\n");
  const indents = rest.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)![0].length);
  const common = indents.length > 0 ? Math.min(...indents) : 0;
  return [first.trimStart(), ...rest.map((line) => line.slice(Math.min(common, line.length)))]
    .join("\n")
    .trimEnd();
}

export interface CodeWindow {
  code: string;
  /** 0-based lines of the document, inclusive; undefined when it is the whole selection. */
  lines: { first: number; last: number } | undefined;
}

/** How much of the code may be sent. */
export interface CodeBudget {
  lines: number;
  characters: number;
}

/** The lines of the selection around a step, within the budget, with a mark where something is left out. */
export function codeAround(subject: ExplainSubject, step: ExplanationStep, budget: CodeBudget): CodeWindow {
  const lines = subject.text.replace(/\r\n?/g, "\n").split("\n");
  const whole = lines.join("\n").trimEnd();
  if (lines.length <= budget.lines && whole.length <= budget.characters) {
    return { code: whole, lines: undefined };
  }
  const stepFirst = step.firstLine - subject.firstLine;
  const stepLast = step.lastLine - subject.firstLine;
  // Grows around the step, one line above and one below in turn, until the budget is spent.
  let first = stepFirst;
  let last = stepFirst;
  let characters = lines[stepFirst]?.length ?? 0;
  const fits = (line: number) =>
    line >= 0 &&
    line < lines.length &&
    last - first + 1 < budget.lines &&
    characters + lines[line]!.length + 1 <= budget.characters;
  const take = (line: number) => {
    characters += lines[line]!.length + 1;
    first = Math.min(first, line);
    last = Math.max(last, line);
  };
  while (last < stepLast && fits(last + 1)) take(last + 1);
  for (let grown = true; grown; ) {
    grown = false;
    if (fits(first - 1)) {
      take(first - 1);
      grown = true;
    }
    if (fits(last + 1)) {
      take(last + 1);
      grown = true;
    }
  }
  const kept = lines.slice(first, last + 1).join("\n");
  const code = [
    ...(first > 0 ? ["…"] : []),
    kept.length > budget.characters ? `${kept.slice(0, budget.characters)} …` : kept,
    ...(last < lines.length - 1 ? ["…"] : []),
  ].join("\n");
  return { code, lines: { first: subject.firstLine + first, last: subject.firstLine + last } };
}

/** A text without the joints of a prompt, and where each of its characters stands in the prompt. */
export function withoutJoints({ text, joints }: RenderedPrompt): {
  plain: string;
  at(offset: number): number;
} {
  const plain = joints.reduceRight((rest, joint) => rest.slice(0, joint) + rest.slice(joint + 1), text);
  // The i-th joint has i joints before it.
  return { plain, at: (offset) => offset + joints.filter((joint, i) => joint - i < offset).length };
}

/**
 * Finds what each role says in a rendered prompt. What lies between is the template's.
 * A template may trim or drop a message; one that is not found stays part of the template.
 */
export function promptParts(prompt: RenderedPrompt, messages: readonly ChatMessage[]): PromptPart[] {
  const { plain, at } = withoutJoints(prompt);
  const parts: PromptPart[] = [];
  let cursor = 0;
  const push = (role: PromptPart["role"], start: number, end: number) =>
    parts.push({ role, start: at(start), end: at(end) });
  for (const { role, content } of messages) {
    const wanted = content.trim();
    const start = wanted === "" ? -1 : plain.indexOf(wanted, cursor);
    if (start < 0) continue;
    if (start > cursor) push("template", cursor, start);
    cursor = start + wanted.length;
    push(role, start, cursor);
  }
  if (plain.length > cursor) push("template", cursor, plain.length);
  return parts;
}
