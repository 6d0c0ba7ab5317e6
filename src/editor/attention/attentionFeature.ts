/** "Glassbox: Show Attention": from the selected text to the panel, and from the panel back onto the text. */

import * as vscode from "vscode";
import { GlassboxError } from "../../shared/errors.js";
import type { AttentionHost, AttentionPage } from "../../shared/panels/attention.js";
import type { Caller } from "../../shared/rpc.js";
import type { LensProtocol } from "../../shared/workerProtocol.js";
import { WorkerClient } from "../../workers/client.js";
import { Disposable } from "../disposable.js";
import type { ModelService } from "../models.js";
import { sayNoText } from "../noText.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import { type AttentionSurface, attentionHandlers } from "./attentionHandlers.js";
import { AttentionHighlights } from "./attentionHighlights.js";
import { type DocumentText, documentText, textAfter } from "./documentText.js";
import { FollowCaret } from "./followCaret.js";

export class AttentionFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ModelService;
  readonly #lens: Caller<LensProtocol>;
  readonly #log: vscode.LogOutputChannel;
  readonly #highlights = this._register(new AttentionHighlights());
  readonly #follow = this._register(
    new FollowCaret({
      onToken: (token) => this.#send((page) => page.call("caretIn", { token })),
      onNothing: () => this.#highlights.clear(),
    }),
  );
  /** For a run beside the first; it starts when one is asked for. */
  readonly #secondLens: WorkerClient<LensProtocol>;
  #panel: Panel<AttentionPage, AttentionHost> | undefined;
  #text: DocumentText | undefined;
  /** Whether the document is still as it was when the text was taken. */
  #placesHold = false;

  constructor(
    environment: PanelEnvironment,
    models: ModelService,
    lens: Caller<LensProtocol>,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#lens = lens;
    this.#log = log;
    this.#secondLens = this._register(
      new WorkerClient<LensProtocol>({
        name: "second lens",
        script: vscode.Uri.joinPath(environment.extensionUri, "dist", "workers", "lens.mjs").fsPath,
        log: (line) => log.info(line),
      }),
    );
    this._register({ dispose: () => this.#panel?.dispose() });
    this._register(
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (!this.#text || !this.#placesHold) return;
        const text = textAfter(this.#text, event);
        if (!text) this.#forgetPlaces();
        else if (text !== this.#text) {
          this.#text = text;
          this.#highlights.moveText(text);
          this.#follow.moveText(text);
        }
      }),
    );
    this._register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (this.#text?.document === document) this.#forgetPlaces();
      }),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.model")) this.#tell("start");
      }),
    );
  }

  /** Opens the panel on the selected text, or gives the open one a new text. */
  async show(): Promise<void> {
    this.#show();
  }

  /** Lets the token under the caret light what it looks at, or stops doing so; opens the panel where there is none. */
  async toggleFollowing(): Promise<void> {
    if (this.#follow.on) this.#setFollowing(false);
    else if (this.#panel || this.#show()) this.#setFollowing(true);
  }

  /** @returns whether there is a text to show. */
  #show(): boolean {
    if (!this.#takeText()) {
      const message = vscode.l10n.t(
        "Select the text whose attention you want to see, then run the command again.",
      );
      void (this.#editor() ? vscode.window.showInformationMessage(message) : sayNoText(message));
      return false;
    }
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    this.#tell("start");
    return true;
  }

  #setFollowing(on: boolean): void {
    this.#follow.on = on;
    this.#send((page) => page.call("following", { on }));
  }

  #open(): void {
    const panel = new Panel<AttentionPage, AttentionHost>(this.#environment, {
      name: "attention",
      title: vscode.l10n.t("Attention"),
      handlers: attentionHandlers(this.#models, this.#lens, this.#surface(), {
        lens: this.#secondLens,
        chooseOther: () => this.#models.chooseOther(true),
      }),
    });
    panel.onDidClose(() => {
      // It holds a model of its own.
      this.#secondLens.stop();
      this.#panel = undefined;
      this.#follow.on = false;
      this.#text = undefined;
      this.#highlights.setText(undefined);
    });
    this.#panel = panel;
  }

  #surface(): AttentionSurface {
    return {
      text: () => {
        if (!this.#text) {
          throw new GlassboxError(
            "invalid-request",
            vscode.l10n.t("No text is selected."),
            vscode.l10n.t("Select some text in the editor and choose Use the selection as it is now."),
          );
        }
        return this.#text;
      },
      light: (lit, tokens) => {
        if (!lit) return this.#highlights.clear();
        this.#highlights.light(lit, tokens);
        this.#follow.setTokens(tokens);
      },
      setFollowing: (on) => {
        this.#follow.on = on;
      },
      point: (token) => this.#highlights.point(token),
      reveal: (token) => this.#highlights.reveal(token),
      takeSelection: () => {
        if (this.#takeText()) this.#tell("start");
        else
          void vscode.window.showInformationMessage(vscode.l10n.t("Select some text in the editor first."));
      },
      useBuiltInModel: async () => {
        await vscode.workspace
          .getConfiguration("glassbox")
          .update("model.path", "builtin", vscode.ConfigurationTarget.Global);
      },
    };
  }

  /** Takes the text from the editor; leaves what was there where there is none. */
  #takeText(): boolean {
    const editor = this.#editor();
    const text = editor && documentText(editor);
    if (!text) return false;
    this.#environment.places?.keep("attention", editor.document, editor.selection);
    this.#text = text;
    this.#placesHold = true;
    this.#highlights.setText(text);
    this.#follow.setText(text);
    return true;
  }

  /** The active editor; while a panel has the focus, the one that had it before, if it can still be seen. */
  #editor(): vscode.TextEditor | undefined {
    const { activeTextEditor, tabGroups } = vscode.window;
    if (activeTextEditor) return activeTextEditor;
    if (!(tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview)) return undefined;
    return this.#environment.lastEditor.inSight;
  }

  /** The places of the tokens no longer hold: nothing may be lit any more, and the panel says so. */
  #forgetPlaces(): void {
    if (!this.#placesHold) return;
    this.#placesHold = false;
    this.#highlights.setText(undefined);
    this.#follow.setText(undefined);
    this.#tell("textChanged");
  }

  #tell(what: "start" | "textChanged"): void {
    this.#send((page) => page.call(what, {}));
  }

  #send(ask: (page: Caller<AttentionPage>) => Promise<null>): void {
    if (!this.#panel) return;
    ask(this.#panel.page).catch((error: unknown) => {
      // The reader may close the panel while the message is under way.
      if (GlassboxError.from(error).code !== "closed") reportError(error, this.#log);
    });
  }
}
