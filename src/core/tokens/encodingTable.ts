/**
 * The vocabulary of an encoding as one binary file that is used where it lies: written at build by
 * scripts/encodings.ts, read here by laying typed arrays over it, with nothing to parse.
 *
 * Layout, all numbers little-endian u32, every section padded to 4 bytes:
 *
 *     header     16 words: magic, version, hash (2 words), id limit, ordinary tokens, slot count,
 *                pattern bytes, specials bytes, token bytes, longest token, 5 words zero
 *     starts     id limit + 1 words: where the bytes of token `id` start; a gap in the ids is an empty token
 *     slots      slot count words, a power of two: open addressing over the tokens' bytes;
 *                0 is empty, else tag (14 bits) << 18 | id + 1 (18 bits)
 *     bytes      the tokens' bytes, in the order of their ids
 *     pattern    source of the pre-tokeniser's regular expression, UTF-8
 *     specials   JSON object: special token -> id, UTF-8
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

const MAGIC = 0x45584247; // "GBXE"
const VERSION = 1;
const HEADER_WORDS = 16;
const ID_BITS = 18;
const ID_MASK = (1 << ID_BITS) - 1;

/** Base of the polynomial hash over bytes; odd, so that multiplication by it loses nothing modulo 2^32. */
export const HASH_BASE = 0x01000193;

/** What a table is made from. */
export interface EncodingSource {
  /** Bytes of the ordinary tokens by id; an id without a token is left out. */
  tokens: ReadonlyMap<number, Uint8Array>;
  /** Source of the pre-tokeniser's regular expression, to be used with the flags `ug`. */
  pattern: string;
  specialTokens: Readonly<Record<string, number>>;
}

/** The polynomial hash of bytes, modulo 2^32: `h = h * HASH_BASE + byte + 1` for each byte in turn. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, HASH_BASE) + byte + 1) | 0;
  return hash;
}

function slotOf(hash: number, shift: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> shift;
}

/** 14 bits that are independent of the slot, so that a wrong entry is nearly always seen without its bytes. */
function tagOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 13), 0x85ebca6b) >>> ID_BITS;
}

/** Two lanes of multiply and rotate over 32-bit words: finds damage, and is no defence against intent. */
function contentHash(words: Uint32Array): [number, number] {
  let a = 0x9e3779b9 | 0;
  let b = 0x7f4a7c15 | 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    a = Math.imul((a << 13) | (a >>> 19), 0x85ebca6b) ^ word;
    b = (Math.imul(b ^ word, 0xc2b2ae35) + i) | 0;
  }
  return [a >>> 0, b >>> 0];
}

function padded(byteCount: number): number {
  return (byteCount + 3) & ~3;
}

/** Writes the table of an encoding in the layout above. */
export function writeEncodingTable(source: EncodingSource): ArrayBuffer {
  const encoder = new TextEncoder();
  const pattern = encoder.encode(source.pattern);
  const specials = encoder.encode(JSON.stringify(source.specialTokens));
  let idLimit = 0;
  for (const id of source.tokens.keys()) idLimit = Math.max(idLimit, id + 1);
  if (idLimit >= ID_MASK) {
    throw new GlassboxError("invalid-request", `A table holds ${ID_MASK - 1} tokens, got ${idLimit}.`);
  }
  let tokenBytes = 0;
  let longest = 0;
  for (const bytes of source.tokens.values()) {
    tokenBytes += bytes.length;
    longest = Math.max(longest, bytes.length);
  }
  // At most half full: a probe for bytes that are no token ends after 1.5 slots on average.
  const slotCount = 2 ** Math.ceil(Math.log2(source.tokens.size * 2));
  const startsAt = HEADER_WORDS;
  const slotsAt = startsAt + idLimit + 1;
  const bytesAt = (slotsAt + slotCount) * 4;
  const patternAt = bytesAt + padded(tokenBytes);
  const specialsAt = patternAt + padded(pattern.length);
  const buffer = new ArrayBuffer(specialsAt + padded(specials.length));
  const words = new Uint32Array(buffer);
  const all = new Uint8Array(buffer);

  const shift = 32 - Math.log2(slotCount);
  let at = 0;
  for (let id = 0; id < idLimit; id++) {
    words[startsAt + id] = at;
    const bytes = source.tokens.get(id);
    if (!bytes) continue;
    all.set(bytes, bytesAt + at);
    at += bytes.length;
    const hash = hashBytes(bytes);
    let slot = slotOf(hash, shift);
    while (words[slotsAt + slot] !== 0) slot = (slot + 1) & (slotCount - 1);
    words[slotsAt + slot] = (tagOf(hash) << ID_BITS) | (id + 1);
  }
  words[startsAt + idLimit] = at;
  all.set(pattern, patternAt);
  all.set(specials, specialsAt);
  words.set([
    MAGIC,
    VERSION,
    0,
    0,
    idLimit,
    source.tokens.size,
    slotCount,
    pattern.length,
    specials.length,
    tokenBytes,
    longest,
  ]);
  words.set(contentHash(words.subarray(4)), 2);
  return buffer;
}

/** A vocabulary: bytes -> id and id -> bytes. An id is also the rank of its merge: lower merges first. */
export class EncodingTable {
  readonly name: string;
  /** One more than the largest ordinary id. */
  readonly idLimit: number;
  readonly ordinaryTokens: number;
  readonly pattern: string;
  readonly specialTokens: Readonly<Record<string, number>>;
  /** Bytes of the longest token. */
  readonly longestToken: number;
  /** Sections `starts`, `slots` and `bytes` as they lie in the file. */
  readonly sections: Uint8Array;
  /** Slots of the section `slots`, and bytes of the section `bytes`. */
  readonly slotCount: number;
  readonly tokenBytes: number;
  readonly #starts: Uint32Array;
  /** Of each token, in bytes: a quarter of `#starts`, so that more of it stays in the processor's cache. */
  readonly #lengths: Uint8Array | Uint16Array;
  readonly #slots: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #shift: number;

  /**
   * Lays a table over a file's content, which it keeps.
   * @param name what people call the encoding.
   * @throws GlassboxError `file-invalid` where the content is not such a table or has been damaged.
   */
  constructor(buffer: ArrayBuffer, name: string) {
    const wrong = (found: string) =>
      new GlassboxError(
        "file-invalid",
        t("Cannot use the tokenizer table of {0}: {1}.", name, found),
        t("Run npm run build to make it anew, or install Glassbox again."),
      );
    if (buffer.byteLength < HEADER_WORDS * 4 || buffer.byteLength % 4 !== 0) {
      throw wrong(t("expected a header of {0} bytes, got {1} bytes", HEADER_WORDS * 4, buffer.byteLength));
    }
    const words = new Uint32Array(buffer);
    const [magic, version, hashA, hashB, idLimit, ordinary, slotCount] = words as unknown as number[];
    if (magic !== MAGIC)
      throw wrong(t("expected magic 0x{0}, got 0x{1}", MAGIC.toString(16), magic!.toString(16)));
    if (version !== VERSION) throw wrong(t("expected version {0}, got {1}", VERSION, version!));
    const [a, b] = contentHash(words.subarray(4));
    if (a !== hashA || b !== hashB) throw wrong(t("its content does not match its hash"));
    const [patternBytes, specialsBytes, tokenBytes, longest] = words.subarray(7, 11);
    const slotsAt = HEADER_WORDS + idLimit! + 1;
    const bytesAt = (slotsAt + slotCount!) * 4;
    const patternAt = bytesAt + padded(tokenBytes!);
    const specialsAt = patternAt + padded(patternBytes!);
    const decoder = new TextDecoder();
    this.name = name;
    this.idLimit = idLimit!;
    this.ordinaryTokens = ordinary!;
    this.longestToken = longest!;
    this.slotCount = slotCount!;
    this.tokenBytes = tokenBytes!;
    this.sections = new Uint8Array(buffer, HEADER_WORDS * 4, patternAt - HEADER_WORDS * 4);
    this.#starts = words.subarray(HEADER_WORDS, slotsAt);
    this.#lengths = longest! < 256 ? new Uint8Array(idLimit!) : new Uint16Array(idLimit!);
    for (let id = 0; id < idLimit!; id++) this.#lengths[id] = this.#starts[id + 1]! - this.#starts[id]!;
    this.#slots = words.subarray(slotsAt, slotsAt + slotCount!);
    this.#bytes = new Uint8Array(buffer, bytesAt, tokenBytes!);
    this.#shift = 32 - Math.log2(slotCount!);
    this.pattern = decoder.decode(new Uint8Array(buffer, patternAt, patternBytes!));
    this.specialTokens = JSON.parse(
      decoder.decode(new Uint8Array(buffer, specialsAt, specialsBytes!)),
    ) as Record<string, number>;
  }

  /** The id of the token `bytes[start, end)`, or -1. `hash` is `hashBytes` of the same bytes. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const tag = tagOf(hash);
    for (let slot = slotOf(hash, this.#shift); ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === 0) return -1;
      if (entry >>> ID_BITS !== tag) continue;
      const id = (entry & ID_MASK) - 1;
      let from = this.#starts[id]!;
      if (this.#starts[id + 1]! - from !== end - start) continue;
      let at = start;
      while (at < end && this.#bytes[from] === bytes[at]) {
        at++;
        from++;
      }
      if (at === end) return id;
    }
  }

  /** Number of bytes that the token `id` stands for; 0 where there is no such token. */
  byteLength(id: number): number {
    return this.#lengths[id] ?? 0;
  }

  /** The bytes that the token `id` stands for, as a view into the table. */
  bytesOf(id: number): Uint8Array {
    return id < this.idLimit
      ? this.#bytes.subarray(this.#starts[id]!, this.#starts[id + 1]!)
      : new Uint8Array(0);
  }
}
