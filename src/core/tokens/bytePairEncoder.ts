/**
 * Text -> tokens: the pre-tokeniser cuts pieces, a piece that is a token is that token, and any other is merged
 * from its bytes, lowest rank first and leftmost among equals, until no two neighbours form a token. The kernel
 * does it over UTF-8; here text is brought to it in slices.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { MergeReplay } from "../../shared/types.js";
import type { EncodingTable } from "./encodingTable.js";
import { TokenKernel } from "./kernel/kernel.js";
import { replayMerges } from "./replayMerges.js";
import { KERNEL_RULES, pieceEndInSteps, splitterFor } from "./splitter.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "./tokenBuffer.js";
import type { Splitter, Tokenizer } from "./tokenizer.js";

/** UTF-16 units that are brought to the kernel at once: it takes a millisecond or two for text that merges much. */
const SLICE = 8192;
/** Units of a long piece that are brought to the kernel at once: their tokens take more time. */
const LONG_SLICE = SLICE / 4;
const BYTES_PER_UNIT = 3;

export class BytePairEncoder implements Tokenizer {
  readonly name: string;
  readonly table: EncodingTable;
  readonly splitter: Splitter;
  readonly #kernel: TokenKernel;
  readonly #rule: number;

  /**
   * @param kernel the compiled `kernel/assembly`.
   * @throws GlassboxError `unsupported` where the table names a pre-tokeniser that we do not know.
   */
  constructor(table: EncodingTable, kernel: WebAssembly.Module) {
    this.table = table;
    this.name = table.name;
    this.splitter = splitterFor(table.pattern);
    this.#rule = KERNEL_RULES.indexOf(this.splitter.pieceEnd);
    if (this.#rule < 0) {
      throw new GlassboxError("unsupported", t("The kernel has no pre-tokeniser /{0}/u.", table.pattern));
    }
    this.#kernel = new TokenKernel(kernel, table, 2 * SLICE * BYTES_PER_UNIT);
  }

  get ordinaryTokens(): number {
    return this.table.ordinaryTokens;
  }

  encode(text: string): number[] {
    const tokens = new TokenBuffer(text.length);
    this.encodeRange(text, 0, text.length, tokens);
    return tokens.ids();
  }

  encodeRange(text: string, start: number, end: number, out: TokenBuffer): void {
    for (const _ of this.#encodeSlices(text, start, end, out));
  }

  encodeInSteps(text: string, out: TokenBuffer): Generator<void, void, void> {
    return this.#encodeSlices(text, 0, text.length, out);
  }

  *#encodeSlices(text: string, start: number, end: number, out: TokenBuffer): Generator<void, void, void> {
    for (let at = start; at < end; ) {
      const to = endOfSlice(text, at, end, SLICE);
      const length = this.#kernel.put(text.slice(at, to));
      const encoded = this.#kernel.encode(this.#rule, length, to === end, out);
      if (encoded > 0) {
        at = to - this.#kernel.unitsOf(encoded, length);
      } else {
        const pieceEnd = yield* pieceEndInSteps(this.splitter.pieceEnd, text, at);
        yield* this.#encodeLongPiece(text, at, pieceEnd, out);
        at = pieceEnd;
      }
      yield;
    }
  }

  encodePiece(text: string, start: number, end: number, out: TokenBuffer): void {
    if (end - start > SLICE) for (const _ of this.#encodeLongPiece(text, start, end, out));
    else this.#kernel.encodePiece(this.#kernel.put(text.slice(start, end)), out);
  }

  /** Encodes a piece that is longer than a slice part by part, in parts as small as they may be. */
  *#encodeLongPiece(text: string, start: number, end: number, out: TokenBuffer): Generator<void, void, void> {
    const { length, bytes } = out;
    for (let part = LONG_SLICE; ; part *= 4) {
      const fits = yield* this.#encodeInParts(text, start, end, part, out);
      if (fits) break;
      out.length = length;
      out.bytes = bytes;
    }
    out.words[length] = (out.words[length]! | PIECE_START) >>> 0;
  }

  /** @returns whether the parts fit together; where they do not, what was appended is of no use. */
  *#encodeInParts(
    text: string,
    start: number,
    end: number,
    part: number,
    out: TokenBuffer,
  ): Generator<void, boolean, void> {
    let before = -1;
    let pending = new Uint8Array(0);
    for (let at = start; at < end; ) {
      const to = endOfSlice(text, at, end, part);
      // Between steps the kernel may serve others.
      this.#kernel.reserve((pending.length + (to - at) * BYTES_PER_UNIT + 63) & ~63);
      const length = this.#kernel.put(text.slice(at, to), pending);
      const encoded = this.#kernel.encodePart(length, to === end, before, out);
      if (encoded < 0) return false;
      pending = this.#kernel.bytes(encoded, length);
      if (encoded > 0) before = out.words[out.length - 1]! & ID_BITS;
      at = to;
      yield;
    }
    return true;
  }

  mergeBytes(bytes: Uint8Array): number[] {
    return this.#kernel.merge(bytes, 1);
  }

  stayApart(left: number, right: number): boolean {
    return this.#kernel.stayApart(left, right);
  }

  parentsOf(id: number): [left: number, right: number] | undefined {
    const bytes = this.table.bytesOf(id);
    if (bytes.length < 2 || this.#kernel.merge(bytes, 1).length !== 1) return undefined;
    const [left, right] = this.#kernel.merge(bytes, 2);
    return [left!, right!];
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
}

/** Where the slice of `size` that starts at `at` ends: never between the two halves of a character. */
function endOfSlice(text: string, at: number, end: number, size: number): number {
  const to = Math.min(at + size, end);
  const cutsPair =
    to < end && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(to) & 0xfc00) === 0xdc00;
  return cutsPair ? to - 1 : to;
}
