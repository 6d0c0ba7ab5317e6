/** Compiles what is written in AssemblyScript to WebAssembly, when it is newer than the last result. */

import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "./process.js";

const root = process.cwd();
const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");

interface Kernel {
  /** Folder of its sources, of which `kernel.ts` is the entry. */
  sources: string;
  /** The `.wasm` file to make. */
  target: string;
  options: string[];
}

const KERNELS: Kernel[] = [
  {
    sources: join(root, "src/core/lens/kernel/assembly"),
    // Beside the lens worker, which loads it.
    target: join(root, "dist/workers/lensKernel.wasm"),
    // The caller owns all memory, which threads share.
    options: [
      "--importMemory",
      "--sharedMemory",
      ...["--maximumMemory", "65536"],
      ...["--enable", "threads"],
    ],
  },
  {
    sources: join(root, "src/core/tokens/kernel/assembly"),
    target: join(root, "dist/tokenKernel.wasm"),
    options: [],
  },
];

/** @throws Error with the compiler's own messages. */
export async function buildKernels(): Promise<void> {
  await Promise.all(KERNELS.map(buildKernel));
}

async function buildKernel(kernel: Kernel): Promise<void> {
  if (await isFresh(kernel)) return;
  await mkdir(dirname(kernel.target), { recursive: true });
  await must(process.execPath, [
    compiler,
    join(kernel.sources, "kernel.ts"),
    ...["--outFile", kernel.target],
    // No heap and no runtime.
    ...["--runtime", "stub"],
    ...kernel.options,
    ...["--enable", "simd", "--enable", "bulk-memory"],
    "--noAssert",
    "-O3",
    "--converge",
  ]);
}

async function isFresh({ sources, target }: Kernel): Promise<boolean> {
  if (!existsSync(target)) return false;
  const made = (await stat(target)).mtimeMs;
  const files = [...(await readdir(sources)).map((name) => join(sources, name)), "scripts/kernel.ts"];
  const changed = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return changed.every((time) => time < made);
}
