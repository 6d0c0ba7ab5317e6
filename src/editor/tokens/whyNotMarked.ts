/** Why token boundaries that were just switched on show nowhere, or not everywhere. */

import * as vscode from "vscode";
import { formatCount } from "../../shared/formatCount.js";
import { hasTokens, whyNoEditor, whyNotCounted } from "../documentKinds.js";
import { LONGEST_BANDED_LINE } from "./tokenBands.js";

/** A sentence for the reader; undefined where there is nothing to explain. */
export async function whyNotMarked(): Promise<string | undefined> {
  const shown = vscode.window.visibleTextEditors.filter(({ document }) => hasTokens(document));
  if (shown.length > 0) return shown.some(showsLongLine) ? longLine() : undefined;
  const active = vscode.window.activeTextEditor;
  if (active) return whyNotCounted(active.document)?.reason;
  if (vscode.window.activeNotebookEditor) {
    return vscode.l10n.t("A cell shows them while its source can be seen; double-click one to edit it.");
  }
  const none = await whyNoEditor();
  return none?.reason ?? vscode.l10n.t("There is no text in front of you; they show in the next one.");
}

function showsLongLine({ document, visibleRanges }: vscode.TextEditor): boolean {
  return visibleRanges.some(({ start, end }) => {
    for (let line = start.line; line <= end.line; line++) {
      if (document.lineAt(line).text.length > LONGEST_BANDED_LINE) return true;
    }
    return false;
  });
}

function longLine(): string {
  return vscode.l10n.t(
    "In a line of more than {0} characters only a part is marked; every token is counted.",
    formatCount(LONGEST_BANDED_LINE),
  );
}
