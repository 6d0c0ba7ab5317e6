/** The host's end of worker processes: crashes, restarts, handshakes and orphans, with real processes. */

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { GlassboxError } from "../../src/shared/errors.js";
import type { Method } from "../../src/shared/rpc.js";
import { WORKER_READY } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";

interface EchoProtocol {
  echo: Method<string, string>;
  hang: Method<Record<string, never>, null, string>;
  exit: Method<number, null>;
}

const ECHO = `
process.on("message", ({ rpc, id, method, params }) => {
  if (rpc !== "call") return;
  if (method === "echo") process.send({ rpc: "ok", id, result: params });
  if (method === "hang") process.send({ rpc: "events", id, events: ["hanging"] });
  if (method === "exit") process.exit(params);
});
process.on("disconnect", () => process.exit(0));
process.send(${JSON.stringify(WORKER_READY)});
`;

const hasCode = (code: string) => (error: unknown) => error instanceof GlassboxError && error.code === code;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
    return false;
  }
}

async function untilDead(pid: number): Promise<void> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await delay(20);
  assert.equal(isAlive(pid), false, `process ${pid} is still there`);
}

describe("worker client", function () {
  this.timeout(20_000);
  let folder: string;
  const clients: WorkerClient<EchoProtocol>[] = [];
  const crashes: GlassboxError[] = [];

  async function client(script: string, startTimeoutMs = 5000): Promise<WorkerClient<EchoProtocol>> {
    const file = join(folder, `${clients.length}.mjs`);
    await writeFile(file, script);
    const made = new WorkerClient<EchoProtocol>({
      name: "test",
      script: file,
      log: () => undefined,
      onCrash: (error) => crashes.push(error),
      startTimeoutMs,
    });
    clients.push(made);
    return made;
  }

  /** Starts a call that hangs, and waits until it does. */
  async function hanging(
    worker: WorkerClient<EchoProtocol>,
    signal?: AbortSignal,
  ): Promise<Promise<unknown>[]> {
    let call: Promise<unknown> | undefined;
    await new Promise<string>((onEvent) => {
      call = worker.call("hang", {}, signal ? { onEvent, signal } : { onEvent });
      call.catch(() => undefined);
    });
    return [call!];
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-client-"));
  });
  beforeEach(() => crashes.splice(0));
  after(async () => {
    for (const each of clients) each.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it("starts at the first call only, and serves", async () => {
    const worker = await client(ECHO);
    assert.equal(worker.pid, undefined);
    assert.equal(await worker.call("echo", "héllo"), "héllo");
    assert.ok(worker.pid !== undefined && isAlive(worker.pid));
  });

  it("rejects what is pending as crashed within a second of kill -9, and starts anew", async () => {
    const worker = await client(ECHO);
    const [call] = await hanging(worker);
    const pid = worker.pid!;
    const killedAt = Date.now();
    process.kill(pid, "SIGKILL");
    await assert.rejects(call!, hasCode("crashed"));
    assert.ok(Date.now() - killedAt < 1000);
    assert.equal(crashes.length, 1);
    assert.ok(crashes[0]?.remedy);
    assert.equal(await worker.call("echo", "again"), "again");
    assert.notEqual(worker.pid, pid);
  });

  it("waits longer before each restart of a process that keeps on dying", async () => {
    const worker = await client(ECHO);
    // The clock of the timers stands still: how long a start takes is the machine's.
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (let start = 0; start < 2; start++) await assert.rejects(worker.call("exit", 3), /code 3/);
      for (const wait of [500, 1000]) {
        const call = assert.rejects(worker.call("exit", 3), /code 3/);
        await nextTurn();
        mock.timers.tick(wait - 1);
        await nextTurn();
        assert.equal(worker.pid, undefined, `it is started before ${wait} ms`);
        mock.timers.tick(1);
        await call;
      }
    } finally {
      mock.timers.reset();
    }
  });

  it("lets a call be cancelled that waits for a delayed start", async () => {
    const worker = await client(ECHO);
    for (let i = 0; i < 3; i++) await assert.rejects(worker.call("exit", 1), hasCode("crashed"));
    const startedAt = Date.now();
    await assert.rejects(worker.call("echo", "x", { signal: AbortSignal.timeout(50) }), (error) =>
      hasCode("cancelled")(error),
    );
    assert.ok(Date.now() - startedAt < 500);
  });

  it("gives up on a process that never says that it is ready", async () => {
    const worker = await client("setInterval(() => {}, 1000);", 300);
    await assert.rejects(worker.call("echo", "x"), /did not start in time/);
    assert.equal(crashes.length, 1);
    assert.equal(worker.pid, undefined);
  });

  it("reports a script that is not there or throws", async () => {
    const broken = await client("throw new Error('at once');");
    await assert.rejects(broken.call("echo", "x"), hasCode("crashed"));
    const missing = new WorkerClient<EchoProtocol>({
      name: "test",
      script: join(folder, "none.mjs"),
      log: () => undefined,
    });
    await assert.rejects(missing.call("echo", "x"), hasCode("crashed"));
    missing.dispose();
  });

  it("stops on request: pending calls are closed, not crashed, and the next call starts it again", async () => {
    const worker = await client(ECHO);
    const [call] = await hanging(worker);
    const pid = worker.pid!;
    worker.stop();
    await assert.rejects(call!, hasCode("closed"));
    await untilDead(pid);
    assert.equal(crashes.length, 0);
    assert.equal(await worker.call("echo", "x"), "x");
  });

  it("refuses calls after dispose, and leaves no process behind", async () => {
    const worker = await client(ECHO);
    const starting = worker.call("echo", "x");
    starting.catch(() => undefined);
    await delay(1);
    worker.dispose();
    await assert.rejects(starting, hasCode("closed"));
    await assert.rejects(worker.call("echo", "x"), hasCode("closed"));
    assert.equal(worker.pid, undefined);
  });

  for (const name of ["model", "sandbox"]) {
    it(`ends the ${name} process when its parent dies`, async () => {
      // The parent is a process of its own, killed without a chance to clean up.
      const parentScript = join(folder, `parent-${name}.mjs`);
      const worker = join(process.cwd(), "dist", "workers", `${name}.mjs`);
      await writeFile(
        parentScript,
        `import { fork } from "node:child_process";
        const child = fork(${JSON.stringify(worker)}, [], { serialization: "advanced" });
        child.on("message", () => process.send(child.pid));`,
      );
      const parent = fork(parentScript);
      const pid = await new Promise<number>((resolve) =>
        parent.once("message", (value) => resolve(Number(value))),
      );
      assert.ok(isAlive(pid));
      parent.kill("SIGKILL");
      await untilDead(pid);
    });
  }
});
