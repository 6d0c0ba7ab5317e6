/**
 * The conformance matrix of the lens: every architecture, every tensor type and real models on real texts, against
 * llama.cpp. Each part writes its section of CONFORMANCE.md.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { architecturesSection } from "./lens/architectures.js";
import { realModelSections } from "./lens/realModels.js";
import { typesSection } from "./lens/types.js";

export interface Section {
  title: string;
  /** Markdown without the title. */
  body: string;
}

type Part = (say: (line: string) => void, count: number | undefined) => Promise<Section>;

const PARTS: Record<string, Part> = {
  architectures: architecturesSection,
  types: typesSection,
  stories: realModelSections.stories,
  tinyllama: realModelSections.tinyllama,
};

const DOCUMENT = join(process.cwd(), "src/core/lens/CONFORMANCE.md");

export async function run(say: (line: string) => void, count?: number, only?: string): Promise<void> {
  const names = Object.keys(PARTS).filter((name) => only === undefined || name === only);
  if (names.length === 0) throw new Error(`There is no part "${only}": ${Object.keys(PARTS).join(", ")}.`);
  for (const name of names) await writeSection(await PARTS[name]!(say, count));
  say(`written to ${DOCUMENT}`);
}

/** Puts a section in the place of the one with its title, or behind the others. */
async function writeSection({ title, body }: Section): Promise<void> {
  const heading = `## ${title}\n`;
  const section = `${heading}\n${body.trim()}\n`;
  const [intro = "", ...others] = (await readFile(DOCUMENT, "utf8")).split(/^(?=## )/m);
  const place = others.findIndex((other) => other.startsWith(heading));
  const sections = place < 0 ? [...others, section] : others.with(place, section);
  await writeFile(DOCUMENT, `${[intro, ...sections].map((part) => part.trim()).join("\n\n")}\n`);
}
