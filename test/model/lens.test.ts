/**
 * Holds the lens against llama.cpp on the story model: the full next-token distribution at every position. On
 * F32 weights with an F32 cache and no flash attention both compute the same thing, so they must agree to within
 * rounding; on Q8_0 the engine also rounds what it multiplies, which is reported, not hidden.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { joinAgreements } from "../../src/core/lens/agreement.js";
import { type LensModel, openOnOneThread } from "../../src/core/lens/lensModel.js";
import type { EngineAgreement } from "../../src/shared/types.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { builtInModel, chatModel, unroundedModel } from "../modelFiles.js";
import {
  agreementWith,
  engineAnswers,
  openEngine,
  shownAgreement,
  withEngine,
} from "./conformance/engine.js";
import { cutModel } from "./cutModel.js";
import { LENS_TEXTS, LONG_TEXT } from "./lensTexts.js";

const CONTEXT = 256;

const kernelBytes = () => readFileSync(join(process.cwd(), "dist/workers/lensKernel.wasm"));

function openLens(path: string): LensModel {
  const file = openModelFile(path);
  try {
    return openOnOneThread(file, new WebAssembly.Module(kernelBytes()), () => pause());
  } finally {
    file.close();
  }
}

/** Runs both on the same tokens and compares every position. */
async function agreementOn(
  lens: LensModel,
  context: LlamaContext,
  ids: readonly number[],
): Promise<EngineAgreement> {
  return agreementWith(lens, ids, await engineAnswers(context, ids, lens.shape.vocabulary));
}

describe("the lens against llama.cpp", function () {
  this.timeout(120_000);

  let folder: string;
  let llama: Llama;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-lens-"));
    llama = await openEngine();
  });
  after(async () => {
    await llama?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const tokensOf = (model: LlamaModel, text: string, limit: number) => {
    const { bos } = model.tokens;
    assert.ok(bos !== null);
    return [bos, ...model.tokenize(text)].slice(0, limit);
  };

  it(`agrees on F32 weights within 1e-5 at every position of ${LENS_TEXTS.length + 1} texts`, async () => {
    const path = unroundedModel();
    const lens = openLens(path);
    await withEngine(llama, path, { exact: true, contextSize: CONTEXT }, async (model, context) => {
      const texts = [...LENS_TEXTS, { name: "near the context's limit", text: LONG_TEXT }];
      let all: EngineAgreement | undefined;
      for (const { name, text } of texts) {
        // The engine keeps one place free.
        const agreement = await agreementOn(
          lens,
          context,
          tokensOf(model, text, text === LONG_TEXT ? CONTEXT - 1 : 64),
        );
        assert.ok(agreement.maxProbabilityDifference < 1e-5, `${name}: ${shownAgreement(agreement)}`);
        assert.equal(agreement.top1Disagreements, 0, `${name}: ${shownAgreement(agreement)}`);
        all = all ? joinAgreements(all, agreement) : agreement;
      }
      assert.ok(all);
      console.log(`      F32: ${shownAgreement(all)}`);
    });
  });

  it("predicts the story well, which a wrong RoPE layout would not", async () => {
    const lens = openLens(builtInModel());
    await withEngine(llama, builtInModel(), { exact: true, contextSize: CONTEXT }, async (model) => {
      const ids = tokensOf(model, LONG_TEXT, 128);
      await lens.attend(ids, { onLayer: () => {} });
      let nats = 0;
      for (let position = 0; position + 1 < ids.length; position++) {
        const logits = await lens.logitsAt(position);
        const largest = logits.reduce((a, b) => Math.max(a, b));
        const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
        nats += logSum - logits[ids[position + 1]!]!;
      }
      const mean = nats / (ids.length - 1);
      assert.ok(mean < 2.6, `${mean.toFixed(3)} nats a token`);
    });
  });

  it("stays close to the engine as it really runs on Q8_0", async () => {
    const path = builtInModel();
    const lens = openLens(path);
    await withEngine(llama, path, { exact: false, contextSize: CONTEXT }, async (model, context) => {
      let all: EngineAgreement | undefined;
      for (const { text } of LENS_TEXTS.slice(0, 8)) {
        const agreement = await agreementOn(lens, context, tokensOf(model, text, 64));
        all = all ? joinAgreements(all, agreement) : agreement;
      }
      assert.ok(all);
      console.log(`      Q8_0 with the engine's own rounding: ${shownAgreement(all)}`);
      assert.ok(all.maxProbabilityDifference < 0.15, shownAgreement(all));
      assert.ok(all.top1Agreements / all.positions > 0.9, shownAgreement(all));
    });
  });

  it("agrees within 1e-5 on the quantised blocks of TinyLlama (IQ2_XXS, Q2_K, Q4_K, Q5_K)", async () => {
    // Two layers and 3,000 tokens of the real file: the lens reads the quantised blocks, the engine the same
    // weights unpacked to F32, so that only the arithmetic differs.
    const file = openModelFile(chatModel());
    const quantised = join(folder, "tiny.gguf");
    const unpacked = join(folder, "tiny-F32.gguf");
    try {
      const cut = (asF32: boolean) => cutModel(file, { layers: 2, vocabulary: 3000, asF32 });
      writeFileSync(quantised, cut(false));
      writeFileSync(unpacked, cut(true));
    } finally {
      file.close();
    }
    const lens = openLens(quantised);
    const types = new Set([...lens.header.tensors.values()].map((tensor) => tensor.type.name));
    for (const type of ["IQ2_XXS", "Q2_K", "Q4_K", "Q5_K"] as const) assert.ok(types.has(type), type);
    await withEngine(llama, unpacked, { exact: true, contextSize: CONTEXT }, async (_model, context) => {
      const ids = Array.from({ length: 48 }, (_, i) => (i === 0 ? 1 : 259 + ((i * 7919) % 2700)));
      const agreement = await agreementOn(lens, context, ids);
      console.log(`      quantised blocks: ${shownAgreement(agreement)}`);
      assert.ok(agreement.maxProbabilityDifference < 1e-5, shownAgreement(agreement));
      assert.equal(agreement.top1Disagreements, 0);
    });
  });
});
