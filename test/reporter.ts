/**
 * Counts what mocha runs, for every suite alike: one line for each group of tests, each failure in full, and at
 * the end a file with the counts, which tells the runner a finished run from a crashed one.
 */

import { renameSync, writeFileSync } from "node:fs";
import Mocha from "mocha";

/** What is written to the file named by `GLASSBOX_TEST_RESULTS`. */
export interface Results {
  passed: number;
  failed: number;
  /** Tests that were left out; a full run has no reason for any. */
  skipped: string[];
  /** All that was printed; the extension host has no terminal of its own. */
  lines: string[];
}

const {
  EVENT_TEST_BEGIN,
  EVENT_TEST_PASS,
  EVENT_TEST_FAIL,
  EVENT_TEST_PENDING,
  EVENT_SUITE_BEGIN,
  EVENT_SUITE_END,
  EVENT_RUN_END,
} = Mocha.Runner.constants;

export class CountingReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const results: Results = { passed: 0, failed: 0, skipped: [], lines: [] };
    const print = (line: string) => {
      results.lines.push(line);
      console.log(line);
    };
    let group = { title: "", startedAt: 0, passed: 0, failed: 0 };
    const isGroup = (suite: Mocha.Suite) => suite.parent?.root === true;

    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (isGroup(suite)) group = { title: suite.title, startedAt: Date.now(), passed: 0, failed: 0 };
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (!isGroup(suite)) return;
      const failures = group.failed > 0 ? `, ${group.failed} failed` : "";
      const sign = group.failed > 0 ? "✖" : "✔";
      print(
        `  ${sign} ${group.title}: ${group.passed} passed${failures}, ${Date.now() - group.startedAt} ms`,
      );
    });
    runner.on(EVENT_TEST_BEGIN, (test) => noteRunning(test.fullTitle()));
    runner.on(EVENT_TEST_PASS, () => {
      results.passed++;
      group.passed++;
    });
    runner.on(EVENT_TEST_FAIL, (test, error: Error & { actual?: unknown; expected?: unknown }) => {
      results.failed++;
      group.failed++;
      print(`  ✖ ${test.fullTitle()}`);
      const text = error.stack ?? String(error);
      print(text.replace(/^/gm, "      "));
      if (error.cause !== undefined) print(`      Cause: ${String(error.cause)}`);
    });
    runner.on(EVENT_TEST_PENDING, (test) => {
      results.skipped.push(test.fullTitle());
    });
    runner.on(EVENT_RUN_END, () => writeResults(results));
  }
}

/** The file beside the results that names the test which runs now; it is what is left of a run that hung. */
export const runningFile = (resultsFile: string): string => `${resultsFile}.running`;

function noteRunning(title: string): void {
  const path = process.env.GLASSBOX_TEST_RESULTS;
  if (path !== undefined) writeFileSync(runningFile(path), title);
}

function writeResults(results: Results): void {
  const path = process.env.GLASSBOX_TEST_RESULTS;
  if (path === undefined) return;
  writeFileSync(`${path}.unfinished`, JSON.stringify(results));
  renameSync(`${path}.unfinished`, path);
}
