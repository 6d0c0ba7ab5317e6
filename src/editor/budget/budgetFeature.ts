/** The Token Budget: wires counts, view, picks, context bar and export, and is built when one of them is wanted. */

import * as vscode from "vscode";
import { formatCost, inputCost } from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { approximation, chosenTokenizer } from "../tokenizers.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
import { chosenPrice, describeSource, estimateNote } from "../tokens/priceTable.js";
import { BudgetItems, HEAD } from "./budgetItems.js";
import type { BudgetView } from "./budgetView.js";
import { ContextEnd } from "./contextEnd.js";
import { budgetCsv } from "./exportCsv.js";
import { TextInFront } from "./inFront.js";
import { WorkspaceBudget } from "./workspaceBudget.js";

/** Milliseconds between two drawings while much changes. */
const REDRAW_MS = 250;
const PICKED_KEY = "glassbox.budget.picked";
const COUNTED_KEY = "glassbox.budget.counted";

/** Where tokens come from: those of the tokenizer that is chosen. */
export interface TokenSource {
  loaded(): Promise<DocumentTokens>;
  readonly documents: DocumentTokens | undefined;
  /** Fires with the documents of another tokenizer. */
  readonly onDidLoad: vscode.Event<DocumentTokens>;
  readonly onDidChange: vscode.Event<vscode.TextDocument>;
}

export class BudgetFeature extends Disposable {
  readonly budget: WorkspaceBudget;
  readonly items: BudgetItems;
  readonly #view: BudgetView;
  readonly #memento: vscode.Memento;
  readonly #end: ContextEnd;
  readonly #front = this._register(new TextInFront());
  #redraw: ReturnType<typeof setTimeout> | undefined;
  #progress: (() => void) | undefined;

  constructor(
    view: BudgetView,
    tokens: TokenSource,
    storage: vscode.Uri | undefined,
    memento: vscode.Memento,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#view = view;
    this.#memento = memento;
    this.budget = this._register(new WorkspaceBudget(() => tokens.loaded(), storage, log));
    const picked = memento.get<string[]>(PICKED_KEY, []);
    this.items = this._register(
      new BudgetItems(this.budget, picked, () => this.#front.count(tokens.documents)),
    );
    this.#end = this._register(new ContextEnd(() => tokens.loaded()));
    this._register(this.budget.onDidChange(() => this.#schedule()));
    this._register(this.#front.onDidChange(() => this.#drawFront()));
    this._register(
      tokens.onDidChange((document) => {
        this.#end.documentChanged(document);
        this.#front.documentChanged(document);
        const { documents } = tokens;
        if (documents) this.budget.documentChanged(document, documents);
      }),
    );
    this._register(
      tokens.onDidLoad(() => {
        if (this.budget.state !== "never") void this.count();
      }),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.tokens")) this.#schedule();
      }),
    );
    this._register(
      view.tree.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items)
          this.items.pick(node, state === vscode.TreeItemCheckboxState.Checked);
        this.#keepPicks();
      }),
    );
    this._register(
      view.tree.onDidChangeVisibility(({ visible }) => {
        if (visible) this.#schedule();
      }),
    );
    this._register({
      dispose: () => {
        clearTimeout(this.#redraw);
        this.#progress?.();
      },
    });
    this.#draw();
    // Who has counted this workspace once wants its counts whenever the view is open.
    if (memento.get(COUNTED_KEY, false)) void this.count();
  }

  /** Opens the view, and counts where that was never done. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand("glassbox.budget.focus");
  }

  async count(): Promise<void> {
    await this.budget.count();
    if (this.budget.state === "counted") await this.#memento.update(COUNTED_KEY, true);
  }

  stop(): void {
    this.budget.stop();
  }

  toggleOrder(): void {
    this.items.order = this.items.order === "tokens" ? "name" : "tokens";
    this.#draw();
  }

  clearPicks(): void {
    this.items.clearPicks();
    this.#keepPicks();
  }

  showContextEnd(uri?: vscode.Uri, limit?: number): Promise<void> {
    return this.#end.show(uri, limit);
  }

  /** Asks where to, unless told, and writes the table there; counts first where that was never done. */
  async exportCsv(target?: vscode.Uri): Promise<void> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    if (!folder) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t("Open a folder first: the table has one row for each of its files."),
      );
      return;
    }
    if (this.budget.state !== "counted") await this.count();
    if (this.budget.state !== "counted") return;
    const uri =
      target ??
      (await vscode.window.showSaveDialog({
        defaultUri: vscode.Uri.joinPath(folder.uri, "token-budget.csv"),
        filters: { CSV: ["csv"] },
        title: vscode.l10n.t("Export Token Budget as CSV"),
      }));
    if (!uri) return;
    const { roots, tokenizer = "", fileCount } = this.budget;
    const price = chosenPrice();
    const table = budgetCsv(roots, {
      tokenizer,
      approximate: approximation(chosenTokenizer()) !== undefined,
      price,
      estimated: price !== undefined && estimateNote(price, tokenizer) !== undefined,
    });
    const bytes = new TextEncoder().encode(table);
    await vscode.workspace.fs.writeFile(uri, bytes);
    if (target) return;
    const open = vscode.l10n.t("Open");
    void vscode.window
      .showInformationMessage(vscode.l10n.t("Wrote {0} rows.", formatCount(fileCount)), open)
      .then((action) => {
        if (action === open) void vscode.commands.executeCommand("vscode.open", uri);
      });
  }

  #keepPicks(): void {
    void this.#memento.update(PICKED_KEY, this.items.picked);
    this.#draw();
  }

  #schedule(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#draw();
    }, REDRAW_MS);
  }

  #drawFront(): void {
    const [front] = HEAD;
    if (this.#view.tree.visible && this.budget.state !== "never") this.#view.refresh(front);
  }

  #draw(): void {
    const { tree } = this.#view;
    const { state } = this.budget;
    this.#showProgress(state === "counting");
    void vscode.commands.executeCommand("setContext", "glassbox.budget.state", state);
    const message = this.#message();
    if ((tree.message ?? "") !== message) tree.message = message;
    const fallen = this.items.fallingOut().length;
    const tooltip =
      fallen === 1
        ? vscode.l10n.t("1 picked file does not fit into the window")
        : vscode.l10n.t("{0} picked files do not fit into the window", formatCount(fallen));
    if ((tree.badge?.value ?? 0) !== fallen) tree.badge = fallen > 0 ? { value: fallen, tooltip } : undefined;
    this.#view.refresh();
  }

  /** The line above the tree: what the numbers are of, and how far they are. */
  #message(): string {
    const { state, total, fileCount, entered, tokenizer } = this.budget;
    if (state === "never") return "";
    if (state === "counting") return vscode.l10n.t("Counting: {0} files so far.", formatCount(entered));
    const approximate = tokenizer === undefined ? undefined : approximation(chosenTokenizer());
    const amount = formatCount(total);
    const sums = vscode.l10n.t(
      "{0} files, {1} tokens of {2}",
      formatCount(fileCount),
      approximate === undefined ? amount : vscode.l10n.t("about {0}", amount),
      tokenizer ?? "",
    );
    const price = chosenPrice();
    let cost = sums;
    if (price) {
      const dollars = formatCost(inputCost(price, total));
      cost = vscode.l10n.t(
        "{0}, {1} as input of {2} ({3})",
        sums,
        estimateNote(price, tokenizer ?? "") === undefined ? dollars : vscode.l10n.t("about {0}", dollars),
        price.model,
        describeSource(price),
      );
    }
    return state === "stopped" ? vscode.l10n.t("Stopped early, counted so far: {0}", cost) : cost;
  }

  /** The moving bar at the head of the view. */
  #showProgress(on: boolean): void {
    if (on === (this.#progress !== undefined)) return;
    if (!on) {
      this.#progress?.();
      this.#progress = undefined;
      return;
    }
    void vscode.window.withProgress(
      { location: { viewId: "glassbox.budget" } },
      () =>
        new Promise<void>((resolve) => {
          this.#progress = resolve;
        }),
    );
  }
}
