/**
 * The tokenizer of a tokenizer.json file (Hugging Face) of any kind. Byte-level BPE with a known pre-tokeniser, and
 * BPE as SentencePiece vocabularies are converted to it, are read byte by byte; all others through their normalisers
 * and pre-tokenisers. The tests hold all against the library @huggingface/tokenizers.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { AddedReading } from "./addedReading.js";
import { byteLevelEncoder } from "./byteLevel.js";
import { type CharacterMerges, characterMerges } from "./characterMerges.js";
import { neverMeeting } from "./neighbours.js";
import { type PreTokenizer, preTokenizer } from "./preTokenizers.js";
import { type JsonEntries, readJsonInSteps } from "./readJson.js";
import { sentencePieceEncoder } from "./sentencePiece.js";
import { type NeverMeet, StagedReading } from "./stagedReading.js";
import type { Tokenizer } from "./tokenizer.js";
import { MergedWords, Unigram, WordLevel, type WordModel, WordPiece } from "./wordModels.js";
import { type Part, unreadable, WordReading } from "./wordReading.js";
import { type Stage, stageOf } from "./wordStages.js";
import { WordTokenizer } from "./wordTokenizer.js";

/** What is read of the file; whatever else it holds may be anything. */
interface TokenizerFile {
  model?: {
    type?: unknown;
    vocab?: unknown;
    merges?: unknown;
    byte_fallback?: unknown;
    ignore_merges?: unknown;
    fuse_unk?: unknown;
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
    throw invalid(name, t('it has no "model" with a "vocab"'));
  }
  const added = addedTokens(name, file.added_tokens);
  const { tokens, byteTokens, count } = yield* readVocabulary(name, model.vocab, added);
  const normalizers = partsOf(file.normalizer, "normalizers");
  const read: ReadFile = {
    name,
    model,
    tokens,
    count,
    byteTokens,
    controls: new Set(added.filter(({ special }) => special).map(({ id }) => id)),
    userTokens: new Map(added.filter(({ special }) => !special).map(({ content, id }) => [content, id])),
    strangeAdded: added.some(
      ({ special, strange, normalized }) => !special && (strange || (normalized && normalizers.length > 0)),
    ),
    normalizers,
    preTokenizers: partsOf(file.pre_tokenizer, "pretokenizers"),
  };
  const type = typeOf(model);
  if (!isKind(type))
    throw unsupported(name, type === "" ? t("its model is of no known type") : t("its model is {0}", type));
  if (type === "BPE") {
    const known = model.byte_fallback === true ? undefined : knownPreTokenizer(read);
    if (known) return yield* byteLevelTokenizer(read, known);
    const prefix = model.byte_fallback === true ? spacePrefix(read) : undefined;
    if (prefix !== undefined) return yield* blockTokenizer(read, prefix);
  }
  return yield* wordTokenizer(read, type);
}

type Kind = "BPE" | "WordPiece" | "Unigram" | "WordLevel";

function isKind(type: string): type is Kind {
  return type === "BPE" || type === "WordPiece" || type === "Unigram" || type === "WordLevel";
}

/** A file, with what all kinds have in common read from it. */
interface ReadFile {
  name: string;
  model: NonNullable<TokenizerFile["model"]>;
  /** By id. */
  tokens: readonly (string | undefined)[];
  /** How many of the ids have a token. */
  count: number;
  /** The tokens of the bytes, as far as there are such. */
  byteTokens: readonly (number | undefined)[];
  controls: ReadonlySet<number>;
  /** Those that were added by hand and are ordinary text. */
  userTokens: ReadonlyMap<string, number>;
  /** Whether one of these is looked for otherwise than as it is spelt, or takes white space with it. */
  strangeAdded: boolean;
  normalizers: readonly Part[];
  preTokenizers: readonly Part[];
}

/** The model's type; older files leave it out. */
function typeOf(model: ReadFile["model"]): string {
  if (typeof model.type === "string") return model.type.slice(0, 64);
  if (Array.isArray(model.vocab)) return "Unigram";
  if (Array.isArray(model.merges)) return "BPE";
  return typeof model.continuing_subword_prefix === "string" ? "WordPiece" : "WordLevel";
}

/** The tokens by id: of a list with scores, or of an object with ids; and those that are added to them. */
function* readVocabulary(
  name: string,
  vocab: object,
  added: readonly AddedToken[],
): Generator<void, Pick<ReadFile, "tokens" | "byteTokens" | "count">, void> {
  const list = Array.isArray(vocab) ? (vocab as unknown[]) : undefined;
  const entries = list ? undefined : (vocab as JsonEntries);
  const length = list?.length ?? entries!.length;
  const tokens = new Array<string | undefined>(length).fill(undefined);
  const byteTokens = new Array<number | undefined>(256).fill(undefined);
  let count = 0;
  const put = (id: number, token: string) => {
    while (tokens.length <= id) tokens.push(undefined);
    if (tokens[id] === undefined) count++;
    tokens[id] = token;
    const byte = token.length === 6 ? /^<0x([0-9A-F]{2})>$/.exec(token)?.[1] : undefined;
    if (byte !== undefined) byteTokens[Number.parseInt(byte, 16)] = id;
  };
  for (let read = 0; read < length; read++) {
    // In a list, the id is the place, and the token stands beside its score.
    const entry = list?.[read];
    const token: unknown = list ? (Array.isArray(entry) ? entry[0] : undefined) : entries!.keyAt(read);
    const id: unknown = list ? read : entries!.valueAt(read);
    if (!isId(id)) throw invalid(name, t("the id of {0} is {1}", JSON.stringify(token), JSON.stringify(id)));
    if (typeof token !== "string") throw invalid(name, t("its token {0} is no text", id));
    put(id, token);
    if (read % STEP === STEP - 1) yield;
  }
  for (const { id, content } of added) put(id, content);
  return { tokens, byteTokens, count };
}

/** An id without a token has an empty one. */
function* withoutHoles(tokens: readonly (string | undefined)[]): Generator<void, string[], void> {
  const filled = new Array<string>(tokens.length).fill("");
  for (const [id, token] of tokens.entries()) {
    if (token !== undefined) filled[id] = token;
    if (id % STEP === STEP - 1) yield;
  }
  return filled;
}

/** BPE on characters, with spaces spelt as `▁` and no words cut. */
function* blockTokenizer(read: ReadFile, prefix: boolean): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, byteTokens } = read;
  return yield* sentencePieceEncoder({
    name,
    tokens: yield* withoutHoles(tokens),
    merges: yield* readMerges(name, model.merges),
    byteTokens: byteTokens as number[],
    controls,
    spacePrefix: prefix,
    userTokens,
  });
}

function* byteLevelTokenizer(read: ReadFile, known: PreTokenizer): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, normalizers } = read;
  return yield* byteLevelEncoder({
    name,
    tokens,
    merges: yield* readMerges(name, model.merges),
    preTokenizer: known,
    plain: new Set([...controls, ...userTokens.values()]),
    controls,
    userTokens,
    normalises: normalizers.length > 0,
  });
}

/** A tokenizer that normalises, cuts words, and has a model for these. */
function* wordTokenizer(read: ReadFile, type: Kind): Generator<void, Tokenizer, void> {
  const { name, model, tokens, controls, userTokens, normalizers, preTokenizers } = read;
  // Text does not become control tokens, whatever it spells.
  const ordinary = tokens.slice();
  for (const id of controls) ordinary[id] = undefined;
  const silent = new Set(controls);
  const prefix = type === "WordPiece" ? textOr(model.continuing_subword_prefix, "##") : "";
  const unknown = unknownOf(read, type);
  if (unknown !== undefined) silent.add(unknown);
  const known = unreadable(normalizers, preTokenizers) === undefined;
  const stages = known ? [] : stagesOf(read);
  const merged = type === "BPE" ? yield* mergedWords(read, ordinary, stages, known) : undefined;
  const made = merged?.model ?? (yield* wordModel(read, type, ordinary));
  const reading = known
    ? new WordReading(normalizers, preTokenizers)
    : stagedReading(read, stages, yield* neverMeet(type, model, ordinary));
  const cutsAdded = userTokens.size > 0 && !read.strangeAdded && reading.readsAnywhere;
  return new WordTokenizer({
    name,
    tokens,
    ordinaryTokens: read.count - silent.size,
    prefix,
    controls: silent,
    reading: cutsAdded ? new AddedReading(userTokens, reading) : reading,
    model: made,
    ...(merged && { merges: merged.merges }),
    leavesOutAdded: userTokens.size > 0 && !cutsAdded,
    standsInForTable: normalizers.some((part) => part.type === "Precompiled"),
  });
}

/** The token of what is unknown; models of words must have one, BPE may. */
function unknownOf({ name, model, tokens }: ReadFile, type: Kind): number | undefined {
  const unknown = type === "Unigram" ? model.unk_id : tokens.indexOf(model.unk_token as string);
  if (isId(unknown) && unknown < tokens.length) return unknown;
  if (type === "BPE") return undefined;
  throw invalid(name, t("its model has no unknown token"));
}

function* wordModel(
  read: ReadFile,
  type: Kind,
  ordinary: readonly (string | undefined)[],
): Generator<void, WordModel, void> {
  const { name, model, byteTokens } = read;
  const unknown = unknownOf(read, type)!;
  const words =
    type === "Unigram"
      ? new Unigram(
          yield* scoresOf(name, model.vocab),
          unknown,
          model.byte_fallback === true ? byteTokens : undefined,
        )
      : type === "WordLevel"
        ? new WordLevel(unknown)
        : new WordPiece(
            textOr(model.continuing_subword_prefix, "##"),
            unknown,
            isId(model.max_input_chars_per_word) ? model.max_input_chars_per_word : 100,
          );
  yield* words.read(ordinary);
  return words;
}

/** BPE on words. */
function* mergedWords(
  read: ReadFile,
  ordinary: readonly (string | undefined)[],
  stages: readonly Stage[],
  known: boolean,
): Generator<void, CharacterMerges, void> {
  const { name, model, tokens, controls, normalizers } = read;
  const merges = yield* readMerges(name, model.merges);
  const bytes = model.byte_fallback === true ? read.byteTokens : undefined;
  if (known && bytes?.every((id) => id !== undefined)) {
    const made = yield* sentencePieceEncoder({
      name,
      tokens: yield* withoutHoles(tokens),
      merges,
      byteTokens: bytes as number[],
      controls,
      spacePrefix: false,
      userTokens: new Map(),
    });
    return { model: new MergedWords(made), merges: made };
  }
  const blocks = known
    ? read.preTokenizers.some(({ type }) => type === "Metaspace")
    : stages.some((stage) => stage.spellsBlocks) || normalizers.some(({ content }) => content === "\u2581");
  return yield* characterMerges({
    name,
    tokens: ordinary,
    merges,
    suffix: textOr(model.end_of_word_suffix, ""),
    ignoresMerges: model.ignore_merges === true,
    byteTokens: bytes,
    unknown: unknownOf(read, "BPE"),
    fusesUnknown: model.fuse_unk === true,
    spellsBytes: stages.some((stage) => stage.spellsBytes),
    spellsBlocks: blocks,
    ordinaryTokens: tokens.length - controls.size,
  });
}

/** Which characters no token holds side by side, for models that read words which are not cut. */
function* neverMeet(
  type: Kind,
  model: ReadFile["model"],
  ordinary: readonly (string | undefined)[],
): Generator<void, NeverMeet | undefined, void> {
  const joins =
    type === "BPE" && (model.ignore_merges === true || textOr(model.end_of_word_suffix, "") !== "");
  if (joins || (type !== "BPE" && type !== "Unigram")) return undefined;
  return yield* neverMeeting(ordinary, type === "Unigram" || model.fuse_unk === true);
}

function stagesOf({ name, preTokenizers }: ReadFile): Stage[] {
  return preTokenizers.map((part) => {
    const stage = refusing(name, () => stageOf(part));
    if (typeof stage === "string") throw unsupported(name, t("its pre-tokeniser is {0}", stage));
    return stage;
  });
}

function stagedReading(
  { name, normalizers }: ReadFile,
  stages: readonly Stage[],
  never: NeverMeet | undefined,
): StagedReading {
  return refusing(name, () => new StagedReading(normalizers, stages, never));
}

/** Says of what the library refuses that it is not supported, with the library's reason. */
function refusing<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unsupported(name, GlassboxError.from(error).message.replace(/\.$/, "").slice(0, 300));
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function* scoresOf(name: string, vocab: unknown): Generator<void, Float64Array, void> {
  const entries = vocab as unknown[];
  const scores = new Float64Array(entries.length);
  for (const [id, entry] of entries.entries()) {
    const score: unknown = Array.isArray(entry) ? entry[1] : undefined;
    if (typeof score !== "number") throw invalid(name, t("its token {0} has no score", id));
    scores[id] = score;
    if (id % STEP === STEP - 1) yield;
  }
  return scores;
}

const STEP = 512;

function* parse(name: string, json: Uint8Array): Generator<void, TokenizerFile, void> {
  let value: unknown;
  try {
    value = yield* readJsonInSteps(json, VOCABULARY);
  } catch (error) {
    throw invalid(name, t("it is no JSON ({0})", GlassboxError.from(error).message));
  }
  if (typeof value !== "object" || value === null) throw invalid(name, t("it holds no object"));
  return value;
}

/** The key of the object that is as large as the file. */
const VOCABULARY: ReadonlySet<string> = new Set(["vocab"]);

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 22;
}

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
  /** Whether it is looked for in what the normalisers leave of a text. */
  normalized: boolean;
  /** Whether it takes white space beside it with it, or must be a word. */
  strange: boolean;
}

function addedTokens(name: string, list: unknown): AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(name, t('"added_tokens" is no list'));
  return list.map((entry: Record<string, unknown> | null) => {
    const { id, content, special, normalized, lstrip, rstrip, single_word } = entry ?? {};
    if (!isId(id) || typeof content !== "string" || content === "") {
      throw invalid(name, t("an added token has no id or no content"));
    }
    return {
      id,
      content,
      special: special === true,
      normalized: normalized !== false,
      strange: lstrip === true || rstrip === true || single_word === true,
    };
  });
}

/** Merges as "left right", which older files write as text and newer ones as pairs. */
function* readMerges(name: string, list: unknown): Generator<void, string[], void> {
  if (!Array.isArray(list)) throw invalid(name, t('its model has no "merges"'));
  const merges: string[] = [];
  for (const entry of list as unknown[]) {
    const merge = Array.isArray(entry) ? entry.join(" ") : entry;
    if (typeof merge !== "string") throw invalid(name, t("a merge is {0}", JSON.stringify(entry)));
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

/** The pre-tokeniser of byte-level BPE that is known by what the file says; undefined for any other. */
function knownPreTokenizer({ model, normalizers, preTokenizers }: ReadFile): PreTokenizer | undefined {
  if (normalizers.some(({ type }) => type !== "NFC") || textOr(model.end_of_word_suffix, "") !== "")
    return undefined;
  const said = preTokenizers.flatMap((part): string[] => {
    if (part.type === "ByteLevel") {
      if (part.add_prefix_space === true) return ["a space in front"];
      return part.use_regex === false ? [] : ["ByteLevel"];
    }
    if (part.type === "Digits" && part.individual_digits === true) return ["Digits"];
    if (part.type === "Split" && typeof part.pattern?.Regex === "string" && part.behavior === "Isolated") {
      return [`Split ${part.pattern.Regex}`];
    }
    return ["another"];
  });
  const found = preTokenizer(KNOWN.get(said.join("\n")) ?? "");
  return found && { ...found, ignoresMerges: model.ignore_merges === true };
}

/** Whether a space is put in front, in a file that spells spaces as `▁` and cuts no words; undefined for others. */
function spacePrefix({ normalizers, preTokenizers, byteTokens }: ReadFile): boolean | undefined {
  let prefix = false;
  let replaces = false;
  for (const part of normalizers) {
    if (part.type === "Prepend" && part.prepend === "\u2581" && !replaces) prefix = true;
    else if (part.type === "Replace" && part.pattern?.String === " " && part.content === "\u2581")
      replaces = true;
    else return undefined;
  }
  // Where no space is left, none cuts.
  const cuts = preTokenizers.some(({ type, pattern }) => !(type === "Split" && pattern?.String === " "));
  return !replaces || cuts || byteTokens.includes(undefined) ? undefined : prefix;
}

function invalid(name: string, found: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": it is no tokenizer.json, {1}.', name, found),
    t("Choose another tokenizer."),
  );
}

function unsupported(name: string, found: string): GlassboxError {
  return new GlassboxError(
    "unsupported",
    t(
      'Cannot use "{0}": {1}. Models of the types BPE, WordPiece, Unigram and WordLevel are supported, with the normalisers and pre-tokenisers that the library @huggingface/tokenizers knows.',
      name,
      found,
    ),
    t("Choose another tokenizer."),
  );
}
