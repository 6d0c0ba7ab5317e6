/** What an editor has been sent of bands, and what of it stays as it is while lines of its text are edited. */

import * as vscode from "vscode";
import { lineBreaks } from "../../core/tokens/lineIntake.js";
import type { Band, Bands } from "./tokenBands.js";

/** Lines `first` to `last`. */
export interface Lines {
  first: number;
  last: number;
}

/** More lines than these are not kept apart from the others. */
const MOST_EDITED = 20;

/**
 * The bands of an editor in two parts with decorations of their own: those in the lines that are being edited, and all
 * others, which the editor moves with its text and which need not be sent again at every edit.
 */
export class DrawnBands {
  /** The version of the document that what was sent is right for. */
  version: number;
  /** The lines that were looked at. */
  ranges: readonly vscode.Range[];
  /** The lines that are being edited; undefined where there are none. */
  edited: Lines | undefined;
  resting: Bands;
  inEdited: Bands;
  /** Whether there was an edit beside the lines that are being edited, so that all must be sent anew. */
  outdated = false;
  /** Whether the editor has moved what it was sent: before or after it took it in, nobody knows. */
  moved = false;
  /** Where the first edit since the last sending was. */
  editedFrom: vscode.Position | undefined;

  constructor(version: number, ranges: readonly vscode.Range[], bands: Bands, edited: Lines | undefined) {
    this.version = version;
    this.ranges = ranges;
    this.edited = edited;
    this.resting = bandsWhere(bands, (line) => !isIn(line, edited));
    this.inEdited = bandsWhere(bands, (line) => isIn(line, edited));
  }

  /** Follows what was replaced, from the last place to the first as the editor reports it. */
  follow(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    for (const { range, text } of changes) {
      const { start, end } = range;
      const added = lineBreaks(text) - (end.line - start.line);
      const { edited } = this;
      if (edited && start.line >= edited.first && end.line <= edited.last) {
        edited.last += added;
      } else {
        this.edited = { first: start.line, last: end.line + added };
        this.outdated = true;
      }
      this.ranges = this.ranges.map((there) => moveBehind(there, end.line, added));
      this.moved = true;
      if (!this.editedFrom?.isBefore(start)) this.editedFrom = start;
    }
    if (this.edited && this.edited.last - this.edited.first >= MOST_EDITED) {
      this.edited = undefined;
      this.outdated = true;
    }
  }

  /** Whether these lines and some more have their bands. */
  covers(wanted: readonly vscode.Range[]): boolean {
    return wanted.every((range) => this.ranges.some((there) => there.contains(range)));
  }

  /** Whether what was sent of the lines being edited is where it was: the editor moves only what is behind an edit. */
  isStill(sent: readonly Band[]): boolean {
    const { editedFrom } = this;
    if (!editedFrom) return true;
    const { line, character } = editedFrom;
    return sent.every(({ end }) => end.line < line || (end.line === line && end.character < character));
  }
}

/** The bands that begin in certain lines. */
export function bandsWhere({ byColour, split }: Bands, wanted: (line: number) => boolean): Bands {
  const within = (palette: readonly Band[][]) =>
    palette.map((bands) => bands.filter(({ start }) => wanted(start.line)));
  return { byColour: within(byColour), split: within(split) };
}

export function isIn(line: number, lines: Lines | undefined): boolean {
  return lines !== undefined && line >= lines.first && line <= lines.last;
}

function moveBehind(range: vscode.Range, line: number, by: number): vscode.Range {
  if (by === 0 || range.end.line < line) return range;
  const moved = (position: vscode.Position) =>
    position.line >= line ? position.with(Math.max(line, position.line + by)) : position;
  return new vscode.Range(range.start.line > line ? moved(range.start) : range.start, moved(range.end));
}
