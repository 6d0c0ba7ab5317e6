/** The checks of the lessons can be passed, and failed, with the built-in model: measured on its own numbers. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { headScores } from "../../src/core/lens/describe.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import { judgeCondition } from "../../src/core/lessons/judge.js";
import { parseLesson } from "../../src/core/lessons/parseLesson.js";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { NEUTRAL_SETTINGS, runStages } from "../../src/core/sampling/stages.js";
import type { CheckConfig, CheckType, ExhibitConfig } from "../../src/shared/panels/lesson.js";
import type { PlacedModelToken } from "../../src/shared/types.js";
import type { LensProtocol, ModelProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";

const builtIn = join(process.cwd(), "media", "models", "stories15M-Q8_0.gguf");

/** A lesson's exhibit and the check of that name. */
function read<T extends CheckType>(path: string, checkId: string, type: T) {
  const { lesson, issues } = parseLesson(readFileSync(join("media/lessons", path), "utf8"), path);
  assert.deepEqual(issues, []);
  const exhibit = lesson?.blocks.find((block) => block.kind === "exhibit");
  const check = lesson?.blocks.find((block) => block.kind === "check" && block.id === checkId);
  assert.ok(exhibit?.kind === "exhibit" && check?.kind === "check" && check.config.type === type);
  return {
    exhibit: exhibit.config as Extract<ExhibitConfig, { text: string }>,
    check: check.config as Extract<CheckConfig, { type: T }>,
  };
}

describe("The lessons' checks with the built-in model", function () {
  this.timeout(60_000);
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;

  before(async () => {
    const worker = (name: string) => ({
      name,
      script: join(process.cwd(), "dist/workers", `${name}.mjs`),
      log: () => {},
    });
    model = new WorkerClient<ModelProtocol>(worker("model"));
    lens = new WorkerClient<LensProtocol>(worker("lens"));
    await model.call("load", { path: builtIn, gpuLayers: 0, threads: 2 });
  });

  after(() => {
    model.dispose();
    lens.dispose();
  });

  const tokenize = (text: string): Promise<PlacedModelToken[]> => model.call("tokenize", { text, bos: true });

  it("the guess of the next token: a sensible word is right, a silly one is not", async () => {
    const { exhibit, check } = read("05-predicting/sampling.md", "comes-next", "guess");
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
    const tokens = await tokenize(exhibit.text);
    const { logits } = await model.call("next", { tokenIds: tokens.map(({ id }) => id) });
    const met = (temperature: number) => {
      const survivors = runStages(candidatesOf(logits), { ...NEUTRAL_SETTINGS, temperature }).at(
        -1,
      )?.survivors;
      const readings = { "top-probability": survivors?.probabilities[0] ?? 1 };
      return check.conditions.every((condition) => judgeCondition(condition, readings, exhibit).met);
    };
    assert.equal(met(1), false);
    assert.equal(met(2), true);
  });

  it("attention: the last token rests on the first, and some heads, not all, look at the previous token", async () => {
    const { exhibit, check } = read("04-the-transformer/attention.md", "previous", "until");
    const tokens = await tokenize(exhibit.text);
    const tokenIds = tokens.map(({ id }) => id);
    const { run, layerCount } = await lens.call("attend", { path: builtIn, tokenIds });

    const last = new Float64Array(tokens.length);
    const found: string[] = [];
    let heads = 0;
    for (let layer = 0; layer < layerCount; layer++) {
      const packed = await lens.call("layer", { run, layer });
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
});
