/** The one table of commands: id -> handler. `package.json` names the same ids; a test compares the two. */

import type * as vscode from "vscode";
import { choosePriceModel } from "./editor/tokens/priceTable.js";

/** What the commands need; extension.ts builds each of them at its first use. */
export interface CommandTargets {
  tokens: () => Promise<{ toggleBoundaries(): void; chooseTokenizer(): Promise<void> }>;
  compare: () => Promise<{ show(): void }>;
  split: () => Promise<{ show(offset?: number, uri?: string): Promise<void> }>;
  savings: () => Promise<{ show(): Promise<void>; apply(): Promise<void>; rename(): Promise<void> }>;
  explain: () => Promise<{ explainSelection(): Promise<void>; showWhatWasSent(): Promise<void> }>;
  sampling: () => Promise<{ show(): Promise<void> }>;
  attention: () => Promise<{ show(): Promise<void> }>;
  lessons: () => Promise<{ open(lessonId?: string): Promise<void>; resetProgress(): Promise<void> }>;
  models: () => { choose(): Promise<void> };
  log: vscode.LogOutputChannel;
}

export function commandTable(targets: CommandTargets): Record<string, (...args: never[]) => unknown> {
  return {
    "glassbox.toggleTokenBoundaries": async () => (await targets.tokens()).toggleBoundaries(),
    "glassbox.chooseTokenizer": async () => (await targets.tokens()).chooseTokenizer(),
    "glassbox.choosePriceModel": () => choosePriceModel(),
    "glassbox.compareTokenizers": async () => (await targets.compare()).show(),
    "glassbox.whyDidItSplit": async (offset?: unknown, uri?: unknown) =>
      // The editor's menu passes its own arguments.
      (await targets.split()).show(
        typeof offset === "number" ? offset : undefined,
        typeof uri === "string" ? uri : undefined,
      ),
    "glassbox.showSavings": async () => (await targets.savings()).show(),
    "glassbox.applySaving": async () => (await targets.savings()).apply(),
    "glassbox.renameForSaving": async () => (await targets.savings()).rename(),
    "glassbox.explainSelection": async () => (await targets.explain()).explainSelection(),
    "glassbox.showWhatWasSent": async () => (await targets.explain()).showWhatWasSent(),
    "glassbox.showSampling": async () => (await targets.sampling()).show(),
    "glassbox.showAttention": async () => (await targets.attention()).show(),
    "glassbox.chooseModel": () => targets.models().choose(),
    "glassbox.openLesson": async (lessonId?: unknown) =>
      (await targets.lessons()).open(typeof lessonId === "string" ? lessonId : undefined),
    "glassbox.resetLessonProgress": async () => (await targets.lessons()).resetProgress(),
    "glassbox.showLog": () => targets.log.show(),
  };
}
