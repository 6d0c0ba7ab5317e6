/** What full-length runs have found, kept beside the suites as JSON, and the page that is made of it. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { basename, dirname, join } from "node:path";
import { type AllKept, accuracyPage, type KeptBench, type KeptHeld, type KeptPart } from "./accuracyPage.js";

const KEPT = "test/exactness/kept";
const KEPT_BENCHES = "test/bench/kept";
const LESSONS = "media/lessons";
/** From the root of the checkout. */
export const PAGE = "test/exactness/ACCURACY.md";

/** Keeps what a part of a suite has come to, in place of what it came to before, and makes the page anew. */
export async function keepHeld(suite: string, part: string, held: KeptPart): Promise<void> {
  await keepJson(`${KEPT}/${suite}.json`, { ...readJson<KeptHeld>(`${KEPT}/${suite}.json`), [part]: held });
}

/** The same for what a bench has measured, or the torture has tried. */
export async function keepBench(
  name: string,
  command: string,
  rows: KeptBench["rows"],
  seconds: number,
): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  await keepJson(`${KEPT_BENCHES}/${name}.json`, { date, command, seconds, machine: machine(), rows });
}

/** Makes the page of all that is kept. */
export async function writePage(): Promise<void> {
  await writeFile(join(process.cwd(), PAGE), accuracyPage(readKept()));
  console.log(`${PAGE} is made of what is kept.`);
}

/** All that is kept, and which parts there should be. */
export function readKept(): AllKept {
  const suites: Record<string, KeptHeld> = {};
  for (const file of jsonFiles(KEPT)) suites[basename(file, ".json")] = readJson<KeptHeld>(file)!;
  const benches: Record<string, KeptBench> = {};
  for (const file of jsonFiles(KEPT_BENCHES)) benches[basename(file, ".json")] = readJson<KeptBench>(file)!;
  const lessons = readdirSync(LESSONS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => basename(path, ".md"))
    .filter((name) => !name.includes("."));
  return { suites, benches, lessons };
}

async function keepJson(path: string, kept: KeptHeld | KeptBench): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(kept, null, 2)}\n`);
  await writePage();
}

function jsonFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => `${folder}/${name}`);
}

function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
}

/** What times depend on. */
function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${process.platform} ${process.arch}, ${availableParallelism()} cores (${model}), ${memory} GB`;
}
