/** The real editor under fire; what happens inside of its extension host is in `host/`. */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleForHost } from "../ui/harness/bundleForHost.js";
import { Rig } from "../ui/harness/rig.js";
import { until } from "../ui/harness/until.js";
import type { HostPlan, HostReport } from "./host/report.js";
import { TORTURES, type Torture } from "./trials.js";

const BYTES = 10_000_000;
const MOST_MS = 30 * 60_000;

export const editorUnderFire: Torture = {
  title: TORTURES.editor,
  async run(trials, { seed, share }) {
    const root = process.cwd();
    const home = join(root, "dist", "torture");
    await mkdir(home, { recursive: true });
    const planFile = join(home, `plan-${process.pid}.json`);
    const rig = await Rig.start({ environment: { GLASSBOX_TORTURE_PLAN: planFile } });
    try {
      const folder = await rig.temporaryFolder();
      const plan: HostPlan = {
        seed,
        share,
        root,
        largeFile: join(folder, "large.txt"),
        smallFile: join(folder, "sums.ts"),
        resultFile: join(folder, "result.json"),
      };
      await writeFile(plan.largeFile, await code(BYTES));
      await cp(join(root, "src", "core", "sampling", "head.ts"), plan.smallFile);
      await writeFile(planFile, JSON.stringify(plan));
      const extensionTestsPath = join(await rig.temporaryFolder(), "host.js");
      await bundleForHost(join(root, "test", "torture", "host", "index.ts"), extensionTestsPath);
      const page = await rig.openTestWindow(
        { extensionDevelopmentPath: root, extensionTestsPath },
        { folder, settings: { "files.autoSave": "off" } },
      );
      await until(() => existsSync(plan.resultFile), {
        what: "the end of the torture in the extension host",
        timeoutMs: MOST_MS,
      });
      const report = JSON.parse(await readFile(plan.resultFile, "utf8")) as HostReport;
      trials.add(report);
      for (const note of report.notes) console.log(`    ${note}`);
      await page.context().close();
    } finally {
      await rig.stop();
    }
  },
};

/** This project's own sources over and over, up to a number of bytes. */
async function code(bytes: number): Promise<string> {
  const files = (await readdir("src", { recursive: true, encoding: "utf8" })).filter((name) =>
    name.endsWith(".ts"),
  );
  const texts = await Promise.all(files.sort().map((name) => readFile(join("src", name), "utf8")));
  const all = texts.join("\n");
  return all.repeat(Math.ceil(bytes / all.length)).slice(0, bytes);
}
