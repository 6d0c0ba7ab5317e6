/** Follows the text that is compared: the selection, else the paragraph of the caret, else the file. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { paragraphAround } from "../../core/explain/selectText.js";
import { firstCharacters } from "../../shared/cutText.js";
import { type ComparedText, MOST_COMPARED, MOST_DRAWN } from "../../shared/panels/compare.js";
import { Disposable } from "../disposable.js";
import { FollowedEditor } from "../followedEditor.js";

/** Milliseconds in which changes are taken together. */
const REST_MS = 30;

/** A text with what the page is told of it. */
export interface SourceText {
  text: string;
  /** Without what depends on the moment. */
  about: Omit<ComparedText, "version" | "kept">;
}

export class ComparedSource extends Disposable {
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #editor = this._register(new FollowedEditor(REST_MS));
  #current: SourceText | undefined;
  #version = 1;
  #kept = false;

  constructor() {
    super();
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    this.#editor.follow(activeTextEditor ?? visibleTextEditors[0]);
    const editor = this.#editor.inSight;
    this.#current = editor && sourceText(editor);
    this._register(
      this.#editor.onDidRest(() => {
        if (!this.#kept && this.#read()) this.#changed.fire();
      }),
    );
  }

  get version(): number {
    return this.#version;
  }

  /** The whole text that is counted; "" where there is none. */
  get text(): string {
    return this.#current?.text ?? "";
  }

  /** What the page is told. */
  get described(): ComparedText | undefined {
    return this.#current && { ...this.#current.about, version: this.#version, kept: this.#kept };
  }

  /** Keeps the text of now, or follows the editor again. */
  keep(kept: boolean): void {
    this.#kept = kept;
    if (!kept) this.#read();
    this.#changed.fire();
  }

  /** Takes a text from elsewhere, and keeps it. */
  give(text: string, name: string): void {
    this.#kept = true;
    this.#set({ text, about: aboutText(text, name) });
    this.#changed.fire();
  }

  /** Takes the text that the reader is looking at, as when the command is run again. */
  follow(): void {
    this.#editor.follow(vscode.window.activeTextEditor);
    this.keep(false);
  }

  /** Reads the editor. @returns whether there is another text. */
  #read(): boolean {
    const editor = this.#editor.inSight;
    // The editor was closed: what was read of it stays.
    if (!editor) return false;
    const next = sourceText(editor);
    if (JSON.stringify(next) === JSON.stringify(this.#current)) return false;
    this.#set(next);
    return true;
  }

  #set(next: SourceText | undefined): void {
    this.#current = next;
    this.#version++;
  }
}

/** What an editor's reader means; undefined for an empty document. */
function sourceText({ document, selections }: vscode.TextEditor): SourceText | undefined {
  const selection = selections.find((candidate) => !candidate.isEmpty);
  if (selection) return read(document, selection, "selection");
  const caret = selections[0]?.active.line ?? 0;
  const lines = paragraphAround(document.lineCount, (line) => document.lineAt(line).text, caret);
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  return lines
    ? read(
        document,
        new vscode.Range(lines.first, 0, lines.last, document.lineAt(lines.last).text.length),
        "paragraph",
      )
    : read(document, document.validateRange(whole), "file");
}

function read(
  document: vscode.TextDocument,
  range: vscode.Range,
  chosen: ComparedText["chosen"],
): SourceText | undefined {
  const start = document.offsetAt(range.start);
  const cut = document.offsetAt(range.end) - start > MOST_COMPARED;
  // One unit more shows whether the last is half a character.
  const end = cut ? document.positionAt(start + MOST_COMPARED + 1) : range.end;
  const text = firstCharacters(document.getText(new vscode.Range(range.start, end)), MOST_COMPARED);
  if (text === "") return undefined;
  return {
    text,
    about: {
      ...aboutText(text, basename(document.uri.path) || document.uri.path),
      firstLine: range.start.line,
      lastLine: end.character === 0 && end.line > range.start.line ? end.line - 1 : end.line,
      chosen,
      cut,
    },
  };
}

/** What is said of a text that is given. */
function aboutText(text: string, name: string): SourceText["about"] {
  let characters = 0;
  for (const _ of text) characters++;
  return {
    name,
    firstLine: 0,
    lastLine: 0,
    chosen: "given",
    drawn: firstCharacters(text, MOST_DRAWN),
    characters,
    bytes: Buffer.byteLength(text),
    cut: false,
  };
}
