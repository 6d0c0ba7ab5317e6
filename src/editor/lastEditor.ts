/** Remembers the text that was last in use, for when a panel or another page stands before it. */

import * as vscode from "vscode";
import { Disposable } from "./disposable.js";

export class LastEditor extends Disposable {
  #last = vscode.window.activeTextEditor;
  #column = this.#last?.viewColumn;

  constructor() {
    super();
    this._register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (!editor) return;
        this.#last = editor;
        // An editor that is covered has none any more.
        this.#column = editor.viewColumn;
      }),
    );
  }

  /** The active editor; while a panel has the focus, the one that had it before, if it can still be seen. */
  get inUse(): vscode.TextEditor | undefined {
    return vscode.window.activeTextEditor ?? this.inSight;
  }

  /** An editor of the document that was last in use, if one can still be seen. */
  get inSight(): vscode.TextEditor | undefined {
    return vscode.window.visibleTextEditors.find(({ document }) => document === this.#last?.document);
  }

  /**
   * Brings the text back to the front where a page of VS Code's own has covered it, such as the walkthrough whose
   * links work on a selection. What was selected still is.
   */
  async bringBack(): Promise<void> {
    const { activeTextEditor, tabGroups } = vscode.window;
    // Of the tabs that extensions may know, each shows something of its own, a panel for one.
    if (activeTextEditor || !tabGroups.activeTabGroup.activeTab || tabGroups.activeTabGroup.activeTab.input)
      return;
    const uri = this.#last?.document.uri;
    if (!uri || this.inSight) return;
    const isItsOwn = ({ input }: vscode.Tab) =>
      input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
    const group = tabGroups.all.find(
      ({ viewColumn, tabs }) => viewColumn === this.#column && tabs.some(isItsOwn),
    );
    if (group) await vscode.window.showTextDocument(uri, { viewColumn: group.viewColumn });
  }
}
