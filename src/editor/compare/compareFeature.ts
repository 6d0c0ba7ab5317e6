/** "Glassbox: Compare Tokenizers": the text in front of the reader, in several tokenizers, kept up with edits. */

import * as vscode from "vscode";
import { DEFAULT_ENCODING } from "../../core/tokens/encodings.js";
import { GlassboxError } from "../../shared/errors.js";
import type { CompareHost, ComparePage } from "../../shared/panels/compare.js";
import { Disposable } from "../disposable.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import type { Tokenizers } from "../tokenizers.js";
import { pickTokenizer } from "../tokens/chooseTokenizer.js";
import { ComparedSource } from "./comparedSource.js";
import {
  COMPARED_SETTING,
  comparedNames,
  describeTokenizer,
  setComparedNames,
} from "./comparedTokenizers.js";
import { compareHandlers } from "./compareHandlers.js";
import { readingPrice } from "./readingPrice.js";

const PRICE_SETTINGS = ["glassbox.tokens.prices", "glassbox.tokens.priceModel"];

/** What is open: the panel and the text that it follows. */
interface Open {
  panel: Panel<ComparePage, CompareHost>;
  source: ComparedSource;
}

export class CompareFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #tokenizers: Tokenizers;
  readonly #log: vscode.LogOutputChannel;
  #open: Open | undefined;

  constructor(environment: PanelEnvironment, tokenizers: Tokenizers, log: vscode.LogOutputChannel) {
    super();
    this.#environment = environment;
    this.#tokenizers = tokenizers;
    this.#log = log;
    this._register({ dispose: () => this.#open?.panel.dispose() });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        // What one of the names stands for, or costs, may have changed as well.
        const settings = [COMPARED_SETTING, ...PRICE_SETTINGS, "glassbox.model.path"];
        if (settings.some((setting) => event.affectsConfiguration(setting))) this.#tellTokenizers();
      }),
    );
  }

  /** Opens the panel, or turns the open one to the text of now. */
  show(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor) this.#environment.places?.keep("compare", editor.document, editor.selection);
    if (this.#open) {
      this.#open.source.follow();
      this.#open.panel.reveal();
      return;
    }
    // Before the panel opens: it takes the place of the active editor.
    const source = new ComparedSource();
    source.onDidChange(() => this.#tellText());
    const panel = new Panel<ComparePage, CompareHost>(this.#environment, {
      name: "compare",
      title: vscode.l10n.t("Compare Tokenizers"),
      handlers: compareHandlers(this.#tokenizers, {
        text: () => source,
        price: readingPrice,
        addTokenizer: async () => {
          const names = comparedNames();
          const added = await pickTokenizer(names[0] ?? DEFAULT_ENCODING, this.#tokenizers);
          if (added !== undefined) await setComparedNames([...names, added]);
        },
        removeTokenizer: (name) => setComparedNames(comparedNames().filter((other) => other !== name)),
        keepText: (kept) => source.keep(kept),
        useText: (text, name) => source.give(text, name),
      }),
    });
    this.#open = { panel, source };
    panel.onDidClose(() => {
      this.#open = undefined;
      source.dispose();
    });
    this.#tellTokenizers();
    this.#tellText();
  }

  #tellText(): void {
    this.#tell("textChanged", (source) => ({ text: source.described }));
  }

  #tellTokenizers(): void {
    this.#tell("tokenizersChanged", () => ({ tokenizers: comparedNames().map(describeTokenizer) }));
  }

  #tell<K extends keyof ComparePage & string>(
    method: K,
    params: (source: ComparedSource) => ComparePage[K]["params"],
  ): void {
    if (!this.#open) return;
    const { panel, source } = this.#open;
    panel.page.call(method, params(source)).catch((error: unknown) => {
      // The reader may close the panel while the message is under way.
      if (GlassboxError.from(error).code !== "closed") reportError(error, this.#log);
    });
  }
}
