/**
 * Runs inside the extension host: opens a document of 10 MB in the real editor, types into it and moves the caret, and
 * writes down for how long each held the event loop. It is the same module with Glassbox and without.
 */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as vscode from "vscode";
import type { Held, HostPlan, HostReport } from "./report.js";

/** Milliseconds of sleep between two looks at the event loop: nothing that holds it longer than that is missed. */
const REST_MS = 0.1;
/** A turn that takes no longer than this blocks nobody. */
const FRAME_MS = 8;
/** Turns shorter than this are those of the watch itself. */
const IDLE_TURN_MS = 0.05;

/**
 * Watches the event loop while `action` runs and for `forMs` after it: every turn begins with a short sleep, so
 * that what lies between the sleep's end and the next turn is the work that others put into the loop.
 */
async function heldBy(action: () => Thenable<unknown>, forMs: number): Promise<Held> {
  const held: Held = { longestMs: 0, blockedMs: 0, totalMs: 0 };
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let watching = true;
  let awake = performance.now();
  const turn = () => {
    const ms = performance.now() - awake;
    held.longestMs = Math.max(held.longestMs, ms);
    held.blockedMs += Math.max(0, ms - FRAME_MS);
    if (ms > IDLE_TURN_MS) held.totalMs += ms;
    if (!watching) return;
    Atomics.wait(sleeper, 0, 0, REST_MS);
    awake = performance.now();
    setImmediate(turn);
  };
  setImmediate(turn);
  await action();
  await pause(forMs);
  watching = false;
  return held;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens a file as a click in the explorer does, and waits until an editor shows it. */
async function show(path: string): Promise<vscode.TextEditor> {
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path), { preview: false });
  for (;;) {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.fsPath === path) return editor;
    await pause(1);
  }
}

async function close(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  await pause(300);
}

async function placeCaret(editor: vscode.TextEditor, line: number, character: number): Promise<void> {
  editor.selection = new vscode.Selection(line, character, line, character);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenter);
  await pause(400);
}

/** Megabytes after a full collection. */
function memory(): { rss: number; heap: number } {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / 1e6, heap: (heapUsed + external) / 1e6 };
}

async function measure(plan: HostPlan): Promise<HostReport> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const glassbox = vscode.extensions.getExtension("glassbox.glassbox");
  await show(plan.smallFile);
  if (glassbox) {
    await glassbox.activate();
    await vscode.commands.executeCommand("glassbox.toggleTokenBoundaries");
  }
  // The tokenizer loads with the first text.
  await pause(1500);
  collect();
  const before = memory();

  const report: HostReport = {
    glassbox: glassbox !== undefined,
    open: [],
    memory: { rss: 0, heap: 0 },
    scenes: {},
  };
  const watchOpening = async (path: string) => {
    let editor: vscode.TextEditor | undefined;
    report.open.push(await heldBy(async () => (editor = await show(path)), plan.openMs));
    return editor!;
  };
  const repeat = async (action: () => Thenable<unknown>, times: number): Promise<Held[]> => {
    const all: Held[] = [];
    for (let i = 0; i < times; i++) all.push(await heldBy(action, plan.actionMs));
    return all;
  };

  for (const { name, path, line, character } of plan.files) {
    for (let i = 1; i < plan.openings; i++) {
      await watchOpening(path);
      await close();
    }
    const editor = await watchOpening(path);
    if (report.memory.heap === 0) {
      collect();
      const after = memory();
      report.memory = { rss: after.rss - before.rss, heap: after.heap - before.heap };
    }
    if (editor.document.languageId !== "plaintext") throw new Error(`It is ${editor.document.languageId}.`);
    await placeCaret(editor, line, character);
    const lengthBefore = editor.document.lineAt(line).text.length;
    let turn = 0;
    const typed = await repeat(
      () => vscode.commands.executeCommand("type", { text: "axe1 "[turn++ % 5]! }),
      plan.times,
    );
    const typedLength = editor.document.lineAt(line).text.length - lengthBefore;
    if (typedLength !== plan.times) throw new Error(`Typed ${plan.times} characters, found ${typedLength}.`);
    const moved = await repeat(
      () => vscode.commands.executeCommand("cursorMove", { to: turn++ % 2 === 0 ? "right" : "down" }),
      plan.times,
    );
    const lines = await repeat(() => vscode.commands.executeCommand("type", { text: "\n" }), plan.times);
    report.scenes[name] = { typed, moved, lines };
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await close();
  }
  return report;
}

export async function run(): Promise<void> {
  const planFile = process.env.GLASSBOX_BENCH_PLAN;
  if (planFile === undefined) throw new Error("GLASSBOX_BENCH_PLAN names no file.");
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as HostPlan;
  const answer = await measure(plan).then(
    (report) => ({ report }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  writeFileSync(`${plan.resultFile}.unfinished`, JSON.stringify(answer));
  renameSync(`${plan.resultFile}.unfinished`, plan.resultFile);
}
