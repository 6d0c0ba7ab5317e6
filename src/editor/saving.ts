/** Pictures and tables of panels on their way to files: where their numbers come from, and where they are written. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { GlassboxError } from "../shared/errors.js";
import type { CommonHostProtocol, ModelState, Provenance, SavedKind } from "../shared/panels/panel.js";
import type { Handlers } from "../shared/rpc.js";
import { engineOf } from "./models.js";

/** Names of the kinds in the dialog: a function, as the language is known only when the extension runs. */
const KINDS: Readonly<Record<SavedKind, () => string>> = {
  svg: () => vscode.l10n.t("SVG picture"),
  png: () => vscode.l10n.t("PNG picture"),
  csv: () => vscode.l10n.t("CSV table"),
  json: () => vscode.l10n.t("JSON data"),
};

/** Bytes of a model's file that are read at once: hashing them holds the extension host for a millisecond or two. */
const READ_AT_ONCE = 1024 * 1024;

/** SHA-256 by what a file is known by; a file that was written again has another time. */
const hashes = new Map<string, string>();

/** What every panel's page may ask for when something on it is to be saved. */
export function savingHandlers(
  modelState: () => ModelState,
  version: string,
): Pick<Handlers<CommonHostProtocol>, "provenance" | "saveFile"> {
  return {
    provenance: async (_, { signal }) => [
      ...(await modelProvenance(modelState(), signal)),
      ["Made with", `Glassbox ${version}`],
      ["Made at", new Date().toISOString()],
    ],
    saveFile: async ({ name, kind, content }) => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      const fileName = `${name}.${kind}`;
      const uri = await vscode.window.showSaveDialog({
        ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, fileName) } : {}),
        filters: { [KINDS[kind]()]: [kind] },
        title: vscode.l10n.t("Save {0}", fileName),
      });
      if (!uri) return null;
      try {
        await vscode.workspace.fs.writeFile(uri, content);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new GlassboxError(
          "failed",
          vscode.l10n.t('Cannot write "{0}": {1}', basename(uri.path), reason),
          undefined,
          {
            cause: error,
          },
        );
      }
      const open = vscode.l10n.t("Open");
      void vscode.window
        .showInformationMessage(vscode.l10n.t("Saved {0}.", basename(uri.path)), open)
        .then((action) => {
          if (action === open) void vscode.commands.executeCommand("vscode.open", uri);
        });
      return null;
    },
  };
}

/** What computed the numbers; nothing where no model has been used. */
async function modelProvenance(state: ModelState, signal: AbortSignal): Promise<Provenance> {
  if (state.kind === "server") return [["Model", `${state.name}, on the server at ${state.host}`]];
  if (state.kind !== "ready") return [];
  const { info } = state;
  return [
    ["Model", `${info.name}, ${info.quantisation}`],
    ["File", basename(info.path)],
    ["SHA-256", await fileHash(info.path, signal)],
    ["Engine", engineOf(info)],
  ];
}

/** SHA-256 of a file, in hexadecimal digits; read once, however often it is asked for. */
export async function fileHash(path: string, signal: AbortSignal): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  const key = JSON.stringify([path, size, mtimeMs]);
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ_AT_ONCE, signal })) {
    hash.update(chunk as Buffer);
  }
  const digest = hash.digest("hex");
  hashes.set(key, digest);
  return digest;
}
