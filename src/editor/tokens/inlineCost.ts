/** The dim note behind a line: how many tokens it has and what they cost. */

import * as vscode from "vscode";
import { formatCost, inputCost, type Price } from "../../core/tokens/prices.js";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import { lineNoteType } from "../lineNote.js";
import { wordSetting } from "../settings.js";
import type { DocumentTokens } from "./documentTokens.js";
import { escapeMarkdown } from "./escapeMarkdown.js";
import { chosenPrice, describeCost, doubtsAbout } from "./priceTable.js";
import type { Redraw, RedrawnPart } from "./redraw.js";

type Mode = "off" | "currentLine" | "everyLine";

export interface InlineNote {
  line: number;
  tokens: number;
}

/**
 * Which notes to show. Without a selection: behind the line of the caret, or behind every visible line. With one:
 * behind its last line, for all of it.
 */
export function inlineNotes(
  document: vscode.TextDocument,
  tokens: TokenDocument,
  selection: vscode.Selection,
  visible: readonly vscode.Range[],
  mode: Mode,
): InlineNote[] {
  if (mode === "off") return [];
  const notes: InlineNote[] = [];
  const add = (line: number, count: number | undefined) => {
    if (count !== undefined && count > 0) notes.push({ line, tokens: count });
  };
  if (!selection.isEmpty) {
    const { start, end } = selection;
    // A selection of whole lines ends at the start of the line after them.
    const line = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    add(line, tokens.countTouching(document.offsetAt(start), document.offsetAt(end)));
  }
  if (mode === "currentLine" && !selection.isEmpty) return notes;
  const lines =
    mode === "currentLine"
      ? [selection.active.line]
      : visible.flatMap(({ start, end }) => linesOf(start, end));
  for (const line of lines) {
    if (notes[0]?.line === line) continue;
    const { range, rangeIncludingLineBreak, isEmptyOrWhitespace } = document.lineAt(line);
    if (isEmptyOrWhitespace) continue;
    add(
      line,
      tokens.countStarting(document.offsetAt(range.start), document.offsetAt(rangeIncludingLineBreak.end)),
    );
  }
  return notes;
}

function linesOf(start: vscode.Position, end: vscode.Position): number[] {
  return Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index);
}

/** What an editor shows. */
interface Shown {
  editor: vscode.TextEditor;
  version: number;
  /** The line of the caret; undefined where something was selected. */
  caret: number | undefined;
  notes: readonly InlineNote[];
  /** How they were written, by which it is seen whether anything has changed. */
  written: string;
}

export class InlineCost extends Disposable implements vscode.HoverProvider {
  readonly #tokens: DocumentTokens;
  readonly #type = this._register(lineNoteType());
  readonly #part: RedrawnPart;
  /** The setting for each document that was drawn. */
  #modes = new WeakMap<vscode.TextDocument, Mode>();
  /** What is shown and where: an editor that shows the same already gets no message. */
  #shown: Shown | undefined;

  constructor(tokens: DocumentTokens, redraw: Redraw) {
    super();
    this.#tokens = tokens;
    this.#part = this._register(redraw.part(() => this.#draw()));
    const schedule = () => this.#part.schedule();
    this._register(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        // A caret that moves within its line changes nothing.
        const caret = selections[0]?.isEmpty ? selections[0].active.line : undefined;
        const shown = this.#shown;
        if (caret === undefined || shown?.editor !== textEditor || shown.caret !== caret) schedule();
      }),
    );
    this._register(vscode.window.onDidChangeActiveTextEditor(schedule));
    this._register(vscode.window.onDidChangeTextEditorVisibleRanges(schedule));
    this._register(tokens.onDidChange(schedule));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration("glassbox.tokens")) return;
        this.#modes = new WeakMap();
        schedule();
      }),
    );
    // Also where its language changes, on which settings may depend.
    this._register(vscode.workspace.onDidCloseTextDocument((document) => this.#modes.delete(document)));
    // Asked only where the mouse rests: what a note leaves out would go over to the window with every redraw.
    this._register(vscode.languages.registerHoverProvider({ scheme: "*" }, this));
    schedule();
  }

  /** What the note behind a line leaves out: the cost both ways, and where the price is from. */
  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const shown = this.#shown;
    if (shown?.editor.document !== document || shown.version !== document.version) return undefined;
    const { end } = document.lineAt(position.line).range;
    const note = position.isEqual(end) && shown.notes.find(({ line }) => line === position.line);
    const price = chosenPrice();
    if (!note || !price) return undefined;
    return new vscode.Hover(this.#explained(note, price), new vscode.Range(end, end));
  }

  #explained({ tokens }: InlineNote, price: Price): vscode.MarkdownString {
    const { approximate, tokenizer } = this.#tokens;
    const doubts = doubtsAbout(tokenizer.name, approximate, price);
    const said = [
      vscode.l10n.t(
        "{0} of {1}: {2}",
        doubts.count + countText(tokens),
        tokenizer.name,
        describeCost(price, tokens, doubts.cost),
      ),
      ...doubts.reasons,
    ];
    return new vscode.MarkdownString(said.map(escapeMarkdown).join("\n\n"));
  }

  #draw(): void {
    const active = vscode.window.activeTextEditor;
    const shown = this.#shown;
    if (shown && shown.editor !== active && vscode.window.visibleTextEditors.includes(shown.editor)) {
      shown.editor.setDecorations(this.#type, []);
    }
    if (!active) {
      this.#shown = undefined;
      return;
    }
    const notes = hasTokens(active.document) ? this.#notes(active) : [];
    const decorations = this.#decorations(active.document, notes);
    const { document, selection } = active;
    const caret = selection.isEmpty ? selection.active.line : undefined;
    const written = JSON.stringify(decorations);
    const { version } = document;
    this.#shown = { editor: active, version, caret, notes, written };
    if (shown?.editor === active && shown.version === version && shown.written === written) return;
    active.setDecorations(this.#type, decorations);
  }

  /** Looking a setting up for a document costs as much as all the rest of a redraw. */
  #modeOf(document: vscode.TextDocument): Mode {
    let mode = this.#modes.get(document);
    if (mode === undefined) {
      mode = wordSetting<Mode>("glassbox.tokens.inlineCost", ["currentLine", "everyLine", "off"], document);
      this.#modes.set(document, mode);
    }
    return mode;
  }

  #notes({ document, selection, visibleRanges }: vscode.TextEditor): InlineNote[] {
    const mode = this.#modeOf(document);
    if (mode === "off") return [];
    return inlineNotes(document, this.#tokens.of(document), selection, visibleRanges, mode);
  }

  #decorations(document: vscode.TextDocument, notes: readonly InlineNote[]): vscode.DecorationOptions[] {
    const { approximate, tokenizer } = this.#tokens;
    const price = chosenPrice();
    const doubts = doubtsAbout(tokenizer.name, approximate, price);
    return notes.map(({ line, tokens }) => {
      const end = document.lineAt(line).range.end;
      const count = doubts.count + countText(tokens);
      const contentText = price ? `${count} · ${doubts.cost}${formatCost(inputCost(price, tokens))}` : count;
      return { range: new vscode.Range(end, end), renderOptions: { after: { contentText } } };
    });
  }
}

function countText(tokens: number): string {
  return tokens === 1 ? vscode.l10n.t("1 token") : vscode.l10n.t("{0} tokens", formatCount(tokens));
}
