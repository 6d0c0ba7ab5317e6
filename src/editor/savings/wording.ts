/** What edits are called, what they save, and what is known about the meaning after them, in words. */

import * as vscode from "vscode";
import { formatCost, inputCost, type Price } from "../../core/tokens/prices.js";
import { formatCount, formatFixed } from "../../shared/formatCount.js";
import type { EditKind, EditSafety } from "../../shared/savings.js";
import type { MeasuredEdit } from "./measure.js";

/** "Indent with a tab for 4 spaces". */
export function editTitle(kind: EditKind): string {
  switch (kind.name) {
    case "trailingSpaces":
      return vscode.l10n.t("Take spaces off the ends of lines");
    case "blankLines":
      return vscode.l10n.t("Leave one of several blank lines");
    case "indentation":
      return vscode.l10n.t("Indent with {0} in place of {1}", indent(kind.to), indent(kind.from));
    case "jsonLayout":
      return kind.style === "minified"
        ? vscode.l10n.t("Write the JSON without spaces and line breaks")
        : vscode.l10n.t("Write the JSON with one line for each outermost element");
    case "tablePadding":
      return vscode.l10n.t("Take the padding out of tables");
    case "rulers":
      return vscode.l10n.t("Shorten rulers to three signs");
    case "lineEndings":
      return vscode.l10n.t("End lines with LF in place of CRLF");
    case "longName":
      return vscode.l10n.t("Rename {0} to {1}", kind.from, kind.to);
    case "together":
      return vscode.l10n.t("Do the {0} best checked edits together", kind.count);
  }
}

function indent(columns: number): string {
  if (columns === 0) return vscode.l10n.t("a tab");
  return columns === 1 ? vscode.l10n.t("1 space") : vscode.l10n.t("{0} spaces", columns);
}

/** "saves 95 tokens (2.1 %)". */
export function savingText({ saved }: MeasuredEdit, before: number): string {
  if (saved === 0) return vscode.l10n.t("saves nothing");
  if (saved < 0) {
    return saved === -1
      ? vscode.l10n.t("costs 1 token more")
      : vscode.l10n.t("costs {0} tokens more", formatCount(-saved));
  }
  const percent = (100 * saved) / Math.max(1, before);
  const share = `${percent >= 10 ? percent.toFixed(0) : formatFixed(percent, 1)} %`;
  return saved === 1
    ? vscode.l10n.t("saves 1 token ({0})", share)
    : vscode.l10n.t("saves {0} tokens ({1})", formatCount(saved), share);
}

/** "$0.00024 less each time." as one sentence; none without a price, or where nothing changes. */
export function moneyText({ saved }: MeasuredEdit, price: Price | undefined): string[] {
  if (!price || saved === 0) return [];
  const money = formatCost(inputCost(price, Math.abs(saved)));
  return [
    saved > 0 ? vscode.l10n.t("{0} less each time.", money) : vscode.l10n.t("{0} more each time.", money),
  ];
}

/** What is known about the meaning after an edit. */
export function safetyText(safety: EditSafety): string {
  switch (safety.kind) {
    case "same":
      return {
        syntax: vscode.l10n.t("Checked: the syntax tree stays the same."),
        data: vscode.l10n.t("Checked: the data stay the same."),
        rendering: vscode.l10n.t("Checked: it renders the same."),
      }[safety.compared];
    case "unchecked":
      return {
        "no grammar": vscode.l10n.t("Not checked: there is no grammar of this language here. Look closely."),
        "syntax errors": vscode.l10n.t("Not checked: the grammar does not understand all of the file."),
        "too long": vscode.l10n.t("Not checked: the file is too long to be parsed here."),
      }[safety.why];
    case "changes":
      return {
        layout: vscode.l10n.t("Changes what the file says: in this text, layout is content."),
        comments: vscode.l10n.t("Changes comments; the code stays the same."),
        strings: vscode.l10n.t("Changes what the file says: line breaks inside strings."),
        names: vscode.l10n.t("Only a preview: the language's own rename does it right."),
      }[safety.what];
  }
}

/** "in 346 places". */
export function placesText(count: number): string {
  return count === 1 ? vscode.l10n.t("In 1 place.") : vscode.l10n.t("In {0} places.", formatCount(count));
}
