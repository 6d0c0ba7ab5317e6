/**
 * Matrix products over all tokens of a run, as stages. Activations are made ready once for every matrix that they
 * are multiplied with; then a panel of rows at a time is unpacked and multiplied.
 */

import { tensorType } from "./gguf/format.js";
import type { Arena, Kernel, Pointer } from "./kernel/kernel.js";
import type { Arithmetic, ForwardContext, Stage } from "./run.js";
import type { Matrix } from "./weights.js";

// These are written into the kernel too: assembly/products.ts.

/** Rows of a matrix that are unpacked and multiplied at a time. */
export const PANEL_ROWS = 16;
/** Tokens that stand side by side in an operand. */
export const TOKENS_TOGETHER = 8;
/** Columns that are unpacked at a time, and have a scale of their own where they are integers. */
const BLOCK_COLUMNS = 256;
/** Bytes of a thread's scratch before its sums: a panel of f32, a row to spare, scales. */
const UNPACKED_BYTES = (PANEL_ROWS + 1) * BLOCK_COLUMNS * 4 + 64;

/** The next multiple of `step`. Rows of products are stored by fours, so `roundUp(rows, 4)` is their stride. */
export function roundUp(count: number, step: number): number {
  return Math.ceil(count / step) * step;
}

/** Activations made ready to be multiplied: eight tokens side by side, as f32 or as integers with scales. */
export interface Operand {
  pointer: Pointer;
  columns: number;
  arithmetic: Arithmetic;
}

/** Finds room for (tokens, columns). Columns that are no multiple of 8 are always f32. */
export function placeOperand(arena: Arena, columns: number, tokens: number, arithmetic: Arithmetic): Operand {
  const operand: Operand = { pointer: 0, columns, arithmetic: columns % 8 === 0 ? arithmetic : "f32" };
  const groups = Math.ceil(tokens / TOKENS_TOGETHER);
  return { ...operand, pointer: arena.take(groups * groupBytes(operand)) };
}

/** Bytes of eight tokens. */
function groupBytes({ columns, arithmetic }: Operand): number {
  if (arithmetic === "f32") return columns * TOKENS_TOGETHER * 4;
  return (columns * 2 + Math.ceil(columns / BLOCK_COLUMNS) * 4) * TOKENS_TOGETHER;
}

/** The scratch that a thread needs for products with up to `tokens` tokens. */
export function scratchBytes(tokens: number): number {
  return UNPACKED_BYTES + roundUp(tokens, TOKENS_TOGETHER) * PANEL_ROWS * 4;
}

/** The operand from a token on, which is a multiple of eight. */
export function operandFrom(operand: Operand, token: number): Operand {
  return { ...operand, pointer: operand.pointer + (token / TOKENS_TOGETHER) * groupBytes(operand) };
}

/** Makes up to eight tokens ready at the beginning of an operand. @param from (count, columns). */
export function readyRows(kernel: Kernel, from: Pointer, operand: Operand, count: number): void {
  const { pointer, columns, arithmetic } = operand;
  const ready = arithmetic === "f32" ? kernel.readyF32 : kernel.readyI16;
  ready(from, columns * 4, pointer, count, columns);
}

/**
 * Makes eight tokens ready, or the last few.
 * @param from (tokens, columns) @param first a multiple of eight. @param tokens how many there are in all.
 */
export function makeReady(
  kernel: Kernel,
  from: Pointer,
  operand: Operand,
  first: number,
  tokens: number,
): void {
  const count = Math.min(TOKENS_TOGETHER, tokens - first);
  readyRows(kernel, from + first * operand.columns * 4, operandFrom(operand, first), count);
}

/** Makes all tokens of a run ready, or as many as are said, eight an item. */
export function readyStage(
  { kernel, run }: ForwardContext,
  from: Pointer,
  operand: Operand,
  tokens: number = run.tokens,
): Stage {
  return {
    items: Math.ceil(tokens / TOKENS_TOGETHER),
    run: (group) => makeReady(kernel, from, operand, group * TOKENS_TOGETHER, tokens),
  };
}

/** y[token] = matrix · x[token] + bias for every token, a panel of rows an item. */
export function product(
  { kernel, model, run, thread }: ForwardContext,
  matrix: Matrix,
  x: Operand, // (tokens, matrix.columns)
  y: Pointer, // (tokens, matrix.rows rounded up to a multiple of 4)
  tokens: number = run.tokens,
): Stage {
  const { rows, columns, rowBytes, bias } = matrix;
  const type = tensorType(matrix.type).id;
  const scratch = run.scratch[thread]!.panel;
  const stride = roundUp(rows, 4) * 4;
  const multiply = x.arithmetic === "f32" ? kernel.multiplyF32 : kernel.multiplyI16;
  return {
    items: Math.ceil(rows / PANEL_ROWS),
    run(panel) {
      const row = panel * PANEL_ROWS;
      const count = Math.min(PANEL_ROWS, rows - row);
      const w = matrix.pointer + row * rowBytes;
      const to = y + row * 4;
      multiply(type, w, rowBytes, count, columns, x.pointer, tokens, to, stride, scratch, model.tables.grids);
      if (bias !== undefined) kernel.addBias(to, stride, bias + row * 4, tokens, roundUp(count, 4));
    },
  };
}

/** Several stages as one, so that threads need not wait between them. */
export function together(...parts: Stage[]): Stage {
  return {
    items: parts.reduce((total, part) => total + part.items, 0),
    run(item) {
      let rest = item;
      for (const part of parts) {
        if (rest < part.items) return part.run(rest);
        rest -= part.items;
      }
    },
  };
}
