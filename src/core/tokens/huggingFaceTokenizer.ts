/**
 * The tokenizer of a tokenizer.json file (Hugging Face): byte-level BPE, and BPE on characters with byte fallback as
 * SentencePiece vocabularies are converted to it. The tests hold both against the library @huggingface/tokenizers.
 */

import { GlassboxError } from "../../shared/errors.js";
import { byteLevelEncoder } from "./byteLevel.js";
import { type PreTokenizer, preTokenizer } from "./preTokenizers.js";
import { sentencePieceEncoder } from "./sentencePiece.js";
import type { Tokenizer } from "./tokenizer.js";

/** What is read of the file; whatever else it holds may be anything. */
interface TokenizerFile {
  model?: {
    type?: unknown;
    vocab?: unknown;
    merges?: unknown;
    byte_fallback?: unknown;
    ignore_merges?: unknown;
  };
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
  added_tokens?: unknown;
}

/** A normalizer or pre-tokeniser. */
interface Part {
  type?: unknown;
  normalizers?: unknown;
  pretokenizers?: unknown;
  prepend?: unknown;
  content?: unknown;
  pattern?: { String?: unknown; Regex?: unknown };
  behavior?: unknown;
  use_regex?: unknown;
  add_prefix_space?: unknown;
  individual_digits?: unknown;
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
 * Makes the tokenizer, handing control back every few hundred tokens once the JSON is parsed.
 * @param name the file's name.
 * @throws GlassboxError `file-invalid` for what is no tokenizer.json; `unsupported` for kinds that are not known.
 */
export function* huggingFaceTokenizer(name: string, json: string): Generator<void, Tokenizer, void> {
  const file = parse(name, json);
  const { model } = file;
  if (typeof model?.vocab !== "object" || model.vocab === null) {
    throw invalid(name, 'it has no "model" with a "vocab"');
  }
  const type = typeof model.type === "string" ? model.type : Array.isArray(model.merges) ? "BPE" : "";
  if (type !== "BPE" || Array.isArray(model.vocab)) {
    throw unsupported(name, `its model is ${type === "" ? "of no known type" : type}; BPE is supported`);
  }
  const tokens: (string | undefined)[] = [];
  let read = 0;
  for (const [token, id] of Object.entries(model.vocab)) {
    if (!isId(id)) throw invalid(name, `the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}`);
    tokens[id] = token;
    if (++read % STEP === 0) yield;
  }
  const controls = new Set<number>();
  const userTokens = new Map<string, number>();
  for (const { id, content, special } of addedTokens(name, file.added_tokens)) {
    tokens[id] = content;
    if (special) controls.add(id);
    else userTokens.set(content, id);
  }
  // Ids without a token are holes of the array until now.
  const all = Array.from({ length: tokens.length }, (_, id) => tokens[id]);
  const merges = yield* readMerges(name, model.merges);
  const normalizers = partsOf(file.normalizer, "normalizers");
  const preTokenizers = partsOf(file.pre_tokenizer, "pretokenizers");
  if (model.byte_fallback === true) {
    return yield* sentencePieceEncoder({
      name,
      tokens: all.map((token) => token ?? ""),
      merges,
      byteTokens: byteTokensOf(name, model.vocab),
      controls,
      spacePrefix: readsSpaces(name, normalizers, preTokenizers),
      userTokens,
    });
  }
  const others = normalizers.filter(({ type: kind }) => kind !== "NFC");
  if (others.length > 0) throw unsupported(name, `its normalizer is ${kinds(others)}; NFC is supported`);
  const encoder = yield* byteLevelEncoder({
    name,
    tokens: all,
    merges,
    preTokenizer: byteLevelPreTokenizer(name, preTokenizers, model.ignore_merges === true),
    plain: new Set([...controls, ...userTokens.values()]),
    controls,
    userTokens,
    normalises: normalizers.length > 0,
  });
  return encoder;
}

const STEP = 512;

function parse(name: string, json: string): TokenizerFile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalid(name, `it is no JSON (${GlassboxError.from(error).message})`);
  }
  if (typeof value !== "object" || value === null) throw invalid(name, "it holds no object");
  return value;
}

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

function byteTokensOf(name: string, vocab: object): Int32Array {
  const ids = new Map(Object.entries(vocab));
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const id: unknown = ids.get(token);
    if (!isId(id)) throw unsupported(name, `its vocabulary has no token ${token} for a byte`);
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
    `Cannot use "${name}": ${found}. Byte-level BPE and BPE with byte fallback are supported.`,
    "Choose another tokenizer.",
  );
}
