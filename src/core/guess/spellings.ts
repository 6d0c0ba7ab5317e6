/** All tokens of a vocabulary in the order of their bytes, so that those that begin alike lie side by side. */

/** Bytes as a string of one character each: such strings are sorted and compared natively. */
export function byteString(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export class Spellings {
  /** (tokens) each, in the order of the bytes; tokens without bytes are left out. */
  readonly #bytes: readonly string[];
  readonly #ids: Uint32Array;

  /** @param bytesOf of each token from 0 to `size` - 1; empty for control tokens, which no text spells. */
  constructor(size: number, bytesOf: (id: number) => Uint8Array) {
    const bytes = Array.from({ length: size }, (_, id) => byteString(bytesOf(id)));
    const ids = Uint32Array.from(bytes.keys()).filter((id) => bytes[id] !== "");
    ids.sort((a, b) => (bytes[a]! < bytes[b]! ? -1 : bytes[a]! > bytes[b]! ? 1 : a - b));
    this.#ids = ids;
    this.#bytes = Array.from(ids, (id) => bytes[id]!);
  }

  /** Tokens whose bytes begin with these, the very same among them. @param start a byte string. */
  beginningWith(start: string): Uint32Array {
    // No byte is as high as the character that ends the range.
    return this.#ids.subarray(this.#firstFrom(start), this.#firstFrom(`${start}\uFFFF`));
  }

  /** Tokens whose bytes are exactly these. */
  exactly(whole: string): Uint32Array {
    return this.#ids.subarray(this.#firstFrom(whole), this.#firstFrom(`${whole}\0`));
  }

  /** Tokens that a text begins with, itself left out: what may come first where it is spelled in several. */
  beginningsOf(whole: string): { id: number; length: number }[] {
    const found: { id: number; length: number }[] = [];
    for (let length = 1; length < whole.length; length++) {
      for (const id of this.exactly(whole.slice(0, length))) found.push({ id, length });
    }
    return found;
  }

  /** Place of the first token that is not before a byte string. */
  #firstFrom(text: string): number {
    let [low, high] = [0, this.#bytes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bytes[middle]! < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
