/**
 * The tokens of a whole text, kept true through edits: text and tokens in chunks of a few KB, so that an edit
 * costs what it touches.
 *
 * Chunks begin and end at borders that every pre-tokeniser makes whatever the rest of the text holds
 * (`isCertainBorder`). So each can be encoded by itself, in any order, and an edit inside one never reaches
 * another. Inside a chunk, an edit re-splits from the last piece that it cannot have changed until a border
 * of the new pieces falls on a border of the old ones.
 */

import type { TokenSpan } from "../../shared/types.js";
import { type Chunk, type ChunkPlace, ChunkSequence } from "./chunkSequence.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";
import { type TokenWalk, walkTokens } from "./tokenSpans.js";

/** Pieces of more UTF-16 units than this are mended in parts. */
const LONG_PIECE = 2048;
/** UTF-16 units of a fresh chunk, where the text has a certain border soon after. */
const CHUNK = 512;
/** A chunk that has grown past this is cut; one that has shrunk below a quarter of CHUNK joins its neighbour. */
const LARGEST_CHUNK = 2 * CHUNK;
/** UTF-16 units that are searched for places to cut in one go. */
const CUT_AT_ONCE = 64 * CHUNK;
/** An edit that inserts more than this is encoded in slices, like a text that is opened. */
const LARGEST_IMMEDIATE = 64 * CHUNK;

/** A chunk of more than this, which has no certain border, waits for `encode` after an edit. */
const LARGEST_MENDED = 256 * CHUNK;

/** One replacement, as VS Code reports it: UTF-16 offset and length before it, and the new text. */
export interface TextEdit {
  offset: number;
  length: number;
  text: string;
}

/** Where in a region something was replaced, UTF-16. */
interface EditExtent {
  at: number;
  removed: number;
  inserted: number;
}

/** The start of a token: its index, the character that it begins at or in, and how far in, in bytes. */
interface Border {
  index: number;
  offset: number;
  inside: number;
}

/** A piece of work that was interrupted: a chunk too long for one slice. */
interface Unfinished {
  chunk: Chunk;
  out: TokenBuffer;
  steps: Generator<void, void, void>;
}

export class TokenDocument {
  readonly #tokenizer: Tokenizer;
  #chunks: ChunkSequence;
  readonly #out = new TokenBuffer();
  #unfinished: Unfinished | undefined;
  /** UTF-16 units of the text, at its end, that are still to be brought by edits; nothing is complete before. */
  unread = 0;

  /** Takes the text in; its tokens are made by `encode`. */
  constructor(tokenizer: Tokenizer, text: string) {
    this.#tokenizer = tokenizer;
    this.#chunks = new ChunkSequence(uncut(text));
  }

  /** UTF-16 units. */
  get length(): number {
    return this.#chunks.length;
  }

  /** Tokens made so far; of the whole text once `complete`. */
  get tokenCount(): number {
    return this.#chunks.tokens;
  }

  get complete(): boolean {
    return this.#chunks.waiting === 0 && this.unread === 0;
  }

  /** How much of the text has its tokens, 0 to 1. */
  get fraction(): number {
    if (this.complete) return 1;
    return 1 - (this.#chunks.waitingLength + this.unread) / (this.#chunks.length + this.unread);
  }

  /** The text `[start, end)`. */
  text(start: number, end: number): string {
    let text = "";
    for (let place = this.#chunks.find(start); place && place.start < end; place = this.#chunks.next(place)) {
      text += place.chunk.text.slice(Math.max(0, start - place.start), end - place.start);
    }
    return text;
  }

  /**
   * Makes tokens until all are made or `mayGoOn` says no; it is asked about every 2 to 4 KB.
   * @param first offset from which on the tokens are wanted first, such as the first visible line's.
   * @returns whether all tokens are made.
   */
  encode(mayGoOn: () => boolean, first = 0): boolean {
    do {
      if (this.#unfinished) {
        this.#goOn(this.#unfinished);
        continue;
      }
      const place = this.#chunks.findWaiting(first);
      if (!place) break;
      const { chunk } = place;
      if (chunk.uncut !== undefined) {
        this.#chunks.replace(place, 1, cutFront(this.#tokenizer.splitter, chunk.text, chunk.uncut));
        continue;
      }
      if (chunk.text.length > LARGEST_CHUNK) {
        const out = new TokenBuffer(chunk.text.length);
        this.#unfinished = { chunk, out, steps: this.#reader(place.start).encodeInSteps(chunk.text, out) };
        continue;
      }
      this.#out.clear();
      this.#reader(place.start).encodeRange(chunk.text, 0, chunk.text.length, this.#out);
      this.#chunks.replace(place, 1, [encodedChunk(chunk.text, this.#out)]);
    } while (mayGoOn());
    return this.complete;
  }

  #goOn(unfinished: Unfinished): void {
    if (!unfinished.steps.next().done) return;
    this.#unfinished = undefined;
    const place = this.#chunks.placeOfWaiting(unfinished.chunk);
    const { chunk, out } = unfinished;
    const encoded = { text: chunk.text, tokens: out.release(), ascii: out.bytes === chunk.text.length };
    if (place) this.#chunks.replace(place, 1, [encoded]);
  }

  /**
   * Applies one replacement. Tokens that it touches are made at once, except where it falls into text that still
   * waits or brings much: then that part waits for `encode`.
   */
  edit({ offset, length, text }: TextEdit): void {
    if (length === 0 && text === "") return;
    // A border is beyond doubt where the two characters at it are; a character is at most two units.
    let first = this.#chunks.find(Math.max(0, offset - 2));
    if (!first) {
      this.#chunks = new ChunkSequence(uncut(text));
      if (text.length <= LARGEST_IMMEDIATE) this.encode(() => true);
      return;
    }
    const reach = offset + length + 2;
    const touched = [first.chunk];
    let end = first.start + first.chunk.text.length;
    for (let next = this.#chunks.next(first); next && end < reach; next = this.#chunks.next(next)) {
      touched.push(next.chunk);
      end += next.chunk.text.length;
    }
    const region = touched.length === 1 ? first.chunk : joined(touched);
    const at = offset - first.start;
    const newText = region.text.slice(0, at) + text + region.text.slice(at + length);
    const chunks = this.#edited(first.start, region, { at, removed: length, inserted: text.length }, newText);
    this.#chunks.replace(first, touched.length, chunks);
    if (this.#unfinished && touched.includes(this.#unfinished.chunk)) this.#unfinished = undefined;
    if (chunks.length === 1 && newText.length < CHUNK / 4) {
      first = this.#chunks.find(Math.max(0, first.start - 1));
      if (first) this.#joinWithNext(first);
    }
  }

  /** The chunks of a region after an edit, with their tokens where these can be made at once. */
  #edited(start: number, region: Chunk, edit: EditExtent, newText: string): Chunk[] {
    // To copy it is all that there is time for, looking for a place to cut it is too much.
    if (region.text.length > LARGEST_MENDED && edit.inserted <= LARGEST_IMMEDIATE) {
      return uncut(newText);
    }
    if (!region.tokens || edit.inserted > LARGEST_IMMEDIATE) return uncut(newText);
    return this.#cut(start, this.#reencode(region, start, edit, newText));
  }

  /** The region after an edit, its tokens taken over where the edit cannot have changed them. */
  #reencode(region: Chunk, regionStart: number, edit: EditExtent, newText: string): Chunk {
    const old = region.tokens!;
    const { at, removed, inserted } = edit;
    const reader = this.#reader(regionStart);
    const walk = walkOver(reader, region);
    // The last piece whose start nothing at or after the edit can have moved.
    const settled = reader.splitter.settledBefore(region.text, at);
    const { index: keep, offset: restart } = walk.passStartsBefore(settled);
    const out = this.#out;
    out.clear();
    const shift = inserted - removed;
    let end = restart;
    while (end < newText.length) {
      const pieceEnd = reader.splitter.pieceEnd(newText, end);
      const mended =
        pieceEnd - end > LONG_PIECE && this.#mendPiece(reader, region, edit, newText, end, pieceEnd, out);
      if (!mended) reader.encodePiece(newText, end, pieceEnd, out);
      end = pieceEnd;
      if (end < at + inserted) continue;
      // A splitter reads nothing before its start: from a common border on, all is as it was.
      while (!walk.done && (walk.offset < end - shift || walk.inside !== 0)) walk.step();
      if (walk.offset === end - shift && walk.atPiece) break;
    }
    const rest = end < newText.length ? walk.index : old.length;
    const tokens = new Uint32Array(keep + out.length + old.length - rest);
    tokens.set(old.subarray(0, keep));
    tokens.set(out.words.subarray(0, out.length), keep);
    tokens.set(old.subarray(rest), keep + out.length);
    return { text: newText, tokens, ascii: region.ascii && out.bytes === end - restart };
  }

  /**
   * Appends the tokens of a long piece `newText[start, end)` of an edited text, taking over those that lie well
   * before or behind the edit and merging only what is between. That is exact where the tokens at both joints stay
   * apart (see `Tokenizer.stayApart`); where they do not, more is merged.
   * @returns false, having appended nothing, where there is too little to take over.
   */
  #mendPiece(
    reader: Tokenizer,
    region: Chunk,
    edit: EditExtent,
    newText: string,
    start: number,
    end: number,
    out: TokenBuffer,
  ): boolean {
    const old = region.tokens!;
    const oldEnd = end - edit.inserted + edit.removed;
    for (let margin = LONG_PIECE / 8; margin <= LONG_PIECE / 2; margin *= 4) {
      const found = keptParts(walkOver(reader, region), edit, start, oldEnd, margin);
      if (!found.left && !found.right) return false;
      const { first, left, right, last } = found;
      const from = left?.offset ?? start;
      const to = right ? right.offset + edit.inserted - edit.removed : end;
      if (to - from > 8 * LONG_PIECE) return false;
      // The borders may lie inside a character, of which the outer tokens have taken some bytes.
      const tail = right && right.inside > 0 ? String.fromCodePoint(newText.codePointAt(to)!) : "";
      // Where the tokenizer reads a space in front of the text, it is part of the first piece.
      const front = reader.spacePrefix && start === 0 && !left ? " " : "";
      const utf8 = new TextEncoder().encode(front + newText.slice(from, to) + tail);
      const unused = right && tail !== "" ? new TextEncoder().encode(tail).length - right.inside : 0;
      const middle = reader.mergeBytes(utf8.subarray(left?.inside ?? 0, utf8.length - unused));
      if (middle.length === 0) return false;
      const fits =
        (!left || reader.stayApart(old[left.index - 1]! & ID_BITS, middle[0]!)) &&
        (!right || reader.stayApart(middle.at(-1)!, old[right.index]! & ID_BITS));
      if (!fits) continue;
      const before = out.length;
      if (left) for (let i = first; i < left.index; i++) out.push(old[i]!);
      for (const id of middle) out.push(out.length === before ? (id | PIECE_START) >>> 0 : id);
      if (right) for (let i = right.index; i < last; i++) out.push(old[i]!);
      for (let i = before; i < out.length; i++) out.bytes += reader.byteLength(out.words[i]! & ID_BITS);
      return true;
    }
    // Runs of one letter come here: all that follows the edit moves against the borders of the tokens.
    return false;
  }

  /** Cuts a chunk that has grown too long at certain borders. */
  #cut(start: number, chunk: Chunk): Chunk[] {
    if (chunk.text.length === 0) return [];
    if (chunk.text.length <= LARGEST_CHUNK) return [chunk];
    const chunks: Chunk[] = [];
    const walk = walkOver(this.#reader(start), chunk);
    let from = 0;
    let fromToken = 0;
    while (!walk.done) {
      walk.step();
      const { offset, index } = walk;
      if (offset - from < CHUNK || !walk.atPiece || walk.done) continue;
      if (!this.#tokenizer.splitter.isCertainBorder(chunk.text, offset)) continue;
      chunks.push(this.#part(chunk, from, offset, fromToken, index));
      from = offset;
      fromToken = index;
    }
    if (from === 0) return [chunk];
    chunks.push(this.#part(chunk, from, chunk.text.length, fromToken, walk.index));
    return chunks;
  }

  #part(chunk: Chunk, start: number, end: number, firstToken: number, lastToken: number): Chunk {
    const text = chunk.text.slice(start, end);
    const tokens = chunk.tokens!.slice(firstToken, lastToken);
    return { text, tokens, ascii: chunk.ascii || isAscii(text) };
  }

  #joinWithNext(place: ChunkPlace): void {
    const next = this.#chunks.next(place);
    if (!next) return;
    const { chunk } = place;
    if ((chunk.tokens === undefined) !== (next.chunk.tokens === undefined)) return;
    if (chunk.text.length + next.chunk.text.length > LARGEST_CHUNK) return;
    if (this.#unfinished?.chunk === chunk || this.#unfinished?.chunk === next.chunk) return;
    this.#chunks.replace(place, 2, [joined([chunk, next.chunk])]);
  }

  /** The tokenizer for a text that starts at `start` in the document. */
  #reader(start: number): Tokenizer {
    return start === 0 ? this.#tokenizer : (this.#tokenizer.continued ?? this.#tokenizer);
  }

  #walk({ chunk, start }: ChunkPlace): TokenWalk {
    return walkOver(this.#reader(start), chunk);
  }

  /**
   * The tokens that touch a character of `[start, end)`, in order. Tokens that are not made yet are left out, and
   * while some before are missing, `index` counts those that are made.
   */
  spans(start: number, end: number): TokenSpan[] {
    const spans: TokenSpan[] = [];
    for (let place = this.#chunks.find(start); place && place.start < end; place = this.#chunks.next(place)) {
      if (!place.chunk.tokens) continue;
      const walk = this.#walk(place);
      walk.passEndsUpTo(start - place.start);
      while (!walk.done && place.start + walk.start < end) {
        const span = walk.take();
        span.index += place.tokensBefore;
        span.start += place.start;
        span.end += place.start;
        spans.push(span);
      }
    }
    return spans;
  }

  /** Whether all text of `[start, end)` has its tokens. */
  isEncoded(start: number, end: number): boolean {
    if (this.unread > 0 && end > this.length) return false;
    for (let place = this.#chunks.find(start); place && place.start < end; place = this.#chunks.next(place)) {
      if (!place.chunk.tokens) return false;
    }
    return true;
  }

  /**
   * Index of the first token that starts at or after `offset`, which is the number of tokens that start before it;
   * a token that begins inside a character starts where that character does.
   * @returns undefined while tokens before are still to be made.
   */
  indexAt(offset: number): number | undefined {
    if (this.unread > 0 && offset > this.length) return undefined;
    const place = this.#chunks.find(offset);
    if (!place) return 0;
    if (!place.settledBefore) return undefined;
    if (offset <= place.start) return place.tokensBefore;
    const { chunk, tokensBefore } = place;
    if (!chunk.tokens) return undefined;
    if (offset >= place.start + chunk.text.length) return tokensBefore + chunk.tokens.length;
    const walk = this.#walk(place);
    while (!walk.done && place.start + walk.start < offset) walk.step();
    return tokensBefore + walk.index;
  }

  /** Tokens that start in `[start, end)`, so that the counts of all lines add up to the count of the text. */
  countStarting(start: number, end: number): number | undefined {
    const first = this.#chunks.find(start);
    const last = this.#chunks.find(end);
    if (!this.isEncoded(start, end)) return undefined;
    if (!first || !last) return 0;
    return this.#madeBefore(last, end) - this.#madeBefore(first, start);
  }

  /** Tokens that touch a character of `[start, end)`: what a selection holds, cut tokens at its ends included. */
  countTouching(start: number, end: number): number | undefined {
    const starting = this.countStarting(start, end);
    if (starting === undefined || end <= start) return starting;
    // Those that began before and reach in.
    let reaching = 0;
    for (const span of this.spans(start, start + 1)) if (span.start < start) reaching++;
    return starting + reaching;
  }

  #madeBefore(place: ChunkPlace, offset: number): number {
    if (!place.chunk.tokens || offset <= place.start) return place.tokensBefore;
    if (offset >= place.start + place.chunk.text.length)
      return place.tokensBefore + place.chunk.tokens.length;
    const walk = this.#walk(place);
    while (!walk.done && place.start + walk.start < offset) walk.step();
    return place.tokensBefore + walk.index;
  }
}

/**
 * The borders between which a long piece must be merged anew: `left`, a border at least `margin` before the edit
 * in the old piece that starts at `start` with the token `first`; `right`, one at least `margin` behind it in the
 * old piece that ends at `oldEnd` before the token `last`.
 */
function keptParts(walk: TokenWalk, edit: EditExtent, start: number, oldEnd: number, margin: number) {
  const behind = Math.max(edit.at + edit.removed, start + edit.removed - edit.inserted) + margin;
  let first = 0;
  let inLeft = false;
  let left: Border | undefined;
  let right: Border | undefined;
  while (!walk.done && walk.offset < oldEnd) {
    const { index, offset, inside } = walk;
    if (walk.atPiece) {
      inLeft = offset === start && start < edit.at;
      if (inLeft) first = index;
      right = undefined;
    } else if (inLeft && offset <= edit.at - margin) {
      left = { index, offset, inside };
    } else if (!right && offset >= behind) {
      right = { index, offset, inside };
    }
    walk.step();
  }
  if (walk.offset !== oldEnd || !walk.atPiece) right = undefined;
  return { first, left, right, last: walk.index };
}

function walkOver(reader: Tokenizer, chunk: Chunk): TokenWalk {
  return walkTokens(reader, chunk.text, chunk.tokens!, chunk.ascii);
}

/** A text that waits to be cut into chunks and encoded. */
function uncut(text: string): Chunk[] {
  return text === "" ? [] : [{ text, tokens: undefined, ascii: false, uncut: 0 }];
}

/**
 * Cuts chunks off the front of a text that waits, for about a millisecond.
 * @param searched units at its start that are known to hold no place to cut.
 */
function cutFront(splitter: Splitter, text: string, searched: number): Chunk[] {
  const chunks: Chunk[] = [];
  const until = Math.min(searched + CUT_AT_ONCE, text.length);
  let start = 0;
  for (let at = Math.max(CHUNK, searched); at < until; at++) {
    if (!splitter.isCertainBorder(text, at)) continue;
    chunks.push({ text: text.slice(start, at), tokens: undefined, ascii: false });
    start = at;
    at += CHUNK - 1;
  }
  const rest = { text: text.slice(start), tokens: undefined, ascii: false };
  if (until < text.length) chunks.push({ ...rest, uncut: Math.max(0, until - start) });
  else if (rest.text !== "") chunks.push(rest);
  return chunks;
}

function encodedChunk(text: string, out: TokenBuffer): Chunk {
  return { text, tokens: out.toArray(), ascii: out.bytes === text.length };
}

/** Neighbouring chunks as one: with tokens where all have them. */
function joined(chunks: readonly Chunk[]): Chunk {
  const text = chunks.map((chunk) => chunk.text).join("");
  let count = 0;
  for (const { tokens } of chunks) {
    if (!tokens) return { text, tokens: undefined, ascii: false };
    count += tokens.length;
  }
  const tokens = new Uint32Array(count);
  let at = 0;
  for (const chunk of chunks) {
    tokens.set(chunk.tokens!, at);
    at += chunk.tokens!.length;
  }
  return { text, tokens, ascii: chunks.every((chunk) => chunk.ascii) };
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
