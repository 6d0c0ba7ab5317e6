/**
 * Text -> tokens: the pre-tokeniser cuts pieces, a piece that is a token is that token, and any other is merged
 * from its bytes, lowest rank first and leftmost among equals, until no two neighbours form a token.
 */

import type { MergeReplay } from "../../shared/types.js";
import { type EncodingTable, HASH_BASE } from "./encodingTable.js";
import { replayMerges } from "./replayMerges.js";
import { splitterFor } from "./splitter.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";

/** Pieces of more UTF-16 units than this are encoded in windows. */
const LONG_PIECE = 2048;
/** Bytes of a window of a long piece. A window grows where its tokens do not fit those before it. */
const WINDOW = 4096;
/** Tokens at the end of a window that may still change with what follows it. */
const UNSETTLED = 4;
/** Up to this many bytes, looking through all pairs beats keeping a heap of them. */
const SCAN_LIMIT = 40;
const NO_RANK = 0x7fffffff;

export class BytePairEncoder implements Tokenizer {
  readonly name: string;
  readonly table: EncodingTable;
  readonly splitter: Splitter;
  /** HASH_BASE to the power of the index, modulo 2^32, up to the longest token. */
  readonly #powers: Int32Array;
  /** Id of each single byte. */
  readonly #singles = new Uint32Array(256);
  /** Rank of each pair of bytes, at `first << 8 | second`; NO_RANK where it is no token. */
  readonly #pairs = new Int32Array(0x10000).fill(NO_RANK);
  // Scratch of the piece at hand. `hashes[i]` is the hash of its first i bytes.
  readonly #bytes = new Uint8Array(LONG_PIECE * 3);
  #hashes = new Int32Array(LONG_PIECE * 3 + 1);
  #starts = new Int32Array(LONG_PIECE * 3 + 1);
  #ranks = new Int32Array(LONG_PIECE * 3 + 1);
  #previous = new Int32Array(LONG_PIECE * 3 + 1);
  #heap = new Float64Array(LONG_PIECE * 9);
  #merged: Int32Array = new Int32Array(1024);

  /** @throws GlassboxError `unsupported` where the table names a pre-tokeniser that we do not know. */
  constructor(table: EncodingTable) {
    this.table = table;
    this.name = table.name;
    this.splitter = splitterFor(table.pattern);
    this.#powers = new Int32Array(table.longestToken + 1);
    this.#powers[0] = 1;
    for (let i = 1; i <= table.longestToken; i++) {
      this.#powers[i] = Math.imul(this.#powers[i - 1]!, HASH_BASE);
    }
    for (let id = 0; id < table.idLimit; id++) {
      const length = table.byteLength(id);
      if (length === 0 || length > 2) continue;
      const bytes = table.bytesOf(id);
      if (length === 1) this.#singles[bytes[0]!] = id;
      else this.#pairs[(bytes[0]! << 8) | bytes[1]!] = id;
    }
  }

  encode(text: string): number[] {
    const tokens = new TokenBuffer();
    this.encodeRange(text, 0, text.length, tokens);
    return Array.from(tokens.words.subarray(0, tokens.length), (word) => word & ID_BITS);
  }

  encodeRange(text: string, start: number, end: number, out: TokenBuffer): void {
    for (let at = start; at < end; ) {
      const pieceEnd = this.splitter.pieceEnd(text, at);
      this.encodePiece(text, at, pieceEnd, out);
      at = pieceEnd;
    }
  }

  *encodeInSteps(text: string, out: TokenBuffer): Generator<void, void, void> {
    let sinceYield = 0;
    for (let at = 0; at < text.length; ) {
      const end = this.splitter.pieceEnd(text, at);
      if (end - at > LONG_PIECE) {
        yield* this.#encodeLongPiece(text.slice(at, end), out);
        sinceYield = 0;
      } else {
        this.encodePiece(text, at, end, out);
        sinceYield += end - at;
      }
      if (sinceYield > WINDOW) {
        yield;
        sinceYield = 0;
      }
      at = end;
    }
  }

  encodePiece(text: string, start: number, end: number, out: TokenBuffer): void {
    if (end - start > LONG_PIECE) {
      for (const _ of this.#encodeLongPiece(text.slice(start, end), out));
      return;
    }
    const bytes = this.#bytes;
    const hashes = this.#hashes;
    let length = 0;
    let hash = 0;
    for (let at = start; at < end; at++) {
      let code = text.charCodeAt(at);
      if (code >= 0x80) {
        if (code < 0x800) {
          const lead = 0xc0 | (code >> 6);
          bytes[length++] = lead;
          hash = (Math.imul(hash, HASH_BASE) + lead + 1) | 0;
          hashes[length] = hash;
        } else {
          if (code >= 0xd800 && code <= 0xdfff) {
            const low = code < 0xdc00 && at + 1 < end ? text.charCodeAt(at + 1) : 0;
            if (low >= 0xdc00 && low <= 0xdfff) {
              code = ((code - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
              at++;
            } else {
              // As TextEncoder does it, and so js-tiktoken: a surrogate without its other half is U+FFFD.
              code = 0xfffd;
            }
          }
          if (code >= 0x10000) {
            const lead = 0xf0 | (code >> 18);
            bytes[length++] = lead;
            hash = (Math.imul(hash, HASH_BASE) + lead + 1) | 0;
            hashes[length] = hash;
            const second = 0x80 | ((code >> 12) & 0x3f);
            bytes[length++] = second;
            hash = (Math.imul(hash, HASH_BASE) + second + 1) | 0;
            hashes[length] = hash;
          } else {
            const lead = 0xe0 | (code >> 12);
            bytes[length++] = lead;
            hash = (Math.imul(hash, HASH_BASE) + lead + 1) | 0;
            hashes[length] = hash;
          }
          const middle = 0x80 | ((code >> 6) & 0x3f);
          bytes[length++] = middle;
          hash = (Math.imul(hash, HASH_BASE) + middle + 1) | 0;
          hashes[length] = hash;
        }
        code = 0x80 | (code & 0x3f);
      }
      bytes[length++] = code;
      hash = (Math.imul(hash, HASH_BASE) + code + 1) | 0;
      hashes[length] = hash;
    }
    out.bytes += length;
    if (length <= this.table.longestToken) {
      const whole = this.table.find(hash, bytes, 0, length);
      if (whole >= 0) {
        out.push((whole | PIECE_START) >>> 0);
        return;
      }
    }
    const count = this.#merge(bytes, length, 1);
    for (let i = 0; i < count; i++) {
      out.push(i === 0 ? (this.#merged[i]! | PIECE_START) >>> 0 : this.#merged[i]!);
    }
  }

  mergeBytes(bytes: Uint8Array): number[] {
    const count = this.#mergeWindow(bytes, 0, bytes.length, 1);
    return Array.from(this.#merged.subarray(0, count));
  }

  parentsOf(id: number): [left: number, right: number] | undefined {
    const bytes = this.table.bytesOf(id);
    const whole = this.mergeBytes(bytes);
    if (bytes.length < 2 || whole.length !== 1) return undefined;
    this.#mergeWindow(bytes, 0, bytes.length, 2);
    return [this.#merged[0]!, this.#merged[1]!];
  }

  /**
   * Merges a long piece window by window. Tokens stand next to one another in the merge of a whole exactly where
   * each two neighbours, merged by themselves, stay as they are: up to the first merge that would cross a border
   * the two would have merged in the same order alone. So it is enough to check the joints.
   */
  *#encodeLongPiece(piece: string, out: TokenBuffer): Generator<void, void, void> {
    const bytes = new TextEncoder().encode(piece);
    out.bytes += bytes.length;
    const first = out.length;
    let window = WINDOW;
    let from = 0;
    let to = 0;
    let tokens = new Int32Array(0);
    let apart = -1; // the token of the joint that was checked last, on its left
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(at + window, bytes.length);
      // The same bytes merge to the same tokens: runs of one letter and the like need one window only.
      const repeated = end - at === to - from && sameBytes(bytes, from, at, end - at);
      if (!repeated) {
        // Counted first: merging may put a larger array in the place of `#merged`.
        const count = this.#mergeWindow(bytes, at, end, 1);
        tokens = this.#merged.slice(0, count);
        apart = -1;
      }
      from = at;
      to = end;
      const last = out.length > first ? out.words[out.length - 1]! & ID_BITS : -1;
      if (last >= 0 && last !== apart && !this.stayApart(last, tokens[0]!)) {
        const back = Math.min(out.length - first, (UNSETTLED * window) / WINDOW);
        for (let i = 0; i < back; i++) at -= this.table.byteLength(out.words[--out.length]! & ID_BITS);
        window *= 2;
        continue;
      }
      apart = last;
      window = WINDOW;
      const settled = end === bytes.length ? tokens.length : tokens.length - UNSETTLED;
      for (let i = 0; i < settled; i++) {
        const id = tokens[i]!;
        out.push(out.length === first ? (id | PIECE_START) >>> 0 : id);
        at += this.table.byteLength(id);
      }
      yield;
    }
  }

  stayApart(left: number, right: number): boolean {
    const a = this.table.bytesOf(left);
    const b = this.table.bytesOf(right);
    const both = new Uint8Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    const ids = this.mergeBytes(both);
    return ids.length === 2 && ids[0] === left && ids[1] === right;
  }

  get ordinaryTokens(): number {
    return this.table.ordinaryTokens;
  }

  byteLength(id: number): number {
    return this.table.byteLength(id);
  }

  bytesOf(id: number): Uint8Array {
    return this.table.bytesOf(id);
  }

  replay(piece: Uint8Array): MergeReplay {
    return replayMerges(this.table, piece);
  }

  /** Merges `bytes[start, end)` until `leave` parts are left; as `#merge`. */
  #mergeWindow(bytes: Uint8Array, start: number, end: number, leave: number): number {
    const length = end - start;
    this.#reserve(length);
    const hashes = this.#hashes;
    let hash = 0;
    for (let i = 0; i < length; i++) {
      hash = (Math.imul(hash, HASH_BASE) + bytes[start + i]! + 1) | 0;
      hashes[i + 1] = hash;
    }
    return this.#merge(bytes.subarray(start, end), length, leave);
  }

  #reserve(length: number): void {
    if (length < this.#hashes.length) return;
    const size = length * 2;
    this.#hashes = new Int32Array(size);
    this.#starts = new Int32Array(size);
    this.#ranks = new Int32Array(size);
    this.#previous = new Int32Array(size);
    this.#heap = new Float64Array(size * 3);
  }

  /**
   * Merges `bytes[0, length)`, whose hashes are in `#hashes`, until `leave` parts are left or none can merge.
   * @returns how many ids it left in `#merged`.
   */
  #merge(bytes: Uint8Array, length: number, leave: number): number {
    const parts =
      length <= SCAN_LIMIT
        ? this.#mergeByScan(bytes, length, leave)
        : this.#mergeByHeap(bytes, length, leave);
    // #starts now holds the borders of the parts.
    if (this.#merged.length < parts) this.#merged = new Int32Array(parts * 2);
    for (let i = 0; i < parts; i++) {
      const from = this.#starts[i]!;
      const to = this.#starts[i + 1]!;
      this.#merged[i] = to - from === 1 ? this.#singles[bytes[from]!]! : this.#rank(bytes, from, to);
    }
    return parts;
  }

  /** The rank of the token `bytes[start, end)`, or NO_RANK. */
  #rank(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 2) return this.#pairs[(bytes[start]! << 8) | bytes[start + 1]!]!;
    if (length > this.table.longestToken) return NO_RANK;
    const hash = (this.#hashes[end]! - Math.imul(this.#hashes[start]!, this.#powers[length]!)) | 0;
    const id = this.table.find(hash, bytes, start, end);
    return id < 0 ? NO_RANK : id;
  }

  #mergeByScan(bytes: Uint8Array, length: number, leave: number): number {
    const starts = this.#starts;
    const ranks = this.#ranks; // ranks[i]: of parts i and i + 1 together
    for (let i = 0; i < length; i++) {
      starts[i] = i;
      ranks[i] = i + 1 < length ? this.#pairs[(bytes[i]! << 8) | bytes[i + 1]!]! : NO_RANK;
    }
    starts[length] = length;
    let parts = length;
    while (parts > leave) {
      let lowest = NO_RANK;
      let at = 0;
      for (let i = 0; i < parts - 1; i++) {
        if (ranks[i]! < lowest) {
          lowest = ranks[i]!;
          at = i;
        }
      }
      if (lowest === NO_RANK) break;
      parts--;
      for (let i = at + 1; i < parts; i++) {
        starts[i] = starts[i + 1]!;
        ranks[i] = ranks[i + 1]!;
      }
      starts[parts] = length;
      ranks[at] = at + 1 < parts ? this.#rank(bytes, starts[at]!, starts[at + 2]!) : NO_RANK;
      if (at > 0) ranks[at - 1] = this.#rank(bytes, starts[at - 1]!, starts[at + 1]!);
    }
    return parts;
  }

  /** As `#mergeByScan`, with the pairs in a heap ordered by rank, then by place. */
  #mergeByHeap(bytes: Uint8Array, length: number, leave: number): number {
    // Parts are named by their first byte and linked both ways; `next` of the last one is `length`.
    const next = this.#starts;
    const previous = this.#previous;
    const ranks = this.#ranks;
    const heap = this.#heap;
    let size = 0;
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      const rank = i + 1 < length ? this.#pairs[(bytes[i]! << 8) | bytes[i + 1]!]! : NO_RANK;
      ranks[i] = rank;
      if (rank !== NO_RANK) size = pushKey(heap, size, rank * PLACES + i);
    }
    let parts = length;
    while (parts > leave && size > 0) {
      const key = heap[0]!;
      size = popKey(heap, size);
      const at = key % PLACES;
      // An entry is stale where its part has been merged since.
      if (ranks[at] !== (key - at) / PLACES) continue;
      const gone = next[at]!;
      const after = next[gone]!;
      next[at] = after;
      ranks[gone] = NO_RANK;
      parts--;
      if (after < length) {
        previous[after] = at;
        const rank = this.#rank(bytes, at, next[after]!);
        ranks[at] = rank;
        if (rank !== NO_RANK) size = pushKey(heap, size, rank * PLACES + at);
      } else {
        ranks[at] = NO_RANK;
      }
      const before = previous[at]!;
      if (before >= 0) {
        const rank = this.#rank(bytes, before, after);
        ranks[before] = rank;
        if (rank !== NO_RANK) size = pushKey(heap, size, rank * PLACES + before);
      }
    }
    // The links become the list of borders; a border never lies left of its place in the list.
    let count = 0;
    for (let at = 0; at < length; count++) {
      const following = next[at]!;
      next[count] = at;
      at = following;
    }
    next[count] = length;
    return parts;
  }
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

/** A heap's key is rank * PLACES + place: exact in a double for 18 bits of rank and 27 of place. */
const PLACES = 2 ** 27;

function pushKey(heap: Float64Array, size: number, key: number): number {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= key) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = key;
  return size + 1;
}

function popKey(heap: Float64Array, size: number): number {
  const last = size - 1;
  const key = heap[last]!;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= last) break;
    if (child + 1 < last && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= key) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = key;
  return last;
}
