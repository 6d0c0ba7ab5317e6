/** Compiles the lens's arithmetic from AssemblyScript to WebAssembly, when it is newer than the last result. */

import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "./process.js";

const compiler = join(process.cwd(), "node_modules/assemblyscript/bin/asc.js");
const sources = join(process.cwd(), "src/core/lens/kernel/assembly");

/** @param target the `.wasm` file to make. @throws Error with the compiler's own messages. */
export async function buildKernel(target: string): Promise<void> {
  if (await isFresh(target)) return;
  await mkdir(dirname(target), { recursive: true });
  await must(process.execPath, [
    compiler,
    join(sources, "kernel.ts"),
    ...["--outFile", target],
    // No heap, no runtime: the caller owns all memory, which threads share.
    ...["--runtime", "stub"],
    "--importMemory",
    "--sharedMemory",
    ...["--maximumMemory", "65536"],
    ...["--enable", "simd", "--enable", "threads", "--enable", "bulk-memory"],
    "--noAssert",
    "-O3",
    "--converge",
  ]);
}

async function isFresh(target: string): Promise<boolean> {
  if (!existsSync(target)) return false;
  const made = (await stat(target)).mtimeMs;
  const files = [...(await readdir(sources)).map((name) => join(sources, name)), "scripts/kernel.ts"];
  const changed = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return changed.every((time) => time < made);
}
