/** The picker of tokenizers: encodings, models by name, the model's own, GGUF files at hand, any file. */

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { DEFAULT_ENCODING, ENCODING_NAMES, ENCODINGS, isEncodingName } from "../../core/tokens/encodings.js";
import { tokenizerOfModel } from "../../core/tokens/modelNames.js";
import { formatCount } from "../../shared/formatCount.js";
import { MODEL_TOKENIZER, type Tokenizers, tokenizerLabel } from "../tokenizers.js";
import { allPrices } from "./priceTable.js";

interface TokenizerItem extends vscode.QuickPickItem {
  /** What the setting becomes; undefined asks for a file. */
  value: string | undefined;
}

/** @returns the name to choose; undefined where the reader went away. */
export async function pickTokenizer(current: string, tokenizers: Tokenizers): Promise<string | undefined> {
  const items = await tokenizerItems(current, tokenizers);
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Choose Tokenizer"),
    placeHolder: vscode.l10n.t(
      "The tokenizer that counts and marks tokens; type a model's name to find its own",
    ),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  return picked.value ?? (await openFile());
}

/** What is offered, the chosen one marked. Exported for the tests. */
export async function tokenizerItems(current: string, tokenizers: Tokenizers): Promise<TokenizerItem[]> {
  const groups: [string, TokenizerItem[]][] = [
    [vscode.l10n.t("Encodings"), ENCODING_NAMES.map(encodingItem)],
    [vscode.l10n.t("From models on this machine"), await fileItems(tokenizers)],
    [vscode.l10n.t("By the name of a model"), modelItems()],
  ];
  const open: TokenizerItem = {
    label: `$(folder-opened) ${vscode.l10n.t("Open a tokenizer.json or GGUF File…")}`,
    alwaysShow: true,
    value: undefined,
  };
  const known = groups.flatMap(([, items]) => items).some(({ value }) => value === current);
  if (!known) groups.unshift([vscode.l10n.t("Chosen"), [otherItem(current)]]);
  for (const item of groups.flatMap(([, items]) => items)) {
    if (item.value === current) item.label = `$(check) ${item.label}`;
  }
  const separator = (label: string): TokenizerItem => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    value: undefined,
  });
  return [
    ...groups.flatMap(([label, items]) => (items.length > 0 ? [separator(label), ...items] : [])),
    separator(""),
    open,
  ];
}

function encodingItem(name: (typeof ENCODING_NAMES)[number]): TokenizerItem {
  const { models, ordinaryTokens } = ENCODINGS[name];
  return {
    value: name,
    label: name,
    description: vscode.l10n.t("{0} tokens", formatCount(ordinaryTokens)),
    detail: models,
  };
}

function modelItems(): TokenizerItem[] {
  return allPrices().flatMap(({ model }) => {
    const found = tokenizerOfModel(model);
    if (!found || isEncodingName(model)) return [];
    return [
      {
        value: model,
        label: model,
        description: found.exact
          ? found.tokenizer
          : vscode.l10n.t("approximate, counted with {0}", DEFAULT_ENCODING),
      },
    ];
  });
}

function otherItem(name: string): TokenizerItem {
  const path = /^(?:gguf|file):(.+)$/.exec(name)?.[1];
  return { value: name, label: tokenizerLabel(name), ...(path === undefined ? {} : { detail: path }) };
}

/** The active model's own, and those of the GGUF files beside it. */
async function fileItems(tokenizers: Tokenizers): Promise<TokenizerItem[]> {
  const active = await tokenizers.resolve(MODEL_TOKENIZER).catch(() => MODEL_TOKENIZER);
  if (active === MODEL_TOKENIZER) return [];
  const path = active.slice("gguf:".length);
  const folder = dirname(path);
  const names = await readdir(folder).catch((): string[] => []);
  return [
    {
      value: MODEL_TOKENIZER,
      label: vscode.l10n.t("The model's own"),
      description: tokenizerLabel(active),
      detail: vscode.l10n.t("Follows the model that is chosen with Glassbox: Choose Model"),
    },
    ...names
      .filter((name) => name.toLowerCase().endsWith(".gguf"))
      .sort()
      .map((name) => ({ value: `gguf:${join(folder, name)}`, label: name, detail: join(folder, name) })),
  ];
}

async function openFile(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open a tokenizer.json or GGUF File"),
    filters: { [vscode.l10n.t("Tokenizers")]: ["gguf", "json"] },
    canSelectMany: false,
  });
  const path = files?.[0]?.fsPath;
  if (path === undefined) return undefined;
  return path.toLowerCase().endsWith(".json") ? `file:${path}` : `gguf:${path}`;
}
