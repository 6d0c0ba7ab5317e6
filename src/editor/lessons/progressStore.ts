/** Keeps the reader's progress between sessions, in the editor's own store. */

import * as vscode from "vscode";
import { type CourseProgress, NO_PROGRESS, readProgress } from "../../core/lessons/progress.js";
import { Disposable } from "../disposable.js";

const KEY = "glassbox.lessons.progress";

export class ProgressStore extends Disposable {
  readonly #memento: vscode.Memento;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;

  constructor(memento: vscode.Memento) {
    super();
    this.#memento = memento;
  }

  get progress(): CourseProgress {
    return readProgress(this.#memento.get(KEY));
  }

  /** Replaces the progress by what `step` makes of it. */
  async change(step: (progress: CourseProgress) => CourseProgress): Promise<CourseProgress> {
    const next = step(this.progress);
    await this.#memento.update(KEY, next);
    this.#changed.fire();
    return next;
  }

  async reset(): Promise<void> {
    await this.change(() => NO_PROGRESS);
  }
}
