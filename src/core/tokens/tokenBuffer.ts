/** Tokens on their way from a tokenizer into a document: ids in one growing array, the starts of pieces marked. */

/** Set on the first token of each piece. */
export const PIECE_START = 0x80000000;
/** Takes the mark off again. */
export const ID_BITS = 0x7fffffff;

/** Tokens as they are appended: ids, the first of each piece marked with `PIECE_START`. */
export class TokenBuffer {
  words: Uint32Array;
  length = 0;
  /** Bytes of the pieces so far; equal to the UTF-16 length exactly where the text is ASCII. */
  bytes = 0;

  /** @param capacity tokens that fit in before the array must grow; it takes no memory before they come. */
  constructor(capacity = 1024) {
    this.words = new Uint32Array(capacity);
  }

  push(word: number): void {
    if (this.length === this.words.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    this.words[this.length++] = word;
  }

  /** Appends words that are marked already. */
  append(words: Uint32Array): void {
    const length = this.length + words.length;
    if (length > this.words.length) {
      const larger = new Uint32Array(Math.max(length, this.words.length * 2));
      larger.set(this.words.subarray(0, this.length));
      this.words = larger;
    }
    this.words.set(words, this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
    this.bytes = 0;
  }

  /** The tokens so far, and the array with them where most of it is full: copying a large one takes long. */
  release(): Uint32Array {
    return this.length > this.words.length / 4 ? this.words.subarray(0, this.length) : this.toArray();
  }

  /** The ids of the tokens so far, without marks. */
  ids(): number[] {
    return Array.from(this.words.subarray(0, this.length), (word) => word & ID_BITS);
  }

  /** The tokens so far, in an array of their own. */
  toArray(): Uint32Array {
    return this.words.slice(0, this.length);
  }
}
