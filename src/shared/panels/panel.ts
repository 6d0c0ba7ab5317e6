/** What every panel shares with its host: the ready handshake, the model chip and the state that survives. */

import type { WireError } from "../errors.js";
import type { Method } from "../rpc.js";
import type { ModelInfo, PaletteName } from "../types.js";

/** Posted by a webview when its handlers are in place; the host holds its messages back until then. */
export const WEBVIEW_READY = "glassbox-webview-ready";

/** The model as the head of a panel shows it. */
export type ModelState =
  | { kind: "none" }
  | { kind: "idle"; name: string }
  | { kind: "loading"; name: string; fraction: number }
  | { kind: "ready"; info: ModelInfo }
  | { kind: "failed"; name: string; error: WireError }
  /** A server is asked in place of the model on this machine. `base` is its address. */
  | {
      kind: "server";
      name: string;
      base: string;
      host: string;
      loopback: boolean;
      encrypted: boolean;
    };

/** Which text a panel is about. Lines and columns are 0-based. */
export interface PanelSource {
  /** The file's name, or "Untitled-1". */
  fileName: string;
  firstLine: number;
  lastLine: number;
  /** The text itself, as long as the panel uses it. */
  text: string;
  languageId: string;
}

/** What any panel may ask of its host. */
export interface CommonHostProtocol {
  chooseModel: Method<Record<string, never>, null>;
  showLog: Method<Record<string, never>, null>;
  /** Where no editor shows a text: helps to one. */
  openText: Method<Record<string, never>, null>;
  openLesson: Method<{ id: string }, null>;
  copy: Method<{ text: string }, null>;
  /** Where the numbers on the page come from, for what is saved of them: the file's hash may take seconds. */
  provenance: Method<Record<string, never>, Provenance>;
  /** Asks where to, and writes it there. */
  saveFile: Method<SavedFile, null>;
}

/** Labels and values, in the order in which a saved file shows them: model, file, SHA-256, engine and more. */
export type Provenance = readonly (readonly [label: string, value: string])[];

export type SavedKind = "svg" | "png" | "csv" | "json";

/** A picture or a table on its way to a file. */
export interface SavedFile {
  /** The file's name without its ending, as it is suggested. */
  name: string;
  kind: SavedKind;
  content: Uint8Array;
}

/** What any host may ask of its panel. */
export interface CommonWebviewProtocol {
  modelChanged: Method<ModelState, null>;
  /** The palette that chips have from now on; the page begins with the one that its body names. */
  paletteChanged: Method<PaletteName, null>;
}
