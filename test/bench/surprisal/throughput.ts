/**
 * How fast the tokens of a text are given their probabilities, as a part of how fast the engine reads the same tokens
 * and tells nothing of them: the two turn about in one run, each in a context of its own of one loaded model.
 */

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { BenchResult } from "../../../scripts/bench.js";
import { LoadedModel } from "../../../src/workers/model/loadedModel.js";
import { readSurprisal } from "../../../src/workers/model/surprisal.js";

const ALTERNATIVES = 8;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export interface Throughput {
  /** Median over the turns of the time that the engine alone takes, over the time with probabilities. */
  ratio: number;
  row: BenchResult["table"][number];
}

/** @param turns each reads so many `tokens` more of one text, first one way and then the other. */
export async function measureThroughput(
  name: string,
  path: string,
  turns: number,
  tokens: number,
): Promise<Throughput> {
  const signal = new AbortController().signal;
  const threads = Math.min(2, availableParallelism());
  const loaded = await LoadedModel.load(
    { path, gpuLayers: 0, threads, contextSize: turns * tokens + 2 },
    signal,
    () => {},
  );
  try {
    // Each takes all threads in its turn; by default the engine divides them up between its contexts.
    loaded.model.llama.maxThreads = 2 * threads;
    const context = await loaded.model.createContext({ contextSize: turns * tokens + 2, threads });
    const sequence = context.getSequence();
    const text = await readFile(join(process.cwd(), "src/core/sampling/stages.ts"), "utf8");
    const tokenIds = loaded.tokenize(text, true).map(({ id }) => id);
    const [raw, read]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < turns; turn++) {
      const start = turn * tokens;
      const piece = tokenIds.slice(start, start + tokens) as Parameters<
        typeof sequence.controlledEvaluate
      >[0];
      const ways = [
        async () => {
          const startedAt = performance.now();
          await sequence.controlledEvaluate(piece);
          raw.push(performance.now() - startedAt);
        },
        async () => {
          const startedAt = performance.now();
          const params = {
            tokenIds: tokenIds.slice(0, start + tokens + 1),
            from: start + 1,
            alternatives: ALTERNATIVES,
          };
          await readSurprisal(loaded, params, signal, () => {});
          read.push(performance.now() - startedAt);
        },
      ] as const;
      // Whoever goes second finds the weights in the cache.
      for (const way of turn % 2 === 0 ? ways : [...ways].reverse()) await way();
    }
    // The first turn of each makes buffers.
    const ratio = median(raw.map((ms, turn) => ms / read[turn]!).slice(1));
    const speed = (times: number[]) => ((1000 * tokens) / median(times.slice(1))).toFixed(0);
    return {
      ratio,
      row: {
        name,
        value: ratio.toFixed(2),
        note: `${speed(read)} tokens a second with probabilities, ${speed(raw)} without, ${turns} turns of ${tokens} tokens`,
      },
    };
  } finally {
    await loaded.dispose();
  }
}
