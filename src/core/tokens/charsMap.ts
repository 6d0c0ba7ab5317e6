/**
 * The table by which SentencePiece normalises a text, "precompiled_charsmap": the longest prefix of the text that the
 * table has is replaced, again and again. It is a trie as a double array (XCDA: Kanda 2018, "Space- and Time-Efficient
 * String Dictionaries") with the replacements behind it, each ended by a zero.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { AlignedText } from "./alignNormalized.js";
import { codeAt } from "./characterClasses.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class CharsMap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;

  /** @throws GlassboxError `file-invalid` for bytes that are no such table. */
  constructor(bytes: Uint8Array, name: string) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.byteLength >= 4 ? view.getUint32(0, true) : -1;
    if (size < 0 || size % 4 !== 0 || 4 + size >= bytes.byteLength) {
      throw new GlassboxError(
        "file-invalid",
        t(
          "Cannot use the tokenizer of {0}: its table for normalising text says that it has {1} bytes, there are {2}.",
          name,
          size,
          bytes.byteLength,
        ),
        t("Choose another tokenizer."),
      );
    }
    this.#units = Uint32Array.from({ length: size / 4 }, (_, at) => view.getUint32(4 + 4 * at, true));
    this.#replacements = bytes.slice(4 + size);
  }

  normalize(text: string): string {
    return this.align(text).text;
  }

  /** The normal form of a text, each of whose units lies where the characters lie that were replaced by it. */
  align(text: string): AlignedText {
    const normal: string[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < text.length; ) {
      const found = this.#longest(text, at);
      const code = codeAt(text, at);
      const end = found?.end ?? at + (code > 0xffff ? 2 : 1);
      const whole = code >= 0xd800 && code <= 0xdfff ? "\ufffd" : text.slice(at, end);
      for (const unit of found ? found.text : whole) {
        normal.push(unit);
        for (let i = 0; i < unit.length; i++) {
          starts.push(at);
          ends.push(end);
        }
      }
      at = end;
    }
    return { text: normal.join(""), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
  }

  /** What the longest prefix of `text[start, …)` that is in the table becomes. */
  #longest(text: string, start: number): { end: number; text: string } | undefined {
    let found: { end: number; text: string } | undefined;
    let node = this.#base(0);
    for (let at = start; at < text.length; ) {
      const code = codeAt(text, at);
      at += code > 0xffff ? 2 : 1;
      for (const byte of encoder.encode(String.fromCodePoint(code))) {
        node ^= byte;
        const unit = this.#units[node] ?? 0;
        if (byte === 0 || (unit & 0x800000ff) >>> 0 !== byte) return found;
        node ^= this.#base(node);
        if ((unit >>> 8) & 1) found = { end: at, text: this.#replacement(this.#units[node] ?? 0) };
      }
    }
    return found;
  }

  #base(node: number): number {
    const unit = this.#units[node] ?? 0;
    return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
  }

  #replacement(unit: number): string {
    const start = unit & 0x7fffffff;
    const end = this.#replacements.indexOf(0, start);
    return decoder.decode(this.#replacements.subarray(start, end < 0 ? start : end));
  }

  /** The prefixes that the table has. */
  prefixes(): string[] {
    const found: string[] = [];
    const bytes: number[] = [];
    // In a sound table each unit has one parent; in a damaged one the way may lead in circles.
    const seen = new Uint8Array(this.#units.length);
    const walk = (node: number) => {
      for (let byte = 1; byte < 256; byte++) {
        const next = node ^ byte;
        const unit = this.#units[next] ?? 0;
        if ((unit & 0x800000ff) >>> 0 !== byte || seen[next] === 1) continue;
        seen[next] = 1;
        bytes.push(byte);
        if ((unit >>> 8) & 1) found.push(decoder.decode(Uint8Array.from(bytes)));
        if (bytes.length < DEEPEST) walk(next ^ this.#base(next));
        bytes.pop();
      }
    };
    walk(this.#base(0));
    return found;
  }
}

/** Bytes of a prefix at most. */
const DEEPEST = 64;
