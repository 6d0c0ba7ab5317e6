/** What the status item says when the mouse rests on it: counts, costs both ways, the price's origin, the window. */

import * as vscode from "vscode";
import { fillBar, formatShare } from "../../core/tokens/contextBudget.js";
import { formatCost, inputCost, outputCost, type Price } from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import { escapeMarkdown } from "./escapeMarkdown.js";
import { describeRates, describeSource, doubtsAbout, priceNotes } from "./priceTable.js";

/** The only commands that a link in the tooltip may run. */
const LINKS = [
  "glassbox.chooseTokenizer",
  "glassbox.choosePriceModel",
  "glassbox.showContextEnd",
  "glassbox.showTokenBudget",
] as const;

export interface TooltipSubject {
  tokenizer: string;
  /** Why it stands for another one, where it does. */
  approximate: string | undefined;
  /** Tokens of what the item counts: the selection, or the file; undefined while they are counted. */
  count: number | undefined;
  /** Tokens of the whole file where `count` is a selection's. */
  file: number | undefined;
  price: Price | undefined;
  /** The model that is chosen, with a price or without. */
  priceModel: string;
  /** Further sentences. */
  remarks: readonly string[];
}

export function statusTooltip(subject: TooltipSubject): vscode.MarkdownString {
  const { tokenizer, approximate, count, file, price, priceModel, remarks } = subject;
  const rows: [string, string][] = [[vscode.l10n.t("tokenizer"), tokenizer]];
  const doubts = doubtsAbout(tokenizer, approximate, price);
  const notes = [...doubts.reasons, ...remarks];
  if (price) {
    if (count !== undefined) {
      rows.push(
        [vscode.l10n.t("as input of {0}", price.model), doubts.cost + formatCost(inputCost(price, count))],
        [vscode.l10n.t("as output of {0}", price.model), doubts.cost + formatCost(outputCost(price, count))],
      );
    }
    rows.push(
      [vscode.l10n.t("price"), describeRates(price)],
      [vscode.l10n.t("source"), describeSource(price)],
    );
    const { contextWindow } = price;
    if (contextWindow === undefined) {
      rows.push([
        vscode.l10n.t("window"),
        vscode.l10n.t("not known; give its contextWindow in glassbox.tokens.prices"),
      ]);
    } else {
      if (count !== undefined) rows.push([vscode.l10n.t("window"), windowText(count, contextWindow, price)]);
      if (file !== undefined) rows.push([vscode.l10n.t("the file"), windowText(file, contextWindow, price)]);
    }
    notes.push(...priceNotes(price));
  } else {
    notes.push(
      priceModel === ""
        ? vscode.l10n.t("No model is chosen for prices.")
        : vscode.l10n.t('There is no price for "{0}".', priceModel),
    );
  }

  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: LINKS };
  const table = rows
    .map(([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`)
    .join("\n");
  markdown.appendMarkdown(`| | |\n|---|---|\n${table}\n\n`);
  for (const note of notes) markdown.appendMarkdown(`${escapeMarkdown(note)}\n\n`);
  const links: [string, (typeof LINKS)[number]][] = [
    [vscode.l10n.t("Choose tokenizer"), "glassbox.chooseTokenizer"],
    [vscode.l10n.t("Choose price model"), "glassbox.choosePriceModel"],
    [vscode.l10n.t("Token budget"), "glassbox.showTokenBudget"],
  ];
  const whole = file ?? count;
  if (price?.contextWindow !== undefined && whole !== undefined && whole > price.contextWindow) {
    links.push([vscode.l10n.t("Show where the window ends"), "glassbox.showContextEnd"]);
  }
  markdown.appendMarkdown(links.map(([title, command]) => `[${title}](command:${command})`).join(" · "));
  return markdown;
}

/** "▰▱▱▱▱▱▱▱▱▱ fills 3.1 % of the 128,000-token window of gpt-4o". */
function windowText(tokens: number, contextWindow: number, price: Price): string {
  const fraction = tokens / contextWindow;
  const size = formatCount(contextWindow);
  if (fraction <= 1) {
    return vscode.l10n.t(
      "{0} fills {1} of the {2}-token window of {3}",
      fillBar(fraction),
      formatShare(fraction),
      size,
      price.model,
    );
  }
  return vscode.l10n.t(
    "{0} {1} tokens more than the {2} of the window of {3}",
    fillBar(1),
    formatCount(tokens - contextWindow),
    size,
    price.model,
  );
}
