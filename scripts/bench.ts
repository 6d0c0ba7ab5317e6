/**
 * `npm run bench -- SUITE [--json] [--keep]`: runs one of test/bench and prints what it measured; with `--json` the last
 * line is machine-readable, with `--keep` the figures go into the page of exactness.
 */

import { buildAll } from "./build.js";
import { keepBench } from "./keptFigures.js";
import { ensureBuiltInModel, ensureChatModel } from "./models.js";
import { endOnSignals } from "./process.js";
import { isSuite, loadSuite } from "./suites.js";

/** What a suite of test/bench answers from its `run()`. */
export interface BenchResult {
  /** By name with its unit: `activation_ms`. */
  figures: Record<string, number>;
  /** For people; what is not measured on our own side says so in its note. */
  table: { name: string; value: string; note?: string }[];
}

export async function main(args: string[]): Promise<number> {
  const json = args.includes("--json");
  const [suite] = args.filter((arg) => !arg.startsWith("--"));
  if (!isSuite("bench", suite, "startup")) return 1;
  endOnSignals();
  await buildAll({ tests: false });
  await ensureBuiltInModel();
  await ensureChatModel();
  const { run } = (await loadSuite("bench", suite)) as { run(): Promise<BenchResult> };
  const startedAt = Date.now();
  const { figures, table } = await run();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const nameWidth = Math.max(...table.map(({ name }) => name.length));
  const valueWidth = Math.max(...table.map(({ value }) => value.length));
  console.log(`\n${suite}`);
  for (const { name, value, note } of table) {
    console.log(`  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${note ?? ""}`.trimEnd());
  }
  if (args.includes("--keep")) await keepBench(suite, `npm run bench -- ${suite} --keep`, table, seconds);
  if (json) console.log(JSON.stringify({ suite, figures }));
  return 0;
}
