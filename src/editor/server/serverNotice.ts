/** The notice before anything is sent to a server: what leaves this machine, where to, and who could read it. */

import * as vscode from "vscode";
import type { ServerAddress } from "../../core/server/serverAddress.js";

/** Asks the reader; true when they allow it. */
export async function askToSend(address: ServerAddress, model: string, hasKey: boolean): Promise<boolean> {
  const send = vscode.l10n.t("Send");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("Send text to {0}?", address.host),
    { modal: true, detail: noticeText(address, model, hasKey) },
    send,
  );
  return chosen === send;
}

/** The whole notice, in plain words. */
export function noticeText(address: ServerAddress, model: string, hasKey: boolean): string {
  const parts = [
    vscode.l10n.t(
      "When you ask for an explanation or ask about a selection, these are sent to {0}, for the model “{1}”:",
      `${address.base}/chat/completions`,
      model,
    ),
    [
      vscode.l10n.t("• the selected text and the code around it"),
      vscode.l10n.t("• the file’s name and language"),
      vscode.l10n.t("• what tools found: types, problems, results of runs, files that a tool has read"),
      vscode.l10n.t("• your questions, and the answers before them"),
      ...(hasKey ? [vscode.l10n.t("• your key for this server")] : []),
    ].join("\n"),
    vscode.l10n.t(
      "Nothing else is sent. Tokens, attention and sampling stay with the model on this machine.",
    ),
  ];
  if (address.loopback) {
    parts.push(
      vscode.l10n.t("The server runs on this machine; what it does with the text is up to that program."),
    );
  } else if (!address.encrypted) {
    parts.push(
      vscode.l10n.t(
        "Careful: this address uses http without encryption. Everybody on the way can read the text{0}.",
        hasKey ? vscode.l10n.t(" and the key") : "",
      ),
    );
  }
  return parts.join("\n\n");
}
