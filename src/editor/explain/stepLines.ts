/** The link from steps to lines: follows edits, lights lines in the editor, goes there. */

import * as vscode from "vscode";
import { type LineRange, moveLines } from "../../core/explain/moveLines.js";
import { GlassboxError } from "../../shared/errors.js";
import { Disposable } from "../disposable.js";

export class StepLines extends Disposable {
  readonly #light = this._register(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
      borderStyle: "solid",
      borderWidth: "0 0 0 3px",
      borderColor: new vscode.ThemeColor("focusBorder"),
      overviewRulerColor: new vscode.ThemeColor("focusBorder"),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    }),
  );
  readonly #moved = this._register(new vscode.EventEmitter<{ lines: LineRange[]; edited: boolean }>());
  /** Fires when an edit moved the lines of steps or changed the explained text. */
  readonly onDidMove = this.#moved.event;
  #document: vscode.TextDocument | undefined;
  #lines: LineRange[] = [];
  #lit: number | undefined;

  constructor() {
    super();
    this._register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document === this.#document && contentChanges.length > 0) this.#follow(contentChanges);
      }),
    );
  }

  /** Takes over the steps of a new explanation. */
  set(document: vscode.TextDocument, lines: readonly LineRange[]): void {
    this.light(undefined);
    this.#document = document;
    this.#lines = [...lines];
  }

  /** Lights the lines of a step wherever its document is seen; undefined puts the light out. */
  light(step: number | undefined): void {
    this.#lit = step;
    const lines = step === undefined ? undefined : this.#lines[step];
    for (const editor of vscode.window.visibleTextEditors) {
      const here = lines && editor.document === this.#document;
      editor.setDecorations(this.#light, here ? [rangeOf(editor.document, lines)] : []);
      if (here) {
        editor.revealRange(
          rangeOf(editor.document, lines),
          vscode.TextEditorRevealType.InCenterIfOutsideViewport,
        );
      }
    }
  }

  /** Shows the document with the step's lines selected. @throws GlassboxError when it is closed for good. */
  async goTo(step: number): Promise<void> {
    const lines = this.#lines[step];
    if (!lines || !this.#document) return;
    if (this.#document.isClosed && this.#document.isUntitled) {
      throw new GlassboxError(
        "file-unreadable",
        vscode.l10n.t("The explained text was never saved and has been closed."),
        vscode.l10n.t("Select another text and explain it."),
      );
    }
    // A closed document is opened anew, as another object.
    this.#document = await vscode.workspace.openTextDocument(this.#document.uri);
    const shown = vscode.window.visibleTextEditors.find(({ document }) => document === this.#document);
    const range = rangeOf(this.#document, lines);
    const editor = await vscode.window.showTextDocument(this.#document, {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
      selection: range,
    });
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** The explained document; undefined when it is closed. */
  get document(): vscode.TextDocument | undefined {
    return this.#document?.isClosed === false ? this.#document : undefined;
  }

  /** The document's text now; undefined when it is closed. */
  get text(): string | undefined {
    return this.document?.getText();
  }

  #follow(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    let edited = false;
    // The editor sends the changes of one edit from the last place to the first, so that earlier ones hold.
    for (const { range, text } of changes) {
      const edit = {
        firstLine: range.start.line,
        lastLine: range.end.line,
        wholeLines: range.start.character === 0 && range.end.character === 0 && /^$|\n$/.test(text),
        insertedBreaks: text.split("\n").length - 1,
      };
      this.#lines = this.#lines.map((lines) => {
        const moved = moveLines(lines, edit);
        edited ||= moved.edited;
        return { first: moved.first, last: moved.last };
      });
    }
    this.#moved.fire({ lines: this.#lines, edited });
    if (this.#lit !== undefined) this.light(this.#lit);
  }
}

function rangeOf(document: vscode.TextDocument, { first, last }: LineRange): vscode.Range {
  const end = document.lineAt(Math.min(last, document.lineCount - 1)).range.end;
  return new vscode.Range(Math.min(first, document.lineCount - 1), 0, end.line, end.character);
}
