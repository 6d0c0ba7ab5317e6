/** Bands over the tokens of the visible lines: six colours in turn, with an edge that alternates as well. */

import * as vscode from "vscode";
import { BAND_COUNT, type BandLook, PALETTES } from "../../core/tokens/palettes.js";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import type { TokenSpan } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import type { DocumentTokens } from "./documentTokens.js";
import { bandsWhere, DrawnBands, isIn } from "./drawnBands.js";
import { chosenPalette, PALETTE_SETTING } from "./paletteSetting.js";
import type { Redraw, RedrawnPart } from "./redraw.js";

/** Lines beyond the visible ones that are drawn as well, so that scrolling shows no gap. */
const MARGIN_LINES = 20;
/** A line of minified code may be a megabyte; nobody sees more of it than this around its visible start. */
export const LONGEST_BANDED_LINE = 10_000;
/** Milliseconds without an edit after which the lines are drawn again that were left to the editor. */
const SETTLE_MS = 500;
/** How far to look for a line that begins with a token of its own. gpt2 joins a line break with what indents. */
const MOST_LINES_BACK = 100;

/** A line and a UTF-16 unit in it. */
interface Place {
  readonly line: number;
  readonly character: number;
}

/** Where a band goes. A thousand of them are made at an edit of a long line, and ranges only of those that are sent. */
export interface Band {
  readonly start: Place;
  readonly end: Place;
}

/** Where bands go, by colour: those of whole characters, and those of a character that is split over tokens. */
export interface Bands {
  byColour: Band[][];
  split: Band[][];
}

export function rangeOf({ start, end }: Band): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
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
  const palette = () => Array.from({ length: BAND_COUNT }, (): Band[] => []);
  const bands: Bands = { byColour: palette(), split: palette() };
  for (const range of ranges) {
    const places = new LinePlaces(document, lineToBeginAt(document, tokens, range.start.line));
    const firstOffset = places.startOf(places.first);
    let line = -1;
    let end = -1;
    let endPlace: Place | undefined;
    let colour = 0;
    const add = (into: Band[][], from: number, to: number, index: number) => {
      if (from >= to || from < end) return;
      const start = from === end && endPlace ? endPlace : places.at(from);
      if (start.line === line) colour = (colour + 1) % BAND_COUNT;
      // A long line is drawn in part, the same part in the same colours however it is scrolled.
      else colour = start.character === 0 ? 0 : index % BAND_COUNT;
      const stop = places.at(to);
      into[colour]!.push({ start, end: stop });
      // A band that reaches into a line counts as its first.
      line = stop.character > 0 ? stop.line : start.line;
      end = to;
      endPlace = stop;
    };
    for (const [start, stop] of offsetsToBand(document, places, range)) {
      for (const span of tokens.spans(start, stop)) {
        const from = Math.max(span.start, firstOffset);
        if (!span.startsInside && !span.endsInside) {
          add(bands.byColour, from, span.end, span.index);
          continue;
        }
        const whole = wholeCharacters(span, tokens);
        add(bands.byColour, Math.max(whole.start, from), whole.end, span.index);
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
 * Places of offsets in neighbouring lines. `positionAt` of a document sums up all its lines after each edit,
 * which in a file of many megabytes is most of the cost of drawing.
 */
class LinePlaces {
  readonly first: number;
  readonly #document: vscode.TextDocument;
  readonly #eol: number;
  /** Offsets at which lines start, from the first on. */
  readonly #starts: number[];
  /** Place in `#starts` of the line that was asked for last. */
  #at = 0;

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

  /** The place of an offset at or after the start of the first line. */
  at(offset: number): Place {
    const lineCount = this.#document.lineCount;
    while (this.first + this.#starts.length < lineCount && this.#starts.at(-1)! <= offset) {
      this.startOf(this.first + this.#starts.length);
    }
    const starts = this.#starts;
    // Offsets are asked for one after the other.
    let at = this.#at;
    while (starts[at]! > offset) at--;
    while (at + 1 < starts.length && starts[at + 1]! <= offset) at++;
    this.#at = at;
    return { line: this.first + at, character: offset - starts[at]! };
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

/** The characters that belong to a token alone that shares one with another, and where the character begins that it shares with the next. */
function wholeCharacters(
  span: TokenSpan,
  tokens: TokenDocument,
): { start: number; end: number; splitStart: number } {
  const text = tokens.text(span.start, span.end);
  const first = (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  const unit = text.charCodeAt(text.length - 1);
  const last = text.length > 1 && (unit & 0xfc00) === 0xdc00 ? 2 : 1;
  const start = span.startsInside ? Math.min(span.start + first, span.end) : span.start;
  const splitStart = span.endsInside ? span.end - last : span.end;
  return { start, end: Math.max(start, splitStart), splitStart };
}

/** Decorations by colour: for whole characters, and for those that tokens share. */
interface Looks {
  byColour: readonly vscode.TextEditorDecorationType[];
  split: readonly vscode.TextEditorDecorationType[];
}

export class TokenBands extends Disposable {
  #resting: Looks = { byColour: [], split: [] };
  /** The same looks for the lines that are being edited. */
  #inEdited: Looks = { byColour: [], split: [] };
  #tokens: DocumentTokens | undefined;
  readonly #part: RedrawnPart;
  readonly #drawn = new Map<vscode.TextEditor, DrawnBands>();
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(redraw: Redraw) {
    super();
    this.#part = this._register(redraw.part(() => this.#draw()));
    this.#make();
    this._register({
      dispose: () => {
        clearTimeout(this.#settling);
        this.#drop();
      },
    });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(PALETTE_SETTING)) return;
        this.#drop();
        this.#make();
        this.#draw();
      }),
    );
    this._register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        for (const [editor, drawn] of this.#drawn) {
          if (editor.document === document) drawn.follow(contentChanges);
        }
      }),
    );
    this._register(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor, visibleRanges }) => {
        if (!this.#covers(textEditor, visibleRanges)) this.#schedule();
      }),
    );
    this._register(
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of this.#drawn.keys()) if (!editors.includes(editor)) this.#drawn.delete(editor);
        this.#schedule();
      }),
    );
  }

  /** The decorations of the palette that the reader chose. */
  #make(): void {
    const looks = PALETTES[chosenPalette()];
    this.#resting = decorationsOf(looks);
    this.#inEdited = decorationsOf(looks);
  }

  get #types(): vscode.TextEditorDecorationType[] {
    return [this.#resting, this.#inEdited].flatMap(({ byColour, split }) => [...byColour, ...split]);
  }

  #drop(): void {
    for (const type of this.#types) type.dispose();
    this.#resting = { byColour: [], split: [] };
    this.#inEdited = { byColour: [], split: [] };
    this.#drawn.clear();
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
    if (this.on) this.#part.schedule();
  }

  /** Whether an editor has bands for these lines and some more. */
  #covers(editor: vscode.TextEditor, visible: readonly vscode.Range[]): boolean {
    const { document } = editor;
    const drawn = this.#drawn.get(editor);
    if (drawn?.version !== document.version) return false;
    return drawn.covers(visible.map((range) => withMargin(range, document, MARGIN_LINES / 2)));
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const tokens = hasTokens(editor.document) ? this.#tokens : undefined;
      if (!tokens) {
        for (const type of this.#types) editor.setDecorations(type, []);
        this.#drawn.delete(editor);
      } else if (!this.#drawEdited(editor, tokens)) {
        this.#drawAll(editor, tokens);
      }
    }
  }

  #drawAll(editor: vscode.TextEditor, tokens: DocumentTokens): void {
    const { document, visibleRanges, selection } = editor;
    const ranges = merged(visibleRanges.map((range) => withMargin(range, document, MARGIN_LINES)));
    const first = document.offsetAt(ranges[0]?.start ?? new vscode.Position(0, 0));
    const bands = bandsOf(document, tokens.of(document, first), ranges);
    const before = this.#drawn.get(editor);
    // Where nothing is edited yet, it will be where the caret is.
    const caret = selection.active.line;
    const edited = before ? before.edited : { first: caret, last: caret };
    const drawn = new DrawnBands(document.version, ranges, bands, edited);
    // The editor moves its bands with each edit, before or after it takes in what was sent: then all is sent anew.
    const there = before?.version === document.version && !before.moved ? before : undefined;
    send(editor, this.#resting, drawn.resting, there?.resting);
    send(editor, this.#inEdited, drawn.inEdited, there?.inEdited);
    this.#drawn.set(editor, drawn);
  }

  /**
   * Draws the lines that are being edited and leaves the others to the editor, until there is time for them.
   * @returns false where they do not tell all that has changed.
   */
  #drawEdited(editor: vscode.TextEditor, tokens: DocumentTokens): boolean {
    const { document, visibleRanges } = editor;
    const drawn = this.#drawn.get(editor);
    if (!drawn?.edited || drawn.outdated || drawn.version === document.version) return false;
    if (!drawn.covers(visibleRanges.map((range) => withMargin(range, document, 0)))) return false;
    const { first, last } = drawn.edited;
    const made = tokens.of(document);
    if (last >= document.lineCount || !made.complete) return false;
    const top =
      visibleRanges.find(({ start }) => start.line === first)?.start ?? new vscode.Position(first, 0);
    const range = new vscode.Range(top, document.lineAt(last).rangeIncludingLineBreak.end);
    const bands = bandsWhere(bandsOf(document, made, [range]), (line) => isIn(line, drawn.edited));
    send(editor, this.#inEdited, bands, drawn.inEdited, (sent) => drawn.isStill(sent));
    drawn.inEdited = bands;
    drawn.editedFrom = undefined;
    drawn.version = document.version;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#settle(), SETTLE_MS);
    return true;
  }

  /** Draws all lines again of which only some were drawn. */
  #settle(): void {
    for (const drawn of this.#drawn.values()) drawn.outdated ||= drawn.moved;
    this.#schedule();
  }
}

function decorationsOf(looks: readonly BandLook[]): Looks {
  const byColour = looks.map(({ edgeColour, background, edge }) =>
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
  const split = looks.map(({ background, edge }) =>
    vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor(background),
      borderColor: new vscode.ThemeColor("glassbox.tokenSplit"),
      borderStyle: edge === "solid" ? "double" : "dotted",
      borderWidth: "0 0 3px 0",
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  return { byColour, split };
}

/** Sends an editor the bands that differ from those that it was sent and that are still where they were. */
function send(
  editor: vscode.TextEditor,
  looks: Looks,
  bands: Bands,
  sent: Bands | undefined,
  isStill: (sent: readonly Band[]) => boolean = () => true,
): void {
  for (const part of ["byColour", "split"] as const) {
    looks[part].forEach((type, colour) => {
      const wanted = bands[part][colour]!;
      const there = sent?.[part][colour];
      if (there && sameBands(there, wanted) && isStill(there)) return;
      editor.setDecorations(type, wanted.map(rangeOf));
    });
  }
}

function sameBands(left: readonly Band[], right: readonly Band[]): boolean {
  if (left.length !== right.length) return false;
  return left.every(({ start, end }, index) => {
    const other = right[index]!;
    return isSamePlace(start, other.start) && isSamePlace(end, other.end);
  });
}

function isSamePlace(left: Place, right: Place): boolean {
  return left.line === right.line && left.character === right.character;
}

function withMargin(range: vscode.Range, document: vscode.TextDocument, lines: number): vscode.Range {
  const first = Math.max(0, range.start.line - lines);
  const last = Math.min(document.lineCount - 1, range.end.line + lines);
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
