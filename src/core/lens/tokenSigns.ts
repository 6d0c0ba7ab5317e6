/** Signs for the tokens of which a text itself shows nothing: those that stand nowhere in it, and its line breaks. */

import { tokenName } from "../../shared/tokenName.js";
import type { PlacedModelToken } from "../../shared/types.js";
import { visibleText } from "../../shared/visibleText.js";

export interface TokenSign {
  /** Index of the token; where it breaks several lines, each has a sign. */
  token: number;
  /** UTF-16 offset in the text. */
  offset: number;
  /** Such as `<s>` or `⏎`. */
  sign: string;
  /** What breaks a line stands behind it, all else before what is there. */
  side: "before" | "after";
}

/** @param text what the places of the tokens are offsets in. */
export function tokenSigns(tokens: readonly PlacedModelToken[], text: string): TokenSign[] {
  const encoder = new TextEncoder();
  return tokens.flatMap((token, index): TokenSign[] => {
    const { start, end } = token;
    if (start === end) return [{ token: index, offset: start, sign: tokenName(token), side: "before" }];
    return [...text.slice(start, end).matchAll(/\r\n?|\n/g)].map((found) => ({
      token: index,
      offset: start + found.index,
      sign: visibleText(encoder.encode(found[0])),
      side: "after",
    }));
  });
}
