/**
 * `npm test`: sets up all it needs, then runs every check there is. `npm test unit` runs the quick suites alone;
 * lint, format, types, model, extension-host, workbench, package and torture are the names of the others, and
 * `npm test -- unit --grep WORDS` runs the tests with these words in their titles. The last line is
 * `N passed, N failed` over the whole run.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Results, runningFile } from "../test/reporter.js";
import { makeDormantExtension } from "../test/ui/harness/developmentFolder.js";
import { Rig } from "../test/ui/harness/rig.js";
import { until } from "../test/ui/harness/until.js";
import { buildAll } from "./build.js";
import { ensureDebianPackages } from "./debian.js";
import { ensureLlamaServer } from "./llamaServer.js";
import { ensureBuiltInModel, ensureChatModel } from "./models.js";
import { makePackages } from "./package.js";
import { endOnSignals, killGroup, run } from "./process.js";
import { runTorture } from "./torture.js";
import { ensureServer } from "./vscode.js";

const root = process.cwd();

interface Counts {
  passed: number;
  failed: number;
}

interface Part {
  name: string;
  run(): Promise<Counts>;
}

/** A program that is either content or not. */
function check(name: string, commands: string[][]): Part {
  return {
    name,
    async run() {
      for (const [program, ...args] of commands) {
        const { code, output } = await run(process.execPath, [binary(program!), ...args]);
        if (code !== 0) {
          console.log(output.trim());
          return { passed: 0, failed: 1 };
        }
      }
      return { passed: 1, failed: 0 };
    },
  };
}

/** The script of a program that npm has installed. */
function binary(program: string): string {
  const paths: Record<string, string> = {
    biome: "@biomejs/biome/bin/biome",
    tsc: "typescript/bin/tsc",
    mocha: "mocha/bin/mocha.js",
  };
  const path = paths[program];
  if (path === undefined) throw new Error(`There is no program "${program}".`);
  return join(root, "node_modules", path);
}

interface SuiteLimits {
  /** Milliseconds that one test may take unless it says otherwise. */
  timeout: number;
  /** Milliseconds for all of it: several times what it takes on two cores, since it only ends a run that hangs. */
  total: number;
}

/** Folders of dist/test, each run by a mocha in a process of its own, side by side. */
function suite(name: string, folders: string[], limits: SuiteLimits): Part {
  return {
    name,
    async run() {
      const counts = await Promise.all(folders.map((folder) => runFolder(folder, limits)));
      return {
        passed: counts.reduce((sum, { passed }) => sum + passed, 0),
        failed: counts.reduce((sum, { failed }) => sum + failed, 0),
      };
    },
  };
}

function runFolder(folder: string, limits: SuiteLimits): Promise<Counts> {
  return withResultsFile(async (resultsFile) => {
    const files = await testFiles(folder);
    if (files.length === 0) return undefined;
    const reporter = join(root, "dist/test/mochaReporter.cjs");
    const child = spawn(
      process.execPath,
      [
        binary("mocha"),
        "--no-config",
        "--reporter",
        reporter,
        "--timeout",
        String(limits.timeout),
        ...grepArguments(),
        ...files,
      ],
      {
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, GLASSBOX_TEST_RESULTS: resultsFile },
        detached: true,
      },
    );
    const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const kill = () => killGroup(child, "SIGKILL");
    process.once("exit", kill);
    const limit = setTimeout(() => {
      console.log(`  ✖ Stopped after ${limits.total / 1000} s, in: ${lastTest(resultsFile)}`);
      kill();
    }, limits.total);
    let lingering: NodeJS.Timeout | undefined;
    const leftovers = setInterval(() => {
      if (!existsSync(resultsFile)) return;
      clearInterval(leftovers);
      lingering = setTimeout(() => {
        console.log("  ✖ All tests have ended, but something that they started still runs.");
        kill();
      }, 10_000);
    }, 200);
    await exited;
    process.off("exit", kill);
    clearTimeout(limit);
    clearInterval(leftovers);
    clearTimeout(lingering);
    const results = await readResults(resultsFile);
    if (results && child.signalCode !== null) results.failed++;
    return results;
  });
}

function grepArguments(): string[] {
  const words = process.env.GLASSBOX_TEST_GREP;
  return words === undefined ? [] : ["--fgrep", words];
}

function lastTest(resultsFile: string): string {
  const path = runningFile(resultsFile);
  return existsSync(path) ? readFileSync(path, "utf8") : "no test";
}

async function testFiles(suiteFolder: string): Promise<string[]> {
  const folder = join(root, "dist/test", suiteFolder);
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".test.cjs"))
    .sort()
    .map((name) => join(folder, name));
}

/** The suites inside the extension host of a real VS Code. */
const extensionHost: Part = {
  name: "extension host",
  run: () =>
    withResultsFile(async (resultsFile) => {
      if ((await testFiles("vscode")).length === 0) return undefined;
      const rig = await Rig.start({ environment: { GLASSBOX_TEST_RESULTS: resultsFile } });
      try {
        const extension = join(await rig.temporaryFolder(), "extension");
        await makeDormantExtension(extension);
        const page = await rig.openTestWindow({
          extensionDevelopmentPath: extension,
          extensionTestsPath: join(root, "dist/test/vscode/index.cjs"),
        });
        try {
          const results = await until(() => readResults(resultsFile), {
            what: "the tests in the extension host",
            timeoutMs: 900_000,
          });
          for (const line of results.lines) console.log(line);
          return results;
        } catch (error) {
          console.log(`  ✖ Stopped in: ${lastTest(resultsFile)}`);
          await mkdir(failuresFolder, { recursive: true });
          await page.screenshot({ path: join(failuresFolder, "extension-host.png") });
          throw error;
        }
      } finally {
        await rig.stop();
      }
    }),
};

async function readResults(path: string): Promise<Results | undefined> {
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as Results) : undefined;
}

/** Runs a suite and turns what it left into counts; no results, no tests and left-out tests are failures. */
async function withResultsFile(run: (path: string) => Promise<Results | undefined>): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-results-"));
  try {
    const results = await run(join(folder, "results.json"));
    if (!results) {
      console.log("  ✖ The suite did not come to its end.");
      return { passed: 0, failed: 1 };
    }
    const { passed, failed, skipped } = results;
    for (const title of skipped)
      console.log(`  ✖ ${title}: was left out, for which a full run has no reason`);
    if (passed + failed + skipped.length === 0) {
      console.log("  ✖ The suite has no tests.");
      return { passed: 0, failed: 1 };
    }
    return { passed, failed: failed + skipped.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The packages of this platform and of the browser, installed into clean editors. */
const packaged: Part = {
  name: "package",
  async run() {
    const target = `${process.platform}-${process.arch}`;
    const { packed } = await makePackages([target, "web"]);
    // Read by mocha's process.
    process.env.GLASSBOX_VSIX = packed.get(target)!.path;
    process.env.GLASSBOX_VSIX_WEB = packed.get("web")!.path;
    return suite("package", ["package"], { timeout: 60_000, total: 900_000 }).run();
  },
};

/** A short form of `npm run torture`: each trial counts as a test. */
const torture: Part = {
  name: "torture",
  async run() {
    const { tried, survived } = await runTorture({ seed: 1, share: 0.02 });
    return { passed: survived, failed: tried - survived };
  },
};

/**
 * Runs with a folder for temporary files that all processes of the run share. Whatever of ours is in it at the end was
 * left behind, by the product or by a test: each counts as a failure.
 */
async function inOwnTemporaryFolder(run: () => Promise<void>): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-run-"));
  // Also when the run is interrupted. Browsers and editors leave files of their own, some while they end.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const name = process.platform === "win32" ? "TEMP" : "TMPDIR";
  process.env[name] = folder;
  await run();
  const left = (await readdir(folder)).filter((entry) => entry.startsWith("glassbox"));
  for (const entry of left) console.log(`  ✖ ${entry} was left in the folder for temporary files`);
  return left.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: left.length };
}

/** What is left of failures, for those who look into them. */
const failuresFolder = join(root, "test/ui/failures");

const unit = suite("unit", ["core", "workers"], { timeout: 10_000, total: 900_000 });

const all: Part[] = [
  check("lint", [["biome", "lint", "."]]),
  check("format", [["biome", "check", "--linter-enabled=false", "."]]),
  check("types", [
    ["tsc", "--noEmit"],
    ["tsc", "--noEmit", "-p", "webview"],
  ]),
  unit,
  suite("model", ["model"], { timeout: 120_000, total: 3_600_000 }),
  extensionHost,
  suite("workbench", ["ui"], { timeout: 60_000, total: 3_600_000 }),
  packaged,
  torture,
];

export async function main(args: string[]): Promise<number> {
  const { values, positionals: wanted } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    allowPositionals: true,
    options: { grep: { type: "string" } },
  });
  // Read by mocha's processes and by the extension host.
  if (values.grep !== undefined) process.env.GLASSBOX_TEST_GREP = values.grep;
  const parts = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name.replace(" ", "-")));
  if (parts.length === 0) {
    throw new Error(
      `There is no part "${wanted.join(" ")}"; there are ${all.map(({ name }) => name).join(", ")}.`,
    );
  }
  endOnSignals();
  const total: Counts = { passed: 0, failed: 0 };
  const startedAt = Date.now();
  const timings: string[] = [];
  const take = async (name: string, work: () => Promise<Counts>) => {
    const from = Date.now();
    console.log(`\n${name}`);
    let counts: Counts;
    try {
      counts = await work();
    } catch (error) {
      console.log(`  ✖ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      counts = { passed: 0, failed: 1 };
    }
    const seconds = ((Date.now() - from) / 1000).toFixed(1);
    timings.push(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
    total.passed += counts.passed;
    total.failed += counts.failed;
    return counts;
  };

  const setUp = await take("set-up", async () => {
    // A test whose source is gone must not go on running.
    await rm(join(root, "dist/test"), { recursive: true, force: true });
    if (parts !== all && parts.every((part) => part === unit)) {
      await buildAll({ tests: true });
    } else {
      await ensureDebianPackages(["browser", "code-server"]);
      await ensureServer();
      await ensureLlamaServer();
      await ensureBuiltInModel();
      await ensureChatModel();
      await buildAll({ tests: true });
    }
    return { passed: 0, failed: 0 };
  });
  if (setUp.failed === 0) {
    const left = await inOwnTemporaryFolder(async () => {
      for (const part of parts) await take(part.name, () => part.run());
    });
    await take("temporary files", async () => left);
  }

  console.log(`\n${timings.join("\n")}`);
  console.log(`All in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}
