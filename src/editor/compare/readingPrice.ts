/** Finds the price of a model that reads with a tokenizer, for the comparison's costs. */

import { type EncodingName, isEncodingName } from "../../core/tokens/encodings.js";
import { tokenizerOfModel } from "../../core/tokens/modelNames.js";
import { inputCost, type Price } from "../../core/tokens/prices.js";
import type { ReadingPrice } from "../../shared/panels/compare.js";
import { chosenPrice, describePrice, priceOfModel } from "../tokens/priceTable.js";

/** The models whose prices stand for an encoding while the chosen model reads with another. */
const USUAL_MODELS: Partial<Record<EncodingName, string>> = {
  o200k_base: "gpt-4o",
  cl100k_base: "gpt-4-turbo",
};

/**
 * What a model that counts with this tokenizer takes for reading `tokens` tokens.
 * @param name an encoding or a model; undefined for others, which the reader's own machine runs.
 */
export function readingPrice(name: string, tokens: number): ReadingPrice | undefined {
  const price = isEncodingName(name) ? priceOfEncoding(name) : priceOfModel(name);
  return price && { model: price.model, cost: inputCost(price, tokens), described: describePrice(price) };
}

function priceOfEncoding(encoding: EncodingName): Price | undefined {
  const chosen = chosenPrice();
  if (chosen) {
    const reads = tokenizerOfModel(chosen.model);
    if (reads?.exact && reads.tokenizer === encoding) return chosen;
  }
  const usual = USUAL_MODELS[encoding];
  return usual === undefined ? undefined : priceOfModel(usual);
}
