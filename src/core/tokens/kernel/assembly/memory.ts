/**
 * Where everything lies in the kernel's memory (AssemblyScript). Fixed addresses first, then the vocabulary, then
 * what grows with the text at hand. Memory that is never touched costs nothing.
 */

/** u8 by byte of UTF-8: the class of an ASCII character, FAR for any other byte. */
export const KINDS: usize = 0xf00;
export const FAR: u32 = 255;
/** One byte a code point: its class, or 0 where it has not been asked for yet. */
export const CLASSES: usize = 0x1000;
/** u32 by byte: the token that is this one byte. */
export const SINGLES: usize = CLASSES + 0x110000;
/** u32 by `first << 8 | second`: the token that is these two bytes, or NO_RANK. */
export const PAIRS: usize = SINGLES + 0x400;
/** The cache of words, see cache.ts. */
export const WORDS: usize = PAIRS + 0x40000;
export const WORDS_BYTES: usize = 0x200000;
/** The cache of phrases: where each lies, and they themselves. */
export const PHRASE_SLOTS: usize = WORDS + WORDS_BYTES;
export const PHRASE_SLOTS_BYTES: usize = 0x80000;
export const PHRASES: usize = PHRASE_SLOTS + PHRASE_SLOTS_BYTES;
export const PHRASES_BYTES: usize = 0x800000;
/** Bytes of a token or two, and what they merge to. */
export const JOINT: usize = PHRASES + PHRASES_BYTES;
export const SCRATCH: usize = JOINT + 0x8000;
/** u32 by length up to the longest token's: the base of the hash to that power. */
export const POWERS: usize = SCRATCH + 0x8000;
/** u64 by three bytes, hashed: which lengths tokens have that begin with them, see backtrack.ts. */
export const LENGTHS: usize = POWERS + 0x10000;
/** A bit by hash: whether a token may have it. Small enough for a processor's cache, which the vocabulary is not. */
export const FILTER: usize = LENGTHS + 0x80000;
export const FILTER_BITS: u32 = 21;
/** The sections `starts`, `slots` and `bytes` of an encoding table, as in its file. */
export const TABLE: usize = FILTER + (1 << (FILTER_BITS - 3));

export const NO_RANK: u32 = 0x7fffffff;
/** Bytes behind the text that may be read, though not relied on. */
const PADDING: usize = 64;

// The vocabulary.
export let starts: usize = 0;
export let slots: usize = 0;
export let slotMask: u32 = 0;
export let slotShift: u32 = 0;
export let tokenBytes: usize = 0;
export let idLimit: u32 = 0;
export let longestToken: u32 = 0;
/** u32[2] by id: the two tokens that merge to it; 0 where nobody asked yet, NO_RANK where none do. */
export let parents: usize = 0;

// The text at hand, for `capacity` bytes of it.
/** u8: UTF-8. */
export let input: usize = 0;
/** u32: tokens, one or more bytes each. */
export let output: usize = 0;
/** u32: hash of the first i bytes of what is being merged. */
export let hashes: usize = 0;
/** u32: the same of what is being covered with tokens from left to right, and u8 by byte: whether no way leads on. */
export let trail: usize = 0;
export let deadEnds: usize = 0;
/** u32: start of the next part, by the start of a part; after merging, the parts' starts in order. */
export let next: usize = 0;
export let previous: usize = 0;
/** u32, (capacity / 16 blocks, 16): rank of a part and the next together, by the start of the part. */
export let ranks: usize = 0;
/** u32: the least rank of each block. */
export let minima: usize = 0;

/** Where the sections of the encoding table go. */
export function tableAt(): usize {
  return TABLE;
}

/** Takes the measures of a vocabulary. @returns bytes of memory up to its end. */
export function layTable(ids: u32, slotCount: u32, bytes: u32, longest: u32): usize {
  idLimit = ids;
  longestToken = longest;
  starts = TABLE;
  slots = starts + ((<usize>ids + 1) << 2);
  slotMask = slotCount - 1;
  slotShift = 32 - ctz(slotCount);
  tokenBytes = slots + ((<usize>slotCount) << 2);
  parents = (tokenBytes + bytes + 7) & ~7;
  // In front of the text there is room for the token before it.
  input = (parents + ((<usize>ids) << 3) + longest + 0xff) & ~0xff;
  return input;
}

/** Makes room for `capacity` bytes of text, a multiple of 64. @returns bytes of memory that it takes in all. */
export function layText(capacity: usize): usize {
  output = input + capacity + PADDING;
  hashes = output + (capacity << 2) + PADDING;
  next = hashes + (capacity << 2) + PADDING;
  previous = next + (capacity << 2) + PADDING;
  ranks = previous + (capacity << 2) + PADDING;
  minima = ranks + (capacity << 2) + PADDING;
  trail = minima + (capacity >> 2) + PADDING;
  // The token before the text counts, too.
  deadEnds = trail + ((capacity + longestToken) << 2) + PADDING;
  return deadEnds + capacity + longestToken + PADDING;
}
