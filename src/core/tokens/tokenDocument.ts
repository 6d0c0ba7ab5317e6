/**
 * The tokens of a whole text, kept true through edits: text and tokens in chunks of a few KB, so that an edit
 * costs what it touches.
 *
 * Chunks begin and end at borders that every pre-tokeniser makes whatever the rest of the text holds
 * (`isCertainBorder`). So each can be encoded by itself, in any order, and an edit inside one never reaches
 * another. Inside a chunk, an edit re-splits from the last piece that it cannot have changed until a border
 * of the new pieces falls on a border of the old ones.
 *
 * Where there is no such border for long, what has its tokens is cut between two of them, and the chunks behind
 * continue the first. An edit there looks at those around it, of long runs of one class of characters only at their
 * ends, and what it cannot mend so is encoded anew as a whole.
 */

import type { TokenSpan } from "../../shared/types.js";
import { type Chunk, type ChunkPlace, ChunkSequence } from "./chunkSequence.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";
import { type TokenWalk, walkTokens } from "./tokenSpans.js";

/** Pieces of more UTF-16 units than this are mended in parts. */
const LONG_PIECE = 1024;
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
/** UTF-16 units on both sides of an edit in what continues over many chunks, within which its tokens may change. */
const CORE = LONG_PIECE + CHUNK;

/** Chunks that are cut off before control is handed back. */
const CHUNKS_AT_ONCE = 4;

/** Words that the array of an edited chunk has to spare for the next edit: to make a new array costs more than that. */
const ROOM = 16;

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

/** A piece of work that was interrupted: a chunk too long for one slice, and what it becomes. */
interface Unfinished {
  chunk: Chunk;
  steps: Generator<void, Chunk[], void>;
}

/** The part of a region whose tokens may be made anew. Outside of it, not all of the text need be there. */
interface Core {
  start: number;
  end: number;
  /** Whether text before the region, or behind it, can make a difference to its pieces. */
  opensBefore: boolean;
  opensBehind: boolean;
  /** Bytes that lie between the tokens made anew and those behind where, but for them, they would be the same. */
  bytesLeft?: number;
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
        this.#unfinished = { chunk, steps: this.#encodedInSteps(chunk.text, place.start) };
        continue;
      }
      this.#out.clear();
      this.#reader(place.start).encodeRange(chunk.text, 0, chunk.text.length, this.#out);
      this.#chunks.replace(place, 1, [encodedChunk(chunk.text, this.#out)]);
    } while (mayGoOn());
    return this.complete;
  }

  #goOn({ chunk, steps }: Unfinished): void {
    const { done, value } = steps.next();
    if (!done) return;
    this.#unfinished = undefined;
    const place = this.#chunks.placeOfWaiting(chunk);
    if (place) this.#chunks.replace(place, 1, value);
  }

  /** The chunks that a text without a certain border becomes. */
  *#encodedInSteps(text: string, start: number): Generator<void, Chunk[], void> {
    const reader = this.#reader(start);
    const out = new TokenBuffer(text.length);
    yield* reader.encodeInSteps(text, out);
    const ascii = out.bytes === text.length;
    // Millions of tokens in thousands of arrays of their own would have the garbage collected in the midst of it.
    return yield* this.#cutInSteps(start, { text, tokens: out.release(), ascii }, "shared");
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
    let touched = [first.chunk];
    let end = first.start + first.chunk.text.length;
    let next = this.#chunks.next(first);
    for (; next && end < reach; next = this.#chunks.next(next)) {
      touched.push(next.chunk);
      end += next.chunk.text.length;
    }
    if (first.chunk.continues || next?.chunk.continues) {
      if (this.#mendAmong({ offset, length, text })) return;
      const before = first.chunk.continues ? this.#chunks.back(first, (chunk) => !chunk.continues) : [];
      touched = [...before, ...touched];
      for (; next?.chunk.continues; next = this.#chunks.next(next)) touched.push(next.chunk);
      first = this.#chunks.find(first.start - lengthOf(before))!;
    }
    const region = joined(touched);
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
    const mended = this.#reencode(region, start, edit, newText);
    return mended ? this.#cut(start, mended) : uncut(newText);
  }

  /**
   * Applies an edit to what continues over many chunks, changing only those close by.
   * @returns false, having changed nothing, where it reaches further.
   */
  #mendAmong(edit: TextEdit): boolean {
    if (edit.text.length > LARGEST_IMMEDIATE) return false;
    // In a run of one character, more of them or fewer are so at its end as well, where least comes behind.
    const [slid, character, end] = this.#slid(edit);
    const tried = this.#mendCore(slid);
    if (typeof tried === "boolean") return tried;
    // What is behind would fit but for some characters of the run: they are taken away here and put to its end.
    const units = (tried.bytesLeft / new TextEncoder().encode(character).length) * character.length;
    const { offset, length, text } = slid;
    if (!Number.isInteger(units) || offset + length + units > end) return false;
    if (this.#mendCore({ offset, length: length + units, text }) !== true) return false;
    const moved = character.repeat(units / character.length);
    this.edit({ offset: end - length - units + text.length, length: 0, text: moved });
    return true;
  }

  /**
   * An edit that only adds some of the characters of a run of one character, or takes some away, moved to the end of
   * the run; any other as it is. With the character behind it, and the end of its run.
   */
  #slid({ offset, length, text }: TextEdit): [edit: TextEdit, character: string, end: number] {
    const behind = this.text(offset + length, offset + length + 2);
    const character = behind === "" ? "" : String.fromCodePoint(behind.codePointAt(0)!);
    const end = this.#endOfRun(offset + length, character);
    const changed = text === "" && length <= CORE ? this.text(offset, offset + length) : text;
    const slides = (length === 0 || text === "") && isRun(changed, character);
    return [{ offset: slides ? end - length : offset, length, text }, character, end];
  }

  /** The end of the run of one character that starts at `offset`. */
  #endOfRun(offset: number, character: string): number {
    let end = offset;
    for (let place = this.#chunks.find(offset); place && character !== ""; place = this.#chunks.next(place)) {
      const text = end > place.start ? place.chunk.text.slice(end - place.start) : place.chunk.text;
      if (isRun(text, character)) {
        end += text.length;
        continue;
      }
      for (let at = 0; text.startsWith(character, at); at += character.length) end += character.length;
      break;
    }
    return end;
  }

  /** @returns as `#mendAmong`, or what `Core` says to be left. */
  #mendCore({ offset, length, text }: TextEdit): boolean | { bytesLeft: number } {
    const first = this.#chunks.find(Math.max(0, offset - CORE))!;
    const core = [first.chunk];
    let last = first;
    for (let next = this.#chunks.next(last); next && next.start < offset + length + CORE; ) {
      core.push(next.chunk);
      last = next;
      next = this.#chunks.next(next);
    }
    // Behind a piece is the next one, on which its end may depend, and before it the one that may depend on its start.
    let pieces = 2;
    const isFarEnough = (chunk: Chunk) =>
      !chunk.continues || (chunk.tokens !== undefined && chunk.tokens[0]! >= PIECE_START && --pieces === 0);
    const before = first.chunk.continues ? this.#chunks.back(first, isFarEnough) : [];
    pieces = 2;
    const behind: Chunk[] = [];
    let next = this.#chunks.next(last);
    for (; next && !isFarEnough(next.chunk); next = this.#chunks.next(next)) behind.push(next.chunk);
    const all = [...before, ...core, ...behind];
    const isIdle = (index: number) => {
      const run = this.#runOf(all[index]!);
      return (
        run !== 0 &&
        index > 0 &&
        index + 1 < all.length &&
        this.#runOf(all[index - 1]!) === run &&
        this.#runOf(all[index + 1]!) === run
      );
    };
    const left = before.filter((_, index) => !isIdle(index));
    const right = behind.filter((_, index) => !isIdle(before.length + core.length + index));
    const leftLength = lengthOf(left);
    const coreLength = lengthOf(core);
    if (leftLength + coreLength + lengthOf(right) > LARGEST_MENDED) return false;
    const region = joined([...left, ...core, ...right]);
    if (!region.tokens) return false;
    const at = leftLength + offset - first.start;
    const newText = region.text.slice(0, at) + text + region.text.slice(at + length);
    const start = first.start - lengthOf(before);
    const within: Core = {
      start: leftLength,
      end: leftLength + coreLength,
      opensBefore: all[0]!.continues === true,
      opensBehind: next?.chunk.continues === true,
    };
    const extent = { at, removed: length, inserted: text.length };
    const mended = this.#reencode(region, start, extent, newText, within);
    const newLength = coreLength + text.length - length;
    if (!mended && within.bytesLeft !== undefined) return { bytesLeft: within.bytesLeft };
    if (!mended || newLength === 0) return false;
    const firstToken = tokensOf(left);
    const lastToken = mended.tokens!.length - tokensOf(right);
    const part = this.#part(mended, leftLength, leftLength + newLength, firstToken, lastToken, "own");
    if (first.chunk.continues) part.continues = true;
    this.#chunks.replace(first, core.length, this.#cut(first.start, part));
    return true;
  }

  #runOf(chunk: Chunk): number {
    chunk.run ??= this.#tokenizer.splitter.classOfRun?.(chunk.text) ?? 0;
    return chunk.run;
  }

  /**
   * The region after an edit, its tokens taken over where the edit cannot have changed them.
   * @param core where tokens may be made, if not everywhere.
   * @returns undefined where that is not enough.
   */
  #reencode(
    region: Chunk,
    regionStart: number,
    edit: EditExtent,
    newText: string,
    core?: Core,
  ): Chunk | undefined {
    const old = region.tokens!;
    const { at, removed, inserted } = edit;
    const reader = this.#reader(regionStart);
    const walk = walkOver(reader, region);
    // The last piece whose start nothing at or after the edit can have moved.
    const settled = reader.splitter.settledBefore(region.text, at);
    if (core?.opensBefore && settled <= 0) return undefined;
    const { index: keep, offset: restart } = walk.passStartsBefore(settled);
    const out = this.#out;
    out.clear();
    const shift = inserted - removed;
    const surelyEndsBefore = core?.opensBehind
      ? reader.splitter.settledBefore(newText, newText.length)
      : newText.length + 1;
    let end = restart;
    while (end < newText.length) {
      const pieceEnd = reader.splitter.pieceEnd(newText, end);
      const mended =
        pieceEnd - end > LONG_PIECE &&
        this.#mendPiece(reader, region, edit, newText, end, pieceEnd, out, core);
      if (!mended) {
        if (core && (end < core.start || pieceEnd > core.end + shift)) return undefined;
        reader.encodePiece(newText, end, pieceEnd, out);
      }
      end = pieceEnd;
      if (end >= surelyEndsBefore) return undefined;
      if (end < at + inserted || end === newText.length) continue;
      // A splitter reads nothing before its start: from a common border on, all is as it was.
      while (!walk.done && (walk.offset < end - shift || walk.inside !== 0)) walk.step();
      if (walk.offset === end - shift && walk.atPiece) break;
    }
    const rest = end < newText.length ? walk.index : old.length;
    // What is tried within a core may be of no use, and the region is wanted as it was.
    const { tokens, room } = withWords(region, keep, rest, out, core === undefined);
    return { text: newText, tokens, ascii: region.ascii && out.bytes === end - restart, room };
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
    core: Core | undefined,
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
      if (core && (from < core.start || to > core.end + edit.inserted - edit.removed)) return false;
      // The borders may lie inside a character, of which the outer tokens have taken some bytes.
      const tail = right && right.inside > 0 ? String.fromCodePoint(newText.codePointAt(to)!) : "";
      // Where the tokenizer reads a space in front of the text, it is part of the first piece.
      const front = reader.spacePrefix && start === 0 && !left ? " " : "";
      const utf8 = new TextEncoder().encode(front + newText.slice(from, to) + tail);
      const unused = right && tail !== "" ? new TextEncoder().encode(tail).length - right.inside : 0;
      const middle = reader.mergeBytes(utf8.subarray(left?.inside ?? 0, utf8.length - unused));
      if (middle.length === 0) return false;
      const fitsLeft = !left || reader.stayApart(old[left.index - 1]! & ID_BITS, middle[0]!);
      const next = right && old[right.index]! & ID_BITS;
      const fits = fitsLeft && (next === undefined || reader.stayApart(middle.at(-1)!, next));
      if (!fits && fitsLeft && core && next !== undefined && middle.includes(next)) {
        const moved = middle.slice(middle.lastIndexOf(next) + 1);
        core.bytesLeft = utf8Length(reader, moved);
        return false;
      }
      if (!fits) continue;
      const before = out.length;
      if (left) out.append(old.subarray(first, left.index));
      for (const id of middle) out.push(out.length === before ? (id | PIECE_START) >>> 0 : id);
      if (right) out.append(old.subarray(right.index, last));
      // They tell only whether an ASCII text still is, and of that each character is a byte.
      out.bytes += from - start + utf8Length(reader, middle) + oldEnd - (right?.offset ?? oldEnd);
      return true;
    }
    // Runs of one letter come here: all that follows the edit moves against the borders of the tokens.
    return false;
  }

  /** Cuts a chunk that has grown too long: at certain borders, or between tokens where there is none for long. */
  #cut(start: number, chunk: Chunk): Chunk[] {
    // Nearly every edit.
    if (chunk.text.length > 0 && chunk.text.length <= LARGEST_CHUNK) return [chunk];
    const steps = this.#cutInSteps(start, chunk, "own");
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** @param array whether the chunks' tokens stay in the array of `chunk`, which lives as long as one of them. */
  *#cutInSteps(start: number, chunk: Chunk, array: "own" | "shared"): Generator<void, Chunk[], void> {
    if (chunk.text.length === 0) return [];
    if (chunk.text.length <= LARGEST_CHUNK) return [chunk];
    const { splitter, placesIn } = this.#tokenizer;
    const chunks: Chunk[] = [];
    const walk = walkOver(this.#reader(start), chunk);
    let continues = chunk.continues === true;
    let from = 0;
    let fromToken = 0;
    const cut = (offset: number, index: number) => {
      const part = this.#part(chunk, from, offset, fromToken, index, array);
      if (continues) {
        part.continues = true;
        this.#runOf(part);
      }
      chunks.push(part);
      from = offset;
      fromToken = index;
      if (chunks.length % CHUNKS_AT_ONCE === 0) return true;
      return false;
    };
    while (!walk.done) {
      walk.step();
      const { offset, index, atPiece } = walk;
      if (walk.done) break;
      const length = offset - from;
      const certain = atPiece && length >= CHUNK && splitter.isCertainBorder(chunk.text, offset);
      // An edit is mended within whole pieces, so that chunks begin with one where they can. But tokens without places
      // of their own are found from the start of their text only.
      const endsPiece = atPiece && continues && chunk.tokens![fromToken]! < PIECE_START;
      const longEnough = length >= (atPiece ? LARGEST_CHUNK - CHUNK / 2 : LARGEST_CHUNK);
      const between = (endsPiece || longEnough) && walk.inside === 0 && !placesIn;
      if (!certain && !between) continue;
      if (cut(offset, index)) yield;
      continues = !certain;
    }
    cut(chunk.text.length, walk.index);
    return chunks;
  }

  #part(
    chunk: Chunk,
    start: number,
    end: number,
    firstToken: number,
    lastToken: number,
    array: "own" | "shared",
  ): Chunk {
    const text = chunk.text.slice(start, end);
    const tokens =
      array === "own"
        ? chunk.tokens!.slice(firstToken, lastToken)
        : chunk.tokens!.subarray(firstToken, lastToken);
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

/** Whether a text is one character over and over. */
function isRun(text: string, character: string): boolean {
  const { length } = character;
  return text.startsWith(character) && text.slice(length) === text.slice(0, -length);
}

function lengthOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((length, { text }) => length + text.length, 0);
}

function tokensOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((count, { tokens }) => count + (tokens?.length ?? 0), 0);
}

function utf8Length(reader: Tokenizer, ids: readonly number[]): number {
  let bytes = 0;
  for (const id of ids) bytes += reader.byteLength(id);
  return bytes;
}

function walkOver(reader: Tokenizer, chunk: Chunk): TokenWalk {
  return walkTokens(reader, chunk.text, chunk.tokens!, chunk.ascii);
}

/**
 * The tokens of a chunk with those of `[keep, rest)` replaced.
 * @param mayTake whether the chunk's own array may be used, if it has the room: its tokens are gone then.
 */
function withWords(
  chunk: Chunk,
  keep: number,
  rest: number,
  middle: TokenBuffer,
  mayTake: boolean,
): Pick<Chunk, "tokens" | "room"> {
  const old = chunk.tokens!;
  const length = keep + middle.length + old.length - rest;
  const inPlace = mayTake && chunk.room !== undefined && length <= old.length + chunk.room;
  const words = inPlace ? new Uint32Array(old.buffer) : new Uint32Array(length + ROOM);
  if (inPlace) {
    words.copyWithin(keep + middle.length, rest, old.length);
  } else {
    words.set(old.subarray(0, keep));
    words.set(old.subarray(rest), keep + middle.length);
  }
  for (let i = 0; i < middle.length; i++) words[keep + i] = middle.words[i]!;
  return { tokens: words.subarray(0, length), room: words.length - length };
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
  if (chunks.length === 1) return chunks[0]!;
  const text = chunks.map((chunk) => chunk.text).join("");
  const continues = chunks[0]!.continues === true;
  if (chunks.some(({ tokens }) => !tokens)) return { text, tokens: undefined, ascii: false, continues };
  const tokens = new Uint32Array(tokensOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    tokens.set(chunk.tokens!, at);
    at += chunk.tokens!.length;
  }
  return { text, tokens, ascii: chunks.every((chunk) => chunk.ascii), continues };
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
