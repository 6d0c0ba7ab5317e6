/** Weights as the kernel unpacks them. */

import { Arena, growMemory, type SupportedType, unpack } from "../../../src/core/lens/kernel/kernel.js";
import { placeTables, writeTables } from "../../../src/core/lens/kernel/tables.js";
import { freshKernel } from "./kernelBytes.js";

/** @param packed `count` weights of a type. */
export function unpacked(type: SupportedType, packed: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const { kernel, memory } = freshKernel(0);
  const arena = new Arena(64);
  const tables = placeTables(arena, { gelu: false });
  const from = arena.take(packed.byteLength);
  const to = arena.floats(count);
  growMemory(memory, arena.end);
  writeTables(memory, tables);
  new Uint8Array(memory.buffer).set(packed, from);
  unpack(kernel, tables, type, from, to, count);
  const values = new Float32Array(count);
  values.set(new Float32Array(memory.buffer, to, count));
  return values;
}
