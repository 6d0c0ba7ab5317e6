/** Events on their way to a page: which go at once, which wait for others, and for how long. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import { EventBatch } from "../../src/editor/eventBatch.js";

describe("Events on their way to a page", () => {
  let now: number;
  let sent: { at: number; events: string }[];
  let batch: EventBatch<{ kind: string; letter: string }>;

  const post = (letter: string) => batch.post({ kind: "step", letter });

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    now = 1000;
    sent = [];
    batch = new EventBatch(
      (events) => sent.push({ at: now, events: events.map(({ letter }) => letter).join("") }),
      () => now,
    );
  });

  afterEach(() => mock.timers.reset());

  function pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      now++;
      mock.timers.tick(1);
    }
  }

  /** Posts tokens, one every `ms`. */
  function write(letters: string, ms: number): void {
    for (const letter of letters) {
      batch.post({ kind: "token", letter });
      pass(ms);
    }
  }

  it("go at once where they come alone", () => {
    post("a");
    post("b");
    assert.deepEqual(sent, [{ at: 1000, events: "a" }]);
    pass(100);
    post("c");
    assert.deepEqual(sent.slice(1), [
      { at: 1016, events: "b" },
      { at: 1100, events: "c" },
    ]);
  });

  it("go three at a time where they are an answer's tokens, but for the first", () => {
    post("!");
    pass(50);
    write("abcdefg", 45);
    assert.deepEqual(sent, [
      { at: 1000, events: "!" },
      { at: 1050, events: "a" },
      { at: 1185, events: "bcd" },
      { at: 1320, events: "efg" },
    ]);
  });

  it("go once a frame where they come faster than frames", () => {
    write("abcdefghijklmnopqrst", 2);
    assert.deepEqual(sent.slice(0, 3), [
      { at: 1000, events: "a" },
      { at: 1016, events: "bcdefgh" },
      { at: 1032, events: "ijklmnop" },
    ]);
  });

  it("go each by itself where they come slowly, and never wait for longer than the eye notices", () => {
    write("abc", 400);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [1000, 1400, 1800],
    );
    write("d", 100);
    write("e", 200);
    assert.deepEqual(sent.slice(3), [
      { at: 2200, events: "d" },
      { at: 2350, events: "e" },
    ]);
  });

  it("wait no longer once one comes that is no token", () => {
    write("ab", 20);
    post("!");
    assert.deepEqual(sent, [
      { at: 1000, events: "a" },
      { at: 1040, events: "b!" },
    ]);
    pass(500);
    assert.equal(sent.length, 2);
  });

  it("are not sent when they have been dropped", () => {
    write("ab", 20);
    batch.clear();
    pass(500);
    assert.deepEqual(sent, [{ at: 1000, events: "a" }]);
    write("c", 0);
    assert.equal(sent.at(-1)?.events, "c");
  });
});
