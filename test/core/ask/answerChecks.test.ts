/** What tools say about answers in words. */

import assert from "node:assert/strict";
import { checkAnswer } from "../../../src/core/ask/answerChecks.js";
import { callTool, type ToolInput } from "../../../src/core/tools/tool.js";
import { toolNamed } from "../../../src/core/tools/toolbox.js";

async function verdicts(name: string, input: ToolInput, question: string, answer: string): Promise<string[]> {
  const tool = toolNamed(name);
  assert.ok(tool);
  const result = await callTool(tool, input, {}, new AbortController().signal);
  return checkAnswer(question, answer, [{ tool, result }]).map(({ verdict }) => verdict);
}

describe("the checks of answers", () => {
  const product = { expression: "3847 * 291" };
  const products: [string, string[]][] = [
    ["3847 × 291 = 1119477", ["verified"]],
    ["3847 times 291 is 1,119,477.", ["verified"]],
    ["3847 * 291 = 1119377", ["contradicted"]],
    ["It is 1,119,477, or about 1.1 million.", ["verified", "contradicted"]],
    ["1119477 × 291 = 1119477", ["contradicted"]],
    ["3847 × 291 is a number.", ["unchecked"]],
    ["I cannot say.", ["unchecked"]],
  ];
  for (const [answer, wanted] of products) {
    it(answer, async () =>
      assert.deepEqual(await verdicts("calculate", product, "What is 3847 × 291?", answer), wanted),
    );
  }

  const letters: [string, string[]][] = [
    ['There are 3 "r" in strawberry.', ["verified"]],
    ["The letter r occurs three times.", ["verified"]],
    ["The letter r occurs only once in strawberry.", ["contradicted"]],
    ["The number of r in strawberry is 1.", ["contradicted"]],
    ["Strawberries are red.", ["unchecked"]],
  ];
  for (const [answer, wanted] of letters) {
    it(answer, async () =>
      assert.deepEqual(
        await verdicts(
          "count_characters",
          { text: "strawberry", of: "r" },
          "How many r are in strawberry?",
          answer,
        ),
        wanted,
      ),
    );
  }

  const comparisons: [string, string[]][] = [
    ["9.9 is larger than 9.11.", ["verified"]],
    ["9.11 is larger than 9.9.", ["contradicted"]],
    ["9.11 is less than 9.9", ["verified"]],
    ["9.9 > 9.11", ["verified"]],
    ["The larger number is 9.11.", ["contradicted"]],
    ["9.9.", ["verified"]],
    ["9.11", ["contradicted"]],
    ["9.11 is not larger than 9.9.", ["verified"]],
    ["Both are larger than 9.", ["unchecked"]],
  ];
  for (const [answer, wanted] of comparisons) {
    it(answer, async () =>
      assert.deepEqual(
        await verdicts("calculate", { expression: "9.11 > 9.9" }, "Which is larger, 9.11 or 9.9?", answer),
        wanted,
      ),
    );
  }

  it("find a string by its letters, and a wrong one in quotes", async () => {
    const input = { text: "ubiquitous", every: 3 };
    const question = "Print every third character of ubiquitous.";
    const check = (answer: string) => verdicts("index_characters", input, question, answer);
    assert.deepEqual(await check("They are u-q-t-s."), ["verified"]);
    assert.deepEqual(await check('It is "UQTS".'), ["verified"]);
    assert.deepEqual(await check('The characters are "uqs".'), ["contradicted"]);
    assert.deepEqual(await check('Of "ubiquitous" I cannot say.'), ["unchecked"]);
  });

  it("read a list of places", async () => {
    const found = verdicts(
      "index_characters",
      { text: "strawberry", of: "r" },
      "Where?",
      "At places 3, 8, and 9.",
    );
    assert.deepEqual(await found, ["verified"]);
  });

  it("end quickly on what a small model may write", async () => {
    const startedAt = performance.now();
    for (const words of [
      "9".repeat(400),
      "9 * ".repeat(200),
      "(".repeat(400),
      "1,".repeat(300),
      "= ".repeat(300),
    ]) {
      await verdicts("calculate", product, "What is 3847 × 291?", words);
    }
    assert.ok(performance.now() - startedAt < 1000);
  });

  it("say nothing of a tool that failed", async () => {
    assert.deepEqual(await verdicts("calculate", { expression: "1/0" }, "What is 1/0?", "It is 0."), []);
  });
});
