/** Bands over the tokens of the visible lines: six colours in turn, with an edge that alternates as well. */

import * as vscode from "vscode";
import { BAND_COUNT, isPaletteName, PALETTES } from "../../core/tokens/palettes.js";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import type { TokenSpan } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import type { DocumentTokens } from "./documentTokens.js";

/** Edits and scrolling come faster than they can be seen. */
const REDRAW_MS = 16;
/** Lines beyond the visible ones that are drawn as well, so that scrolling shows no gap. */
const MARGIN_LINES = 20;
/** A line of minified code may be a megabyte; nobody sees more of it than this around its visible start. */
export const LONGEST_BANDED_LINE = 10_000;
/** How far to look for a line that begins with a token of its own. gpt2 joins a line break with what indents. */
const MOST_LINES_BACK = 100;

/** Where bands go, by colour: those of whole characters, and those of a character that is split over tokens. */
export interface Bands {
  byColour: vscode.Range[][];
  split: vscode.Range[][];
}

/**
 * The bands of the tokens in `ranges`. The palette begins anew with each line, so that an edit leaves the colours
 * of other lines alone; from band to band it goes on by one, which changes the colour and the edge. A character
 * that several tokens share is one band, marked as split.
 */
export function bandsOf(
  document: vscode.TextDocument,
  tokens: TokenDocument,
  ranges: readonly vscode.Range[],
): Bands {
  const palette = () => Array.from({ length: BAND_COUNT }, (): vscode.Range[] => []);
  const bands: Bands = { byColour: palette(), split: palette() };
  for (const range of ranges) {
    const places = new LinePlaces(document, lineToBeginAt(document, tokens, range.start.line));
    let line = -1;
    let end = -1;
    let colour = 0;
    const add = (into: vscode.Range[][], from: number, to: number, index: number) => {
      if (from >= to || from < end) return;
      const start = places.at(from);
      if (start.line === line) colour = (colour + 1) % BAND_COUNT;
      // A long line is drawn in part, the same part in the same colours however it is scrolled.
      else colour = start.character === 0 ? 0 : index % BAND_COUNT;
      const stop = places.at(to);
      into[colour]!.push(new vscode.Range(start, stop));
      // A band that reaches into a line counts as its first.
      line = stop.character > 0 ? stop.line : start.line;
      end = to;
    };
    for (const [start, stop] of offsetsToBand(document, places, range)) {
      for (const span of tokens.spans(start, stop)) {
        const whole = wholeCharacters(span, tokens);
        add(bands.byColour, Math.max(whole.start, places.startOf(places.first)), whole.end, span.index);
        if (span.endsInside) add(bands.split, whole.splitStart, span.end, span.index);
      }
    }
  }
  return bands;
}

/** The last line up to `line` that no token reaches into from above: from there on the colours are certain. */
function lineToBeginAt(document: vscode.TextDocument, tokens: TokenDocument, line: number): number {
  for (let first = line; first > Math.max(0, line - MOST_LINES_BACK); first--) {
    const start = document.offsetAt(new vscode.Position(first, 0));
    const [span] = tokens.spans(start, start + 1);
    if (!span || span.start === start) return first;
  }
  return Math.max(0, line - MOST_LINES_BACK);
}

/**
 * Positions of offsets in neighbouring lines. `positionAt` of a document sums up all its lines after each edit,
 * which in a file of many megabytes is most of the cost of drawing.
 */
class LinePlaces {
  readonly first: number;
  readonly #document: vscode.TextDocument;
  readonly #eol: number;
  /** Offsets at which lines start, from the first on. */
  readonly #starts: number[];

  constructor(document: vscode.TextDocument, first: number) {
    this.first = first;
    this.#document = document;
    this.#eol = document.eol === vscode.EndOfLine.CRLF ? 2 : 1;
    this.#starts = [document.offsetAt(new vscode.Position(first, 0))];
  }

  /** Where a line starts. Past the last one: where the text ends. */
  startOf(line: number): number {
    while (this.#starts.length <= line - this.first) {
      const last = this.first + this.#starts.length - 1;
      const eol = last + 1 < this.#document.lineCount ? this.#eol : 0;
      this.#starts.push(this.#starts.at(-1)! + this.#document.lineAt(last).text.length + eol);
    }
    return this.#starts[line - this.first]!;
  }

  /** The position of an offset at or after the start of the first line. */
  at(offset: number): vscode.Position {
    const lineCount = this.#document.lineCount;
    while (this.first + this.#starts.length < lineCount && this.#starts.at(-1)! <= offset) {
      this.startOf(this.first + this.#starts.length);
    }
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return new vscode.Position(this.first + low, offset - this.#starts[low]!);
  }
}

/** The offsets of the lines of a range and of those before it that are to be gone through; long lines cut. */
function offsetsToBand(
  document: vscode.TextDocument,
  places: LinePlaces,
  range: vscode.Range,
): [start: number, end: number][] {
  const parts: [start: number, end: number][] = [];
  for (let line = places.first; line <= range.end.line; line++) {
    const start = places.startOf(line);
    const end =
      line + 1 < document.lineCount ? places.startOf(line + 1) : start + document.lineAt(line).text.length;
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
  #types: vscode.TextEditorDecorationType[] = [];
  #splitTypes: vscode.TextEditorDecorationType[] = [];
  #tokens: DocumentTokens | undefined;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#make();
    this._register({ dispose: () => this.#drop() });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration("glassbox.tokens.palette")) return;
        this.#drop();
        this.#make();
        this.#draw();
      }),
    );
    this._register(vscode.window.onDidChangeTextEditorVisibleRanges(() => this.#schedule()));
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#schedule()));
    this._register({ dispose: () => clearTimeout(this.#redraw) });
  }

  /** The decorations of the palette that the reader chose. */
  #make(): void {
    const name = vscode.workspace.getConfiguration("glassbox").get<string>("tokens.palette", "default");
    const looks = PALETTES[isPaletteName(name) ? name : "default"];
    this.#types = looks.map(({ edgeColour, background, edge }) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor(background),
        borderColor: new vscode.ThemeColor(edgeColour),
        borderStyle: edge,
        borderWidth: "0 0 1px 0",
        borderRadius: "3px",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
    // A character that tokens share has a heavier edge, whatever the palette.
    this.#splitTypes = looks.map(({ background, edge }) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor(background),
        borderColor: new vscode.ThemeColor("glassbox.tokenSplit"),
        borderStyle: edge === "solid" ? "double" : "dotted",
        borderWidth: "0 0 3px 0",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
  }

  #drop(): void {
    for (const type of [...this.#types, ...this.#splitTypes]) type.dispose();
    this.#types = [];
    this.#splitTypes = [];
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
        for (const type of [...this.#types, ...this.#splitTypes]) editor.setDecorations(type, []);
        continue;
      }
      const ranges = editor.visibleRanges.map((range) => withMargin(range, document));
      const first = document.offsetAt(ranges[0]?.start ?? new vscode.Position(0, 0));
      const bands = bandsOf(document, tokens.of(document, first), merged(ranges));
      this.#types.forEach((type, colour) => {
        editor.setDecorations(type, bands.byColour[colour]!);
      });
      this.#splitTypes.forEach((type, colour) => {
        editor.setDecorations(type, bands.split[colour]!);
      });
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
