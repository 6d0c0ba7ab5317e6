/** llama.cpp as the lens is held against it: computing in f32 throughout, its whole distribution at every position. */

import assert from "node:assert/strict";
import type { Llama, LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { compareAt, joinAgreements } from "../../../src/core/lens/agreement.js";
import type { LensModel } from "../../../src/core/lens/lensModel.js";
import type { Arithmetic } from "../../../src/core/lens/run.js";
import type { EngineAgreement, LayerAttention } from "../../../src/shared/types.js";

/** What the engine must be told so that it computes in f32 throughout. */
const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
} as const;

export async function openEngine(): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  // It warns of vocabularies that are not made for texts.
  return getLlama({
    gpu: false,
    build: "never",
    maxThreads: 2,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  });
}

/** @param exact whether the engine is told to compute in f32; otherwise it runs as it does for everybody. */
export async function withEngine<T>(
  llama: Llama,
  path: string,
  { exact, contextSize, threads = 2 }: { exact: boolean; contextSize: number; threads?: number },
  work: (model: LlamaModel, context: LlamaContext) => Promise<T>,
): Promise<T> {
  const model = await llama.loadModel({ modelPath: path });
  try {
    const context = await model.createContext({ contextSize, threads, ...(exact ? EXACT : {}) });
    try {
      return await work(model, context);
    } finally {
      // A context that nobody holds any more is collected without a word, and the model waits for it for ever.
      await context.dispose();
    }
  } finally {
    await model.dispose();
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

/** All of the engine's answers to one text, to hold several lenses against: (position) of logits. */
export async function engineAnswers(
  context: LlamaContext,
  ids: readonly number[],
  vocabulary: number,
): Promise<Float32Array[]> {
  const answers: Float32Array[] = [];
  for await (const logits of engineLogits(context, ids, vocabulary)) answers.push(logits);
  return answers;
}

/** The lens's answers to a text, as the engine's; its attention must be what attention is. */
export async function lensAnswers(
  lens: LensModel,
  ids: readonly number[],
  options: { contextSize?: number; arithmetic?: Arithmetic } = {},
): Promise<Float32Array[]> {
  const layers: LayerAttention[] = [];
  await lens.attend(ids, { ...options, onWeights: (layer) => layers.push(layer) });
  checkMaps(layers, lens.shape.windows);
  const answers: Float32Array[] = [];
  for (const position of ids.keys()) answers.push(await lens.logitsAt(position));
  return answers;
}

/** Compares two models' answers to one text at every position. */
export function compareAnswers(
  lens: readonly Float32Array[],
  engine: readonly Float32Array[],
): EngineAgreement {
  assert.equal(lens.length, engine.length);
  return lens.map((logits, position) => compareAt(logits, engine[position]!)).reduce(joinAgreements);
}

/** Runs the lens on a text and compares every position. */
export async function agreementWith(
  lens: LensModel,
  ids: readonly number[],
  answers: readonly Float32Array[],
  options?: { contextSize?: number; arithmetic?: Arithmetic },
): Promise<EngineAgreement> {
  return compareAnswers(await lensAnswers(lens, ids, options), answers);
}

/** Rows sum to 1, nothing looks ahead or back beyond the layer's window, nothing is negative. */
function checkMaps(layers: readonly LayerAttention[], windows: readonly (number | undefined)[]): void {
  for (const { layer, headCount, tokenCount, weights } of layers) {
    assert.equal(weights.length, headCount * tokenCount ** 2);
    for (let row = 0; row < headCount * tokenCount; row++) {
      const query = row % tokenCount;
      const first = query + 1 - (windows[layer] ?? tokenCount);
      let sum = 0;
      for (let key = 0; key < tokenCount; key++) {
        const weight = weights[row * tokenCount + key]!;
        const seen = key >= first && key <= query;
        assert.ok(weight >= 0 && (seen || weight === 0), `layer ${layer}, row ${row}, key ${key}`);
        sum += weight;
      }
      assert.ok(Math.abs(sum - 1) < 1e-6, `layer ${layer}, row ${row} sums to ${sum}`);
    }
  }
}

export const shownAgreement = (agreement: EngineAgreement) =>
  `${agreement.maxProbabilityDifference.toExponential(1)} over ${agreement.positions} positions, top-1 ${agreement.top1Agreements} of ${agreement.positions}`;
