/** Which neighbours merge, and into what: the table that merging asks for every pair of parts. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { TokenIds } from "./tokenIds.js";

/** Places of a table that are rearranged between two yields. */
const REARRANGED = 2 ** 14;

/**
 * The merges of pairs: open addressing over two parts, neither below 0; values are a rank and what is made. Keys are
 * kept one larger than they are, so that memory that nobody has written to is free.
 */
export class PairTable {
  #keys: Int32Array;
  #values: Int32Array;
  #shift: number;
  #count = 0;

  /** @param expected number of pairs, to begin with the right size. */
  constructor(expected: number) {
    const bits = Math.max(4, Math.ceil(Math.log2(expected * 2 + 2)));
    this.#keys = new Int32Array(2 ** (bits + 1));
    this.#values = new Int32Array(2 ** (bits + 1));
    this.#shift = 32 - bits;
  }

  get count(): number {
    return this.#count;
  }

  /** Where the values of a pair lie, for `rank` and `made`; -1 where it is not in the table. */
  find(left: number, right: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    for (let at = slotOf(left, right, this.#shift); ; at = (at + 2) & mask) {
      const key = keys[at]!;
      if (key === left + 1 && keys[at + 1] === right) return at;
      if (key === 0) return -1;
    }
  }

  rank(at: number): number {
    return this.#values[at]!;
  }

  made(at: number): number {
    return this.#values[at + 1]!;
  }

  /** Adds a pair that is not in the table. */
  add(left: number, right: number, rank: number, made: number): void {
    if (++this.#count > this.#keys.length / 4) this.#grow();
    this.#put(left, right, rank, made);
  }

  #put(left: number, right: number, rank: number, made: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let at = slotOf(left, right, this.#shift);
    while (keys[at] !== 0) at = (at + 2) & mask;
    keys[at] = left + 1;
    keys[at + 1] = right;
    this.#values[at] = rank;
    this.#values[at + 1] = made;
  }

  /** Whether so many more pairs go in without a rearrangement of the whole. */
  hasRoom(more: number): boolean {
    return this.#count + more <= this.#keys.length / 4;
  }

  #grow(): void {
    for (const _ of this.growInSteps());
  }

  /** Doubles the table, yielding every few thousand pairs; nothing must be added meanwhile. */
  *growInSteps(): Generator<void, void, void> {
    const [keys, values] = [this.#keys, this.#values];
    const larger = new PairTable(0);
    larger.#keys = new Int32Array(keys.length * 2);
    larger.#values = new Int32Array(keys.length * 2);
    larger.#shift = this.#shift - 1;
    for (let at = 0; at < keys.length; at += 2) {
      if (keys[at] !== 0) larger.#put(keys[at]! - 1, keys[at + 1]!, values[at]!, values[at + 1]!);
      if (at % REARRANGED === 0) yield;
    }
    this.#keys = larger.#keys;
    this.#values = larger.#values;
    this.#shift = larger.#shift;
  }
}

function slotOf(left: number, right: number, shift: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 0x7f4a7c15, 0x85ebca6b);
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> shift) << 1;
}

/**
 * Adds a merge as vocabularies list them, the two parts with one space between them, unless its pair is there already.
 * @param name the vocabulary's, for what is thrown. @throws GlassboxError where a part, or what they make, is no token.
 */
export function addListedMerge(
  pairs: PairTable,
  ids: TokenIds,
  { merge, rank, name }: { merge: string; rank: number; name: string },
): void {
  const space = merge.indexOf(" ", 1);
  const left = ids.get(merge.slice(0, space));
  const right = ids.get(merge.slice(space + 1));
  const made = ids.get(merge.slice(0, space) + merge.slice(space + 1));
  if (space < 0 || left === undefined || right === undefined || made === undefined) {
    throw new GlassboxError(
      "file-invalid",
      t(
        "Cannot use the tokenizer of {0}: its merge {1}, {2}, is not of two tokens that make a third.",
        name,
        rank,
        JSON.stringify(merge.slice(0, 64)),
      ),
      t("The file is damaged or was converted wrongly. Choose another."),
    );
  }
  if (pairs.find(left, right) < 0) pairs.add(left, right, rank, made);
}
