/**
 * The model's process killed in the middle of everything, and damaged headers of model files. Each must end in a
 * message, the next request must work, and no process may be left over.
 */

import assert from "node:assert/strict";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import type { ModelProtocol, TokenReadings } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { builtWorkers } from "../builtWorkers.js";
import { failureOf } from "../failureOf.js";
import { builtInModel, chatModel } from "../modelFiles.js";
import { descendantsOf, isAlive as runs } from "../processList.js";
import { until } from "../ui/harness/until.js";
import { TORTURES, type Torture, type TorturePlan, type Trials, times } from "./trials.js";

/** Of a full run: kills at each stage, of the process for long readings, and damaged headers. */
const KILLS = 30;
const READING_KILLS = 5;
const HEADERS = 1200;
/** A header that takes longer than this, or more memory, is a fault of ours. */
const MOST_MS = 60_000;
const MOST_BYTES = 1.5e9;

/** Asked for when something runs: a clean copy has no model yet when it is read. */
const builtInLoad = () => ({ path: builtInModel(), gpuLayers: 0, threads: 1, contextSize: 512 });
/** The built-in one is read before a second process could be there. */
const chatLoad = () => ({ path: chatModel(), gpuLayers: 0, threads: 1, contextSize: 2048 });
const LONG_READING = 1500;
/** The least that a piece has in the process for long readings, and the most that it has before. */
const LARGE_PIECE = 64;
const GREEDY = { temperature: 0, topK: 0, topP: 1, minP: 0 };
const STAGES = ["load", "tokenize", "prompt", "generation", "unload"] as const;

type Stage = (typeof STAGES)[number];
type Coin = () => number;

export const killed: Torture = {
  title: TORTURES.kills,
  async run(trials, plan) {
    const coin = seededCoin(plan.seed);
    const pids = new Set<number>();
    for (const stage of STAGES) {
      let inTime = 0;
      const rounds = times(KILLS, plan);
      for (let round = 0; round < rounds; round++) {
        await trials.attempt(`killed at: ${stage}`, async () => {
          if (await kill(stage, coin, pids)) inTime++;
        });
      }
      console.log(`    ${stage}: ${inTime} of ${rounds} killed in the middle`);
    }
    // Its id is told by the system's list of processes.
    for (let round = 0; process.platform === "linux" && round < times(READING_KILLS, plan); round++) {
      await trials.attempt("killed at: a long reading", () => killReading(coin, pids));
    }
    await trials.attempt("no process is left over", async () => {
      const left = () => [...pids].filter(isAlive);
      // The system needs a moment to take them away.
      await until(() => left().length === 0, { what: () => `the end of ${left()}`, timeoutMs: 2000 });
    });
  },
};

export const damagedHeaders: Torture = {
  title: TORTURES.headers,
  run: damageHeaders,
};

function modelWorker(): WorkerClient<ModelProtocol> {
  return builtWorkers.model();
}

function pidOf(worker: WorkerClient<ModelProtocol>): number {
  const { pid } = worker;
  assert.ok(pid !== undefined);
  return pid;
}

function isAlive(pid: number): boolean {
  // Where its parent was killed too, it may wait for the system to ask how it ended.
  if (process.platform === "linux") return runs(pid);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** @returns whether the stage was still under way when the signal came; else the next request is told of the kill. */
async function kill(stage: Stage, coin: Coin, pids: Set<number>): Promise<boolean> {
  const worker = modelWorker();
  try {
    let text: number[] = [];
    if (stage === "load") await worker.call("machine", {});
    else {
      await worker.call("load", builtInLoad());
      const placed = await worker.call("tokenize", {
        text: "Once upon a time there was a dog. ".repeat(20),
        bos: true,
      });
      text = placed.map(({ id }) => id);
    }
    const pid = pidOf(worker);
    pids.add(pid);
    const { call, underWay } = begin(stage, worker, text, coin);
    const failed = failureOf(call);
    await Promise.race([underWay, failed]);
    process.kill(pid, "SIGKILL");
    const error = await failed;
    if (error) {
      assert.equal(error.code, "crashed");
      assert.match(error.message, /^The model process (?:was ended by SIGKILL|is gone)\.$/);
      assert.ok(error.remedy);
    }
    const again = await failureOf(worker.call("load", builtInLoad()));
    if (again) {
      assert.equal(again.code, "crashed");
      await worker.call("load", builtInLoad());
    }
    pids.add(pidOf(worker));
    const tokens = await worker.call("tokenize", { text: "Once", bos: true });
    assert.ok(tokens.length >= 2);
    return error !== undefined;
  } finally {
    worker.dispose();
  }
}

/** Kills the process for long readings: the model's own reads on and reads again, and begins another for the next. */
async function killReading(coin: Coin, pids: Set<number>): Promise<void> {
  const worker = modelWorker();
  try {
    await worker.call("load", chatLoad());
    pids.add(pidOf(worker));
    const text = "Once upon a time there was a dog. ".repeat(LONG_READING / 9 + 1);
    const tokenIds = (await worker.call("tokenize", { text, bos: true })).map(({ id }) => id);
    const readUntil = async (wanted: (pieces: readonly number[]) => boolean) => {
      const pieces: number[] = [];
      const abort = new AbortController();
      const params = { tokenIds: tokenIds.slice(0, LONG_READING), from: 1, alternatives: 8 };
      const onEvent = ({ first, bits }: TokenReadings) => {
        assert.equal(first, 1 + pieces.reduce((sum, size) => sum + size, 0));
        pieces.push(bits.length);
      };
      const ended = failureOf(worker.call("surprisal", params, { signal: abort.signal, onEvent }));
      await until(() => wanted(pieces), { what: "a piece", timeoutMs: MOST_MS });
      return { pieces, abort, ended };
    };
    const isHandedOver = (pieces: readonly number[]) => pieces.some((size) => size >= LARGE_PIECE);
    const readingPid = () => {
      const found = descendantsOf(pidOf(worker)).map(({ pid }) => pid);
      assert.equal(found.length, 1);
      return found[0]!;
    };
    const { pieces, abort, ended } = await readUntil(isHandedOver);
    const pid = readingPid();
    pids.add(pid);
    await new Promise((resolve) => setTimeout(resolve, coin() * 1500));
    const before = pieces.length;
    process.kill(pid, "SIGKILL");
    await until(() => pieces.length > before && pieces.at(-1)! < LARGE_PIECE, {
      what: "a piece that is read without it",
      timeoutMs: MOST_MS,
    });
    abort.abort();
    assert.equal((await ended)?.code, "cancelled");
    const next = await readUntil(isHandedOver);
    pids.add(readingPid());
    next.abort.abort();
    assert.equal((await next.ended)?.code, "cancelled");
  } finally {
    worker.dispose();
  }
}

/** Begins a stage; `underWay` is fulfilled once it can be killed in its middle. */
function begin(stage: Stage, worker: WorkerClient<ModelProtocol>, text: number[], coin: Coin) {
  let begun: () => void = () => {};
  const underWay = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const soon = () => setTimeout(begun, coin() * 12);
  switch (stage) {
    case "load":
      soon();
      return { call: worker.call("load", builtInLoad()), underWay };
    case "tokenize":
      soon();
      return {
        call: worker.call("tokenize", { text: "once upon a time ".repeat(20_000), bos: true }),
        underWay,
      };
    case "unload":
      setTimeout(begun, coin() * 2);
      return { call: worker.call("unload", {}), underWay };
    case "prompt":
      soon();
      return {
        call: worker.call("generate", { tokenIds: text, maxTokens: 4, sampling: GREEDY, seed: 1 }),
        underWay,
      };
    case "generation": {
      const wanted = 1 + Math.floor(coin() * 20);
      let seen = 0;
      const onEvent = () => {
        if (++seen === wanted) begun();
      };
      const params = { tokenIds: text.slice(0, 4), maxTokens: 300, sampling: GREEDY, seed: 1 };
      return { call: worker.call("generate", params, { onEvent }), underWay };
    }
  }
}

async function damageHeaders(trials: Trials, plan: TorturePlan): Promise<void> {
  const coin = seededCoin(plan.seed);
  const folder = mkdtempSync(join(tmpdir(), "glassbox-headers-"));
  const path = join(folder, "damaged.gguf");
  copyFileSync(builtInModel(), path);
  const source = openModelFile(builtInModel());
  const headerBytes = Math.min(
    ...[...readGgufHeader(source).tensors.values()].map(({ position }) => position),
  );
  source.close();
  const descriptor = openSync(path, "r+");
  const outcomes = new Map<string, number>();
  let worker = modelWorker();
  let slowest = 0;
  let largest = 0;
  try {
    for (let round = 0; round < times(HEADERS, plan); round++) {
      const changes = damage(coin, headerBytes);
      const originals = changes.map(({ at, bytes }) => {
        const original = Buffer.alloc(bytes.length);
        readSync(descriptor, original, 0, bytes.length, at);
        return { at, bytes: original };
      });
      for (const { at, bytes } of changes) writeSync(descriptor, bytes, 0, bytes.length, at);
      const what = JSON.stringify(changes.map(({ at, bytes }) => [at, bytes.toString("hex")]));
      await trials.attempt(`header with ${what}`, async () => {
        const startedAt = performance.now();
        const error = await failureOf(worker.call("load", { ...builtInLoad(), path }));
        const ms = performance.now() - startedAt;
        slowest = Math.max(slowest, ms);
        const outcome = error?.code ?? "loaded";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (worker.pid !== undefined) largest = Math.max(largest, peakBytes(worker.pid));
        if (outcome === "crashed") {
          console.log(`    the process ended, and said so, over ${what}`);
          // Its delays between restarts are for real crashes, not for a test of thousands.
          worker.dispose();
          worker = modelWorker();
        } else if (!error) await worker.call("unload", {});
        assert.ok(ms < MOST_MS, `${Math.round(ms)} ms`);
        assert.ok(largest < MOST_BYTES, `${largest} bytes`);
        if (error) {
          assert.ok(["file-invalid", "unsupported", "failed", "crashed"].includes(error.code), error.message);
          assert.ok(error.message.length > 10 && error.message.length < 2000, error.message);
        }
      });
      for (const { at, bytes } of originals) writeSync(descriptor, bytes, 0, bytes.length, at);
    }
    await trials.attempt("what is whole again loads", async () => {
      await worker.call("load", { ...builtInLoad(), path });
    });
  } finally {
    closeSync(descriptor);
    worker.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `    ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ")}; slowest ${Math.round(slowest)} ms, most memory ${Math.round(largest / 1e6)} MB`,
  );
}

/** One to three changes of up to eight bytes; half of them where the counts, keys and types are. */
function damage(coin: Coin, headerBytes: number): { at: number; bytes: Buffer }[] {
  const pick = (below: number) => Math.floor(coin() * below);
  return Array.from({ length: 1 + pick(3) }, () => {
    const area = coin();
    // The first metadata, the end of the header with the tensors' names, shapes, types and offsets, or anywhere.
    const at = area < 0.45 ? pick(1500) : area < 0.8 ? headerBytes - 1 - pick(4500) : pick(headerBytes);
    const length = Math.min(1 + pick(8), headerBytes - at);
    const kind = pick(4);
    const bytes = Buffer.alloc(length, kind === 0 ? 0xff : 0);
    if (kind >= 2) for (let index = 0; index < length; index++) bytes[index] = pick(256);
    return { at, bytes };
  });
}

/** The most memory that a process has had so far; 0 where the system does not tell. */
function peakBytes(pid: number): number {
  if (process.platform !== "linux" || !isAlive(pid)) return 0;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return peak ? Number(peak[1]) * 1024 : 0;
}
