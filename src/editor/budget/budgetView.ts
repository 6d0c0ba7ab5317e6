/**
 * The Token Budget view as the editor sees it from the start: a tree whose nodes and looks come from the feature,
 * which is loaded when the view is first shown.
 */

import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import type { BudgetItems, BudgetViewNode } from "./budgetItems.js";

export class BudgetView extends Disposable implements vscode.TreeDataProvider<BudgetViewNode> {
  readonly tree: vscode.TreeView<BudgetViewNode>;
  readonly #items: () => Promise<BudgetItems>;
  readonly #changed = this._register(new vscode.EventEmitter<BudgetViewNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param items builds the feature; called when the view is first shown. */
  constructor(items: () => Promise<BudgetItems>) {
    super();
    this.#items = items;
    this.tree = this._register(
      vscode.window.createTreeView("glassbox.budget", {
        treeDataProvider: this,
        showCollapseAll: true,
        canSelectMany: false,
        // A folder's box stands for all files in it, also for those that were never shown.
        manageCheckboxStateManually: true,
      }),
    );
  }

  /** Draws a node anew, or all of them. */
  refresh(node?: BudgetViewNode): void {
    this.#changed.fire(node);
  }

  async getChildren(node?: BudgetViewNode): Promise<BudgetViewNode[]> {
    return (await this.#items()).children(node);
  }

  async getTreeItem(node: BudgetViewNode): Promise<vscode.TreeItem> {
    return (await this.#items()).item(node);
  }
}
