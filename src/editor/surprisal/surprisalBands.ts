/** Colours over the tokens of a text, by how surprising each is. */

import * as vscode from "vscode";
import { levelOf } from "../../core/surprisal/levels.js";
import { Disposable } from "../disposable.js";
import { PALETTE_SETTING } from "../tokens/paletteSetting.js";
import type { SurprisalSession, SurprisalToken } from "./surprisalSession.js";
import { levelLooks, SURPRISAL_SETTINGS, thresholds } from "./surprisalSettings.js";

/** Lines beyond the visible ones that are drawn as well, so that scrolling shows no gap. */
const MARGIN_LINES = 30;

/** Where tokens of each level stand, 1 to 4; tokens that share a character are one place, as surprising as the most. */
export function placesByLevel(
  tokens: readonly SurprisalToken[],
  limits: readonly number[],
): { start: number; end: number }[][] {
  const byLevel = limits.map((): { start: number; end: number }[] => []);
  let last: { start: number; end: number; level: number } | undefined;
  const add = () => {
    if (last && last.level > 0) byLevel[last.level - 1]!.push({ start: last.start, end: last.end });
  };
  for (const { start, end, reading } of tokens) {
    if (!reading || start === end) continue;
    const level = levelOf(reading.bits, limits);
    if (last && start < last.end) {
      last = { start: last.start, end: Math.max(end, last.end), level: Math.max(level, last.level) };
      continue;
    }
    add();
    last = { start, end, level };
  }
  add();
  return byLevel;
}

export class SurprisalBands extends Disposable {
  readonly #sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined;
  #types: vscode.TextEditorDecorationType[] = [];

  constructor(sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined) {
    super();
    this.#sessionOf = sessionOf;
    this.#make();
    this._register({ dispose: () => this.#drop() });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(PALETTE_SETTING) && !event.affectsConfiguration(SURPRISAL_SETTINGS))
          return;
        this.#drop();
        this.#make();
        this.draw();
      }),
    );
  }

  #make(): void {
    this.#types = levelLooks().map(({ edgeColour, background, edge, edgeWidth }) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor(background),
        borderColor: new vscode.ThemeColor(edgeColour),
        borderStyle: edge,
        borderWidth: `0 0 ${edgeWidth}px 0`,
        overviewRulerColor: new vscode.ThemeColor(edgeColour),
        overviewRulerLane: vscode.OverviewRulerLane.Right,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
  }

  #drop(): void {
    for (const type of this.#types) type.dispose();
    this.#types = [];
  }

  /** Draws in all editors in sight what their sessions know, and takes off what no session knows. */
  draw(): void {
    const limits = thresholds();
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const session = this.#sessionOf(document);
      const tokens = session
        ? editor.visibleRanges.flatMap((range) => tokensAround(session, document, range))
        : [];
      const places = placesByLevel(inOrder(tokens), limits);
      this.#types.forEach((type, index) => {
        const ranges = places[index]!.map(
          ({ start, end }) => new vscode.Range(document.positionAt(start), document.positionAt(end)),
        );
        editor.setDecorations(type, ranges);
      });
    }
  }
}

function tokensAround(
  session: SurprisalSession,
  document: vscode.TextDocument,
  { start, end }: vscode.Range,
): SurprisalToken[] {
  const first = new vscode.Position(Math.max(0, start.line - MARGIN_LINES), 0);
  const last = document.lineAt(Math.min(document.lineCount - 1, end.line + MARGIN_LINES)).range.end;
  return session.tokensIn(document.offsetAt(first), document.offsetAt(last));
}

/** Folded code leaves several visible ranges, whose margins may overlap: each token once. */
function inOrder(tokens: readonly SurprisalToken[]): SurprisalToken[] {
  const byIndex = new Map(tokens.map((token) => [token.index, token]));
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
