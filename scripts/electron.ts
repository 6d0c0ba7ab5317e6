/**
 * `npm run test:electron`: the suites of the extension host inside the desktop's VS Code, which
 * @vscode/test-electron downloads: the oldest version that the extension allows, and the newest.
 */

import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import type { Results } from "../test/reporter.js";
import { makeDormantExtension } from "../test/ui/harness/developmentFolder.js";
import { buildAll } from "./build.js";
import { cached } from "./cache.js";
import { ensureBuiltInModel } from "./models.js";

const root = process.cwd();

export async function main(): Promise<number> {
  await buildAll({ tests: true });
  await ensureBuiltInModel();
  const { engines } = JSON.parse(await readFile("package.json", "utf8")) as { engines: { vscode: string } };
  let passed = 0;
  let failed = 0;
  for (const version of [engines.vscode.replace(/^\D+/, ""), "stable"]) {
    const executable = await download(version);
    if (executable === undefined) return 1;
    const results = await runIn(executable);
    console.log(`VS Code ${version}: ${results.passed} passed, ${results.failed} failed`);
    passed += results.passed;
    failed += results.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The path of VS Code's executable, or undefined after saying why there is none. */
async function download(version: string): Promise<string | undefined> {
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: cached("vscode-test"), timeout: 30_000 });
  } catch (error) {
    console.error(
      `VS Code ${version} could not be downloaded: ${error instanceof Error ? error.message : String(error)}. ` +
        "This needs update.code.visualstudio.com. Without it, npm test runs the same suites in the " +
        "VS Code of the npm package code-server.",
    );
    return undefined;
  }
}

async function runIn(vscodeExecutablePath: string): Promise<{ passed: number; failed: number }> {
  const home = await mkdtemp(join(tmpdir(), "glassbox-electron-"));
  try {
    const workspace = join(home, "sample");
    await cp(join(root, "media/sample"), workspace, { recursive: true });
    const extension = join(home, "extension");
    await makeDormantExtension(extension);
    const resultsFile = join(home, "results.json");
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: extension,
      extensionTestsPath: join(root, "dist/test/vscode/index.cjs"),
      extensionTestsEnv: { GLASSBOX_TEST_RESULTS: resultsFile },
      launchArgs: [
        workspace,
        "--user-data-dir",
        join(home, "user"),
        "--disable-extensions",
        "--disable-workspace-trust",
      ],
    });
    if (!existsSync(resultsFile)) {
      console.error("The suites did not come to their end.");
      return { passed: 0, failed: 1 };
    }
    const { passed, failed, skipped } = JSON.parse(await readFile(resultsFile, "utf8")) as Results;
    return { passed, failed: failed + skipped.length + (passed + failed === 0 ? 1 : 0) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
