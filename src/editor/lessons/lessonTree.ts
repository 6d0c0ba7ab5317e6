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

/** Where the tree reads from, and what it follows. */
export interface CourseLister {
  list(): Promise<CourseList>;
  onDidChangeList: vscode.Event<void>;
  /** The id of the lesson that is on show. */
  openLesson: string | undefined;
  onDidOpen: vscode.Event<void>;
}

interface ChapterNode {
  kind: "chapter";
  chapter: ListedChapter;
  open: boolean;
}

export type LessonTreeNode =
  | ChapterNode
  | { kind: "lesson"; lesson: ListedLesson; of: ChapterNode }
  | { kind: "fault"; fault: ListedFault };

export class LessonTree extends Disposable implements vscode.TreeDataProvider<LessonTreeNode> {
  readonly #load: () => Promise<CourseLister>;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #opened = this._register(new vscode.EventEmitter<void>());
  /** A lesson has been opened, from wherever; or the tree has come to know which one is open. */
  readonly onDidOpen = this.#opened.event;
  #lister: CourseLister | undefined;

  /** @param load builds what reads the lessons; called when the view is first shown. */
  constructor(load: () => Promise<CourseLister>) {
    super();
    this.#load = load;
  }

  /** The id of the lesson that is on show; undefined while nobody has asked for the lessons. */
  get openLesson(): string | undefined {
    return this.#lister?.openLesson;
  }

  async getChildren(node?: LessonTreeNode): Promise<LessonTreeNode[]> {
    if (node) {
      return node.kind === "chapter"
        ? node.chapter.lessons.map((lesson) => ({ kind: "lesson", lesson, of: node }))
        : [];
    }
    const lister = await this.#load();
    if (this.#lister !== lister) {
      this.#lister = lister;
      this._register(lister.onDidChangeList(() => this.#changed.fire()));
      this._register(lister.onDidOpen(() => this.#opened.fire()));
      this.#opened.fire();
    }
    const { chapters, faults } = await lister.list();
    return [
      ...chapters.map(
        (chapter): LessonTreeNode => ({ kind: "chapter", chapter, open: isOpen(chapter, chapters) }),
      ),
      ...faults.map((fault): LessonTreeNode => ({ kind: "fault", fault })),
    ];
  }

  getParent(node: LessonTreeNode): LessonTreeNode | undefined {
    return node.kind === "lesson" ? node.of : undefined;
  }

  /** The node of a lesson, in its chapter. */
  async nodeOf(id: string): Promise<LessonTreeNode | undefined> {
    for (const chapter of await this.getChildren()) {
      const lessons = await this.getChildren(chapter);
      const node = lessons.find((other) => other.kind === "lesson" && other.lesson.id === id);
      if (node) return node;
    }
    return undefined;
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

/** The view of the tree, which goes along with the lesson that is open. */
export class LessonTreeView extends Disposable {
  readonly #tree: LessonTree;
  readonly #view: vscode.TreeView<LessonTreeNode>;
  readonly #log: vscode.LogOutputChannel;

  constructor(load: () => Promise<CourseLister>, log: vscode.LogOutputChannel) {
    super();
    this.#log = log;
    this.#tree = this._register(new LessonTree(load));
    this.#view = this._register(
      vscode.window.createTreeView("glassbox.lessons", { treeDataProvider: this.#tree }),
    );
    this._register(this.#tree.onDidOpen(() => this.#follow()));
    this._register(this.#view.onDidChangeVisibility(() => this.#follow()));
  }

  /** Selects the lesson that is on show, wherever it was opened from; the focus stays where it is. */
  #follow(): void {
    const id = this.#tree.openLesson;
    // Revealing would bring out a view that the reader has put away.
    if (id === undefined || !this.#view.visible || this.#isSelected(id)) return;
    this.#reveal(id).catch((error: unknown) =>
      this.#log.warn(`The list of lessons did not follow to "${id}": ${String(error)}`),
    );
  }

  #isSelected(id: string): boolean {
    return this.#view.selection.some((node) => node.kind === "lesson" && node.lesson.id === id);
  }

  async #reveal(id: string): Promise<void> {
    const node = await this.#tree.nodeOf(id);
    // Another one was opened meanwhile.
    if (node && this.#tree.openLesson === id) await this.#view.reveal(node, { select: true, focus: false });
  }
}

/** A chapter stands open where something in it is under way or due again, and where the course goes on. */
function isOpen(chapter: ListedChapter, chapters: readonly ListedChapter[]): boolean {
  const unfinished = ({ lessons }: ListedChapter) => lessons.some(({ state }) => state !== "done");
  const begun = chapter.lessons.some(({ state }) => state !== "not-started");
  return (
    chapter === chapters.find(unfinished) ||
    (begun && unfinished(chapter)) ||
    chapter.lessons.some(({ due }) => due > 0)
  );
}

function chapterItem({ number, title, lessons }: ListedChapter, open: boolean): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(`${number}  ${title}`, open ? Expanded : Collapsed);
  item.id = `chapter-${number}`;
  const done = lessons.filter((lesson) => lesson.state === "done").length;
  const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
  const due = lessons.reduce((sum, lesson) => sum + lesson.due, 0);
  item.description = [
    vscode.l10n.t("{0} of {1} done, {2} min", done, lessons.length, minutes),
    // Also for a chapter that is closed because all in it is done.
    ...(due > 0 ? [toRepeat(due)] : []),
  ].join(", ");
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
  const again = due > 0 ? toRepeat(due) : undefined;
  item.description = [time, needs, again].filter((part) => part !== undefined).join(", ");
  item.iconPath = locked && state === "not-started" ? new vscode.ThemeIcon("lock") : ICONS[state];
  item.tooltip = `${title}\n${summary}\n${progress}`;
  // A locked lesson offers the remedy beside its name.
  item.contextValue = locked ? "lesson-locked" : "lesson";
  item.accessibilityInformation = { label: `${title}, ${item.description}, ${progress}` };
  item.command = { command: "glassbox.openLesson", title: vscode.l10n.t("Open Lesson"), arguments: [id] };
  return item;
}

function toRepeat(checks: number): string {
  return vscode.l10n.t("to repeat: {0}", checks);
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
