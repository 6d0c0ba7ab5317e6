/**
 * `npm run exactness -- SUITE [PART] [COUNT]`: runs one of test/exactness at full length, which takes minutes, or one
 * part of it, such as an encoding; the unit tests run the same checks for seconds.
 */

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { buildAll } from "./build.js";
import { endOnSignals } from "./process.js";

/** What a suite of test/exactness tells: one line for each check that it has come through. */
export interface ExactnessSuite {
  /**
   * @param count how many cases of each kind, where the suite's own number is not wanted.
   * @param part the one part that is wanted; all of them without.
   * @throws Error at the first case that is not exact, with what is needed to see it again.
   */
  run(say: (line: string) => void, count?: number, part?: string): Promise<void>;
}

export async function main(args: string[]): Promise<number> {
  const root = process.cwd();
  const [suite, ...rest] = args.filter((arg) => !arg.startsWith("--"));
  const count = rest.find((arg) => /^\d+$/.test(arg));
  const part = rest.find((arg) => arg !== count);
  const source = join(root, "test/exactness", `${suite}.ts`);
  if (suite === undefined || !existsSync(source)) {
    const suites = readdirSync(join(root, "test/exactness")).filter((name) => name.endsWith(".ts"));
    console.error(
      `${suite === undefined ? "Which suite?" : `There is no suite "${suite}".`} There are: ` +
        `${suites.map((name) => basename(name, ".ts")).join(", ")}. For instance: npm run exactness -- tokens`,
    );
    return 1;
  }
  endOnSignals();
  await buildAll({ tests: false });
  const bundle = join(root, "dist/exactness", `${suite}.mjs`);
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const { run } = (await import(pathToFileURL(bundle).href)) as ExactnessSuite;
  try {
    await run((line) => console.log(`  ✔ ${line}`), count === undefined ? undefined : Number(count), part);
  } catch (error) {
    console.error(`  ✖ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  return 0;
}
