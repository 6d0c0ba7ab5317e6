/** What the suites of test/exactness answer: what was held to what, in how many cases, and how far off it was. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One kind of case of a suite, all of its cases together. */
export interface Held {
  /** What of ours: "ids of random texts". Rows of other parts that say the same are counted together. */
  what: string;
  /** The oracle, with its version: "js-tiktoken 1.0.21". */
  against: string;
  cases: number;
  /** What a case is, in the plural: "texts". */
  of: string;
  found: Found;
}

export type Found =
  /** Every case was the same, to the bit or to the letter. */
  | { kind: "equal" }
  /** @property below the bar; undefined where both round by choice and there is none. */
  | { kind: "difference"; largest: number; unit: string; below: number | undefined }
  /** Something is left out on purpose, and must be seen. */
  | { kind: "noticed"; least: number; unit: string; above: number }
  /** Draws that are held to a distribution by a test of chance. */
  | { kind: "chance"; least: number; above: number };

/** A package as it is installed, with its version: what a figure was measured against. */
export function packageVersion(name: string): string {
  const manifest = join(process.cwd(), "node_modules", name, "package.json");
  return `${name} ${(JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version}`;
}

/** The engine that the extension runs models with, by the package that brings it. */
export function engineVersion(): string {
  return `llama.cpp of ${packageVersion("node-llama-cpp")}`;
}
