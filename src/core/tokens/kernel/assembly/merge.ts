/** Bytes -> tokens by merging: lowest rank first, leftmost among equals (AssemblyScript). */

import {
  FILTER,
  FILTER_BITS,
  hashes,
  idLimit,
  longestToken,
  minima,
  NO_RANK,
  next,
  PAIRS,
  POWERS,
  previous,
  ranks,
  SINGLES,
  slotMask,
  slotShift,
  slots,
  starts,
  tokenBytes,
} from "./memory";

// As in ../../encodingTable.ts, where the layout is told.
const HASH_BASE: u32 = 0x01000193;
const ID_BITS: u32 = 18;
const ID_MASK: u32 = (1 << ID_BITS) - 1;

/** Up to this many bytes, looking through all pairs beats keeping the least of each block. */
const SCAN_LIMIT: u32 = 48;

export function startOf(id: u32): usize {
  return tokenBytes + load<u32>(starts + ((<usize>id) << 2));
}

export function lengthOf(id: u32): u32 {
  const at = starts + ((<usize>id) << 2);
  return load<u32>(at, 4) - load<u32>(at);
}

/** Fills the tables of powers, single bytes and pairs from the vocabulary. */
export function fillTables(): void {
  let power: u32 = 1;
  for (let i: usize = 0; i <= longestToken; i++) {
    store<u32>(POWERS + (i << 2), power);
    power *= HASH_BASE;
  }
  for (let i: usize = 0; i < 0x10000; i++) store<u32>(PAIRS + (i << 2), NO_RANK);
  for (let id: u32 = 0; id < idLimit; id++) {
    const length = lengthOf(id);
    const at = startOf(id);
    if (length === 1) store<u32>(SINGLES + ((<usize>load<u8>(at)) << 2), id);
    else if (length === 2) store<u32>(pairAt(at), id);
    if (length === 0) continue;
    const bit = filterBit(hashOf(at, length));
    const byte = FILTER + (<usize>bit >> 3);
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(bit & 7))));
  }
}

export function pairAt(at: usize): usize {
  return PAIRS + (((<usize>load<u8>(at)) << 10) | ((<usize>load<u8>(at, 1)) << 2));
}

export function sameBytes(a: usize, b: usize, length: u32): bool {
  const end = a + length;
  for (; a + 8 <= end; a += 8, b += 8) if (load<u64>(a) !== load<u64>(b)) return false;
  const rest = end - a;
  return rest === 0 || (load<u64>(a) ^ load<u64>(b)) << ((8 - rest) << 3) === 0;
}

function filterBit(hash: u32): u32 {
  return ((hash ^ (hash >> 16)) * 0x85ebca6b) >> (32 - FILTER_BITS);
}

/** The token `[at, at + length)`, or NO_RANK. */
function find(hash: u32, at: usize, length: u32): u32 {
  const bit = filterBit(hash);
  if ((load<u8>(FILTER + (<usize>bit >> 3)) & (1 << (bit & 7))) === 0) return NO_RANK;
  const tag = ((hash ^ (hash >> 13)) * 0x85ebca6b) >> ID_BITS;
  let slot = ((hash ^ (hash >> 15)) * 0x9e3779b1) >> slotShift;
  let entry = load<u32>(slots + ((<usize>slot) << 2));
  while (entry !== 0) {
    if (entry >> ID_BITS === tag) {
      const id = (entry & ID_MASK) - 1;
      if (lengthOf(id) === length && sameBytes(startOf(id), at, length)) return id;
    }
    slot = (slot + 1) & slotMask;
    entry = load<u32>(slots + ((<usize>slot) << 2));
  }
  return NO_RANK;
}

function hashOf(at: usize, length: u32): u32 {
  let hash: u32 = 0;
  for (let i: u32 = 0; i < length; i++) hash = hash * HASH_BASE + load<u8>(at + i) + 1;
  return hash;
}

/** Writes the hash of the first i bytes from `at` on, for i up to `length`, to `to`. */
export function fillHashes(to: usize, at: usize, length: u32): void {
  let hash: u32 = 0;
  store<u32>(to, 0);
  for (const end = at + length; at < end; at++) {
    hash = hash * HASH_BASE + load<u8>(at) + 1;
    to += 4;
    store<u32>(to, hash);
  }
}

/** The token of the bytes `[from, to)` of what starts at `at` and has these hashes, or NO_RANK. */
export function rankAt(hashes: usize, at: usize, from: u32, to: u32): u32 {
  const length = to - from;
  if (length === 2) return load<u32>(pairAt(at + from));
  if (length > longestToken) return NO_RANK;
  const hash =
    load<u32>(hashes + ((<usize>to) << 2)) -
    load<u32>(hashes + ((<usize>from) << 2)) * load<u32>(POWERS + ((<usize>length) << 2));
  return find(hash, at + from, length);
}

function rankOf(at: usize, from: u32, to: u32): u32 {
  return rankAt(hashes, at, from, to);
}

/**
 * Merges `[at, at + length)` until `leave` parts are left or none can merge, and writes their tokens to `to`.
 * @returns how many.
 */
export function merge(at: usize, length: u32, leave: u32, to: usize): u32 {
  fillHashes(hashes, at, length);
  const parts = length <= SCAN_LIMIT ? mergeByScan(at, length, leave) : mergeByBlocks(at, length, leave);
  // `next` now holds the borders of the parts.
  let from = load<u32>(next);
  for (let i: u32 = 0; i < parts; i++) {
    const after = load<u32>(next + ((<usize>i + 1) << 2));
    const id =
      after - from === 1 ? load<u32>(SINGLES + ((<usize>load<u8>(at + from)) << 2)) : rankOf(at, from, after);
    store<u32>(to + ((<usize>i) << 2), id);
    from = after;
  }
  return parts;
}

/** The token that a whole piece is, or NO_RANK. */
export function wholeToken(at: usize, length: u32): u32 {
  return length > longestToken ? NO_RANK : find(hashOf(at, length), at, length);
}

function mergeByScan(at: usize, length: u32, leave: u32): u32 {
  // next[i]: start of part i. ranks[i]: of parts i and i + 1 together.
  for (let i: usize = 0; i < length; i++) {
    store<u32>(next + (i << 2), <u32>i);
    store<u32>(ranks + (i << 2), load<u32>(pairAt(at + i)));
  }
  store<u32>(ranks + ((<usize>length - 1) << 2), NO_RANK);
  store<u32>(next + ((<usize>length) << 2), length);
  let parts = length;
  while (parts > leave) {
    let lowest = NO_RANK;
    let place = ranks;
    const last = ranks + ((<usize>parts - 1) << 2);
    for (let entry = ranks; entry < last; entry += 4) {
      const rank = load<u32>(entry);
      if (rank < lowest) {
        lowest = rank;
        place = entry;
      }
    }
    if (lowest === NO_RANK) break;
    const index = place - ranks;
    parts--;
    const border = next + index;
    for (let i = index + 4; i < (<usize>parts) << 2; i += 4) {
      store<u32>(next + i, load<u32>(next + i, 4));
      store<u32>(ranks + i, load<u32>(ranks + i, 4));
    }
    store<u32>(next + ((<usize>parts) << 2), length);
    store<u32>(
      place,
      index >> 2 < <usize>parts - 1 ? rankOf(at, load<u32>(border), load<u32>(border, 8)) : NO_RANK,
    );
    if (index > 0) store<u32>(place - 4, rankOf(at, load<u32>(border - 4), load<u32>(border, 4)));
  }
  return parts;
}

/** The least of the 16 ranks from `at` on. */
function leastOfBlock(at: usize): u32 {
  const a = i32x4.min_u(v128.load(at), v128.load(at, 16));
  const b = i32x4.min_u(v128.load(at, 32), v128.load(at, 48));
  return leastLane(i32x4.min_u(a, b));
}

function leastLane(v: v128): u32 {
  const a = i32x4.min_u(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(i32x4.min_u(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2)), 0);
}

/** The first of the u32 from `at` on that is `value`, which is there. */
function firstOf(at: usize, value: u32): usize {
  while (load<u32>(at) !== value) at += 4;
  return at;
}

function refresh(part: u32): void {
  const block = <usize>part >> 4;
  store<u32>(minima + (block << 2), leastOfBlock(ranks + (block << 6)));
}

/** As `mergeByScan`, for long texts: parts are named by their first byte, and linked both ways. */
function mergeByBlocks(at: usize, length: u32, leave: u32): u32 {
  const blocks = (length + 15) >> 4;
  for (let i: usize = 0; i < length; i++) {
    store<u32>(next + (i << 2), <u32>i + 1);
    store<u32>(previous + (i << 2), <u32>i - 1);
    store<u32>(ranks + (i << 2), load<u32>(pairAt(at + i)));
  }
  for (let i = <usize>length - 1; i < (<usize>blocks) << 4; i++) store<u32>(ranks + (i << 2), NO_RANK);
  for (let block: u32 = 0; block < blocks; block++) refresh(block << 4);
  const end = minima + ((<usize>blocks) << 2);
  // Read by fours.
  for (let i: usize = 0; i < 3; i++) store<u32>(end + (i << 2), NO_RANK);
  let parts = length;
  while (parts > leave) {
    let least = v128.load(minima);
    for (let block = minima + 16; block < end; block += 16) least = i32x4.min_u(least, v128.load(block));
    const lowest = leastLane(least);
    if (lowest === NO_RANK) break;
    const block = firstOf(minima, lowest) - minima;
    const part = <u32>((firstOf(ranks + (block << 4), lowest) - ranks) >> 2);
    const gone = load<u32>(next + ((<usize>part) << 2));
    const after = load<u32>(next + ((<usize>gone) << 2));
    store<u32>(next + ((<usize>part) << 2), after);
    store<u32>(ranks + ((<usize>gone) << 2), NO_RANK);
    parts--;
    let rank = NO_RANK;
    if (after < length) {
      store<u32>(previous + ((<usize>after) << 2), part);
      rank = rankOf(at, part, load<u32>(next + ((<usize>after) << 2)));
    }
    store<u32>(ranks + ((<usize>part) << 2), rank);
    if (part > 0) {
      const before = load<u32>(previous + ((<usize>part) << 2));
      store<u32>(ranks + ((<usize>before) << 2), rankOf(at, before, after));
      if (before >> 4 !== part >> 4) refresh(before);
    }
    if (gone >> 4 !== part >> 4) refresh(gone);
    refresh(part);
  }
  // The links become the list of borders; a border never lies left of its place in the list.
  let count: usize = 0;
  for (let part: u32 = 0; part < length; count++) {
    const following = load<u32>(next + ((<usize>part) << 2));
    store<u32>(next + (count << 2), part);
    part = following;
  }
  store<u32>(next + (count << 2), length);
  return parts;
}
