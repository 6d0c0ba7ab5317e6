/** Warns in the text where an open file passes the budget that is configured for it. */

import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { hasTokens, notebookOf, onDidChangeCells } from "../documentKinds.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
import { BUDGETS_SETTING, budgetOf } from "./budgetSettings.js";
import { overBudgetText } from "./budgetText.js";
import { lineWhereTokensPass } from "./contextEnd.js";

/** Milliseconds without a change until a budget is looked at: nobody is warned in the middle of a word. */
const SETTLE_MS = 300;
/** Tells our diagnostics from others'. */
const CODE = "token-budget";

export class BudgetDiagnostics extends Disposable implements vscode.CodeActionProvider {
  readonly #tokens: DocumentTokens;
  readonly #found = this._register(vscode.languages.createDiagnosticCollection("glassbox.tokens"));
  /** By the address of what has the budget, a file or a notebook. */
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(tokens: DocumentTokens) {
    super();
    this.#tokens = tokens;
    this._register(tokens.onDidChange((document) => this.#schedule(document)));
    this._register(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this._register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)));
    this._register(vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.#forget(uri)));
    this._register(
      onDidChangeCells((notebook) => this.#scheduleTexts(notebook.uri, () => cellsOf(notebook))),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(BUDGETS_SETTING)) this.#checkAll();
      }),
    );
    this._register(
      vscode.languages.registerCodeActionsProvider({ scheme: "*", language: "*" }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
    );
    this._register({
      dispose: () => {
        for (const timer of this.#settling.values()) clearTimeout(timer);
      },
    });
    this.#checkAll();
  }

  provideCodeActions(
    _document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const ours = diagnostics.filter(({ code }) => code === CODE);
    if (ours.length === 0) return [];
    const title = vscode.l10n.t("Open the Token Budget");
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.command = { command: "glassbox.showTokenBudget", title };
    action.diagnostics = ours;
    return [action];
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#schedule(document);
  }

  /** A notebook has its budget as a whole, and is looked at when any of its cells has changed. */
  #schedule(document: vscode.TextDocument): void {
    if (document.isClosed || !hasTokens(document)) return;
    const notebook = notebookOf(document);
    if (notebook) this.#scheduleTexts(notebook.uri, () => cellsOf(notebook));
    else this.#scheduleTexts(document.uri, () => [document]);
  }

  #scheduleTexts(uri: vscode.Uri, texts: () => readonly vscode.TextDocument[]): void {
    const key = uri.toString();
    clearTimeout(this.#settling.get(key));
    this.#settling.set(
      key,
      setTimeout(() => {
        this.#settling.delete(key);
        this.#check(uri, texts());
      }, SETTLE_MS),
    );
  }

  /** @param texts what has the budget together: one text, or the cells of a notebook in their order. */
  #check(uri: vscode.Uri, texts: readonly vscode.TextDocument[]): void {
    const budget = budgetOf(uri);
    const made = budget ? texts.map((text) => this.#tokens.of(text)) : [];
    // While tokens are made, `onDidChange` brings us here again.
    if (made.some(({ complete }) => !complete)) return;
    const total = made.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    let left = budget?.tokens ?? 0;
    let passed = false;
    texts.forEach((text, at) => {
      const tokens = made[at];
      const line = tokens && !passed ? lineWhereTokensPass(text, tokens, left) : undefined;
      left -= tokens?.tokenCount ?? 0;
      if (!budget || line === undefined) {
        // Also the deletion of nothing is a message to the window.
        if (this.#found.has(text.uri)) this.#found.delete(text.uri);
        return;
      }
      passed = true;
      const said = overBudgetText(total, budget.tokens, budget.glob);
      const diagnostic = new vscode.Diagnostic(
        text.lineAt(line).range,
        notebookOf(text)
          ? vscode.l10n.t("The budget is passed in this line: {0}, all cells together.", said)
          : vscode.l10n.t("The budget is passed in this line: {0}.", said),
        vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = "Glassbox";
      diagnostic.code = CODE;
      this.#found.set(text.uri, [diagnostic]);
    });
  }

  #forget(uri: vscode.Uri): void {
    clearTimeout(this.#settling.get(uri.toString()));
    this.#settling.delete(uri.toString());
    this.#found.delete(uri);
  }
}

function cellsOf(notebook: vscode.NotebookDocument): vscode.TextDocument[] {
  return notebook.getCells().map(({ document }) => document);
}
