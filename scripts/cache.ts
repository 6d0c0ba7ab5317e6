/** Where the set-up keeps what it fetches, and the small file operations that every fetch shares. */

import { mkdtemp, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../src/core/cacheFolder.js";

/** The folder of one kind of download, `models` for instance, in the per-user cache. */
export function cached(...names: string[]): string {
  return join(cacheFolder(process.platform, process.env, homedir()), ...names);
}

/** The size of a file in bytes; undefined where there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Gives `use` an empty folder inside `parent`, on the same disk so that a rename out of it is atomic. */
export async function withScratchFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(parent, ".unfinished-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
