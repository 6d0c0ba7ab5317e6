/** Which characters stand side by side in the tokens of a vocabulary: no token crosses a border between others. */

import { codeAt } from "./characterClasses.js";
import { PairTable } from "./pairTable.js";

/** Tokens that are looked at between two yields. */
const STEP = 512;

/**
 * Which characters no token of a vocabulary holds side by side, so that a model reads what is left and right of a
 * border between them as if it were cut there.
 * @param fuses whether it makes one token of neighbours that have none.
 */
export function* neverMeeting(
  tokens: readonly (string | undefined)[],
  fuses: boolean,
): Generator<void, (before: number, after: number) => boolean, void> {
  const neighbours = new Neighbours(tokens.length);
  const alone = new Set<number>();
  for (const [id, token] of tokens.entries()) {
    if (token !== undefined) {
      neighbours.addAll(token);
      const code = token.codePointAt(0);
      if (code !== undefined && String.fromCodePoint(code) === token) alone.add(code);
    }
    if (id % STEP === STEP - 1) yield;
  }
  return (before, after) =>
    !neighbours.meet(before, after) && (!fuses || alone.has(before) || alone.has(after));
}

export class Neighbours {
  readonly #ascii = new Uint8Array(128 * 128);
  readonly #others: PairTable;

  /** @param expected pairs, about. */
  constructor(expected: number) {
    this.#others = new PairTable(expected);
  }

  add(before: number, after: number): void {
    if (before < 128 && after < 128) this.#ascii[(before << 7) | after] = 1;
    else if (this.#others.find(before, after) < 0) this.#others.add(before, after, 0, 0);
  }

  /** Notes all neighbours in a token. */
  addAll(token: string): void {
    let before = -1;
    for (let at = 0; at < token.length; ) {
      const code = codeAt(token, at);
      at += code > 0xffff ? 2 : 1;
      if (before >= 0) this.add(before, code);
      before = code;
    }
  }

  meet(before: number, after: number): boolean {
    return before < 128 && after < 128
      ? this.#ascii[(before << 7) | after] === 1
      : this.#others.find(before, after) >= 0;
  }
}
