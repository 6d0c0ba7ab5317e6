/**
 * The translations as the repository keeps them, in parts that several people can work on, and as VS Code reads them:
 * the build joins `media/l10n/LANGUAGE/AREA.json` into dist/l10n/bundle.l10n.LANGUAGE.json, and lays the texts of
 * package.json, `media/l10n/manifest/LANGUAGE.json`, beside that.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const folder = join(process.cwd(), "media", "l10n");

/** By key, the translation. */
export type Part = Readonly<Record<string, string>>;

/** Which code the texts of a part stand in: the first that begins a file's path counts. */
const AREAS: readonly [path: string, area: string][] = [
  ["src/core/lessons/", "lesson-core"],
  ["src/core/training/", "lesson-core"],
  ["src/core/sampling/", "lesson-core"],
  ["src/core/guess/", "lesson-core"],
  ["src/core/", "core"],
  ["src/workers/", "workers"],
  ["src/shared/", "shared"],
  ["src/", "host"],
  ["webview/lesson/", "lesson-panel"],
  ["webview/attention/", "attention"],
  ["webview/sampling/", "sampling"],
  ["webview/surprisal/", "surprisal"],
  ["webview/explain/", "explain"],
  ["webview/ask/", "explain"],
  ["webview/guess/", "explain"],
  ["webview/sent/", "explain"],
  ["webview/compare/", "small-panels"],
  ["webview/split/", "small-panels"],
  ["webview/tokens/", "small-panels"],
  ["webview/", "ui"],
];

export function areaOf(file: string): string {
  const area = AREAS.find(([path]) => file.startsWith(path))?.[1];
  if (area === undefined) throw new Error(`No part of the translation is for ${file}.`);
  return area;
}

async function readJson(path: string): Promise<Part> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Part;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The languages besides English. */
export async function languages(): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== "manifest").map(({ name }) => name);
}

/** The parts of a language by their areas. */
export async function readParts(language: string): Promise<Map<string, Part>> {
  const names = (await readdir(join(folder, language))).filter((name) => name.endsWith(".json")).sort();
  const parts = names.map(async (name): Promise<[string, Part]> => {
    return [basename(name, ".json"), await readJson(join(folder, language, name))];
  });
  return new Map(await Promise.all(parts));
}

/** What package.json says, by its keys, in a language or in English (`en`). */
export function readManifestTexts(language: string): Promise<Part> {
  return readJson(join(folder, "manifest", `${language}.json`));
}

/** Where VS Code looks for the texts of package.json: beside it. */
function manifestTextsFile(language: string): string {
  return language === "en" ? "package.nls.json" : `package.nls.${language}.json`;
}

/** The names of those files in all languages. */
export async function manifestTextsFiles(): Promise<string[]> {
  return ["en", ...(await languages())].map(manifestTextsFile);
}

/** Writes what VS Code reads. @param to the folder of package.json. */
export async function makeTexts(to: string = process.cwd()): Promise<void> {
  const bundles = join(to, "dist", "l10n");
  await mkdir(bundles, { recursive: true });
  for (const language of await languages()) {
    const parts = [...(await readParts(language)).values()];
    const bundle = JSON.stringify(Object.assign({}, ...parts));
    await writeFile(join(bundles, `bundle.l10n.${language}.json`), bundle);
  }
  for (const language of ["en", ...(await languages())]) {
    await writeFile(join(to, manifestTextsFile(language)), JSON.stringify(await readManifestTexts(language)));
  }
}
