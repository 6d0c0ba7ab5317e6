/**
 * How long the extension keeps a starting editor busy: the time of `extension.activate()` inside fresh extension
 * hosts of a real VS Code, beside an empty extension measured in the same way.
 */

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchResult } from "../../scripts/bench.js";
import { makeDormantExtension } from "../ui/harness/developmentFolder.js";
import { Rig } from "../ui/harness/rig.js";
import { until } from "../ui/harness/until.js";

/** Fresh windows for each of the two. */
const ROUNDS = 7;

/** What VS Code calls inside the extension host; the ids are those of the two extensions, one of which is there. */
const testModule = `
const vscode = require("vscode");
const { renameSync, writeFileSync } = require("node:fs");
exports.run = async () => {
  const extension = ["glassbox.glassbox", "glassbox.empty"]
    .map((id) => vscode.extensions.getExtension(id))
    .find((found) => found);
  const wasActive = extension.isActive;
  const startedAt = performance.now();
  await extension.activate();
  const ms = performance.now() - startedAt;
  const file = process.env.GLASSBOX_BENCH_RESULT;
  writeFileSync(file + ".unfinished", JSON.stringify({ id: extension.id, wasActive, ms }));
  renameSync(file + ".unfinished", file);
};
`;

interface Measured {
  id: string;
  wasActive: boolean;
  ms: number;
}

async function makeEmptyExtension(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: "empty",
    publisher: "glassbox",
    version: "0.0.1",
    engines: { vscode: "^1.100.0" },
    main: "./extension.js",
    activationEvents: [],
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "extension.js"), "exports.activate = () => {};\n");
}

export async function run(): Promise<BenchResult> {
  const resultFile = join(process.cwd(), "dist/bench", `activation-${process.pid}.json`);
  const rig = await Rig.start({ GLASSBOX_BENCH_RESULT: resultFile });
  try {
    const home = await rig.temporaryFolder();
    const folders = { glassbox: join(home, "glassbox"), empty: join(home, "empty") };
    await makeDormantExtension(folders.glassbox);
    await makeEmptyExtension(folders.empty);
    const extensionTestsPath = join(home, "measure.js");
    await writeFile(extensionTestsPath, testModule);

    const measure = async (name: keyof typeof folders): Promise<number> => {
      await rm(resultFile, { force: true });
      const page = await rig.openTestWindow({ extensionDevelopmentPath: folders[name], extensionTestsPath });
      await until(() => existsSync(resultFile), { what: `${name} to activate`, timeoutMs: 60_000 });
      const measured = JSON.parse(await readFile(resultFile, "utf8")) as Measured;
      await page.context().close();
      if (measured.wasActive || measured.id !== `glassbox.${name}`) {
        throw new Error(`Measured nothing of use: ${JSON.stringify(measured)}`);
      }
      return measured.ms;
    };

    // The first window of a server also warms its disk caches; it counts for nobody.
    await measure("empty");
    const times = { glassbox: [] as number[], empty: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.glassbox.push(await measure("glassbox"));
      times.empty.push(await measure("empty"));
    }
    const { size } = await stat(join(process.cwd(), "dist/extension.js"));
    const note = `median of ${ROUNDS} fresh windows; all: `;
    const row = (name: string, all: number[]) => ({
      name,
      value: `${median(all).toFixed(1)} ms`,
      note: note + all.map((ms) => ms.toFixed(1)).join(", "),
    });
    return {
      figures: {
        activation_ms: round1(median(times.glassbox)),
        empty_extension_ms: round1(median(times.empty)),
        extension_bundle_bytes: size,
      },
      table: [
        row("activation of Glassbox", times.glassbox),
        row("activation of an empty extension", times.empty),
        { name: "extension bundle", value: `${(size / 1024).toFixed(0)} KiB`, note: "dist/extension.js" },
      ],
    };
  } finally {
    await rig.stop();
    await rm(resultFile, { force: true });
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
