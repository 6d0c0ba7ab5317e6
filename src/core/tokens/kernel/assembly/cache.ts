/**
 * What pieces became when they were met before (AssemblyScript): a table of words of up to 15 bytes and 3 tokens
 * that a piece has to itself or loses, and one of longer pieces that is emptied when it is full.
 */

import { PHRASE_SLOTS, PHRASE_SLOTS_BYTES, PHRASES, PHRASES_BYTES, WORDS, WORDS_BYTES } from "./memory";
import { sameBytes } from "./merge";

/** u64 bytes 0 to 7, u64 bytes 8 to 14 and the length above them, u32 count, u32 tokens[3]. */
const WORD_ENTRY: usize = 32;
export const LONGEST_WORD: u32 = 15;
const MOST_TOKENS: u32 = 3;
/** u32 length, u32 count, the bytes up to a multiple of 8, u32 tokens[count]. */
const PHRASE_HEADER: usize = 8;
export const LONGEST_PHRASE: u32 = 256;
/** Places that a phrase may have in the table of slots. */
const PROBES: usize = 4;

let low: u64 = 0;
let high: u64 = 0;
let wordEntry: usize = 0;
let phraseHash: u64 = 0;
let phrasesEnd: usize = PHRASES;

// Odd 64-bit numbers without pattern, in halves.
const MIX_A: u64 = (0x9fb21c65 << 32) | 0x1e98df25;
const MIX_B: u64 = (0xd6e8feb8 << 32) | 0x6659fd93;

function mix(a: u64, b: u64): u64 {
  const mixed = (a ^ (b * MIX_A)) * MIX_B;
  return mixed ^ (mixed >> 32);
}

/** The entry of the word `[at, at + length)`, or 0. Reads up to 16 bytes. */
export function findWord(at: usize, length: u32): usize {
  low = load<u64>(at);
  high = load<u64>(at, 8);
  if (length < 8) {
    low &= ((<u64>1) << (length << 3)) - 1;
    high = 0;
  } else {
    high &= ((<u64>1) << ((length - 8) << 3)) - 1;
  }
  high |= (<u64>length) << 56;
  wordEntry = WORDS + ((<usize>mix(low, high) * WORD_ENTRY) & (WORDS_BYTES - 1));
  return load<u64>(wordEntry) === low && load<u64>(wordEntry, 8) === high ? wordEntry + 16 : 0;
}

/** Keeps the tokens of the word that `findWord` has just missed. */
export function keepWord(tokens: usize, count: u32): bool {
  if (count > MOST_TOKENS) return false;
  store<u64>(wordEntry, low);
  store<u64>(wordEntry, high, 8);
  store<u32>(wordEntry, count, 16);
  for (let i: usize = 0; i < count; i++) store<u32>(wordEntry + (i << 2), load<u32>(tokens + (i << 2)), 20);
  return true;
}

function slotAt(probe: usize): usize {
  return PHRASE_SLOTS + (((<usize>phraseHash + probe) << 2) & (PHRASE_SLOTS_BYTES - 1));
}

/** Where count and tokens of the piece `[at, at + length)` are kept, or 0. */
export function findPhrase(at: usize, length: u32): usize {
  let hash: u64 = length;
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) hash = mix(hash, load<u64>(at + i));
  if (i < length) hash = mix(hash, load<u64>(at + i) & (((<u64>1) << ((length - i) << 3)) - 1));
  phraseHash = hash;
  for (let probe: usize = 0; probe < PROBES; probe++) {
    const entry = <usize>load<u32>(slotAt(probe));
    if (entry === 0) return 0;
    if (load<u32>(entry) === length && sameBytes(entry + PHRASE_HEADER, at, length)) return entry;
  }
  return 0;
}

/** Keeps the tokens of the piece that `findPhrase` has just missed. */
export function keepPhrase(at: usize, length: u32, tokens: usize, count: u32): void {
  const bytes = (<usize>length + 7) & ~7;
  const size = (PHRASE_HEADER + bytes + ((<usize>count) << 2) + 7) & ~7;
  if (phrasesEnd + size > PHRASES + PHRASES_BYTES) {
    memory.fill(PHRASE_SLOTS, 0, PHRASE_SLOTS_BYTES);
    phrasesEnd = PHRASES;
  }
  const entry = phrasesEnd;
  phrasesEnd += size;
  store<u32>(entry, length);
  store<u32>(entry, count, 4);
  memory.copy(entry + PHRASE_HEADER, at, length);
  memory.copy(entry + PHRASE_HEADER + bytes, tokens, (<usize>count) << 2);
  let slot = slotAt(0);
  for (let probe: usize = 0; probe < PROBES; probe++) {
    if (load<u32>(slotAt(probe)) !== 0) continue;
    slot = slotAt(probe);
    break;
  }
  store<u32>(slot, <u32>entry);
}

/** Where the tokens of a phrase's entry start. */
export function phraseTokens(entry: usize): usize {
  return entry + PHRASE_HEADER + ((<usize>load<u32>(entry) + 7) & ~7);
}
