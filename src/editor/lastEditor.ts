/** Remembers the editor that had the focus before a panel took it. */

import * as vscode from "vscode";
import { Disposable } from "./disposable.js";

export class LastEditor extends Disposable {
  #last = vscode.window.activeTextEditor;

  constructor() {
    super();
    this._register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#last = editor;
      }),
    );
  }

  /** An editor of the document that was last in use, if one can still be seen. */
  get inSight(): vscode.TextEditor | undefined {
    return vscode.window.visibleTextEditors.find(({ document }) => document === this.#last?.document);
  }
}
