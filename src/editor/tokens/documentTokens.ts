/** The tokens of the open documents that are looked at, kept true through edits and encoded in slices. */

import * as vscode from "vscode";
import { LineIntake } from "../../core/tokens/lineIntake.js";
import { TokenDocument } from "../../core/tokens/tokenDocument.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { Disposable } from "../disposable.js";

/** Milliseconds that one slice of taking in and encoding may hold the extension host: it shares its turns with others. */
const SLICE_MS = 2;
/** Milliseconds after an opening before that is begun: the editor itself has much to do then. */
const CALM_AFTER_MS = 300;
/** Milliseconds between two announcements of a long encoding. */
const ANNOUNCE_MS = 100;
/** UTF-16 units from the first visible line on that are encoded before all else. */
const SCREEN = 16 * 1024;

interface Entry {
  tokens: TokenDocument;
  intake: LineIntake;
  /** Of the document, as the tokens know it. */
  version: number;
  eol: vscode.EndOfLine;
  /** Offset of the first visible line. */
  first: number;
  /** Whether it was announced that what can be seen has its tokens. */
  seen: boolean;
  /** Takes the next slice back. */
  cancel: (() => void) | undefined;
  openedAt: number;
  announcedAt: number;
}

export class DocumentTokens extends Disposable {
  readonly tokenizer: Tokenizer;
  readonly #approximate: () => string | undefined;
  readonly #entries = new Map<vscode.TextDocument, Entry>();
  readonly #changed = this._register(new vscode.EventEmitter<vscode.TextDocument>());
  /** Fires when tokens of a document were made or changed. */
  readonly onDidChange = this.#changed.event;

  constructor(tokenizer: Tokenizer, approximate: () => string | undefined = () => undefined) {
    super();
    this.tokenizer = tokenizer;
    this.#approximate = approximate;
    this._register(vscode.workspace.onDidChangeTextDocument((event) => this.#edit(event)));
    this._register(vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)));
  }

  /** Why its counts are approximate, as far as the texts that it has read show; undefined where they are exact. */
  get approximate(): string | undefined {
    return this.#approximate();
  }

  /**
   * The tokens of a document; those that are not made yet follow in slices.
   * @param firstVisible offset from which on the tokens are wanted first.
   */
  of(document: vscode.TextDocument, firstVisible?: number): TokenDocument {
    let entry = this.#entries.get(document);
    if (!entry) {
      entry = this.#open(document, firstVisible ?? 0);
      this.#entries.set(document, entry);
    } else if (firstVisible !== undefined && firstVisible !== entry.first) {
      entry.first = firstVisible;
      entry.seen = false;
      if (entry.cancel) {
        entry.cancel();
        entry.cancel = undefined;
        this.#continue(document, entry);
      }
    }
    return entry.tokens;
  }

  override dispose(): void {
    for (const document of [...this.#entries.keys()]) this.#forget(document);
    super.dispose();
  }

  #open(document: vscode.TextDocument, first: number): Entry {
    const tokens = new TokenDocument(this.tokenizer, "");
    const source = {
      get lineCount() {
        return document.lineCount;
      },
      lines: (from: number, to: number) => document.getText(new vscode.Range(from, 0, to, 0)),
    };
    const length = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    const { eol, version } = document;
    const intake = new LineIntake(tokens, source, length);
    const now = performance.now();
    const entry: Entry = {
      ...{ tokens, intake, version, eol, first },
      ...{ seen: false, cancel: undefined, openedAt: now, announcedAt: now },
    };
    // A short text is ready at once, so that nothing flickers.
    if (!this.#work(entry)) this.#continue(document, entry);
    return entry;
  }

  /** Works on a document for one slice. @returns whether all is done. */
  #work(entry: Entry): boolean {
    const { tokens, intake, first } = entry;
    const isSeen = () => tokens.isEncoded(first, first + SCREEN);
    const end = performance.now() + SLICE_MS;
    while (!intake.done) {
      if (tokens.length < first + SCREEN || isSeen()) intake.takeIn();
      else tokens.encode(() => performance.now() < end && !isSeen(), first);
      if (performance.now() >= end) return false;
    }
    return tokens.encode(() => performance.now() < end, first);
  }

  #continue(document: vscode.TextDocument, entry: Entry): void {
    if (entry.cancel) return;
    const work = () => {
      entry.cancel = undefined;
      const complete = this.#work(entry);
      if (!complete) this.#continue(document, entry);
      const { tokens, first } = entry;
      const appeared = !entry.seen && tokens.isEncoded(first, first + SCREEN);
      const now = performance.now();
      if (!complete && !appeared && now - entry.announcedAt < ANNOUNCE_MS) return;
      entry.seen ||= appeared;
      entry.announcedAt = now;
      this.#changed.fire(document);
    };
    const isSeen = entry.tokens.isEncoded(entry.first, entry.first + SCREEN);
    const wait = isSeen ? entry.openedAt + CALM_AFTER_MS - performance.now() : 0;
    if (wait > 0) {
      const timer = setTimeout(work, wait);
      entry.cancel = () => clearTimeout(timer);
    } else {
      const slice = setImmediate(work);
      entry.cancel = () => clearImmediate(slice);
    }
  }

  #edit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const entry = this.#entries.get(document);
    // Saving is reported as well. And who asks for tokens at an edit may be told of it before this store is.
    if (!entry || entry.version === document.version) return;
    entry.version = document.version;
    if (document.eol !== entry.eol) {
      // Every line has changed, and the editor reports none of it.
      this.#forget(document);
      this.of(document, entry.first);
    } else {
      // The editor reports changes from the last place to the first, each with offsets that still hold.
      for (const change of contentChanges) entry.intake.edit(change);
      if (!entry.tokens.complete) this.#continue(document, entry);
    }
    this.#changed.fire(document);
  }

  #forget(document: vscode.TextDocument): void {
    this.#entries.get(document)?.cancel?.();
    this.#entries.delete(document);
  }
}
