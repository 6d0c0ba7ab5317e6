/** The examples of what models get wrong, with tools: each answer exact, and what the model says by itself beside it. */

import { TOOL_EXAMPLES } from "../../scripts/accuracyPage.js";
import type { ExactnessRun } from "../../scripts/exactness.js";
import type { Held } from "../../scripts/held.js";
import { chatModelPath, ensureChatModel } from "../../scripts/models.js";
import { Ask } from "../../src/core/ask/ask.js";
import { NOTHING_SELECTED } from "../../src/shared/panels/ask.js";
import { builtWorkers } from "../builtWorkers.js";
import { askExample, EXAMPLES, type Example } from "./tools/examples.js";

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
    for (const example of [...examples, ...random]) {
      const { name, question, value } = example;
      const {
        tool = "nothing",
        withTool = "nothing",
        alone = "nothing",
        ...answered
      } = await askExample(ask, example);
      const line =
        `${cut(question)}  tool: ${tool}  model with the tool: ${cut(withTool)}` +
        `  model alone: ${cut(alone)} (${answered.aloneVerdicts.join(", ")})`;
      if (tool === value) {
        say(line);
        await keep(name, [HELD]);
      } else
        wrong.push(`${line}; ${value} is right${answered.error === undefined ? "" : `: ${answered.error}`}`);
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
