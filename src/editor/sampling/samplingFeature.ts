/** "Show Next-Token Distribution": takes the text before the caret or the selection and opens its panel. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { lastCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import type { SamplingHost, SamplingPage, SamplingSource } from "../../shared/panels/sampling.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import type { ModelService } from "../models.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { MOST_CHARACTERS, samplingHandlers } from "./samplingHandlers.js";

export class SamplingFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ModelService;
  readonly #log: vscode.LogOutputChannel;
  #panel: Panel<SamplingPage, SamplingHost> | undefined;
  #source: SamplingSource | undefined;
  #document: vscode.TextDocument | undefined;
  /** Where the text that was read ends, and the version of the document that it was read from. */
  #end: { offset: number; version: number } | undefined;

  constructor(environment: PanelEnvironment, models: ModelService, log: vscode.LogOutputChannel) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#log = log;
    this._register({ dispose: () => this.#panel?.dispose() });
    this._register(
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === this.#document && event.contentChanges.length > 0) this.#tell("sourceEdited");
      }),
    );
    this._register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        // A panel that was opened without a text takes the first that comes, and stands beside it.
        if (editor && this.#panel && !this.#source && hasTokens(editor.document)) void this.show();
      }),
    );
  }

  /** Opens the panel, or brings it to the front with the text that is chosen now. */
  async show(): Promise<void> {
    this.#read();
    if (this.#panel) {
      this.#panel.reveal();
      this.#tell("sourceChanged");
      return;
    }
    const handlers = samplingHandlers(
      this.#models,
      () => this.#source,
      () => {
        this.#read();
        this.#tell("sourceChanged");
      },
      (text) => this.#insert(text),
    );
    const panel = new Panel<SamplingPage, SamplingHost>(this.#environment, {
      name: "sampling",
      title: vscode.l10n.t("Next Token"),
      handlers,
    });
    this.#panel = panel;
    panel.onDidClose(() => {
      this.#panel = undefined;
    });
  }

  /** Takes the text from the editor in use; from the one that was read before while the panel has the focus. */
  #read(): void {
    const editor =
      vscode.window.activeTextEditor ??
      vscode.window.visibleTextEditors.find(({ document }) => document === this.#document);
    if (!editor) return;
    this.#document = editor.document;
    this.#source = sourceOf(editor);
    const { document, selection } = editor;
    this.#environment.places?.keep("sampling", document, selection);
    this.#end = { offset: document.offsetAt(selection.end), version: document.version };
  }

  /** Puts a text where the one that was read ends. */
  async #insert(text: string): Promise<void> {
    const [document, end] = [this.#document, this.#end];
    if (!document || !end || document.isClosed || document.version !== end.version) {
      throw new GlassboxError(
        "invalid-request",
        vscode.l10n.t(
          "The document has changed since the text was read, so there is no longer a place for this.",
        ),
        vscode.l10n.t("Read the text again first."),
      );
    }
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(end.offset), text);
    if (await vscode.workspace.applyEdit(edit)) return;
    throw new GlassboxError(
      "failed",
      vscode.l10n.t('VS Code did not let "{0}" be edited.', basename(document.uri.path)),
    );
  }

  #tell(event: "sourceChanged" | "sourceEdited"): void {
    this.#panel?.page.call(event, {}).catch((error: unknown) => {
      const { code, message } = GlassboxError.from(error);
      // The page may close while the message is under way.
      if (code !== "closed") this.#log.error(message);
    });
  }
}

/** The selection, or with nothing selected the text from the document's start to the caret. */
function sourceOf({ document, selection }: vscode.TextEditor): SamplingSource {
  const range = selection.isEmpty
    ? new vscode.Range(new vscode.Position(0, 0), selection.active)
    : new vscode.Range(selection.start, selection.end);
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  // One unit more than is kept, so that cutting sees whether it splits a character.
  const from = document.positionAt(Math.max(start, end - MOST_CHARACTERS - 1));
  const read = document.getText(new vscode.Range(from, range.end));
  const text = lastCharacters(read, MOST_CHARACTERS);
  return {
    fileName: basename(document.uri.path) || document.uri.path,
    firstLine: range.start.line,
    lastLine: range.end.line,
    text,
    languageId: document.languageId,
    scope: selection.isEmpty ? "caret" : "selection",
    cutAtStart: text.length < end - start,
  };
}
