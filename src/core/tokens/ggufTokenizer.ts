/**
 * The tokenizer inside a GGUF file, read from its metadata: SentencePiece-style (`llama`) and byte-level BPE
 * (`gpt2`), with ids that are those of llama.cpp's own for the same text.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { TOKEN_TYPE } from "../lens/gguf/format.js";
import { integer, numbers, strings, text } from "../lens/gguf/metadata.js";
import type { GgufHeader } from "../lens/gguf/readGguf.js";
import { AddedReading } from "./addedReading.js";
import { byteLevelEncoder } from "./byteLevel.js";
import { characterMerges } from "./characterMerges.js";
import { type GgufPatterns, ggufPatterns, PATTERN_NAMES } from "./ggufPatterns.js";
import { bertTokenizer, type GgufWords, noUnknown, rwkvTokenizer, unigramTokenizer } from "./ggufWords.js";
import { neverMeeting } from "./neighbours.js";
import { PRE_TOKENIZERS, preTokenizer } from "./preTokenizers.js";
import { sentencePieceEncoder } from "./sentencePiece.js";
import { StagedReading } from "./stagedReading.js";
import type { Tokenizer } from "./tokenizer.js";
import { isolating, spellingBlocks, spellingBytes } from "./wordStages.js";
import { WordTokenizer } from "./wordTokenizer.js";

const CHOOSE_ANOTHER = t("Run Glassbox: Choose Tokenizer to choose another.");

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
      t(
        'Cannot use the tokenizer of "{0}": the file carries none ("tokenizer.ggml.model" and "tokenizer.ggml.tokens").',
        header.fileName,
      ),
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
        t(
          'Cannot use the tokenizer of "{0}": its pre-tokeniser "{1}" is not supported. Supported are {2}.',
          header.fileName,
          pre,
          [...PRE_TOKENIZERS, ...PATTERN_NAMES].join(", "),
        ),
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
  if (kind === "bert" || kind === "t5" || kind === "rwkv") {
    return yield* wordsTokenizer(header, kind, { name, tokens, controls, userTokens });
  }
  throw new GlassboxError(
    "unsupported",
    t(
      'Cannot use the tokenizer of "{0}": it is of the kind {1}. Supported are {2}.',
      header.fileName,
      kindName(kind),
      KNOWN_KINDS,
    ),
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

const KNOWN_KINDS = t(
  'SentencePiece-style ("llama"), BPE ("gpt2", "gemma4"), WordPiece ("bert"), Unigram ("t5") and RWKV ("rwkv")',
);

const KINDS: ReadonlyMap<string, string> = new Map([
  ["plamo2", 'PLaMo-2 ("plamo2")'],
  ["hybriddna", t('DNA in letters of six ("hybriddna")')],
  ["whitespace", t('words between white space ("whitespace")')],
]);

/** The kinds that are no BPE. */
function* wordsTokenizer(
  header: GgufHeader,
  kind: "bert" | "t5" | "rwkv",
  read: Omit<GgufWords, "unknown">,
): Generator<void, Tokenizer, void> {
  const unknown = integer(header, "tokenizer.ggml.unknown_token_id") ?? { bert: 100, t5: 2, rwkv: -1 }[kind];
  if (kind !== "rwkv" && unknown >= read.tokens.length) throw noUnknown(header.fileName);
  const words = { ...read, unknown };
  if (kind === "rwkv") return yield* rwkvTokenizer(words);
  if (kind === "bert") {
    const lowercase = flag(header, "tokenizer.ggml.normalizer.lowercase", true);
    const stripAccents = flag(header, "tokenizer.ggml.normalizer.strip_accents", lowercase);
    return yield* bertTokenizer(words, { lowercase, stripAccents });
  }
  const types = numbers(header, "tokenizer.ggml.token_type");
  const scores = numbers(header, "tokenizer.ggml.scores");
  if (scores?.length !== read.tokens.length) throw missing(header, "tokenizer.ggml.scores");
  const charsMap = numbers(header, "tokenizer.ggml.precompiled_charsmap");
  const silent = new Set(read.controls);
  for (let id = 0; id < read.tokens.length; id++) {
    if (Number(types?.[id] ?? TOKEN_TYPE.normal) === TOKEN_TYPE.byte) silent.add(id);
  }
  return yield* unigramTokenizer(
    { ...words, controls: silent },
    {
      scores: Float32Array.from(scores as ArrayLike<number>, Number),
      charsMap: charsMap && Uint8Array.from(charsMap as ArrayLike<number>, (value) => Number(value) & 0xff),
      addsSpace: flag(header, "tokenizer.ggml.add_space_prefix", false),
      mergesSpaces: flag(header, "tokenizer.ggml.remove_extra_whitespaces", false),
      isNormal: (id) => Number(types?.[id] ?? TOKEN_TYPE.normal) === TOKEN_TYPE.normal,
    },
  );
}

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
      t(
        'Cannot use the tokenizer of "{0}": its vocabulary has no token {1} for a byte.',
        header.fileName,
        name,
      ),
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
    t('Cannot use the tokenizer of "{0}": its metadata has no usable "{1}".', header.fileName, key),
    CHOOSE_ANOTHER,
  );
}
