/** The compiled encoder of `assembly/`, typed, with a vocabulary and room for text in its memory. */

import { classOf } from "../characterClasses.js";
import type { EncodingTable } from "../encodingTable.js";
import type { TokenBuffer } from "../tokenBuffer.js";

/** What `assembly/kernel.ts` exports; its comments say what each does. Addresses and lengths are in bytes. */
interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  tableAt(): number;
  layTable(idLimit: number, slotCount: number, tokenBytes: number, longestToken: number): number;
  layText(capacity: number): number;
  prepare(): void;
  inputAt(): number;
  outputAt(): number;
  written(): number;
  encode(rule: number, length: number, final: boolean): number;
  encodePiece(length: number): void;
  mergeInput(length: number, leave: number): void;
  encodePart(length: number, final: boolean, before: number): number;
  stayApart(left: number, right: number): number;
}

const PAGE_BYTES = 65_536;
/** `NO_RANK` of `assembly/memory.ts`. */
const NO_TOKEN = 0x7fffffff;
const encoder = new TextEncoder();

/** UTF-8 in `input`, tokens out of `output`; each call begins anew at the start of both. */
export class TokenKernel {
  readonly #kernel: Exports;
  #input = new Uint8Array(0);
  #output = new Uint32Array(0);

  /** @param capacity bytes of UTF-8 that it can take at once, a multiple of 64. */
  constructor(module: WebAssembly.Module, table: EncodingTable, capacity: number) {
    // The one place where the compiled module meets its description.
    this.#kernel = new WebAssembly.Instance(module, { splitter: { classify: classOf } })
      .exports as unknown as Exports;
    this.#grow(this.#kernel.layTable(table.idLimit, table.slotCount, table.tokenBytes, table.longestToken));
    new Uint8Array(this.#kernel.memory.buffer, this.#kernel.tableAt()).set(table.sections);
    this.#kernel.prepare();
    this.reserve(capacity);
  }

  /** Bytes of UTF-8 that fit in. */
  get capacity(): number {
    return this.#input.length;
  }

  /** Makes room for more UTF-8, a multiple of 64 bytes; what was put in before is gone. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    this.#grow(this.#kernel.layText(capacity));
    const { buffer } = this.#kernel.memory;
    this.#input = new Uint8Array(buffer, this.#kernel.inputAt(), capacity);
    this.#output = new Uint32Array(buffer, this.#kernel.outputAt(), capacity);
  }

  #grow(bytes: number): void {
    const missing = Math.ceil((bytes - this.#kernel.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#kernel.memory.grow(missing);
  }

  /**
   * Puts text in as UTF-8; a surrogate without its other half becomes U+FFFD.
   * @param front bytes that go in front of it.
   * @returns bytes that lie there now.
   */
  put(text: string, front?: Uint8Array): number {
    if (!front) return encoder.encodeInto(text, this.#input).written;
    this.#input.set(front);
    return front.length + encoder.encodeInto(text, this.#input.subarray(front.length)).written;
  }

  /** A copy of the bytes `[from, to)`. */
  bytes(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.#input.slice(from, to);
  }

  /** UTF-16 units that the characters of the bytes `[from, to)` take. */
  unitsOf(from: number, to: number): number {
    let units = 0;
    for (let at = from; at < to; at++) {
      const byte = this.#input[at]!;
      if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
  }

  /**
   * Appends the tokens of the pieces in the first `length` bytes, as far as more text cannot change them; all of
   * them where nothing follows.
   * @param rule the pre-tokeniser: its place in `KERNEL_RULES`.
   * @returns bytes of these pieces.
   */
  encode(rule: number, length: number, final: boolean, out: TokenBuffer): number {
    const bytes = this.#kernel.encode(rule, length, final);
    this.#take(out, bytes);
    return bytes;
  }

  /** Appends the tokens of the first `length` bytes, which are one piece. */
  encodePiece(length: number, out: TokenBuffer): void {
    this.#kernel.encodePiece(length);
    this.#take(out, length);
  }

  /**
   * Appends the tokens of the first `length` bytes, which are a part of a piece, as far as more bytes cannot change
   * them; all of them where the piece ends.
   * @param before the last token in front of them, -1 at the start of the piece.
   * @returns bytes of these tokens, or -1 where what is in front of them would have to change.
   */
  encodePart(length: number, final: boolean, before: number, out: TokenBuffer): number {
    const bytes = this.#kernel.encodePart(length, final, before < 0 ? NO_TOKEN : before);
    if (bytes >= 0) this.#take(out, bytes);
    return bytes;
  }

  #take(out: TokenBuffer, bytes: number): void {
    out.append(this.#output.subarray(0, this.#kernel.written()));
    out.bytes += bytes;
  }

  /** The tokens that bytes merge to, until `leave` parts are left or none can merge. */
  merge(bytes: Uint8Array, leave: number): number[] {
    this.reserve((bytes.length + 63) & ~63);
    this.#input.set(bytes);
    this.#kernel.mergeInput(bytes.length, leave);
    return Array.from(this.#output.subarray(0, this.#kernel.written()));
  }

  stayApart(left: number, right: number): boolean {
    return this.#kernel.stayApart(left, right) !== 0;
  }
}
