/** Shows in the text where a context window, or what is left of it for this file, ends: all after it is dimmed. */

import * as vscode from "vscode";
import { lineOfToken } from "../../core/tokens/contextBudget.js";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { whyNoEditor, whyNotCounted } from "../documentKinds.js";
import { lineNoteType } from "../lineNote.js";
import { sayNoText } from "../noText.js";
import { approximateSign } from "../tokenizers.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
import { chosenPrice, chosenPriceModel } from "../tokens/priceTable.js";

const REDRAW_MS = 100;
const WARNING = "editorWarning.foreground";

interface Shown {
  document: vscode.TextDocument;
  /** Tokens that this file may have; undefined: the whole window of the chosen model. */
  limit: number | undefined;
}

/** The line in which a text passes a number of tokens; undefined where it does not. */
export function lineWhereTokensPass(
  document: vscode.TextDocument,
  tokens: TokenDocument,
  limit: number,
): number | undefined {
  return lineOfToken(document.lineCount, limit, (line) =>
    line === document.lineCount
      ? tokens.tokenCount
      : // Asked of complete tokens only.
        (tokens.indexAt(document.offsetAt(new vscode.Position(line, 0))) ?? 0),
  );
}

export class ContextEnd extends Disposable {
  readonly #tokens: () => Promise<DocumentTokens>;
  readonly #dimmed = this._register(vscode.window.createTextEditorDecorationType({ opacity: "0.6" }));
  readonly #note = this._register(
    lineNoteType(WARNING, {
      isWholeLine: true,
      borderWidth: "1px 0 0 0",
      borderStyle: "dashed",
      borderColor: new vscode.ThemeColor(WARNING),
      overviewRulerColor: new vscode.ThemeColor(WARNING),
    }),
  );
  #shown: Shown | undefined;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(tokens: () => Promise<DocumentTokens>) {
    super();
    this.#tokens = tokens;
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#schedule()));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.tokens")) this.#schedule();
      }),
    );
    this._register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.#shown?.document) this.#shown = undefined;
      }),
    );
    this._register({ dispose: () => clearTimeout(this.#redraw) });
  }

  /** To be called when the tokens of a document have changed. */
  documentChanged(document: vscode.TextDocument): void {
    if (document === this.#shown?.document) this.#schedule();
  }

  /**
   * Opens the line in which the window ends and dims what is after it; a second time hides it again.
   * @param uri the file; without it the one in front. @param limit the tokens that are left for it.
   */
  async show(uri?: vscode.Uri, limit?: number): Promise<void> {
    const editor = uri
      ? await vscode.window.showTextDocument(uri, { preview: true })
      : vscode.window.activeTextEditor;
    const why = editor ? whyNotCounted(editor.document) : await whyNoEditor();
    if (why) {
      void vscode.window.showInformationMessage(why.reason);
      return;
    }
    if (!editor) {
      void sayNoText(vscode.l10n.t("Open a text first."));
      return;
    }
    const { document } = editor;
    if (this.#shown?.document === document && this.#shown.limit === limit) {
      this.#shown = undefined;
      await this.#draw();
      return;
    }
    const most = limit ?? chosenPrice()?.contextWindow;
    if (most === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'The context window of "{0}" is not known. Choose another price model, or give its contextWindow in "glassbox.tokens.prices".',
          chosenPriceModel(),
        ),
      );
      return;
    }
    const tokens = await this.#complete(document);
    const line = lineWhereTokensPass(document, tokens, most);
    if (line === undefined) {
      this.#shown = undefined;
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          "All of it fits: {0} of {1} tokens.",
          approximateSign() + formatCount(tokens.tokenCount),
          formatCount(most),
        ),
      );
    } else {
      this.#shown = { document, limit };
      const range = document.lineAt(line).range;
      editor.revealRange(range, vscode.TextEditorRevealType.InCenter);
      editor.selection = new vscode.Selection(range.start, range.start);
    }
    await this.#draw();
  }

  /** The tokens of a document once all are made. */
  async #complete(document: vscode.TextDocument): Promise<TokenDocument> {
    const documents = await this.#tokens();
    const tokens = documents.of(document);
    if (tokens.complete) return tokens;
    return new Promise((resolve) => {
      const listener = documents.onDidChange((changed) => {
        const made = documents.of(document);
        if (changed !== document || !made.complete) return;
        listener.dispose();
        resolve(made);
      });
    });
  }

  #schedule(): void {
    if (!this.#shown) return;
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      void this.#draw();
    }, REDRAW_MS);
  }

  async #draw(): Promise<void> {
    const documents = await this.#tokens();
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = this.#shown?.document === editor.document ? this.#shown : undefined;
      const most = shown && (shown.limit ?? chosenPrice()?.contextWindow);
      const tokens = shown && documents.of(editor.document);
      const line =
        most !== undefined && tokens?.complete
          ? lineWhereTokensPass(editor.document, tokens, most)
          : undefined;
      if (line === undefined || most === undefined || !tokens) {
        editor.setDecorations(this.#dimmed, []);
        editor.setDecorations(this.#note, []);
        continue;
      }
      const start = new vscode.Position(line, 0);
      const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
      const contentText =
        shown?.limit === undefined
          ? vscode.l10n.t(
              "the window of {0} ends in this line: {1} of {2} tokens fit",
              chosenPriceModel(),
              formatCount(most),
              approximateSign() + formatCount(tokens.tokenCount),
            )
          : vscode.l10n.t(
              "what is left of the window ends in this line: {0} of {1} tokens fit",
              formatCount(most),
              approximateSign() + formatCount(tokens.tokenCount),
            );
      editor.setDecorations(this.#dimmed, [new vscode.Range(start, end)]);
      editor.setDecorations(this.#note, [
        { range: editor.document.lineAt(line).range, renderOptions: { after: { contentText } } },
      ]);
    }
  }
}
