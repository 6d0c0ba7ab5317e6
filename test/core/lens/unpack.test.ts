/** Holds the unpacking of every tensor type against the formats' definitions, bit for bit. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { tensorType } from "../../../src/core/lens/gguf/format.js";
import { floatToHalf, halfToFloat } from "../../../src/core/lens/gguf/half.js";
import { quantiseQ8_0 } from "../../../src/core/lens/gguf/quantise.js";
import { SUPPORTED_TYPES } from "../../../src/core/lens/kernel/kernel.js";
import { FORMATS, referenceUnpack } from "./referenceUnpack.js";
import { unpacked } from "./unpacked.js";
// SHA-256 of what ggml's own dequantize_row_* makes of 64 blocks of `seededBlocks`.
import unpackedByGgml from "./unpackedByGgml.json";

/** Bytes of a xorshift32 from a fixed seed; the scales are kept below 2, so that none is infinite or NaN. */
function seededBlocks(type: keyof typeof unpackedByGgml, blocks: number): Uint8Array {
  const { blockBytes } = tensorType(type);
  const bytes = new Uint8Array(blocks * blockBytes);
  let state = 0x9e3779b9;
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 255;
  }
  for (let block = 0; block < blocks; block++) {
    for (const half of FORMATS[type].scales) bytes[block * blockBytes + half + 1]! &= 0xbf;
  }
  return bytes;
}

describe("unpacking weights", () => {
  for (const type of Object.keys(unpackedByGgml) as (keyof typeof unpackedByGgml)[]) {
    it(`unpacks ${type} to the same bits as ggml`, () => {
      const count = 64 * tensorType(type).blockWeights;
      const values = unpacked(type, seededBlocks(type, 64), count);
      const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
      assert.equal(hash, unpackedByGgml[type]);
    });
  }

  for (const type of SUPPORTED_TYPES) {
    it(`unpacks ${type} as its definition says, bit for bit, whatever the blocks hold`, () => {
      const { blockBytes, blockWeights } = FORMATS[type];
      const { blockBytes: bytes, blockWeights: weights } = tensorType(type);
      assert.deepEqual([blockBytes, blockWeights], [bytes, weights]);
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 4 * blockBytes, maxLength: 4 * blockBytes }), (packed) => {
          const values = unpacked(type, packed, 4 * blockWeights);
          for (const [i, expected] of referenceUnpack(type, packed).entries()) {
            assert.ok(Object.is(values[i], expected), `weight ${i}: ${values[i]} for ${expected}`);
          }
        }),
        { numRuns: 200 },
      );
    });
  }

  it("unpacks every F16 that there is", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const values = unpacked("F16", new Uint8Array(all.buffer), 65_536);
    for (const [bits, value] of values.entries()) {
      assert.ok(Object.is(value, halfToFloat(bits)), `0x${bits.toString(16)}: ${value}`);
    }
  });

  it("unpacks BF16 as the upper half of an f32", () => {
    const some = Uint16Array.of(0x0000, 0x3f80, 0xbf80, 0x4049, 0x7f80, 0x0001, 0x8000);
    const values = unpacked("BF16", new Uint8Array(some.buffer), some.length);
    const expected = new Float32Array(Uint32Array.from(some, (bits) => bits << 16).buffer);
    assert.deepEqual([...values], [...expected]);
  });

  it("rounds to the nearest F16, ties to even, and back", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) continue;
      assert.equal(floatToHalf(value), bits);
    }
    assert.equal(floatToHalf(1 + 2 ** -11), 0x3c00);
    assert.equal(floatToHalf(1 + 3 * 2 ** -11), 0x3c02);
    assert.equal(floatToHalf(65_519), 0x7bff);
    assert.equal(floatToHalf(65_520), 0x7c00);
    assert.equal(floatToHalf(-(2 ** -25)), 0x8000);
    assert.equal(floatToHalf(3 * 2 ** -26), 0x0001);
  });

  it("packs Q8_0 so that no weight moves by more than half a step", () => {
    const weights = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * 12.9898) * (1 + (i >> 5)));
    const values = unpacked("Q8_0", quantiseQ8_0(weights), weights.length);
    for (let block = 0; block < weights.length; block += 32) {
      const largest = Math.max(...weights.subarray(block, block + 32).map(Math.abs));
      // Half a step, and the rounding of the scale to f16.
      const allowed = (largest / 127) * 0.5 + largest * 2 ** -11;
      for (let i = block; i < block + 32; i++) {
        assert.ok(Math.abs(values[i]! - weights[i]!) <= allowed, `weight ${i}`);
      }
    }
    assert.deepEqual([...unpacked("Q8_0", quantiseQ8_0(new Float32Array(32)), 32)], Array(32).fill(0));
  });
});
