/** Words of a text in another order, and what that changes for its last token: the measure behind the lesson on positions. */

import type { LookBack } from "../../shared/panels/experiments.js";
import { probabilities } from "../lens/agreement.js";
import { topOf } from "../lens/predictionChange.js";
import { seededCoin } from "../sampling/randomness.js";

interface Token {
  bytes: Uint8Array;
  special: boolean;
}

/** Indices of tokens, word by word: a word begins at white space, and special tokens stand alone. */
export function wordsOf(tokens: readonly Token[]): number[][] {
  const words: number[][] = [];
  let alone = true;
  for (const [index, { bytes, special }] of tokens.entries()) {
    const begins = special || alone || bytes.length === 0 || (bytes[0] ?? 0) <= 0x20;
    if (begins) words.push([index]);
    else words.at(-1)?.push(index);
    alone = special;
  }
  return words;
}

/**
 * The tokens in another order: words are shuffled, each kept whole; special tokens in front and the last word stay.
 * @returns for each new place the old index; undefined where fewer than two words could change places.
 */
export function shuffledOrder(tokens: readonly Token[], seed: number): number[] | undefined {
  const words = wordsOf(tokens);
  const first = words.findIndex(([index = 0]) => !tokens[index]?.special);
  const free = words.slice(first, -1);
  if (first < 0 || free.length < 2) return undefined;
  const coin = seededCoin(seed);
  const mixed = [...free];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(coin() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  // An order that is the old one shows nothing.
  if (mixed.every((word, at) => word === free[at])) mixed.push(mixed.shift()!);
  return [...words.slice(0, first), ...mixed, ...words.slice(-1)].flat();
}

/** What another order changes for the last token; each change from 0, nothing, to 1, everything. */
export interface OrderEffect {
  /** By layer: how much of the last token's attention goes to other tokens than before, whatever places they have. */
  attention: number[];
  /** How much of the probability of the next token goes to others (total variation). */
  prediction: number;
  /** The likeliest next token before and after. */
  before: { id: number; probability: number };
  after: { id: number; probability: number };
}

/** @param order see `shuffledOrder`: `after` was computed on the tokens in that order. */
export function orderEffect(before: LookBack, after: LookBack, order: readonly number[]): OrderEffect {
  const tokens = order.length;
  const attention = Array.from({ length: before.layers }, (_, layer) => {
    let moved = 0;
    for (const [place, old] of order.entries()) {
      moved += Math.abs(before.attention[layer * tokens + old]! - after.attention[layer * tokens + place]!);
    }
    return moved / 2;
  });
  const [p, q] = [probabilities(before.logits), probabilities(after.logits)];
  const likeliest = (values: Float64Array) => {
    const id = topOf(values);
    return { id, probability: values[id]! };
  };
  return {
    attention,
    prediction: p.reduce((sum, each, id) => sum + Math.abs(each - q[id]!), 0) / 2,
    before: likeliest(p),
    after: likeliest(q),
  };
}
