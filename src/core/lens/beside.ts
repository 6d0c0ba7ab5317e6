/** Two runs beside each other: which tokens belong together, how far each weight moved, and which heads moved most. */

import type { AttentionSquare } from "./describe.js";

/** A token as far as it must be known to find its counterpart. */
export interface PlacedToken {
  /** UTF-16 offsets in its text. */
  start: number;
  end: number;
  name: string;
}

/** Marks a token that has no counterpart in the other text. */
export const ALONE = -1;

/**
 * For each token of a text its counterpart in a changed one: what is alike at the start and at the end belongs
 * together, and what lies between does where it has as many tokens in both, so that a changed word keeps its place.
 */
export function counterpartsInOther(
  first: readonly PlacedToken[],
  second: readonly PlacedToken[],
): Int32Array {
  const found = new Int32Array(first.length).fill(ALONE);
  const shorter = Math.min(first.length, second.length);
  let before = 0;
  while (before < shorter && first[before]!.name === second[before]!.name) before++;
  let behind = 0;
  while (
    behind < shorter - before &&
    first[first.length - 1 - behind]!.name === second[second.length - 1 - behind]!.name
  ) {
    behind++;
  }
  const between = first.length - before - behind;
  for (let at = 0; at < before; at++) found[at] = at;
  if (between === second.length - before - behind) {
    for (let at = before; at < before + between; at++) found[at] = at;
  }
  for (let at = 1; at <= behind; at++) found[first.length - at] = second.length - at;
  return found;
}

/** For each token of a text its counterpart among those into which another model cuts the same text: the same place. */
export function counterpartsInSame(
  first: readonly PlacedToken[],
  second: readonly PlacedToken[],
): Int32Array {
  const places = new Map(second.map(({ start, end }, at) => [`${start}-${end}`, at]));
  return Int32Array.from(first, ({ start, end }) => places.get(`${start}-${end}`) ?? ALONE);
}

/** How far the weights of one head are apart, over the tokens that have counterparts. */
export interface SquareDifference {
  /** The tokens of the first that have one, in order. */
  tokens: number[];
  /** (query, key) of those: the second weight minus the first, zero above the diagonal. */
  moved: Float32Array;
}

export function squareDifference(
  first: AttentionSquare,
  second: AttentionSquare,
  counterparts: Int32Array,
): SquareDifference {
  const tokens = [...counterparts.keys()].filter((at) => counterparts[at] !== ALONE);
  const moved = new Float32Array(tokens.length ** 2);
  for (const [row, query] of tokens.entries()) {
    for (let column = 0; column <= row; column++) {
      const key = tokens[column]!;
      const other = second.weights[counterparts[query]! * second.tokenCount + counterparts[key]!]!;
      moved[row * tokens.length + column] = other - first.weights[query * first.tokenCount + key]!;
    }
  }
  return { tokens, moved };
}

/**
 * How much of its weight a head has put elsewhere, 0 to 1: the total variation distance of its rows, averaged over the
 * queries that have a counterpart. Weights on tokens without one count as moved.
 */
export function movedShare(
  first: AttentionSquare,
  second: AttentionSquare,
  counterparts: Int32Array,
): number {
  let sum = 0;
  let queries = 0;
  for (const [query, other] of counterparts.entries()) {
    if (other === ALONE) continue;
    let apart = 0;
    let shared = 0;
    for (let key = 0; key <= query; key++) {
      const own = first.weights[query * first.tokenCount + key]!;
      const counterpart = counterparts[key]!;
      if (counterpart === ALONE) {
        apart += own;
        continue;
      }
      const its = second.weights[other * second.tokenCount + counterpart]!;
      shared += its;
      apart += Math.abs(own - its);
    }
    // What the second looks at where the first has no counterpart.
    sum += (apart + Math.max(0, 1 - shared)) / 2;
    queries++;
  }
  return queries > 0 ? sum / queries : 0;
}
