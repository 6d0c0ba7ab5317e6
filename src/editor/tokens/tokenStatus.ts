/** The status item: tokens of the selection or the file, and what they cost. */

import * as vscode from "vscode";
import { formatCost, inputCost } from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import {
  hasTokens,
  notebookOf,
  onDidChangeCells,
  otherSideOf,
  whyNoEditor,
  whyNotCounted,
} from "../documentKinds.js";
import type { DocumentTokens } from "./documentTokens.js";
import { tokensOfNotebook } from "./notebookCount.js";
import { chosenPrice, chosenPriceModel, doubtsAbout } from "./priceTable.js";
import { statusTooltip } from "./statusTooltip.js";

/** Milliseconds from a change to the item: it can wait until what is in the text has been drawn. */
const UPDATE_MS = 60;

export class TokenStatus extends Disposable {
  readonly #item = this._register(
    vscode.window.createStatusBarItem("glassbox.tokens", vscode.StatusBarAlignment.Right, 90),
  );
  #tokens: DocumentTokens | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether something was selected when it was drawn last. */
  #selected = false;
  /** Whether the item can be seen. */
  #visible = false;
  /** Counts the drawings: a slow answer must not overwrite a later one. */
  #draws = 0;

  constructor() {
    super();
    this._register({ dispose: () => clearTimeout(this.#timer) });
    this.#item.name = vscode.l10n.t("Glassbox Tokens");
    this.#item.command = "glassbox.chooseTokenizer";
    this._register(
      vscode.window.onDidChangeTextEditorSelection(({ selections }) => {
        // A caret that moves changes nothing.
        if (this.#selected || selections.some(({ isEmpty }) => !isEmpty)) this.update();
      }),
    );
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.update()));
    this._register(vscode.window.onDidChangeActiveNotebookEditor(() => this.update()));
    this._register(onDidChangeCells(() => this.update()));
    this._register(vscode.window.tabGroups.onDidChangeTabs(() => this.update()));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.tokens")) this.update();
      }),
    );
  }

  show(tokens: DocumentTokens): void {
    this.#tokens = tokens;
    this.#draw();
  }

  update(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, UPDATE_MS);
  }

  #draw(): void {
    const editor = vscode.window.activeTextEditor;
    this.#draws++;
    this.#selected = editor?.selections.some(({ isEmpty }) => !isEmpty) ?? false;
    if (!this.#tokens || !editor || !hasTokens(editor.document)) {
      void this.#drawOther(editor);
      return;
    }
    const { document, selections } = editor;
    const tokens = this.#tokens.of(document);
    const selected = selections.filter((selection) => !selection.isEmpty);
    const count =
      selected.length === 0
        ? tokens.complete
          ? tokens.tokenCount
          : undefined
        : sum(
            selected.map(({ start, end }) =>
              tokens.countTouching(document.offsetAt(start), document.offsetAt(end)),
            ),
          );
    const notebook = notebookOf(document);
    const otherSide = tokensOfOtherSide(this.#tokens, document);
    const price = chosenPrice();
    let text: string;
    if (count === undefined) {
      text = vscode.l10n.t("counting tokens, {0} %", Math.floor(tokens.fraction * 100));
    } else {
      const amount = count === 1 ? vscode.l10n.t("1 token") : vscode.l10n.t("{0} tokens", formatCount(count));
      const all = notebook && tokensOfNotebook(this.#tokens, notebook);
      const what =
        selected.length > 0
          ? vscode.l10n.t("{0} selected", amount)
          : all === undefined
            ? amount
            : vscode.l10n.t("{0} in the cell, {1} in the notebook", amount, formatCount(all));
      const doubts = doubtsAbout(this.#tokens.tokenizer.name, this.#tokens.approximate, price);
      const counted = doubts.count + what;
      text = price ? `${counted} · ${doubts.cost}${formatCost(inputCost(price, count))}` : counted;
    }
    this.#show(
      text,
      statusTooltip({
        tokenizer: this.#tokens.tokenizer.name,
        approximate: this.#tokens.approximate,
        count,
        file: selected.length > 0 && tokens.complete ? tokens.tokenCount : undefined,
        price,
        priceModel: chosenPriceModel(),
        remarks:
          otherSide === undefined
            ? []
            : [vscode.l10n.t("The other side of the comparison has {0} tokens.", otherSide)],
      }),
    );
  }

  /** Whatever is set on an item is a message to the window, also what was there already. */
  #show(text: string, tooltip: vscode.MarkdownString | string): void {
    if (this.#item.text !== text) this.#item.text = text;
    if (plain(this.#item.tooltip) !== plain(tooltip)) this.#item.tooltip = tooltip;
    if (!this.#visible) this.#item.show();
    this.#visible = true;
  }

  #hide(): void {
    if (this.#visible) this.#item.hide();
    this.#visible = false;
  }

  /** With no text in front: the notebook's tokens, why nothing is counted, or nothing where that goes without saying. */
  async #drawOther(editor: vscode.TextEditor | undefined): Promise<void> {
    const draw = this.#draws;
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (this.#tokens && !editor && notebook) {
      const count = tokensOfNotebook(this.#tokens, notebook);
      this.#show(
        count === undefined
          ? vscode.l10n.t("counting tokens")
          : vscode.l10n.t("{0} tokens in the notebook", formatCount(count)),
        vscode.l10n.t("The sources of all cells, without their outputs."),
      );
      return;
    }
    const why = editor ? whyNotCounted(editor.document) : await whyNoEditor();
    if (draw !== this.#draws) return;
    if (!this.#tokens || !why) this.#hide();
    else this.#show(vscode.l10n.t("not counted: {0}", why.short), why.reason);
  }
}

function plain(tooltip: vscode.MarkdownString | string | undefined): string | undefined {
  return typeof tooltip === "object" ? tooltip.value : tooltip;
}

/** Tokens of the other side of the diff that shows a document; undefined elsewhere. */
function tokensOfOtherSide(tokens: DocumentTokens, document: vscode.TextDocument): string | undefined {
  const other = otherSideOf(document);
  const made = other && tokens.of(other);
  return made?.complete ? formatCount(made.tokenCount) : undefined;
}

function sum(counts: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const count of counts) {
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}
