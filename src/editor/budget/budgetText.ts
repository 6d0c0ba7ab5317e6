/** Sentences about budgets that the view and the diagnostics share. */

import * as vscode from "vscode";
import { formatCount } from "../../shared/formatCount.js";
import { approximateSign } from "../tokenizers.js";

/** "2,345 tokens, 345 more than the budget of 2,000 for **\/*.md". */
export function overBudgetText(tokens: number, budget: number, glob: string): string {
  return vscode.l10n.t(
    "{0} tokens, {1} more than the budget of {2} for {3}",
    approximateSign() + formatCount(tokens),
    formatCount(tokens - budget),
    formatCount(budget),
    glob,
  );
}
