/** From a place in the text to the token that the caret chooses. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { tokenAt } from "../../../src/core/lens/tokenAt.js";
import type { PlacedModelToken } from "../../../src/shared/types.js";

/** Tokens one behind the other, of these lengths; 0 for one without a place. */
function tokensOf(...lengths: number[]): PlacedModelToken[] {
  let start = 0;
  return lengths.map((length, id) => {
    const token = { id, start, end: start + length, startsInside: false, endsInside: false };
    start += length;
    return { ...token, bytes: new Uint8Array(length), name: "", special: length === 0 };
  });
}

describe("tokenAt", () => {
  it("finds the token that begins at a place or covers it, and the last one at the end", () => {
    const tokens = tokensOf(0, 3, 1, 2);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((offset) => tokenAt(tokens, offset)),
      [1, 1, 1, 2, 3, 3, 3, undefined],
    );
    assert.equal(tokenAt(tokens, -1), undefined);
    assert.equal(tokenAt(tokensOf(0), 0), undefined);
    assert.equal(tokenAt([], 0), undefined);
  });

  it("takes the last of several tokens of one character", () => {
    const [bos, ...parts] = tokensOf(0, 2, 0, 0);
    const emoji = parts.map((token) => ({ ...token, start: 0, end: 2 }));
    assert.equal(tokenAt([bos!, ...emoji], 0), 3);
    assert.equal(tokenAt([bos!, ...emoji], 2), 3);
  });

  it("finds every place of every text, whatever its tokens", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 30 }), (lengths) => {
        const tokens = tokensOf(0, ...lengths);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        for (let offset = 0; offset < total; offset++) {
          const found = tokens[tokenAt(tokens, offset) ?? -1];
          assert.ok(found && found.start <= offset && offset < found.end);
        }
        assert.equal(tokenAt(tokens, total + 1), undefined);
      }),
    );
  });
});
