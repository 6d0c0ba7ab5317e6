/**
 * How fast and how exact the lens is, beside llama.cpp on the same tokens in the same run. Times are medians of
 * interleaved repetitions, so that what else the machine does meets both alike.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Llama, LlamaModel, Token } from "node-llama-cpp";
import type { BenchResult } from "../../scripts/bench.js";
import { cacheFolder } from "../../src/core/cacheFolder.js";
import { compareAt } from "../../src/core/lens/agreement.js";
import { convertLlama2c } from "../../src/core/lens/gguf/convertLlama2c.js";
import { createMemory, growMemory, instantiateKernel } from "../../src/core/lens/kernel/kernel.js";
import { openOnOneThread } from "../../src/core/lens/lensModel.js";
import type { LensProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { referenceForward } from "../core/lens/referenceForward.js";
import { LENS_TEXTS } from "../model/lensTexts.js";

const TOKENS = 64;
const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
} as const;
const workerScript = join(process.cwd(), "dist/workers/lens.mjs");
const kernelFile = join(process.cwd(), "dist/workers/lensKernel.wasm");
const models = join(cacheFolder(process.platform, process.env, homedir()), "models");
const tinyLlama = join(models, "tinyllama-1.1b-chat-IQ2_XXS.gguf");

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "glassbox-bench-"));
  const { getLlama } = await import("node-llama-cpp");
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, progressLogs: false });
  try {
    const story = (type: "F32" | "Q8_0") => {
      const path = join(folder, `stories15M-${type}.gguf`);
      const parts = ["stories15M.bin", "stories15M-tokenizer.bin"].map((name) =>
        readFileSync(join(models, name)),
      );
      writeFileSync(path, convertLlama2c(parts[0]!, parts[1]!, type));
      return path;
    };
    const f32 = story("F32");
    const figures: Record<string, number> = {};
    const table: BenchResult["table"] = [];
    const report = (name: string, value: number, note: string, digits: number) => {
      figures[name] = value;
      table.push({ name, value: value.toFixed(digits), note: note.trim() });
    };

    const small = await against(llama, story("Q8_0"), 1, 15);
    report("attention_15m_64_cold_ms", small.coldMs, "ms  new process, file read, all layers received", 1);
    report("attention_15m_64_warm_ms", small.lensMs, "ms  all layers and heads received", 1);
    report("llamacpp_15m_64_ms", small.engineMs, "ms  node-llama-cpp, prompt evaluation, 1 thread", 1);
    report("attention_15m_64_vs_llamacpp", small.lensMs / small.engineMs, "x", 2);

    const plainMs = await plainJavaScript(f32);
    report("plain_js_15m_64_ms", plainMs, "ms  the same in plain f64 JavaScript", 1);
    report("kernel_vs_plain_js", plainMs / small.lensMs, "x", 1);
    report("kernel_gflops_1_thread", kernelGflops(), "GFLOP/s  64 tokens by 16 rows of 2048", 1);
    report("parity_15m_f32_max_dp", await parity(llama, f32), "   largest probability difference, F32", 8);

    if (existsSync(tinyLlama)) {
      const cores = Math.min(2, availableParallelism());
      const large = await against(llama, tinyLlama, cores, 3);
      report("tinyllama_64_exact_ms", large.lensMs, "ms  TinyLlama 1.1B, all layers received", 0);
      report("tinyllama_64_llamacpp_ms", large.engineMs, `ms  node-llama-cpp, ${cores} threads`, 0);
      report("tinyllama_64_exact_vs_llamacpp", large.lensMs / large.engineMs, "x", 2);
      report(
        "first_layer_fraction",
        large.firstLayerMs / large.lensMs,
        "   of the total when layer 0 is there",
        3,
      );
    }
    return { figures, table };
  } finally {
    await llama.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lens process and the engine in turns on the same tokens; the first run of each is not counted. */
async function against(llama: Llama, path: string, threads: number, repetitions: number) {
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 256, threads });
  const lens = new WorkerClient<LensProtocol>({ name: "lens", script: workerScript, log: () => {} });
  try {
    const sequence = context.getSequence();
    const tokenIds = textTokens(model, TOKENS);
    let firstLayerMs = 0;
    const attend = async () => {
      const startedAt = performance.now();
      await lens.call(
        "attend",
        { path, tokenIds },
        {
          onEvent: ({ layer }) => {
            if (layer === 0) firstLayerMs = performance.now() - startedAt;
          },
        },
      );
    };
    const evaluate = async () => {
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(tokenIds);
    };
    const coldMs = await timed(attend);
    await evaluate();
    // The engine compiles hot code in the background; give it the same chance as a reader would.
    for (let i = 0; i < 3; i++) await attend();
    const lensTimes: number[] = [];
    const engineTimes: number[] = [];
    const firstLayers: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      lensTimes.push(await timed(attend));
      firstLayers.push(firstLayerMs);
      engineTimes.push(await timed(evaluate));
    }
    return {
      coldMs,
      lensMs: median(lensTimes),
      engineMs: median(engineTimes),
      firstLayerMs: median(firstLayers),
    };
  } finally {
    lens.dispose();
    await model.dispose();
  }
}

function textTokens(model: LlamaModel, count: number): Token[] {
  const { bos } = model.tokens;
  const text = LENS_TEXTS.map((entry) => entry.text).join("\n");
  return [...(bos === null ? [] : [bos]), ...model.tokenize(text)].slice(0, count);
}

function openLens(path: string) {
  const file = openModelFile(path);
  try {
    return openOnOneThread(file, new WebAssembly.Module(readFileSync(kernelFile)), () => pause());
  } finally {
    file.close();
  }
}

/** Milliseconds of the plain reference over the F32 file, attention of all layers, no logits. */
async function plainJavaScript(path: string): Promise<number> {
  const file = openModelFile(path);
  const { header, shape } = openLens(path);
  const weights = new Map<string, Float32Array>();
  for (const { name, position, bytes } of header.tensors.values()) {
    const data = new Uint8Array(bytes);
    file.read(position, data);
    weights.set(name, new Float32Array(data.buffer));
  }
  file.close();
  const ids = Array.from({ length: TOKENS }, (_, i) => 300 + i * 7);
  const once = () => timed(async () => void referenceForward(shape, weights, ids, { logits: false }));
  await once();
  return median([await once(), await once(), await once()]);
}

/** The matrix kernel alone: 64 tokens by 16 rows of 2048 columns, the best of many. */
function kernelGflops(): number {
  const [tokens, rows, columns] = [TOKENS, 16, 2048];
  const memory = createMemory();
  growMemory(memory, 2 ** 24);
  const kernel = instantiateKernel(new WebAssembly.Module(readFileSync(kernelFile)), memory);
  new Float32Array(memory.buffer).fill(0.5);
  const calls = 50;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 40; i++) {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call++) {
      kernel.multiply(2 ** 10, 2 ** 20, 2 ** 21, rows * 4, tokens / 2, rows, columns);
    }
    best = Math.min(best, (performance.now() - startedAt) / calls);
  }
  return (2 * tokens * rows * columns) / best / 1e6;
}

/** The largest probability difference over every position of several texts, both in f32. */
async function parity(llama: Llama, path: string): Promise<number> {
  const lens = openLens(path);
  const model = await llama.loadModel({ modelPath: path });
  try {
    const context = await model.createContext({ contextSize: 256, threads: 2, ...EXACT });
    let largest = 0;
    for (const { text } of LENS_TEXTS.slice(0, 20)) {
      const { bos } = model.tokens;
      const ids = [...(bos === null ? [] : [bos]), ...model.tokenize(text)].slice(0, 32);
      await lens.attend(ids, { onLayer: () => {} });
      const sequence = context.getSequence();
      const outputs = await sequence.controlledEvaluate(
        ids.map((id): [Token, { generateNext: { probabilities: true } }] => [
          id,
          { generateNext: { probabilities: true } },
        ]),
      );
      sequence.dispose();
      for (const [position, output] of outputs.entries()) {
        const engine = new Float32Array(lens.shape.vocabulary).fill(-104);
        for (const [token, probability] of output?.next.probabilities ?? []) {
          if (probability > 0) engine[token] = Math.log(probability);
        }
        const { maxProbabilityDifference } = compareAt(await lens.logitsAt(position), engine);
        largest = Math.max(largest, maxProbabilityDifference);
      }
    }
    return largest;
  } finally {
    await model.dispose();
  }
}
