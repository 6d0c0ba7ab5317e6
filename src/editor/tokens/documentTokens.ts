/** The tokens of the open documents that are looked at, kept true through edits and encoded in slices. */

import * as vscode from "vscode";
import { TokenDocument } from "../../core/tokens/tokenDocument.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { Disposable } from "../disposable.js";

/** Milliseconds that one slice of encoding may hold the extension host: well within a frame. */
const SLICE_MS = 4;
/** Milliseconds between two announcements of a long encoding. */
const ANNOUNCE_MS = 100;

interface Entry {
  tokens: TokenDocument;
  eol: vscode.EndOfLine;
  slice: ReturnType<typeof setImmediate> | undefined;
  announcedAt: number;
}

export class DocumentTokens extends Disposable {
  readonly tokenizer: Tokenizer;
  readonly #entries = new Map<vscode.TextDocument, Entry>();
  readonly #changed = this._register(new vscode.EventEmitter<vscode.TextDocument>());
  /** Fires when tokens of a document were made or changed. */
  readonly onDidChange = this.#changed.event;

  constructor(tokenizer: Tokenizer) {
    super();
    this.tokenizer = tokenizer;
    this._register(vscode.workspace.onDidChangeTextDocument((event) => this.#edit(event)));
    this._register(vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)));
  }

  /**
   * The tokens of a document; those that are not made yet follow in slices.
   * @param firstVisible offset from which on the tokens are wanted first.
   */
  of(document: vscode.TextDocument, firstVisible = 0): TokenDocument {
    let entry = this.#entries.get(document);
    if (!entry) {
      entry = this.#open(document, firstVisible);
      this.#entries.set(document, entry);
    }
    return entry.tokens;
  }

  override dispose(): void {
    for (const document of [...this.#entries.keys()]) this.#forget(document);
    super.dispose();
  }

  #open(document: vscode.TextDocument, firstVisible: number): Entry {
    const tokens = new TokenDocument(this.tokenizer, document.getText());
    const entry: Entry = { tokens, eol: document.eol, slice: undefined, announcedAt: performance.now() };
    // A short text is ready at once, so that nothing flickers.
    if (!this.#encodeSlice(entry, firstVisible)) this.#continue(document, entry, firstVisible);
    return entry;
  }

  #encodeSlice(entry: Entry, first: number): boolean {
    const end = performance.now() + SLICE_MS;
    return entry.tokens.encode(() => performance.now() < end, first);
  }

  #continue(document: vscode.TextDocument, entry: Entry, first: number): void {
    entry.slice ??= setImmediate(() => {
      entry.slice = undefined;
      const complete = this.#encodeSlice(entry, first);
      if (!complete) this.#continue(document, entry, first);
      const now = performance.now();
      if (!complete && now - entry.announcedAt < ANNOUNCE_MS) return;
      entry.announcedAt = now;
      this.#changed.fire(document);
    });
  }

  #edit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const entry = this.#entries.get(document);
    if (!entry) return;
    if (document.eol !== entry.eol) {
      // Every line has changed, and the editor reports none of it.
      this.#forget(document);
      this.of(document);
    } else if (contentChanges.length > 0) {
      // The editor reports changes from the last place to the first, each with offsets that still hold.
      for (const { rangeOffset, rangeLength, text } of contentChanges) {
        entry.tokens.edit({ offset: rangeOffset, length: rangeLength, text });
      }
      if (!entry.tokens.complete) this.#continue(document, entry, contentChanges[0]?.rangeOffset ?? 0);
    } else return;
    this.#changed.fire(document);
  }

  #forget(document: vscode.TextDocument): void {
    const slice = this.#entries.get(document)?.slice;
    if (slice) clearImmediate(slice);
    this.#entries.delete(document);
  }
}
