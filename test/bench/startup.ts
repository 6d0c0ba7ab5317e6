/**
 * What the extension costs an editor that merely has it: the time of `extension.activate()` and the memory that the
 * extension host has grown by, in fresh hosts of a real VS Code, beside an empty extension measured in the same way;
 * and the sizes of the code and of the package.
 */

import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchResult } from "../../scripts/bench.js";
import { makePackages } from "../../scripts/package.js";
import { median } from "../median.js";
import { makeDormantExtension, makeEmptyExtension } from "../ui/harness/developmentFolder.js";
import { Rig } from "../ui/harness/rig.js";
import { until } from "../ui/harness/until.js";

/** Fresh windows for each of the two. */
const ROUNDS = 7;

/** What VS Code calls inside the extension host; the ids are those of the two extensions, one of which is there. */
const testModule = `
const vscode = require("vscode");
const { renameSync, writeFileSync } = require("node:fs");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Garbage is nobody's: it goes first, and the host has time to give its pages back.
const measure = async () => {
  for (let round = 0; round < 3; round++) {
    collect();
    await rest(100);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  return { rss, heap: heapUsed + external, timers };
};
exports.run = async () => {
  const extension = ["glassbox.glassbox", "glassbox.empty"]
    .map((id) => vscode.extensions.getExtension(id))
    .find((found) => found);
  const wasActive = extension.isActive;
  // The host is busy with its own start.
  await rest(1500);
  const before = await measure();
  const startedAt = performance.now();
  await extension.activate();
  const ms = performance.now() - startedAt;
  await rest(1500);
  const after = await measure();
  const grown = { rss: after.rss - before.rss, heap: after.heap - before.heap };
  const timers = after.timers - before.timers;
  const file = process.env.GLASSBOX_BENCH_RESULT;
  writeFileSync(file + ".unfinished", JSON.stringify({ id: extension.id, wasActive, ms, grown, timers }));
  renameSync(file + ".unfinished", file);
};
`;

interface Measured {
  id: string;
  wasActive: boolean;
  ms: number;
  /** Bytes. */
  grown: { rss: number; heap: number };
  /** More than before. */
  timers: number;
}

export async function run(): Promise<BenchResult> {
  const resultFile = join(process.cwd(), "dist/bench", `activation-${process.pid}.json`);
  const rig = await Rig.start({ environment: { GLASSBOX_BENCH_RESULT: resultFile } });
  try {
    const home = await rig.temporaryFolder();
    const folders = { glassbox: join(home, "glassbox"), empty: join(home, "empty") };
    await makeDormantExtension(folders.glassbox);
    await makeEmptyExtension(folders.empty);
    const extensionTestsPath = join(home, "measure.js");
    await writeFile(extensionTestsPath, testModule);

    const measure = async (name: keyof typeof folders): Promise<Measured> => {
      await rm(resultFile, { force: true });
      const page = await rig.openTestWindow({ extensionDevelopmentPath: folders[name], extensionTestsPath });
      await until(() => existsSync(resultFile), { what: `${name} to activate`, timeoutMs: 60_000 });
      const measured = JSON.parse(await readFile(resultFile, "utf8")) as Measured;
      await page.context().close();
      if (measured.wasActive || measured.id !== `glassbox.${name}`) {
        throw new Error(`Measured nothing of use: ${JSON.stringify(measured)}`);
      }
      return measured;
    };

    // The first window of a server also warms its disk caches; it counts for nobody.
    await measure("empty");
    const found = { glassbox: [] as Measured[], empty: [] as Measured[] };
    for (let round = 0; round < ROUNDS; round++) {
      found.glassbox.push(await measure("glassbox"));
      found.empty.push(await measure("empty"));
    }
    const times = (name: keyof typeof found) => found[name].map(({ ms }) => ms);
    const grown = (name: keyof typeof found) => found[name].map(({ grown: { rss } }) => rss / 1e6);
    const heap = (name: keyof typeof found) => found[name].map(({ grown: of }) => of.heap / 1e6);
    // The host has timers of its own, which come and go.
    const running = (name: keyof typeof found) => median(found[name].map((each) => each.timers));
    const timers = Math.max(0, running("glassbox") - running("empty"));
    const extra = median(grown("glassbox")) - median(grown("empty"));
    const row = (name: string, all: number[], unit: string) => ({
      name,
      value: `${median(all).toFixed(1)} ${unit}`,
      note: `median of ${ROUNDS} fresh windows; all: ${all.map((each) => each.toFixed(1)).join(", ")}`,
    });

    const { packed, code } = await makePackages(["linux-x64"]);
    const { megabytes } = packed.get("linux-x64")!;
    return {
      figures: {
        activation_ms: round1(median(times("glassbox"))),
        empty_extension_ms: round1(median(times("empty"))),
        host_extra_mb: round1(extra),
        idle_timers: timers,
        bundle_kb: code.ownKb,
        bundle_with_packages_kb: code.allKb,
        vsix_linux_x64_mb: round1(megabytes),
      },
      table: [
        row("activation of Glassbox", times("glassbox"), "ms"),
        row("activation of an empty extension", times("empty"), "ms"),
        row("memory that the host grew by", grown("glassbox"), "MB"),
        row("the same, with an empty extension", grown("empty"), "MB"),
        row("heap that the host grew by", heap("glassbox"), "MB"),
        row("the same, with an empty extension", heap("empty"), "MB"),
        { name: "timers of ours when idle", value: String(timers) },
        { name: "code of our own", value: `${code.ownKb} KB`, note: "extension, processes and panels" },
        { name: "with the packages in the bundles", value: `${code.allKb} KB` },
        {
          name: "package for linux-x64",
          value: `${megabytes.toFixed(1)} MB`,
          note: "with the built-in model",
        },
      ],
    };
  } finally {
    await rig.stop();
    await rm(resultFile, { force: true });
  }
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
