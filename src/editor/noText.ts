/** What a command says where no text is open: what it needs, and the shortest way to a text. */

import * as vscode from "vscode";

/** @param message a sentence that says what the command wants to work on. */
export async function sayNoText(message: string): Promise<void> {
  // In an empty window there is no file to choose from.
  const [label, command] =
    vscode.workspace.workspaceFolders === undefined
      ? [vscode.l10n.t("Open the Sample Workspace"), "glassbox.openSample"]
      : [vscode.l10n.t("Open File"), "workbench.action.quickOpen"];
  const chosen = await vscode.window.showInformationMessage(message, label);
  if (chosen !== undefined) await vscode.commands.executeCommand(command);
}
