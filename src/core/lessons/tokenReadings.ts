/** What can be read off a text and its tokens: the readings of the token strip. */

import type { Readings } from "./judge.js";

/** @param tokens the bytes of each token in order; together they are the text's UTF-8. */
export function tokenReadings(tokens: readonly Uint8Array[]): Readings {
  let characters = 0;
  let bytes = 0;
  let splitCharacters = 0;
  let longestToken = 0;
  // Whether the character at hand has been counted as split already.
  let counted = true;
  for (const token of tokens) {
    let begun = 0;
    for (const [at, byte] of token.entries()) {
      bytes++;
      // A byte 10xxxxxx goes on with a character, any other begins one.
      const begins = (byte & 0xc0) !== 0x80;
      if (begins) {
        characters++;
        begun++;
        counted = false;
      } else if (at === 0 && !counted) {
        splitCharacters++;
        counted = true;
      }
    }
    longestToken = Math.max(longestToken, begun);
  }
  // A character may begin in one token and end in the next.
  const decoder = new TextDecoder();
  const text = tokens.map((token) => decoder.decode(token, { stream: true })).join("");
  return {
    characters,
    bytes,
    letters: text.match(/\p{L}/gu)?.length ?? 0,
    tokens: tokens.length,
    "split-characters": splitCharacters,
    "longest-token": longestToken,
  };
}
