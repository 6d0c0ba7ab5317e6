/** The price table that ships with Glassbox, and the price that the reader chose. */

import * as vscode from "vscode";
import table from "../../../media/prices.json";
import type { Price } from "../../core/tokens/prices.js";

export const PRICES: readonly Price[] = table.models;

/** The price of `glassbox.tokens.priceModel`; undefined where the table has no such model. */
export function chosenPrice(): Price | undefined {
  const model = vscode.workspace.getConfiguration("glassbox").get<string>("tokens.priceModel", "");
  return PRICES.find((price) => price.model === model);
}

/** "gpt-4o input, $2.50 per million tokens, price of 2024-08-06, OpenAI API pricing". */
export function describePrice(price: Price): string {
  return vscode.l10n.t(
    "{0} input, {1} per million tokens, price of {2}, {3}",
    price.model,
    `$${price.input.toFixed(2)}`,
    price.date,
    price.source,
  );
}
