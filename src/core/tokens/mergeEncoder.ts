/**
 * Text -> tokens for vocabularies whose ids are not their ranks: the parts of a piece are merged pair by pair, the
 * lowest rank first and leftmost among equals, until no two neighbours merge. What the parts are and which pairs
 * merge is the kind's own (see `MergeRules`).
 */

import type { Merge, MergeReplay } from "../../shared/types.js";
import { PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer, TokenOrder } from "./tokenizer.js";
import { splitterWith, UserTokens } from "./userTokens.js";

/** Pieces of more UTF-16 units than this are encoded in windows. */
const LONG_PIECE = 2048;
/** Parts of a window of a long piece. A window grows where its tokens do not fit those before it. */
const WINDOW = 4096;
/** Tokens at the end of a window that may still change with what follows it. */
const UNSETTLED = 4;
/** Up to this many parts, looking through all pairs beats keeping a heap of them. */
const SCAN_LIMIT = 40;
export const NO_RANK = 0x7fffffff;
/** A heap's key is rank * PLACES + place: exact in a double for 25 bits of rank and 27 of place. */
const PLACES = 2 ** 27;

/** The parts of a piece before any merge, in one growing array. */
export class Parts {
  words = new Int32Array(1024);
  length = 0;

  push(part: number): void {
    if (this.length === this.words.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    this.words[this.length++] = part;
  }
}

/** What sets the kinds of merging vocabularies apart. A part is a token's id, or a number outside the ids. */
export interface MergeRules {
  readonly name: string;
  readonly splitter: Splitter;
  /** One more than the largest id. */
  readonly size: number;
  readonly ordinaryTokens: number;
  /** The bytes of text that a token stands for, not to be written to. */
  bytesOf(id: number): Uint8Array;
  byteLength(id: number): number;
  /** Appends the parts that merging of `text[start, end)` begins with. */
  appendText(text: string, start: number, end: number, parts: Parts): void;
  /** The same for bytes, which may begin and end inside a character. */
  appendBytes(bytes: Uint8Array, parts: Parts): void;
  /** The parts that a token is merged from. */
  appendToken(id: number, parts: Parts): void;
  /** Bytes of the text behind one part. */
  partBytes(part: number): number;
  /** The rank of the merge of two neighbours, or NO_RANK; what it makes is in `made` until the next call. */
  rankOfPair(left: number, right: number): number;
  made: number;
  /** The logarithm of a token's probability, where the order of the merges comes from such. */
  scoreOf?(id: number): number | undefined;
  /** The tokens of a part that is none itself, such as those of a character's bytes. */
  tokensOfPart(part: number): readonly number[];
  /** The token that a whole piece becomes although merging may not reach it. */
  wholePiece(text: string, start: number, end: number): number | undefined;
  /** The same for a piece's bytes. */
  wholeBytes(piece: Uint8Array): number | undefined;
}

export class MergeEncoder implements Tokenizer {
  readonly rules: MergeRules;
  readonly splitter: Splitter;
  /** Whether the vocabulary's makers bring a text to the form NFC first, which is not done here. */
  readonly leavesOutNfc: boolean;
  readonly #userTokens: UserTokens | undefined;
  readonly #parts = new Parts();
  // The merge at hand: the ids of what is left, and where each begins, in parts.
  #ids = new Int32Array(1024);
  #borders = new Int32Array(1025);
  #ranks = new Int32Array(1024);
  #made = new Int32Array(1024);
  #next = new Int32Array(1024);
  #previous = new Int32Array(1024);
  #heap = new Float64Array(3 * 1024);

  /** @param userTokens those that a text becomes before anything else is done. */
  constructor(rules: MergeRules, userTokens?: ReadonlyMap<string, number>, leavesOutNfc = false) {
    this.leavesOutNfc = leavesOutNfc;
    this.rules = rules;
    this.#userTokens = userTokens && userTokens.size > 0 ? new UserTokens(userTokens) : undefined;
    this.splitter = this.#userTokens ? splitterWith(this.#userTokens, rules.splitter) : rules.splitter;
  }

  get name(): string {
    return this.rules.name;
  }

  get ordinaryTokens(): number {
    return this.rules.ordinaryTokens;
  }

  byteLength(id: number): number {
    return this.rules.byteLength(id);
  }

  bytesOf(id: number): Uint8Array {
    return this.rules.bytesOf(id);
  }

  encode(text: string): number[] {
    const tokens = new TokenBuffer();
    this.encodeRange(text, 0, text.length, tokens);
    return tokens.ids();
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
        yield* this.#encodeLongPiece(text, at, end, out);
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
      for (const _ of this.#encodeLongPiece(text, start, end, out));
      return;
    }
    const first = out.length;
    const userToken = this.#userTokens?.idOf(text, start, end);
    if (userToken !== undefined) {
      this.#emit(userToken, out);
      out.words[first] = (out.words[first]! | PIECE_START) >>> 0;
      return;
    }
    const parts = this.#parts;
    parts.length = 0;
    this.rules.appendText(text, start, end, parts);
    const count = this.#merge(parts.words, 0, parts.length);
    const whole = count > 1 ? this.rules.wholePiece(text, start, end) : undefined;
    if (whole !== undefined) this.#emit(whole, out);
    else for (let i = 0; i < count; i++) this.#emit(this.#ids[i]!, out);
    out.words[first] = (out.words[first]! | PIECE_START) >>> 0;
  }

  /** Appends the tokens of a part that merging has left. */
  #emit(part: number, out: TokenBuffer): void {
    if (part >= 0 && part < this.rules.size) {
      out.push(part);
      out.bytes += this.rules.byteLength(part);
      return;
    }
    for (const id of this.rules.tokensOfPart(part)) {
      out.push(id);
      out.bytes += this.rules.byteLength(id);
    }
  }

  /**
   * Merges a long piece window by window. What is left stands next to one another in the merge of a whole exactly
   * where each two neighbours, merged by themselves, stay as they are: up to the first merge that would cross a
   * border the two would have merged in the same order alone. So it is enough to check the joints.
   */
  *#encodeLongPiece(text: string, start: number, end: number, out: TokenBuffer): Generator<void, void, void> {
    const whole = this.rules.wholePiece(text, start, end);
    const first = out.length;
    if (whole !== undefined) {
      this.#emit(whole, out);
    } else {
      const parts = new Parts();
      this.rules.appendText(text, start, end, parts);
      // What is settled: parts that merging has left, and where each begins.
      const left = new Parts();
      const begins = new Parts();
      let window = WINDOW;
      let from = 0;
      let to = 0;
      let ids = new Int32Array(0);
      let borders = new Int32Array(1);
      let apart = -1; // where the joint was checked last, so that runs of one token are not checked again
      for (let at = 0; at < parts.length; ) {
        const until = Math.min(at + window, parts.length);
        // The same parts merge to the same tokens: runs of one letter and the like need one window only.
        const repeated = until - at === to - from && sameParts(parts.words, from, at, until - at);
        if (!repeated) {
          const count = this.#merge(parts.words, at, until);
          ids = this.#ids.slice(0, count);
          borders = this.#borders.slice(0, count + 1);
          apart = -1;
        }
        from = at;
        to = until;
        if (left.length > 0) {
          const last = left.words[left.length - 1]!;
          if (
            last !== apart &&
            !this.#joint(parts.words, begins.words[left.length - 1]!, at, at + borders[1]!)
          ) {
            const back = Math.min(left.length, (UNSETTLED * window) / WINDOW);
            left.length -= back;
            begins.length -= back;
            at = begins.words[left.length]!;
            window *= 2;
            to = from;
            continue;
          }
          apart = last;
        }
        window = WINDOW;
        const settled = until === parts.length ? ids.length : ids.length - UNSETTLED;
        for (let i = 0; i < settled; i++) {
          left.push(ids[i]!);
          begins.push(at + borders[i]!);
        }
        at += borders[settled]!;
        yield;
      }
      for (let i = 0; i < left.length; i++) this.#emit(left.words[i]!, out);
    }
    out.words[first] = (out.words[first]! | PIECE_START) >>> 0;
  }

  /** Whether `parts[start, end)` merge to exactly two, with their border at `joint`. */
  #joint(parts: Int32Array, start: number, joint: number, end: number): boolean {
    return this.#merge(parts, start, end) === 2 && this.#borders[1] === joint - start;
  }

  /** What merging leaves of a text as a whole: parts, and where each begins, counted in the parts before any merge. */
  mergeText(text: string): { parts: Int32Array; borders: Int32Array } {
    const parts = new Parts();
    this.rules.appendText(text, 0, text.length, parts);
    const count = this.#merge(parts.words, 0, parts.length);
    return { parts: this.#ids.slice(0, count), borders: this.#borders.slice(0, count + 1) };
  }

  mergeBytes(bytes: Uint8Array): number[] {
    const parts = new Parts();
    this.rules.appendBytes(bytes, parts);
    const count = this.#merge(parts.words, 0, parts.length);
    return this.#tokens(count);
  }

  #tokens(count: number): number[] {
    const tokens: number[] = [];
    for (let i = 0; i < count; i++) {
      const part = this.#ids[i]!;
      if (part >= 0 && part < this.rules.size) tokens.push(part);
      else tokens.push(...this.rules.tokensOfPart(part));
    }
    return tokens;
  }

  stayApart(left: number, right: number): boolean {
    const parts = new Parts();
    this.rules.appendToken(left, parts);
    const joint = parts.length;
    this.rules.appendToken(right, parts);
    return (
      this.#merge(parts.words, 0, parts.length) === 2 &&
      this.#borders[1] === joint &&
      this.#ids[0] === left &&
      this.#ids[1] === right
    );
  }

  parentsOf(id: number): [left: number, right: number] | undefined {
    if (id < 0 || id >= this.rules.size) return undefined;
    const parts = new Parts();
    this.rules.appendToken(id, parts);
    const { borders, merges, ids } = this.#replayParts(parts);
    const last = merges.at(-1);
    if (!last || ids.length !== 1 || ids[0] !== id) return undefined;
    const middle = (merges.at(-2)?.borders ?? borders)[1]!;
    const idAt = (from: number, to: number) => {
      const count = this.#merge(parts.words, from, to);
      return count === 1 ? this.#ids[0]! : -1;
    };
    const left = idAt(0, middle);
    const right = idAt(middle, parts.length);
    return left >= 0 && right >= 0 && left < this.rules.size && right < this.rules.size
      ? [left, right]
      : undefined;
  }

  orderOf(id: number): TokenOrder | undefined {
    if (id < 0 || id >= this.rules.size) return undefined;
    const score = this.rules.scoreOf?.(id);
    if (score !== undefined) return { score };
    const parts = new Parts();
    this.rules.appendToken(id, parts);
    const last = this.#replayParts(parts).merges.at(-1);
    return last?.id === id && last.borders.length === 2 ? { rank: last.rank } : undefined;
  }

  replay(piece: Uint8Array): MergeReplay {
    const parts = new Parts();
    this.rules.appendBytes(piece, parts);
    const { borders, merges, ids } = this.#replayParts(parts);
    // From parts to bytes.
    const offsets = [0];
    for (let i = 0; i < parts.length; i++) offsets.push(offsets[i]! + this.rules.partBytes(parts.words[i]!));
    const inBytes = (at: readonly number[]) => at.map((border) => offsets[border]!);
    const isToken = (part: number) => part >= 0 && part < this.rules.size;
    const whole = ids.length > 1 ? this.rules.wholeBytes(piece) : undefined;
    return {
      startBorders: inBytes(borders),
      startIds: Array.from(parts.words.subarray(0, parts.length), (part) => (isToken(part) ? part : -1)),
      merges: merges.map((merge) => ({
        ...merge,
        borders: inBytes(merge.borders),
        runnerUp: merge.runnerUp && {
          ...merge.runnerUp,
          start: offsets[merge.runnerUp.start]!,
          middle: offsets[merge.runnerUp.middle]!,
          end: offsets[merge.runnerUp.end]!,
        },
      })),
      ids:
        whole !== undefined
          ? [whole]
          : ids.flatMap((part) => (isToken(part) ? [part] : [...this.rules.tokensOfPart(part)])),
      wholeWithoutMerges: whole !== undefined,
    };
  }

  /** Merges by the textbook, quadratic in the parts: for what a person looks at. Borders count parts. */
  #replayParts(parts: Parts): { borders: number[]; merges: Merge[]; ids: number[] } {
    const start = Array.from({ length: parts.length + 1 }, (_, at) => at);
    const borders = [...start];
    const ids = Array.from(parts.words.subarray(0, parts.length));
    const merges: Merge[] = [];
    for (;;) {
      const pairs = this.#pairsOf(ids);
      const [winner, second] = pairs;
      if (!winner) return { borders: start, merges, ids };
      const runnerUp = second && {
        start: borders[second.at]!,
        middle: borders[second.at + 1]!,
        end: borders[second.at + 2]!,
        ...this.#order(second),
      };
      borders.splice(winner.at + 1, 1);
      ids.splice(winner.at, 2, winner.id);
      merges.push({
        borders: [...borders],
        made: winner.at,
        id: winner.id < this.rules.size ? winner.id : -1,
        ...this.#order(winner),
        candidates: pairs.length,
        runnerUp,
      });
    }
  }

  /** The pairs of neighbours that merge, the next to be merged first. */
  #pairsOf(ids: readonly number[]): { at: number; rank: number; id: number }[] {
    const pairs: { at: number; rank: number; id: number }[] = [];
    for (let at = 0; at + 1 < ids.length; at++) {
      const rank = this.rules.rankOfPair(ids[at]!, ids[at + 1]!);
      if (rank !== NO_RANK) pairs.push({ at, rank, id: this.rules.made });
    }
    return pairs.sort((a, b) => a.rank - b.rank || a.at - b.at);
  }

  #order({ rank, id }: { rank: number; id: number }): { rank: number; score?: number } {
    const score = this.rules.scoreOf?.(id);
    return score === undefined ? { rank } : { rank, score };
  }

  #reserve(length: number): void {
    if (length < this.#ids.length) return;
    const size = length * 2;
    this.#ids = new Int32Array(size);
    this.#borders = new Int32Array(size + 1);
    this.#ranks = new Int32Array(size);
    this.#made = new Int32Array(size);
    this.#next = new Int32Array(size);
    this.#previous = new Int32Array(size);
    this.#heap = new Float64Array(size * 3);
  }

  /**
   * Merges `parts[start, end)` until no two neighbours merge.
   * @returns how many are left; their ids in `#ids`, where each begins, counted from `start`, in `#borders`.
   */
  #merge(parts: Int32Array, start: number, end: number): number {
    const length = end - start;
    this.#reserve(length);
    const ids = this.#ids;
    const ranks = this.#ranks;
    const made = this.#made;
    const { rules } = this;
    for (let i = 0; i < length; i++) ids[i] = parts[start + i]!;
    for (let i = 0; i + 1 < length; i++) {
      ranks[i] = rules.rankOfPair(ids[i]!, ids[i + 1]!);
      made[i] = rules.made;
    }
    if (length > 0) ranks[length - 1] = NO_RANK;
    return length <= SCAN_LIMIT ? this.#mergeByScan(length) : this.#mergeByHeap(length);
  }

  #mergeByScan(length: number): number {
    const ids = this.#ids;
    const ranks = this.#ranks;
    const made = this.#made;
    const borders = this.#borders;
    const { rules } = this;
    for (let i = 0; i <= length; i++) borders[i] = i;
    let left = length;
    for (;;) {
      let lowest = NO_RANK;
      let at = 0;
      for (let i = 0; i < left - 1; i++) {
        if (ranks[i]! < lowest) {
          lowest = ranks[i]!;
          at = i;
        }
      }
      if (lowest === NO_RANK) return left;
      ids[at] = made[at]!;
      left--;
      for (let i = at + 1; i < left; i++) {
        ids[i] = ids[i + 1]!;
        borders[i] = borders[i + 1]!;
        ranks[i] = ranks[i + 1]!;
        made[i] = made[i + 1]!;
      }
      borders[left] = length;
      ranks[at] = at + 1 < left ? rules.rankOfPair(ids[at]!, ids[at + 1]!) : NO_RANK;
      made[at] = rules.made;
      if (at > 0) {
        ranks[at - 1] = rules.rankOfPair(ids[at - 1]!, ids[at]!);
        made[at - 1] = rules.made;
      }
    }
  }

  /** As `#mergeByScan`, with the pairs in a heap ordered by rank, then by place. */
  #mergeByHeap(length: number): number {
    // What is left is named by its first part and linked both ways; `next` of the last one is `length`.
    const ids = this.#ids;
    const ranks = this.#ranks;
    const made = this.#made;
    const next = this.#next;
    const previous = this.#previous;
    const heap = this.#heap;
    const { rules } = this;
    let size = 0;
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      if (ranks[i] !== NO_RANK) size = pushKey(heap, size, ranks[i]! * PLACES + i);
    }
    while (size > 0) {
      const key = heap[0]!;
      size = popKey(heap, size);
      const at = key % PLACES;
      // An entry is stale where its part has been merged since.
      if (ranks[at] !== (key - at) / PLACES) continue;
      const gone = next[at]!;
      const after = next[gone]!;
      ids[at] = made[at]!;
      next[at] = after;
      ranks[gone] = NO_RANK;
      ranks[at] = NO_RANK;
      if (after < length) {
        previous[after] = at;
        const rank = rules.rankOfPair(ids[at]!, ids[after]!);
        ranks[at] = rank;
        made[at] = rules.made;
        if (rank !== NO_RANK) size = pushKey(heap, size, rank * PLACES + at);
      }
      const before = previous[at]!;
      if (before >= 0) {
        const rank = rules.rankOfPair(ids[before]!, ids[at]!);
        ranks[before] = rank;
        made[before] = rules.made;
        if (rank !== NO_RANK) size = pushKey(heap, size, rank * PLACES + before);
      }
    }
    // The links become lists; an entry never lies left of its place in the list.
    let count = 0;
    for (let at = 0; at < length; count++) {
      ids[count] = ids[at]!;
      this.#borders[count] = at;
      at = next[at]!;
    }
    this.#borders[count] = length;
    return count;
  }
}

function sameParts(parts: Int32Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (parts[a + i] !== parts[b + i]) return false;
  return true;
}

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
