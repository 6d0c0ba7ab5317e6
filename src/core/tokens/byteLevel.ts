/**
 * Byte-level vocabularies with a list of merges, as GPT-2's: pieces begin as bytes, and the merge that stands first
 * in the list is made first. Read from GGUF metadata or a tokenizer.json.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { BYTE_OF_CHARACTER, CHARACTER_OF_BYTE } from "./byteAlphabet.js";
import { codeAt } from "./characterClasses.js";
import { MergeEncoder, type MergeRules, NO_RANK, type Parts } from "./mergeEncoder.js";
import { addListedMerge, PairTable } from "./pairTable.js";
import type { PreTokenizer } from "./preTokenizers.js";
import { TokenIds } from "./tokenIds.js";
import type { Splitter } from "./tokenizer.js";

export interface ByteLevelVocabulary {
  name: string;
  /** By id, each byte spelt as a character of GPT-2's alphabet; undefined where an id has no token. */
  tokens: readonly (string | undefined)[];
  /** In their order: the two parts, separated by one space. */
  merges: readonly string[];
  preTokenizer: PreTokenizer;
  /** Ids whose text is written as it is, not in GPT-2's alphabet: control tokens and those that users defined. */
  plain: ReadonlySet<number>;
  /** Ids of tokens that are no text. */
  controls: ReadonlySet<number>;
  /** Tokens that a text becomes wherever it spells them. */
  userTokens: ReadonlyMap<string, number>;
  /** Whether its makers bring a text to the form NFC first. */
  normalises?: boolean;
}

/** What is looked at between two yields. */
const STEP = 512;

const encoder = new TextEncoder();

/** A character outside the alphabet stands for its UTF-8 form; no text becomes its token by merging. */
function bytesOfCharacter(character: string): number[] {
  const byte = BYTE_OF_CHARACTER.get(character);
  return byte === undefined ? [...encoder.encode(character)] : [byte];
}

function byteCount(token: string): number {
  let bytes = 0;
  for (const character of token)
    bytes += BYTE_OF_CHARACTER.has(character) ? 1 : encoder.encode(character).length;
  return bytes;
}

class ByteLevelRules implements MergeRules {
  readonly name: string;
  readonly splitter: Splitter;
  readonly size: number;
  ordinaryTokens = 0;
  made = -1;
  readonly #tokens: readonly (string | undefined)[];
  readonly #plain: ReadonlySet<number>;
  readonly #ignoresMerges: boolean;
  readonly #ids: TokenIds;
  readonly #byteTokens = new Int32Array(256);
  readonly #pairs: PairTable;
  /** (tokens) bytes. */
  readonly #lengths: Uint16Array;
  #longest = 0;

  static *build(vocabulary: ByteLevelVocabulary): Generator<void, ByteLevelRules, void> {
    const rules = new ByteLevelRules(vocabulary);
    yield* rules.#index(vocabulary);
    return rules;
  }

  private constructor({ name, tokens, merges, preTokenizer, plain }: ByteLevelVocabulary) {
    this.name = name;
    this.splitter = preTokenizer.splitter;
    this.size = tokens.length;
    this.#tokens = tokens;
    this.#ids = new TokenIds(tokens);
    this.#plain = plain;
    this.#ignoresMerges = preTokenizer.ignoresMerges;
    this.#pairs = new PairTable(merges.length);
    this.#lengths = new Uint16Array(tokens.length);
  }

  *#index({ name, tokens, merges, controls }: ByteLevelVocabulary): Generator<void, void, void> {
    this.ordinaryTokens = -controls.size;
    for (const [id, token] of tokens.entries()) {
      if (id % STEP === STEP - 1) yield;
      if (token === undefined) continue;
      this.ordinaryTokens++;
      this.#ids.add(id);
      const bytes = this.#plain.has(id) ? encoder.encode(token).length : byteCount(token);
      this.#lengths[id] = bytes;
      this.#longest = Math.max(this.#longest, bytes);
    }
    for (let byte = 0; byte < 256; byte++) {
      const id = this.#ids.get(CHARACTER_OF_BYTE[byte]!);
      if (id === undefined) {
        throw new GlassboxError(
          "unsupported",
          t(
            "Cannot use the tokenizer of {0}: its byte-level vocabulary has no token for the byte 0x{1}.",
            name,
            byte.toString(16).padStart(2, "0"),
          ),
          t("Choose another tokenizer."),
        );
      }
      this.#byteTokens[byte] = id;
    }
    // Of two merges of one pair the first counts.
    for (const [rank, merge] of merges.entries()) {
      if (rank % STEP === STEP - 1) yield;
      addListedMerge(this.#pairs, this.#ids, { merge, rank, name });
    }
  }

  bytesOf(id: number): Uint8Array {
    const token = this.#tokens[id];
    if (token === undefined) return new Uint8Array(0);
    if (this.#plain.has(id)) return encoder.encode(token);
    return Uint8Array.from(Array.from(token).flatMap(bytesOfCharacter));
  }

  byteLength(id: number): number {
    return id < this.size ? this.#lengths[id]! : 0;
  }

  appendText(text: string, start: number, end: number, parts: Parts): void {
    const bytes = this.#byteTokens;
    for (let index = start; index < end; index++) {
      let code = codeAt(text, index);
      if (code < 0x80) {
        parts.push(bytes[code]!);
        continue;
      }
      if (code < 0x800) {
        parts.push(bytes[0xc0 | (code >> 6)]!);
      } else {
        if (code >= 0x10000) {
          index++;
          parts.push(bytes[0xf0 | (code >> 18)]!);
          parts.push(bytes[0x80 | ((code >> 12) & 0x3f)]!);
        } else {
          // As TextEncoder does it: a surrogate without its other half is U+FFFD.
          if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
          parts.push(bytes[0xe0 | (code >> 12)]!);
        }
        parts.push(bytes[0x80 | ((code >> 6) & 0x3f)]!);
      }
      parts.push(bytes[0x80 | (code & 0x3f)]!);
    }
  }

  appendBytes(bytes: Uint8Array, parts: Parts): void {
    for (const byte of bytes) parts.push(this.#byteTokens[byte]!);
  }

  appendToken(id: number, parts: Parts): void {
    this.appendBytes(this.bytesOf(id), parts);
  }

  partBytes(part: number): number {
    return this.byteLength(part);
  }

  rankOfPair(left: number, right: number): number {
    const at = this.#pairs.find(left, right);
    if (at < 0) return NO_RANK;
    this.made = this.#pairs.made(at);
    return this.#pairs.rank(at);
  }

  /** Every part is a token. */
  tokensOfPart(part: number): readonly number[] {
    return [part];
  }

  wholePiece(text: string, start: number, end: number): number | undefined {
    if (!this.#ignoresMerges || end - start > this.#longest) return undefined;
    return this.wholeBytes(encoder.encode(text.slice(start, end)));
  }

  wholeBytes(piece: Uint8Array): number | undefined {
    if (!this.#ignoresMerges || piece.length > this.#longest) return undefined;
    let name = "";
    for (const byte of piece) name += CHARACTER_OF_BYTE[byte]!;
    return this.#ids.get(name);
  }
}

/** Makes the tokenizer, yielding every few hundred tokens. @throws GlassboxError `file-invalid`, `unsupported`. */
export function* byteLevelEncoder(vocabulary: ByteLevelVocabulary): Generator<void, MergeEncoder, void> {
  return new MergeEncoder(
    yield* ByteLevelRules.build(vocabulary),
    vocabulary.userTokens,
    vocabulary.normalises,
  );
}
