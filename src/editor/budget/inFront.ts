/** The file, notebook or selection in front of the reader, as the context bar counts it. */

import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { hasTokens, notebookOf, onDidChangeCells } from "../documentKinds.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
import { tokensOfNotebook } from "../tokens/notebookCount.js";
import type { InFront } from "./budgetItems.js";

const SETTLE_MS = 150;

export class TextInFront extends Disposable {
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Whether something was selected when it last changed: a caret that moves changes nothing. */
  #selected = false;

  constructor() {
    super();
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.changed()));
    this._register(vscode.window.onDidChangeActiveNotebookEditor(() => this.changed()));
    this._register(onDidChangeCells(() => this.changed()));
    this._register(
      vscode.window.onDidChangeTextEditorSelection(({ selections }) => {
        const selected = selections.some(({ isEmpty }) => !isEmpty);
        if (selected || this.#selected) this.changed();
        this.#selected = selected;
      }),
    );
    this._register({ dispose: () => clearTimeout(this.#settling) });
  }

  /** To be called when the tokens of a document have changed. */
  documentChanged(document: vscode.TextDocument): void {
    const { activeTextEditor, activeNotebookEditor } = vscode.window;
    const notebook = activeNotebookEditor?.notebook;
    if (document === activeTextEditor?.document || (notebook && notebookOf(document) === notebook)) {
      this.changed();
    }
  }

  changed(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#changed.fire();
    }, SETTLE_MS);
  }

  /** What is in front now; undefined where there is no text that is counted. */
  count(documents: DocumentTokens | undefined): InFront | undefined {
    const { activeTextEditor, activeNotebookEditor } = vscode.window;
    return documents && countInFront(documents, activeTextEditor, activeNotebookEditor?.notebook);
  }
}

/**
 * Counts what an editor has selected, else all of its text; of a cell all of its notebook, whose name it has.
 * @param notebook the one in front, where no cell of it is edited.
 */
export function countInFront(
  documents: DocumentTokens,
  editor: Pick<vscode.TextEditor, "document" | "selections"> | undefined,
  notebook: vscode.NotebookDocument | undefined,
): InFront | undefined {
  const selections = editor?.selections.filter(({ isEmpty }) => !isEmpty) ?? [];
  const whole = editor ? notebookOf(editor.document) : notebook;
  if (whole && selections.length === 0) {
    const { uri } = whole;
    return { kind: "notebook", uri, name: basename(uri.path), tokens: tokensOfNotebook(documents, whole) };
  }
  if (!editor || !hasTokens(editor.document)) return undefined;
  const { document } = editor;
  const { uri } = document;
  const name = basename(uri.path);
  const tokens = documents.of(document);
  if (selections.length === 0) {
    return { kind: "file", uri, name, tokens: tokens.complete ? tokens.tokenCount : undefined };
  }
  let count: number | undefined = 0;
  for (const { start, end } of selections) {
    const touched = tokens.countTouching(document.offsetAt(start), document.offsetAt(end));
    count = touched === undefined || count === undefined ? undefined : count + touched;
  }
  return { kind: "selection", uri, name, tokens: count };
}
