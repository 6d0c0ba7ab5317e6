/**
 * The tokenizer of a tokenizer.json file (Hugging Face): byte-level BPE, BPE on characters with byte fallback as
 * SentencePiece vocabularies are converted to it, WordPiece and Unigram. The tests hold all against the library
 * @huggingface/tokenizers.
 */

import { GlassboxError } from "../../shared/errors.js";
import { byteLevelEncoder } from "./byteLevel.js";
import { type PreTokenizer, preTokenizer } from "./preTokenizers.js";
import { readJsonInSteps } from "./readJson.js";
import { sentencePieceEncoder } from "./sentencePiece.js";
import type { Tokenizer } from "./tokenizer.js";
import { MergedWords, Unigram, type WordModel, WordPiece } from "./wordModels.js";
import { type Part, unreadable, WordReading } from "./wordReading.js";
import { WordTokenizer } from "./wordTokenizer.js";

/** What is read of the file; whatever else it holds may be anything. */
interface TokenizerFile {
  model?: {
    type?: unknown;
    vocab?: unknown;
    merges?: unknown;
    byte_fallback?: unknown;
    ignore_merges?: unknown;
    unk_token?: unknown;
    unk_id?: unknown;
    continuing_subword_prefix?: unknown;
    end_of_word_suffix?: unknown;
    max_input_chars_per_word?: unknown;
  };
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
  added_tokens?: unknown;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
/** Pre-tokenisers by what they say, one line a stage, with the name that preTokenizers.ts has for them. */
const KNOWN = new Map([
  ["ByteLevel", "gpt-2"],
  ["Digits\nByteLevel", "smollm"],
  [`Split ${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|${REST}`, "llama-bpe"],
  [`Split ${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|${REST}`, "qwen2"],
]);

/**
 * Makes the tokenizer, handing control back every few hundred tokens.
 * @param name the file's name.
 * @param json what it holds.
 * @throws GlassboxError `file-invalid` for what is no tokenizer.json; `unsupported` for kinds that are not known.
 */
export function* huggingFaceTokenizer(name: string, json: Uint8Array): Generator<void, Tokenizer, void> {
  const file = yield* parse(name, json);
  const { model } = file;
  if (typeof model?.vocab !== "object" || model.vocab === null) {
    throw invalid(name, 'it has no "model" with a "vocab"');
  }
  const tokens = yield* readVocabulary(name, model.vocab);
  const controls = new Set<number>();
  const userTokens = new Map<string, number>();
  for (const { id, content, special } of addedTokens(name, file.added_tokens)) {
    tokens[id] = content;
    if (special) controls.add(id);
    else userTokens.set(content, id);
  }
  const read: ReadFile = {
    name,
    model,
    // Ids without a token are holes of the array until now.
    tokens: Array.from({ length: tokens.length }, (_, id) => tokens[id]),
    controls,
    userTokens,
    normalizers: partsOf(file.normalizer, "normalizers"),
    preTokenizers: partsOf(file.pre_tokenizer, "pretokenizers"),
  };
  const type = typeOf(model);
  if (type === "WordPiece" || type === "Unigram") return yield* wordTokenizer(read, type);
  if (type !== "BPE") throw unsupported(name, `its model is ${type === "" ? "of no known type" : type}`);
  if (model.byte_fallback !== true) return yield* byteLevelTokenizer(read);
  const cutsWords = read.preTokenizers.some((part) => part.type !== "Split");
  return cutsWords ? yield* wordTokenizer(read, type) : yield* blockTokenizer(read);
}

/** A file, with what all kinds have in common read from it. */
interface ReadFile {
  name: string;
  model: NonNullable<TokenizerFile["model"]>;
  /** By id. */
  tokens: readonly (string | undefined)[];
  controls: ReadonlySet<number>;
  /** Those that were added by hand and are ordinary text. */
  userTokens: ReadonlyMap<string, number>;
  normalizers: readonly Part[];
  preTokenizers: readonly Part[];
}

/** The model's type; older files leave it out. */
function typeOf(model: ReadFile["model"]): string {
  if (typeof model.type === "string") return model.type.slice(0, 64);
  if (Array.isArray(model.vocab)) return "Unigram";
  if (Array.isArray(model.merges)) return "BPE";
  return typeof model.continuing_subword_prefix === "string" ? "WordPiece" : "";
}

/** The tokens by id: of a list with scores, or of an object with ids. */
function* readVocabulary(name: string, vocab: object): Generator<void, (string | undefined)[], void> {
  const tokens: (string | undefined)[] = [];
  let read = 0;
  const entries: Iterable<[unknown, unknown]> = Array.isArray(vocab)
    ? (vocab as unknown[]).entries()
    : (vocab as Map<unknown, unknown>);
  for (const [first, second] of entries) {
    // In a list, the id is the place, and the token stands beside its score.
    const [token, id] = Array.isArray(vocab)
      ? [Array.isArray(second) ? second[0] : undefined, first]
      : [first, second];
    if (!isId(id)) throw invalid(name, `the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}`);
    if (typeof token !== "string") throw invalid(name, `its token ${id} is no text`);
    tokens[id] = token;
    if (++read % STEP === 0) yield;
  }
  return tokens;
}

/** BPE on characters, with spaces spelt as `▁` and no words cut. */
function* blockTokenizer(read: ReadFile): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, normalizers, preTokenizers } = read;
  return yield* sentencePieceEncoder({
    name,
    tokens: tokens.map((token) => token ?? ""),
    merges: yield* readMerges(name, model.merges),
    byteTokens: byteTokensOf(name, tokens),
    controls,
    spacePrefix: readsSpaces(name, normalizers, preTokenizers),
    userTokens,
  });
}

function* byteLevelTokenizer(read: ReadFile): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, normalizers, preTokenizers } = read;
  const others = normalizers.filter(({ type }) => type !== "NFC");
  if (others.length > 0)
    throw unsupported(name, `its normalizer is ${kinds(others)}; with byte-level BPE, NFC is supported`);
  return yield* byteLevelEncoder({
    name,
    tokens,
    merges: yield* readMerges(name, model.merges),
    preTokenizer: byteLevelPreTokenizer(name, preTokenizers, model.ignore_merges === true),
    plain: new Set([...controls, ...userTokens.values()]),
    controls,
    userTokens,
    normalises: normalizers.length > 0,
  });
}

/** A tokenizer that normalises, cuts words, and has a model for these. */
function* wordTokenizer(
  read: ReadFile,
  type: "WordPiece" | "Unigram" | "BPE",
): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, normalizers, preTokenizers } = read;
  const reason = unreadable(normalizers, preTokenizers);
  if (reason !== undefined) throw unsupported(name, reason);
  // Text does not become control tokens, whatever it spells.
  const ordinary = tokens.map((token, id) => (controls.has(id) ? undefined : token));
  const silent = new Set(controls);
  let made: WordModel;
  let merges: Tokenizer | undefined;
  if (type === "BPE") {
    merges = yield* sentencePieceEncoder({
      name,
      tokens: tokens.map((token) => token ?? ""),
      merges: yield* readMerges(name, model.merges),
      byteTokens: byteTokensOf(name, tokens),
      controls,
      spacePrefix: false,
      userTokens: new Map(),
    });
    made = new MergedWords(merges);
  } else {
    const unknown = type === "Unigram" ? model.unk_id : tokens.indexOf(model.unk_token as string);
    if (!isId(unknown) || unknown >= tokens.length) throw invalid(name, "its model has no unknown token");
    if (type === "Unigram" && model.byte_fallback === true) {
      throw unsupported(name, "its model is Unigram with byte fallback");
    }
    silent.add(unknown);
    const words =
      type === "Unigram"
        ? new Unigram(scoresOf(name, model.vocab), unknown)
        : new WordPiece(
            textOr(model.continuing_subword_prefix, "##"),
            unknown,
            isId(model.max_input_chars_per_word) ? model.max_input_chars_per_word : 100,
          );
    yield* words.read(ordinary);
    made = words;
  }
  const reading = new WordReading(normalizers, preTokenizers);
  return new WordTokenizer({
    name,
    tokens,
    ordinaryTokens: tokens.length - silent.size,
    prefix: type === "WordPiece" ? textOr(model.continuing_subword_prefix, "##") : "",
    controls: silent,
    reading,
    model: made,
    ...(merges && { merges }),
    leavesOutAdded: userTokens.size > 0,
  });
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function scoresOf(name: string, vocab: unknown): Float64Array {
  return Float64Array.from(vocab as unknown[], (entry, id) => {
    const score: unknown = Array.isArray(entry) ? entry[1] : undefined;
    if (typeof score !== "number") throw invalid(name, `its token ${id} has no score`);
    return score;
  });
}

const STEP = 512;

function* parse(name: string, json: Uint8Array): Generator<void, TokenizerFile, void> {
  let value: unknown;
  try {
    value = yield* readJsonInSteps(json, VOCABULARY);
  } catch (error) {
    throw invalid(name, `it is no JSON (${GlassboxError.from(error).message})`);
  }
  if (typeof value !== "object" || value === null) throw invalid(name, "it holds no object");
  return value;
}

/** The key of the object that is as large as the file. */
const VOCABULARY: ReadonlySet<string> = new Set(["vocab"]);

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 22;
}

function addedTokens(name: string, list: unknown): { id: number; content: string; special: boolean }[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(name, '"added_tokens" is no list');
  return list.map((entry: { id?: unknown; content?: unknown; special?: unknown } | null) => {
    if (!isId(entry?.id) || typeof entry.content !== "string" || entry.content === "") {
      throw invalid(name, "an added token has no id or no content");
    }
    return { id: entry.id, content: entry.content, special: entry.special === true };
  });
}

/** Merges as "left right", which older files write as text and newer ones as pairs. */
function* readMerges(name: string, list: unknown): Generator<void, string[], void> {
  if (!Array.isArray(list)) throw invalid(name, 'its model has no "merges"');
  const merges: string[] = [];
  for (const entry of list as unknown[]) {
    const merge = Array.isArray(entry) ? entry.join(" ") : entry;
    if (typeof merge !== "string") throw invalid(name, `a merge is ${JSON.stringify(entry)}`);
    merges.push(merge);
    if (merges.length % STEP === 0) yield;
  }
  return merges;
}

/** The members of a sequence, or the one part that there is. */
function partsOf(part: Part | null | undefined, list: "normalizers" | "pretokenizers"): Part[] {
  if (!part) return [];
  const members = part[list];
  if (part.type !== "Sequence" || !Array.isArray(members)) return [part];
  return members.filter((member: unknown): member is Part => typeof member === "object" && member !== null);
}

function kinds(parts: readonly Part[]): string {
  return parts.map(({ type }) => String(type).slice(0, 64)).join(", ");
}

function byteLevelPreTokenizer(name: string, parts: readonly Part[], ignoresMerges: boolean): PreTokenizer {
  const said = parts.flatMap((part): string[] => {
    if (part.type === "ByteLevel") {
      if (part.add_prefix_space === true) throw unsupported(name, "it puts a space in front of the text");
      return part.use_regex === false ? [] : ["ByteLevel"];
    }
    if (part.type === "Digits" && part.individual_digits === true) return ["Digits"];
    if (part.type === "Split" && typeof part.pattern?.Regex === "string" && part.behavior === "Isolated") {
      return [`Split ${part.pattern.Regex}`];
    }
    return [`${String(part.type).slice(0, 64)}`];
  });
  const found = preTokenizer(KNOWN.get(said.join("\n")) ?? "");
  if (!found) throw unsupported(name, `its pre-tokeniser is not known: ${said.join(", ").slice(0, 300)}`);
  return { ...found, ignoresMerges };
}

/** Whether a space is put in front, in a file that spells spaces as `▁`. */
function readsSpaces(name: string, normalizers: readonly Part[], preTokenizers: readonly Part[]): boolean {
  let prefix = false;
  let replaces = false;
  for (const part of normalizers) {
    if (part.type === "Prepend" && part.prepend === "\u2581" && !replaces) prefix = true;
    else if (part.type === "Replace" && part.pattern?.String === " " && part.content === "\u2581")
      replaces = true;
    else throw unsupported(name, `its normalizer is ${kinds(normalizers)}`);
  }
  const cuts = preTokenizers.filter(({ type, pattern }) => !(type === "Split" && pattern?.String === " "));
  if (!replaces || cuts.length > 0) {
    throw unsupported(name, `its normalizer is ${kinds(normalizers)}, its pre-tokeniser ${kinds(cuts)}`);
  }
  return prefix;
}

function byteTokensOf(name: string, tokens: readonly (string | undefined)[]): Int32Array {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (token?.startsWith("<0x")) ids.set(token, id);
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const id = ids.get(token);
    if (id === undefined) throw unsupported(name, `its vocabulary has no token ${token} for a byte`);
    return id;
  });
}

function invalid(name: string, found: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    `Cannot use "${name}": it is no tokenizer.json, ${found}.`,
    "Choose another tokenizer.",
  );
}

function unsupported(name: string, found: string): GlassboxError {
  return new GlassboxError(
    "unsupported",
    `Cannot use "${name}": ${found}. Byte-level BPE, BPE with byte fallback, WordPiece and Unigram are supported.`,
    "Choose another tokenizer.",
  );
}
