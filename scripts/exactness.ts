/**
 * `npm run exactness [-- SUITE [PART] [COUNT]]`: runs test/exactness at full length, which takes an hour, or one suite
 * or one part of it, such as an encoding; the unit tests run the same checks for seconds. What a full-length run finds
 * is kept in test/exactness/kept, from which test/exactness/ACCURACY.md is made. `-- page` makes the page alone.
 */

import { SUBJECTS } from "./accuracyPage.js";
import { buildAll } from "./build.js";
import type { Held } from "./held.js";
import { keepHeld, writePage } from "./keptFigures.js";
import { endOnSignals } from "./process.js";
import { isSuite, loadSuite } from "./suites.js";

/** What a suite is asked for, and whom it tells. */
export interface ExactnessRun {
  /** One line for each check that has been come through. */
  say(line: string): void;
  /** What a whole part has come to; nothing is kept of a part with a case that is not exact. */
  keep(part: string, held: readonly Held[]): Promise<void>;
  /** How many cases of each kind, where the suite's own number is not wanted. */
  count?: number | undefined;
  /** The one part that is wanted; all of them without. */
  part?: string | undefined;
}

export interface ExactnessSuite {
  /** @throws Error at the first case that is not exact, with what is needed to see it again. */
  run(options: ExactnessRun): Promise<void>;
}

export async function main(args: string[]): Promise<number> {
  const [suite, ...rest] = args.filter((arg) => !arg.startsWith("--"));
  if (suite === "page") {
    await writePage();
    return 0;
  }
  const number = rest.find((arg) => /^\d+$/.test(arg));
  const part = rest.find((arg) => arg !== number);
  const count = number === undefined ? undefined : Number(number);
  if (suite !== undefined && !isSuite("exactness", suite, "tokens")) return 1;
  endOnSignals();
  await buildAll({ tests: false });
  const wanted = suite === undefined ? SUBJECTS.map((subject) => subject.suite) : [suite];
  const results: boolean[] = [];
  for (const each of wanted) results.push(await runSuite(each, count, part));
  return results.every(Boolean) ? 0 : 1;
}

/** @returns whether all was exact. */
async function runSuite(
  suite: string,
  count: number | undefined,
  part: string | undefined,
): Promise<boolean> {
  const { run } = (await loadSuite("exactness", suite)) as ExactnessSuite;
  let startedAt = Date.now();
  try {
    await run({
      say: (line) => console.log(`  ✔ ${line}`),
      // A share of the cases says less than what is kept.
      keep: async (name, held) => {
        if (count !== undefined) return;
        const seconds = Math.round((Date.now() - startedAt) / 1000);
        startedAt = Date.now();
        await keepHeld(suite, name, { date: today(), seconds, held: [...held] });
      },
      count,
      part,
    });
  } catch (error) {
    console.error(`  ✖ ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  return true;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
