/**
 * How fast and how exact the lens is, beside llama.cpp on the same tokens in the same run. Times are medians of
 * interleaved repetitions, so that what else the machine does meets both alike.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause, setTimeout as sleep } from "node:timers/promises";
import type { Llama, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import type { BenchResult } from "../../scripts/bench.js";
import { builtInModelPath, chatModelPath, unroundedModelPath } from "../../scripts/models.js";
import { compareAt } from "../../src/core/lens/agreement.js";
import { fetchLayer } from "../../src/core/lens/fetchLayer.js";
import { tensorType } from "../../src/core/lens/gguf/format.js";
import { createMemory, growMemory, instantiateKernel } from "../../src/core/lens/kernel/kernel.js";
import { openOnOneThread } from "../../src/core/lens/lensModel.js";
import type { Arithmetic } from "../../src/core/lens/run.js";
import { isCancelled } from "../../src/shared/errors.js";
import type { LensProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { referenceForward } from "../core/lens/referenceForward.js";
import { cutModel } from "../model/cutModel.js";
import { LENS_TEXTS, LONG_TEXT } from "../model/lensTexts.js";
import { mapMoves } from "./lens/mapMoves.js";
import { simdPeak } from "./lens/simdPeak.js";

const TOKENS = 64;
const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
} as const;
const workerScript = join(process.cwd(), "dist/workers/lens.mjs");
const kernelFile = join(process.cwd(), "dist/workers/lensKernel.wasm");
const tinyLlama = chatModelPath();

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

type Report = (name: string, value: number, note: string, digits: number) => void;

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "glassbox-bench-"));
  const { getLlama } = await import("node-llama-cpp");
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, progressLogs: false });
  const figures: Record<string, number> = {};
  const table: BenchResult["table"] = [];
  const report: Report = (name, value, note, digits) => {
    figures[name] = value;
    table.push({ name, value: value.toFixed(digits), note: note.trim() });
  };
  try {
    await smallModel(llama, report);
    kernel(report);
    await largeModel(llama, folder, report);
    const moves = await mapMoves();
    report(
      "map_move_128_ms",
      median(moves),
      `ms  pointing at another cell of 128 by 128, of ${moves.length}`,
      1,
    );
    return { figures, table };
  } finally {
    await llama.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function smallModel(llama: Llama, report: Report): Promise<void> {
  const f32 = unroundedModelPath();
  const small = await against(llama, builtInModelPath(), 1, 15, 9);
  report(
    "attention_15m_64_cold_ms",
    small.coldMs,
    "ms  new process, file read, all layers there; median of nine",
    1,
  );
  report("attention_15m_64_warm_ms", small.fastMs, `ms  all layers and heads; ${small.path}`, 1);
  report("llamacpp_15m_64_ms", small.engineMs, "ms  node-llama-cpp, prompt evaluation, 1 thread", 1);
  report("attention_15m_64_vs_llamacpp", small.fastMs / small.engineMs, "x", 2);
  const plainMs = await plainJavaScript(f32);
  report("plain_js_15m_64_ms", plainMs, "ms  the same in plain f64 JavaScript", 1);
  report("kernel_vs_plain_js", plainMs / small.fastMs, "x", 1);
  report("parity_15m_f32_max_dp", await parity(llama, f32), "   largest probability difference, F32", 8);
}

async function largeModel(llama: Llama, folder: string, report: Report): Promise<void> {
  const cores = Math.min(2, availableParallelism());
  const large = await against(llama, tinyLlama, cores, 5);
  report("tinyllama_64_ms", large.fastMs, `ms  TinyLlama 1.1B, all layers; ${large.path}`, 0);
  report("tinyllama_64_exact_ms", large.exactMs, "ms  the same in f32", 0);
  report("tinyllama_64_llamacpp_ms", large.engineMs, `ms  node-llama-cpp, ${cores} threads`, 0);
  report("tinyllama_64_vs_llamacpp", large.fastMs / large.engineMs, "x", 2);
  report("tinyllama_64_exact_vs_llamacpp", large.exactMs / large.engineMs, "x", 2);
  report("first_layer_fraction", large.firstLayer, "   of the total time when layer 0 is there", 3);
  report("peak_extra_mb", large.peakMb, "MB  of the lens process beyond the file's size, 64 tokens", 0);
  report("tinyllama_512_ms", large.longMs, "ms  512 tokens, all layers kept", 0);
  report("peak_extra_512_mb", large.longPeakMb, "MB  the same with 512 tokens", 0);
  report("tinyllama_512_exact_ms", large.longExactMs, "ms  512 tokens, all layers kept, in f32", 0);
  report("peak_extra_512_exact_mb", large.longExactPeakMb, "MB  the same in f32", 0);
  report(
    "peak_extra_512_looked_into_mb",
    large.lookedIntoPeakMb,
    "MB  a layer fetched, every head measured, a cell made",
    0,
  );
  report("cancel_ms", large.cancelMs, "ms  from stopping 512 tokens to layer 0 of the next run", 0);

  const { ofExact, ofEngine, exactOfEngine } = await errorOfIntegers(llama);
  report("integers_vs_exact_max_dp", ofExact, "   largest probability difference of the two paths", 5);
  report("integers_vs_llamacpp_max_dp", ofEngine, "   of the 16-bit path and llama.cpp as it runs", 5);
  report("exact_vs_llamacpp_max_dp", exactOfEngine, "   of the f32 path and llama.cpp as it runs", 5);

  const cut = join(folder, "tinyllama-2-layers-F32.gguf");
  const file = openModelFile(tinyLlama);
  writeFileSync(cut, cutModel(file, { layers: 2, vocabulary: 4000, asF32: true }));
  file.close();
  report("parity_tinyllama_f32_max_dp", await parity(llama, cut), "   2 layers of TinyLlama in F32", 8);
}

interface LensTimes {
  ms: number;
  /** Until layer 0 could be asked for. */
  firstMs: number;
  path: string;
  /** The lens's name for the run. */
  run: number;
}

/** A lens process and one model. */
class LensTimer {
  readonly #lens = new WorkerClient<LensProtocol>({ name: "lens", script: workerScript, log: () => {} });
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async attend(tokenIds: number[], exact: boolean, signal?: AbortSignal): Promise<LensTimes> {
    const startedAt = performance.now();
    let firstMs = Number.NaN;
    const { path, run } = await this.#lens.call(
      "attend",
      { path: this.#path, tokenIds, exact },
      {
        onEvent: ({ layer }) => {
          if (layer === 0) firstMs = performance.now() - startedAt;
        },
        ...(signal ? { signal } : {}),
      },
    );
    return { ms: performance.now() - startedAt, firstMs, path, run };
  }

  /** Asks of a run what a reader does: a layer's maps, what every head does, and how a cell is made. */
  async lookInto({ run }: LensTimes, tokenIds: number[]): Promise<void> {
    await fetchLayer(this.#lens, { run, layer: 0 });
    const bytes = tokenIds.map(() => new Uint8Array(1));
    await this.#lens.call("heads", { run, tokenIds, bytes });
    await this.#lens.call("cell", { run, layer: 0, head: 0, query: tokenIds.length - 1 });
  }

  /** From the stop of a long run to the first layer of the next. */
  async cancelMs(tokenIds: number[]): Promise<number> {
    const abort = new AbortController();
    const running = this.attend(tokenIds, false, abort.signal).catch((error: unknown) => {
      if (!isCancelled(error)) throw error;
    });
    await sleep(500);
    const stoppedAt = performance.now();
    abort.abort();
    const next = await this.attend(tokenIds.slice(0, 1), false);
    const ms = performance.now() - stoppedAt - next.ms + next.firstMs;
    await running;
    return ms;
  }

  /** The most memory that the process has had, beyond the file's size; where the system tells it. */
  peakMb(): number {
    const status = `/proc/${this.#lens.pid}/status`;
    if (!existsSync(status)) return Number.NaN;
    const kilobytes = /VmHWM:\s*(\d+) kB/.exec(readFileSync(status, "utf8"))?.[1];
    return Number(kilobytes) / 1024 - statSync(this.#path).size / 2 ** 20;
  }

  dispose(): void {
    this.#lens.dispose();
  }
}

/** The lens process and the engine in turns on the same tokens; the first runs of each are not counted. */
async function against(llama: Llama, path: string, threads: number, repetitions: number, coldStarts = 1) {
  const model = await llama.loadModel({ modelPath: path });
  const lens = new LensTimer(path);
  try {
    const context = await model.createContext({ contextSize: 256, threads });
    const sequence = context.getSequence();
    const tokenIds = textTokens(model, TOKENS);
    const evaluate = async () => {
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(tokenIds);
    };
    const cold = [(await lens.attend(tokenIds, false)).ms];
    while (cold.length < coldStarts) {
      const fresh = new LensTimer(path);
      cold.push((await fresh.attend(tokenIds, false)).ms);
      fresh.dispose();
    }
    await evaluate();
    // The kernel is compiled anew in the background while it is used; give it the chance that a reader would.
    for (const exact of [false, true, false]) await lens.attend(tokenIds, exact);
    const fast: LensTimes[] = [];
    const exact: LensTimes[] = [];
    const engine: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      fast.push(await lens.attend(tokenIds, false));
      engine.push(await timed(evaluate));
      exact.push(await lens.attend(tokenIds, true));
    }
    const peakMb = lens.peakMb();
    const long = textTokens(model, 512);
    const fits = long.length <= model.trainContextSize;
    const longRun = fits ? await lens.attend(long, false) : undefined;
    const longPeakMb = lens.peakMb();
    const longExactRun = fits ? await lens.attend(long, true) : undefined;
    const longExactPeakMb = lens.peakMb();
    if (longExactRun) await lens.lookInto(longExactRun, long);
    return {
      coldMs: median(cold),
      path: fast[0]?.path ?? "",
      fastMs: median(fast.map(({ ms }) => ms)),
      exactMs: median(exact.map(({ ms }) => ms)),
      engineMs: median(engine),
      firstLayer: median(fast.map(({ ms, firstMs }) => firstMs / ms)),
      peakMb,
      longMs: longRun?.ms ?? Number.NaN,
      longPeakMb,
      longExactMs: longExactRun?.ms ?? Number.NaN,
      longExactPeakMb,
      lookedIntoPeakMb: lens.peakMb(),
      cancelMs: fits ? await lens.cancelMs(long) : Number.NaN,
    };
  } finally {
    lens.dispose();
    await model.dispose();
  }
}

/** Probabilities of TinyLlama's next tokens by the two paths and by the engine as it runs, over one text. */
async function errorOfIntegers(llama: Llama) {
  const lens = openLens(tinyLlama);
  const model = await llama.loadModel({ modelPath: tinyLlama });
  try {
    const ids = textTokens(model, 32);
    const logits = async (arithmetic: Arithmetic) => {
      await lens.attend(ids, { arithmetic });
      const all: Float32Array[] = [];
      for (let position = 0; position < ids.length; position++) all.push(await lens.logitsAt(position));
      return all;
    };
    const exact = await logits("f32");
    const integers = await logits("i16");
    const context = await model.createContext({ contextSize: 256, threads: 2 });
    const engine = await engineLogits(context.getSequence(), ids, lens.shape.vocabulary);
    const largest = (one: Float32Array[], other: Float32Array[]) =>
      Math.max(
        ...one.map((logits, position) => compareAt(logits, other[position]!).maxProbabilityDifference),
      );
    return {
      ofExact: largest(integers, exact),
      ofEngine: largest(integers, engine),
      exactOfEngine: largest(exact, engine),
    };
  } finally {
    lens.dispose();
    await model.dispose();
  }
}

function textTokens(model: LlamaModel, count: number): Token[] {
  const { bos } = model.tokens;
  const text = [...LENS_TEXTS.map((entry) => entry.text), LONG_TEXT, LONG_TEXT].join("\n");
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

/** Products of 64 tokens with 16 rows of 2048 weights, unpacked on the way, beside what the processor can do. */
function kernel(report: Report): void {
  const [rows, columns, calls] = [16, 2048, 10];
  const memory = createMemory();
  growMemory(memory, 2 ** 25);
  const { multiplyF32, multiplyI16 } = instantiateKernel(
    new WebAssembly.Module(readFileSync(kernelFile)),
    memory,
  );
  // As f32 0.012, as f16 0.06, as integers anything: the same work as with a model's.
  new Uint8Array(memory.buffer).fill(0x2c);
  const work = (multiply: typeof multiplyF32, name: "F32" | "IQ2_XXS") => () => {
    const { id, blockWeights, blockBytes } = tensorType(name);
    const rowBytes = (columns / blockWeights) * blockBytes;
    const startedAt = performance.now();
    for (let call = 0; call < calls; call++) {
      const [x, w, y, scratch, grids] = [2 ** 21, 2 ** 20, 2 ** 23, 2 ** 24, 1024];
      multiply(id, w, rowBytes, rows, columns, x, TOKENS, y, rows * 4, scratch, grids);
    }
    return (2 * TOKENS * rows * columns * calls) / (performance.now() - startedAt) / 1e6;
  };
  const measured = [simdPeak(), work(multiplyF32, "F32"), work(multiplyI16, "IQ2_XXS")];
  const best = measured.map(() => 0);
  for (let round = 0; round < 200; round++) {
    for (const [index, once] of measured.entries()) best[index] = Math.max(best[index]!, once());
  }
  const [peak, f32, i16] = best as [number, number, number];
  report("simd_peak_gflops_1_thread", peak, "GFLOP/s  a loop of f32x4 multiply and add, no memory", 1);
  report("kernel_gflops_1_thread", f32, `GFLOP/s  f32, ${((100 * f32) / peak).toFixed(0)} % of that peak`, 1);
  report("kernel_i16_gops_1_thread", i16, "GOP/s  16-bit integers, unpacked from IQ2_XXS", 1);
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
      await lens.attend(ids);
      const sequence = context.getSequence();
      const answers = await engineLogits(sequence, ids, lens.shape.vocabulary);
      sequence.dispose();
      for (const [position, engine] of answers.entries()) {
        const { maxProbabilityDifference } = compareAt(await lens.logitsAt(position), engine);
        largest = Math.max(largest, maxProbabilityDifference);
      }
    }
    return largest;
  } finally {
    await model.dispose();
  }
}

/** The engine's logits at each position, from its probabilities. */
async function engineLogits(
  sequence: LlamaContextSequence,
  ids: readonly Token[],
  vocabulary: number,
): Promise<Float32Array[]> {
  const outputs = await sequence.controlledEvaluate(
    ids.map((id): [Token, { generateNext: { probabilities: true } }] => [
      id,
      { generateNext: { probabilities: true } },
    ]),
  );
  return outputs.map((output) => {
    const logits = new Float32Array(vocabulary).fill(-104);
    for (const [token, probability] of output?.next.probabilities ?? []) {
      if (probability > 0) logits[token] = Math.log(probability);
    }
    return logits;
  });
}
