/** Shows an error to the reader in one sentence with its remedy; a cancellation is not an error. */

import * as vscode from "vscode";
import { GlassboxError } from "../shared/errors.js";

export function reportError(thrown: unknown, log: vscode.LogOutputChannel): void {
  const error = GlassboxError.from(thrown);
  if (error.code === "cancelled") return;
  log.error(error);
  const text = error.remedy ? `${error.message} ${error.remedy}` : error.message;
  const showLog = vscode.l10n.t("Show Log");
  const chooseModel = vscode.l10n.t("Choose Model");
  const actions = error.code === "no-model" ? [chooseModel, showLog] : [showLog];
  void vscode.window.showErrorMessage(text, ...actions).then((action) => {
    if (action === showLog) log.show();
    else if (action === chooseModel) void vscode.commands.executeCommand("glassbox.chooseModel");
  });
}
