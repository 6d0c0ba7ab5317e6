/** *Follow Attention*: which token of the text the caret stands in, and a word in the status bar while that is watched. */

import * as vscode from "vscode";
import { tokenAt } from "../../core/lens/tokenAt.js";
import type { PlacedModelToken } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import type { DocumentText } from "./documentText.js";

export interface FollowEvents {
  /** The caret has come into another token. */
  onToken(token: number): void;
  /** The caret has left the text: nothing shall be lit. */
  onNothing(): void;
}

export class FollowCaret extends Disposable {
  readonly #events: FollowEvents;
  #text: DocumentText | undefined;
  #tokens: readonly PlacedModelToken[] = [];
  /** The token that the caret is in, as far as is known. */
  #token: number | undefined;
  #watching: { item: vscode.StatusBarItem; listener: vscode.Disposable } | undefined;

  constructor(events: FollowEvents) {
    super();
    this.#events = events;
    this._register({ dispose: () => this.#unwatch() });
  }

  get on(): boolean {
    return this.#watching !== undefined;
  }

  /** Nothing listens to the caret while this is off. */
  set on(on: boolean) {
    if (on === this.on) return;
    if (on) this.#watch();
    else this.#unwatch();
  }

  #watch(): void {
    const item = vscode.window.createStatusBarItem(
      "glassbox.followAttention",
      vscode.StatusBarAlignment.Right,
      99,
    );
    item.name = vscode.l10n.t("Follow Attention");
    const listener = vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor.document === this.#text?.document) this.#look(textEditor);
    });
    this.#watching = { item, listener };
    this.#lookAnywhere();
    this.#say();
    item.show();
  }

  /** Another text is looked at, whose tokens are not known yet; or its places do not hold any more. */
  setText(text: DocumentText | undefined): void {
    this.#text = text;
    this.#tokens = [];
    this.#token = undefined;
    this.#say();
  }

  /** The same text stands somewhere else now. */
  moveText(text: DocumentText): void {
    this.#text = text;
  }

  /** Learns the tokens of the text; called whenever some are lit, and cheap when they are known. */
  setTokens(tokens: readonly PlacedModelToken[]): void {
    if (this.#tokens === tokens) return;
    this.#tokens = tokens;
    if (this.on) this.#lookAnywhere();
    this.#say();
  }

  #lookAnywhere(): void {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.#text?.document);
    if (editor) this.#look(editor);
  }

  #look(editor: vscode.TextEditor): void {
    if (!this.#text || this.#tokens.length === 0) return;
    const offset = editor.document.offsetAt(editor.selection.active) - this.#text.offset;
    const token = offset < 0 ? undefined : tokenAt(this.#tokens, offset);
    if (token === this.#token) return;
    this.#token = token;
    if (token === undefined) this.#events.onNothing();
    else this.#events.onToken(token);
    this.#say();
  }

  #say(): void {
    const item = this.#watching?.item;
    if (!item) return;
    if (!this.#text) {
      item.text = `$(eye) ${vscode.l10n.t("Attention: text changed")}`;
      item.tooltip = vscode.l10n.t(
        "The text has changed since its attention was computed. Click to compute it again.",
      );
      item.command = "glassbox.showAttention";
      return;
    }
    const outside = this.#tokens.length > 0 && this.#token === undefined;
    item.text = `$(eye) ${outside ? vscode.l10n.t("Attention: caret is outside") : vscode.l10n.t("Attention follows")}`;
    item.tooltip = vscode.l10n.t(
      "The token under the caret lights what it looks at, by the layer and head chosen in the attention panel. Click to stop.",
    );
    item.command = "glassbox.followAttention";
  }

  #unwatch(): void {
    this.#watching?.listener.dispose();
    this.#watching?.item.dispose();
    this.#watching = undefined;
    this.#token = undefined;
  }
}
