/** Matrix products over all tokens of a run, as stages: a panel of rows is unpacked and multiplied at a time. */

import type { Pointer } from "./kernel/kernel.js";
import { unpack } from "./kernel/kernel.js";
import type { ForwardContext, Stage } from "./run.js";
import { PANEL_ROWS, roundUp4 } from "./run.js";
import type { Matrix } from "./weights.js";

/** y[token] = matrix · x[token] + bias for every token, a panel of rows an item. */
export function product(
  { kernel, model, run, thread }: ForwardContext,
  matrix: Matrix,
  x: Pointer, // (tokens, matrix.columns) paired
  y: Pointer, // (tokens, matrix.rows rounded up to a multiple of 4)
  tokens: number = run.tokens,
): Stage {
  const { type, rows, columns, rowBytes, bias } = matrix;
  const scratch = run.scratch[thread]!;
  const inFours = scratch + PANEL_ROWS * columns * 4;
  const pairs = Math.ceil(tokens / 2);
  const stride = roundUp4(rows) * 4;
  return {
    items: Math.ceil(rows / PANEL_ROWS),
    run(panel) {
      const row = panel * PANEL_ROWS;
      const count = Math.min(PANEL_ROWS, rows - row);
      // Rows that fill up the last four are whatever was there; their results go where nobody looks.
      const padded = roundUp4(count);
      const packed = matrix.pointer + row * rowBytes;
      if (type !== "F32") unpack(kernel, model.tables, type, packed, scratch, count * columns);
      kernel.packFours(type === "F32" ? packed : scratch, inFours, padded, columns);
      kernel.multiply(x, inFours, y + row * 4, stride, pairs, padded, columns);
      if (bias !== undefined) kernel.addBias(y + row * 4, stride, bias + row * 4, tokens, padded);
    },
  };
}

/** Several products as one stage, so that threads need not wait between them. */
export function products(...parts: Stage[]): Stage {
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
