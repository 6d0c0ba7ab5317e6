/** The checks of the lessons can be passed, and failed, with the built-in model: measured on its own numbers. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { headScores } from "../../src/core/lens/describe.js";
import { fetchLayer } from "../../src/core/lens/fetchLayer.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import { givenAway, judgeAnswer } from "../../src/core/lessons/answerRules.js";
import { exhibitOf, oddsReading, sentencesReading } from "../../src/core/lessons/exhibits.js";
import { judgeCondition, judgeEstimate } from "../../src/core/lessons/judge.js";
import {
  type AnswerOdds,
  answerOdds,
  countSentences,
  meanSurprise,
  type OddsModel,
  scoreOf,
  surprises,
} from "../../src/core/lessons/odds.js";
import { parseLesson } from "../../src/core/lessons/parseLesson.js";
import { improve, judgeText } from "../../src/core/lessons/toyJudge.js";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { NEUTRAL_SETTINGS, runStages } from "../../src/core/sampling/stages.js";
import type { StreamReading } from "../../src/shared/panels/attention.js";
import type { CheckConfig, CheckType, ExhibitConfig } from "../../src/shared/panels/lesson.js";
import type { ModelToken, PlacedModelToken } from "../../src/shared/types.js";
import type { LensProtocol, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel, THREADS } from "../modelFiles.js";

const builtIn = builtInModel();

/** A lesson's exhibit and the check of that name. */
function read<T extends CheckType>(path: string, checkId: string, type: T) {
  const { lesson, issues } = parseLesson(readFileSync(join("media/lessons", path), "utf8"), path);
  assert.deepEqual(issues, []);
  const about = lesson?.blocks.find((block) => block.kind === "check" && block.id === checkId);
  const id = about?.kind === "check" ? exhibitOf(about.config) : undefined;
  const exhibit = lesson?.blocks.find(
    (block) => block.kind === "exhibit" && (id === undefined || block.id === id),
  );
  const check = lesson?.blocks.find((block) => block.kind === "check" && block.id === checkId);
  assert.ok(exhibit?.kind === "exhibit" && check?.kind === "check" && check.config.type === type);
  return {
    exhibit: exhibit.config,
    check: check.config as Extract<CheckConfig, { type: T }>,
  };
}

/** A check as the answers name it. */
const nameOf = (path: string, check: string) => `${path.replace(/^.*\/|\.md$/g, "")} ${check}`;

/** What a reader would write to pass a check. */
function writtenFor(path: string, check: string): Change {
  const written = WRITTEN[nameOf(path, check)];
  assert.ok(written, `${path}, ${check}`);
  return written;
}

function asOdds(config: ExhibitConfig): Extract<ExhibitConfig, { type: "odds" }> {
  assert.ok(config.type === "odds");
  return config;
}

import { type Change, TRICKS, textsAfter, WRITTEN } from "../core/lessons/answers.js";

describe("The lessons' checks with the built-in model", function () {
  this.timeout(60_000);
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;

  before(async () => {
    model = builtWorkers.model();
    lens = builtWorkers.lens();
    await model.call("load", { path: builtIn, gpuLayers: 0, threads: THREADS });
  });

  after(() => {
    model.dispose();
    lens.dispose();
  });

  const tokenize = (text: string): Promise<PlacedModelToken[]> => model.call("tokenize", { text, bos: true });

  it("the guess of the next token: a sensible word is right, a silly one is not", async () => {
    const { exhibit, check } = read("05-predicting/sampling.md", "comes-next", "guess");
    assert.ok("text" in exhibit);
    const tokens = await tokenize(exhibit.text);
    const { logits } = await model.call("next", { tokenIds: tokens.map(({ id }) => id) });
    const { ids, probabilities } = candidatesOf(logits);
    const rankOf = async (guess: string) => {
      const longer = await tokenize(`${exhibit.text} ${guess}`);
      return ids.indexOf(longer[tokens.length]?.id ?? -1);
    };
    const [park, lawyer] = [await rankOf("park"), await rankOf("lawyer")];
    assert.ok(park >= 0 && park < check.within, `rank ${park}, ${probabilities[park]}`);
    assert.ok(lawyer >= check.within, `rank ${lawyer}`);
  });

  it("the temperature: it does not hold at first, and can be made to hold", async () => {
    const { exhibit, check } = read("05-predicting/sampling.md", "warmer", "until");
    assert.ok("text" in exhibit);
    const tokens = await tokenize(exhibit.text);
    const { logits } = await model.call("next", { tokenIds: tokens.map(({ id }) => id) });
    const met = (temperature: number) => {
      const survivors = runStages(candidatesOf(logits), { ...NEUTRAL_SETTINGS, temperature }).at(
        -1,
      )?.survivors;
      const readings = { temperature, "top-probability": survivors?.probabilities[0] ?? 1 };
      return check.conditions.every((condition) => judgeCondition(condition, readings, exhibit).met);
    };
    assert.equal(met(1), false);
    assert.equal(met(2), true);
  });

  it("attention: the last token rests on the first, and some heads, not all, look at the previous token", async () => {
    const { exhibit, check } = read("04-the-transformer/attention.md", "previous", "until");
    assert.ok("text" in exhibit);
    const tokens = await tokenize(exhibit.text);
    const tokenIds = tokens.map(({ id }) => id);
    const { run, layerCount } = await lens.call("attend", { path: builtIn, tokenIds });

    const last = new Float64Array(tokens.length);
    const found: string[] = [];
    let heads = 0;
    for (let layer = 0; layer < layerCount; layer++) {
      const packed = await fetchLayer(lens, { run, layer });
      const { headCount, tokenCount } = packed;
      for (let head = 0; head < headCount; head++) {
        heads++;
        const square = unpackHead(packed, head);
        for (let key = 0; key < tokenCount; key++) {
          last[key] = (last[key] ?? 0) + (square[(tokenCount - 1) * tokenCount + key] ?? 0);
        }
        const named = tokens.map((token) => ({ id: token.id, label: token.name }));
        const scores = headScores({ tokenCount, weights: square }, named);
        const previous = scores.find(({ habit }) => habit === "previous")?.score ?? 0;
        const judged = check.conditions.map((condition) =>
          judgeCondition(condition, { "previous-token": previous }, exhibit),
        );
        if (judged.every((condition) => condition.met)) found.push(`${layer}.${head}`);
      }
    }
    assert.equal(last.indexOf(Math.max(...last)), 0, "the first token gets the most");
    assert.ok(found.length > 0 && found.length < heads, `${found.length} of ${heads}: ${found}`);
  });

  const odds: OddsModel = {
    tokenize: async (text) => (await tokenize(text)).map(({ id }) => id),
    next: async (tokenIds) => (await model.call("next", { tokenIds })).logits,
  };

  /** The readings of an exhibit of odds after some of its prompts were rewritten. */
  async function oddsReadings(
    config: Extract<ExhibitConfig, { type: "odds" }>,
    changes: Readonly<Record<string, string>>,
  ): Promise<Record<string, number>> {
    const readings: Record<string, number> = {};
    const rows: AnswerOdds[][] = [];
    for (const { id, text, answers } of config.prompts) {
      const row = await answerOdds(odds, changes[id] ?? text, answers ?? config.answers);
      rows.push(row);
      readings[sentencesReading(id)] = countSentences(changes[id] ?? text);
      for (const [at, { probability }] of row.entries()) readings[oddsReading(id, at)] = probability;
    }
    readings.score = scoreOf(rows);
    return readings;
  }

  const REWRITTEN: [path: string, check: string][] = [
    ["05-predicting/jagged.md", "mend"],
    ["06-learning/base-model.md", "document"],
    ["08-context-tools-agents/two-memories.md", "own"],
    ["08-context-tools-agents/context-window.md", "again"],
    ["08-context-tools-agents/few-shot.md", "better"],
    ["10-the-field/operators-manual.md", "feed"],
    ["10-the-field/operators-manual.md", "lead"],
    ["10-the-field/operators-manual.md", "scene"],
  ];
  for (const [path, id] of REWRITTEN) {
    it(`${path}, ${id}: fails with the lesson's prompts, passes with better ones`, async () => {
      const { exhibit, check } = read(path, id, "until");
      const met = async (rewritten: Record<string, string>) => {
        const readings = await oddsReadings(asOdds(exhibit), rewritten);
        const texts = textsAfter(exhibit, { texts: rewritten });
        return check.conditions.every((condition) => judgeCondition(condition, readings, exhibit, texts).met);
      };
      assert.equal(await met({}), false);
      assert.equal(await met(writtenFor(path, id).texts ?? {}), true);
      const trick = TRICKS[nameOf(path, id)]?.texts;
      if (trick) assert.equal(await met(trick), false, "by a trick");
    });
  }

  const ESTIMATES: [path: string, check: string][] = [
    ["01-what-you-are-talking-to/not-a-person.md", "throws"],
    ["05-predicting/jagged.md", "howmany"],
    ["06-learning/base-model.md", "heart"],
    ["08-context-tools-agents/few-shot.md", "more"],
    ["10-the-field/frontiers.md", "mine"],
  ];
  for (const [path, id] of ESTIMATES) {
    it(`${path}, ${id}: takes what the model gives, and not what is far from it`, async () => {
      const { exhibit, check } = read(path, id, "estimate");
      assert.ok(check.of.kind === "reading");
      const readings: Record<string, number> =
        exhibit.type === "odds"
          ? await oddsReadings(exhibit, {})
          : {
              "top-probability": Math.exp(
                Math.max(...(await odds.next(await odds.tokenize("text" in exhibit ? exhibit.text : "")))),
              ),
            };
      const value = readings[check.of.reading];
      assert.ok(value !== undefined && value > 0);
      assert.equal(judgeEstimate(value, value, check.within).right, true);
      assert.equal(judgeEstimate(value * (1 + 1.2 * check.within), value, check.within).right, false);
      assert.equal(judgeEstimate(value / 20, value, check.within).right, false);
    });
  }

  it("the snow: the lesson’s own prompt does not bring it, a better one does, and neither says it", async () => {
    const path = "10-the-field/operators-manual.md";
    const { check } = read(path, "snow", "prompt");
    const passed = async (prompt: string) => {
      assert.deepEqual(givenAway(prompt, check.avoid), []);
      const tokenIds = (await tokenize(prompt)).map(({ id }) => id);
      let count = 0;
      for (let seed = 1; seed <= check.runs; seed++) {
        const written: ModelToken[] = [];
        const { maxTokens, temperature, stopTexts } = check;
        const sampling = { temperature, topK: 40, topP: 0.95, minP: 0.05 };
        await model.call(
          "generate",
          { tokenIds, maxTokens, sampling, seed, stopTexts },
          { onEvent: ({ token }) => written.push(token) },
        );
        const answer = textOfTokens(written);
        const judged = await Promise.all(check.must.map((rule) => judgeAnswer(rule, answer, nobody)));
        if (judged.every(({ met }) => met)) count++;
      }
      return count;
    };
    const nobody = () => Promise.reject(new Error("This check runs no code."));
    const better = writtenFor(path, "snow").text ?? "";
    assert.ok((await passed(check.start)) < check.need);
    assert.ok((await passed(better)) >= check.need);
  });

  it("the six tasks: the model passes four, as the hint says", async () => {
    const { exhibit } = read("05-predicting/jagged.md", "howmany", "estimate");
    const { score } = await oddsReadings(asOdds(exhibit), {});
    assert.equal(score, 4);
  });

  it("the needle: near is better than far, and far better than never", async () => {
    const { exhibit } = read("08-context-tools-agents/context-window.md", "again", "until");
    const readings = await oddsReadings(asOdds(exhibit), {});
    const [near = 0, little = 0, far = 0, never = 1] = ["near", "little", "far", "never"].map(
      (id) => readings[oddsReading(id, 0)],
    );
    assert.ok(Math.min(near, little) > 1.4 * far && far > 100 * never, JSON.stringify(readings));
  });

  it("one sentence makes the answer more than ten times as likely", async () => {
    const { exhibit } = read("08-context-tools-agents/two-memories.md", "own", "until");
    const readings = await oddsReadings(asOdds(exhibit), {});
    const [without = 1, having = 0] = ["without", "with"].map((id) => readings[oddsReading(id, 0)]);
    assert.ok(having > 10 * without, `${without} ${having}`);
  });

  it("one token is nearly certain where a phrase has one ending, and sure of what does not exist", async () => {
    for (const [path, id] of [
      ["05-predicting/autoregression.md", "sure"],
      ["05-predicting/hallucination.md", "invent"],
    ] as const) {
      const text = writtenFor(path, id).text ?? "";
      const { exhibit, check } = read(path, id, "until");
      const met = async (prompt: string) => {
        const best = Math.exp(Math.max(...(await odds.next(await odds.tokenize(prompt)))));
        return check.conditions.every(
          (condition) => judgeCondition(condition, { "top-probability": best }, exhibit, { "": prompt }).met,
        );
      };
      assert.equal(await met("text" in exhibit ? exhibit.text : ""), false, id);
      assert.equal(await met(text), true, id);
      const trick = TRICKS[nameOf(path, id)]?.text;
      if (trick !== undefined) assert.equal(await met(trick), false, `${id}, by a trick`);
    }
  });

  it("the toy judge is pleased step by step while the model is ever more surprised", async () => {
    const { exhibit, check } = read("07-rewards/reward-hacking.md", "climb", "until");
    const honest = read("07-rewards/reward-hacking.md", "honest", "until").check;
    assert.ok(exhibit.type === "toy-judge");
    const readings = async (text: string) => ({
      reward: judgeText(text, exhibit).reward,
      surprise: await meanSurprise(odds, text, 48),
    });
    const met = (conditions: typeof check.conditions, found: Record<string, number>) =>
      conditions.every((condition) => judgeCondition(condition, found, exhibit).met);
    let { text } = exhibit;
    const begun = await readings(text);
    assert.equal(met(check.conditions, begun) || met(honest.conditions, begun), false);
    for (let step = 0; step < 8; step++) text = improve(text, exhibit);
    const gamed = await readings(text);
    assert.equal(met(check.conditions, gamed), true);
    assert.equal(met(honest.conditions, gamed), false);
    assert.ok(gamed.surprise > begun.surprise + 3, `${begun.surprise} ${gamed.surprise}`);
    const written =
      "Once upon a time, there was a lovely day. Lily went to the park with her mom. She saw a great big slide " +
      "and she wanted to go on it.";
    assert.equal(met(honest.conditions, await readings(written)), true);
  });

  it("surprise: little where everything is usual, much at one word from elsewhere", async () => {
    const path = "06-learning/cross-entropy.md";
    const { exhibit, check: calm } = read(path, "calm", "until");
    const { check: shock } = read(path, "shock", "until");
    const met = async (check: typeof calm, text: string) => {
      const bits = await surprises(odds, await odds.tokenize(text));
      const mean = bits.reduce((sum, each) => sum + each, 0) / bits.length;
      const readings = { tokens: bits.length, bits: mean, worst: Math.max(...bits) };
      return check.conditions.every((condition) => judgeCondition(condition, readings, exhibit).met);
    };
    assert.ok("text" in exhibit);
    assert.deepEqual([await met(calm, exhibit.text), await met(shock, exhibit.text)], [false, false]);
    const usual = writtenFor(path, "calm").text ?? "";
    assert.deepEqual([await met(calm, usual), await met(shock, usual)], [true, false]);
    assert.equal(await met(shock, writtenFor(path, "shock").text ?? ""), true);
  });

  /** Runs the lens on a text; the last token is the one that is looked at. */
  async function attended(text: string): Promise<{ run: number; ids: number[] }> {
    const ids = await odds.tokenize(text);
    const { run } = await lens.call("attend", { path: builtIn, tokenIds: ids });
    return { run, ids };
  }

  it("layers: an easy answer stands early, one that hangs on a far word comes last", async () => {
    const path = "04-the-transformer/layers.md";
    const { exhibit, check: late } = read(path, "late", "until");
    const { check: settle } = read(path, "settle", "estimate");
    assert.ok(exhibit.type === "layers");
    const readings = async (text: string) => {
      const { run, ids } = await attended(text);
      const streams: StreamReading[] = [];
      await lens.call("streams", { run, contextSize: 256 }, { onEvent: (reading) => streams.push(reading) });
      streams.sort((a, b) => a.layer - b.layer);
      const last = ids.length - 1;
      const settled = streams.findIndex((_, at) =>
        streams.slice(at).every(({ finalRank }) => finalRank[last] === 1),
      );
      return { settled, "end-probability": streams.at(-1)?.topProbability[last] ?? 0 };
    };
    const met = (found: Record<string, number>) =>
      late.conditions.every((condition) => judgeCondition(condition, found, exhibit).met);
    const begun = await readings(exhibit.text);
    assert.equal(begun.settled, 4);
    assert.equal(judgeEstimate(begun.settled, begun.settled, settle.within).right, true);
    assert.equal(judgeEstimate(2, begun.settled, settle.within).right, false);
    assert.equal(met(begun), false);
    assert.equal(met(await readings("The cats by the tree")), true);
  });

  it("embeddings: colours lie near colours, and what was never met lies all in one direction", async () => {
    const { exhibit, check } = read("03-tokens-into-vectors/embeddings.md", "untrained", "until");
    assert.ok(exhibit.type === "embeddings");
    const nearest = async (text: string, minus: string[] = [], and: string[] = []) => {
      const { run, ids } = await attended(text);
      const idOf = async (word: string) => (await odds.tokenize(`a ${word}`)).at(-1) ?? 0;
      const found = await lens.call("neighbours", {
        run,
        plus: [ids.at(-1) ?? 0, ...(await Promise.all(and.map(idOf)))],
        minus: await Promise.all(minus.map(idOf)),
        count: 3,
      });
      const names = await model.call("tokens", { ids: found.nearest.map(({ id }) => id) });
      return { cosine: found.nearest[0]?.cosine ?? 0, names: names.map(({ name }) => name) };
    };
    const met = (cosine: number) =>
      check.conditions.every((condition) => judgeCondition(condition, { nearest: cosine }, exhibit).met);
    const red = await nearest(exhibit.text);
    assert.deepEqual(red.names, ["▁yellow", "▁blue", "▁green"]);
    assert.equal(met(red.cosine), false);
    assert.equal(met((await nearest("Tom likes quantum")).cosine), true);
    assert.equal((await nearest("a king", ["man"], ["woman"])).names[0], "▁queen");
    assert.notEqual((await nearest("a mom", ["girl"], ["boy"])).names[0], "▁dad");
  });

  it("heads: some look one back, some rest on the first, and none does both", async () => {
    const path = "04-the-transformer/heads.md";
    const { exhibit, check: before } = read(path, "before", "until");
    const { check: sink } = read(path, "sink", "until");
    assert.ok(exhibit.type === "attention-map");
    const tokens = await tokenize(exhibit.text);
    const { run, layerCount } = await lens.call("attend", {
      path: builtIn,
      tokenIds: tokens.map(({ id }) => id),
    });
    const counts = { before: 0, sink: 0, heads: 0 };
    for (let layer = 0; layer < layerCount; layer++) {
      const packed = await fetchLayer(lens, { run, layer });
      for (let head = 0; head < packed.headCount; head++) {
        const square = { tokenCount: packed.tokenCount, weights: unpackHead(packed, head) };
        const named = tokens.map((token) => ({ id: token.id, label: token.name }));
        const scores = headScores(square, named);
        const scoreFor = (habit: string) => scores.find((score) => score.habit === habit)?.score ?? 0;
        const readings = { "previous-token": scoreFor("previous"), "first-token": scoreFor("first") };
        const met = (check: typeof before) =>
          check.conditions.every((condition) => judgeCondition(condition, readings, exhibit).met);
        counts.heads++;
        if (met(before)) counts.before++;
        if (met(sink)) counts.sink++;
      }
    }
    assert.ok(counts.before > 0 && counts.sink > 0, JSON.stringify(counts));
    assert.ok(counts.before + counts.sink < counts.heads / 2, JSON.stringify(counts));
  });
});
