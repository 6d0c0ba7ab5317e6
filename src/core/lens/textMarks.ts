/** Finds in the bytes of tokens what heads are known to look for in code: brackets that close others, and indentation. */

/** What two habits of heads refer to in a text; token numbers count from 0. */
export interface TextMarks {
  /** By token that closes brackets: the tokens that open them, itself not among them. */
  openers: ReadonlyMap<number, readonly number[]>;
  /** Tokens of nothing but white space of which some stands at the beginning of a line. */
  indents: readonly number[];
}

const OPENING = new Map([
  [0x28, 0x29],
  [0x5b, 0x5d],
  [0x7b, 0x7d],
]);
const CLOSING = new Set(OPENING.values());
const NEWLINE = 0x0a;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09;
const isSpace = (byte: number) => isBlank(byte) || byte === NEWLINE || byte === 0x0d;

/**
 * Reads the marks of a text, those in its strings and comments among them: nothing is known of its language. A
 * closing bracket that fits none of the open ones closes none; one that fits closes those left open within it.
 * @param tokens the bytes of each token, in order; together they are the text.
 */
export function textMarks(tokens: readonly Uint8Array[]): TextMarks {
  const open: { closedBy: number; token: number }[] = [];
  const openers = new Map<number, number[]>();
  const indents: number[] = [];
  let lineBegins = false;
  for (const [token, bytes] of tokens.entries()) {
    let indenting = false;
    for (const byte of bytes) {
      // No byte of a character beyond ASCII is below 0x80, so single bytes can be looked at.
      const closedBy = OPENING.get(byte);
      if (closedBy !== undefined) open.push({ closedBy, token });
      else if (CLOSING.has(byte)) {
        const at = open.findLastIndex((other) => other.closedBy === byte);
        if (at >= 0) {
          const [opener] = open.splice(at);
          const known = openers.get(token) ?? [];
          if (opener && opener.token !== token && !known.includes(opener.token)) {
            openers.set(token, [...known, opener.token]);
          }
        }
      }
      if (byte === NEWLINE) lineBegins = true;
      else if (!isBlank(byte)) lineBegins = false;
      else if (lineBegins) indenting = true;
    }
    if (indenting && bytes.every(isSpace)) indents.push(token);
  }
  return { openers, indents };
}
