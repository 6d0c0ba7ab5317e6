/** The suites that a command runs one of: found by name in a folder of test/, bundled and loaded. */

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Whether `test/COMMAND/SUITE.ts` is there; says which there are where it is not.
 * @param example the suite that is named for instance.
 */
export function isSuite(command: string, suite: string | undefined, example: string): suite is string {
  const folder = join(process.cwd(), "test", command);
  if (suite !== undefined && existsSync(join(folder, `${suite}.ts`))) return true;
  const suites = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  console.error(
    `${suite === undefined ? "Which suite?" : `There is no suite "${suite}".`} There are: ` +
      `${suites.map((name) => basename(name, ".ts")).join(", ")}. For instance: npm run ${command} -- ${example}`,
  );
  return false;
}

/** Bundles `test/COMMAND/SUITE.ts` and loads it; answers what it exports. */
export async function loadSuite(command: string, suite: string): Promise<unknown> {
  const root = process.cwd();
  const outdir = join(root, "dist", command);
  await build({
    entryPoints: [join(root, "test", command, `${suite}.ts`)],
    outdir,
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
  return import(pathToFileURL(join(outdir, `${suite}.mjs`)).href);
}
