/**
 * How fast the tokens of a text are given their probabilities, as a part of how fast the engine reads the same tokens
 * and tells nothing of them: the two turn about in one run, the first as "Show Surprisal" does it, by the model process
 * and the one that this starts for long readings, the second by the engine alone, here.
 */

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Token } from "node-llama-cpp";
import type { BenchResult } from "../../../scripts/bench.js";
import { LoadedModel, type NativeSequence } from "../../../src/workers/model/loadedModel.js";
import { builtWorkers } from "../../builtWorkers.js";
import { median } from "../../median.js";

const ALTERNATIVES = 8;
const TEXT = "src/core/sampling/stages.ts";

export interface Throughput {
  /** Median over the turns of the time that the engine alone takes, over the time with probabilities. */
  ratio: number;
  row: BenchResult["table"][number];
}

/** @param turns each reads the first so many `tokens` of one text from nothing, in every way. */
export async function measureThroughput(
  name: string,
  path: string,
  turns: number,
  tokens: number,
): Promise<Throughput> {
  const signal = new AbortController().signal;
  const threads = Math.min(2, availableParallelism());
  const load = { path, gpuLayers: 0, threads, contextSize: tokens + 2 };
  const worker = builtWorkers.model({ log: (line) => console.log(line) });
  const loaded = await LoadedModel.load(load, signal, () => {});
  try {
    await worker.call("load", load);
    // By default the engine divides its threads up between its contexts.
    loaded.model.llama.maxThreads = 2 * threads;
    const context = await loaded.model.createContext({ contextSize: tokens + 2, threads });
    const sequence = context.getSequence();
    const native = sequence as unknown as NativeSequence;
    const text = await readFile(join(process.cwd(), TEXT), "utf8");
    const tokenIds = loaded
      .tokenize(text, true)
      .map(({ id }) => id)
      .slice(0, tokens + 1);
    // The last is told by those before it, and never evaluated.
    const evaluated = tokenIds.slice(0, -1) as Token[];
    const times = { raw: [] as number[], logits: [] as number[], read: [] as number[] };
    const ways: Record<keyof typeof times, () => Promise<unknown>> = {
      raw: () => sequence.controlledEvaluate(evaluated),
      logits: () =>
        native._decodeTokens(
          evaluated,
          evaluated.map(() => true),
          5,
          native._tokenMeter,
          native._contextShift,
          (place) => place,
        ),
      read: () => worker.call("surprisal", { tokenIds, from: 1, alternatives: ALTERNATIVES }),
    };
    for (let turn = 0; turn < turns; turn++) {
      // Whoever goes second finds the weights in the cache.
      const order = Object.keys(ways) as (keyof typeof times)[];
      for (const way of turn % 2 === 0 ? order : order.reverse()) {
        await sequence.clearHistory();
        const startedAt = performance.now();
        await ways[way]();
        times[way].push(performance.now() - startedAt);
      }
    }
    // The first turn of each makes buffers, and starts the process for long readings.
    const ratioTo = (way: "raw" | "logits") =>
      median(times[way].map((ms, turn) => ms / times.read[turn]!).slice(1));
    const speed = (way: keyof typeof times) => ((1000 * tokens) / median(times[way].slice(1))).toFixed(0);
    const ratio = ratioTo("raw");
    return {
      ratio,
      row: {
        name,
        value: ratio.toFixed(2),
        note:
          `${speed("read")} tokens a second with probabilities, ${speed("raw")} without; ${speed("logits")} where the engine ` +
          `computes the logits at all positions and nobody looks at them, of which it is ${ratioTo("logits").toFixed(2)}; ` +
          `${turns} turns of ${tokens} tokens`,
      },
    };
  } finally {
    worker.dispose();
    await loaded.dispose();
  }
}
