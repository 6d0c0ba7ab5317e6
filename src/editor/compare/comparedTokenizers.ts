/** The tokenizers that are compared: kept in the settings, added by a picker, described for the page. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { ENCODING_NAMES, ENCODINGS, isEncodingName } from "../../core/tokens/encodings.js";
import { tokenizerOfModel } from "../../core/tokens/modelNames.js";
import { type ComparedTokenizer, MOST_TOKENIZERS } from "../../shared/panels/compare.js";
import { approximation } from "../tokenizers.js";

export const COMPARED_SETTING = "glassbox.tokens.compare";

/** The names in the settings, each once; what is no name is left out. */
export function comparedNames(): string[] {
  const setting = vscode.workspace.getConfiguration().get<unknown>(COMPARED_SETTING, []);
  const names = Array.isArray(setting) ? setting : [];
  const said = names.filter((name): name is string => typeof name === "string" && name.trim() !== "");
  return [...new Set(said.map((name) => name.trim()))].slice(0, MOST_TOKENIZERS);
}

export async function setComparedNames(names: readonly string[]): Promise<void> {
  await vscode.workspace
    .getConfiguration()
    .update(COMPARED_SETTING, names, vscode.ConfigurationTarget.Global);
}

export function describeTokenizer(name: string): ComparedTokenizer {
  return { name, ...wordsFor(name), approximate: approximation(name) };
}

function wordsFor(name: string): Pick<ComparedTokenizer, "label" | "detail"> {
  if (isEncodingName(name)) return { label: name, detail: ENCODINGS[name].models };
  if (name === "model") return { label: vscode.l10n.t("model"), detail: vscode.l10n.t("the active model") };
  const [, path] = /^(?:gguf|file):(.*)$/.exec(name) ?? [];
  if (path !== undefined) return { label: basename(path), detail: path };
  const found = tokenizerOfModel(name);
  return {
    label: name,
    detail: found ? vscode.l10n.t("counted with {0}", found.tokenizer) : "",
  };
}

/** Lets the reader choose one that is not compared yet; undefined where none was chosen. */
export async function pickTokenizer(compared: readonly string[]): Promise<string | undefined> {
  interface Item extends vscode.QuickPickItem {
    name?: string;
  }
  const encodings = ENCODING_NAMES.map((name): Item => {
    const { models, ordinaryTokens } = ENCODINGS[name];
    return {
      name,
      label: name,
      description: vscode.l10n.t("{0} tokens", ordinaryTokens.toLocaleString("en-US")),
      detail: models,
    };
  });
  const byName: Item = {
    label: vscode.l10n.t("$(edit) A model by its name …"),
    description: vscode.l10n.t("gpt-4o, claude-sonnet-4, llama-3.1-8b"),
  };
  const items = [...encodings.filter(({ name }) => name && !compared.includes(name)), byName];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Add Tokenizer"),
    placeHolder: vscode.l10n.t("A tokenizer to compare with"),
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  if (picked.name !== undefined) return picked.name;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Add Tokenizer"),
    prompt: vscode.l10n.t("The name of a model, as its vendor writes it"),
    placeHolder: "gpt-4o-mini",
    validateInput: (value) =>
      value.trim() === "" || tokenizerOfModel(value)
        ? undefined
        : vscode.l10n.t('Glassbox does not know which tokenizer "{0}" reads with.', value),
  });
  const name = typed?.trim();
  return name !== undefined && tokenizerOfModel(name) ? name : undefined;
}
