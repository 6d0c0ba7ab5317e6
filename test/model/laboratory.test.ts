/** What the lessons on rewards ask of a chat model, with the real weights: attempts that are graded, thoughts, letters. */

import assert from "node:assert/strict";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { BODY_ENDS, readTask, sourceOf } from "../../src/core/lessons/attempts.js";
import { judgeTurns } from "../../src/core/lessons/constitution.js";
import { answerOf, sumPrompt } from "../../src/core/lessons/sums.js";
import { forcedPrompt } from "../../src/core/lessons/thinking.js";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";
import { builtWorkers } from "../builtWorkers.js";
import { chatModel, THREADS } from "../modelFiles.js";

describe("The lessons on rewards with a real chat model", function () {
  this.timeout(240_000);
  const model = builtWorkers.model();
  const sandbox = builtWorkers.sandbox();

  before(() => model.call("load", { path: chatModel(), gpuLayers: 0, threads: THREADS }));
  after(() => {
    model.dispose();
    sandbox.dispose();
  });

  async function write(
    prompt: string,
    maxTokens: number,
    temperature: number,
    seed: number,
    stops: string[],
  ) {
    const tokens = await model.call("tokenize", { text: prompt, bos: true });
    const written: GeneratedToken[] = [];
    await model.call(
      "generate",
      {
        tokenIds: tokens.map(({ id }) => id),
        maxTokens,
        sampling: { temperature, topK: 40, topP: 0.95, minP: 0.05 },
        seed,
        stopTexts: stops,
      },
      { onEvent: (token) => written.push(token) },
    );
    const text = textOfTokens(written.map(({ token }) => token));
    const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
  }

  it("some of its attempts at a small function pass their tests in the sandbox", async () => {
    const { prompt, functionName, cases } = readTask({
      instruction: "Returns the larger of two numbers.",
      header: "larger(a, b)",
      cases: "3, 4 => 4\n10, 2 => 10\n-5, -7 => -5",
    });
    const values: string[][] = [];
    for (let seed = 1; seed <= 8 && values.length < 8; seed++) {
      const body = await write(prompt, 70, 0.8, seed, BODY_ENDS);
      const runs = await sandbox.call("runFunction", {
        source: sourceOf(prompt, body),
        languageId: "javascript",
        functionName,
        inputs: cases.map(({ input }) => input),
        limits: { timeMs: 1000, memoryBytes: 64 * 2 ** 20 },
      });
      values.push(runs.map(({ value }) => value));
      if (values.at(-1)?.join() === "4,10,-5") return;
    }
    assert.fail(`none of 8 attempts passed: ${JSON.stringify(values)}`);
  });

  it("answers with a number wherever its thought is cut short", async () => {
    const numbers = [3, 5, 2];
    const thought = await write(sumPrompt(numbers, "step by step"), 24, 0, 1, ["\n"]);
    assert.match(thought, /\d+ \+ \d+ = \d+/);
    for (const part of ["", thought.slice(0, 10)]) {
      const answer = await write(forcedPrompt(numbers, part), 5, 0, 1, ["\n", "."]);
      assert.notEqual(answerOf(answer), undefined, `“${answer}” behind “${part}”`);
    }
  });

  it("judges with a letter: A and B are among what it would say first", async () => {
    const turns = judgeTurns("Why is the sky blue?", "Because.", "Air scatters blue light most.", [
      "Give a reason.",
    ]);
    const { tokens } = await model.call("renderChat", {
      messages: turns.map(({ role, text }) => ({ role, content: text })),
    });
    const { logits } = await model.call("next", { tokenIds: tokens.map(({ id }) => id) });
    const odds: number[] = [];
    for (const letter of ["A", "B"]) {
      const ids = new Set<number>();
      for (const way of [letter, `\n${letter}`, `x ${letter}`]) {
        ids.add((await model.call("tokenize", { text: way, bos: true })).at(-1)?.id ?? -1);
      }
      odds.push([...ids].reduce((sum, id) => sum + Math.exp(logits[id] ?? Number.NEGATIVE_INFINITY), 0));
    }
    const both = (odds[0] ?? 0) + (odds[1] ?? 0);
    assert.ok(both > 0.05 && both <= 1.000001, `A and B have ${odds.join(" and ")}`);
  });
});
