/**
 * Holds the lens against llama.cpp on the story model: the full next-token distribution at every position. On
 * F32 weights with an F32 cache and no flash attention both compute the same thing, so they must agree to within
 * rounding; on Q8_0 the engine also rounds what it multiplies, which is reported, not hidden.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Llama, LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { cacheFolder } from "../../src/core/cacheFolder.js";
import { compareAt, joinAgreements } from "../../src/core/lens/agreement.js";
import { convertLlama2c } from "../../src/core/lens/gguf/convertLlama2c.js";
import { type LensModel, openOnOneThread } from "../../src/core/lens/lensModel.js";
import type { EngineAgreement, LayerAttention } from "../../src/shared/types.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { cutModel } from "./cutModel.js";
import { LENS_TEXTS, LONG_TEXT } from "./lensTexts.js";

/** What the engine must be told so that it computes in f32 throughout. */
const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
} as const;
const CONTEXT = 256;

const models = join(cacheFolder(process.platform, process.env, homedir()), "models");
const kernelBytes = () => readFileSync(join(process.cwd(), "dist/workers/lensKernel.wasm"));

function openLens(path: string): LensModel {
  const file = openModelFile(path);
  try {
    return openOnOneThread(file, new WebAssembly.Module(kernelBytes()), () => pause());
  } finally {
    file.close();
  }
}

/** The engine's logits at each position, from its probabilities. */
async function* engineLogits(context: LlamaContext, ids: readonly number[], vocabulary: number) {
  const sequence = context.getSequence();
  try {
    const BLOCK = 16;
    for (let start = 0; start < ids.length; start += BLOCK) {
      const outputs = await sequence.controlledEvaluate(
        ids
          .slice(start, start + BLOCK)
          .map((id): [Token, { generateNext: { probabilities: true } }] => [
            id as Token,
            { generateNext: { probabilities: true } },
          ]),
      );
      for (const output of outputs) {
        const probabilities = output?.next.probabilities;
        assert.ok(probabilities, "the engine gave a distribution");
        const logits = new Float32Array(vocabulary).fill(-104);
        for (const [token, probability] of probabilities) {
          if (probability > 0) logits[token] = Math.log(probability);
        }
        yield logits;
      }
    }
  } finally {
    sequence.dispose();
  }
}

async function attendTo(lens: LensModel, ids: readonly number[]): Promise<LayerAttention[]> {
  const layers: LayerAttention[] = [];
  await lens.attend(ids, { onLayer: (layer) => layers.push(layer) });
  return layers;
}

/** Runs both on the same tokens and compares every position. */
async function agreementOn(
  lens: LensModel,
  context: LlamaContext,
  ids: readonly number[],
): Promise<EngineAgreement> {
  checkMaps(await attendTo(lens, ids));
  let agreement: EngineAgreement | undefined;
  let position = 0;
  for await (const logits of engineLogits(context, ids, lens.shape.vocabulary)) {
    const here = compareAt(await lens.logitsAt(position++), logits);
    agreement = agreement ? joinAgreements(agreement, here) : here;
  }
  assert.equal(agreement?.positions, ids.length);
  return agreement;
}

/** Rows sum to 1, nothing looks ahead, nothing is negative. */
function checkMaps(layers: readonly LayerAttention[]): void {
  for (const { layer, headCount, tokenCount, weights } of layers) {
    assert.equal(weights.length, headCount * tokenCount ** 2);
    for (let row = 0; row < headCount * tokenCount; row++) {
      const query = row % tokenCount;
      let sum = 0;
      for (let key = 0; key < tokenCount; key++) {
        const weight = weights[row * tokenCount + key]!;
        assert.ok(weight >= 0 && (key <= query || weight === 0), `layer ${layer}, row ${row}, key ${key}`);
        sum += weight;
      }
      assert.ok(Math.abs(sum - 1) < 1e-6, `layer ${layer}, row ${row} sums to ${sum}`);
    }
  }
}

const shown = (agreement: EngineAgreement) =>
  `${agreement.maxProbabilityDifference.toExponential(1)} over ${agreement.positions} positions, top-1 ${agreement.top1Agreements} of ${agreement.positions}`;

describe("the lens against llama.cpp", function () {
  this.timeout(120_000);

  let folder: string;
  let llama: Llama;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-lens-"));
    const { getLlama } = await import("node-llama-cpp");
    llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, progressLogs: false });
  });
  after(async () => {
    await llama?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function withEngine<T>(
    path: string,
    exact: boolean,
    work: (model: LlamaModel, context: LlamaContext) => Promise<T>,
  ): Promise<T> {
    const model = await llama.loadModel({ modelPath: path });
    try {
      const settings = { contextSize: CONTEXT, threads: 2, ...(exact ? EXACT : {}) };
      return await work(model, await model.createContext(settings));
    } finally {
      await model.dispose();
    }
  }

  function story(type: "F32" | "Q8_0"): string {
    const path = join(folder, `stories15M-${type}.gguf`);
    const checkpoint = readFileSync(join(models, "stories15M.bin"));
    const tokenizer = readFileSync(join(models, "stories15M-tokenizer.bin"));
    writeFileSync(path, convertLlama2c(checkpoint, tokenizer, type));
    return path;
  }

  const tokensOf = (model: LlamaModel, text: string, limit: number) => {
    const { bos } = model.tokens;
    assert.ok(bos !== null);
    return [bos, ...model.tokenize(text)].slice(0, limit);
  };

  it(`agrees on F32 weights within 1e-5 at every position of ${LENS_TEXTS.length + 1} texts`, async () => {
    const path = story("F32");
    const lens = openLens(path);
    await withEngine(path, true, async (model, context) => {
      const texts = [...LENS_TEXTS, { name: "near the context's limit", text: LONG_TEXT }];
      let all: EngineAgreement | undefined;
      for (const { name, text } of texts) {
        // The engine keeps one place free.
        const agreement = await agreementOn(
          lens,
          context,
          tokensOf(model, text, text === LONG_TEXT ? CONTEXT - 1 : 64),
        );
        assert.ok(agreement.maxProbabilityDifference < 1e-5, `${name}: ${shown(agreement)}`);
        assert.equal(agreement.top1Disagreements, 0, `${name}: ${shown(agreement)}`);
        all = all ? joinAgreements(all, agreement) : agreement;
      }
      assert.ok(all);
      console.log(`      F32: ${shown(all)}`);
    });
  });

  it("predicts the story well, which a wrong RoPE layout would not", async () => {
    const lens = openLens(story("Q8_0"));
    await withEngine(join(folder, "stories15M-Q8_0.gguf"), true, async (model) => {
      const ids = tokensOf(model, LONG_TEXT, 128);
      await attendTo(lens, ids);
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
    const path = story("Q8_0");
    const lens = openLens(path);
    await withEngine(path, false, async (model, context) => {
      let all: EngineAgreement | undefined;
      for (const { text } of LENS_TEXTS.slice(0, 8)) {
        const agreement = await agreementOn(lens, context, tokensOf(model, text, 64));
        all = all ? joinAgreements(all, agreement) : agreement;
      }
      assert.ok(all);
      console.log(`      Q8_0 with the engine's own rounding: ${shown(all)}`);
      assert.ok(all.maxProbabilityDifference < 0.15, shown(all));
      assert.ok(all.top1Agreements / all.positions > 0.9, shown(all));
    });
  });

  it("agrees within 1e-5 on the quantised blocks of TinyLlama (IQ2_XXS, Q2_K, Q4_K, Q5_K)", async () => {
    // Two layers and 3,000 tokens of the real file: the lens reads the quantised blocks, the engine the same
    // weights unpacked to F32, so that only the arithmetic differs.
    const file = openModelFile(join(models, "tinyllama-1.1b-chat-IQ2_XXS.gguf"));
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
    await withEngine(unpacked, true, async (_model, context) => {
      const ids = Array.from({ length: 48 }, (_, i) => (i === 0 ? 1 : 259 + ((i * 7919) % 2700)));
      const agreement = await agreementOn(lens, context, ids);
      console.log(`      quantised blocks: ${shown(agreement)}`);
      assert.ok(agreement.maxProbabilityDifference < 1e-5, shown(agreement));
      assert.equal(agreement.top1Disagreements, 0);
    });
  });
});
