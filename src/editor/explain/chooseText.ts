/** Decides what is explained: the selection, else the function or block around the caret, else the paragraph. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { cutText, MOST_LINES, paragraphAround } from "../../core/explain/selectText.js";
import type { ExplainSubject } from "../../shared/panels/explain.js";
import type { Caller } from "../../shared/rpc.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";

/** Language servers that are still starting are not waited for longer than this, in milliseconds. */
const SYMBOLS_TIMEOUT_MS = 1500;

const FUNCTION_KINDS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);
const BLOCK_KINDS: ReadonlySet<vscode.SymbolKind> = new Set([
  ...FUNCTION_KINDS,
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Struct,
  vscode.SymbolKind.Enum,
]);

/** @returns undefined where there is no text around the caret. */
export async function chooseText(
  editor: vscode.TextEditor,
  sandbox: Caller<SandboxProtocol>,
): Promise<ExplainSubject | undefined> {
  const { document, selection } = editor;
  const notes: string[] = [];
  let range: vscode.Range | undefined;
  if (document.getText(selection).trim() !== "") range = selection;
  else {
    const found = await aroundCaret(document, selection.active, sandbox);
    if (!found) return undefined;
    range = found.range;
    notes.push(found.note);
  }

  const whole = wholeStart(document, range);
  const { text, lines, allLines, cut } = cutText(document.getText(whole));
  if (cut) {
    notes.push(
      allLines > lines
        ? vscode.l10n.t("Only the first {0} of the {1} selected lines are explained.", lines, allLines)
        : vscode.l10n.t("Only the first {0} characters of the selection are explained.", text.length),
    );
  }
  return {
    fileName: basename(document.fileName),
    languageId: document.languageId,
    firstLine: whole.start.line,
    lastLine: whole.start.line + lines - 1,
    text,
    notes,
  };
}

/** Begins at the start of the line where only indentation precedes, and ends before a last line break. */
function wholeStart(document: vscode.TextDocument, range: vscode.Range): vscode.Range {
  let { start, end } = range;
  const line = document.lineAt(start.line);
  if (start.character <= line.firstNonWhitespaceCharacterIndex) start = start.with({ character: 0 });
  if (end.character === 0 && end.line > start.line) end = document.lineAt(end.line - 1).range.end;
  return new vscode.Range(start, end);
}

async function aroundCaret(
  document: vscode.TextDocument,
  caret: vscode.Position,
  sandbox: Caller<SandboxProtocol>,
): Promise<{ range: vscode.Range; note: string } | undefined> {
  const symbol = innermost(await symbolsOf(document), caret);
  if (symbol) {
    return {
      range: symbol.range,
      note: vscode.l10n.t("Nothing was selected: this is {0}, where the caret stands.", `“${symbol.name}”`),
    };
  }
  const lines =
    (await blockAround(document, caret.line, sandbox)) ??
    paragraphAround(document.lineCount, (line) => document.lineAt(line).text, caret.line);
  return (
    lines && {
      range: new vscode.Range(lines.first, 0, lines.last, document.lineAt(lines.last).text.length),
      note: vscode.l10n.t("Nothing was selected: this is the block around the caret."),
    }
  );
}

async function symbolsOf(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
  const symbols = vscode.commands.executeCommand<
    (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
  >("vscode.executeDocumentSymbolProvider", document.uri);
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), SYMBOLS_TIMEOUT_MS);
  });
  const found = (await Promise.race([symbols, late])) ?? [];
  return found.filter((symbol): symbol is vscode.DocumentSymbol => "children" in symbol);
}

/** The innermost function around a place, else the innermost class or the like. */
function innermost(
  symbols: readonly vscode.DocumentSymbol[],
  place: vscode.Position,
): vscode.DocumentSymbol | undefined {
  let best: vscode.DocumentSymbol | undefined;
  const visit = (symbol: vscode.DocumentSymbol) => {
    if (!symbol.range.contains(place)) return;
    if (BLOCK_KINDS.has(symbol.kind) && (FUNCTION_KINDS.has(symbol.kind) || !best)) best = symbol;
    symbol.children.forEach(visit);
  };
  symbols.forEach(visit);
  return best;
}

/** The step of the whole file that holds the line, where our own parser knows the language. */
async function blockAround(
  document: vscode.TextDocument,
  line: number,
  sandbox: Caller<SandboxProtocol>,
): Promise<{ first: number; last: number } | undefined> {
  if (document.lineCount > MOST_LINES) return undefined;
  const { functions, steps } = await sandbox.call("splitSteps", {
    text: document.getText(),
    languageId: document.languageId,
    firstLine: 0,
  });
  if (functions.length === 0) return undefined;
  const step = steps.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
  return step && { first: step.firstLine, last: step.lastLine };
}
