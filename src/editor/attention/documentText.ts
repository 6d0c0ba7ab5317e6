/** The text that the attention panel is about, and whether the document has moved on since it was taken. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { AttentionSource } from "../../shared/panels/attention.js";

export interface DocumentText {
  document: vscode.TextDocument;
  text: string;
  /** UTF-16 offset of the text in the document. */
  offset: number;
  source: AttentionSource;
}

/** As much of a selection as is ever read: the panel counts no further. */
const MOST_CHARACTERS = 60_000;

/** The selected text; with nothing selected, the lines around the caret up to the next blank ones. */
export function documentText(editor: vscode.TextEditor): DocumentText | undefined {
  const { document } = editor;
  const selection = editor.selections.find((candidate) => !candidate.isEmpty);
  if (selection) return read(document, selection, "selection");
  const paragraph = paragraphAround(document, editor.selection.active.line);
  return paragraph && read(document, paragraph, "paragraph");
}

function read(
  document: vscode.TextDocument,
  range: vscode.Range,
  chosen: AttentionSource["chosen"],
): DocumentText {
  const offset = document.offsetAt(range.start);
  const end = Math.min(document.offsetAt(range.end), offset + MOST_CHARACTERS);
  const lastLine =
    range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
  return {
    document,
    text: document.getText(new vscode.Range(range.start, document.positionAt(end))),
    offset,
    source: {
      fileName: basename(document.uri.path) || document.uri.path,
      firstLine: range.start.line,
      lastLine,
      chosen,
    },
  };
}

function paragraphAround(document: vscode.TextDocument, line: number): vscode.Range | undefined {
  const blank = (index: number) => document.lineAt(index).isEmptyOrWhitespace;
  if (blank(line)) return undefined;
  let first = line;
  while (first > 0 && !blank(first - 1)) first--;
  let last = line;
  while (last < document.lineCount - 1 && !blank(last + 1)) last++;
  // Without the indentation of the first line: it says nothing by itself.
  const start = new vscode.Position(first, document.lineAt(first).firstNonWhitespaceCharacterIndex);
  return new vscode.Range(start, document.lineAt(last).range.end);
}

/** The text after an edit: itself, or where it stands now when only what is before it changed; undefined when it was touched. */
export function textAfter(
  text: DocumentText,
  { document, contentChanges }: Pick<vscode.TextDocumentChangeEvent, "document" | "contentChanges">,
): DocumentText | undefined {
  if (document !== text.document) return text;
  let moved = 0;
  for (const change of contentChanges) {
    if (change.rangeOffset >= text.offset + text.text.length) continue;
    if (change.rangeOffset + change.rangeLength > text.offset) return undefined;
    moved += change.text.length - change.rangeLength;
  }
  return moved === 0 ? text : { ...text, offset: text.offset + moved };
}
