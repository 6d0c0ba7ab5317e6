/**
 * Faults on purpose: the model's process killed in the middle of everything, weights that vanish, damaged headers.
 * Each must end in a message, and the next request must work. GLASSBOX_FAULT_ROUNDS (kills a stage, 100 for a full
 * run) and GLASSBOX_FAULT_MUTATIONS (5000) set how long; GLASSBOX_FAULT_SEED where the mutations begin.
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
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";
import { openModelFile } from "../../src/workers/modelFile.js";

const builtIn = join(process.cwd(), "media", "models", "stories15M-Q8_0.gguf");
const ROUNDS = Number(process.env.GLASSBOX_FAULT_ROUNDS ?? 2);
const MUTATIONS = Number(process.env.GLASSBOX_FAULT_MUTATIONS ?? 60);
const SEED = Number(process.env.GLASSBOX_FAULT_SEED ?? 1);
/** A header that takes longer than this, or more memory, is a fault of ours. */
const MOST_MS = 60_000;
const MOST_BYTES = 1.5e9;

const LOAD = { path: builtIn, gpuLayers: 0, threads: 1, contextSize: 512 };
const GREEDY = { temperature: 0, topK: 0, topP: 1, minP: 0 };
/** Every process that was started, to be looked for at the end. */
const pids = new Set<number>();

function modelWorker(): WorkerClient<ModelProtocol> {
  return new WorkerClient<ModelProtocol>({
    name: "model",
    script: join(process.cwd(), "dist", "workers", "model.mjs"),
    log: () => {},
  });
}

function note(worker: WorkerClient<ModelProtocol>): number {
  const { pid } = worker;
  assert.ok(pid !== undefined);
  pids.add(pid);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function failureOf(call: Promise<unknown>): Promise<GlassboxError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof GlassboxError, String(error));
      return error;
    },
  );
}

type Stage = "load" | "tokenize" | "prompt" | "generation" | "unload";

describe("Faults of the model's process", function () {
  this.timeout(600_000);
  const coin = seededCoin(SEED);
  const folder = mkdtempSync(join(tmpdir(), "glassbox-faults-"));

  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    // The system needs a moment to take them away.
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual([...pids].filter(isAlive), [], "processes are left over");
  });

  /** Begins a stage; `underWay` is fulfilled once it can be killed in its middle. */
  function begin(stage: Stage, worker: WorkerClient<ModelProtocol>, text: number[]) {
    let begun: () => void = () => {};
    const underWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const soon = () => setTimeout(begun, coin() * 12);
    switch (stage) {
      case "load":
        soon();
        return { call: worker.call("load", LOAD), underWay };
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

  for (const stage of ["load", "tokenize", "prompt", "generation", "unload"] as const) {
    it(`killed ${ROUNDS} times in a row while at: ${stage}`, async () => {
      let killedInTime = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const worker = modelWorker();
        try {
          let text: number[] = [];
          if (stage === "load") await worker.call("machine", {});
          else {
            await worker.call("load", LOAD);
            const placed = await worker.call("tokenize", {
              text: "Once upon a time there was a dog. ".repeat(20),
              bos: true,
            });
            text = placed.map(({ id }) => id);
          }
          const pid = note(worker);
          const { call, underWay } = begin(stage, worker, text);
          const failed = failureOf(call);
          await Promise.race([underWay, failed]);
          process.kill(pid, "SIGKILL");
          const error = await failed;
          // A stage may have been finished before the signal came; then the kill is told to the next request.
          if (error) {
            killedInTime++;
            assert.equal(error.code, "crashed");
            assert.match(error.message, /^The model process (?:was ended by SIGKILL|is gone)\.$/);
            assert.ok(error.remedy);
          }
          const again = await failureOf(worker.call("load", LOAD));
          if (again) {
            assert.equal(again.code, "crashed");
            await worker.call("load", LOAD);
          }
          note(worker);
          const tokens = await worker.call("tokenize", { text: "Once", bos: true });
          assert.ok(tokens.length >= 2);
        } finally {
          worker.dispose();
        }
      }
      console.log(`      ${stage}: ${killedInTime} of ${ROUNDS} killed in the middle`);
      assert.ok(killedInTime > ROUNDS / 4, `only ${killedInTime} of ${ROUNDS} were killed in the middle`);
    });
  }

  it("goes on with weights that were deleted, and says so when they are wanted anew", async () => {
    const path = join(folder, "deleted.gguf");
    copyFileSync(builtIn, path);
    const worker = modelWorker();
    try {
      await worker.call("load", { ...LOAD, path });
      note(worker);
      rmSync(path);
      const tokenIds = (await worker.call("tokenize", { text: "Once", bos: true })).map(({ id }) => id);
      const { tokenCount } = await worker.call("generate", {
        tokenIds,
        maxTokens: 5,
        sampling: GREEDY,
        seed: 1,
      });
      assert.equal(tokenCount, 5);
      await worker.call("unload", {});
      const error = await failureOf(worker.call("load", { ...LOAD, path }));
      assert.equal(error?.code, "file-unreadable");
      assert.match(error.message, /deleted\.gguf/);
      await worker.call("load", LOAD);
    } finally {
      worker.dispose();
    }
  });

  it("says that the process died, or nothing, when weights are cut off in use; the next model loads", async () => {
    const path = join(folder, "cut.gguf");
    copyFileSync(builtIn, path);
    const worker = modelWorker();
    try {
      await worker.call("load", { ...LOAD, path });
      note(worker);
      const tokenIds = (await worker.call("tokenize", { text: "Once", bos: true })).map(({ id }) => id);
      truncateSync(path, 4096);
      const error = await failureOf(
        worker.call("generate", { tokenIds, maxTokens: 5, sampling: GREEDY, seed: 1 }),
      );
      if (error) assert.equal(error.code, "crashed", error.message);
      await worker.call("load", LOAD);
      note(worker);
    } finally {
      worker.dispose();
    }
  });

  it(`refuses or loads each of ${MUTATIONS} damaged headers, in bounded time and memory`, async () => {
    const path = join(folder, "damaged.gguf");
    copyFileSync(builtIn, path);
    const source = openModelFile(builtIn);
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
      for (let round = 0; round < MUTATIONS; round++) {
        const changes = damage(coin, headerBytes);
        const originals = changes.map(({ at, bytes }) => {
          const original = Buffer.alloc(bytes.length);
          readSync(descriptor, original, 0, bytes.length, at);
          return { at, bytes: original };
        });
        for (const { at, bytes } of changes) writeSync(descriptor, bytes, 0, bytes.length, at);
        const startedAt = performance.now();
        const error = await failureOf(worker.call("load", { ...LOAD, path }));
        const ms = performance.now() - startedAt;
        slowest = Math.max(slowest, ms);
        const outcome = error?.code ?? "loaded";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        const what = `${JSON.stringify(changes.map(({ at, bytes }) => [at, bytes.toString("hex")]))}: ${error?.message}`;
        assert.ok(ms < MOST_MS, `${Math.round(ms)} ms for ${what}`);
        if (error) {
          assert.ok(["file-invalid", "unsupported", "failed", "crashed"].includes(error.code), what);
          assert.ok(error.message.length > 10 && error.message.length < 2000, what);
        }
        if (worker.pid !== undefined) largest = Math.max(largest, peakBytes(note(worker)));
        assert.ok(largest < MOST_BYTES, `${largest} bytes for ${what}`);
        for (const { at, bytes } of originals) writeSync(descriptor, bytes, 0, bytes.length, at);
        if (outcome === "crashed") {
          console.log(`      crashed by ${what}`);
          // Its delays between restarts are for real crashes, not for a test of thousands.
          worker.dispose();
          worker = modelWorker();
        } else if (!error) await worker.call("unload", {});
      }
      // And what is whole again loads.
      await worker.call("load", { ...LOAD, path });
    } finally {
      closeSync(descriptor);
      worker.dispose();
    }
    console.log(
      `      ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ")}; slowest ${Math.round(slowest)} ms, most memory ${Math.round(largest / 1e6)} MB`,
    );
  });
});

/** One to three changes of up to eight bytes; half of them where the counts, keys and types are. */
function damage(coin: () => number, headerBytes: number): { at: number; bytes: Buffer }[] {
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
