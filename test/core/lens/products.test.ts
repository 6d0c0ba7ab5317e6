/**
 * Holds the matrix products of both paths against the formats' definitions, multiplied in f64. What the 16-bit path
 * may be off follows from its rounding; nothing may overflow, whatever the numbers are.
 */

import assert from "node:assert/strict";
import { tensorType } from "../../../src/core/lens/gguf/format.js";
import {
  Arena,
  growMemory,
  type Pointer,
  SUPPORTED_TYPES,
  type SupportedType,
} from "../../../src/core/lens/kernel/kernel.js";
import { placeTables, writeTables } from "../../../src/core/lens/kernel/tables.js";
import { PANEL_ROWS, placeOperand, scratchBytes } from "../../../src/core/lens/products.js";
import type { Arithmetic } from "../../../src/core/lens/run.js";
import { freshKernel } from "./kernelBytes.js";
import { seededRandom } from "./randomModel.js";
import { randomBlocks, referenceUnpack } from "./referenceUnpack.js";

/** The product of one panel: (tokens, rows). */
function multiplied(
  type: SupportedType,
  packed: Uint8Array,
  x: Float32Array, // (tokens, columns)
  sizes: { rows: number; columns: number; tokens: number },
  arithmetic: Arithmetic,
): Float32Array {
  const { rows, columns, tokens } = sizes;
  const { kernel, memory } = freshKernel(0);
  const arena = new Arena(64);
  const tables = placeTables(arena, { gelu: false });
  const w = arena.take(packed.byteLength);
  const plain = arena.floats(x.length);
  const operand = placeOperand(arena, columns, tokens, arithmetic);
  const scratch = arena.take(scratchBytes(tokens));
  const y = arena.floats(tokens * PANEL_ROWS);
  growMemory(memory, arena.end);
  writeTables(memory, tables);
  new Uint8Array(memory.buffer).set(packed, w);
  new Float32Array(memory.buffer, plain, x.length).set(x);
  // Nothing may depend on what was in the scratch before.
  new Float32Array(memory.buffer, scratch, scratchBytes(tokens) / 4).fill(Number.NaN);
  const { multiply, ready, groupBytes } =
    arithmetic === "f32"
      ? { multiply: kernel.multiplyF32, ready: kernel.readyF32, groupBytes: columns * 32 }
      : {
          multiply: kernel.multiplyI16,
          ready: kernel.readyI16,
          groupBytes: columns * 16 + Math.ceil(columns / 256) * 32,
        };
  for (let first = 0; first < tokens; first += 8) {
    const to: Pointer = operand.pointer + (first / 8) * groupBytes;
    ready(plain + first * columns * 4, columns * 4, to, Math.min(8, tokens - first), columns);
  }
  const { id, blockWeights, blockBytes } = tensorType(type);
  const rowBytes = (columns / blockWeights) * blockBytes;
  const stride = PANEL_ROWS * 4;
  multiply(id, w, rowBytes, rows, columns, operand.pointer, tokens, y, stride, scratch, tables.grids);
  const all = new Float32Array(memory.buffer, y, tokens * PANEL_ROWS);
  return Float32Array.from({ length: tokens * rows }, (_, i) => {
    return all[Math.floor(i / rows) * PANEL_ROWS + (i % rows)]!;
  });
}

/** How far each integer of a type may be off, in parts of the largest weight of its 256. */
const WEIGHT_ROUNDING: Partial<Record<SupportedType, number>> = {
  // Exactly integers times a scale.
  ...{ Q3_K: 0, Q6_K: 0, IQ2_XXS: 0, IQ2_XS: 0, IQ3_XXS: 0, IQ4_XS: 0 },
  // The factor of each 32 is rounded as well as the product; with Q4_K the offset too.
  ...{ Q8_0: 1 / 4096, Q4_0: 1 / 4088, Q4_K: 1.5 / 4095 },
};
const PLAIN_ROUNDING = 0.501 / 4095;

/** What the sum of products of one block of columns may be off: half a step of each activation, and the weights' part. */
function allowance(type: SupportedType, w: Float32Array, x: Float32Array): number {
  const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + Math.abs(value), 0);
  const largestOf = (values: Float32Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const room = (2 ** 31 / 4096 - 128) * 0.999;
  const step = Math.max(largestOf(x) / 32_767, sumOf(x) / room);
  const rounding = WEIGHT_ROUNDING[type] ?? PLAIN_ROUNDING;
  return (step / 2) * sumOf(w) * 1.001 + rounding * largestOf(w) * sumOf(x);
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("matrix products", () => {
  for (const type of SUPPORTED_TYPES) {
    it(`multiplies ${type} exactly in f32, and with integers to within their rounding`, () => {
      const random = seededRandom(7);
      const { blockWeights } = tensorType(type);
      // Whole blocks of 256 and, where the type has smaller ones, a rest; rows and tokens that fill no panel.
      const columns = blockWeights === 256 ? 768 : 800;
      const sizes = { rows: 14, columns, tokens: 13 };
      const packed = randomBlocks(type, (sizes.rows * columns) / blockWeights, 1, random);
      const w = referenceUnpack(type, packed);
      // Few are large, as in a real model.
      const x = Float32Array.from({ length: sizes.tokens * columns }, () => {
        return (random() - 0.5) * (random() < 0.01 ? 60 : 1);
      });
      const exact = multiplied(type, packed, x, sizes, "f32");
      const integers = multiplied(type, packed, x, sizes, "i16");
      for (let token = 0; token < sizes.tokens; token++) {
        for (let row = 0; row < sizes.rows; row++) {
          const wRow = w.subarray(row * columns, (row + 1) * columns);
          const xRow = x.subarray(token * columns, (token + 1) * columns);
          const expected = dot(wRow, xRow);
          const scale = Math.sqrt(dot(wRow, wRow) * dot(xRow, xRow));
          const at = token * sizes.rows + row;
          assert.ok(Math.abs(exact[at]! - expected) < 1e-6 * scale, `f32 ${exact[at]} for ${expected}`);
          let allowed = 1e-6 * scale;
          for (let from = 0; from < columns; from += 256) {
            allowed += allowance(type, wRow.subarray(from, from + 256), xRow.subarray(from, from + 256));
          }
          const off = Math.abs(integers[at]! - expected);
          assert.ok(off <= allowed, `i16 ${integers[at]} for ${expected}, off ${off} of ${allowed}`);
          // Errors cancel: far below what they might add up to.
          assert.ok(off < 3e-4 * scale, `i16 is off by ${off / scale} of the vectors' lengths`);
        }
      }
    });
  }

  it("cannot overflow: the largest weights there are, and activations that are all alike", () => {
    // Q6_K: every scale −128, every q −32, so every integer is 4096.
    const block = new Uint8Array(210);
    block.fill(0x80, 192, 208);
    block.set([0x00, 0x3c], 208);
    for (const [value, other] of [
      [1, 1],
      [-1, -1],
      [1e30, 1e30],
      [1e-30, 1e-30],
      [1, 0],
      [1, 1e-9],
    ] as const) {
      const x = Float32Array.from({ length: 256 }, (_, i) => (i === 77 ? value : other));
      const sizes = { rows: 1, columns: 256, tokens: 1 };
      const expected = 4096 * dot(x, new Float32Array(256).fill(1));
      const [found] = multiplied("Q6_K", block, x, sizes, "i16");
      assert.ok(Math.abs(found! / expected - 1) < 3e-4, `${found} for ${expected}`);
    }
  });

  it("gives zero for zeros, and no number where a weight or an activation is none", () => {
    const sizes = { rows: 1, columns: 32, tokens: 1 };
    const ones = new Float32Array(32).fill(1);
    const bytes = (values: Float32Array) => new Uint8Array(values.buffer);
    const zeros = new Float32Array(32);
    const broken = ones.slice().fill(Number.NaN, 9, 10);
    for (const arithmetic of ["f32", "i16"] as const) {
      assert.deepEqual([...multiplied("F32", bytes(zeros), ones, sizes, arithmetic)], [0]);
      assert.deepEqual([...multiplied("F32", bytes(ones), zeros, sizes, arithmetic)], [0]);
      assert.ok(Number.isNaN(multiplied("F32", bytes(broken), ones, sizes, arithmetic)[0]));
      assert.ok(Number.isNaN(multiplied("F32", bytes(ones), broken, sizes, arithmetic)[0]));
    }
  });
});
