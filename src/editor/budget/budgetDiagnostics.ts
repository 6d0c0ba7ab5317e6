/** Warns in the text where an open file passes the budget that is configured for it. */

import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
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
  readonly #settling = new Map<vscode.TextDocument, ReturnType<typeof setTimeout>>();

  constructor(tokens: DocumentTokens) {
    super();
    this.#tokens = tokens;
    this._register(tokens.onDidChange((document) => this.#schedule(document)));
    this._register(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this._register(vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)));
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

  #schedule(document: vscode.TextDocument): void {
    clearTimeout(this.#settling.get(document));
    this.#settling.set(
      document,
      setTimeout(() => {
        this.#settling.delete(document);
        this.#check(document);
      }, SETTLE_MS),
    );
  }

  #check(document: vscode.TextDocument): void {
    if (document.isClosed || !hasTokens(document)) return;
    const budget = budgetOf(document.uri);
    const tokens = budget && this.#tokens.of(document);
    // While tokens are made, `onDidChange` brings us here again.
    if (tokens && !tokens.complete) return;
    const line = budget && tokens && lineWhereTokensPass(document, tokens, budget.tokens);
    if (!budget || !tokens || line === undefined) {
      // Also the deletion of nothing is a message to the window.
      if (this.#found.has(document.uri)) this.#found.delete(document.uri);
      return;
    }
    const diagnostic = new vscode.Diagnostic(
      document.lineAt(line).range,
      vscode.l10n.t(
        "The budget is passed in this line: {0}.",
        overBudgetText(tokens.tokenCount, budget.tokens, budget.glob),
      ),
      vscode.DiagnosticSeverity.Warning,
    );
    diagnostic.source = "Glassbox";
    diagnostic.code = CODE;
    this.#found.set(document.uri, [diagnostic]);
  }

  #forget(document: vscode.TextDocument): void {
    clearTimeout(this.#settling.get(document));
    this.#settling.delete(document);
    this.#found.delete(document.uri);
  }
}
