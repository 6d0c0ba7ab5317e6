/** The request/reply layer over an in-memory channel: nothing hangs, nothing leaks, hostile messages do no harm. */

import assert from "node:assert/strict";
import { setImmediate as tick } from "node:timers/promises";
import * as fc from "fast-check";
import { GlassboxError } from "../../src/shared/errors.js";
import { type Channel, connect, type Handlers, type Method } from "../../src/shared/rpc.js";

interface Protocol {
  add: Method<{ a: number; b: number }, number>;
  fail: Method<{ code: "too-long" | "failed"; message: string; remedy?: string }, null>;
  count: Method<{ to: number }, number, number>;
  wait: Method<Record<string, never>, null, string>;
  spell: Method<{ word: string }, null, string>;
}
type Nothing = Record<never, never>;

/** Two ends that hand structured clones to each other, asynchronously, as processes do. */
class Pipe {
  #listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []];
  #closers: ((reason: GlassboxError) => void)[] = [];
  closed = false;
  readonly sent: unknown[] = [];

  end(side: 0 | 1): Channel {
    return {
      post: (message) => {
        if (this.closed) throw new GlassboxError("closed", "The pipe is closed.");
        const clone = structuredClone(message);
        this.sent.push(clone);
        queueMicrotask(() => {
          for (const listener of this.#listeners[1 - side]!) listener(clone);
        });
      },
      onMessage: (listener) => void this.#listeners[side].push(listener),
      onClose: (listener) => void this.#closers.push(listener),
    };
  }

  close(reason = new GlassboxError("crashed", "The other side died.")): void {
    this.closed = true;
    for (const closer of this.#closers) closer(reason);
  }

  /** Lets something arrive at an end as it is. */
  deliver(side: 0 | 1, message: unknown): void {
    for (const listener of this.#listeners[side]) listener(message);
  }
}

function setUp() {
  const pipe = new Pipe();
  const signals: AbortSignal[] = [];
  const lateEmits: ((event: string) => void)[] = [];
  const handlers: Handlers<Protocol> = {
    add: ({ a, b }) => a + b,
    fail: ({ code, message, remedy }) => {
      throw new GlassboxError(code, message, remedy);
    },
    spell: ({ word }, { emit }) => {
      emit(...word);
      return null;
    },
    count: ({ to }, { emit }) => {
      for (let i = 0; i < to; i++) emit(i);
      return to;
    },
    wait: (_params, { signal, emit }) => {
      signals.push(signal);
      lateEmits.push(emit);
      return new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null)));
    },
  };
  connect<Nothing, Protocol>(pipe.end(1), handlers);
  const caller = connect<Protocol, Nothing>(pipe.end(0), {});
  return { pipe, caller, signals, lateEmits };
}

const hasCode = (code: string) => (error: unknown) => error instanceof GlassboxError && error.code === code;

describe("rpc", () => {
  it("answers any number of interleaved calls, each with its own result", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer(), fc.integer()), { maxLength: 30 }), async (pairs) => {
        const { caller } = setUp();
        const sums = await Promise.all(pairs.map(([a, b]) => caller.call("add", { a, b })));
        assert.deepEqual(
          sums,
          pairs.map(([a, b]) => a + b),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("hands out events in order, before the result", async () => {
    const { caller } = setUp();
    const events: number[] = [];
    const result = await caller.call("count", { to: 5 }, { onEvent: (event) => events.push(event) });
    assert.equal(result, 5);
    assert.deepEqual(events, [0, 1, 2, 3, 4]);
  });

  it("hands out events of one message one by one, as long as the caller wants any", async () => {
    const { caller, pipe } = setUp();
    const all: string[] = [];
    await caller.call("spell", { word: "abc" }, { onEvent: (letter) => all.push(letter) });
    assert.deepEqual(all, ["a", "b", "c"]);
    assert.equal(pipe.sent.length, 3, "a request, its events, its result");
    const abort = new AbortController();
    const some: string[] = [];
    const onEvent = (letter: string) => {
      if (some.push(letter) === 2) abort.abort();
    };
    await assert.rejects(caller.call("spell", { word: "abc" }, { onEvent, signal: abort.signal }));
    assert.deepEqual(some, ["a", "b"]);
  });

  it("keeps an error's code, message and remedy", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("too-long" as const, "failed" as const),
        fc.string(),
        fc.option(fc.string(), { nil: undefined }),
        async (code, message, remedy) => {
          const { caller } = setUp();
          const params = remedy === undefined ? { code, message } : { code, message, remedy };
          await assert.rejects(caller.call("fail", params), (error: unknown) => {
            assert.ok(error instanceof GlassboxError);
            assert.deepEqual([error.code, error.message, error.remedy], [code, message, remedy]);
            return true;
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("rejects a method that nobody serves, also one that objects inherit", async () => {
    const { caller } = setUp();
    for (const method of ["nothing", "constructor", "__proto__", "toString"]) {
      const call = caller.call as (method: string, params: unknown) => Promise<unknown>;
      await assert.rejects(call(method, {}), hasCode("invalid-request"));
    }
  });

  it("cancels at once at the caller and tells the handler", async () => {
    const { caller, signals, lateEmits } = setUp();
    const abort = new AbortController();
    const events: string[] = [];
    const call = caller.call("wait", {}, { signal: abort.signal, onEvent: (event) => events.push(event) });
    await tick();
    lateEmits[0]?.("before");
    await tick();
    abort.abort();
    await assert.rejects(call, hasCode("cancelled"));
    await tick();
    assert.equal(signals[0]?.aborted, true);
    lateEmits[0]?.("after");
    await tick();
    assert.deepEqual(events, ["before"]);
  });

  it("does not send a request that is cancelled beforehand", async () => {
    const { caller, pipe } = setUp();
    await assert.rejects(
      caller.call("add", { a: 1, b: 2 }, { signal: AbortSignal.abort() }),
      hasCode("cancelled"),
    );
    assert.deepEqual(pipe.sent, []);
  });

  it("rejects everything that is pending when the channel closes, and everything after", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (count) => {
        const { caller, pipe, signals } = setUp();
        const calls = Array.from({ length: count }, () => caller.call("wait", {}));
        const outcomes = Promise.allSettled(calls);
        await tick();
        pipe.close();
        for (const outcome of await outcomes) {
          assert.equal(outcome.status, "rejected");
          assert.ok(hasCode("crashed")(outcome.reason));
        }
        assert.ok(signals.every((signal) => signal.aborted));
        await assert.rejects(caller.call("add", { a: 1, b: 1 }), hasCode("crashed"));
      }),
      { numRuns: 20 },
    );
  });

  it("cancels on a channel that is gone without its end having been announced", async () => {
    const { caller, pipe } = setUp();
    const abort = new AbortController();
    const call = caller.call("wait", {}, { signal: abort.signal });
    await tick();
    pipe.closed = true;
    abort.abort();
    await assert.rejects(call, hasCode("cancelled"));
  });

  it("rejects a request whose parameters cannot be cloned", async () => {
    const { caller } = setUp();
    const hostile = { a: 1, b: (() => 1) as unknown as number };
    await assert.rejects(caller.call("add", hostile), hasCode("failed"));
    assert.equal(await caller.call("add", { a: 1, b: 1 }), 2);
  });

  it("ends only the request whose listener throws", async () => {
    const { caller } = setUp();
    const broken = caller.call(
      "count",
      { to: 3 },
      {
        onEvent: () => {
          throw new Error("listener");
        },
      },
    );
    await assert.rejects(broken, { message: "listener" });
    assert.equal(await caller.call("count", { to: 3 }), 3);
  });

  it("survives messages that are none", async () => {
    const junk = fc.oneof(
      fc.anything(),
      fc.record({
        rpc: fc.constantFrom("call", "cancel", "events", "ok", "err", "__proto__"),
        id: fc.oneof(fc.integer(), fc.anything()),
        method: fc.oneof(fc.constantFrom("add", "constructor"), fc.anything()),
        params: fc.anything(),
        events: fc.anything(),
        error: fc.anything(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 10 }), async (messages) => {
        const { caller, pipe } = setUp();
        for (const message of messages) {
          // A handler may fail over hostile parameters; the failure is an answer, not a crash.
          pipe.deliver(1, message);
          const { rpc } = (message ?? {}) as { rpc?: unknown };
          if (rpc !== "ok" && rpc !== "err") pipe.deliver(0, message);
        }
        assert.equal(await caller.call("add", { a: 20, b: 22 }), 42);
      }),
      { numRuns: 200 },
    );
  });

  it("does not let a second request take over the number of one that runs", async () => {
    const { pipe, signals } = setUp();
    pipe.deliver(1, { rpc: "call", id: 7, method: "wait", params: {} });
    pipe.deliver(1, { rpc: "call", id: 7, method: "wait", params: {} });
    await tick();
    assert.equal(signals.length, 1);
    pipe.deliver(1, { rpc: "cancel", id: 7 });
    assert.equal(signals[0]?.aborted, true);
  });
});
