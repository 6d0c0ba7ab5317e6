/** The only place that talks to the editor: acquires its API once and connects a panel's protocol to it. */

import {
  type CommonHostProtocol,
  type CommonWebviewProtocol,
  WEBVIEW_READY,
} from "../src/shared/panels/panel.js";
import { type Caller, connect, type Handlers, type ProtocolOf } from "../src/shared/rpc.js";
import { showFirstPalette, showPalette } from "./ui/palette.js";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** What a page answers by itself; its palette is not its own affair. */
type OfPage = Omit<CommonWebviewProtocol, "paletteChanged">;

/** Connects the page to its host; call it once, when every handler can already answer. */
export function connectToHost<
  HostServes extends ProtocolOf<HostServes>,
  WebviewServes extends ProtocolOf<WebviewServes>,
>(handlers: Handlers<WebviewServes & OfPage>): Caller<HostServes & CommonHostProtocol> {
  showFirstPalette();
  const all = {
    ...handlers,
    paletteChanged: (name) => {
      showPalette(name);
      return null;
    },
  } satisfies Partial<Handlers<CommonWebviewProtocol>>;
  const caller = connect<HostServes & CommonHostProtocol, WebviewServes & CommonWebviewProtocol>(
    {
      post: (message) => api.postMessage(message),
      onMessage: (listener) => window.addEventListener("message", (event) => listener(event.data)),
      // A page never outlives its host: it is torn down with it.
      onClose: () => {},
    },
    all as Handlers<WebviewServes & CommonWebviewProtocol>,
  );
  api.postMessage(WEBVIEW_READY);
  return caller;
}

/** What the panel keeps over a reload of the window. */
export function readState(): unknown {
  return api.getState();
}

export function saveState(state: unknown): void {
  api.setState(state);
}
