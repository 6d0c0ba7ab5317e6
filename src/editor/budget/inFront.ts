/** The file or selection in front of the reader, as the context bar counts it. */

import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
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
    this._register(
      vscode.window.onDidChangeTextEditorSelection(({ selections }) => {
        const selected = selections.some(({ isEmpty }) => !isEmpty);
        if (selected || this.#selected) this.changed();
        this.#selected = selected;
      }),
    );
    this._register({ dispose: () => clearTimeout(this.#settling) });
  }

  changed(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#changed.fire();
    }, SETTLE_MS);
  }

  /** What is in front now; undefined where there is no text that is counted. */
  count(documents: DocumentTokens | undefined): InFront | undefined {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !documents || !hasTokens(editor.document)) return undefined;
    const { document } = editor;
    const selections = editor.selections.filter(({ isEmpty }) => !isEmpty);
    const tokens = documents.of(document);
    let count: number | undefined = tokens.complete ? tokens.tokenCount : undefined;
    if (selections.length > 0) {
      count = 0;
      for (const { start, end } of selections) {
        const touched = tokens.countTouching(document.offsetAt(start), document.offsetAt(end));
        count = touched === undefined || count === undefined ? undefined : count + touched;
      }
    }
    return {
      uri: document.uri,
      name: basename(document.uri.path),
      tokens: count,
      selected: selections.length > 0,
    };
  }
}
