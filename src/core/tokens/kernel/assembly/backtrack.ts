/**
 * Bytes -> tokens from left to right (AssemblyScript), for pieces on which merging would take long.
 *
 * Tokens stand next to one another in the merge of a whole exactly where each two neighbours, merged by themselves,
 * stay as they are: up to the first merge that would cross a border the two would have merged in the same order
 * alone. So any row of tokens over the bytes whose neighbours all stay apart is the row that merging makes. It is
 * looked for longest token first, one token back where none goes on (A. Neubeck and H. van Antwerpen, "So many
 * tokens, so little time", GitHub 2024). No place is given up twice, so that the time is linear.
 */

import {
  deadEnds,
  idLimit,
  LENGTHS,
  longestToken,
  NO_RANK,
  parents,
  SCRATCH,
  SINGLES,
  trail,
} from "./memory";
import { fillHashes, lengthOf, merge, pairAt, rankAt, sameBytes, startOf } from "./merge";

/** Bit of `LENGTHS` for tokens of this many bytes and more. */
const LONG: u32 = 63;
const LONG_BIT: u64 = (<u64>1) << LONG;

/** The candidate at hand, or NO_RANK, and its bytes. */
let found: u32 = NO_RANK;
let foundLength: u32 = 0;

/** Where it is kept which lengths the tokens have that begin with the three bytes at `at`, or with some others. */
function lengthsAt(at: usize): usize {
  return LENGTHS + ((<usize>(((load<u32>(at) << 8) * 0x9e3779b1) >> 16)) << 3);
}

/** Notes the lengths of all tokens. */
export function fillLengths(): void {
  for (let id: u32 = 0; id < idLimit; id++) {
    const length = lengthOf(id);
    if (length < 3) continue;
    const at = lengthsAt(startOf(id));
    store<u64>(at, load<u64>(at) | ((<u64>1) << min(length, LONG)));
  }
}

/** Finds out which two tokens merge to a token, once. @returns where they are kept, NO_RANK where none do. */
function parentsOf(id: u32): usize {
  const at = parents + ((<usize>id) << 3);
  if (load<u64>(at) !== 0) return at;
  const reached = merge(startOf(id), lengthOf(id), 2, SCRATCH) === 2;
  store<u64>(at, reached ? load<u64>(SCRATCH) : <u64>NO_RANK);
  return at;
}

/** Whether the candidate is a token that merging makes. */
function isToken(base: usize, from: u32, length: u32): bool {
  found = rankAt(trail, base, from, from + length);
  foundLength = length;
  return found !== NO_RANK && load<u32>(parentsOf(found)) !== NO_RANK;
}

/** Looks for the longest token of up to `most` bytes at byte `from` of the text at `base`. */
function findLongest(base: usize, from: u32, most: u32): void {
  if (most >= 3) {
    let lengths = load<u64>(lengthsAt(base + from));
    if (most < LONG) lengths &= ((<u64>2) << most) - 1;
    if (lengths >= LONG_BIT) {
      for (let length = min(most, longestToken); length >= LONG; length--) {
        if (isToken(base, from, length)) return;
      }
      lengths ^= LONG_BIT;
    }
    while (lengths !== 0) {
      const length = 63 - <u32>clz(lengths);
      if (isToken(base, from, length)) return;
      lengths ^= (<u64>1) << length;
    }
  }
  if (most >= 2 && load<u32>(pairAt(base + from)) !== NO_RANK && isToken(base, from, 2)) return;
  foundLength = 1;
  found = most >= 1 ? load<u32>(SINGLES + ((<usize>load<u8>(base + from)) << 2)) : NO_RANK;
}

/**
 * Whether the tokens on the two sides of byte `border` stay apart when their bytes are merged together: their merges
 * are undone, the last first, and at no time may there be one across the border that would have come before them.
 */
function stayApartAt(base: usize, border: u32, left: u32, right: u32): bool {
  let leftLength = lengthOf(left);
  let rightLength = lengthOf(right);
  let limit = NO_RANK;
  while (true) {
    if (rankAt(trail, base, border - leftLength, border + rightLength) < limit) return false;
    // Among equal ranks the left one is merged first.
    if (leftLength > 1 && (rightLength === 1 || left > right)) {
      limit = left;
      left = load<u32>(parentsOf(left), 4);
      leftLength = lengthOf(left);
    } else if (rightLength > 1) {
      limit = right + 1;
      right = load<u32>(parentsOf(right));
      rightLength = lengthOf(right);
    } else {
      return true;
    }
  }
}

/**
 * Writes a token to `to` for as long as its bytes come again at `from`: in a run of one character they mostly do,
 * where the longest token seldom fits. Whether two tokens stay apart lies in them alone, so that the whole run of one
 * follows from the first two.
 * @returns how many.
 */
function repeat(base: usize, from: u32, end: u32, token: u32, length: u32, to: usize): u32 {
  if (!comesAgain(base, from, length, end) || !stayApartAt(base, from, token, token)) return 0;
  let count: u32 = 0;
  do {
    store<u32>(to + ((<usize>count) << 2), token);
    count++;
    from += length;
  } while (comesAgain(base, from, length, end));
  return count;
}

/** Whether the `length` bytes before `from` come again at `from`, where the way is not known to lead nowhere. */
function comesAgain(base: usize, from: u32, length: u32, end: u32): bool {
  return (
    from + length <= end &&
    sameBytes(base + from, base + from - length, length) &&
    load<u8>(deadEnds + from + length) === 0
  );
}

/**
 * Writes the tokens of `[at, at + length)` to `to`.
 * @param before the token whose bytes lie in front of them in the same piece, or NO_RANK at its start.
 * @returns how many; 0 where none fit behind `before`, which then is not part of the piece as it goes on.
 */
export function backtrack(at: usize, length: u32, before: u32, to: usize): u32 {
  let from: u32 = 0;
  if (before !== NO_RANK) {
    from = lengthOf(before);
    if (from > 1 && load<u32>(parentsOf(before)) === NO_RANK) return 0;
  }
  const base = at - from;
  const end = from + length;
  fillHashes(trail, base, end);
  memory.fill(deadEnds, 0, end + 1);
  let count: usize = 0;
  let last = before;
  let lastLength = from;
  if (before !== NO_RANK) {
    count = repeat(base, from, end, before, from, to);
    from += <u32>count * lastLength;
  }
  if (from < end) findLongest(base, from, end - from);
  while (from < end) {
    while (
      found !== NO_RANK &&
      (load<u8>(deadEnds + from + foundLength) !== 0 ||
        (last !== NO_RANK && !stayApartAt(base, from, last, found)))
    ) {
      findLongest(base, from, foundLength - 1);
    }
    if (found !== NO_RANK) {
      store<u32>(to + (count << 2), found);
      count++;
      last = found;
      lastLength = foundLength;
      from += foundLength;
      const repeated = repeat(base, from, end, last, lastLength, to + (count << 2));
      count += repeated;
      from += repeated * lastLength;
      if (from < end) findLongest(base, from, end - from);
    } else {
      if (count === 0) return 0;
      store<u8>(deadEnds + from, 1);
      const given = last;
      count--;
      last = count > 0 ? load<u32>(to + (count << 2) - 4) : before;
      from -= lastLength;
      // What came again was tried first, and all others are still to be tried.
      findLongest(base, from, given === last ? end - from : lastLength - 1);
      lastLength = last === NO_RANK ? 0 : lengthOf(last);
    }
  }
  return <u32>count;
}
