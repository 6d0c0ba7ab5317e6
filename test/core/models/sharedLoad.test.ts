/** One load for several features: who waits for it, who gives it up, and who must not be given what was given up. */

import assert from "node:assert/strict";
import { SharedLoad } from "../../../src/editor/models/sharedLoad.js";
import { GlassboxError, isCancelled } from "../../../src/shared/errors.js";

interface Started {
  name: string;
  signal: AbortSignal;
  resolve(loaded: string): void;
  reject(error: Error): void;
}

describe("A load that is shared", () => {
  let started: Started[];
  let load: SharedLoad<string, string>;

  beforeEach(() => {
    started = [];
    load = new SharedLoad(
      (name, signal) =>
        new Promise((resolve, reject) => {
          started.push({ name, signal, resolve, reject });
          // As a process does: it says a moment later that it has stopped.
          signal.addEventListener("abort", () => setTimeout(() => reject(GlassboxError.cancelled())));
        }),
    );
  });

  it("is done once for all who ask for the same", async () => {
    const waiting = [load.wait("a"), load.wait("a", new AbortController().signal)];
    started[0]!.resolve("loaded a");
    assert.deepEqual(await Promise.all(waiting), ["loaded a", "loaded a"]);
    assert.equal(await load.wait("a"), "loaded a");
    assert.equal(started.length, 1);
  });

  it("is done anew for something else, after a failure, and after it was forgotten", async () => {
    const other = load.wait("b");
    const failing = load.wait("a");
    started[0]!.resolve("loaded b");
    started[1]!.reject(new Error("no such file"));
    assert.equal(await other, "loaded b");
    await assert.rejects(failing, /no such file/);
    assert.ok(!load.held);
    const again = load.wait("a");
    started[2]!.resolve("loaded a");
    await again;
    load.forget();
    void load.wait("a");
    assert.deepEqual(
      started.map(({ name }) => name),
      ["b", "a", "a", "a"],
    );
  });

  it("goes on until the last who waits has cancelled", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [load.wait("a", first.signal), load.wait("a", second.signal)];
    first.abort();
    await assert.rejects(waiting[0]!, isCancelled);
    assert.ok(!started[0]!.signal.aborted);
    assert.ok(load.held);
    second.abort();
    await assert.rejects(waiting[1]!, isCancelled);
    assert.ok(started[0]!.signal.aborted);
    assert.ok(!load.held);
  });

  it("goes on for one who cannot cancel", async () => {
    const abort = new AbortController();
    const [cancelled, patient] = [load.wait("a", abort.signal), load.wait("a")];
    abort.abort();
    await assert.rejects(cancelled, isCancelled);
    assert.ok(!started[0]!.signal.aborted);
    started[0]!.resolve("loaded a");
    assert.equal(await patient, "loaded a");
  });

  it("is not joined once it was given up, though it has not ended yet", async () => {
    const abort = new AbortController();
    const given = load.wait("a", abort.signal);
    abort.abort();
    const next = load.wait("a", new AbortController().signal);
    await assert.rejects(given, isCancelled);
    assert.equal(started.length, 2);
    // The end of the first must not take the second from those who wait for it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(load.held);
    started[1]!.resolve("loaded a");
    assert.equal(await next, "loaded a");
  });

  it("is not even begun for one who has cancelled before", async () => {
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(load.wait("a", abort.signal), isCancelled);
    assert.equal(started.length, 0);
  });
});
