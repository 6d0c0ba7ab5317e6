/**
 * The conformance matrix of the lens: every architecture, every tensor type and real models on real texts, against
 * llama.cpp. Each part writes its section of CONFORMANCE.md.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExactnessRun } from "../../scripts/exactness.js";
import { measureArchitectures } from "./lens/architectures.js";
import { measureStories, measureTinyLlama } from "./lens/realModels.js";
import type { Section } from "./lens/section.js";
import { measureTypes } from "./lens/types.js";

/** @param count how many cases, where its own number is not wanted. */
type Measure = (say: (line: string) => void, count: number | undefined) => Promise<Section>;

/** In the order of the document. */
const PARTS: readonly { name: string; title: string; measure: Measure }[] = [
  { name: "architectures", title: "Architectures", measure: measureArchitectures },
  { name: "types", title: "Tensor types", measure: measureTypes },
  { name: "stories", title: "stories15M", measure: measureStories },
  { name: "tinyllama", title: "TinyLlama 1.1B", measure: measureTinyLlama },
];

const DOCUMENT = join(process.cwd(), "src/core/lens/CONFORMANCE.md");

export async function run({ say, keep, count, part: only }: ExactnessRun): Promise<void> {
  const parts = PARTS.filter(({ name }) => only === undefined || name === only);
  if (parts.length === 0) {
    throw new Error(`There is no part "${only}": ${PARTS.map(({ name }) => name).join(", ")}.`);
  }
  for (const { name, title, measure } of parts) {
    const { markdown, held } = await measure(say, count);
    await writeSection(title, markdown);
    await keep(name, held);
  }
  say(`written to ${DOCUMENT}`);
}

/** Puts a section into the document, in the place of the one before it. */
async function writeSection(title: string, body: string): Promise<void> {
  const [intro = "", ...others] = (await readFile(DOCUMENT, "utf8")).split(/^(?=## )/m);
  const sections = PARTS.flatMap((part) => {
    const heading = `## ${part.title}\n`;
    if (part.title === title) return [`${heading}\n${body}`];
    return others.filter((other) => other.startsWith(heading));
  });
  await writeFile(DOCUMENT, `${[intro, ...sections].map((part) => part.trim()).join("\n\n")}\n`);
}
