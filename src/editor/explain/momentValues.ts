/** The moment of a recorded run beside the lines of its code: what each variable holds, as inline values. */

import * as vscode from "vscode";
import { momentLines } from "../../core/explain/momentLines.js";
import type { FunctionTrace } from "../../shared/workerProtocol.js";
import { Disposable } from "../disposable.js";

export class MomentValues extends Disposable {
  readonly #values = this._register(
    vscode.window.createTextEditorDecorationType({
      after: {
        // The colour of inlay hints is too pale on the ground of the moment's line.
        color: new vscode.ThemeColor("editor.foreground"),
        fontStyle: "italic",
        backgroundColor: new vscode.ThemeColor("editorInlayHint.background"),
        margin: "0 0 0 2em",
      },
    }),
  );
  readonly #line = this._register(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor("editor.stackFrameHighlightBackground"),
    }),
  );

  /**
   * Shows the moment wherever the document is seen.
   * @param firstLine the document's line at which the traced source begins.
   */
  show(document: vscode.TextDocument, trace: FunctionTrace, firstLine: number, moment: number): void {
    const step = trace.steps[moment];
    if (!step) {
      this.clear();
      return;
    }
    const values = momentLines(trace.steps, moment);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) {
        editor.setDecorations(this.#values, []);
        editor.setDecorations(this.#line, []);
        continue;
      }
      const endOf = (line: number) => document.lineAt(Math.min(line, document.lineCount - 1)).range.end;
      const here = endOf(step.line + firstLine);
      editor.setDecorations(
        this.#values,
        values.map(({ line, text }): vscode.DecorationOptions => {
          const end = endOf(line + firstLine);
          return { range: new vscode.Range(end, end), renderOptions: { after: { contentText: text } } };
        }),
      );
      editor.setDecorations(this.#line, [new vscode.Range(here.line, 0, here.line, here.character)]);
      editor.revealRange(new vscode.Range(here, here), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  clear(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      editor.setDecorations(this.#values, []);
      editor.setDecorations(this.#line, []);
    }
  }
}
