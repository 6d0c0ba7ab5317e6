/** "Glassbox: Open the Sample Workspace": a copy of the sample that comes with the extension, to try things out in. */

import * as vscode from "vscode";

/** @param storage the extension's own folder, where the copy stays with all that the reader changes in it. */
export async function openSampleWorkspace(extensionUri: vscode.Uri, storage: vscode.Uri): Promise<void> {
  const target = vscode.Uri.joinPath(storage, "sample");
  if (!(await exists(target))) {
    await vscode.workspace.fs.createDirectory(storage);
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(extensionUri, "media", "sample"), target);
  }
  // What is open stays open.
  const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
  await vscode.commands.executeCommand("vscode.openFolder", target, { forceNewWindow });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
