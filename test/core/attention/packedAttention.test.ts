/** Attention that the kernel keeps in 16 bits and the page unpacks is the same to within those 16 bits. */

import assert from "node:assert/strict";
import { floatToHalf } from "../../../src/core/lens/gguf/half.js";
import { meanOfHeads, triangle, unpackHead } from "../../../src/core/lens/packedAttention.js";
import type { AttentionLayer } from "../../../src/shared/panels/attention.js";
import { freshKernel } from "../lens/kernelBytes.js";

/** Known weights, (head, query, key): head h gives query q the weights of a geometric row. */
function geometric(headCount: number, tokenCount: number): Float32Array {
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
  return weights;
}

/** The layer as the kernel keeps it, in blocks of queries that are done last to first. */
function kept(weights: Float32Array, headCount: number, tokenCount: number): AttentionLayer {
  const { kernel, memory } = freshKernel(weights.byteLength * 2 + 4096);
  const triangles = 64;
  const rows = Math.ceil((headCount * triangle(tokenCount) * 2) / 64) * 64 + 128;
  new Float32Array(memory.buffer, rows, weights.length).set(weights);
  const block = 5;
  for (let head = 0; head < headCount; head++) {
    for (let from = Math.floor((tokenCount - 1) / block) * block; from >= 0; from -= block) {
      kernel.keepRows(
        rows + (head * tokenCount + from) * tokenCount * 4,
        triangles + head * triangle(tokenCount) * 2,
        tokenCount,
        from,
        Math.min(from + block, tokenCount),
      );
    }
  }
  const halves = new Uint16Array(memory.buffer, triangles, headCount * triangle(tokenCount)).slice();
  return { layer: 3, headCount, tokenCount, halves };
}

describe("attention that is kept", () => {
  for (const tokenCount of [1, 2, 7, 8, 64, 256]) {
    it(`keeps every head of ${tokenCount} tokens to 1 part in 2,048`, () => {
      const original = geometric(3, tokenCount);
      const packed = kept(original, 3, tokenCount);
      for (let head = 0; head < 3; head++) {
        const square = unpackHead(packed, head);
        for (let at = 0; at < square.length; at++) {
          const expected = original[head * tokenCount * tokenCount + at] ?? Number.NaN;
          const allowed = Math.max(expected / 2048, 3e-8);
          assert.ok(Math.abs((square[at] ?? 0) - expected) <= allowed, `${square[at]} for ${expected}`);
        }
      }
    });
  }

  it("is rounded to the nearest f16, ties to even, also where f16 are subnormal", () => {
    const tokenCount = 128;
    const values = Float32Array.from({ length: tokenCount ** 2 }, (_, i) => {
      const exponent = 2 ** -((i % 27) + 1);
      // Halfway between two f16, a little above and below, and anywhere.
      return (
        exponent * (1 + ((i >> 2) & 1023) / 1024 + [0, 2 ** -11, 2 ** -11 + 2 ** -20, 0.3 / 1024][i & 3]!)
      );
    });
    const { halves } = kept(values, 1, tokenCount);
    let at = 0;
    for (let query = 0; query < tokenCount; query++) {
      for (let key = 0; key <= query; key++) {
        const value = values[query * tokenCount + key]!;
        assert.equal(halves[at++], floatToHalf(value), `${value}`);
      }
    }
  });

  it("has no head that is not there", () => {
    assert.throws(() => unpackHead(kept(geometric(2, 3), 2, 3), 2), /no head 2 of 2/);
  });
});

describe("meanOfHeads", () => {
  it("is the mean, and its rows sum to 1", () => {
    const original = geometric(4, 20);
    const mean = meanOfHeads(kept(original, 4, 20));
    for (let query = 0; query < 20; query++) {
      const row = mean.subarray(query * 20, query * 20 + 20);
      assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 2e-3);
      const expected = [0, 1, 2, 3].reduce(
        (sum, head) => sum + (original[(head * 20 + query) * 20 + query] ?? 0) / 4,
        0,
      );
      assert.ok(Math.abs((row[query] ?? 0) - expected) < 1e-3);
    }
  });
});
