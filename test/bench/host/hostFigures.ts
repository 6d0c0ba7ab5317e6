/**
 * What Glassbox adds to the time for which the real extension host is held when a document of 10 MB is opened,
 * edited, or walked through: windows with it and windows with an empty extension in turn.
 */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchResult } from "../../../scripts/bench.js";
import { manifestTextsFiles } from "../../../scripts/texts.js";
import { median } from "../../median.js";
import { bundleForHost } from "../../ui/harness/bundleForHost.js";
import { makeEmptyExtension } from "../../ui/harness/developmentFolder.js";
import { Rig } from "../../ui/harness/rig.js";
import { until } from "../../ui/harness/until.js";
import type { Held, HostPlan, HostReport } from "./report.js";

/** Windows with Glassbox, and as many without. */
const ROUNDS = 3;
const BYTES = 10_000_000;
const LONG_LINE = 100_000;

const settings = {
  "glassbox.tokens.inlineCost": "currentLine",
  "files.associations": { "*.txt": "plaintext" },
  "files.autoSave": "off",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.wordBasedSuggestions": "off",
  "editor.inlineSuggest.enabled": false,
  "editor.wordWrap": "off",
  // VS Code's own search for merge conflicts joins the whole text at every edit, 27 ms at 10 MB. Without it that cost
  // hides none of ours.
  "merge-conflict.decorators.enabled": false,
  "merge-conflict.codeLens.enabled": false,
};

type Scene = HostReport["scenes"][string];

/** This project's own sources over and over, up to a number of bytes; ASCII only, so that bytes are characters. */
async function linesOfCode(bytes: number): Promise<string[]> {
  const files = await readdir("src", { recursive: true, encoding: "utf8" });
  const sources = await Promise.all(
    files
      .filter((file) => file.endsWith(".ts"))
      .sort()
      .map((file) => readFile(join("src", file), "utf8")),
  );
  const all = sources
    .join("\n")
    .replace(/[^\n\x20-\x7e]/g, "?")
    .split("\n");
  const lines: string[] = [];
  for (let i = 0, size = 0; size < bytes; i++) {
    const line = all[i % all.length]!;
    lines.push(line);
    size += line.length + 1;
  }
  return lines;
}

/** The checkout as an extension of its own, as it is now: a build meanwhile does not change what is measured. */
async function copyExtension(folder: string): Promise<void> {
  await mkdir(join(folder, "dist"), { recursive: true });
  for (const name of ["package.json", ...(await manifestTextsFiles())]) await cp(name, join(folder, name));
  for (const name of ["media", "node_modules"]) await symlink(join(process.cwd(), name), join(folder, name));
  for (const name of await readdir("dist")) {
    if (name === "extension.js") await cp(join("dist", name), join(folder, "dist", name));
    else await symlink(join(process.cwd(), "dist", name), join(folder, "dist", name));
  }
}

export async function hostFigures(): Promise<BenchResult> {
  const planFile = join(process.cwd(), "dist/bench", `host-${process.pid}.json`);
  const resultFile = join(process.cwd(), "dist/bench", `host-${process.pid}-result.json`);
  const rig = await Rig.start({ environment: { GLASSBOX_BENCH_PLAN: planFile } });
  try {
    const home = await rig.temporaryFolder();
    const folders = { glassbox: join(home, "glassbox"), empty: join(home, "empty") };
    await copyExtension(folders.glassbox);
    await makeEmptyExtension(folders.empty);
    const extensionTestsPath = join(home, "probe.js");
    await bundleForHost("test/bench/host/probe.ts", extensionTestsPath);

    const texts = join(home, "texts");
    await mkdir(texts);
    const lines = await linesOfCode(BYTES);
    const middle = lines.length >> 1;
    const plan: HostPlan = {
      smallFile: join(texts, "small.txt"),
      files: [
        { name: "code", path: join(texts, "code.txt"), line: middle, character: 0 },
        { name: "letter", path: join(texts, "letter.txt"), line: middle, character: LONG_LINE / 2 },
      ],
      openings: 3,
      times: 12,
      openMs: 1200,
      actionMs: 200,
      resultFile,
    };
    await writeFile(plan.smallFile, `${lines.slice(0, 300).join("\n")}\n`);
    await writeFile(plan.files[0]!.path, `${lines.join("\n")}\n`);
    lines[middle] = "a".repeat(LONG_LINE);
    await writeFile(plan.files[1]!.path, `${lines.join("\n")}\n`);
    await writeFile(planFile, JSON.stringify(plan));

    const reports: Record<keyof typeof folders, HostReport[]> = { glassbox: [], empty: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of ["empty", "glassbox"] as const) {
        await rm(resultFile, { force: true });
        const page = await rig.openTestWindow(
          { extensionDevelopmentPath: folders[name], extensionTestsPath },
          { folder: texts, settings },
        );
        await until(() => existsSync(resultFile), { what: `the probe of ${name}`, timeoutMs: 120_000 });
        const answer = JSON.parse(await readFile(resultFile, "utf8")) as {
          report?: HostReport;
          error?: string;
        };
        await page.context().close();
        if (!answer.report || answer.report.glassbox !== (name === "glassbox")) {
          throw new Error(`The window of ${name} measured nothing of use: ${JSON.stringify(answer)}`);
        }
        reports[name].push(answer.report);
      }
    }
    return summary(reports.glassbox, reports.empty);
  } finally {
    await rig.stop();
    await rm(planFile, { force: true });
    await rm(resultFile, { force: true });
  }
}

export const run = hostFigures;

function summary(glassbox: HostReport[], empty: HostReport[]): BenchResult {
  const rows: BenchResult["table"] = [];
  /** Adds the row of an action; answers how much more of `part` there is with Glassbox. */
  const compare = (name: string, part: keyof Held, held: (report: HostReport) => Held[]): number => {
    const [ours, theirs] = [glassbox.flatMap(held), empty.flatMap(held)];
    const of = (all: Held[], key: keyof Held) => median(all.map((one) => one[key]));
    const extra = of(ours, part) - of(theirs, part);
    const pair = (key: keyof Held) => `${of(ours, key).toFixed(1)} (without ${of(theirs, key).toFixed(1)})`;
    const most = Math.max(...ours.map(({ longestMs }) => longestMs)).toFixed(0);
    const mostWithout = Math.max(...theirs.map(({ longestMs }) => longestMs)).toFixed(0);
    rows.push({
      name,
      value: `${extra.toFixed(1)} ms more`,
      note:
        `longest turn ${pair("longestMs")}, at most ${most} (${mostWithout}); beyond 8 ms a turn ` +
        `${pair("blockedMs")}; all turns ${pair("totalMs")}; median of ${ours.length}`,
    });
    return extra;
  };
  const scene = (file: string, action: keyof Scene) => (report: HostReport) => report.scenes[file]![action];
  const open = compare("open 10 MB", "blockedMs", (report) => report.open);
  const edits = [
    compare("type a character at 10 MB", "longestMs", scene("code", "typed")),
    compare("type a line break at 10 MB", "longestMs", scene("code", "lines")),
    compare("type into a line of 100 KB of one letter", "longestMs", scene("letter", "typed")),
    compare("break a line of 100 KB of one letter", "longestMs", scene("letter", "lines")),
  ];
  compare("move the caret at 10 MB", "longestMs", scene("code", "moved"));
  compare("move the caret in the line of one letter", "longestMs", scene("letter", "moved"));
  const heap = (reports: HostReport[]) => median(reports.map((report) => report.memory.heap));
  const rss = (reports: HostReport[]) => median(reports.map((report) => report.memory.rss));
  rows.push({
    name: "memory of a document of 10 MB",
    value: `${(heap(glassbox) - heap(empty)).toFixed(1)} MB more`,
    note:
      `heap and buffers after a collection: ${heap(glassbox).toFixed(1)} MB, without ${heap(empty).toFixed(1)} MB; ` +
      `resident ${rss(glassbox).toFixed(1)} MB, without ${rss(empty).toFixed(1)} MB`,
  });
  return {
    figures: { host_edit_10mb_extra_ms: round2(Math.max(...edits)), host_open_10mb_extra_ms: round2(open) },
    table: rows,
  };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
