/** The text of a run of tokens, whose bytes may be parts of characters. */

import type { ModelToken } from "../../shared/types.js";

/** The text as it stands; what is no UTF-8 is U+FFFD. */
export function textOfTokens(tokens: readonly ModelToken[]): string {
  const decoder = new TextDecoder();
  return tokens.map((token) => decoder.decode(token.bytes, { stream: true })).join("") + decoder.decode();
}

/** What a model wrote, in a call or as an answer, without the white space around it. */
export function writtenText({ tokens }: { tokens: readonly { token: ModelToken }[] }): string {
  return textOfTokens(tokens.map(({ token }) => token)).trim();
}
