/** Near-duplicates by MinHash: short signatures whose agreement estimates how much of two texts is the same. */

/*
 * Broder, "On the resemblance and containment of documents", 1997. The chance that two sets have the same least hash
 * is their Jaccard similarity; so of many hashes, as large a part agrees.
 */

import { splitMix64 } from "../sampling/randomness.js";

/** Hashes of a signature, and the bands that it is cut into to find candidates without comparing all with all. */
export const HASHES = 128;
const BANDS = 32;
const ROWS = HASHES / BANDS;
/** Words of a shingle. */
const SHINGLE = 4;

const SEEDS = (() => {
  const next = splitMix64(20260101n);
  return Uint32Array.from({ length: HASHES }, () => Number(next() & 0xffffffffn));
})();

/** The shingles of a text: hashes of all runs of four words, in small letters and without punctuation. */
export function shinglesOf(text: string): Set<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const shingles = new Set<number>();
  const last = Math.max(1, words.length - SHINGLE + 1);
  for (let at = 0; at < last && words.length > 0; at++) {
    shingles.add(hashText(words.slice(at, at + SHINGLE).join(" ")));
  }
  return shingles;
}

/** (HASHES): for each hash function the least value over all shingles. */
export function signatureOf(shingles: ReadonlySet<number>): Uint32Array {
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let at = 0; at < HASHES; at++) {
      const value = mix(shingle ^ SEEDS[at]!);
      if (value < signature[at]!) signature[at] = value;
    }
  }
  return signature;
}

/** The part of two signatures that agrees: an estimate of `jaccard`. */
export function estimate(a: Uint32Array, b: Uint32Array): number {
  let same = 0;
  for (let at = 0; at < HASHES; at++) if (a[at] === b[at]) same++;
  return same / HASHES;
}

/** Shingles in both, of those in either. */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const shingle of a) if (b.has(shingle)) both++;
  return both / Math.max(1, a.size + b.size - both);
}

/** Pairs of which at least one band agrees, as indices, the earlier first. */
export function candidatePairs(signatures: readonly Uint32Array[]): [number, number][] {
  const pairs = new Map<string, [number, number]>();
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<string, number[]>();
    for (const [index, signature] of signatures.entries()) {
      const key = signature.subarray(band * ROWS, (band + 1) * ROWS).join();
      const bucket = buckets.get(key) ?? [];
      for (const other of bucket) pairs.set(`${other} ${index}`, [other, index]);
      buckets.set(key, [...bucket, index]);
    }
  }
  return [...pairs.values()].toSorted(([a, b], [c, d]) => a - c || b - d);
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3, 32 bits. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
