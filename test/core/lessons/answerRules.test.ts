/** Rules for what a model wrote: each holds for what it asks for, and not for what comes near it. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { codeIn, givenAway, judgeAnswer, ruleInWords } from "../../../src/core/lessons/answerRules.js";
import type { AnswerRule, TryFunction } from "../../../src/shared/panels/lesson.js";
import type { FunctionRun } from "../../../src/shared/workerProtocol.js";

const nobody = () => Promise.reject(new Error("Nothing is to be run here."));
const met = async (rule: AnswerRule, answer: string) => (await judgeAnswer(rule, answer, nobody)).met;

describe("the rules for an answer", () => {
  it("find words from their beginning on, in any case", async () => {
    const rule: AnswerRule = { rule: "contains", texts: ["rain", "snow"] };
    assert.equal(await met(rule, "It began to Rain."), true);
    assert.equal(await met(rule, "It was raining."), true);
    assert.equal(await met(rule, "He took the train."), false);
    assert.equal(await met({ ...rule, rule: "lacks" }, "He took the train."), true);
    assert.equal(await met({ ...rule, rule: "lacks" }, "Snow fell."), false);
    const { wanted, found } = await judgeAnswer(rule, "Snow and rain.", nobody);
    assert.deepEqual([wanted, found], ["contains “rain” or “snow”", "contains “rain” and “snow”"]);
  });

  it("match patterns, and say what did", async () => {
    const rule: AnswerRule = { rule: "matches", pattern: "^\\W*yes\\b" };
    assert.equal(await met(rule, " Yes, it is."), true);
    assert.equal(await met(rule, "Well, yes."), false);
    assert.match((await judgeAnswer(rule, "Yes!", nobody)).found, /“Yes” does/);
  });

  it("take the last number of an answer, however it is written", async () => {
    const rule: AnswerRule = { rule: "number", value: 1_119_477, within: 0 };
    assert.equal(await met(rule, "3847 × 291 = 1,119,477."), true);
    assert.equal(await met(rule, "1119477, of course. Or 5?"), false);
    assert.equal(await met(rule, "Who knows."), false);
    assert.equal(await met({ rule: "number", value: -2, within: 0.5 }, "about −2.4"), true);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1e6, max: 1e6 }), fc.string(), async (value, before) => {
        const answer = `${before.replace(/[-−\d.,]/g, "")} ${value.toLocaleString("en-US")} apples.`;
        assert.equal(await met({ rule: "number", value, within: 0 }, answer), true);
        assert.equal(await met({ rule: "number", value: value + 1, within: 0 }, answer), false);
      }),
    );
  });

  it("read JSON, fenced or not, with the fields that are asked for", async () => {
    const rule: AnswerRule = { rule: "json", fields: ["name", "age"] };
    assert.equal(await met(rule, '{"name": "Tim", "age": 3}'), true);
    assert.equal(await met(rule, 'Here:\n```json\n{"name": "Tim", "age": 3}\n```\nDone.'), true);
    assert.equal(await met(rule, '{"name": "Tim"}'), false);
    assert.equal(await met(rule, 'Sure! {"name": "Tim", "age": 3}'), false);
    assert.match((await judgeAnswer(rule, '{"name": 1}', nobody)).found, /without “age”/);
    assert.equal(await met({ rule: "json", fields: ["constructor"] }, "{}"), false);
  });

  it("count words", async () => {
    const rule: AnswerRule = { rule: "words", atLeast: undefined, atMost: 3 };
    assert.equal(await met(rule, "One, two — three."), true);
    assert.equal(await met(rule, "One two three four"), false);
    assert.equal(await met({ rule: "words", atLeast: 2, atMost: undefined }, "One."), false);
  });

  it("run a function that the answer holds, and compare what it gives", async () => {
    const rule: AnswerRule = {
      rule: "runs",
      languageId: "javascript",
      functionName: "double",
      cases: [
        { input: "2", returns: "4" },
        { input: "'a'", returns: '"aa"' },
      ],
    };
    const asked: TryFunction[] = [];
    const answering = (values: string[]) => async (code: TryFunction) => {
      asked.push(code);
      return values.map(
        (value, at): FunctionRun => ({
          input: code.inputs[at] ?? "",
          outcome: value === "!" ? "threw" : "returned",
          value,
          printed: "",
          ms: 1,
        }),
      );
    };
    const answer = "Like this:\n```js\nfunction double(x) { return x + x; }\n```";
    assert.equal((await judgeAnswer(rule, answer, answering(["4", "'aa'"]))).met, true);
    assert.equal(asked[0]?.source, "function double(x) { return x + x; }");
    assert.deepEqual(asked[0]?.inputs, ["2", "'a'"]);
    const wrong = await judgeAnswer(rule, answer, answering(["4", "NaN"]));
    assert.deepEqual([wrong.met, wrong.found], [false, "'a' gave NaN"]);
    assert.equal((await judgeAnswer(rule, answer, answering(["!", "4"]))).met, false);
    assert.equal((await judgeAnswer(rule, answer, answering([]))).met, false);
  });

  it("say what a prompt gives away", () => {
    assert.deepEqual(givenAway("It SNOWED all day", ["snow", "rain"]), ["snow"]);
    assert.deepEqual(givenAway("Take the train", ["rain"]), []);
  });

  it("are told in words before they are judged", () => {
    assert.equal(ruleInWords({ rule: "number", value: 12, within: 0 }), "its last number is 12");
    assert.equal(codeIn("no fence"), "no fence");
    assert.equal(codeIn("```\nopen"), "open");
  });
});
