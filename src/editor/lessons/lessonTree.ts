/** The tree of chapters and lessons in the activity bar; what it shows is read when the view is first opened. */

import * as vscode from "vscode";
import type { LessonState } from "../../core/lessons/progress.js";
import { Disposable } from "../disposable.js";

/** What the tree needs to know of a lesson. */
export interface ListedLesson {
  id: string;
  title: string;
  minutes: number;
  summary: string;
  /** What kind of model it needs, where the one that is chosen will not do. */
  locked: "model" | "chat" | undefined;
  state: LessonState;
  checks: { done: number; of: number };
  /** Checks that were missed and are to be asked again. */
  due: number;
}

export interface ListedChapter {
  number: number;
  title: string;
  lessons: ListedLesson[];
}

export interface ListedFault {
  message: string;
  uri: vscode.Uri;
  /** From 0. */
  line: number;
}

export interface CourseList {
  chapters: ListedChapter[];
  faults: ListedFault[];
}

/** Where the tree reads from. */
export interface CourseLister {
  list(): Promise<CourseList>;
  onDidChangeList: vscode.Event<void>;
}

export type LessonTreeNode =
  | { kind: "chapter"; chapter: ListedChapter; open: boolean }
  | { kind: "lesson"; lesson: ListedLesson }
  | { kind: "fault"; fault: ListedFault };

export class LessonTree extends Disposable implements vscode.TreeDataProvider<LessonTreeNode> {
  readonly #load: () => Promise<CourseLister>;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #following: CourseLister | undefined;

  /** @param load builds what reads the lessons; called when the view is first shown. */
  constructor(load: () => Promise<CourseLister>) {
    super();
    this.#load = load;
  }

  async getChildren(node?: LessonTreeNode): Promise<LessonTreeNode[]> {
    if (node) {
      return node.kind === "chapter"
        ? node.chapter.lessons.map((lesson) => ({ kind: "lesson", lesson }))
        : [];
    }
    const lister = await this.#load();
    if (this.#following !== lister) {
      this.#following = lister;
      this._register(lister.onDidChangeList(() => this.#changed.fire()));
    }
    const { chapters, faults } = await lister.list();
    return [
      ...chapters.map(
        (chapter): LessonTreeNode => ({ kind: "chapter", chapter, open: isOpen(chapter, chapters) }),
      ),
      ...faults.map((fault): LessonTreeNode => ({ kind: "fault", fault })),
    ];
  }

  getTreeItem(node: LessonTreeNode): vscode.TreeItem {
    switch (node.kind) {
      case "chapter":
        return chapterItem(node.chapter, node.open);
      case "lesson":
        return lessonItem(node.lesson);
      case "fault":
        return faultItem(node.fault);
    }
  }
}

/** A chapter stands open where something in it is under way, and where the course goes on. */
function isOpen(chapter: ListedChapter, chapters: readonly ListedChapter[]): boolean {
  const unfinished = ({ lessons }: ListedChapter) => lessons.some(({ state }) => state !== "done");
  const begun = chapter.lessons.some(({ state }) => state !== "not-started");
  return chapter === chapters.find(unfinished) || (begun && unfinished(chapter));
}

function chapterItem({ number, title, lessons }: ListedChapter, open: boolean): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(`${number}  ${title}`, open ? Expanded : Collapsed);
  item.id = `chapter-${number}`;
  const done = lessons.filter((lesson) => lesson.state === "done").length;
  const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
  item.description = vscode.l10n.t("{0} of {1} done, {2} min", done, lessons.length, minutes);
  return item;
}

const ICONS: Record<LessonState, vscode.ThemeIcon> = {
  "not-started": new vscode.ThemeIcon("circle-large-outline"),
  "in-progress": new vscode.ThemeIcon("circle-filled", new vscode.ThemeColor("charts.blue")),
  done: new vscode.ThemeIcon("pass-filled", new vscode.ThemeColor("charts.green")),
};

function lessonItem(lesson: ListedLesson): vscode.TreeItem {
  const { id, title, minutes, summary, state, checks, locked, due } = lesson;
  const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.None);
  item.id = id;
  const progress = stateInWords(state, checks);
  const time = vscode.l10n.t("{0} min", minutes);
  const needs =
    locked === "chat" ? vscode.l10n.t("needs a chat model") : locked && vscode.l10n.t("needs a model");
  const again = due > 0 ? vscode.l10n.t("to repeat: {0}", due) : undefined;
  item.description = [time, needs, again].filter((part) => part !== undefined).join(", ");
  item.iconPath = locked && state === "not-started" ? new vscode.ThemeIcon("lock") : ICONS[state];
  item.tooltip = `${title}\n${summary}\n${progress}`;
  // A locked lesson offers the remedy beside its name.
  item.contextValue = locked ? "lesson-locked" : "lesson";
  item.accessibilityInformation = { label: `${title}, ${item.description}, ${progress}` };
  item.command = { command: "glassbox.openLesson", title: vscode.l10n.t("Open Lesson"), arguments: [id] };
  return item;
}

/** Progress in words, for those who do not see the icon. */
export function stateInWords(state: LessonState, checks: { done: number; of: number }): string {
  switch (state) {
    case "not-started":
      return vscode.l10n.t("Not started");
    case "in-progress":
      return vscode.l10n.t("In progress: {0} of {1} checks done", checks.done, checks.of);
    case "done":
      return vscode.l10n.t("Done");
  }
}

function faultItem({ message, uri, line }: ListedFault): vscode.TreeItem {
  const item = new vscode.TreeItem(message, vscode.TreeItemCollapsibleState.None);
  item.iconPath = new vscode.ThemeIcon("error", new vscode.ThemeColor("errorForeground"));
  item.tooltip = message;
  const selection = new vscode.Range(line, 0, line, 0);
  item.command = {
    command: "vscode.open",
    title: vscode.l10n.t("Open File"),
    arguments: [uri, { selection }],
  };
  return item;
}
