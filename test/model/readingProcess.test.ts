/** The process for long readings: what it takes over, and that Stop, its death and the window's end leave nothing behind. */

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { join } from "node:path";
import { GlassboxError, isCancelled } from "../../src/shared/errors.js";
import { type Caller, connect } from "../../src/shared/rpc.js";
import { type ModelProtocol, type TokenReadings, WORKER_READY } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { LoadedModel } from "../../src/workers/model/loadedModel.js";
import { ReadingProcess, type ReadModel } from "../../src/workers/model/readingProcess.js";
import { readSurprisal } from "../../src/workers/model/surprisal.js";
import { builtWorkers } from "../builtWorkers.js";
import { failureOf } from "../failureOf.js";
import { builtInModel, chatModel, THREADS } from "../modelFiles.js";
import { descendantsOf, isAlive } from "../processList.js";
import { until } from "../ui/harness/until.js";

const SCRIPT = join(process.cwd(), "dist", "workers", "model.mjs");
const TALE = "Once upon a time, there was a little girl named Lily. She loved to play outside. ".repeat(12);
const LOAD = { gpuLayers: 0, threads: THREADS };
/** What Stop may take until the cores are free. */
const STOP_MS = 300;
/** How long a piece takes here at least: longer than it takes to begin the other process. */
const PIECE_MS = 50;
/** Bits by which two readings in pieces of the same lengths may differ. */
const SAME_PIECES = 1e-6;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const end = (pids: readonly number[], timeoutMs: number) =>
  until(() => !pids.some(isAlive), { what: `the end of ${pids.join(" and ")}`, timeoutMs });

describe("the process for long readings, built-in model", function () {
  this.timeout(60_000);
  let loaded: LoadedModel;
  let tokenIds: number[];
  let model: ReadModel;
  let reading: ReadingProcess;
  /** Between two pieces that are read here. */
  let pause: () => Promise<unknown>;

  before(async () => {
    const params = { ...LOAD, path: builtInModel() };
    loaded = await LoadedModel.load(params, new AbortController().signal, () => {});
    tokenIds = loaded
      .tokenize(TALE, true)
      .map(({ id }) => id)
      .slice(0, 240);
    const { info, vocabulary, nativeContext } = loaded;
    model = {
      // As one that is large: what is read here takes its time.
      loaded: {
        info,
        vocabulary,
        nativeContext,
        model: loaded.model,
        readingPiece: { tokens: 10, tokenMs: 20 },
        nativeSampler: () => loaded.nativeSampler(),
        reusedOf: (ids) => loaded.reusedOf(ids),
        distributionsFrom: (ids, from, signal, look) =>
          loaded.distributionsFrom(ids, from, signal, async (first, places) => {
            await look(first, places);
            await pause();
          }),
      },
      params,
      unchanged: async () => true,
    };
  });
  beforeEach(() => {
    pause = untilLoaded;
    reading = new ReadingProcess({ script: SCRIPT, gainMs: 0 });
  });
  afterEach(() => reading.stop());
  after(() => loaded.dispose());

  /** As with a large model, which takes longer to read a piece than the other process to load it. */
  const untilLoaded = async () => {
    await sleep(PIECE_MS);
    await until(() => reading.isReady || reading.pid === undefined, { what: "the process to be loaded" });
  };

  const read = async (signal = new AbortController().signal, onPiece: () => void = () => {}) => {
    const events: TokenReadings[] = [];
    await reading.read(model, { tokenIds, from: 1, alternatives: 8 }, signal, (event) => {
      events.push(event);
      onPiece();
    });
    return events;
  };
  const bitsOf = (events: readonly TokenReadings[]) => events.flatMap(({ bits }) => [...bits]);

  /** The same pieces in this process: with others the engine rounds otherwise. */
  async function readHere(): Promise<number[]> {
    const events: TokenReadings[] = [];
    const { signal } = new AbortController();
    const apart = await LoadedModel.load({ ...LOAD, path: builtInModel(), apart: true }, signal, () => {});
    const params = { tokenIds, from: 1, alternatives: 8 };
    await readSurprisal(apart, params, signal, (event) => events.push(event)).finally(() => apart.dispose());
    return bitsOf(events);
  }

  function complete(events: readonly TokenReadings[]): void {
    let next = 1;
    for (const { first, bits } of events) {
      assert.equal(first, next);
      next += bits.length;
    }
    assert.equal(next, tokenIds.length);
  }

  it("is handed over a reading that was begun here, and reads the same", async () => {
    const expected = await readHere();
    const events = await read();
    complete(events);
    assert.ok(reading.pid !== undefined && isAlive(reading.pid), "it waits for the next");
    const largest = Math.max(...events.map(({ bits }) => bits.length));
    assert.ok(largest >= 100, `pieces of ${largest} tokens at most`);
    const taken = events.findIndex(({ bits }) => bits.length === largest);
    for (const { first, bits } of events.slice(taken)) {
      for (const [at, found] of bits.entries()) {
        const other = expected[first + at - 1]!;
        assert.ok(Math.abs(found - other) < SAME_PIECES, `token ${first + at}: ${found}, ${other}`);
      }
    }
    assert.ok(loaded.reusedOf(tokenIds) < tokenIds.length - 100, "the model's own memory was left alone");
  });

  it("is asked again while it waits, and ends when the model goes", async () => {
    await read();
    const { pid } = reading;
    complete(await read());
    assert.equal(reading.pid, pid);
    reading.forget();
    await end([pid!], 2000);
  });

  it("is not begun where nothing is gained", async () => {
    pause = async () => {};
    reading = new ReadingProcess({ script: SCRIPT, gainMs: 1e6 });
    complete(await read());
    assert.equal(reading.pid, undefined);
  });

  it("is not given another file than the one that was loaded", async () => {
    pause = async () => {};
    const changed = { ...model, unchanged: async () => false };
    const events: TokenReadings[] = [];
    const { signal } = new AbortController();
    const params = { tokenIds: tokenIds.slice(0, 40), from: 1, alternatives: 8 };
    await reading.read(changed, params, signal, (event) => events.push(event));
    assert.equal(bitsOf(events).length, 39);
    assert.equal(reading.pid, undefined);
  });

  it("is ended by Stop while it loads, without a word", async () => {
    pause = () => sleep(PIECE_MS);
    const abort = new AbortController();
    let pid: number | undefined;
    const stopped = read(abort.signal, () => {
      pid ??= reading.pid;
      if (pid !== undefined) abort.abort();
    });
    await assert.rejects(stopped, isCancelled);
    await end([pid!], STOP_MS);
    pause = untilLoaded;
    complete(await read());
    assert.ok(reading.pid !== undefined && reading.pid !== pid);
  });

  it("may die: what it leaves is read here, and it is begun again for the next", async () => {
    await read();
    const { pid } = reading;
    const killed = read(undefined, () => {
      if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGKILL");
    });
    complete(await killed);
    complete(await read());
    assert.ok(reading.pid !== undefined && isAlive(reading.pid));
    assert.notEqual(reading.pid, pid);
  });

  it("is given up with this model where it cannot be started", async () => {
    pause = () => sleep(2 * PIECE_MS);
    reading = new ReadingProcess({ script: join(process.cwd(), "no-such-file.mjs"), gainMs: 0 });
    complete(await read());
    assert.equal(reading.pid, undefined);
  });
});

describe("the process for long readings, TinyLlama", function () {
  this.timeout(180_000);
  let worker: WorkerClient<ModelProtocol>;
  let tokenIds: number[];

  before(function () {
    if (process.platform !== "linux") this.skip();
  });
  beforeEach(async () => {
    worker = builtWorkers.model();
    await prepare(worker);
  });
  afterEach(() => worker.dispose());

  async function prepare(caller: Caller<ModelProtocol>): Promise<void> {
    // One thread, so that it is worth the while on faster machines too.
    await caller.call("load", { ...LOAD, threads: 1, path: chatModel() });
    const placed = await caller.call("tokenize", { text: TALE.repeat(6), bos: true });
    tokenIds = placed.map(({ id }) => id).slice(0, 1500);
  }

  /** Resolves while the process reads a piece that takes seconds. @param model the model process's id. */
  async function inLongPiece(
    caller: Caller<ModelProtocol>,
    model: number,
    signal?: AbortSignal,
  ): Promise<{ pid: number; failed: Promise<GlassboxError | undefined> }> {
    let here = 0;
    let apart = 0;
    const failed = failureOf(
      caller.call(
        "surprisal",
        { tokenIds, from: 1, alternatives: 8 },
        { ...(signal ? { signal } : {}), onEvent: ({ bits }) => (bits.length >= 64 ? apart++ : here++) },
      ),
    );
    await until(() => apart > 0, { what: "the hand-over", timeoutMs: 60_000 });
    assert.ok(here > 0, "the first piece is read at once");
    await sleep(200);
    const pid = descendantsOf(model)[0]?.pid;
    assert.ok(pid !== undefined);
    return { pid, failed };
  }

  it("is killed by Stop in the middle of a piece, and the model stays as it was", async () => {
    const shared = worker.pid!;
    const prompt = tokenIds.slice(0, 40);
    const abort = new AbortController();
    const { pid, failed } = await inLongPiece(worker, shared, abort.signal);
    abort.abort();
    await end([pid], STOP_MS);
    assert.ok(isCancelled(await failed));
    const { reused } = await worker.call("next", { tokenIds: prompt });
    assert.ok(reused > 0, "the model's memory was lost");
    assert.equal(worker.pid, shared);
    const again = await inLongPiece(worker, shared);
    assert.notEqual(again.pid, pid);
  });

  it("dies with the model process, in the middle of a piece", async () => {
    const { pid, failed } = await inLongPiece(worker, worker.pid!);
    process.kill(worker.pid!, "SIGKILL");
    await end([pid], STOP_MS);
    assert.equal((await failed)?.code, "crashed");
  });

  it("dies with the window, whose end is no more to the model process than a lost connection", async () => {
    const child = fork(SCRIPT, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    await new Promise<void>((resolve) => {
      child.once("message", (message) => {
        assert.equal(message, WORKER_READY);
        resolve();
      });
    });
    const caller = connect<ModelProtocol, Record<never, never>>(
      {
        post: (message) => void child.send(message as object),
        onMessage: (listener) => void child.on("message", listener),
        onClose: (listener) => {
          child.once("disconnect", () => listener(new GlassboxError("closed", "gone")));
        },
      },
      {},
    );
    await prepare(caller);
    const { pid } = await inLongPiece(caller, child.pid!);
    child.disconnect();
    await end([pid, child.pid!], STOP_MS);
  });
});
