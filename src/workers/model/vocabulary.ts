/** A GGUF model's vocabulary as bytes: what each token stands for, read from the file's metadata, never decoded. */

import type { ModelToken } from "../../shared/types.js";

/** `tokenizer.ggml.token_type`, as llama.cpp's `llama_token_type` counts them. */
const TOKEN_TYPE = { unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

export interface VocabularyMetadata {
  /** `tokenizer.ggml.model`: `llama` is SentencePiece, `gpt2` is byte-level BPE. */
  model: string;
  /** `tokenizer.ggml.tokens` */
  tokens: readonly string[];
  /** `tokenizer.ggml.token_type`; all tokens are normal ones when it is missing. */
  tokenTypes: readonly number[] | undefined;
}

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * The alphabet in which GPT-2's byte-level BPE spells bytes: printable Latin-1 characters stand for themselves,
 * the others follow from U+0100 on. Source: `bytes_to_unicode` in openai/gpt-2, `src/encoder.py`.
 */
function byteAlphabet(): Map<string, number> {
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    alphabet.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return alphabet;
}

export class Vocabulary {
  readonly #metadata: VocabularyMetadata;
  readonly #utf8 = new TextEncoder();
  #alphabet: Map<string, number> | undefined;

  constructor(metadata: VocabularyMetadata) {
    this.#metadata = metadata;
  }

  get size(): number {
    return this.#metadata.tokens.length;
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.size;
  }

  /** The entry of a token id. @throws RangeError for an id that the vocabulary does not hold. */
  token(id: number): ModelToken {
    const name = this.#metadata.tokens[id];
    if (name === undefined) throw new RangeError(`The vocabulary has no token ${id}.`);
    const type = this.#metadata.tokenTypes?.[id];
    const special = type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown;
    return { id, name, special, bytes: special ? new Uint8Array(0) : this.#bytes(name, type) };
  }

  #bytes(name: string, type: number | undefined): Uint8Array {
    // llama.cpp copies user-defined tokens as they are, whatever the vocabulary's kind.
    if (type === TOKEN_TYPE.userDefined) return this.#utf8.encode(name);
    if (this.#metadata.model === "gpt2") return this.#fromByteAlphabet(name);
    const byte = BYTE_TOKEN.exec(name);
    if (byte && (type === TOKEN_TYPE.byte || type === undefined)) {
      return Uint8Array.of(Number.parseInt(byte[1]!, 16));
    }
    return this.#utf8.encode(name.replaceAll("\u2581", " "));
  }

  #fromByteAlphabet(name: string): Uint8Array {
    this.#alphabet ??= byteAlphabet();
    const bytes: number[] = [];
    for (const character of name) {
      const byte = this.#alphabet.get(character);
      // A character outside the alphabet stands for itself, as in llama.cpp's `llama_decode_text`.
      if (byte === undefined) bytes.push(...this.#utf8.encode(character));
      else bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }
}
