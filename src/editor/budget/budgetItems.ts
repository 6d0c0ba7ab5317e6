/** What the Token Budget view shows: the nodes and their looks, made from counts, picks and the chosen price. */

import * as vscode from "vscode";
import {
  type BudgetFile,
  type BudgetFolder,
  type BudgetNode,
  type BudgetOrder,
  everyFile,
  filesOf,
  type SkipReason,
  sortedChildren,
} from "../../core/budget/budgetTree.js";
import { isNotebookFile } from "../../core/budget/notebookSources.js";
import { fillBar, formatShare, type Packed, packWindow } from "../../core/tokens/contextBudget.js";
import { formatCost, inputCost } from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { approximation, chosenTokenizer } from "../tokenizers.js";
import {
  chosenPrice,
  chosenPriceModel,
  type Doubts,
  describeCost,
  doubtsAbout,
} from "../tokens/priceTable.js";
import { budgetOf } from "./budgetSettings.js";
import { overBudgetText } from "./budgetText.js";
import { LARGEST_FILE } from "./fileCounter.js";
import type { BudgetRoot, WorkspaceBudget } from "./workspaceBudget.js";

export interface PickedFile {
  root: BudgetRoot;
  file: BudgetFile;
}

/** What is in front of the reader: a file, a notebook, or a selection. */
export interface InFront {
  kind: "file" | "notebook" | "selection";
  uri: vscode.Uri;
  name: string;
  tokens: number | undefined;
}

export type BudgetViewNode =
  | { kind: "front" }
  | { kind: "picked" }
  | { kind: "fallen"; packed: Packed<PickedFile> }
  | { kind: "entry"; root: BudgetRoot; node: BudgetNode }
  | { kind: "skipped" }
  | { kind: "skippedFile"; root: BudgetRoot; path: string; reason: SkipReason };

/** Files that fall out, or were not counted, of which more than this are not listed one by one. */
const LONGEST_LIST = 200;

const FRONT: BudgetViewNode = { kind: "front" };
const PICKED: BudgetViewNode = { kind: "picked" };
const SKIPPED: BudgetViewNode = { kind: "skipped" };
/** The nodes at the head, which are drawn anew by themselves. */
export const HEAD = [FRONT, PICKED] as const;

export class BudgetItems extends Disposable {
  readonly #budget: WorkspaceBudget;
  /** Keys of the picked files, in the order of picking. */
  readonly #picked: Set<string>;
  /** Of the keys, the files that there are; undefined after a change. */
  #pickedFiles: readonly PickedFile[] | undefined;
  readonly #inFront: () => InFront | undefined;
  order: BudgetOrder = "tokens";

  constructor(budget: WorkspaceBudget, picked: readonly string[], inFront: () => InFront | undefined) {
    super();
    this.#budget = budget;
    this.#picked = new Set(picked);
    this.#inFront = inFront;
    this._register(
      budget.onDidChange(() => {
        this.#pickedFiles = undefined;
      }),
    );
  }

  children(node: BudgetViewNode | undefined): BudgetViewNode[] {
    if (!node) return this.#rootNodes();
    switch (node.kind) {
      case "entry":
        return node.node.kind === "folder" ? this.#childrenOf(node.root, node.node) : [];
      case "picked":
        return this.fallingOut()
          .slice(0, LONGEST_LIST)
          .map((packed) => ({ kind: "fallen", packed }));
      case "skipped":
        return this.#budget.roots
          .flatMap((root) =>
            Array.from(
              root.tree.skipped,
              ([path, reason]): BudgetViewNode => ({
                kind: "skippedFile",
                root,
                path,
                reason,
              }),
            ),
          )
          .slice(0, LONGEST_LIST);
      default:
        return [];
    }
  }

  #rootNodes(): BudgetViewNode[] {
    const { roots, state } = this.#budget;
    // Nothing at all: the view says what to do instead.
    if (state === "never" || roots.length === 0) return [];
    const [only] = roots;
    const entries =
      roots.length === 1 && only
        ? this.#childrenOf(only, only.tree.root)
        : roots.map((root): BudgetViewNode => ({ kind: "entry", root, node: root.tree.root }));
    const skipped = roots.some(({ tree }) => tree.skipped.size > 0) ? [SKIPPED] : [];
    return [...HEAD, ...entries, ...skipped];
  }

  #childrenOf(root: BudgetRoot, folder: BudgetFolder): BudgetViewNode[] {
    return sortedChildren(folder, this.order).map((node) => ({ kind: "entry", root, node }));
  }

  /** Keys of the picked files, as they are kept. */
  get picked(): readonly string[] {
    return [...this.#picked];
  }

  /** Ticks or unticks files, of folders all that are in them. */
  pick(node: BudgetViewNode, on: boolean): void {
    if (node.kind !== "entry") return;
    for (const file of filesOf(node.node)) {
      const key = node.root.key + file.path;
      if (on) this.#picked.add(key);
      else this.#picked.delete(key);
    }
    this.#pickedFiles = undefined;
  }

  clearPicks(): void {
    this.#picked.clear();
    this.#pickedFiles = undefined;
  }

  /** The picked files that there are, in the order of picking. */
  pickedFiles(): readonly PickedFile[] {
    this.#pickedFiles ??= [...this.#picked].flatMap((key) => {
      const root = this.#budget.roots.find((each) => key.startsWith(each.key));
      const file = root?.tree.file(key.slice(root.key.length));
      return root && file ? [{ root, file }] : [];
    });
    return this.#pickedFiles;
  }

  /** The picked files that do not fit into the window of the chosen model, the first of them perhaps in part. */
  fallingOut(): Packed<PickedFile>[] {
    const window = chosenPrice()?.contextWindow;
    if (window === undefined) return [];
    return packWindow(window, this.pickedFiles(), ({ file }) => file.tokens).filter(
      ({ kept, tokens }) => kept < tokens,
    );
  }

  item(node: BudgetViewNode): vscode.TreeItem {
    switch (node.kind) {
      case "front":
        return this.#frontItem();
      case "picked":
        return this.#pickedItem();
      case "fallen":
        return fallenItem(node.packed);
      case "entry":
        return this.#entryItem(node.root, node.node);
      case "skipped":
        return this.#skippedItem();
      case "skippedFile":
        return skippedFileItem(node.root, node.path, node.reason);
    }
  }

  #frontItem(): vscode.TreeItem {
    const front = this.#inFront();
    const item = new vscode.TreeItem(front?.name ?? vscode.l10n.t("No text in front"));
    item.id = "front";
    item.iconPath = new vscode.ThemeIcon(front ? FRONT_ICONS[front.kind] : "file-text");
    if (!front) {
      item.description = vscode.l10n.t("open a file to measure it");
      return item;
    }
    if (front.kind === "selection") item.label = vscode.l10n.t("Selection in {0}", front.name);
    if (front.tokens === undefined) {
      item.description = vscode.l10n.t("counting tokens");
      return item;
    }
    fill(item, front.tokens, this.#budget.tokenizer);
    const window = chosenPrice()?.contextWindow;
    if (window !== undefined && front.tokens > window && front.kind === "file") {
      item.iconPath = WARNING;
      item.command = {
        command: "glassbox.showContextEnd",
        title: vscode.l10n.t("Show Where the Context Window Ends"),
      };
    }
    return item;
  }

  #pickedItem(): vscode.TreeItem {
    const files = this.pickedFiles();
    const item = new vscode.TreeItem(
      files.length === 1
        ? vscode.l10n.t("1 file picked")
        : vscode.l10n.t("{0} files picked", formatCount(files.length)),
    );
    item.id = "picked";
    item.iconPath = new vscode.ThemeIcon("checklist");
    if (files.length === 0) {
      item.label = vscode.l10n.t("No files picked");
      item.description = vscode.l10n.t("tick files to add them up");
      return item;
    }
    item.contextValue = "picked";
    fill(
      item,
      files.reduce((sum, { file }) => sum + file.tokens, 0),
      this.#budget.tokenizer,
    );
    const fallen = this.fallingOut();
    if (fallen.length > 0) {
      item.iconPath = WARNING;
      // A node that was shown without children stays closed when it gets some; another one opens.
      item.id = "picked, too much";
      item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
      item.tooltip = vscode.l10n.t(
        "{0} of them do not fit: files go in as they were picked, and what comes last falls out.",
        formatCount(fallen.length),
      );
    }
    return item;
  }

  #entryItem(root: BudgetRoot, node: BudgetNode): vscode.TreeItem {
    const uri = node.path === "" ? root.folder.uri : root.files.uriOf(node.path);
    const item = new vscode.TreeItem(
      uri,
      node.kind === "file"
        ? vscode.TreeItemCollapsibleState.None
        : node.path === ""
          ? vscode.TreeItemCollapsibleState.Expanded
          : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `entry ${uri.toString()}`;
    item.label = node.name;
    item.iconPath = node.kind === "file" ? vscode.ThemeIcon.File : vscode.ThemeIcon.Folder;
    const { total } = this.#budget;
    const share = total === 0 ? 0 : node.tokens / total;
    const price = chosenPrice();
    const doubts = doubtsAbout(this.#budget.tokenizer ?? "", approximation(chosenTokenizer()), price);
    const parts = [doubts.count + formatCount(node.tokens), formatShare(share)];
    if (price) parts.push(doubts.cost + formatCost(inputCost(price, node.tokens)));
    // What a narrow view cuts off is the bar, which only says the share again.
    item.description = `${parts.join(" · ")} ${fillBar(share, 5)}`;
    item.tooltip = entryTooltip(node, share, doubts);
    const lines = item.tooltip.split("\n");
    item.accessibilityInformation = { label: lines.join(", "), role: "treeitem" };
    if (node.kind === "file") {
      item.contextValue = "budgetFile";
      item.command = { command: "vscode.open", title: vscode.l10n.t("Open File"), arguments: [uri] };
      const budget = budgetOf(uri);
      if (budget && node.tokens > budget.tokens) {
        item.iconPath = WARNING;
        item.tooltip += `\n${overBudgetText(node.tokens, budget.tokens, budget.glob)}`;
      }
    }
    item.checkboxState = this.#checkbox(root, node);
    return item;
  }

  /** A folder is ticked when all of its files are. */
  #checkbox(root: BudgetRoot, node: BudgetNode): NonNullable<vscode.TreeItem["checkboxState"]> {
    const picked = this.#picked.size > 0 && everyFile(node, ({ path }) => this.#picked.has(root.key + path));
    return {
      state: picked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: picked
        ? vscode.l10n.t("Take out of the context bar")
        : vscode.l10n.t("Put into the context bar"),
      accessibilityInformation: { label: vscode.l10n.t("Pick {0} for the context bar", node.name) },
    };
  }

  #skippedItem(): vscode.TreeItem {
    const count = this.#budget.roots.reduce((sum, { tree }) => sum + tree.skipped.size, 0);
    const item = new vscode.TreeItem(
      count === 1
        ? vscode.l10n.t("1 file not counted")
        : vscode.l10n.t("{0} files not counted", formatCount(count)),
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = "skipped";
    item.iconPath = new vscode.ThemeIcon("circle-slash");
    item.description = vscode.l10n.t("binary, large, linked or unreadable");
    return item;
  }
}

const FRONT_ICONS = { file: "file-text", notebook: "notebook", selection: "selection" } as const;
const WARNING = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));

/** Says in a node's description how much of the chosen model's window so many tokens fill. */
function fill(item: vscode.TreeItem, tokens: number, tokenizer: string | undefined): void {
  const price = chosenPrice();
  const doubts = doubtsAbout(tokenizer ?? "", approximation(chosenTokenizer()), price);
  const amount = tokens === 1 ? vscode.l10n.t("1 token") : vscode.l10n.t("{0} tokens", formatCount(tokens));
  const count = doubts.count + amount;
  if (!price) {
    item.description = count;
    item.tooltip = [
      vscode.l10n.t('There is no price and no window for "{0}".', chosenPriceModel()),
      ...doubts.reasons,
    ].join("\n");
    return;
  }
  const cost = describeCost(price, tokens, doubts.cost);
  const { contextWindow } = price;
  if (contextWindow === undefined) {
    item.description = count;
    item.tooltip = [
      count,
      cost,
      vscode.l10n.t("The window of {0} is not known.", price.model),
      ...doubts.reasons,
    ].join("\n");
    return;
  }
  const fraction = tokens / contextWindow;
  const window = formatCount(contextWindow);
  const share = doubts.cost + formatShare(fraction);
  item.description = vscode.l10n.t("{0} of {1} {2}", share, window, fillBar(fraction));
  item.tooltip = [
    count,
    vscode.l10n.t("{0} of the {1}-token window of {2}", share, window, price.model),
    ...(fraction > 1
      ? [vscode.l10n.t("{0} tokens fall out", doubts.cost + formatCount(tokens - contextWindow))]
      : []),
    cost,
    ...doubts.reasons,
  ].join("\n");
  item.accessibilityInformation = {
    label: `${typeof item.label === "string" ? item.label : ""}, ${item.tooltip.split("\n").join(", ")}`,
  };
}

function entryTooltip(node: BudgetNode, share: number, doubts: Doubts): string {
  const price = chosenPrice();
  const lines = [
    node.name,
    vscode.l10n.t(
      "{0} tokens, {1} of the workspace",
      doubts.count + formatCount(node.tokens),
      formatShare(share),
    ),
    node.kind === "file"
      ? vscode.l10n.t("{0} bytes", formatCount(node.bytes))
      : vscode.l10n.t("{0} files, {1} bytes", formatCount(node.files), formatCount(node.bytes)),
  ];
  if (node.kind === "file" && isNotebookFile(node.name)) {
    lines.push(vscode.l10n.t("Counted: the sources of its cells, without their outputs."));
  }
  if (price) lines.push(describeCost(price, node.tokens, doubts.cost));
  lines.push(...doubts.reasons);
  return lines.join("\n");
}

function fallenItem({ item: { root, file }, kept, tokens }: Packed<PickedFile>): vscode.TreeItem {
  const uri = root.files.uriOf(file.path);
  const item = new vscode.TreeItem(file.name);
  item.id = `fallen ${uri.toString()}`;
  item.iconPath = new vscode.ThemeIcon(kept > 0 ? "split-vertical" : "circle-slash");
  item.description =
    kept > 0
      ? vscode.l10n.t("only {0} of {1} tokens fit", formatCount(kept), formatCount(tokens))
      : vscode.l10n.t("falls out: {0} tokens", formatCount(tokens));
  item.tooltip = `${file.path}\n${item.description}`;
  item.command =
    kept > 0
      ? {
          command: "glassbox.showContextEnd",
          title: vscode.l10n.t("Show Where the Context Window Ends"),
          arguments: [uri, kept],
        }
      : { command: "vscode.open", title: vscode.l10n.t("Open File"), arguments: [uri] };
  return item;
}

function skippedFileItem(root: BudgetRoot, path: string, reason: SkipReason): vscode.TreeItem {
  const item = new vscode.TreeItem(path);
  item.id = `skipped ${root.files.uriOf(path).toString()}`;
  item.description = skipText(reason);
  item.tooltip = `${path}\n${item.description}`;
  return item;
}

function skipText(reason: SkipReason): string {
  switch (reason) {
    case "binary":
      return vscode.l10n.t("binary");
    case "huge":
      return vscode.l10n.t("larger than {0} MB", LARGEST_FILE / 1024 / 1024);
    case "link":
      return vscode.l10n.t("a link; its target is counted where it lies");
    case "unreadable":
      return vscode.l10n.t("cannot be read");
  }
}
