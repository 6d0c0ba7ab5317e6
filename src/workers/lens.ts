/** The lens process: runs its own forward pass over a GGUF model's tokens and hands out the attention. */

import { readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setImmediate as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";
import { compareAt, joinAgreements } from "../core/lens/agreement.js";
import { habitTargets } from "../core/lens/describe.js";
import { headMeter, meanEntropy } from "../core/lens/headReport.js";
import { LensModel, type RunnerParts } from "../core/lens/lensModel.js";
import type { ModelShape } from "../core/lens/modelShape.js";
import { addToMean, triangle, unpackMap } from "../core/lens/packedAttention.js";
import { type Runner, SlicedRunner } from "../core/lens/runner.js";
import type { Study } from "../core/lens/study.js";
import { GlassboxError, throwIfCancelled } from "../shared/errors.js";
import { t } from "../shared/l10n.js";
import type { HeadReport } from "../shared/panels/attention.js";
import type { EngineAgreement } from "../shared/types.js";
import type { LensProtocol } from "../shared/workerProtocol.js";
import { EvaluationQueue } from "./evaluationQueue.js";
import { runLensThread } from "./lens/lensThread.js";
import { ThreadedRunner } from "./lens/threadedRunner.js";
import { openModelFile } from "./modelFile.js";
import { serveWorker } from "./serve.js";

/** Below this many weights in a layer, threads wait for one another longer than they work. */
const THREADS_PAY_FROM = 2_000_000;
/** Below this many weights in a layer, products in f32 are soon done. */
const INTEGERS_PAY_FROM = 5_000_000;
/** More threads than this wait for memory. */
const MOST_THREADS = 8;

/** Left to itself, V8 collects arrays that were let go when they are 64 MB: a third of what a run may take. */
const MOST_LET_GO = 2 * 2 ** 20;
/** A layer is sent in pieces of about as many bytes. */
const PIECE_BYTES = 256 * 2 ** 10;

interface Opened {
  /** Changes when another file is meant, or the file itself has changed. */
  key: string;
  model: LensModel;
}

const queue = new EvaluationQueue();
let opened: Opened | undefined;
let module: WebAssembly.Module | undefined;
let run = 0;
let agreement: EngineAgreement | undefined;
let stopLast = new AbortController();
let bytesLetGo = 0;
let collector: (() => void) | undefined;

/** Counts bytes of arrays that were let go, and has them collected once they are many; without a number, at once. */
function collect(letGo = MOST_LET_GO): void {
  bytesLetGo += letGo;
  if (bytesLetGo < MOST_LET_GO) return;
  bytesLetGo = 0;
  if (!collector) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as () => void;
  }
  collector();
}

function kernelModule(): WebAssembly.Module {
  module ??= new WebAssembly.Module(readFileSync(new URL("lensKernel.wasm", import.meta.url)));
  return module;
}

/** The weights of a layer's feed-forward part, most of what a token meets. */
function layerWeights({ dim, hidden, experts }: ModelShape): number {
  return 3 * dim * hidden * (experts?.used ?? 1);
}

function chooseRunner(parts: RunnerParts): Runner {
  const threads = Math.min(availableParallelism(), MOST_THREADS);
  if (threads > 1 && layerWeights(parts.model.shape) >= THREADS_PAY_FROM) {
    return new ThreadedRunner(parts, threads, new URL(import.meta.url));
  }
  return new SlicedRunner(parts.kernel, parts.memory, parts.model, () => pause());
}

/** The model at this path, loaded once and kept until another is asked for. */
function open(path: string): { model: LensModel; loadMs: number } {
  const status = statSync(path, { throwIfNoEntry: false });
  const key = JSON.stringify([path, status?.size, status?.mtimeMs]);
  if (opened?.key === key) return { model: opened.model, loadMs: 0 };
  const startedAt = performance.now();
  // Two models at once may not fit into memory.
  opened?.model.dispose();
  opened = undefined;
  const file = openModelFile(path);
  try {
    const model = LensModel.open(file, kernelModule(), chooseRunner, () => pause());
    opened = { key, model };
    return { model, loadMs: performance.now() - startedAt };
  } finally {
    file.close();
  }
}

function pathText(integers: boolean, threads: number): string {
  const numbers = integers ? t("16-bit integers") : "f32";
  return threads === 1
    ? t("{0}, WebAssembly SIMD, 1 thread", numbers)
    : t("{0}, WebAssembly SIMD, {1} threads", numbers, threads);
}

/** Looks into the last run, when it is this one; a newer run ends it. */
function studied<T>(
  wanted: number,
  signal: AbortSignal,
  look: (study: Study, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = AbortSignal.any([signal, stopLast.signal]);
  return queue.run(either, async () => {
    const model = opened?.model;
    if (!model || wanted !== run) throw GlassboxError.cancelled();
    return look(await model.study(either), either);
  });
}

/** A pass that no other request will look into; it takes the place of the last run, whose memory it is given. */
function aside<T>(
  path: string,
  tokenIds: readonly number[],
  options: { equalPositions?: boolean; contextSize: number | undefined },
  signal: AbortSignal,
  look: (model: LensModel, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stopLast.abort();
  stopLast = new AbortController();
  const either = AbortSignal.any([signal, stopLast.signal]);
  return queue.run(either, async () => {
    agreement = undefined;
    run++;
    const { model } = open(path);
    await model.attend(tokenIds, { ...options, signal: either });
    return look(model, either);
  });
}

/** (layers, tokens): the attention of the last token, averaged over the heads of each layer. */
async function lastRows(model: LensModel, tokens: number, signal: AbortSignal): Promise<Float32Array> {
  const { layers, heads } = model.shape;
  const rows = new Float32Array(layers * tokens);
  for (let layer = 0; layer < layers; layer++) {
    const row = rows.subarray(layer * tokens);
    await model.eachHead(layer, (_, map) => addToMean(row, map, tokens - 1, heads), signal);
  }
  return rows;
}

/** Hands out the maps of a layer's heads, one behind the other, in pieces. */
async function sendLayer(
  model: LensModel,
  asked: { layer: number; tokens: number },
  send: (piece: Uint16Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const { heads } = model.shape;
  const each = triangle(asked.tokens);
  const together = Math.min(heads, Math.max(1, Math.floor(PIECE_BYTES / (each * 2))));
  const piece = new Uint16Array(together * each);
  await model.eachHead(
    asked.layer,
    (head, map) => {
      const at = head % together;
      piece.set(map, at * each);
      if (at < together - 1 && head < heads - 1) return;
      const full = piece.subarray(0, (at + 1) * each);
      send(full);
      // Its copy, which goes on its way.
      collect(full.byteLength);
    },
    signal,
  );
}

function serve(): void {
  serveWorker<LensProtocol>({
    attend({ path, tokenIds, exact, contextSize }, { signal, emit }) {
      // Whoever asked before has no use for the answer any more.
      stopLast.abort();
      stopLast = new AbortController();
      const either = AbortSignal.any([signal, stopLast.signal]);
      return queue.run(either, async () => {
        agreement = undefined;
        const thisRun = ++run;
        const { model, loadMs } = open(path);
        const startedAt = performance.now();
        const integers = !exact && layerWeights(model.shape) >= INTEGERS_PAY_FROM;
        await model.attend(tokenIds, {
          arithmetic: integers ? "i16" : "f32",
          signal: either,
          contextSize,
          onLayer: (layer) => emit({ run: thisRun, layer }),
        });
        return {
          run: thisRun,
          layerCount: model.shape.layers,
          headCount: model.shape.heads,
          tokenCount: tokenIds.length,
          ...(model.shape.experts ? { experts: model.shape.experts } : {}),
          path: pathText(integers, model.threads),
          exact: !integers,
          ms: performance.now() - startedAt,
          loadMs,
        };
      });
    },

    async layer({ run: wanted, layer }, { signal, emit }) {
      // The memory that it is in belongs to a newer run by now.
      if (!opened || wanted !== run) throw GlassboxError.cancelled();
      const { model } = opened;
      const tokens = model.completedTokens(layer);
      await sendLayer(model, { layer, tokens }, emit, signal);
      return { layer, headCount: model.shape.heads, tokenCount: tokens };
    },

    logits({ run: wanted, position }, { signal }) {
      return queue.run(signal, async () => {
        const model = opened?.model;
        if (!model || wanted !== run) throw GlassboxError.cancelled();
        return (await model.logitsAt(position, signal)).slice();
      });
    },

    async heads({ run: wanted, tokenIds, bytes }, { signal, emit }) {
      const tokens = tokenIds.map((id, index) => ({ id, bytes: bytes[index] ?? new Uint8Array(0) }));
      const targets = habitTargets(tokens);
      const layers = opened?.model.shape.layers ?? 0;
      const { side, measure } = headMeter(tokens, targets);
      for (let layer = 0; layer < layers; layer++) {
        // Other requests have their turn between layers, and the memory may be a newer run's by now.
        await pause();
        throwIfCancelled(signal);
        if (!opened || wanted !== run) throw GlassboxError.cancelled();
        const heads: HeadReport[] = [];
        await opened.model.eachHead(layer, (_, map) => heads.push(measure(map)), signal);
        emit({ layer, side, heads });
        // Thousands of small arrays, which take more room than their bytes.
        collect();
      }
      return null;
    },

    cell({ run: wanted, layer, head, query }, { signal }) {
      return studied(wanted, signal, (study, either) => study.cell(layer, head, query, either));
    },

    streams({ run: wanted, contextSize }, { signal, emit }) {
      return studied(wanted, signal, (study, either) => {
        const { tokenCount } = study;
        const square = new Float32Array(tokenCount ** 2);
        return study.streams(contextSize, either, async (reading) => {
          const { layer } = reading;
          const model = opened?.model;
          if (!model || layer === model.shape.layers) return emit(reading);
          let sum = 0;
          await model.eachHead(
            layer,
            (_, map) => {
              sum += meanEntropy({ tokenCount, weights: unpackMap(map, tokenCount, square) });
            },
            either,
          );
          emit({ ...reading, attentionEntropy: sum / model.shape.heads });
        });
      });
    },

    cut({ run: wanted, cuts, position, row }, { signal }) {
      return studied(wanted, signal, async (study, either) => ({
        ...(await study.cut(cuts, position, either)),
        ...(row ? { row: await study.rowWithout(cuts, row, either) } : {}),
      }));
    },

    neighbours({ run: wanted, plus, minus, count }, { signal }) {
      const either = AbortSignal.any([signal, stopLast.signal]);
      return queue.run(either, async () => {
        if (!opened || wanted !== run) throw GlassboxError.cancelled();
        return opened.model.neighbours({ plus, minus }, count, () => pause(), either);
      });
    },

    cutEachHead({ run: wanted, position }, { signal, emit }) {
      return studied(wanted, signal, async (study, either) => {
        await study.cutEachHead(position, either, emit);
        return null;
      });
    },

    lookBack({ path, tokenIds, equalPositions, contextSize }, { signal }) {
      return aside(path, tokenIds, { equalPositions, contextSize }, signal, async (model, either) => ({
        layers: model.shape.layers,
        attention: await lastRows(model, tokenIds.length, either),
        logits: await model.logitsAt(tokenIds.length - 1, either),
      }));
    },

    routing({ path, tokenIds, contextSize }, { signal }) {
      return aside(
        path,
        tokenIds,
        { contextSize },
        signal,
        async (model, either) => (await model.routing(either)) ?? null,
      );
    },

    embeddings({ path, ids }, { signal }) {
      return queue.run(signal, async () => {
        const { model } = open(path);
        return { rows: model.embeddings(ids), width: model.shape.dim };
      });
    },

    agree({ run: wanted, position, engineLogits }, { signal }) {
      return queue.run(signal, async () => {
        const model = opened?.model;
        // A newer run has taken its place, so nobody waits for this one.
        if (!model || wanted !== run) throw GlassboxError.cancelled();
        const here = compareAt(await model.logitsAt(position, signal), engineLogits);
        agreement = agreement ? joinAgreements(agreement, here) : here;
        return agreement;
      });
    },
  });
}

if (isMainThread) serve();
else runLensThread();
