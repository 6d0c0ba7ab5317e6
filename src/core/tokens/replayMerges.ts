/** How a piece became its tokens: every merge in order, slowly and visibly, where the encoder only has the result. */

import type { Merge, MergeReplay, RunnerUp } from "../../shared/types.js";
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
  // ranks[i]: of parts i and i + 1 together; -1 where they are no token.
  const ranks = startIds.slice(1).map((_, part) => find(part, part + 2));
  for (;;) {
    let made = -1;
    let second = -1;
    let candidates = 0;
    for (let part = 0; part < ranks.length; part++) {
      const rank = ranks[part]!;
      if (rank < 0) continue;
      candidates++;
      if (made < 0 || rank < ranks[made]!) {
        second = made;
        made = part;
      } else if (second < 0 || rank < ranks[second]!) second = part;
    }
    if (made < 0) break;
    const rank = ranks[made]!;
    const runnerUp: RunnerUp | undefined =
      second < 0
        ? undefined
        : {
            start: borders[second]!,
            middle: borders[second + 1]!,
            end: borders[second + 2]!,
            rank: ranks[second]!,
          };
    borders.splice(made + 1, 1);
    ranks.splice(made, 1);
    if (made < ranks.length) ranks[made] = find(borders[made]!, borders[made + 2]!);
    if (made > 0) ranks[made - 1] = find(borders[made - 1]!, borders[made + 1]!);
    merges.push({ borders: [...borders], made, id: rank, rank, candidates, runnerUp });
  }
  const whole = bytes.length === 0 ? -1 : find(0, bytes.length);
  if (whole >= 0 && borders.length > 2)
    return { startBorders, startIds, merges, ids: [whole], wholeWithoutMerges: true };
  const ids = borders.slice(1).map((end, part) => find(borders[part]!, end));
  return { startBorders, startIds, merges, ids, wholeWithoutMerges: false };
}
