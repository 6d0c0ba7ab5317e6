/** What a command says where no text is open: what it needs, and the shortest way to a text. */

import * as vscode from "vscode";

/** In an empty window there is no file to choose from. */
const isEmptyWindow = (): boolean => vscode.workspace.workspaceFolders === undefined;

/** @param message a sentence that says what the command wants to work on. */
export async function sayNoText(message: string): Promise<void> {
  const label = isEmptyWindow() ? vscode.l10n.t("Open the Sample Workspace") : vscode.l10n.t("Open File");
  const chosen = await vscode.window.showInformationMessage(message, label);
  if (chosen !== undefined) await openText();
}

/** Lets the reader choose a file, or opens the sample workspace where there is none to choose from. */
export async function openText(): Promise<void> {
  await vscode.commands.executeCommand(
    isEmptyWindow() ? "glassbox.openSample" : "workbench.action.quickOpen",
  );
}
