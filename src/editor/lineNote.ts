/** Dim words behind a line of the text, as all features write them that have something to say of a line. */

import * as vscode from "vscode";

/** The type of decoration for such words; what they say comes with each decoration. */
export function lineNoteType(): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    after: {
      color: new vscode.ThemeColor("editorCodeLens.foreground"),
      margin: "0 0 0 3ch",
      fontStyle: "italic",
    },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}
