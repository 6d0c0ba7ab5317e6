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
  "approximate",
  "model",
  "input_cost_usd",
  "output_cost_usd",
  "cost_estimated",
  "price_date",
  "price_source",
] as const;

/** What the rows have in common. */
export interface CountedWith {
  tokenizer: string;
  /** Whether its counts are no more than approximate. */
  approximate: boolean;
  /** Undefined leaves the columns of the model and its costs empty. */
  price: Price | undefined;
  /** Whether the model of the price counts with another tokenizer. */
  estimated: boolean;
}

const yesOrNo = (holds: boolean) => (holds ? "yes" : "no");

export function budgetCsv(
  roots: readonly Pick<BudgetRoot, "folder" | "tree">[],
  { tokenizer, approximate, price, estimated }: CountedWith,
): string {
  const rows = roots.flatMap(({ folder, tree }) =>
    Array.from(filesOf(tree.root), ({ path, tokens, bytes }) => [
      roots.length > 1 ? `${folder.name}/${path}` : path,
      tokens,
      bytes,
      tokenizer,
      yesOrNo(approximate),
      price?.model ?? "",
      price ? inputCost(price, tokens) : "",
      price ? outputCost(price, tokens) : "",
      price ? yesOrNo(approximate || estimated) : "",
      price?.date ?? "",
      price?.source ?? "",
    ]),
  );
  return toCsv([[...COLUMNS], ...rows]);
}
