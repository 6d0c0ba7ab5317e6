/** What the token strip reads off its tokens: counts by character and byte, characters cut in pieces. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { tokenReadings } from "../../../src/core/lessons/tokenReadings.js";

describe("the readings of tokens", () => {
  const euro = [0xe2, 0x82, 0xac];
  it("count a character once, however many tokens it is cut into", () => {
    const cut = [[0x61, 0xe2], [0x82], [0xac, 0x62]].map((bytes) => Uint8Array.from(bytes));
    assert.deepEqual(tokenReadings(cut), {
      characters: 3,
      bytes: 5,
      tokens: 3,
      letters: 2,
      "split-characters": 1,
      "longest-token": 2,
    });
    const whole = tokenReadings([Uint8Array.from(euro), Uint8Array.from(euro)]);
    assert.deepEqual([whole.characters, whole["split-characters"]], [2, 0]);
    assert.equal(tokenReadings([]).tokens, 0);
  });

  it("agree with the text, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 20 }),
        fc.array(fc.nat(40), { maxLength: 10 }),
        (text, cuts) => {
          const bytes = new TextEncoder().encode(text);
          const borders = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
            (a, b) => a - b,
          );
          const tokens = borders.slice(1).map((end, at) => bytes.subarray(borders[at], end));
          const readings = tokenReadings(tokens);
          let from = 0;
          const torn = [...text].filter((character) => {
            const to = from + Buffer.byteLength(character);
            const cut = borders.some((border) => border > from && border < to);
            from = to;
            return cut;
          });
          assert.equal(readings.characters, [...text].length);
          assert.equal(readings.bytes, bytes.length);
          assert.equal(readings.letters, text.match(/\p{L}/gu)?.length ?? 0);
          assert.equal(readings["split-characters"], torn.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
