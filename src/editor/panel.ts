/**
 * A webview panel with a typed protocol: strict CSP, ready handshake, messages held back until the page listens,
 * and pending calls rejected when it closes.
 */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { GlassboxError } from "../shared/errors.js";
import { language, texts } from "../shared/l10n.js";
import { inOneBuffer } from "../shared/oneBuffer.js";
import {
  type CommonHostProtocol,
  type CommonWebviewProtocol,
  type ModelState,
  WEBVIEW_READY,
} from "../shared/panels/panel.js";
import { type Caller, type Channel, connect, type Handlers, type ProtocolOf } from "../shared/rpc.js";
import { Disposable } from "./disposable.js";
import type { LastEditor } from "./lastEditor.js";
import type { PanelPlaces } from "./panelPlaces.js";
import { chosenPalette, PALETTE_SETTING } from "./tokens/paletteSetting.js";

/** What the common part of every panel needs; one object for all of them, made in extension.ts. */
export interface PanelEnvironment {
  extensionUri: vscode.Uri;
  /** The state of the model, for the chip in each panel's head. */
  modelState(): ModelState;
  onDidChangeModelState: vscode.Event<ModelState>;
  common: Handlers<CommonHostProtocol>;
  /** The text that a panel may have taken the focus from. */
  lastEditor: LastEditor;
  /** What lets panels come back with their window; not in tests that open panels by themselves. */
  places?: PanelPlaces;
}

export interface PanelOptions<HostServes extends ProtocolOf<HostServes>> {
  /** The folder under webview/ and the panel's type: "sampling" -> viewType "glassbox.sampling". */
  name: string;
  title: string;
  handlers: Handlers<HostServes>;
  /** Beside the editor unless said otherwise. A panel that opens in another's column takes the focus with it. */
  viewColumn?: vscode.ViewColumn | undefined;
}

/**
 * One open panel. `WebviewServes` is what the page answers, `HostServes` what the host does for the page, both
 * without the common parts.
 */
export class Panel<
  WebviewServes extends ProtocolOf<WebviewServes>,
  HostServes extends ProtocolOf<HostServes>,
> extends Disposable {
  readonly page: Caller<WebviewServes & CommonWebviewProtocol>;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = this._register(new vscode.EventEmitter<void>());
  /** Fires when the reader closes the panel. */
  readonly onDidClose = this.#closed.event;

  constructor(environment: PanelEnvironment, options: PanelOptions<HostServes>) {
    super();
    const roots = [
      vscode.Uri.joinPath(environment.extensionUri, "dist", "webview"),
      vscode.Uri.joinPath(environment.extensionUri, "media", "icons"),
    ];
    const content = { enableScripts: true, localResourceRoots: roots };
    const revived = environment.places?.take(options.name);
    const panel =
      revived ??
      vscode.window.createWebviewPanel(
        `glassbox.${options.name}`,
        options.title,
        {
          viewColumn: options.viewColumn ?? vscode.ViewColumn.Beside,
          preserveFocus: options.viewColumn === undefined,
        },
        { ...content, retainContextWhenHidden: true },
      );
    // The installation may have moved since the window was closed.
    if (revived) revived.webview.options = content;
    this.#panel = this._register(panel);
    // Unlike the activity bar, a tab does not colour its icon by the theme.
    const icon = (theme: string) =>
      vscode.Uri.joinPath(environment.extensionUri, "media", "icons", `panel-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };

    const handlers = { ...environment.common, ...options.handlers } as Handlers<
      HostServes & CommonHostProtocol
    >;
    this.page = connect<WebviewServes & CommonWebviewProtocol, HostServes & CommonHostProtocol>(
      this.#channel(),
      handlers,
    );
    panel.webview.html = pageHtml(panel.webview, environment.extensionUri, options.name, options.title);

    const tell = <Name extends keyof CommonWebviewProtocol>(
      method: Name,
      what: CommonWebviewProtocol[Name]["params"],
    ) => {
      this.page.call(method, what as never).catch((error: unknown) => {
        // The page may close while the message is under way; anything else is a fault worth seeing.
        if (GlassboxError.from(error).code !== "closed") throw error;
      });
    };
    this._register(environment.onDidChangeModelState((state) => tell("modelChanged", state)));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(PALETTE_SETTING)) tell("paletteChanged", chosenPalette());
      }),
    );
    tell("modelChanged", environment.modelState());
  }

  get title(): string {
    return this.#panel.title;
  }

  set title(title: string) {
    this.#panel.title = title;
  }

  /** Where the panel stands now; undefined while it is hidden behind another tab. */
  get viewColumn(): vscode.ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  /** Brings the panel to the front without the focus, and never over the text that the reader looks at. */
  reveal(): void {
    // A text that has just come to the front is known sooner than that the panel behind it is hidden.
    const column = vscode.window.activeTextEditor?.viewColumn;
    const covers = column !== undefined && this.#panel.viewColumn === column;
    this.#panel.reveal(covers ? vscode.ViewColumn.Beside : undefined, true);
  }

  #channel(): Channel {
    const { webview } = this.#panel;
    let ready = false;
    const queued: unknown[] = [];
    const messageListeners: ((message: unknown) => void)[] = [];
    webview.onDidReceiveMessage((message: unknown) => {
      if (message === WEBVIEW_READY) {
        ready = true;
        for (const waiting of queued.splice(0)) void webview.postMessage(waiting);
        return;
      }
      for (const listener of messageListeners) listener(message);
    });
    return {
      post: (message) => {
        const packed = inOneBuffer(message);
        if (ready) void webview.postMessage(packed);
        else queued.push(packed);
      },
      onMessage: (listener) => void messageListeners.push(listener),
      onClose: (listener) =>
        void this.#panel.onDidDispose(() => {
          listener(new GlassboxError("closed", vscode.l10n.t("The panel was closed.")));
          this.#closed.fire();
          this.dispose();
        }),
    };
  }
}

/** The page of a panel: everything by nonce or from our own folder, nothing from the network. */
function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, name: string, title: string): string {
  const nonce = randomBytes(16).toString("base64");
  const file = (extension: string) =>
    webview
      .asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", "webview", `${name}.${extension}`))
      .toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file("css")}">
<title>${title.replace(/[&<>"]/g, "")}</title>
</head>
<body data-panel="${name}" data-palette="${chosenPalette()}">
<main id="root"></main>${textsElement()}
<script type="module" nonce="${nonce}" src="${file("js")}"></script>
</body>
</html>`;
}

/** The texts of the reader's language as data in the page, which no script policy is about; nothing in English. */
function textsElement(): string {
  if (!texts) return "";
  // The only sign that could end the element.
  const json = JSON.stringify(texts).replace(/</g, "\\u003c");
  return `\n<script type="application/json" id="texts">${json}</script>`;
}
