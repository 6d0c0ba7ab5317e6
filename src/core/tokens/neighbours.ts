/** Which characters stand side by side in the tokens of a vocabulary: no token crosses a border between others. */

import { codeAt } from "./characterClasses.js";
import { PairTable } from "./mergeEncoder.js";

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
