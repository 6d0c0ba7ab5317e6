/** "Why Did It Split Here?": opens its panel on the text around the caret, and follows the caret while it is asked to. */

import * as vscode from "vscode";
import type { Splitter } from "../../core/tokens/tokenizer.js";
import { GlassboxError } from "../../shared/errors.js";
import type { SplitHost, SplitPage, SplitSource } from "../../shared/panels/split.js";
import { Disposable } from "../disposable.js";
import { hasTokens } from "../documentKinds.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { chosenTokenizer, TOKENIZER_SETTING, type Tokenizers } from "../tokenizers.js";
import { textAround } from "./caretText.js";
import { chosenSplitter, splitHandlers, tokenizerOptions } from "./splitHandlers.js";

/** Milliseconds of rest of the caret before the panel follows. */
const REST_MS = 60;

/** A place that the reader asked about. */
interface Place {
  document: vscode.TextDocument;
  offset: number;
}

export class SplitFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #tokenizers: Tokenizers;
  readonly #log: vscode.LogOutputChannel;
  #panel: Panel<SplitPage, SplitHost> | undefined;
  #asked: Place | undefined;
  #follows = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(environment: PanelEnvironment, tokenizers: Tokenizers, log: vscode.LogOutputChannel) {
    super();
    this.#environment = environment;
    this.#tokenizers = tokenizers;
    this.#log = log;
    const { window, workspace } = vscode;
    this._register(
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === this.#environment.lastEditor.inSight) this.#followLater();
      }),
    );
    this._register(window.onDidChangeActiveTextEditor((editor) => editor && this.#followLater()));
    this._register(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && document === this.#environment.lastEditor.inSight?.document)
          this.#followLater();
      }),
    );
    this._register(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(TOKENIZER_SETTING)) void this.#tellTokenizer();
      }),
    );
    this._register({
      dispose: () => {
        clearTimeout(this.#timer);
        this.#panel?.dispose();
      },
    });
  }

  /**
   * Opens the panel, or brings it to the front.
   * @param offset the place to look at, in the document `uri` or else in the editor in use; without it, the caret.
   */
  async show(offset?: number, uri?: string): Promise<void> {
    this.#asked = this.#placeOf(offset, uri);
    if (this.#asked) {
      const caret = this.#asked.document.positionAt(this.#asked.offset);
      this.#environment.places?.keep("split", this.#asked.document, new vscode.Range(caret, caret));
    }
    if (this.#panel) {
      this.#panel.reveal();
      await this.#tell(true);
      return;
    }
    const panel = new Panel<SplitPage, SplitHost>(this.#environment, {
      name: "split",
      title: vscode.l10n.t("Why Did It Split?"),
      handlers: splitHandlers({
        tokenizers: this.#tokenizers,
        source: (splitter) => this.#sourceAt(this.#asked, splitter),
        caretText: (splitter) => this.#sourceAt(this.#caret(), splitter),
        follow: (on) => {
          this.#follows = on;
        },
      }),
    });
    this.#panel = panel;
    panel.onDidClose(() => {
      this.#panel = undefined;
      this.#follows = false;
    });
  }

  #placeOf(offset: number | undefined, uri: string | undefined): Place | undefined {
    if (offset === undefined) return this.#caret();
    const document =
      uri === undefined
        ? this.#environment.lastEditor.inSight?.document
        : vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
    return document && { document, offset };
  }

  #caret(): Place | undefined {
    const editor = this.#environment.lastEditor.inSight;
    return editor && { document: editor.document, offset: editor.document.offsetAt(editor.selection.active) };
  }

  #sourceAt(place: Place | undefined, splitter: Splitter): SplitSource | undefined {
    if (!place || place.document.isClosed || !hasTokens(place.document)) return undefined;
    return textAround(place.document, place.offset, splitter);
  }

  #followLater(): void {
    if (!this.#follows || !this.#panel) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#asked = this.#caret();
      void this.#tell(false);
    }, REST_MS);
  }

  async #tell(asked: boolean): Promise<void> {
    const splitter = await chosenSplitter(this.#tokenizers);
    const source = this.#sourceAt(this.#asked, splitter);
    await this.#send(this.#panel?.page.call("sourceChanged", { source, asked }));
  }

  async #tellTokenizer(): Promise<void> {
    if (!this.#panel) return;
    const tokenizers = await tokenizerOptions(this.#tokenizers);
    await this.#send(
      this.#panel?.page.call("tokenizerChanged", { tokenizer: chosenTokenizer(), tokenizers }),
    );
  }

  /** The page may close while a message is under way; anything else is a fault worth a line in the log. */
  async #send(message: Promise<null> | undefined): Promise<void> {
    await message?.catch((error: unknown) => {
      const { code, message: text } = GlassboxError.from(error);
      if (code !== "closed") this.#log.error(text);
    });
  }
}
