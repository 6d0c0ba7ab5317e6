/** Finds the token at a place of a text, as the caret in the editor chooses one. */

import type { PlacedModelToken } from "../../shared/types.js";

/**
 * The index of the token that begins at a UTF-16 offset or covers it; at the very end of the text, the last one.
 * Where several tokens are part of one character it is the last of them. Undefined outside of the tokens' text.
 * @param tokens in text order; tokens without a place, such as BOS, are never found.
 */
export function tokenAt(tokens: readonly PlacedModelToken[], offset: number): number | undefined {
  // The last token that begins at or before the offset.
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0; index--) {
    const { start, end } = tokens[index]!;
    if (start === end) continue;
    const last = tokens.slice(index + 1).every((token) => token.start === token.end);
    return offset < end || (offset === end && last) ? index : undefined;
  }
  return undefined;
}
