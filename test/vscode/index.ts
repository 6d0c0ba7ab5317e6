/**
 * The way of the tests into the extension host: VS Code calls `run`, which activates the extension with a watch in
 * hand, then runs every suite of dist/test/vscode with mocha.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import * as vscode from "vscode";
import { CountingReporter } from "../reporter.js";
import { noteActivationTime } from "./activationTime.js";

export async function run(): Promise<void> {
  const folder = __dirname;
  // As in all other suites, tests find files from the root of the project.
  process.chdir(join(folder, "../../.."));

  const extension = vscode.extensions.getExtension("glassbox.glassbox");
  if (extension && !extension.isActive) {
    const startedAt = performance.now();
    await extension.activate();
    noteActivationTime(performance.now() - startedAt);
  }

  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, reporter: CountingReporter });
  const words = process.env.GLASSBOX_TEST_GREP;
  if (words !== undefined) mocha.fgrep(words);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (file.endsWith(".test.cjs")) mocha.addFile(join(folder, file));
  }
  // The failures are in the results file; the window only has to close.
  await new Promise<void>((resolve) => mocha.run(() => resolve()));
}
