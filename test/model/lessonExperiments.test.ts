/** The experiments of lessons with real weights: what the lessons claim of them, and that their checks can be passed. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { judgeCondition } from "../../src/core/lessons/judge.js";
import {
  balancedBias,
  imbalanceOf,
  loadsOf,
  routerScores,
  routeTokens,
} from "../../src/core/lessons/mixture.js";
import { parseLesson } from "../../src/core/lessons/parseLesson.js";
import { expectedReward, tryAndLearn } from "../../src/core/lessons/reinforcement.js";
import { fraction, moveGrammar, movesFrom, moveText } from "../../src/core/lessons/thoughts.js";
import { addedScore, scaledRow, turnedScore } from "../../src/core/lessons/turning.js";
import { orderEffect, shuffledOrder } from "../../src/core/lessons/wordOrder.js";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import type { ExhibitBlock } from "../../src/shared/panels/lesson.js";
import type { ModelToken, PlacedModelToken } from "../../src/shared/types.js";
import type { LensProtocol, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel } from "../modelFiles.js";
import { buildCase, CASES } from "./conformance/cases.js";

const builtIn = builtInModel();

/** An exhibit of a lesson, its text, and whether readings of it meet a check. */
function lessonPart(path: string, exhibitId: string) {
  const { lesson } = parseLesson(readFileSync(join("media/lessons", path), "utf8"), path);
  const exhibit = lesson?.blocks.find(
    (block): block is ExhibitBlock => block.kind === "exhibit" && block.id === exhibitId,
  );
  assert.ok(lesson && exhibit && "text" in exhibit.config);
  return {
    text: exhibit.config.text,
    meets(checkId: string, readings: Record<string, number>): boolean {
      const check = lesson.blocks.find((block) => block.kind === "check" && block.id === checkId);
      assert.ok(check?.kind === "check" && check.config.type === "until");
      return check.config.conditions.every(
        (condition) => judgeCondition(condition, readings, exhibit.config).met,
      );
    },
  };
}

describe("The experiments of lessons with the built-in model", function () {
  this.timeout(60_000);
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-experiments-"));
    model = builtWorkers.model();
    lens = builtWorkers.lens();
    await model.call("load", { path: builtIn, gpuLayers: 0, threads: 1 });
  });

  after(() => {
    model.dispose();
    lens.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const tokenize = (text: string): Promise<PlacedModelToken[]> => model.call("tokenize", { text, bos: true });

  async function effectOfOrder(text: string, seed: number, equalPositions: boolean) {
    const tokens = await tokenize(text);
    const order = shuffledOrder(tokens, seed);
    assert.ok(order);
    const ids = tokens.map(({ id }) => id);
    const pass = (tokenIds: number[]) => lens.call("lookBack", { path: builtIn, tokenIds, equalPositions });
    return orderEffect(await pass(ids), await pass(order.map((old) => ids[old] ?? 0)), order);
  }

  it("positions: without them the first layer does not see the order, later layers do, and with them all do", async () => {
    const { text } = lessonPart("03-tokens-into-vectors/position.md", "shuffle");
    for (const seed of [1, 2, 3]) {
      const [equal, counted] = [
        await effectOfOrder(text, seed, true),
        await effectOfOrder(text, seed, false),
      ];
      assert.equal(equal.attention.length, 6);
      assert.ok((equal.attention[0] ?? 1) < 0.001, `equal: ${equal.attention}`);
      assert.ok((equal.attention.at(-1) ?? 0) > 0.02, `equal: ${equal.attention}`);
      assert.ok((counted.attention[0] ?? 0) > 0.03, `counted: ${counted.attention}`);
    }
    const other = await effectOfOrder("The old man sat on a bench and fed the hungry birds", 1, false);
    const [first] = (await effectOfOrder(text, 1, false)).attention;
    assert.notEqual(other.attention[0], first, "another text moves otherwise");
  });

  it("rotation: moving both tokens keeps the score of the turned rows and not that of added waves", async () => {
    const { text, meets } = lessonPart("03-tokens-into-vectors/position.md", "turn");
    const ids = (await tokenize(text)).filter(({ special }) => !special).map(({ id }) => id);
    const { rows, width } = await lens.call("embeddings", { path: builtIn, ids });
    assert.equal(rows.length, ids.length * width);
    const row = (at: number) => scaledRow(rows.subarray(at * width, at * width + 48));
    const [query, key] = [row(ids.length - 1), row(ids.length - 2)];
    const readings = (move: number) => {
      const [here, there] = [
        { query: 3, key: 0 },
        { query: move + 3, key: move },
      ];
      const change = (score: (places: typeof here) => number) => Math.abs(score(there) - score(here));
      return {
        moved: move,
        "turned-change": change((places) => turnedScore(query, key, places, 10_000)),
        "added-change": change((places) => addedScore(query, key, places)),
      };
    };
    assert.equal(meets("distance", readings(0)), false);
    assert.ok([500, 600, 700, 1000].some((move) => meets("distance", readings(move))));
  });

  it("mixture: our router over the model's rows is uneven, and balanced it meets the check", async () => {
    const { text, meets } = lessonPart("04-the-transformer/mixture-of-experts.md", "router");
    const ids = (await tokenize(text)).filter(({ special }) => !special).map(({ id }) => id);
    const { rows, width } = await lens.call("embeddings", { path: builtIn, ids });
    const scores = routerScores(rows, width, 8, 1);
    const readings = (bias?: Float64Array) => ({
      experts: 8,
      "active-share": 0.4,
      imbalance: imbalanceOf(loadsOf(routeTokens(scores, 8, 2, bias), 0)),
    });
    assert.equal(meets("balance", readings()), false);
    assert.equal(meets("balance", readings(balancedBias(scores, 8, 2, 300))), true);
  });

  it("mixture: the built-in model has no router, and a mixture's own is told", async () => {
    const mixture = CASES.find(({ architecture, sizes }) => architecture === "llama" && sizes.experts);
    assert.ok(mixture);
    const path = join(folder, "mixture.gguf");
    writeFileSync(path, buildCase(mixture, "F32", 3).file);
    assert.equal(await lens.call("routing", { path: builtIn, tokenIds: [1, 300, 400] }), null);
    const routing = await lens.call("routing", { path, tokenIds: [260, 270, 280, 290] });
    assert.ok(routing);
    assert.equal(routing.count, mixture.sizes.experts);
    assert.equal(routing.chosen.length, routing.layers * 4 * routing.used);
    for (let at = 0; at < routing.shares.length; at += routing.used) {
      const sum = routing.shares.subarray(at, at + routing.used).reduce((all, share) => all + share, 0);
      assert.ok(Math.abs(sum - 1) < 1e-4);
    }
  });

  it("reinforcement: a rare token of the model's own is made frequent by tries", async () => {
    const { text, meets } = lessonPart("01-what-you-are-talking-to/three-schools.md", "pay");
    const tokenIds = (await tokenize(text)).map(({ id }) => id);
    const { logits } = await model.call("next", { tokenIds });
    const { probabilities } = candidatesOf(logits);
    let scores = Array.from(probabilities.subarray(0, 12), Math.log);
    const rewards = scores.map((_, at) => Number(at === 11));
    const before = expectedReward(scores, rewards);
    assert.equal(meets("rare", { before, reward: before }), false);
    for (let round = 0; round < 200; round++) {
      const coin = seededCoin(1, round * 20);
      scores = tryAndLearn(scores, rewards, { tries: 20, rate: 2, coin }).scores;
    }
    assert.equal(meets("rare", { before, reward: expectedReward(scores, rewards) }), true);
  });

  it("thoughts: the model proposes legal moves, in the words of the grammar", async () => {
    const moves = movesFrom([3, 5, 8].map((value) => fraction(value)));
    const tokenIds = (await tokenize("The one that is left must be 24. Numbers: 3 5 8\n")).map(
      ({ id }) => id,
    );
    for (const seed of [1, 2, 3]) {
      const written: ModelToken[] = [];
      await model.call(
        "generate",
        {
          tokenIds,
          maxTokens: 40,
          sampling: { temperature: 1, topK: 40, topP: 0.95, minP: 0.05 },
          seed,
          grammar: moveGrammar(moves),
        },
        { onEvent: ({ token }) => written.push(token) },
      );
      const text = textOfTokens(written).trim();
      assert.ok(
        moves.some((move) => moveText(move) === text),
        text,
      );
    }
  });
});
