/**
 * What other texts on the subject have wrong: computed here, and found in the words of the lesson that says it. A
 * number that is changed in a lesson fails here as much as one that our own code computes otherwise.
 */

import assert from "node:assert/strict";
import { allLessons, buildCourse } from "../../../src/core/lessons/course.js";
import { evaluate, formatRational } from "../../../src/core/tools/arithmetic.js";
import { encoderOf, referenceIds } from "../tokens/reference.js";
import { readingsAfter } from "./answers.js";
import { shippedFile, shippedPaths, shippedSource } from "./shippedCourse.js";

const ENCODINGS = ["cl100k_base", "o200k_base", "gpt2"] as const;
const lessons = allLessons(buildCourse([shippedSource("en")]));

/** The words of a lesson as they stand in its file, in English. */
function wordsOf(id: string): string {
  const path = shippedPaths().find((each) => each.endsWith(`/${id}.md`));
  assert.ok(path, `there is no lesson ${id}`);
  return shippedFile(path).source.replace(/\s+/g, " ");
}

function assertSaid(id: string, words: string): void {
  assert.ok(wordsOf(id).includes(words), `${id} does not say: ${words}`);
}

/** What the tool for arithmetic makes of it, exactly, with commas. */
function exact(expression: string): string {
  const { value } = evaluate(expression);
  assert.ok(value, `${expression} is no sum`);
  const [whole = "", ...rest] = formatRational(value).split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

const fixed = (value: number, digits: number) => value.toFixed(digits);
const billions = (value: number) => fixed(value / 1e9, 1);

/** The pieces of a text, by our encoder and by js-tiktoken alike. */
function pieces(text: string, encoding: (typeof ENCODINGS)[number]): string {
  const encoder = encoderOf(encoding);
  const ids = encoder.encode(text);
  assert.deepEqual(ids, referenceIds(encoding, text));
  return ids.map((id) => Buffer.from(encoder.table.bytesOf(id)).toString()).join("|");
}

/** The numbers of a lesson's calculator as it begins, or at other settings. */
async function calculated(id: string, values: Record<string, number> = {}): Promise<Record<string, number>> {
  const lesson = lessons.find((each) => each.id === id);
  for (const block of lesson?.blocks ?? []) {
    if (block.kind !== "exhibit" || block.config.type !== "calculator") continue;
    const readings = await readingsAfter(block.config, { values });
    if (readings) return readings;
  }
  throw new Error(`${id} has no calculator.`);
}

describe("what a lesson says otherwise than its seeds", () => {
  it("about where words are cut", () => {
    const cuts: [text: string, cl100k: string, o200k: string, gpt2: string][] = [
      ["ubiquitous", "ub|iqu|itous", "ub|iqu|it|ous", "ub|iqu|itous"],
      [" ubiquitous", " ubiquitous", " ubiquitous", " ubiquitous"],
      [" strawberry", " strawberry", " strawberry", " strawberry"],
      ["9.11", "9|.|11", "9|.|11", "9|.|11"],
      ["9.9", "9|.|9", "9|.|9", "9|.|9"],
      ["12345", "123|45", "123|45", "123|45"],
    ];
    for (const [text, ...expected] of cuts) {
      assert.deepEqual(
        ENCODINGS.map((encoding) => pieces(text, encoding)),
        expected,
        text,
      );
    }
    assert.equal(pieces("strawberry", "cl100k_base"), "str|aw|berry");
    assert.equal(pieces("strawberry", "o200k_base"), "st|raw|berry");
    assert.equal(pieces("helloworld", "cl100k_base"), "h|elloworld");
    const [first, second] = pieces("12345", "cl100k_base").split("|");
    assertSaid("numbers-and-spaces", `\`${first}\` and \`${second}\``);
  });

  it("about the numbers of tokens", () => {
    const ids: [text: string, cl100k: number[]][] = [
      ["hello world", [15339, 1917]],
      ["The weather today is", [791, 9282, 3432, 374]],
      ["Hello", [9906]],
      ["ization", [2065]],
      [" Direction", [19438]],
      [" Case", [11799]],
      [" Post", [3962]],
      ["avel", [3963]],
      ["ocus", [3466]],
    ];
    for (const [text, expected] of ids)
      assert.deepEqual(encoderOf("cl100k_base").encode(text), expected, text);
    // The one lesson that names an id names that of " cat" in GPT-2's list.
    const [cat = 0] = encoderOf("gpt2").encode(" cat");
    assertSaid("embeddings", `${cat} is no more of a cat than ${cat + 1}`);
  });

  it("about how long the lists of tokens are", () => {
    const { ordinaryTokens, specialTokens } = encoderOf("cl100k_base").table;
    assert.equal(ordinaryTokens + Object.keys(specialTokens).length, 100_261);
    assertSaid(
      "vocabulary-trade-off",
      `${encoderOf("o200k_base").ordinaryTokens.toLocaleString("en")} ordinary`,
    );
    assertSaid("vocabulary-trade-off", `A list of ${encoderOf("gpt2").ordinaryTokens.toLocaleString("en")}`);
  });

  it("about letters", () => {
    const third = [..."ubiquitous"].filter((_, at) => at % 3 === 0);
    assertSaid("cannot-spell", `text: ${third.join(", ")} right: true`);
  });

  it("about sums", () => {
    assertSaid("use-tools", `${exact("3847 * 291")}, from ${exact("3847 * 200")} + ${exact("3847 * 91")}`);
    assertSaid("use-tools", `1234567890 × 9876543210 = ${exact("1234567890 * 9876543210")}`);
    assertSaid(
      "agents",
      `${fixed(100 * 0.95 ** 10, 1)} %. And after a hundred steps ${fixed(100 * 0.95 ** 100, 2)} %`,
    );
    assertSaid("everything-is-tokens", `14 × 14 = ${(224 / 16) ** 2}`);
    assertSaid("everything-is-tokens", `16 × 16 = ${(224 / 14) ** 2}`);
    assertSaid("training-loop", `ln 40 = ${fixed(Math.log(40), 2)}`);
    assertSaid("dpo", `−ln ½ = ${fixed(Math.log(2), 3)}`);
  });

  it("about what a token costs that came or did not", () => {
    const bits = fixed(-Math.log2(0.45), 2);
    const nats = (probability: number, digits: number) => fixed(-Math.log(probability), digits);
    assertSaid("cross-entropy", `${bits} bits, or ${nats(0.45, 2)} in the units of training`);
    assertSaid("cross-entropy", `with 8 % would have cost ${nats(0.08, 2)}, one with 95 % ${nats(0.95, 2)}`);
    assertSaid("cross-entropy", `one with a tenth of a per cent ${nats(0.001, 1)}`);
  });

  it("about softmax, and how little chaos there is at a temperature of 2", async () => {
    const shares = async (temperature: number) => {
      const readings = await calculated("softmax", { temperature });
      return ["p-mat", "p-floor", "p-sofa", "p-roof", "p-banana"].map((name) => readings[name] ?? 0);
    };
    const percent = (all: number[], digits: number) => all.map((share) => fixed(100 * share, digits));
    assert.deepEqual(percent(await shares(1), 1), ["75.2", "15.2", "7.5", "1.7", "0.4"]);
    assert.deepEqual(percent(await shares(2), 0), ["50", "23", "16", "8", "4"]);
  });

  it("about the memory and the work of a cache", async () => {
    const tokens = 1000;
    assertSaid("kv-cache", `${exact(`${tokens} * ${tokens - 1} / 2`)} needless computations`);
    assertSaid("kv-cache", `takes ${exact(`${tokens} * ${tokens + 1} / 2`)} looks`);
    assertSaid("kv-cache", `it would be ${exact(`${tokens} * ${tokens + 1} * ${tokens + 2} / 6`)}`);
    const { cache = 0 } = await calculated("kv-cache");
    assertSaid("kv-cache", `With two bytes for each number it is ${billions(cache)} GB`);
    const { cache: unshared = 0 } = await calculated("kv-cache", { "kv-heads": 64 });
    assertSaid("kv-cache", `it would be ${fixed(unshared / 1e9, 0)} GB`);
  });

  it("about sizes", async () => {
    assertSaid("two-files", `At 16 bits, 70 billion take ${fixed((70e9 * 16) / 8 / 1e9, 0)} GB`);
    const { total = 0, active = 0 } = await calculated("mixture-of-experts");
    assertSaid(
      "mixture-of-experts",
      `${billions(total)} billion, of which a token meets ${billions(active)}`,
    );
    // The published configurations: tokens a parameter, on purpose far more than Chinchilla's twenty.
    assertSaid("scaling-laws", `Llama 3 70B had about ${fixed(15e12 / 70e9, 0)} tokens a parameter`);
    const { ratio: chinchilla } = await calculated("scaling-laws", { parameters: 70e9, tokens: 1.4e12 });
    assert.equal(chinchilla, 20);
  });

  it("about what training takes", async () => {
    const { flops = 0, hours = 0 } = await calculated("life-cycle");
    assert.equal(flops.toPrecision(2), "3.8e+25");
    // Meta's own figure; the rule of six operations and a third of the peak comes close.
    assert.ok(Math.abs(hours / 30.84e6 - 1) < 0.1, String(hours));
    assertSaid("life-cycle", `at an assumed $2 an hour that is $${fixed((2.788e6 * 2) / 1e6, 3)} million`);
    assertSaid("benchmarks", `${fixed(100 / (1 + 10 ** (-200 / 400)), 0)}. A lead of 20 points`);
    assertSaid("benchmarks", `means ${fixed(100 / (1 + 10 ** (-20 / 400)), 0)}.`);
  });
});
