/** Windows cover each token once, and an edit computes anew only what depends on it, with the same result. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ReadingCache } from "../../../src/core/surprisal/readingCache.js";
import { ScoredText } from "../../../src/core/surprisal/scoredText.js";
import {
  editBetween,
  planAgain,
  planWindows,
  unchangedTokens,
  type Window,
  type WindowSizes,
  windowSizes,
} from "../../../src/core/surprisal/windows.js";
import type { TokenReadings } from "../../../src/shared/workerProtocol.js";

const sizes = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.nat({ max: 1000 }))
  .map(([size, some]): WindowSizes => ({ size, overlap: some % size }));
const ids = (maxLength = 80) =>
  fc.array(fc.nat({ max: 5 }), { maxLength }).map((list) => Uint32Array.from(list));

function checkWindows(windows: readonly Window[], count: number, { size, overlap }: WindowSizes): void {
  let scored = 0;
  for (const window of windows) {
    assert.equal(window.scored, scored);
    assert.ok(window.end > window.scored && window.start <= window.scored);
    assert.ok(window.end - window.start <= size);
    // Each token but those of the beginning has at least the overlap before it.
    assert.ok(window.scored - window.start >= Math.min(overlap, window.scored), JSON.stringify(windows));
    scored = window.end;
  }
  assert.equal(scored, count);
}

/** A model that tells of each token what it was read behind: exact, and different wherever anything differs. */
function fakeReadings(tokenIds: readonly number[], from: number): TokenReadings {
  const bits = tokenIds.slice(from).map((_, at) => {
    let hash = 7;
    for (const id of tokenIds.slice(0, from + at + 1)) hash = (hash * 31 + id + 1) % 1_000_003;
    return hash;
  });
  return {
    first: from,
    bits: Float64Array.from(bits),
    ranks: new Uint32Array(bits.length),
    entropies: new Float64Array(bits.length),
    entropiesWithin: new Float64Array(bits.length),
    alternativeIds: new Uint32Array(bits.length * 2),
    alternativeProbabilities: new Float64Array(bits.length * 2).fill(0.5),
  };
}

/** Reads a range to its end; answers how many tokens were read. */
function readAll(text: ScoredText, start: number, end: number, near: number): number {
  let read = 0;
  for (;;) {
    const request = text.next(start, end, near);
    if (!request) return read;
    const readings = fakeReadings(request.tokenIds, request.from);
    text.accept(request, readings);
    read += readings.bits.length;
  }
}

const bitsOf = (text: ScoredText) => Array.from(text.ids, (_, token) => text.reading(token)?.bits);

describe("windows over a long text", () => {
  it("score each token once, with so many before it", () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), sizes, (count, of) =>
        checkWindows(planWindows(count, of), count, of),
      ),
    );
  });

  it("are one for a text that fits", () => {
    assert.deepEqual(planWindows(16, windowSizes(16)), [{ start: 0, scored: 0, end: 16 }]);
    assert.deepEqual(planWindows(20, windowSizes(16)), [
      { start: 0, scored: 0, end: 16 },
      { start: 12, scored: 16, end: 20 },
    ]);
    assert.deepEqual(planWindows(0, windowSizes(16)), []);
  });

  it("are still windows after any edits", () => {
    fc.assert(
      fc.property(ids(), fc.array(ids(), { maxLength: 6 }), sizes, (first, later, of) => {
        let windows = planWindows(first.length, of);
        let before = first;
        for (const after of later) {
          windows = planAgain(windows, editBetween(before, after), of);
          checkWindows(windows, after.length, of);
          before = after;
        }
      }),
    );
  });

  it("stay before an edit, and move along behind it", () => {
    const of = { size: 10, overlap: 2 };
    const before = planWindows(60, of);
    const after = planAgain(before, { at: 21, removed: 0, added: 1 }, of);
    // The window of tokens 18 to 25 holds the edit; the next begins before what follows it.
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
    assert.deepEqual(
      after.slice(-4),
      before
        .slice(-4)
        .map(({ start, scored, end }) => ({ start: start + 1, scored: scored + 1, end: end + 1 })),
    );
    const from = unchangedTokens(before, after, { at: 21, removed: 0, added: 1 });
    const anew = from.filter((token) => token < 0).length;
    assert.ok(anew <= 8, `${anew} of 61 tokens anew`);
  });

  it("are changed by the smallest edit that makes one text the other", () => {
    fc.assert(
      fc.property(ids(20), ids(20), (before, after) => {
        const { at, removed, added } = editBetween(before, after);
        assert.deepEqual(
          [...before.subarray(0, at), ...after.subarray(at, at + added), ...before.subarray(at + removed)],
          [...after],
        );
        assert.ok(removed === 0 || added === 0 || before[at] !== after[at]);
      }),
    );
  });
});

describe("a scored text", () => {
  it("has after edits what it would have if it were read anew in the same windows", () => {
    fc.assert(
      fc.property(
        ids(),
        fc.array(ids(), { maxLength: 5 }),
        sizes,
        fc.option(fc.constant(99), { nil: undefined }),
        fc.nat({ max: 80 }),
        (first, later, of, bos, near) => {
          let text = ScoredText.of(first, of, bos);
          readAll(text, 0, first.length, near);
          for (const after of later) {
            text = text.withTokens(after);
            readAll(text, 0, after.length, near);
            text.windows.forEach(({ start, scored, end }) => {
              const tokens = [...(bos === undefined ? [] : [bos]), ...after.subarray(start, end)];
              const from = scored - start + (bos === undefined ? 0 : 1);
              const expected = [...fakeReadings(tokens, from).bits];
              // Nothing stands before the first token.
              const unread = bos === undefined && scored === 0;
              assert.deepEqual(
                bitsOf(text).slice(scored, end),
                unread ? [undefined, ...expected.slice(1)] : expected,
              );
            });
          }
        },
      ),
    );
  });

  it("reads nothing twice, and of an edit only what depends on it", () => {
    const of = windowSizes(32);
    const first = Uint32Array.from({ length: 200 }, (_, index) => index % 7);
    const text = ScoredText.of(first, of, 99);
    assert.equal(readAll(text, 0, 200, 0), 200);
    assert.equal(text.next(0, 200, 0), undefined);
    const edited = Uint32Array.from(first);
    edited[100] = 42;
    const after = text.withTokens(edited);
    const [holding] = after.windows.filter(({ scored, end }) => scored <= 100 && 100 < end);
    const behind = after.windows.find(({ start }) => start > 100)!;
    for (let token = 0; token < 100; token++) assert.ok(after.reading(token), `${token}`);
    for (let token = behind.scored; token < 200; token++) assert.ok(after.reading(token), `${token}`);
    assert.ok(holding && holding.scored <= 100);
    assert.equal(readAll(after, 0, 200, 0), behind.scored - 100);
  });

  it("reads first what is near, and only what is wanted", () => {
    const text = ScoredText.of(new Uint32Array(100), windowSizes(20), 1);
    const request = text.next(0, 100, 70)!;
    assert.ok(request.window.scored <= 70 && 70 < request.window.end);
    assert.equal(text.missing(30, 40), 10);
    assert.equal(readAll(text, 30, 40, 0), 10);
    assert.deepEqual([text.missing(0, 100), text.reading(29), text.reading(40)], [90, undefined, undefined]);
  });

  it("finds what was read before of the same tokens by the same model", () => {
    const text = ScoredText.of(Uint32Array.of(1, 2, 3, 4, 5, 6), { size: 4, overlap: 1 }, 9);
    readAll(text, 0, 6, 0);
    const [first, second] = text.windows;
    const cache = new ReadingCache(7);
    const key = (window: Window) => text.ids.subarray(window.start, window.end);
    cache.set("m", key(first!), 0, text.readingsOf(first!)!);
    cache.set("m", key(second!), 1, text.readingsOf(second!)!);
    const again = ScoredText.of(text.ids, { size: 4, overlap: 1 }, 9);
    assert.equal(again.readingsOf(first!), undefined);
    again.restore(first!, cache.get("m", key(first!), 0)!);
    again.restore(second!, cache.get("m", key(second!), 1)!);
    assert.deepEqual(bitsOf(again), bitsOf(text));
    assert.equal(cache.get("other", key(first!), 0), undefined);
    assert.equal(cache.get("m", key(second!), 0), undefined);
    // The second was used last.
    cache.set("m", Uint32Array.of(7, 8), 0, [undefined, undefined]);
    assert.equal(cache.get("m", key(first!), 0), undefined);
    assert.ok(cache.get("m", key(second!), 1));
  });
});
