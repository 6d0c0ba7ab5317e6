/** Follows the text that was last in front of the reader, for panels that go along with it while they have the focus. */

import * as vscode from "vscode";
import { Disposable } from "./disposable.js";
import { hasTokens } from "./documentKinds.js";

export class FollowedEditor extends Disposable {
  readonly #rested = this._register(new vscode.EventEmitter<void>());
  /** The text, what is selected in it, or which text it is may have changed, and now the reader rests. */
  readonly onDidRest = this.#rested.event;
  readonly #restMs: number;
  #editor: vscode.TextEditor | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param restMs milliseconds in which changes are taken together. */
  constructor(restMs: number) {
    super();
    this.#restMs = restMs;
    const { window, workspace } = vscode;
    this._register(
      window.onDidChangeActiveTextEditor((editor) => {
        // Where a panel has the focus now, the text stays the one that was last in front of the reader.
        this.follow(editor);
        this.#later();
      }),
    );
    this._register(
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.follow(textEditor);
        this.#later();
      }),
    );
    this._register(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document === this.#editor?.document && contentChanges.length > 0) this.#later();
      }),
    );
    this._register(window.onDidChangeVisibleTextEditors(() => this.#later()));
    this._register({ dispose: () => clearTimeout(this.#timer) });
  }

  /** Takes an editor from now on, unless its document is nobody's text. */
  follow(editor: vscode.TextEditor | undefined): void {
    if (editor && hasTokens(editor.document)) this.#editor = editor;
  }

  /** An editor of the text, if one can be seen: the one that was in use, else another of the same document. */
  get inSight(): vscode.TextEditor | undefined {
    const { visibleTextEditors } = vscode.window;
    return (
      visibleTextEditors.find((visible) => visible === this.#editor) ??
      visibleTextEditors.find(({ document }) => document === this.#editor?.document)
    );
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rested.fire(), this.#restMs);
  }
}
