/** The size of pieces settles where the engine's time for one is what Stop can wait for. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { PieceSize, TARGET_MS } from "../../src/workers/model/pieceSize.js";

const LIMITS = { smallest: 10, first: 16, largest: 512 };
/** Milliseconds for a piece: for unpacking the weights, and for each token. */
const machine = fc.record({
  fixed: fc.double({ min: 0, max: 200, noNaN: true }),
  each: fc.double({ min: 0.05, max: 40, noNaN: true }),
});

describe("the size of pieces", () => {
  it("grows and shrinks to what takes the time that Stop can wait for, and never beyond it from below", () => {
    fc.assert(
      fc.property(machine, ({ fixed, each }) => {
        const size = new PieceSize(LIMITS);
        const msOf = (tokens: number) => fixed + each * tokens;
        for (let piece = 0; piece < 200; piece++) {
          const before = size.tokens;
          size.took(before, msOf(before));
          if (msOf(before) <= TARGET_MS) {
            assert.ok(size.tokens >= before);
            assert.ok(msOf(size.tokens) <= TARGET_MS + 1e-6 || size.tokens === LIMITS.smallest);
          }
        }
        const settled = msOf(size.tokens);
        if (size.tokens > LIMITS.smallest) assert.ok(settled <= TARGET_MS + each, `${settled} ms`);
        if (size.tokens < LIMITS.largest) assert.ok(settled > 0.8 * TARGET_MS - 2 * each, `${settled} ms`);
      }),
    );
  });

  it("is told nothing by the rest of a text, unless that took too long", () => {
    const size = new PieceSize(LIMITS);
    size.took(3, 50);
    assert.equal(size.tokens, 16);
    size.took(8, 2 * TARGET_MS);
    assert.equal(size.tokens, 10);
  });
});
