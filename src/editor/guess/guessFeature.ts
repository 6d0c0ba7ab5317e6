/** "Glassbox: Guess the Next Token": a game at the caret, with what comes next hidden in the editor. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { GlassboxError } from "../../shared/errors.js";
import type { GuessHost, GuessPage } from "../../shared/panels/guess.js";
import { Disposable } from "../disposable.js";
import { hasTokens, whyNotCounted } from "../documentKinds.js";
import type { ModelService } from "../models.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import { CHARACTERS_BEFORE, CHARACTERS_BEHIND, type GuessText, guessHandlers } from "./guessHandlers.js";

export class GuessFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ModelService;
  readonly #log: vscode.LogOutputChannel;
  /** Keeps its place but is not seen; the frame says that something is there. */
  readonly #hidden = this._register(
    vscode.window.createTextEditorDecorationType({
      opacity: "0",
      backgroundColor: new vscode.ThemeColor("editor.hoverHighlightBackground"),
      outline: "1px dotted var(--vscode-editor-foreground)",
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  #panel: Panel<GuessPage, GuessHost> | undefined;
  /** The document that is played on, its version when it was read, and the offset in it of the text that was read. */
  #text: { document: vscode.TextDocument; version: number; start: number } | undefined;
  /** Offsets in the document. */
  #part: { start: number; end: number } | undefined;

  constructor(environment: PanelEnvironment, models: ModelService, log: vscode.LogOutputChannel) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#log = log;
    this._register({ dispose: () => this.#panel?.dispose() });
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()));
    const changed = (document: vscode.TextDocument) => {
      if (document !== this.#text?.document) return;
      this.#hide(undefined);
      this.#tell("textChanged");
    };
    this._register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) changed(document);
      }),
    );
    this._register(vscode.workspace.onDidCloseTextDocument(changed));
    this._register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        // A panel that was opened without a text takes the first that comes, and stands beside it.
        if (editor && this.#panel && !this.#text && hasTokens(editor.document)) void this.show();
      }),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.model")) this.#tell("begin");
      }),
    );
  }

  /** Opens the panel, or begins anew at the caret as it is now. */
  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const reason = editor && whyNotCounted(editor.document)?.reason;
    if (reason !== undefined) {
      void vscode.window.showInformationMessage(reason);
      return;
    }
    if (this.#panel) {
      this.#panel.reveal();
      this.#tell("begin");
      return;
    }
    const panel = new Panel<GuessPage, GuessHost>(this.#environment, {
      name: "guess",
      title: vscode.l10n.t("Guess the Next Token"),
      handlers: guessHandlers(this.#models, {
        text: () => this.#read(),
        hide: (part) => this.#hide(part),
      }),
      // It takes the focus: the game is played on the keyboard.
      viewColumn: vscode.ViewColumn.Beside,
    });
    this.#panel = panel;
    panel.onDidClose(() => {
      this.#panel = undefined;
      this.#hide(undefined);
      this.#text = undefined;
    });
  }

  /** The text around the caret of the editor in use, or of the one that had the focus before the panel. */
  #read(): GuessText | undefined {
    const editor = this.#environment.lastEditor.inUse;
    this.#text = undefined;
    if (!editor || whyNotCounted(editor.document)) return undefined;
    const { document, selection } = editor;
    const caret = document.offsetAt(selection.start);
    const before = wholeCharacters(document, Math.max(0, caret - CHARACTERS_BEFORE), caret);
    const behind = document.getText(
      new vscode.Range(selection.start, document.positionAt(caret + CHARACTERS_BEHIND)),
    );
    const start = caret - before.length;
    this.#text = { document, version: document.version, start };
    this.#environment.places?.keep("guess", document, selection);
    return {
      fileName: basename(document.uri.path) || document.uri.path,
      text: before + behind,
      caret: before.length,
      cutAtStart: start > 0,
      lineBreak: document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n",
      lineOf: (offset) => document.positionAt(start + offset).line,
    };
  }

  /** Where the text was edited while the model was being loaded, its places are no longer known: all stays in sight. */
  #hide(part: { start: number; end: number } | undefined): void {
    const { document, version, start = 0 } = this.#text ?? {};
    const hidden = part && document?.version === version;
    this.#part = hidden ? { start: start + part.start, end: start + part.end } : undefined;
    this.#draw();
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const hides = this.#part && document === this.#text?.document;
      editor.setDecorations(
        this.#hidden,
        hides
          ? [new vscode.Range(document.positionAt(this.#part!.start), document.positionAt(this.#part!.end))]
          : [],
      );
    }
  }

  #tell(event: "begin" | "textChanged"): void {
    this.#panel?.page.call(event, {}).catch((error: unknown) => {
      // The page may close while the message is under way.
      if (GlassboxError.from(error).code !== "closed") reportError(error, this.#log);
    });
  }
}

/** The text between two offsets, without half a character at its start. */
function wholeCharacters(document: vscode.TextDocument, start: number, end: number): string {
  const text = document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
  const first = text.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? text.slice(1) : text;
}
