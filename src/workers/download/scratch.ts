/** Folders for what is not finished yet, beside the place where it is to lie; each bears its process's number. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "./httpDownload.js";

/** Makes a folder of one's own, for whoever makes it to take away. @returns its path. */
export function scratchFolder(folder: string): Promise<string> {
  return mkdtemp(join(folder, `.unfinished-${process.pid}-`));
}

/** Takes away the scratch folders that killed processes have left. */
export async function forgetAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /^\.unfinished-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
