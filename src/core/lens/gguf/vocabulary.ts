/** A model's vocabulary from its GGUF metadata: what each token id stands for, as bytes and by name. */

import { GlassboxError } from "../../../shared/errors.js";
import { t } from "../../../shared/l10n.js";
import type { ModelToken } from "../../../shared/types.js";
import { BYTE_OF_CHARACTER } from "../../tokens/byteAlphabet.js";
import { TOKEN_TYPE } from "./format.js";
import { integer, numbers, strings, text } from "./metadata.js";
import type { GgufHeader } from "./readGguf.js";

export interface Vocabulary {
  size: number;
  /** The token with this id; ids outside the vocabulary are refused as `invalid-request`. */
  token(id: number): ModelToken;
  /** Begin- and end-of-sequence, where the file names them. */
  bosId: number | undefined;
  eosId: number | undefined;
}

const TOKENS = "tokenizer.ggml.tokens";

/** How the names of ordinary tokens spell bytes. */
type Spelling = "sentencepiece" | "byte-level" | "plain";

/**
 * Reads the vocabulary of a SentencePiece-style (`llama`) or byte-level BPE (`gpt2`) model; the names of other
 * kinds are taken as plain text.
 * @throws GlassboxError `file-invalid` when there are no tokens or two tokens share a name.
 */
export function readVocabulary(header: GgufHeader): Vocabulary {
  const names = readTokenNames(header);
  refuseDuplicates(header, names);
  const types = numbers(header, "tokenizer.ggml.token_type");
  const spelling = spellingOf(text(header, "tokenizer.ggml.model"), text(header, "tokenizer.ggml.pre"));
  const bosId = integer(header, "tokenizer.ggml.bos_token_id");
  const eosId = integer(header, "tokenizer.ggml.eos_token_id");
  return {
    size: names.length,
    bosId,
    eosId,
    token(id) {
      const name = names[id];
      if (name === undefined) {
        throw new GlassboxError(
          "invalid-request",
          `There is no token ${id}: "${header.fileName}" has ${names.length}, from 0.`,
        );
      }
      const type = Number(types?.[id] ?? TOKEN_TYPE.normal);
      const special =
        type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown || id === bosId || id === eosId;
      return { id, name, special, bytes: special ? new Uint8Array(0) : tokenBytes(name, type, spelling) };
    },
  };
}

/** The names of all tokens, unchecked. @throws GlassboxError as `countTokens`. */
function readTokenNames(header: GgufHeader): readonly string[] {
  countTokens(header);
  return strings(header, TOKENS) ?? [];
}

/** How many tokens there are, without a look at any. @throws GlassboxError `file-invalid` when there are none. */
export function countTokens(header: GgufHeader): number {
  const list = header.metadata.get(TOKENS);
  const count =
    list?.type === "array" && list.elementType === "string"
      ? (list.count ?? list.value.length)
      : strings(header, TOKENS)?.length;
  if (count) return count;
  throw new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": it carries no vocabulary ("tokenizer.ggml.tokens").', header.fileName),
    t("Choose a GGUF file of a language model in Settings > Glassbox > Model."),
  );
}

/**
 * llama.cpp ends the whole process over two tokens of one name. Empty names are numbered by it, so they may
 * repeat; names with U+FFFD may have differed in bytes that are not UTF-8, so they are left to it.
 */
function refuseDuplicates(header: GgufHeader, names: readonly string[]): void {
  const seen = new Set<string>();
  let different = 0;
  // It takes names as C strings, which a zero ends.
  const ended = (whole: string) => {
    const end = whole.indexOf("\0");
    return end === -1 ? whole : whole.slice(0, end);
  };
  for (const [id, whole] of names.entries()) {
    const name = ended(whole);
    if (name === "" || name.includes("\uFFFD")) continue;
    seen.add(name);
    if (seen.size === ++different) continue;
    const other = names.findIndex((earlier) => ended(earlier) === name);
    throw new GlassboxError(
      "file-invalid",
      t(
        'Cannot use "{0}": tokens {1} and {2} have the same name, {3}.',
        header.fileName,
        other,
        id,
        JSON.stringify(name.slice(0, 64)),
      ),
      t("The file is damaged or was converted wrongly. Choose another in Settings > Glassbox > Model."),
    );
  }
}

function spellingOf(model: string | undefined, preTokenizer: string | undefined): Spelling {
  if (model === "llama" || model === "t5") return "sentencepiece";
  // Gemma 4's BPE spells spaces as SentencePiece does.
  if (model === "gpt2") return preTokenizer?.startsWith("gemma") ? "sentencepiece" : "byte-level";
  return "plain";
}

function tokenBytes(name: string, type: number, spelling: Spelling): Uint8Array {
  if (type === TOKEN_TYPE.byte) {
    const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(name)?.[1];
    if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
  }
  if (type === TOKEN_TYPE.userDefined || spelling === "plain") return encoder.encode(name);
  if (spelling === "sentencepiece") return encoder.encode(name.replaceAll("\u2581", " "));
  const bytes: number[] = [];
  for (const character of name) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte !== undefined) bytes.push(byte);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

const encoder = new TextEncoder();

/**
 * llama.cpp looks the token of a line break up as it loads a SentencePiece-style vocabulary, and ends without one.
 * @throws GlassboxError `file-invalid` when there is none.
 */
export function requireLineFeed(header: GgufHeader): void {
  if (text(header, "tokenizer.ggml.model") !== "llama") return;
  const names = strings(header, "tokenizer.ggml.tokens") ?? [];
  if (names.includes("<0x0A>") || names.includes("\n")) return;
  throw new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": its vocabulary has no token for a line break, "<0x0A>".', header.fileName),
    t("The file is damaged or was converted wrongly. Choose another in Settings > Glassbox > Model."),
  );
}
