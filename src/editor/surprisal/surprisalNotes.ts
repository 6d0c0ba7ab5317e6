/** Sums of surprise in the text: above each function as a lens, or behind each line as a dim note. */

import * as vscode from "vscode";
import { bitsPerToken, type ScoredToken, sumOf, sumsByStart } from "../../core/surprisal/sums.js";
import { formatFixed } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { lineNoteType } from "../lineNote.js";
import { countedSymbols } from "../tokens/tokenCodeLens.js";
import type { SurprisalSession, SurprisalToken } from "./surprisalSession.js";
import { notes, SURPRISAL_SETTINGS } from "./surprisalSettings.js";
import { sumWords } from "./surprisalWords.js";

/** Milliseconds that changes are collected before lenses are asked for again. */
const COLLECT_MS = 300;

export const scored = ({ start, end, reading }: SurprisalToken): ScoredToken => ({
  start,
  end,
  bits: reading?.bits,
});

export class SurprisalNotes extends Disposable implements vscode.CodeLensProvider {
  readonly #sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #type = this._register(lineNoteType());
  #collecting: ReturnType<typeof setTimeout> | undefined;

  constructor(sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined) {
    super();
    this.#sessionOf = sessionOf;
    this._register(vscode.languages.registerCodeLensProvider({ scheme: "*", language: "*" }, this));
    this._register({ dispose: () => clearTimeout(this.#collecting) });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(SURPRISAL_SETTINGS)) return;
        this.draw();
        this.#changed.fire();
      }),
    );
  }

  /** Draws the notes behind lines, and has the lenses asked for anew. */
  draw(): void {
    const on = notes() === "lines";
    for (const editor of vscode.window.visibleTextEditors) {
      const session = on ? this.#sessionOf(editor.document) : undefined;
      editor.setDecorations(this.#type, session ? lineNotes(editor, session) : []);
    }
    this.#collecting ??= setTimeout(() => {
      this.#collecting = undefined;
      this.#changed.fire();
    }, COLLECT_MS);
  }

  async provideCodeLenses(
    document: vscode.TextDocument,
    cancellation: vscode.CancellationToken,
  ): Promise<vscode.CodeLens[]> {
    const session = this.#sessionOf(document);
    if (!session || notes() !== "functions") return [];
    const found = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >("vscode.executeDocumentSymbolProvider", document.uri);
    if (cancellation.isCancellationRequested || !found) return [];
    const symbols = found.filter((symbol): symbol is vscode.DocumentSymbol => "children" in symbol);
    return countedSymbols(symbols, document.languageId).flatMap(({ range, selectionRange }) => {
      const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
      const tokens = session.tokensIn(start, end);
      // A sum of a part would look like the whole.
      if (tokens.length === 0 || tokens.some(({ index, reading }) => !reading && index > 0)) return [];
      const title = sumWords(sumOf(tokens.map(scored)));
      if (title === undefined) return [];
      return [
        new vscode.CodeLens(new vscode.Range(selectionRange.start, selectionRange.start), {
          title,
          tooltip: vscode.l10n.t("The most surprising places in it"),
          command: "glassbox.listSurprises",
          arguments: [document.uri.toString(), start, end],
        }),
      ];
    });
  }
}

/** "3.4 bits a token" behind each visible line of which all is read. */
export function lineNotes(
  editor: Pick<vscode.TextEditor, "document" | "visibleRanges">,
  session: SurprisalSession,
): vscode.DecorationOptions[] {
  const { document, visibleRanges } = editor;
  return visibleRanges.flatMap(({ start, end }) => {
    const lines = Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index);
    const starts = lines.map((line) => document.offsetAt(new vscode.Position(line, 0)));
    const last = document.offsetAt(document.lineAt(end.line).rangeIncludingLineBreak.end);
    const tokens = session.tokensIn(starts[0]!, last).filter((token) => token.start >= starts[0]!);
    const sums = sumsByStart(tokens.map(scored), starts);
    const unread = new Set(
      tokens
        .filter(({ reading, index }) => !reading && index > 0)
        .map((token) => document.positionAt(token.start).line),
    );
    return lines.flatMap((line, index) => {
      const mean = bitsPerToken(sums[index]!);
      if (mean === undefined || unread.has(line) || document.lineAt(line).isEmptyOrWhitespace) return [];
      const contentText = vscode.l10n.t("{0} bits a token", formatFixed(mean, 1));
      const at = document.lineAt(line).range.end;
      return [{ range: new vscode.Range(at, at), renderOptions: { after: { contentText } } }];
    });
  });
}
