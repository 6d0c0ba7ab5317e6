/** One document whose tokens are given their probabilities: read by windows, the visible part first, kept up with edits. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { placesAfter, type TokenPlace } from "../../core/surprisal/places.js";
import type { ReadingCache } from "../../core/surprisal/readingCache.js";
import { type ReadingRequest, ScoredText, type TokenReading } from "../../core/surprisal/scoredText.js";
import { NOTHING, type SurprisalSum } from "../../core/surprisal/sums.js";
import { windowSizes } from "../../core/surprisal/windows.js";
import { GlassboxError, isCancelled, toWireError } from "../../shared/errors.js";
import type { SurprisalPhase, SurprisalSource } from "../../shared/panels/surprisal.js";
import type { ModelInfo, ModelToken, PlacedModelToken } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import type { ModelService } from "../models.js";

/** As much of a text as is ever read; a page takes seconds, this a few minutes. */
export const MOST_CHARACTERS = 100_000;
/** Of what stands before a selection so much is known to those who look at it again. */
const CHARACTERS_BEFORE = 1000;
/** Most probable tokens that are kept for each place. */
export const ALTERNATIVES = 8;
/** Milliseconds without an edit after which what it changed is read. */
const SETTLE_MS = 300;

/** A token that stands in the text, with what the model gave it. */
export interface SurprisalToken {
  index: number;
  token: PlacedModelToken;
  /** Offsets in the document as it is now. */
  start: number;
  end: number;
  /** Undefined where it has not been read, or an edit has overtaken it. */
  reading: TokenReading | undefined;
}

/** Which part of a document is read. Offsets in the document; both move with its edits. */
interface Region {
  start: number;
  end: number;
}

export class SurprisalSession extends Disposable {
  readonly document: vscode.TextDocument;
  readonly #models: ModelService;
  readonly #cache: ReadingCache;
  readonly #selected: Region | undefined;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #names = new Map<number, ModelToken>();
  #phase: SurprisalPhase = { kind: "reading" };
  #model: ModelInfo | undefined;
  #modelKey = "";
  #placed: PlacedModelToken[] = [];
  #places: TokenPlace[] = [];
  #text: ScoredText | undefined;
  /** Tokens that are to be read. */
  #wanted = { start: 0, end: 0 };
  #cut = false;
  #abort: AbortController | undefined;
  #request: { request: ReadingRequest; abort: AbortController } | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #read = { tokens: 0, ms: 0 };
  #disposed = false;

  /** @param selected what is read of the document; all of it where this is left out. */
  constructor(
    document: vscode.TextDocument,
    selected: vscode.Selection | undefined,
    models: ModelService,
    cache: ReadingCache,
  ) {
    super();
    this.document = document;
    this.#models = models;
    this.#cache = cache;
    this.#selected = selected && {
      start: document.offsetAt(selected.start),
      end: document.offsetAt(selected.end),
    };
    this._register(
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length > 0)
          this.#edited(event.contentChanges);
      }),
    );
    this._register({
      dispose: () => {
        this.#disposed = true;
        this.#abort?.abort();
        clearTimeout(this.#settling);
      },
    });
  }

  get phase(): SurprisalPhase {
    return this.#phase;
  }

  get model(): ModelInfo | undefined {
    return this.#model;
  }

  /** Tokens that the engine has read, and how long it took. */
  get read(): { tokens: number; ms: number } {
    return this.#read;
  }

  get windows(): { count: number; size: number; overlap: number } {
    const { start, end } = this.#wanted;
    const count =
      this.#text?.windows.filter((window) => window.scored < end && window.end > start).length ?? 0;
    return { count, ...this.#sizes() };
  }

  get source(): SurprisalSource {
    const first = this.#places[this.#wanted.start]?.start ?? 0;
    const last = this.#places[this.#wanted.end - 1]?.end ?? first;
    return {
      fileName: basename(this.document.uri.path) || this.document.uri.path,
      scope: this.#selected ? "selection" : "file",
      firstLine: this.document.positionAt(this.#selected?.start ?? first).line,
      lastLine: this.document.positionAt(this.#selected?.end ?? last).line,
      cut: this.#cut,
    };
  }

  /** From 0 to 1. */
  get fraction(): number {
    const { start, end } = this.#wanted;
    if (!this.#text || end <= start) return 0;
    return 1 - this.#text.missing(start, end) / (end - start);
  }

  /** The tokens that are read, in order, those among them that wait included. */
  tokens(): SurprisalToken[] {
    const tokens: SurprisalToken[] = [];
    for (let index = this.#wanted.start; index < this.#wanted.end; index++) tokens.push(this.#tokenAt(index));
    return tokens;
  }

  /** How many tokens there are to read. */
  get size(): number {
    return this.#wanted.end - this.#wanted.start;
  }

  /**
   * The text that is read and some of what stands before it, for another look at it: from where on it is wanted, and
   * the offset in the document. Undefined until it has been read as tokens.
   */
  get text(): { text: string; from: number; offset: number } | undefined {
    const [first, last] = [this.#places[this.#wanted.start], this.#places[this.#wanted.end - 1]];
    if (!first || !last) return undefined;
    const before = Math.max(this.#places[0]!.start, first.start - CHARACTERS_BEFORE);
    const offset = this.document.offsetAt(new vscode.Position(this.document.positionAt(before).line, 0));
    const range = new vscode.Range(this.document.positionAt(offset), this.document.positionAt(last.end));
    return { text: this.document.getText(range), from: first.start - offset, offset };
  }

  /** The sum of all that has been read. */
  sum(): SurprisalSum {
    const sum = { ...NOTHING };
    for (let index = this.#wanted.start; index < this.#wanted.end; index++) {
      const reading = this.#places[index]!.stale ? undefined : this.#text?.reading(index);
      if (!reading) continue;
      sum.tokens++;
      sum.bits += reading.bits;
    }
    return sum;
  }

  /** Those with a place in a part of the document. */
  tokensIn(start: number, end: number): SurprisalToken[] {
    const tokens: SurprisalToken[] = [];
    for (let index = this.#firstEndingAfter(start); index < this.#wanted.end; index++) {
      if (index < this.#wanted.start) continue;
      if (this.#places[index]!.start >= end) break;
      tokens.push(this.#tokenAt(index));
    }
    return tokens;
  }

  /** A token as the vocabulary has it; undefined until it was asked for. */
  name(id: number): ModelToken | undefined {
    return this.#names.get(id);
  }

  #tokenAt(index: number): SurprisalToken {
    const { start, end, stale } = this.#places[index]!;
    return {
      index,
      token: this.#placed[index]!,
      start,
      end,
      reading: stale ? undefined : this.#text?.reading(index),
    };
  }

  #firstEndingAfter(offset: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Reads what is missing. What goes on is given up first. Never rejects: how it ends is told by `phase`. */
  async start(): Promise<void> {
    this.#abort?.abort();
    clearTimeout(this.#settling);
    const abort = new AbortController();
    this.#abort = abort;
    this.#tell({ kind: "reading" });
    try {
      await this.#tokenize(abort.signal);
      await this.#readMissing(abort.signal);
      if (this.#abort === abort) this.#tell({ kind: "ready" });
    } catch (error) {
      if (this.#abort !== abort || this.#disposed) return;
      this.#tell(isCancelled(error) ? { kind: "stopped" } : { kind: "failed", error: toWireError(error) });
    }
  }

  stop(): void {
    clearTimeout(this.#settling);
    if (this.#phase.kind !== "reading") return;
    this.#abort?.abort();
    this.#tell({ kind: "stopped" });
  }

  /** The reader looks elsewhere: that is read next. */
  look(): void {
    const token = this.#near();
    const window = this.#request?.request.window;
    if (!window || (token >= window.scored && token < window.end)) return;
    if (this.#text?.reading(token) === undefined) this.#request?.abort.abort();
  }

  #tell(phase: SurprisalPhase): void {
    if (this.#disposed) return;
    this.#phase = phase;
    this.#changed.fire();
  }

  #sizes() {
    // A place for the BOS token, and one that the engine keeps free.
    return windowSizes(Math.max(2, (this.#model?.contextSize ?? 0) - 2));
  }

  async #tokenize(signal: AbortSignal): Promise<void> {
    const model = await this.#models.ready(signal);
    const { start, end } = this.#textToRead();
    const { version } = this.document;
    const text = this.document.getText(
      new vscode.Range(this.document.positionAt(start), this.document.positionAt(end)),
    );
    const found = await this.#models.call("tokenize", { text, bos: true }, { signal });
    // The edit that came between starts all this again.
    if (this.document.version !== version) throw GlassboxError.cancelled();
    const first = found[0];
    const bos = first?.special && first.start === first.end ? first.id : undefined;
    this.#placed = bos === undefined ? found : found.slice(1);
    const ids = Uint32Array.from(this.#placed, ({ id }) => id);
    this.#model = model;
    const key = JSON.stringify([model.path, model.fileBytes, model.contextSize]);
    if (key !== this.#modelKey) {
      this.#modelKey = key;
      this.#names.clear();
      this.#text = undefined;
    }
    this.#text = this.#text?.withTokens(ids) ?? ScoredText.of(ids, this.#sizes(), bos);
    this.#places = this.#placed.map((token) => ({
      start: start + token.start,
      end: start + token.end,
      readFrom: 0,
      stale: false,
    }));
    for (const window of this.#text.windows) {
      for (let index = window.scored; index < window.end; index++)
        this.#places[index]!.readFrom = window.start;
    }
    const wanted = this.#selected ?? { start, end };
    const from = this.#firstEndingAfter(wanted.start);
    let to = from;
    while (to < this.#places.length && this.#places[to]!.start < wanted.end) to++;
    this.#wanted = { start: from, end: to };
    this.#changed.fire();
  }

  /** What goes to the tokenizer: all from the start, so that what stands before is known; or as much as may be. */
  #textToRead(): Region {
    const length = this.document.offsetAt(this.document.lineAt(this.document.lineCount - 1).range.end);
    const wanted = this.#selected?.end ?? length;
    if (wanted <= MOST_CHARACTERS) {
      this.#cut = false;
      return { start: 0, end: this.#selected ? wanted : length };
    }
    // The part around what the reader sees or has selected, from the start of a line on.
    const seen = this.#selected?.start ?? this.#seen();
    const before = Math.max(0, seen - MOST_CHARACTERS / 4);
    const line = this.document.positionAt(before).line;
    const start = this.document.offsetAt(new vscode.Position(line, 0));
    const end = Math.min(wanted, start + MOST_CHARACTERS);
    this.#cut = !this.#selected || end < wanted;
    return { start, end };
  }

  /** Offset of what the reader sees of the document. */
  #seen(): number {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.document);
    const visible = editor?.visibleRanges[0];
    return visible ? this.document.offsetAt(visible.start) : 0;
  }

  #near(): number {
    return Math.max(this.#wanted.start, this.#firstEndingAfter(this.#seen()));
  }

  async #readMissing(signal: AbortSignal): Promise<void> {
    const text = this.#text!;
    this.#restore(text);
    for (;;) {
      const request = text.next(this.#wanted.start, this.#wanted.end, this.#near());
      if (!request) return;
      const abort = new AbortController();
      this.#request = { request, abort };
      try {
        await this.#readWindow(text, request, AbortSignal.any([signal, abort.signal]));
      } catch (error) {
        // The reader looks elsewhere: what was read stays, and the nearest is next.
        if (!isCancelled(error) || signal.aborted) throw error;
      } finally {
        this.#request = undefined;
      }
    }
  }

  async #readWindow(text: ScoredText, request: ReadingRequest, signal: AbortSignal): Promise<void> {
    const { tokenIds, from, window } = request;
    let naming = Promise.resolve();
    let toldAt = performance.now();
    const reading = this.#models.call(
      "surprisal",
      { tokenIds, from, alternatives: ALTERNATIVES },
      {
        signal,
        onEvent: (readings) => {
          if (this.#text !== text) return;
          text.accept(request, readings);
          const now = performance.now();
          this.#read = {
            tokens: this.#read.tokens + readings.bits.length,
            ms: this.#read.ms + now - toldAt,
          };
          toldAt = now;
          naming = naming
            .then(() => this.#learnNames(readings.alternativeIds))
            .then(() => this.#changed.fire());
        },
      },
    );
    // Where the process dies both fail, and neither failure may go unheard.
    await reading.finally(() => naming);
    const readings = text.readingsOf(window);
    if (readings) {
      const ids = text.ids.subarray(window.start, window.end);
      this.#cache.set(this.#modelKey, ids, window.scored - window.start, readings);
    }
  }

  /** Takes in what was read of the same windows before. */
  #restore(text: ScoredText): void {
    const ids = new Set<number>();
    for (const window of text.windows) {
      if (window.end <= this.#wanted.start || window.scored >= this.#wanted.end) continue;
      if (text.missing(window.scored, window.end) === 0) continue;
      const key = text.ids.subarray(window.start, window.end);
      const known = this.#cache.get(this.#modelKey, key, window.scored - window.start);
      if (!known) continue;
      text.restore(window, known);
      for (const reading of known) for (const { id } of reading?.alternatives ?? []) ids.add(id);
    }
    if (ids.size > 0) {
      void this.#learnNames(ids).then(
        () => this.#changed.fire(),
        (error: unknown) => {
          if (!isCancelled(error)) this.#tell({ kind: "failed", error: toWireError(error) });
        },
      );
    }
  }

  async #learnNames(ids: Iterable<number>): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#names.has(id));
    if (unknown.length === 0) return;
    for (const token of await this.#models.call("tokens", { ids: unknown })) this.#names.set(token.id, token);
  }

  #edited(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    // The editor reports them from the last place to the first.
    for (const { rangeOffset, rangeLength, text } of changes) {
      const edit = { offset: rangeOffset, removed: rangeLength, added: text.length };
      this.#places = placesAfter(this.#places, edit);
      const selected = this.#selected;
      if (!selected) continue;
      if (rangeOffset < selected.start) {
        selected.start = Math.max(rangeOffset, selected.start + edit.added - edit.removed);
      }
      if (rangeOffset <= selected.end) {
        selected.end = Math.max(selected.start, selected.end + edit.added - edit.removed);
      }
    }
    if (this.#phase.kind === "stopped" || this.#phase.kind === "failed") {
      this.#changed.fire();
      return;
    }
    this.#abort?.abort();
    this.#abort = undefined;
    this.#tell({ kind: "reading" });
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.start(), SETTLE_MS);
  }
}
