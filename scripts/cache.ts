/** Where the set-up keeps what it fetches, and the small file operations that every fetch shares. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../src/core/cacheFolder.js";

/** The folder of one kind of download, `models` for instance, in the per-user cache. */
export function cached(...names: string[]): string {
  return join(cacheFolder(process.platform, process.env, homedir()), ...names);
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
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

/** Bytes of all files below a folder. Files that vanish meanwhile count as nothing. */
export async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await fileSize(join(entry.parentPath, entry.name))) ?? 0;
  }
  return bytes;
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
