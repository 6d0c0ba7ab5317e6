/**
 * `npm run exactness -- SUITE [PART] [COUNT]`: runs one of test/exactness at full length, which takes minutes, or one
 * part of it, such as an encoding; the unit tests run the same checks for seconds.
 */

import { buildAll } from "./build.js";
import { endOnSignals } from "./process.js";
import { isSuite, loadSuite } from "./suites.js";

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
  const [suite, ...rest] = args.filter((arg) => !arg.startsWith("--"));
  const count = rest.find((arg) => /^\d+$/.test(arg));
  const part = rest.find((arg) => arg !== count);
  if (!isSuite("exactness", suite, "tokens")) return 1;
  endOnSignals();
  await buildAll({ tests: false });
  const { run } = (await loadSuite("exactness", suite)) as ExactnessSuite;
  try {
    await run((line) => console.log(`  ✔ ${line}`), count === undefined ? undefined : Number(count), part);
  } catch (error) {
    console.error(`  ✖ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  return 0;
}
