/** Keeps what readers write into exhibits of their own accord, such as an evaluation set, between sessions. */

import type * as vscode from "vscode";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

const KEY = "glassbox.lessons.kept";
const LONGEST = 20_000;
const MOST = 100;

export class KeptByExhibits {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get(lessonId: string, exhibitId: string): string | null {
    return this.#all().get(`${lessonId}/${exhibitId}`) ?? null;
  }

  /** @throws GlassboxError `too-long` where it is more than a reader writes by hand. */
  async keep(lessonId: string, exhibitId: string, value: string): Promise<void> {
    if (value.length > LONGEST) {
      throw new GlassboxError(
        "too-long",
        t("{0} characters are too many to keep; the most is {1}.", value.length, LONGEST),
      );
    }
    const all = this.#all();
    all.delete(`${lessonId}/${exhibitId}`);
    // What was kept longest ago gives way.
    const rest = [...all].slice(-(MOST - 1));
    await this.#memento.update(KEY, [...rest, [`${lessonId}/${exhibitId}`, value]]);
  }

  /** What is stored may have been edited: only pairs of texts count. */
  #all(): Map<string, string> {
    const stored = this.#memento.get<unknown>(KEY);
    const pairs = Array.isArray(stored) ? stored : [];
    return new Map(
      pairs.flatMap((pair: unknown): [string, string][] =>
        Array.isArray(pair) && typeof pair[0] === "string" && typeof pair[1] === "string"
          ? [[pair[0], pair[1]]]
          : [],
      ),
    );
  }
}
