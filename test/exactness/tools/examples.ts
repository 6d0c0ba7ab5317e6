/** The examples of what models get wrong: questions in words, and answers that were computed by something else than the tool. */

import type { TOOL_EXAMPLES } from "../../../scripts/accuracyPage.js";
import type { Ask } from "../../../src/core/ask/ask.js";
import { callFor } from "../../../src/core/ask/askState.js";
import { writtenText } from "../../../src/core/explain/textOfTokens.js";
import type { Verdict } from "../../../src/shared/types.js";

export interface Example {
  name: string;
  question: string;
  /** The value that the tool must give. */
  value: string;
}

const dots = ".".repeat(177);
const [a, b] = [1_234_567_890n, 9_876_543_210n];
const letters = (word: string, letter: string) => `${word.split(letter).length - 1}`;

export const EXAMPLES: readonly (Example & { name: (typeof TOOL_EXAMPLES)[number] })[] = [
  { name: "product", question: "What is 3847 × 291?", value: `${3847n * 291n}` },
  { name: "r-in-strawberry", question: "How many r are in strawberry?", value: letters("strawberry", "r") },
  { name: "u-in-ubiquitous", question: "How many u are in ubiquitous?", value: letters("ubiquitous", "u") },
  { name: "letters", question: "How many letters are in ubiquitous?", value: `${"ubiquitous".length}` },
  {
    name: "every-third",
    question: "Print every third character of ubiquitous, starting from the first.",
    value: [..."ubiquitous"].filter((_, index) => index % 3 === 0).join(""),
  },
  { name: "places", question: "At which places does r stand in strawberry?", value: "3, 8, 9" },
  { name: "dots", question: `How many dots are here: ${dots}`, value: `${dots.length}` },
  { name: "large-product", question: `What is ${a} × ${b}?`, value: `${a * b}` },
  { name: "versions", question: "Which is larger, 9.11 or 9.9?", value: "9.11 < 9.9" },
];

/** What came of a question: the tool's value, and what the model wrote with it and without. */
export interface Answered {
  /** Undefined where no tool was called. */
  tool: string | undefined;
  withTool: string | undefined;
  alone: string | undefined;
  /** How what it wrote alone holds against the tool's value. */
  aloneVerdicts: Verdict[];
  /** Why there is no answer. */
  error: string | undefined;
}

/** Asks one of them, as a reader would. */
export async function askExample(ask: Ask, { question }: Example): Promise<Answered> {
  await ask.ask(question, false);
  const turn = ask.state.turns.at(-1);
  const [alone, answer] = [turn && callFor(turn, "alone"), turn && callFor(turn, "answer")];
  return {
    tool: turn?.steps[0]?.outcome?.value,
    withTool: answer && writtenText(answer),
    alone: alone && writtenText(alone),
    aloneVerdicts: [...new Set(turn?.checks.alone.map(({ verdict }) => verdict))],
    error: turn?.error?.message,
  };
}
