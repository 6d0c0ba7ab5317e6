/** How a piece became its tokens: every merge in order, slowly and visibly, where the encoder only has the result. */

import type { Merge, MergeReplay } from "../../shared/types.js";
import { type EncodingTable, hashBytes } from "./encodingTable.js";

/**
 * Merges the bytes of one piece by the textbook: of all neighbouring pairs that are a token, join the one of lowest
 * rank, the leftmost among equals; again until none is (Sennrich et al. 2016, on bytes as in GPT-2).
 * Takes time quadratic in the bytes: meant for pieces that a person looks at.
 * @param bytes a whole piece as the pre-tokeniser cuts it.
 */
export function replayMerges(table: EncodingTable, bytes: Uint8Array): MergeReplay {
  const find = (from: number, to: number) => table.find(hashBytes(bytes.subarray(from, to)), bytes, from, to);
  const startBorders = Array.from({ length: bytes.length + 1 }, (_, at) => at);
  const borders = [...startBorders];
  const startIds = Array.from(bytes, (_, at) => find(at, at + 1));
  const merges: Merge[] = [];
  for (;;) {
    let made = -1;
    let rank = Number.POSITIVE_INFINITY;
    let candidates = 0;
    for (let part = 0; part + 2 < borders.length; part++) {
      const id = find(borders[part]!, borders[part + 2]!);
      if (id < 0) continue;
      candidates++;
      if (id < rank) {
        rank = id;
        made = part;
      }
    }
    if (made < 0) break;
    borders.splice(made + 1, 1);
    merges.push({ borders: [...borders], made, rank, candidates });
  }
  const whole = bytes.length === 0 ? -1 : find(0, bytes.length);
  if (whole >= 0 && borders.length > 2)
    return { startBorders, startIds, merges, ids: [whole], wholeWithoutMerges: true };
  const ids = borders.slice(1).map((end, part) => find(borders[part]!, end));
  return { startBorders, startIds, merges, ids, wholeWithoutMerges: false };
}
