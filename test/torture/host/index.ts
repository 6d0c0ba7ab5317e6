/**
 * Runs inside the extension host of a real window, with the whole extension: floods a document of 10 MB with edits,
 * opens and closes every panel over and over, and puts nonsense into every setting.
 */

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as vscode from "vscode";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import { encoderOf } from "../../core/tokens/reference.js";
import { hostileValues } from "../hostileValues.js";
import { times } from "../trials.js";
import type { HostPlan, HostReport } from "./report.js";

/** Of a full run. */
const EDITS = 10_000;
const OPENINGS = 200;
const SETTINGS = 8;
/** Whatever takes longer than this does not come. */
const MOST_MS = 60_000;
/** As many edits a minute, at most. */
const EDITS_A_MINUTE = 10_000;
const EDITS_BETWEEN_CHECKS = 250;
/** Cursors that type at the same time: the editor itself takes longer over each change of a text of 10 MB. */
const EDITS_AT_ONCE = 48;
/** Panels are opened a few times before memory is taken as what it should stay at. */
const WARM = 20;
/** Memory is compared only where leaks have had the time to show. */
const ENOUGH_OPENINGS = 60;
const MOST_GROWTH = 1.1;

/** How each panel is opened: by its view type, the command and its arguments. */
const PANELS: readonly [panel: string, command: string, ...args: unknown[]][] = [
  ["sampling", "glassbox.showSampling"],
  ["attention", "glassbox.showAttention"],
  ["explain", "glassbox.explainSelection"],
  ["ask", "glassbox.askAboutSelection", "How many letters has this?"],
  ["compare", "glassbox.compareTokenizers"],
  ["split", "glassbox.whyDidItSplit"],
  ["guess", "glassbox.guessNextToken"],
  ["surprisal", "glassbox.showSurprisal"],
  ["lesson", "glassbox.openLesson", "tokens"],
];

const report: HostReport = { tried: 0, survived: 0, failures: [], notes: [] };
/** What nobody caught, since the last look. */
let unheard: string[] = [];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  report.tried++;
  unheard = [];
  try {
    await work();
    assert.deepEqual(unheard, [], "an error that nobody caught");
    report.survived++;
  } catch (error) {
    report.failures.push(
      `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

async function soon<T>(what: string, probe: () => Thenable<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + MOST_MS;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await pause(5);
  }
}

/** @throws where a command that has nothing left to do does not come to its end. */
async function ended(command: Thenable<unknown>, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} does not end.`)), MOST_MS);
  });
  try {
    await Promise.race([command, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function show(path: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(path);
  return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
}

/** What the hover says of the token at a place; undefined while it is still counting, or has nothing to say. */
async function hovered(uri: vscode.Uri, position: vscode.Position) {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    uri,
    position,
  );
  const text = hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === "string" ? content : content.value))
    .find((content) => content.includes("glassbox.whyDidItSplit"));
  const numbers = text && /token ([\d,]+) of ([\d,]+)[\s\S]*?\| id \| (\d+) in/.exec(text);
  if (!numbers) return undefined;
  const [index, total, id] = numbers.slice(1).map((number) => Number(number.replaceAll(",", "")));
  return { index, total, id };
}

/** Edits all over a large document, as fast as they are allowed to come, with all that follows edits switched on. */
async function flood(plan: HostPlan): Promise<void> {
  const coin = seededCoin(plan.seed);
  const pick = (below: number) => Math.floor(coin() * below);
  const texts = [
    "x",
    "",
    "\n",
    "\r\n",
    "  ",
    "12",
    "größer",
    "中文",
    "👩‍👩‍👧",
    "\ud83d",
    "\t}",
    "const value = 1;\n",
  ];
  const editor = await show(plan.largeFile);
  const { document } = editor;
  await vscode.commands.executeCommand("glassbox.showSurprisal");
  const edits = times(EDITS, plan);
  const startedAt = Date.now();
  let made = 0;
  while (made < edits) {
    await attempt(`edits from the ${made}th on`, async () => {
      const until = Math.min(edits, made + EDITS_BETWEEN_CHECKS);
      while (made < until) {
        const edit = new vscode.WorkspaceEdit();
        // Some in front of the reader's eyes, which is where the bands are drawn, the others anywhere.
        const lines = new Set(
          Array.from({ length: EDITS_AT_ONCE }, () => (coin() < 0.7 ? pick(40) : pick(document.lineCount))),
        );
        for (const line of lines) {
          const { length } = document.lineAt(line).text;
          const at = pick(length + 1);
          const range = new vscode.Range(line, at, line, Math.min(at + pick(4), length));
          edit.replace(document.uri, range, texts[pick(texts.length)]!);
        }
        assert.ok(await vscode.workspace.applyEdit(edit), "the editor refused an edit");
        made += lines.size;
        const due = startedAt + (made * 60_000) / EDITS_A_MINUTE;
        if (Date.now() < due) await pause(due - Date.now());
      }
      const fresh = new TokenDocument(encoderOf("o200k_base"), document.getText());
      fresh.encode(() => true);
      for (let check = 0; check < 5; check++) {
        const line = pick(check < 3 ? 40 : document.lineCount);
        const position = new vscode.Position(line, pick(document.lineAt(line).text.length));
        const offset = document.offsetAt(position);
        const [span] = fresh.spans(offset, offset + 1);
        if (!span || position.character >= document.lineAt(line).text.length) continue;
        const found = await soon("the hover", () => hovered(document.uri, position));
        assert.deepEqual(found, { index: span.index + 1, total: fresh.tokenCount, id: span.id });
      }
    });
  }
  const minutes = (Date.now() - startedAt) / 60_000;
  report.notes.push(`${made} edits in a document of 10 MB, ${Math.round(made / minutes)} a minute`);
  await vscode.commands.executeCommand("glassbox.hideSurprisal");
  await vscode.commands.executeCommand("workbench.action.files.revert");
  await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
}

function tabOf(panel: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`glassbox.${panel}`),
    );
}

/** Megabytes of the extension host after a full collection. */
function memory(collect: () => void): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

async function openAndClose(plan: HostPlan, collect: () => void): Promise<void> {
  const editor = await show(plan.smallFile);
  editor.selection = new vscode.Selection(0, 0, 3, 0);
  const openings = times(OPENINGS, plan);
  let before = 0;
  for (let round = 0; round < openings; round++) {
    if (round === WARM) before = memory(collect);
    for (const [panel, command, ...args] of PANELS) {
      await attempt(`${panel}, opened the ${round}th time`, async () => {
        await show(plan.smallFile);
        const opening = vscode.commands.executeCommand(command, ...args);
        const tab = await soon(`the panel ${panel}`, () => tabOf(panel));
        // Closed at any moment: before its page listens, while it waits for the model, or when all is drawn.
        await pause((round * 37) % 200);
        await vscode.window.tabGroups.close(tab);
        await soon(`${panel} to go`, () => (tabOf(panel) ? undefined : true));
        await ended(opening, command);
      });
    }
  }
  if (openings < ENOUGH_OPENINGS) return;
  await attempt("memory stays as it was", async () => {
    await pause(2000);
    const after = memory(collect);
    report.notes.push(
      `memory of the extension host: ${before.toFixed(1)} MB after ${WARM} rounds over all panels, ${after.toFixed(1)} MB after ${openings}`,
    );
    assert.ok(after <= before * MOST_GROWTH, `it grew from ${before.toFixed(1)} to ${after.toFixed(1)} MB`);
  });
}

/** Nonsense in every setting, after which a hover must still say the truth. */
async function hostileSettings(plan: HostPlan): Promise<void> {
  const coin = seededCoin(plan.seed);
  const { packageJSON } = vscode.extensions.getExtension("glassbox.glassbox")!;
  const sections = [packageJSON.contributes.configuration].flat() as {
    properties: Record<string, unknown>;
  }[];
  const names = sections.flatMap(({ properties }) => Object.keys(properties));
  const { document } = await show(plan.smallFile);
  const fresh = new TokenDocument(encoderOf("o200k_base"), document.getText());
  fresh.encode(() => true);
  const configuration = vscode.workspace.getConfiguration();
  for (const name of names) {
    const kept = configuration.inspect(name)?.globalValue;
    for (let round = 0; round < times(SETTINGS, plan); round++) {
      const value = hostileValues(coin, 3);
      await attempt(`${name} = ${JSON.stringify(value)?.slice(0, 200)}`, async () => {
        await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
        const found = await soon("the hover", () => hovered(document.uri, new vscode.Position(0, 0)));
        // Another tokenizer counts otherwise.
        if (name !== "glassbox.tokens.tokenizer") assert.equal(found.total, fresh.tokenCount);
      });
    }
    await vscode.workspace.getConfiguration().update(name, kept, vscode.ConfigurationTarget.Global);
  }
}

async function torture(plan: HostPlan): Promise<void> {
  // The tokenizer's tables are found from there.
  process.chdir(plan.root);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const note = (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (text.includes(plan.root)) unheard.push(text);
  };
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  try {
    await show(plan.smallFile);
    await vscode.extensions.getExtension("glassbox.glassbox")!.activate();
    await vscode.commands.executeCommand("glassbox.toggleTokenBoundaries");
    await flood(plan);
    await openAndClose(plan, collect);
    await hostileSettings(plan);
  } finally {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  }
}

export async function run(): Promise<void> {
  const planFile = process.env.GLASSBOX_TORTURE_PLAN;
  if (planFile === undefined) throw new Error("GLASSBOX_TORTURE_PLAN names no file.");
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as HostPlan;
  await attempt("the whole of it", () => torture(plan));
  writeFileSync(`${plan.resultFile}.unfinished`, JSON.stringify(report));
  renameSync(`${plan.resultFile}.unfinished`, plan.resultFile);
}
