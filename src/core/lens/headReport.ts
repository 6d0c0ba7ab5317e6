/** Measures heads on the text at hand: what each does, how spread it looks, and a small picture of it. */

import type { HeadReport } from "../../shared/panels/attention.js";
import {
  type AttentionSquare,
  entropy,
  type HabitToken,
  type habitTargets,
  headScores,
  setFirstAside,
} from "./describe.js";
import { unpackMap } from "./packedAttention.js";

/** Pixels along a side of a head's small picture; fewer where there are fewer tokens. */
const MOST_PIXELS = 32;

/**
 * Measures heads one after the other, each before the next takes its place.
 * @param targets of these tokens, made once for all heads. @returns what takes a head's map, as `unpackMap` does.
 */
export function headMeter(
  tokens: readonly HabitToken[],
  targets: ReturnType<typeof habitTargets>,
): { side: number; measure(map: Uint16Array): HeadReport } {
  const tokenCount = tokens.length;
  const side = Math.min(MOST_PIXELS, tokenCount);
  // One pair for all heads: arrays of a long text are not collected before there are many.
  const [whole, rest] = [new Float32Array(tokenCount ** 2), new Float32Array(tokenCount ** 2)];
  const pixels = new Float32Array(side ** 2);
  const measure = (map: Uint16Array): HeadReport => {
    const square = { tokenCount, weights: unpackMap(map, tokenCount, whole) };
    const aside = setFirstAside(square, rest);
    return {
      scores: headScores(square, tokens, { targets }),
      asideScores: headScores(aside, tokens, { targets, firstAside: true }),
      entropy: meanEntropy(square),
      asideEntropy: meanEntropy(aside),
      thumbnail: thumbnail(square, side, pixels),
      asideThumbnail: thumbnail(aside, side, pixels),
    };
  };
  return { side, measure };
}

/** Mean entropy of the rows but the first, which has no choice, in bits. */
export function meanEntropy({ tokenCount, weights }: AttentionSquare): number {
  let sum = 0;
  for (let query = 1; query < tokenCount; query++) {
    const row = query * tokenCount;
    // Without a view of each row: a long text has a million of them over all heads.
    sum += entropy(weights, row, row + query + 1) / Math.LN2;
  }
  return tokenCount > 1 ? sum / (tokenCount - 1) : 0;
}

/**
 * (side, side) bytes: the largest weight that falls on a pixel, 255 for the largest of all.
 * @param pixels room for as many, in place of an array of its own.
 */
export function thumbnail(
  { tokenCount, weights }: AttentionSquare,
  side: number,
  pixels = new Float32Array(side ** 2),
): Uint8Array {
  pixels.fill(0);
  const place = (token: number) => Math.floor((token * side) / tokenCount);
  let largest = 0;
  for (let query = 0; query < tokenCount; query++) {
    for (let key = 0; key <= query; key++) {
      const at = place(query) * side + place(key);
      const weight = weights[query * tokenCount + key]!;
      if (weight > pixels[at]!) pixels[at] = weight;
      if (weight > largest) largest = weight;
    }
  }
  return Uint8Array.from(pixels, (weight) => (largest > 0 ? Math.round((255 * weight) / largest) : 0));
}
