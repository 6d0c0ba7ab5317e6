/** The text as an edit would leave it, in a diff beside the text as it is, until the reader applies it or not. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { applyReplacements } from "../../core/savings/replacements.js";
import { GlassboxError } from "../../shared/errors.js";
import type { Replacement } from "../../shared/savings.js";
import { Disposable } from "../disposable.js";
import { cellPlace, nameOf } from "../documentKinds.js";
import type { MeasuredEdit } from "./measure.js";

/** Two schemes, so that each preview's title bar has the one button that fits. */
const PREVIEW_SCHEME = "glassbox-savings";
const RENAME_SCHEME = "glassbox-rename";

interface Preview {
  document: vscode.TextDocument;
  /** The document's version that the edit was measured on. */
  version: number;
  edit: MeasuredEdit;
}

export class SavingsPreview extends Disposable implements vscode.TextDocumentContentProvider {
  readonly #previews = new Map<string, Preview>();

  constructor() {
    super();
    for (const scheme of [PREVIEW_SCHEME, RENAME_SCHEME]) {
      this._register(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    }
    this._register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        // A change of language is announced as closing and opening, too.
        if (vscode.workspace.textDocuments.includes(document)) return;
        this.#previews.delete(document.uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    const preview = this.#previews.get(uri.toString());
    return preview && applyReplacements(preview.document.getText(), preview.edit.edits);
  }

  /** Opens the diff. */
  async open(
    document: vscode.TextDocument,
    version: number,
    edit: MeasuredEdit,
    title: string,
  ): Promise<void> {
    this.#requireVersion(document, version);
    const { path } = document.uri;
    const cell = cellPlace(document);
    const uri = vscode.Uri.from({
      scheme: edit.kind.name === "longName" ? RENAME_SCHEME : PREVIEW_SCHEME,
      // The same name, so that the same language colours it; but a cell is no notebook.
      path: `${path.startsWith("/") ? path : `/${path}`}${cell === undefined ? "" : ` ${cell + 1}`}`,
      query: randomUUID(),
    });
    this.#previews.set(uri.toString(), { document, version, edit });
    const shown = await vscode.workspace.openTextDocument(uri);
    if (shown.languageId !== document.languageId) {
      await vscode.languages.setTextDocumentLanguage(shown, document.languageId);
    }
    await vscode.commands.executeCommand("vscode.diff", document.uri, uri, `${nameOf(document)}: ${title}`);
  }

  /** The document that the preview in front is about; undefined where there is none in front. */
  get shownDocument(): vscode.TextDocument | undefined {
    return this.#inFront()?.preview.document;
  }

  /** Makes the edit of the preview in front, as one step for Undo, and shows the document. */
  async apply(): Promise<void> {
    const { tab, preview } = this.#requirePreview();
    const { document, version, edit } = preview;
    this.#requireVersion(document, version);
    const text = document.getText();
    const changes = new vscode.WorkspaceEdit();
    const isLineEnding = ({ start, end, text: inserted }: Replacement) =>
      inserted === "" && end === start + 1 && text[start] === "\r" && text[end] === "\n";
    const edits = edit.edits
      .filter((replacement) => !isLineEnding(replacement))
      .map(({ start, end, text: inserted }) =>
        vscode.TextEdit.replace(
          new vscode.Range(document.positionAt(start), document.positionAt(end)),
          inserted,
        ),
      );
    // The editor keeps one kind of line ending for a whole text.
    if (edits.length < edit.edits.length) edits.push(vscode.TextEdit.setEndOfLine(vscode.EndOfLine.LF));
    changes.set(document.uri, edits);
    if (!(await vscode.workspace.applyEdit(changes))) {
      throw new GlassboxError(
        "failed",
        vscode.l10n.t('"{0}" did not take the edit.', nameOf(document)),
        vscode.l10n.t("See whether it is read-only."),
      );
    }
    await vscode.window.tabGroups.close(tab);
    await reveal(document);
  }

  /** Starts the language's own rename at the first use of the name that the preview in front renames. */
  async rename(): Promise<void> {
    const { tab, preview } = this.#requirePreview();
    const { document, version, edit } = preview;
    this.#requireVersion(document, version);
    const place = document.positionAt(edit.edits[0]!.start);
    await vscode.window.tabGroups.close(tab);
    await reveal(document, place);
    await vscode.commands.executeCommand("editor.action.rename");
  }

  #inFront(): { tab: vscode.Tab; preview: Preview } | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    if (!(tab?.input instanceof vscode.TabInputTextDiff)) return undefined;
    const preview = this.#previews.get(tab.input.modified.toString());
    return preview && { tab, preview };
  }

  #requirePreview(): { tab: vscode.Tab; preview: Preview } {
    const found = this.#inFront();
    if (found) return found;
    throw new GlassboxError(
      "failed",
      vscode.l10n.t("There is no preview of an edit in front of you."),
      vscode.l10n.t("Run Glassbox: What Would an Edit Save? and choose an edit."),
    );
  }

  #requireVersion(document: vscode.TextDocument, version: number): void {
    if (!document.isClosed && document.version === version) return;
    throw new GlassboxError(
      "failed",
      vscode.l10n.t('"{0}" has changed since the edit was measured.', nameOf(document)),
      vscode.l10n.t("Run Glassbox: What Would an Edit Save? again."),
    );
  }
}

/** Shows a document where it is edited, with the caret at a place: a cell in its notebook, not as a text by itself. */
async function reveal(document: vscode.TextDocument, caret?: vscode.Position): Promise<void> {
  const options = caret ? { selection: new vscode.Range(caret, caret) } : {};
  if (cellPlace(document) === undefined) await vscode.window.showTextDocument(document, options);
  else await vscode.commands.executeCommand("vscode.open", document.uri, options);
}
