/** Messages keep their content when their typed arrays move into one buffer. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { inOneBuffer } from "../../src/shared/oneBuffer.js";

function buffersOf(value: unknown, found = new Set<ArrayBufferLike>()): Set<ArrayBufferLike> {
  if (ArrayBuffer.isView(value)) found.add(value.buffer);
  else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) buffersOf(part, found);
  }
  return found;
}

describe("a message in one buffer", () => {
  it("holds what it held, whatever arrays are in it", () => {
    const array = fc.oneof(
      fc.uint8Array({ maxLength: 9 }),
      fc.uint16Array({ maxLength: 9 }),
      fc.float32Array({ maxLength: 9 }),
      fc.float64Array({ maxLength: 9 }),
    );
    const message = fc.letrec((tie) => ({
      part: fc.oneof(
        { depthSize: "small" },
        array,
        fc.string(),
        fc.constantFrom(null, undefined, 1, true),
        fc.array(tie("part"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("part"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).part;
    fc.assert(
      fc.property(message, (original) => {
        const moved = inOneBuffer(original);
        assert.deepEqual(moved, original);
        assert.ok(buffersOf(moved).size <= 1);
      }),
      { numRuns: 500 },
    );
  });

  it("takes only the part of a larger buffer that is seen", () => {
    const large = new Uint8Array(1_000_000).fill(7);
    const moved = inOneBuffer({ bytes: large.subarray(10, 14) }) as { bytes: Uint8Array };
    assert.deepEqual([...moved.bytes], [7, 7, 7, 7]);
    assert.ok(moved.bytes.buffer.byteLength < 100);
  });

  it("is left alone where there is nothing to gain", () => {
    const message = { logits: new Float32Array(4) };
    assert.equal(inOneBuffer(message), message);
  });
});
