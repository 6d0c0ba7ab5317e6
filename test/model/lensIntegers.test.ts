/**
 * Holds the quicker path of the lens, whose products are of 16-bit integers, to the exact one on real weights and
 * texts. Measured were 4e-3 at most on the story model (432 positions) and 9e-4 on TinyLlama, where the engine's own
 * rounding makes 0.07.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Llama } from "node-llama-cpp";
import { compareAt, joinAgreements } from "../../src/core/lens/agreement.js";
import { type LensModel, openOnOneThread } from "../../src/core/lens/lensModel.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import type { Arithmetic } from "../../src/core/lens/run.js";
import type { EngineAgreement } from "../../src/shared/types.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { builtInModel, chatModel, unroundedModel } from "../modelFiles.js";
import { engineAnswers, openEngine, shownAgreement, withEngine } from "./conformance/engine.js";
import { LENS_TEXTS } from "./lensTexts.js";

const tinyLlama = chatModel();

function openLens(path: string): LensModel {
  const kernel = readFileSync(join(process.cwd(), "dist/workers/lensKernel.wasm"));
  const file = openModelFile(path);
  try {
    return openOnOneThread(file, new WebAssembly.Module(kernel), () => pause());
  } finally {
    file.close();
  }
}

/** Logits at every position, and the heads of every layer. */
async function computed(lens: LensModel, ids: readonly number[], arithmetic: Arithmetic) {
  await lens.attend(ids, { arithmetic });
  const heads: Float32Array[] = [];
  for (let layer = 0; layer < lens.shape.layers; layer++) {
    for (let head = 0; head < lens.shape.heads; head++) heads.push(unpackHead(await lens.layer(layer), head));
  }
  const logits: Float32Array[] = [];
  for (let position = 0; position < ids.length; position++) logits.push(await lens.logitsAt(position));
  return { heads, logits };
}

function agreement(ours: readonly Float32Array[], others: readonly Float32Array[]): EngineAgreement {
  const all = ours.map((logits, position) => compareAt(logits, others[position]!));
  return all.reduce(joinAgreements);
}

/** The largest difference of two attention weights. */
function furthest(ours: readonly Float32Array[], others: readonly Float32Array[]): number {
  let largest = 0;
  for (const [head, square] of ours.entries()) {
    for (const [cell, weight] of square.entries()) {
      largest = Math.max(largest, Math.abs(weight - others[head]![cell]!));
    }
  }
  return largest;
}

describe("the lens with 16-bit integers", function () {
  this.timeout(180_000);

  let llama: Llama;
  /** Token ids, the same for both models: they share their vocabulary. */
  let texts: number[][];

  before(async () => {
    llama = await openEngine();
    const model = await llama.loadModel({ modelPath: tinyLlama, vocabOnly: true });
    texts = LENS_TEXTS.slice(0, 5).map(({ text }) => [1, ...model.tokenize(text)].slice(0, 40));
    await model.dispose();
  });
  after(async () => {
    await llama?.dispose();
  });

  for (const [type, path] of [
    ["F32", unroundedModel()],
    ["Q8_0", builtInModel()],
  ] as const) {
    it(`stays within 0.01 of the exact path on the story model in ${type}`, async () => {
      const lens = openLens(path);
      let all: EngineAgreement | undefined;
      let heads = 0;
      for (const ids of texts) {
        const exact = await computed(lens, ids, "f32");
        const integers = await computed(lens, ids, "i16");
        const here = agreement(integers.logits, exact.logits);
        all = all ? joinAgreements(all, here) : here;
        heads = Math.max(heads, furthest(integers.heads, exact.heads));
      }
      assert.ok(all);
      console.log(`      ${type}: ${shownAgreement(all)}, attention ${heads.toExponential(1)}`);
      assert.ok(all.maxProbabilityDifference > 0, "the two are not one");
      assert.ok(all.maxProbabilityDifference < 0.01, shownAgreement(all));
      assert.ok(heads < 0.01, `attention differs by ${heads}`);
    });
  }

  it("stays within 0.005 on TinyLlama, far nearer to the exact path than the engine is", async () => {
    const lens = openLens(tinyLlama);
    await withEngine(llama, tinyLlama, { exact: false, contextSize: 256 }, async (_model, context) => {
      const ids = texts[3]!.slice(0, 24);
      const exact = await computed(lens, ids, "f32");
      const integers = await computed(lens, ids, "i16");
      const engine = await engineAnswers(context, ids, lens.shape.vocabulary);
      const ours = agreement(integers.logits, exact.logits);
      const theirs = agreement(engine, exact.logits);
      const heads = furthest(integers.heads, exact.heads);
      console.log(
        `      16-bit path: ${shownAgreement(ours)}, attention ${heads.toExponential(1)}; engine: ${shownAgreement(theirs)}`,
      );
      assert.ok(ours.maxProbabilityDifference < 0.005, shownAgreement(ours));
      assert.ok(ours.maxProbabilityDifference < theirs.maxProbabilityDifference / 5, shownAgreement(theirs));
      assert.ok(heads < 0.01, `attention differs by ${heads}`);
    });
  });
});
