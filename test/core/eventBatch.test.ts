/** Events on their way to another process: which go at once, which wait for others, and for how long. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import { type BatchLimits, EventBatch } from "../../src/shared/eventBatch.js";

describe("Events on their way to another process", () => {
  let now: number;
  let sent: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    now = 1000;
    sent = [];
  });

  afterEach(() => mock.timers.reset());

  /** What is sent is written down as the time and the letters. */
  const batchOf = (limits?: BatchLimits) =>
    new EventBatch<string>(
      (events) => sent.push(`${now} ${events.join("")}`),
      limits,
      () => now,
    );

  async function pass(ms: number): Promise<void> {
    // Twice: where timers are due, and where what they did is.
    await Promise.resolve();
    for (let i = 0; i < ms; i++) {
      now++;
      mock.timers.tick(1);
      await Promise.resolve();
    }
  }

  /** Posts one letter every `ms`. */
  async function write(batch: EventBatch<string>, letters: string, ms: number): Promise<void> {
    for (const letter of letters) {
      batch.post(letter);
      await pass(ms);
    }
  }

  it("go at once where they come alone, and together within a frame", async () => {
    const batch = batchOf();
    await write(batch, "a", 20);
    await write(batch, "bcd", 5);
    await pass(100);
    await write(batch, "e", 0);
    assert.deepEqual(sent, ["1000 a", "1020 b", "1036 cd", "1135 e"]);
  });

  it("go together where they come in one turn", async () => {
    const batch = batchOf();
    for (const letter of "abc") batch.post(letter);
    assert.deepEqual(sent, []);
    await pass(50);
    assert.deepEqual(sent, ["1000 abc"]);
  });

  describe("a few at a time", () => {
    const limits = { few: 3, waitMs: 150 };

    it("do so but for the first", async () => {
      await write(batchOf(limits), "abcdefg", 45);
      assert.deepEqual(sent, ["1000 a", "1135 bcd", "1270 efg"]);
    });

    it("go once a frame where they come faster than frames", async () => {
      await write(batchOf(limits), "abcdefghijklmnopqrst", 2);
      assert.deepEqual(sent.slice(0, 3), ["1000 a", "1016 bcdefgh", "1032 ijklmnop"]);
    });

    it("go each by itself where they come slowly, and never wait for longer than is said", async () => {
      const batch = batchOf(limits);
      await write(batch, "abc", 400);
      await write(batch, "d", 100);
      await write(batch, "e", 200);
      assert.deepEqual(sent, ["1000 a", "1400 b", "1800 c", "2200 d", "2350 e"]);
    });
  });

  it("go when nothing more is to come", async () => {
    const batch = batchOf({ few: 3, waitMs: 150 });
    await write(batch, "ab", 20);
    batch.flush();
    assert.deepEqual(sent, ["1000 a", "1040 b"]);
    batch.flush();
    await pass(500);
    assert.equal(sent.length, 2);
  });

  it("are not sent when they have been dropped", async () => {
    const batch = batchOf();
    await write(batch, "ab", 5);
    batch.clear();
    batch.post("c");
    batch.clear();
    await pass(500);
    assert.deepEqual(sent, ["1000 a"]);
    await write(batch, "d", 0);
    assert.equal(sent.at(-1), "1510 d");
  });
});
