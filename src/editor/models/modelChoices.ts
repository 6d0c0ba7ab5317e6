/** What the model picker lists: what is loaded, what lies on this machine, what fits it, and what would not. */

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CATALOGUE, type CatalogueEntry } from "../../core/models/catalogue.js";
import { type Fit, fitOf, memoryNeeded } from "../../core/models/fit.js";
import type { MachineInfo, UnfinishedDownload } from "../../shared/workerProtocol.js";

/** A GGUF file that can be loaded now. */
export interface LocalModel {
  path: string;
  fileName: string;
  bytes: number;
  entry: CatalogueEntry | undefined;
}

export interface OfferedModel {
  entry: CatalogueEntry;
  fit: Fit;
  neededBytes: number;
}

export interface ModelChoices {
  local: LocalModel[];
  unfinished: UnfinishedDownload[];
  /** Largest first: the best that this machine can hold. */
  fitting: OfferedModel[];
  /** Smallest first. */
  larger: OfferedModel[];
}

/** The GGUF files of a folder, by name. A folder that is not there has none. */
export async function localModels(folder: string): Promise<LocalModel[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found: LocalModel[] = [];
  for (const fileName of names.filter((name) => /\.gguf$/i.test(name)).sort()) {
    const path = join(folder, fileName);
    const { size } = await stat(path);
    if (await beginsAsGguf(path)) found.push({ path, fileName, bytes: size, entry: entryOfFile(fileName) });
  }
  return found;
}

export function entryOfFile(fileName: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.fileName === fileName);
}

async function beginsAsGguf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString("latin1") === "GGUF";
  } finally {
    await file.close();
  }
}

/** @param contextSize the setting, in tokens; 0 is what the model was trained for, at most 4,096. */
export function modelChoices(
  local: LocalModel[],
  unfinished: UnfinishedDownload[],
  machine: MachineInfo,
  contextSize: number,
): ModelChoices {
  const here = new Set([...local, ...unfinished].map(({ fileName }) => fileName));
  const offered = CATALOGUE.filter(({ fileName }) => !here.has(fileName)).map((entry): OfferedModel => {
    const neededBytes = memoryNeeded(entry, contextSize);
    return { entry, neededBytes, fit: fitOf(neededBytes, machine) };
  });
  const fits = ({ fit }: OfferedModel) => fit === "gpu" || fit === "memory";
  return {
    local,
    unfinished,
    fitting: offered.filter(fits).reverse(),
    larger: offered.filter((offer) => !fits(offer)),
  };
}
