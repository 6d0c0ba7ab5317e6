/** The compiled kernel as the build leaves it, and memory to run it in. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createMemory,
  growMemory,
  instantiateKernel,
  type Kernel,
} from "../../../src/core/lens/kernel/kernel.js";

let compiled: WebAssembly.Module | undefined;

export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(join(process.cwd(), "dist/workers/lensKernel.wasm")));
  return compiled;
}

/** A kernel on a memory of its own. */
export function freshKernel(bytes: number): { kernel: Kernel; memory: WebAssembly.Memory } {
  const memory = createMemory();
  growMemory(memory, bytes);
  return { kernel: instantiateKernel(kernelModule(), memory), memory };
}
