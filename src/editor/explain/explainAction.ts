/** The code action "Explain Selection": an entry in the light-bulb menu that only names the command. */

import * as vscode from "vscode";

/** No refactoring and no fix: it changes nothing, so it comes last and only in the menu. */
const KIND = vscode.CodeActionKind.Empty.append("glassbox.explain");

const provider: vscode.CodeActionProvider = {
  provideCodeActions(_document, range) {
    if (range.isEmpty) return [];
    const action = new vscode.CodeAction(vscode.l10n.t("Glassbox: Explain Selection"), KIND);
    action.command = { command: "glassbox.explainSelection", title: action.title };
    return [action];
  },
};

/** Costs one registration; the explanation's code is loaded when the action is chosen. */
export function registerExplainAction(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider({ pattern: "**" }, provider, {
    providedCodeActionKinds: [KIND],
  });
}
