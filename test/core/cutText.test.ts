/** A cut text keeps its length and tears no character. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { firstCharacters, lastCharacters } from "../../src/shared/cutText.js";

describe("a cut text", () => {
  it("is an end of the whole, as long as it may be, with no half character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        (text, most) => {
          const first = firstCharacters(text, most);
          const last = lastCharacters(text, most);
          assert.ok(text.startsWith(first) && text.endsWith(last));
          for (const part of [first, last]) {
            assert.doesNotThrow(() => encodeURIComponent(part));
            assert.ok(part.length <= most && part.length >= Math.min(text.length, most) - 1);
          }
        },
      ),
    );
  });
});
