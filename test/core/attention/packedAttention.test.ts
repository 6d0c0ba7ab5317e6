/** Attention that was packed for the page and unpacked there is the same to within 16 bits. */

import assert from "node:assert/strict";
import { meanOfHeads, packLayer, unpackHead } from "../../../src/core/lens/packedAttention.js";

/** A layer with known weights: head h gives query q the weights of a geometric row. */
function layer(headCount: number, tokenCount: number) {
  const weights = new Float32Array(headCount * tokenCount * tokenCount);
  for (let head = 0; head < headCount; head++) {
    const ratio = 0.3 + head / (2 * headCount);
    for (let query = 0; query < tokenCount; query++) {
      let sum = 0;
      for (let key = 0; key <= query; key++) sum += ratio ** (query - key);
      for (let key = 0; key <= query; key++) {
        weights[(head * tokenCount + query) * tokenCount + key] = ratio ** (query - key) / sum;
      }
    }
  }
  return { layer: 3, headCount, tokenCount, weights };
}

describe("packLayer and unpackHead", () => {
  for (const tokenCount of [1, 2, 7, 64, 256]) {
    it(`keeps every head of ${tokenCount} tokens to 1 part in 2,048`, () => {
      const original = layer(3, tokenCount);
      const packed = packLayer(original);
      assert.equal(packed.halves.length, (3 * tokenCount * (tokenCount + 1)) / 2);
      for (let head = 0; head < 3; head++) {
        const square = unpackHead(packed, head);
        for (let at = 0; at < square.length; at++) {
          const expected = original.weights[head * tokenCount * tokenCount + at] ?? Number.NaN;
          const allowed = Math.max(expected / 2048, 3e-8);
          assert.ok(Math.abs((square[at] ?? 0) - expected) <= allowed, `${square[at]} for ${expected}`);
        }
      }
    });
  }

  it("refuses a head that is not there", () => {
    assert.throws(() => unpackHead(packLayer(layer(2, 3)), 2), /no head 2 of 2/);
  });
});

describe("meanOfHeads", () => {
  it("is the mean, and its rows sum to 1", () => {
    const original = layer(4, 20);
    const mean = meanOfHeads(packLayer(original));
    for (let query = 0; query < 20; query++) {
      const row = mean.subarray(query * 20, query * 20 + 20);
      assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 2e-3);
      const expected = [0, 1, 2, 3].reduce(
        (sum, head) => sum + (original.weights[(head * 20 + query) * 20 + query] ?? 0) / 4,
        0,
      );
      assert.ok(Math.abs((row[query] ?? 0) - expected) < 1e-3);
    }
  });
});
