/** The Token Budget as a table for a spreadsheet: one row a file. */

import { filesOf } from "../../core/budget/budgetTree.js";
import { toCsv } from "../../core/csv.js";
import { inputCost, outputCost, type Price } from "../../core/tokens/prices.js";
import type { BudgetRoot } from "./workspaceBudget.js";

/** Column names are part of the format and stay English. */
const COLUMNS = [
  "path",
  "tokens",
  "bytes",
  "tokenizer",
  "model",
  "input_cost_usd",
  "output_cost_usd",
  "price_date",
] as const;

/** @param price undefined leaves the columns of the model and its costs empty. */
export function budgetCsv(roots: readonly BudgetRoot[], tokenizer: string, price: Price | undefined): string {
  const rows = roots.flatMap(({ folder, tree }) =>
    Array.from(filesOf(tree.root), ({ path, tokens, bytes }) => [
      roots.length > 1 ? `${folder.name}/${path}` : path,
      tokens,
      bytes,
      tokenizer,
      price?.model ?? "",
      price ? inputCost(price, tokens) : "",
      price ? outputCost(price, tokens) : "",
      price?.date ?? "",
    ]),
  );
  return toCsv([[...COLUMNS], ...rows]);
}
