/** The examples of what models get wrong, with tools: each answer exact, and what the model says by itself beside it. */

import { TOOL_EXAMPLES } from "../../scripts/accuracyPage.js";
import type { ExactnessRun } from "../../scripts/exactness.js";
import type { Held } from "../../scripts/held.js";
import { chatModelPath, ensureChatModel } from "../../scripts/models.js";
import { Ask } from "../../src/core/ask/ask.js";
import { callFor } from "../../src/core/ask/askState.js";
import { writtenText } from "../../src/core/explain/textOfTokens.js";
import { NOTHING_SELECTED } from "../../src/shared/panels/ask.js";
import { builtWorkers } from "../builtWorkers.js";

/** A question and its exact answer, computed by something else than the tool. */
export interface Example {
  name: string;
  question: string;
  /** The value that the tool must give. */
  value: string;
}

const dots = ".".repeat(177);
const [a, b] = [1_234_567_890n, 9_876_543_210n];
const letters = (word: string, letter: string) => `${word.split(letter).length - 1}`;

const EXAMPLES: readonly (Example & { name: (typeof TOOL_EXAMPLES)[number] })[] = [
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

const LONGEST = 90;

const HELD: Held = {
  what: "results of tools for questions in words",
  against: "the same computed in another way by the suite",
  cases: 1,
  of: "questions",
  found: { kind: "equal" },
};

/** `count`: how many products of two ten-digit numbers are asked for beside the examples; `part`: one or more, by commas. */
export async function run({ say, keep, count = 0, part }: ExactnessRun): Promise<void> {
  const names = part?.split(",") ?? TOOL_EXAMPLES;
  const examples = EXAMPLES.filter(({ name }) => names.includes(name));
  if (examples.length === 0) throw new Error(`There is no example "${part}": ${TOOL_EXAMPLES.join(", ")}.`);
  await ensureChatModel();
  const path = chatModelPath();
  const worker = builtWorkers.model();
  try {
    const ask = new Ask(
      {
        model: {
          ready: (signal) =>
            worker.call("load", { path, gpuLayers: 0, threads: 0 }, signal ? { signal } : {}),
          call: (method, params, options) => worker.call(method, params, options),
        },
        context: () => ({}),
        onEvent: () => {},
      },
      { subject: NOTHING_SELECTED, trusted: false, model: undefined, turns: [] },
    );
    const random = Array.from({ length: count }, (): Example => {
      const [x, y] = [tenDigits(), tenDigits()];
      return { name: "random", question: `What is ${x} × ${y}?`, value: `${x * y}` };
    });
    const wrong: string[] = [];
    for (const { name, question, value } of [...examples, ...random]) {
      await ask.ask(question, false);
      const turn = ask.state.turns.at(-1);
      const found = turn?.steps[0]?.outcome;
      const alone = turn && callFor(turn, "alone");
      const answered = turn && callFor(turn, "answer");
      const verdicts = [...new Set(turn?.checks.alone.map(({ verdict }) => verdict))].join(", ");
      const line =
        `${cut(question)}  tool: ${found?.value ?? "nothing"}` +
        `  model with the tool: ${cut(answered ? writtenText(answered) : "nothing")}` +
        `  model alone: ${cut(alone ? writtenText(alone) : "nothing")} (${verdicts})`;
      if (found?.value === value) {
        say(line);
        await keep(name, [HELD]);
      } else wrong.push(`${line}; ${value} is right${turn?.error ? `: ${turn.error.message}` : ""}`);
    }
    if (wrong.length > 0) throw new Error(wrong.join("\n    "));
  } finally {
    worker.dispose();
  }
}

function tenDigits(): bigint {
  return BigInt(Math.floor(1e9 + Math.random() * 9e9));
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 12)} … ${text.slice(-8)}`;
}
