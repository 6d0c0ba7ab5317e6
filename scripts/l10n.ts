/**
 * Lists what the translations lack.
 *
 *   node scripts/run.mjs l10n                       how much each part lacks
 *   node scripts/run.mjs l10n -- attention          one part, or the code below a path (webview/attention): what is
 *                                                   missing, unused, different in its placeholders, and what the code
 *                                                   says without `t`
 *   node scripts/run.mjs l10n -- attention --json   what is missing as JSON, ready for the part, its values empty
 *   node scripts/run.mjs l10n -- --sort             writes all parts anew, their keys sorted
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compareTexts, type Faults, type Found, findTexts, type Said, type Unreachable } from "./textKeys.js";
import { areaOf, languages, type Part, readParts } from "./texts.js";

export async function main(args: string[]): Promise<number> {
  const [which, ...more] = args.filter((arg) => !arg.startsWith("--"));
  if (more.length > 0) throw new Error(`One part or path at a time: ${which} or ${more.join(" ")}.`);
  if (args.includes("--sort")) return sortParts();
  const found = await findTexts();
  let faults = 0;
  for (const language of await languages()) {
    const parts = await readParts(language);
    const compared = compareTexts(found.said, parts);
    if (args.includes("--json")) {
      const missing = pick([...compared.missing.values()].flat(), which);
      console.log(JSON.stringify(Object.fromEntries(missing.map(({ key }) => [key, ""])), null, 2));
    } else if (which === undefined) faults += printAll(language, parts, found, compared);
    else faults += printOne(language, which, found, compared);
  }
  return faults === 0 ? 0 : 1;
}

/** Those of an area, or of the files below a path. */
function pick<T extends Unreachable | Said>(all: readonly T[], which: string | undefined): T[] {
  return all.filter(({ file, area }) => which === undefined || area === which || file.startsWith(which));
}

function printAll(language: string, parts: Map<string, Part>, found: Found, faults: Faults): number {
  console.log(`${language.padEnd(14)} there  missing  unused  mismatched  not through t`);
  let sum = faults.doubled.size + found.unreadable.length;
  for (const [area, part] of parts) {
    const counts = [
      Object.keys(part).length,
      faults.missing.get(area)?.length ?? 0,
      faults.unused.get(area)?.length ?? 0,
      faults.mismatched.get(area)?.length ?? 0,
      pick(found.bare, area).length,
    ];
    sum += counts.slice(1).reduce((a, b) => a + b, 0);
    console.log(
      area.padEnd(14) + counts.map((count, i) => String(count).padStart([6, 9, 8, 12, 15][i]!)).join(""),
    );
  }
  printCommon(found.unreadable, faults);
  return sum;
}

function printOne(language: string, which: string, found: Found, faults: Faults): number {
  const missing = pick([...faults.missing.values()].flat(), which);
  const unreadable = pick(found.unreadable, which);
  const bare = pick(found.bare, which);
  const area = which.includes("/") ? areaOf(`${which.replace(/\/$/, "")}/`) : which;
  const unused = faults.unused.get(area) ?? [];
  const mismatched = faults.mismatched.get(area) ?? [];
  const place = ({ file, line }: { file: string; line: number }) => `${file}:${line}`;
  print(
    `Missing in ${language}`,
    missing.map((each) => `${place(each)}  ${JSON.stringify(each.key)}`),
  );
  print(
    `Unused in ${language}/${area}.json`,
    unused.map((key) => JSON.stringify(key)),
  );
  print(
    "Other placeholders, or empty",
    mismatched.map((key) => JSON.stringify(key)),
  );
  print(
    "Not through t",
    bare.map((each) => `${place(each)}  ${each.what}`),
  );
  printCommon(unreadable, faults);
  return (
    missing.length + unused.length + mismatched.length + bare.length + unreadable.length + faults.doubled.size
  );
}

function printCommon(unreadable: readonly Unreachable[], { doubled }: Faults): void {
  print(
    "Not written out where it is said",
    unreadable.map(({ file, line, what }) => `${file}:${line}  ${what}`),
  );
  print(
    "In more than one part",
    [...doubled].map(([key, areas]) => `${areas.join(", ")}  ${JSON.stringify(key)}`),
  );
}

function print(title: string, lines: readonly string[]): void {
  if (lines.length > 0)
    console.log(`\n${title} (${lines.length})\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

async function sortParts(): Promise<number> {
  for (const language of await languages()) {
    for (const [area, part] of await readParts(language)) {
      const keys = Object.keys(part).sort();
      const sorted = JSON.stringify(Object.fromEntries(keys.map((key) => [key, part[key]])), null, 2);
      await writeFile(join("media/l10n", language, `${area}.json`), `${sorted}\n`);
    }
  }
  return 0;
}
