/** Holds the table of GELU to its definition, and to what the same arithmetic gives in C. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { halfToFloat } from "../../../src/core/lens/gguf/half.js";
import { geluTable } from "../../../src/core/lens/kernel/tables.js";

/** Bits of the f16 that are finite. */
const numbers = Array.from({ length: 65_536 }, (_, bits) => bits).filter((bits) => (bits & 0x7fff) < 0x7c00);

describe("the table of GELU", () => {
  const table = geluTable();

  it("has for each f16 its GELU, to the nearest f16", () => {
    for (const bits of numbers) {
      const x = halfToFloat(bits);
      if (Math.abs(x) > 10) continue;
      const expected = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
      // Half a step of f16, and what f32 loses in 1 + tanh where that is near 0.
      const allowed = Math.max(Math.abs(expected) * 2 ** -11, 2 ** -25) + Math.abs(x) * 2 ** -24;
      assert.ok(Math.abs(table[bits]! - expected) <= allowed, `${x}: ${table[bits]} for ${expected}`);
    }
  });

  it("has the same bits as in C, with glibc's tanhf", () => {
    const hash = createHash("sha256").update(Float32Array.from(numbers, (bits) => table[bits]!));
    assert.equal(hash.digest("hex"), "989d109ac57100f587e5b0899bead80068c8b089ee486aa0426a238bd83291d8");
  });
});
