/** Bands over the tokens of the visible lines: six colours in turn, with an edge that alternates as well. */

import * as vscode from "vscode";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import type { TokenSpan } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import { type DocumentTokens, hasTokens } from "./documentTokens.js";

/** Colours `glassbox.token1` to `6` and `glassbox.token1Background` to `6Background` of package.json. */
export const BAND_COUNT = 6;
/** Edits and scrolling come faster than they can be seen. */
const REDRAW_MS = 16;
/** Lines beyond the visible ones that are drawn as well, so that scrolling shows no gap. */
const MARGIN_LINES = 20;
/** A line of minified code may be a megabyte; nobody sees more of it than this around its visible start. */
const LONGEST_BANDED_LINE = 10_000;

/** Where bands go: by colour, and the characters that are split over several tokens. */
export interface Bands {
  byColour: vscode.Range[][];
  split: vscode.Range[];
}

/**
 * The bands of the tokens in `ranges`. Neighbouring tokens get neighbouring colours of the palette, and therefore
 * different edges. A character that several tokens share is marked once, as split.
 */
export function bandsOf(
  document: vscode.TextDocument,
  tokens: TokenDocument,
  ranges: readonly vscode.Range[],
): Bands {
  const bands: Bands = { byColour: Array.from({ length: BAND_COUNT }, () => []), split: [] };
  const rangeOf = (start: number, end: number) =>
    new vscode.Range(document.positionAt(start), document.positionAt(end));
  let splitEnd = -1;
  for (const range of ranges) {
    for (const [start, end] of offsetsToBand(document, range)) {
      for (const span of tokens.spans(start, end)) {
        const whole = wholeCharacters(span, tokens);
        if (whole.end > whole.start) {
          bands.byColour[span.index % BAND_COUNT]!.push(rangeOf(whole.start, whole.end));
        }
        if (span.endsInside && whole.splitStart >= splitEnd) {
          bands.split.push(rangeOf(whole.splitStart, span.end));
          splitEnd = span.end;
        }
      }
    }
  }
  return bands;
}

/** The offsets of the lines of a range, very long lines cut. */
function offsetsToBand(document: vscode.TextDocument, range: vscode.Range): [start: number, end: number][] {
  const parts: [start: number, end: number][] = [];
  for (let line = range.start.line; line <= range.end.line; line++) {
    const { range: whole, rangeIncludingLineBreak } = document.lineAt(line);
    const start = document.offsetAt(whole.start);
    const end = document.offsetAt(rangeIncludingLineBreak.end);
    const from = line === range.start.line ? Math.max(0, range.start.character - LONGEST_BANDED_LINE / 2) : 0;
    const cut = Math.min(end, start + from + LONGEST_BANDED_LINE);
    const last = parts.at(-1);
    if (last && last[1] === start && from === 0) last[1] = cut;
    else parts.push([start + from, cut]);
  }
  return parts;
}

/** The characters that belong to one token alone, and where the character begins that it shares with the next. */
function wholeCharacters(
  span: TokenSpan,
  tokens: TokenDocument,
): { start: number; end: number; splitStart: number } {
  if (!span.startsInside && !span.endsInside) return { ...span, splitStart: span.end };
  const text = tokens.text(span.start, span.end);
  const first = (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  const unit = text.charCodeAt(text.length - 1);
  const last = text.length > 1 && (unit & 0xfc00) === 0xdc00 ? 2 : 1;
  const start = span.startsInside ? Math.min(span.start + first, span.end) : span.start;
  const splitStart = span.endsInside ? span.end - last : span.end;
  return { start, end: Math.max(start, splitStart), splitStart };
}

export class TokenBands extends Disposable {
  readonly #types: vscode.TextEditorDecorationType[];
  readonly #splitType: vscode.TextEditorDecorationType;
  #tokens: DocumentTokens | undefined;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#types = Array.from({ length: BAND_COUNT }, (_, band) =>
      this._register(
        vscode.window.createTextEditorDecorationType({
          backgroundColor: new vscode.ThemeColor(`glassbox.token${band + 1}Background`),
          borderColor: new vscode.ThemeColor(`glassbox.token${band + 1}`),
          // Never colour alone: every second edge is broken.
          borderStyle: band % 2 === 0 ? "solid" : "dashed",
          borderWidth: "0 0 2px 0",
          rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        }),
      ),
    );
    this.#splitType = this._register(
      vscode.window.createTextEditorDecorationType({
        borderColor: new vscode.ThemeColor("glassbox.tokenSplit"),
        borderStyle: "double",
        borderWidth: "0 0 3px 0",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
    this._register(vscode.window.onDidChangeTextEditorVisibleRanges(() => this.#schedule()));
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#schedule()));
    this._register({ dispose: () => clearTimeout(this.#redraw) });
  }

  /** Whether boundaries are shown. */
  get on(): boolean {
    return this.#tokens !== undefined;
  }

  /** Shows the bands of these tokens, or none. */
  show(tokens: DocumentTokens | undefined): void {
    this.#tokens = tokens;
    this.#draw();
  }

  /** Draws anew with the next frame: the tokens of a document have changed. */
  changed(document: vscode.TextDocument): void {
    if (!this.on) return;
    if (vscode.window.visibleTextEditors.some((editor) => editor.document === document)) this.#schedule();
  }

  #schedule(): void {
    if (!this.on) return;
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#draw();
    }, REDRAW_MS);
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const tokens = this.#tokens;
      if (!tokens || !hasTokens(document)) {
        for (const type of [...this.#types, this.#splitType]) editor.setDecorations(type, []);
        continue;
      }
      const ranges = editor.visibleRanges.map((range) => withMargin(range, document));
      const first = document.offsetAt(ranges[0]?.start ?? new vscode.Position(0, 0));
      const bands = bandsOf(document, tokens.of(document, first), merged(ranges));
      this.#types.forEach((type, colour) => {
        editor.setDecorations(type, bands.byColour[colour]!);
      });
      editor.setDecorations(this.#splitType, bands.split);
    }
  }
}

function withMargin(range: vscode.Range, document: vscode.TextDocument): vscode.Range {
  const first = Math.max(0, range.start.line - MARGIN_LINES);
  const last = Math.min(document.lineCount - 1, range.end.line + MARGIN_LINES);
  return new vscode.Range(
    first < range.start.line ? new vscode.Position(first, 0) : range.start,
    document.lineAt(last).rangeIncludingLineBreak.end,
  );
}

/** Folded code leaves several visible ranges, whose margins may overlap. */
function merged(ranges: readonly vscode.Range[]): vscode.Range[] {
  const result: vscode.Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last && range.start.line <= last.end.line) result[result.length - 1] = last.union(range);
    else result.push(range);
  }
  return result;
}
