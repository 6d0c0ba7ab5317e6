/** The compiled arithmetic of `assembly/`, typed, and the memory that it shares with its callers. */

import { type TensorTypeName, tensorType } from "../gguf/format.js";
import type { TablePointers } from "./tables.js";

/** An address in the kernel's memory, in bytes. */
export type Pointer = number;

/** What `assembly/kernel.ts` exports; the comments there say what each does. Strides are in bytes. */
export interface Kernel {
  readyF32: MakeReady;
  readyI16: MakeReady;
  multiplyF32: Multiply;
  multiplyI16: Multiply;
  add(x: Pointer, y: Pointer, count: number): void;
  rmsNorm(x: Pointer, weight: Pointer, out: Pointer, count: number, epsilon: number): void;
  layerNorm(x: Pointer, weight: Pointer, bias: Pointer, out: Pointer, count: number, epsilon: number): void;
  ropeInterleaved(x: Pointer, table: Pointer, heads: number, headDim: number, rotated: number): void;
  ropeHalves(x: Pointer, table: Pointer, heads: number, headDim: number, rotated: number): void;
  attentionRows(
    q: Pointer,
    qStride: number,
    k: Pointer,
    kStride: number,
    weights: Pointer,
    tokens: number,
    from: number,
    to: number,
    headDim: number,
    scale: number,
    window: number,
    cap: number,
  ): number;
  mixValues(
    weights: Pointer,
    v: Pointer,
    vStride: number,
    out: Pointer,
    outStride: number,
    tokens: number,
    from: number,
    to: number,
    headDim: number,
  ): void;
  keepRows(weights: Pointer, triangle: Pointer, tokens: number, from: number, to: number): void;
  scale(x: Pointer, count: number, factor: number): void;
  addScaled(x: Pointer, y: Pointer, count: number, factor: number): void;
  addBias(y: Pointer, stride: number, bias: Pointer, tokens: number, columns: number): void;
  swiglu(gate: Pointer, up: Pointer, stride: number, tokens: number, columns: number): void;
  geglu(gate: Pointer, up: Pointer, stride: number, tokens: number, columns: number, table: Pointer): void;
  gelu(x: Pointer, stride: number, tokens: number, columns: number, table: Pointer): void;
  softCap(x: Pointer, stride: number, tokens: number, columns: number, cap: number): void;
  unpack(type: number, from: Pointer, to: Pointer, count: number, grids: Pointer): void;
}

type MakeReady = (from: Pointer, stride: number, to: Pointer, tokens: number, columns: number) => void;
type Multiply = (
  type: number,
  w: Pointer,
  rowBytes: number,
  rows: number,
  columns: number,
  x: Pointer,
  tokens: number,
  y: Pointer,
  yStride: number,
  scratch: Pointer,
  grids: Pointer,
) => void;

const PAGE_BYTES = 65_536;
/** 4 GiB, all that 32-bit addresses reach. */
const MAX_PAGES = 65_536;

/** The most that weights and buffers together may take, in bytes. */
export const MAX_MEMORY_BYTES = PAGE_BYTES * MAX_PAGES;

export function createMemory(): WebAssembly.Memory {
  // Shared always: the same kernel runs in one thread or in several.
  return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
}

/** Makes sure that addresses below `bytes` exist. */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) memory.grow(missing);
}

/** Instantiates the kernel on a memory; each thread has an instance of its own on the same memory. */
export function instantiateKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // The one place where the compiled module meets its description.
  return exports as unknown as Kernel;
}

/** Hands out addresses one after the other, each at a multiple of 64. */
export class Arena {
  #next: number;

  /** @param from the first address to hand out. */
  constructor(from: number) {
    this.#next = align(from);
  }

  /** The first address that has not been handed out. */
  get end(): number {
    return this.#next;
  }

  take(bytes: number): Pointer {
    const pointer = this.#next;
    this.#next = align(pointer + bytes);
    return pointer;
  }

  /** Room for f32 numbers. */
  floats(count: number): Pointer {
    return this.take(count * 4);
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** The tensor types that the kernel unpacks. */
export const SUPPORTED_TYPES = [
  "F32",
  "F16",
  "BF16",
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q8_0",
  "Q2_K",
  "Q3_K",
  "Q4_K",
  "Q5_K",
  "Q6_K",
  "IQ2_XXS",
  "IQ2_XS",
  "IQ3_XXS",
  "IQ4_NL",
  "IQ4_XS",
] as const satisfies readonly TensorTypeName[];
export type SupportedType = (typeof SUPPORTED_TYPES)[number];

export function isSupportedType(name: TensorTypeName): name is SupportedType {
  return (SUPPORTED_TYPES as readonly TensorTypeName[]).includes(name);
}

/** Unpacks `count` weights of a type to f32. */
export function unpack(
  kernel: Kernel,
  tables: TablePointers,
  type: SupportedType,
  from: Pointer,
  to: Pointer,
  count: number,
): void {
  kernel.unpack(tensorType(type).id, from, to, count, tables.grids);
}
