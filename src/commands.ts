/** The one table of commands: id -> handler. `package.json` names the same ids; a test compares the two. */

import type * as vscode from "vscode";

/** What the commands need; extension.ts builds each of them at its first use. */
export interface CommandTargets {
  tokens: () => Promise<{
    toggleBoundaries(): void;
    chooseTokenizer(): Promise<void>;
    choosePriceModel(): Promise<void>;
    select(address: string, start: number, end: number): Promise<void>;
  }>;
  budget: () => Promise<{
    show(): Promise<void>;
    count(): Promise<void>;
    stop(): void;
    toggleOrder(): void;
    clearPicks(): void;
    exportCsv(target?: vscode.Uri): Promise<void>;
    showContextEnd(uri?: vscode.Uri, limit?: number): Promise<void>;
  }>;
  compare: () => Promise<{ show(): void }>;
  split: () => Promise<{ show(offset?: number, uri?: string): Promise<void> }>;
  savings: () => Promise<{ show(): Promise<void>; apply(): Promise<void>; rename(): Promise<void> }>;
  explain: () => Promise<{
    explainSelection(): Promise<void>;
    showWhatWasSent(): Promise<void>;
    saveExplanation(): Promise<void>;
  }>;
  ask: () => Promise<{ askAboutSelection(question?: string): Promise<void> }>;
  sampling: () => Promise<{ show(): Promise<void> }>;
  guess: () => Promise<{ show(): Promise<void> }>;
  surprisal: () => Promise<{
    show(): Promise<void>;
    hide(): void;
    stop(): void;
    walk(direction: 1 | -1): Promise<void>;
    list(address?: string, from?: number, to?: number): Promise<void>;
    tryInstead(address: unknown, start: unknown, end: unknown, alternative: unknown): Promise<void>;
  }>;
  attention: () => Promise<{ show(): Promise<void>; toggleFollowing(): Promise<void> }>;
  lessons: () => Promise<{
    open(lessonId?: string): Promise<void>;
    resume(): Promise<void>;
    preview(): Promise<void>;
    resetProgress(): Promise<void>;
  }>;
  models: () => { choose(): Promise<void> };
  gpu: () => Promise<{ get(): Promise<void>; remove(): Promise<void> }>;
  server: () => Promise<{
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    forgetKey(): Promise<void>;
  }>;
  openSample: () => Promise<void>;
  /** Brings the text back that a page such as the walkthrough covers. */
  bringBackText: () => Promise<void>;
  log: vscode.LogOutputChannel;
}

export function commandTable(targets: CommandTargets): Record<string, (...args: never[]) => unknown> {
  /** For what works on the text in use. */
  const onText =
    <T extends unknown[]>(act: (...args: T) => Promise<void>) =>
    async (...args: T) => {
      await targets.bringBackText();
      await act(...args);
    };
  return {
    "glassbox.toggleTokenBoundaries": async () => (await targets.tokens()).toggleBoundaries(),
    "glassbox.chooseTokenizer": async () => (await targets.tokens()).chooseTokenizer(),
    "glassbox.choosePriceModel": async () => (await targets.tokens()).choosePriceModel(),
    "glassbox.selectCounted": async (address: string, start: number, end: number) =>
      (await targets.tokens()).select(address, start, end),
    "glassbox.showTokenBudget": async () => (await targets.budget()).show(),
    "glassbox.countTokenBudget": async () => (await targets.budget()).count(),
    "glassbox.stopTokenBudget": async () => (await targets.budget()).stop(),
    "glassbox.toggleTokenBudgetOrder": async () => (await targets.budget()).toggleOrder(),
    "glassbox.clearTokenBudgetPicks": async () => (await targets.budget()).clearPicks(),
    "glassbox.exportTokenBudget": async (target?: unknown) =>
      (await targets.budget()).exportCsv(asUri(target)),
    "glassbox.showContextEnd": async (uri?: unknown, limit?: unknown) =>
      (await targets.budget()).showContextEnd(asUri(uri), typeof limit === "number" ? limit : undefined),
    "glassbox.compareTokenizers": async () => (await targets.compare()).show(),
    "glassbox.whyDidItSplit": onText(async (offset?: unknown, uri?: unknown) =>
      // The editor's menu passes its own arguments.
      (await targets.split()).show(
        typeof offset === "number" ? offset : undefined,
        typeof uri === "string" ? uri : undefined,
      ),
    ),
    "glassbox.showSavings": async () => (await targets.savings()).show(),
    "glassbox.applySaving": async () => (await targets.savings()).apply(),
    "glassbox.renameForSaving": async () => (await targets.savings()).rename(),
    "glassbox.explainSelection": onText(async () => (await targets.explain()).explainSelection()),
    "glassbox.askAboutSelection": onText(async (question?: unknown) =>
      // The editor's menu passes its own arguments.
      (await targets.ask()).askAboutSelection(typeof question === "string" ? question : undefined),
    ),
    "glassbox.showWhatWasSent": async () => (await targets.explain()).showWhatWasSent(),
    "glassbox.saveExplanation": async () => (await targets.explain()).saveExplanation(),
    "glassbox.showSampling": onText(async () => (await targets.sampling()).show()),
    "glassbox.guessNextToken": onText(async () => (await targets.guess()).show()),
    "glassbox.showSurprisal": onText(async () => (await targets.surprisal()).show()),
    "glassbox.hideSurprisal": async () => (await targets.surprisal()).hide(),
    "glassbox.stopSurprisal": async () => (await targets.surprisal()).stop(),
    "glassbox.nextSurprise": async () => (await targets.surprisal()).walk(1),
    "glassbox.previousSurprise": async () => (await targets.surprisal()).walk(-1),
    "glassbox.listSurprises": async (address?: unknown, from?: unknown, to?: unknown) =>
      (await targets.surprisal()).list(
        typeof address === "string" ? address : undefined,
        typeof from === "number" ? from : undefined,
        typeof to === "number" ? to : undefined,
      ),
    "glassbox.tryInstead": async (address?: unknown, start?: unknown, end?: unknown, alternative?: unknown) =>
      (await targets.surprisal()).tryInstead(address, start, end, alternative),
    "glassbox.showAttention": onText(async () => (await targets.attention()).show()),
    "glassbox.followAttention": async () => (await targets.attention()).toggleFollowing(),
    "glassbox.chooseModel": () => targets.models().choose(),
    "glassbox.getGpuSupport": async () => (await targets.gpu()).get(),
    "glassbox.removeGpuSupport": async () => (await targets.gpu()).remove(),
    "glassbox.connectToServer": async () => (await targets.server()).connect(),
    "glassbox.disconnectFromServer": async () => (await targets.server()).disconnect(),
    "glassbox.forgetServerKey": async () => (await targets.server()).forgetKey(),
    "glassbox.openLesson": async (lessonId?: unknown) =>
      (await targets.lessons()).open(typeof lessonId === "string" ? lessonId : undefined),
    "glassbox.continueCourse": async () => (await targets.lessons()).resume(),
    "glassbox.previewLesson": async () => (await targets.lessons()).preview(),
    "glassbox.resetLessonProgress": async () => (await targets.lessons()).resetProgress(),
    "glassbox.openSample": () => targets.openSample(),
    "glassbox.showLog": () => targets.log.show(),
  };
}

/** Menus pass what they like; only an address is one. */
function asUri(value: unknown): vscode.Uri | undefined {
  const isUri = typeof value === "object" && value !== null && "scheme" in value && "path" in value;
  return isUri ? (value as vscode.Uri) : undefined;
}
