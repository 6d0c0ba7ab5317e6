/** Lets the reader choose a second model to hold against the active one: any GGUF file that is on this machine. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { browse } from "./chooseModel.js";
import { formatBytes } from "./formatBytes.js";
import { localModels } from "./modelChoices.js";

export interface OtherModels {
  /** Where fetched models lie. */
  folder: string;
  /** The built-in model's path; undefined where it has not been made. */
  builtIn: string | undefined;
  /** The path of the active model. */
  active: string;
  /** Whether the active one stays loaded, as it does where only the lens runs the other. */
  besideActive: boolean;
}

/** @returns its path; undefined when nothing was chosen. */
export async function chooseOther({
  folder,
  builtIn,
  active,
  besideActive,
}: OtherModels): Promise<string | undefined> {
  const local = (await localModels(folder)).filter(({ path }) => path !== active);
  const items: (vscode.QuickPickItem & { path?: string })[] = local.map(
    ({ path, fileName, bytes, entry }) => ({
      label: entry?.name ?? fileName,
      description: [entry?.quantisation, formatBytes(bytes)].filter(Boolean).join(", "),
      detail: path,
      path,
    }),
  );
  if (builtIn !== undefined && builtIn !== active) {
    items.push({
      label: vscode.l10n.t("stories15M, built in"),
      description: "Q8_0",
      detail: builtIn,
      path: builtIn,
    });
  }
  items.push({
    label: `$(folder-opened) ${vscode.l10n.t("Open a GGUF File…")}`,
    detail: vscode.l10n.t("A file on this machine"),
    alwaysShow: true,
  });
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Compare {0} With", basename(active)),
    placeHolder: besideActive
      ? vscode.l10n.t("It runs in a process of its own; the active model stays loaded beside it.")
      : vscode.l10n.t(
          "They are loaded one after the other; the active model is back when they have been compared.",
        ),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen && (chosen.path ?? browse());
}
