/**
 * The tokenizer inside a GGUF file, read from its metadata: SentencePiece-style (`llama`) and byte-level BPE
 * (`gpt2`), with ids that are those of llama.cpp's own for the same text.
 */

import { GlassboxError } from "../../shared/errors.js";
import { TOKEN_TYPE } from "../lens/gguf/format.js";
import { numbers, strings, text } from "../lens/gguf/metadata.js";
import type { GgufHeader } from "../lens/gguf/readGguf.js";
import { AddedReading } from "./addedReading.js";
import { byteLevelEncoder } from "./byteLevel.js";
import { characterMerges } from "./characterMerges.js";
import { type GgufPatterns, ggufPatterns, PATTERN_NAMES } from "./ggufPatterns.js";
import { neverMeeting } from "./neighbours.js";
import { PRE_TOKENIZERS, preTokenizer } from "./preTokenizers.js";
import { sentencePieceEncoder } from "./sentencePiece.js";
import { StagedReading } from "./stagedReading.js";
import type { Tokenizer } from "./tokenizer.js";
import { isolating, spellingBlocks, spellingBytes } from "./wordStages.js";
import { WordTokenizer } from "./wordTokenizer.js";

const CHOOSE_ANOTHER = "Run Glassbox: Choose Tokenizer to choose another.";

/**
 * Makes the tokenizer, yielding every few hundred tokens so that nobody is held up.
 * @throws GlassboxError `unsupported` for kinds and pre-tokenisers that are not known, by name; `file-invalid`.
 */
export function* ggufTokenizer(header: GgufHeader): Generator<void, Tokenizer, void> {
  const kind = text(header, "tokenizer.ggml.model");
  const tokens = strings(header, "tokenizer.ggml.tokens");
  if (kind === undefined || tokens === undefined || tokens.length === 0) {
    throw new GlassboxError(
      "file-invalid",
      `Cannot use the tokenizer of "${header.fileName}": the file carries none ("tokenizer.ggml.model" and "tokenizer.ggml.tokens").`,
      CHOOSE_ANOTHER,
    );
  }
  // Many a file is called "Storage" or "model" inside; its own name tells more.
  const name = header.fileName.replace(/\.gguf$/i, "");
  const types = numbers(header, "tokenizer.ggml.token_type");
  const controls = new Set<number>();
  const userTokens = new Map<string, number>();
  /** Those that may stand for a byte. */
  const shortTokens = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    const type = Number(types?.[id] ?? TOKEN_TYPE.normal);
    if (type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown) controls.add(id);
    else if (type === TOKEN_TYPE.userDefined && token !== "") userTokens.set(token, id);
    if (token.length === 1 || (token.length === 6 && token.startsWith("<0x"))) shortTokens.set(token, id);
    if (id % STEP === STEP - 1) yield;
  }
  if (kind === "llama") {
    const scores = numbers(header, "tokenizer.ggml.scores");
    if (scores?.length !== tokens.length) throw missing(header, "tokenizer.ggml.scores");
    return yield* sentencePieceEncoder({
      name,
      tokens,
      scores: scores instanceof Float32Array ? scores : Array.from(scores, Number),
      byteTokens: byteTokensOf(header, shortTokens),
      controls,
      spacePrefix: flag(header, "tokenizer.ggml.add_space_prefix", true),
      userTokens,
      // llama.cpp goes by the name too.
      swallowsSpaces: /phi-?3/i.test(text(header, "general.name") ?? ""),
    });
  }
  if (kind === "gpt2" || kind === "gemma4") {
    const pre = kind === "gemma4" ? kind : text(header, "tokenizer.ggml.pre") || "default";
    // llama.cpp reads this one without merges too.
    const merges = strings(header, "tokenizer.ggml.merges") ?? (pre === "kimi-k2" ? [] : undefined);
    if (merges === undefined) throw missing(header, "tokenizer.ggml.merges");
    const patterns = ggufPatterns(pre);
    if (patterns) {
      const vocabulary = { name, tokens, merges, controls, userTokens, shortTokens, patterns };
      return yield* patternTokenizer(vocabulary);
    }
    const found = preTokenizer(pre);
    if (!found) {
      throw new GlassboxError(
        "unsupported",
        `Cannot use the tokenizer of "${header.fileName}": its pre-tokeniser "${pre}" is not supported. Supported are ${[...PRE_TOKENIZERS, ...PATTERN_NAMES].join(", ")}.`,
        CHOOSE_ANOTHER,
      );
    }
    const plain = new Set([...controls, ...userTokens.values()]);
    return yield* byteLevelEncoder({
      name,
      tokens,
      merges,
      preTokenizer: found,
      plain,
      controls,
      userTokens,
    });
  }
  throw new GlassboxError(
    "unsupported",
    `Cannot use the tokenizer of "${header.fileName}": it is of the kind ${kindName(kind)}. SentencePiece-style ("llama") and byte-level BPE ("gpt2") are supported.`,
    CHOOSE_ANOTHER,
  );
}

interface PatternVocabulary {
  name: string;
  tokens: readonly string[];
  merges: readonly string[];
  controls: ReadonlySet<number>;
  userTokens: ReadonlyMap<string, number>;
  shortTokens: ReadonlyMap<string, number>;
  patterns: GgufPatterns;
}

/** BPE on the words that expressions cut. */
function* patternTokenizer(vocabulary: PatternVocabulary): Generator<void, Tokenizer, void> {
  const { name, tokens, controls, userTokens, patterns } = vocabulary;
  const { letters, ignoresMerges, wholeLineBreaks } = patterns;
  const stages = [
    ...patterns.patterns.map((source) => isolating(new RegExp(source, "gu"))),
    letters ? spellingBlocks() : spellingBytes(),
  ];
  const bytes = Array.from({ length: 256 }, (_, byte) => vocabulary.shortTokens.get(byteName(byte)));
  const merged = yield* characterMerges({
    name,
    tokens,
    merges: vocabulary.merges,
    suffix: "",
    ignoresMerges,
    wholeLineBreaks,
    byteTokens: letters ? bytes : undefined,
    unknown: undefined,
    fusesUnknown: false,
    spellsBytes: !letters,
    spellsBlocks: letters,
    ordinaryTokens: tokens.length - controls.size,
  });
  const never = ignoresMerges ? undefined : yield* neverMeeting(tokens, false);
  const reading = new StagedReading([], stages, never, true);
  return new WordTokenizer({
    name,
    tokens,
    ordinaryTokens: tokens.length - controls.size,
    prefix: "",
    controls: new Set([...controls, ...userTokens.values()]),
    reading: userTokens.size > 0 ? new AddedReading(userTokens, reading) : reading,
    model: merged.model,
    merges: merged.merges,
    leavesOutAdded: false,
  });
}

/** What is looked at between two yields. */
const STEP = 512;

const KINDS: ReadonlyMap<string, string> = new Map([
  ["bert", 'WordPiece ("bert")'],
  ["t5", 'SentencePiece unigram ("t5")'],
  ["rwkv", 'RWKV ("rwkv")'],
  ["plamo2", 'PLaMo-2 ("plamo2")'],
]);

function kindName(kind: string): string {
  return KINDS.get(kind) ?? JSON.stringify(kind.slice(0, 64));
}

/** The token of each byte: `<0x41>`, else the character itself, as llama.cpp looks them up. */
function byteTokensOf(header: GgufHeader, ids: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const name = byteName(byte);
    const id = ids.get(name) ?? (byte < 0x80 ? ids.get(String.fromCharCode(byte)) : undefined);
    if (id !== undefined) return id;
    throw new GlassboxError(
      "unsupported",
      `Cannot use the tokenizer of "${header.fileName}": its vocabulary has no token ${name} for a byte.`,
      CHOOSE_ANOTHER,
    );
  });
}

function byteName(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

function flag(header: GgufHeader, key: string, otherwise: boolean): boolean {
  const value = header.metadata.get(key);
  return value?.type === "bool" ? value.value : otherwise;
}

function missing(header: GgufHeader, key: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    `Cannot use the tokenizer of "${header.fileName}": its metadata has no usable "${key}".`,
    CHOOSE_ANOTHER,
  );
}
