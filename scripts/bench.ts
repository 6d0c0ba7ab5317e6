/**
 * `npm run bench -- SUITE [--json]`: runs one of test/bench and prints what it measured; with `--json` the last line
 * is machine-readable.
 */

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { buildAll } from "./build.js";
import { ensureBuiltInModel, ensureChatModel } from "./models.js";
import { endOnSignals } from "./process.js";

/** What a suite of test/bench answers from its `run()`. */
export interface BenchResult {
  /** By name with its unit: `activation_ms`. */
  figures: Record<string, number>;
  /** For people; what is not measured on our own side says so in its note. */
  table: { name: string; value: string; note?: string }[];
}

export async function main(args: string[]): Promise<number> {
  const root = process.cwd();
  const json = args.includes("--json");
  const [suite] = args.filter((arg) => !arg.startsWith("--"));
  const source = join(root, "test/bench", `${suite}.ts`);
  if (suite === undefined || !existsSync(source)) {
    const suites = readdirSync(join(root, "test/bench")).filter((name) => name.endsWith(".ts"));
    console.error(
      `${suite === undefined ? "Which suite?" : `There is no suite "${suite}".`} There are: ` +
        `${suites.map((name) => basename(name, ".ts")).join(", ")}. For instance: npm run bench -- startup`,
    );
    return 1;
  }
  endOnSignals();
  await buildAll({ tests: false });
  await ensureBuiltInModel();
  await ensureChatModel();

  const bundle = join(root, "dist/bench", `${suite}.mjs`);
  await build({
    entryPoints: [source],
    outdir: join(root, "dist/bench"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What a suite imports where it needs it is not loaded before.
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const { run } = (await import(pathToFileURL(bundle).href)) as { run(): Promise<BenchResult> };
  const { figures, table } = await run();
  const nameWidth = Math.max(...table.map(({ name }) => name.length));
  const valueWidth = Math.max(...table.map(({ value }) => value.length));
  console.log(`\n${suite}`);
  for (const { name, value, note } of table) {
    console.log(`  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${note ?? ""}`.trimEnd());
  }
  if (json) console.log(JSON.stringify({ suite, figures }));
  return 0;
}
