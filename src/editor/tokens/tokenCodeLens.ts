/** Above each function, class and section, where the setting asks for it: its tokens and their cost. */

import * as vscode from "vscode";
import { formatCost, inputCost } from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import { flagSetting } from "../settings.js";
import type { DocumentTokens } from "./documentTokens.js";
import { chosenPrice, describePrice, doubtsAbout } from "./priceTable.js";

const SETTING = "glassbox.tokens.codeLens";
/** Milliseconds that changes of tokens are collected before lenses are asked for again. */
const COLLECT_MS = 300;

const COUNTED = new Set([
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Enum,
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Module,
  vscode.SymbolKind.Namespace,
  vscode.SymbolKind.Package,
  vscode.SymbolKind.Struct,
]);

/** The functions, classes and sections of a document, those inside others too. The sections of Markdown are strings. */
export function countedSymbols(
  symbols: readonly vscode.DocumentSymbol[],
  languageId: string,
): vscode.DocumentSymbol[] {
  return symbols.flatMap((symbol) => [
    ...(COUNTED.has(symbol.kind) || (languageId === "markdown" && symbol.kind === vscode.SymbolKind.String)
      ? [symbol]
      : []),
    ...countedSymbols(symbol.children, languageId),
  ]);
}

export class TokenCodeLens extends Disposable implements vscode.CodeLensProvider {
  readonly #tokens: DocumentTokens;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;
  #registration: vscode.Disposable | undefined;
  #collecting: ReturnType<typeof setTimeout> | undefined;
  /** Documents whose tokens were not complete when their lenses were asked for. */
  readonly #waiting = new WeakSet<vscode.TextDocument>();

  constructor(tokens: DocumentTokens) {
    super();
    this.#tokens = tokens;
    // An edit makes the editor ask by itself; only what was not ready then must be asked for again.
    this._register(
      tokens.onDidChange((document) => {
        if (!this.#waiting.has(document) || !tokens.of(document).complete) return;
        this.#waiting.delete(document);
        this.#collecting ??= setTimeout(() => {
          this.#collecting = undefined;
          this.#changed.fire();
        }, COLLECT_MS);
      }),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) this.#register();
        else if (event.affectsConfiguration("glassbox.tokens")) this.#changed.fire();
      }),
    );
    this._register({
      dispose: () => {
        clearTimeout(this.#collecting);
        this.#registration?.dispose();
      },
    });
    this.#register();
  }

  #register(): void {
    const on = flagSetting(SETTING, false);
    if (on === (this.#registration !== undefined)) return;
    this.#registration?.dispose();
    this.#registration = on
      ? vscode.languages.registerCodeLensProvider({ scheme: "*", language: "*" }, this)
      : undefined;
  }

  async provideCodeLenses(
    document: vscode.TextDocument,
    cancellation: vscode.CancellationToken,
  ): Promise<vscode.CodeLens[]> {
    if (!hasTokens(document)) return [];
    const found = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >("vscode.executeDocumentSymbolProvider", document.uri);
    if (cancellation.isCancellationRequested || !found) return [];
    const symbols = found.filter((symbol): symbol is vscode.DocumentSymbol => "children" in symbol);
    const tokens = this.#tokens.of(document);
    const price = chosenPrice();
    const { approximate, tokenizer } = this.#tokens;
    const doubts = doubtsAbout(tokenizer.name, approximate, price);
    const lenses: vscode.CodeLens[] = [];
    for (const { range, selectionRange } of countedSymbols(symbols, document.languageId)) {
      const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
      const count = tokens.countTouching(start, end);
      if (count === undefined) {
        this.#waiting.add(document);
        continue;
      }
      const words = count === 1 ? vscode.l10n.t("1 token") : vscode.l10n.t("{0} tokens", formatCount(count));
      lenses.push(
        new vscode.CodeLens(new vscode.Range(selectionRange.start, selectionRange.start), {
          title: price
            ? `${doubts.count}${words} · ${doubts.cost}${formatCost(inputCost(price, count))}`
            : `${doubts.count}${words}`,
          tooltip: [
            vscode.l10n.t("Select it, to compare it, explain it or look into its attention"),
            ...(price ? [describePrice(price)] : []),
            ...doubts.reasons,
          ].join("\n"),
          command: "glassbox.selectCounted",
          arguments: [document.uri.toString(), start, end],
        }),
      );
    }
    return lenses;
  }
}

/** Selects what a lens counts. @param start and `end`: offsets in the document, UTF-16. */
export async function selectCounted(address: string, start: number, end: number): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(address));
  // The caret at the start, or a long one would scroll away from its name.
  const selection = new vscode.Selection(document.positionAt(end), document.positionAt(start));
  await vscode.window.showTextDocument(document, { selection });
}
