/** Follows what the reader has in front of them in the editor: the selection, else the line of the caret. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { type LessonSource, MOST_EXHIBIT_CHARACTERS } from "../../shared/panels/lesson.js";
import { Disposable } from "../disposable.js";
import { FollowedEditor } from "../followedEditor.js";

/** Milliseconds of rest in the editor before the exhibits follow. */
const REST_MS = 120;

export class EditorText extends Disposable {
  readonly #changed = this._register(new vscode.EventEmitter<LessonSource | undefined>());
  readonly onDidChange = this.#changed.event;
  readonly #editor = this._register(new FollowedEditor(REST_MS));
  #last: string | undefined;

  constructor() {
    super();
    this.#editor.follow(vscode.window.activeTextEditor);
    this._register(
      this.#editor.onDidRest(() => {
        const { current } = this;
        const key = JSON.stringify(current);
        if (key === this.#last) return;
        this.#last = key;
        this.#changed.fire(current);
      }),
    );
  }

  /** The text now; undefined without an editor in sight, or on an empty line. */
  get current(): LessonSource | undefined {
    const editor = this.#editor.inSight;
    return editor && read(editor);
  }

  /** The document of that text. */
  get document(): vscode.TextDocument | undefined {
    return this.#editor.inSight?.document;
  }
}

function read({ document, selection }: vscode.TextEditor): LessonSource | undefined {
  const range = selection.isEmpty ? document.lineAt(selection.active.line).range : selection;
  const start = document.offsetAt(range.start);
  const cut = document.offsetAt(range.end) - start > MOST_EXHIBIT_CHARACTERS;
  const readTo = cut ? document.positionAt(start + MOST_EXHIBIT_CHARACTERS) : range.end;
  const text = document.getText(new vscode.Range(range.start, readTo));
  if (text.trim() === "") return undefined;
  return {
    fileName: basename(document.uri.path) || document.uri.path,
    firstLine: range.start.line,
    lastLine: readTo.line,
    chosen: selection.isEmpty ? "line" : "selection",
    languageId: document.languageId,
    // Cut between the halves of a character, the first half goes too.
    text: cut ? text.replace(/[\uD800-\uDBFF]$/, "") : text,
    cut,
  };
}
