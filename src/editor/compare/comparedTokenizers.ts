/** The tokenizers that are compared: kept in the settings, described for the page. */

import * as vscode from "vscode";
import { ENCODINGS, isEncodingName } from "../../core/tokens/encodings.js";
import { tokenizerOfModel } from "../../core/tokens/modelNames.js";
import { type ComparedTokenizer, MOST_TOKENIZERS } from "../../shared/panels/compare.js";
import { textsSetting } from "../settings.js";
import { approximation, MODEL_TOKENIZER, tokenizerLabel } from "../tokenizers.js";

export const COMPARED_SETTING = "glassbox.tokens.compare";

/** The names in the settings, each once; what is no name is left out. */
export function comparedNames(): string[] {
  return [...new Set(textsSetting(COMPARED_SETTING))].slice(0, MOST_TOKENIZERS);
}

export async function setComparedNames(names: readonly string[]): Promise<void> {
  await vscode.workspace
    .getConfiguration()
    .update(COMPARED_SETTING, names, vscode.ConfigurationTarget.Global);
}

export function describeTokenizer(name: string): ComparedTokenizer {
  return {
    name,
    label: tokenizerLabel(name),
    detail: detailOf(name),
    approximate: approximation(name),
  };
}

/** Who reads with it, or where it lies. */
function detailOf(name: string): string {
  if (isEncodingName(name)) return ENCODINGS[name].models;
  if (name === MODEL_TOKENIZER) return vscode.l10n.t("the tokenizer inside the active model");
  const [, path] = /^(?:gguf|file):(.*)$/.exec(name) ?? [];
  if (path !== undefined) return path;
  const found = tokenizerOfModel(name);
  return found ? vscode.l10n.t("counted with {0}", found.tokenizer) : "";
}
