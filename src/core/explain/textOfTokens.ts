/** The text of a run of tokens, whose bytes may be parts of characters. */

import type { ModelToken } from "../../shared/types.js";

export function textOfTokens(tokens: readonly ModelToken[]): string {
  const decoder = new TextDecoder();
  return tokens.map((token) => decoder.decode(token.bytes, { stream: true })).join("") + decoder.decode();
}
