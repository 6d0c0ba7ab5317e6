/** Under edits, a place that is not stale still holds its token's text, and what it was read behind is unchanged. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { placesAfter, type TokenPlace } from "../../../src/core/surprisal/places.js";

/** A text of tokens, each begun by its own number so that it can be told from all others. */
const tokenTexts = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 })
  .map((lengths) => lengths.map((length, index) => String.fromCharCode(0x4e00 + index).padEnd(length, ".")));

const edits = fc.array(
  fc.record({ at: fc.nat({ max: 120 }), removed: fc.nat({ max: 20 }), text: fc.string({ maxLength: 4 }) }),
  { maxLength: 4 },
);

describe("places of tokens under edits", () => {
  it("hold their texts, and those of all that they were read behind, or are stale", () => {
    fc.assert(
      fc.property(tokenTexts, fc.integer({ min: 1, max: 8 }), edits, (texts, window, changes) => {
        let text = texts.join("");
        let places: TokenPlace[] = [];
        for (const [index, token] of texts.entries()) {
          const start = places.at(-1)?.end ?? 0;
          const readFrom = Math.max(0, Math.floor(index / window) * window - 1);
          places.push({ start, end: start + token.length, readFrom, stale: false });
        }
        for (const { at, removed, text: added } of changes) {
          const offset = Math.min(at, text.length);
          const length = Math.min(removed, text.length - offset);
          text = text.slice(0, offset) + added + text.slice(offset + length);
          places = placesAfter(places, { offset, removed: length, added: added.length });
        }
        places.forEach(({ start, end, readFrom, stale }, index) => {
          assert.ok(start <= end && end <= text.length);
          if (stale) return;
          assert.equal(text.slice(start, end), texts[index]);
          const before = texts.slice(readFrom, index + 1).join("");
          assert.equal(text.slice(places[readFrom]!.start, end), before);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what stands before an edit, and what was read behind it alone", () => {
    const at = (start: number, readFrom: number) => ({ start, end: start + 2, readFrom, stale: false });
    const places = [at(0, 0), at(2, 0), at(4, 0), at(6, 2), at(8, 3), at(10, 4)];
    // "x" typed into the second token: the fourth was read from the third on, which stands behind the edit.
    const after = placesAfter(places, { offset: 3, removed: 0, added: 1 });
    assert.deepEqual(
      after.map(({ stale }) => stale),
      [false, true, true, false, false, false],
    );
    assert.deepEqual(
      after.slice(3).map(({ start }) => start),
      [7, 9, 11],
    );
  });
});
