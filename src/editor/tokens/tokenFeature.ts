/** Tokens in the editor: bands, hover, inline cost and status over one store of tokens. */

import * as vscode from "vscode";
import { GlassboxError } from "../../shared/errors.js";
import { BudgetDiagnostics } from "../budget/budgetDiagnostics.js";
import { Disposable } from "../disposable.js";
import { sayNoText } from "../noText.js";
import { reportError } from "../reportError.js";
import {
  approximation,
  chosenTokenizer,
  MODEL_TOKENIZER,
  TOKENIZER_SETTING,
  type Tokenizers,
} from "../tokenizers.js";
import { pickTokenizer } from "./chooseTokenizer.js";
import { DocumentTokens } from "./documentTokens.js";
import { InlineCost } from "./inlineCost.js";
import { choosePriceModel, PriceWatch } from "./priceTable.js";
import { Redraw } from "./redraw.js";
import { TokenBands } from "./tokenBands.js";
import { selectCounted, TokenCodeLens } from "./tokenCodeLens.js";
import { TokenHover } from "./tokenHover.js";
import { TokenStatus } from "./tokenStatus.js";
import { whyNotMarked } from "./whyNotMarked.js";

/** What is made for one tokenizer and goes when another is chosen. */
interface Showing {
  name: string;
  tokens: DocumentTokens;
  parts: vscode.Disposable[];
}

export class TokenFeature extends Disposable {
  readonly #tokenizers: Tokenizers;
  readonly #log: vscode.LogOutputChannel;
  readonly #redraw = this._register(new Redraw());
  readonly #status = this._register(new TokenStatus());
  readonly #bands = this._register(new TokenBands(this.#redraw));
  readonly #loaded = this._register(new vscode.EventEmitter<DocumentTokens>());
  /** Fires with the tokens of another tokenizer. */
  readonly onDidLoad = this.#loaded.event;
  readonly #changed = this._register(new vscode.EventEmitter<vscode.TextDocument>());
  /** Fires when tokens of a document were made or changed. */
  readonly onDidChange = this.#changed.event;
  #loading: Promise<void> | undefined;
  #showing: Showing | undefined;
  #boundaries = false;
  /** Counts the changes of tokenizer: a slow load must not overwrite a later choice. */
  #generation = 0;

  constructor(tokenizers: Tokenizers, log: vscode.LogOutputChannel) {
    super();
    this._register(new PriceWatch());
    this.#tokenizers = tokenizers;
    this.#log = log;
    this._register(
      vscode.languages.registerHoverProvider(
        { scheme: "*" },
        new TokenHover(() => (this.#boundaries ? this.#showing?.tokens : undefined)),
      ),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(TOKENIZER_SETTING)) this.#loading = this.#load();
      }),
    );
    this._register(
      tokenizers.onDidChangeModel(() => {
        if (chosenTokenizer() === MODEL_TOKENIZER) this.#loading = this.#load();
      }),
    );
    this._register({ dispose: () => this.#drop() });
    this.#loading = this.#load();
  }

  /** Whether boundaries are shown; for the tests. */
  get boundaries(): boolean {
    return this.#boundaries;
  }

  /** The tokens of the open documents; undefined while the tokenizer is loaded. */
  get documents(): DocumentTokens | undefined {
    return this.#showing?.tokens;
  }

  /** The tokens of the open documents, once the tokenizer is loaded. @throws GlassboxError `failed` where it was not. */
  async loaded(): Promise<DocumentTokens> {
    // Another one may be chosen meanwhile.
    for (let seen: Promise<void> | undefined; seen !== this.#loading; ) {
      seen = this.#loading;
      await seen;
    }
    if (this.#showing) return this.#showing.tokens;
    throw new GlassboxError(
      "failed",
      vscode.l10n.t("The tokenizer {0} could not be loaded.", chosenTokenizer()),
      vscode.l10n.t("Choose another with Glassbox: Choose Tokenizer."),
    );
  }

  choosePriceModel(): Promise<void> {
    return choosePriceModel();
  }

  select(address: string, start: number, end: number): Promise<void> {
    return selectCounted(address, start, end);
  }

  toggleBoundaries(): void {
    this.#boundaries = !this.#boundaries;
    this.#bands.show(this.#boundaries ? this.#showing?.tokens : undefined);
    if (this.#boundaries) void this.#sayWhatIsNotMarked();
  }

  /** A switch that seems to do nothing says why, and where there is no text leads to one. */
  async #sayWhatIsNotMarked(): Promise<void> {
    const reason = await whyNotMarked();
    if (reason === undefined || !this.#boundaries) return;
    const message = vscode.l10n.t("Token boundaries are on. {0}", reason);
    const { visibleTextEditors, activeNotebookEditor } = vscode.window;
    if (visibleTextEditors.length > 0 || activeNotebookEditor)
      void vscode.window.showInformationMessage(message);
    else await sayNoText(message);
  }

  /** Lets the reader choose the tokenizer; the choice is kept in the settings. */
  async chooseTokenizer(): Promise<void> {
    const current = chosenTokenizer();
    const picked = await pickTokenizer(current, this.#tokenizers);
    if (picked === undefined || picked === current) return;
    // Said at once, and not only when the setting is read: a choice that fails changes nothing.
    await this.#tokenizers.get(picked);
    await vscode.workspace
      .getConfiguration()
      .update(TOKENIZER_SETTING, picked, vscode.ConfigurationTarget.Global);
  }

  async #load(): Promise<void> {
    const generation = ++this.#generation;
    try {
      const chosen = chosenTokenizer();
      const name = await this.#tokenizers.resolve(chosen);
      if (generation !== this.#generation || this.#showing?.name === name) return;
      const tokenizer = await this.#tokenizers.get(name);
      if (generation !== this.#generation) return;
      this.#drop();
      const tokens = new DocumentTokens(tokenizer, () => approximation(chosen, tokenizer));
      const parts = [
        tokens,
        new InlineCost(tokens, this.#redraw),
        new TokenCodeLens(tokens),
        new BudgetDiagnostics(tokens),
        tokens.onDidChange((document) => {
          this.#bands.changed(document);
          this.#changed.fire(document);
          if (document === vscode.window.activeTextEditor?.document) this.#status.update();
        }),
      ];
      this.#showing = { name, tokens, parts };
      this.#status.show(tokens);
      this.#loaded.fire(tokens);
      if (this.#boundaries) this.#bands.show(tokens);
    } catch (error) {
      reportError(error, this.#log);
    }
  }

  #drop(): void {
    for (const part of this.#showing?.parts ?? []) part.dispose();
    this.#showing = undefined;
  }
}
