/**
 * The ids of a vocabulary's tokens by their texts. A Map of a quarter of a million texts is rearranged as a whole each
 * time it doubles, which holds everybody up; this table has its size from the start.
 */

const MULTIPLIER = 0x01000193;

export class TokenIds {
  readonly #tokens: readonly (string | undefined)[];
  /** Open addressing: 0 is free, else an id and 1. */
  readonly #slots: Int32Array;
  readonly #shift: number;

  /** @param tokens by id; those that are to be found are added one by one. */
  constructor(tokens: readonly (string | undefined)[]) {
    this.#tokens = tokens;
    const bits = Math.max(4, Math.ceil(Math.log2(tokens.length * 2 + 2)));
    this.#slots = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  /** Makes a token be found; of two with the same text the later one is. */
  add(id: number): void {
    const at = this.#slotOf(this.#tokens[id]!);
    this.#slots[at] = id + 1;
  }

  /** The id of a text; undefined where it is no token. */
  get(text: string): number | undefined {
    const found = this.#slots[this.#slotOf(text)]!;
    return found === 0 ? undefined : found - 1;
  }

  has(text: string): boolean {
    return this.#slots[this.#slotOf(text)] !== 0;
  }

  /** Where a text lies, or would lie. */
  #slotOf(text: string): number {
    let hash = text.length;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), MULTIPLIER);
    const mask = this.#slots.length - 1;
    for (let at = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> this.#shift; ; at = (at + 1) & mask) {
      const found = this.#slots[at]!;
      if (found === 0 || this.#tokens[found - 1] === text) return at;
    }
  }
}
