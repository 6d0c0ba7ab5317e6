/** Words behind a line of the text, as all features write them that have something to say of a line. */

import * as vscode from "vscode";

/**
 * The type of decoration for such words; what they say comes with each decoration.
 * @param colour of the theme. @param line how the line itself is marked.
 */
export function lineNoteType(
  colour = "editorCodeLens.foreground",
  line: vscode.DecorationRenderOptions = {},
): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    ...line,
    after: { color: new vscode.ThemeColor(colour), margin: "0 0 0 3ch", fontStyle: "italic" },
  });
}
