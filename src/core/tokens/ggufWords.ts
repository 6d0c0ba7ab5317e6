/**
 * The tokenizers inside GGUF files that are no BPE, as llama.cpp reads them: WordPiece (`bert`), Unigram (`t5`) and
 * the longest match of RWKV (`rwkv`). The tests hold each against llama.cpp.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { AddedReading } from "./addedReading.js";
import { CharsMap } from "./charsMap.js";
import { Neighbours, neverMeeting } from "./neighbours.js";
import { type NormalStep, StagedReading, unchanged } from "./stagedReading.js";
import type { Tokenizer } from "./tokenizer.js";
import { LongestMatch, Unigram, type WordModel, WordPiece } from "./wordModels.js";
import type { Part, PieceReading } from "./wordReading.js";
import { fronting, keeping, spellingBlocks } from "./wordStages.js";
import { WordTokenizer } from "./wordTokenizer.js";

export interface GgufWords {
  name: string;
  tokens: readonly string[];
  /** Ids that text does not become. */
  controls: ReadonlySet<number>;
  userTokens: ReadonlyMap<string, number>;
  unknown: number;
}

function tokenizer(
  { name, tokens, controls, userTokens, unknown }: GgufWords,
  reading: PieceReading,
  model: WordModel,
): Tokenizer {
  const cutsAdded = userTokens.size > 0 && reading.readsAnywhere;
  return new WordTokenizer({
    name,
    tokens,
    ordinaryTokens: tokens.length - new Set([...controls, unknown]).size,
    prefix: "",
    controls: new Set([...controls, unknown]),
    reading: cutsAdded ? new AddedReading(userTokens, reading) : reading,
    model,
    leavesOutAdded: userTokens.size > 0 && !cutsAdded,
  });
}

const CHINESE =
  "\\u4e00-\\u9fff\\u3400-\\u4dbf\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}\\uf900-\\ufaff\\u{2f800}-\\u{2fa1f}";
const ALONE = `\\p{P}$+<=>^\`|~${CHINESE}`;
const WORDS = new RegExp(`[${ALONE}]|[^ ${ALONE}]+`, "gu");

/** How BERT's normaliser reads one character: white space as a blank, control characters as nothing. */
function bertCharacter(character: string, lowercase: boolean, stripAccents: boolean): string {
  const base = stripAccents ? String.fromCodePoint(character.normalize("NFD").codePointAt(0)!) : character;
  if (/\p{White_Space}/u.test(base)) return " ";
  if (/[\0\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(base) || (stripAccents && /\p{M}/u.test(base))) return "";
  return lowercase ? String.fromCodePoint(base.toLowerCase().codePointAt(0)!) : base;
}

/** A step that normalises each character by itself. */
function characterwise(become: (character: string) => string): NormalStep {
  const normalize = (text: string) => Array.from(text, become).join("");
  return {
    normalize,
    align: (text) => {
      const whole = unchanged(text);
      const [starts, ends]: [number[], number[]] = [[], []];
      let at = 0;
      for (const character of text) {
        const length = become(character).length;
        for (let i = 0; i < length; i++) {
          starts.push(whole.starts[at]!);
          ends.push(whole.ends[at]!);
        }
        at += character.length;
      }
      return { text: normalize(text), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
    },
    content: "",
    composes: false,
  };
}

/** WordPiece, whose tokens have `▁` in front where a word begins. */
export function* bertTokenizer(
  words: GgufWords,
  options: { lowercase: boolean; stripAccents: boolean },
): Generator<void, Tokenizer, void> {
  const model = new WordPiece("", words.unknown, Number.POSITIVE_INFINITY);
  yield* model.read(words.tokens);
  const known = new Map<string, string>();
  const step = characterwise((character) => {
    let found = known.get(character);
    if (found === undefined) {
      found = bertCharacter(character, options.lowercase, options.stripAccents);
      known.set(character, found);
    }
    return found;
  });
  return tokenizer(words, new StagedReading([step], [keeping(WORDS), fronting("\u2581")]), model);
}

/** Unigram behind SentencePiece's table for normalising. */
export function* unigramTokenizer(
  words: GgufWords,
  options: {
    scores: ArrayLike<number>;
    charsMap: Uint8Array | undefined;
    addsSpace: boolean;
    mergesSpaces: boolean;
    /** Whether a token is one that the lowest score is looked for among. */
    isNormal: (id: number) => boolean;
  },
): Generator<void, Tokenizer, void> {
  const { name, tokens, controls, userTokens, unknown } = words;
  const scores = Float64Array.from({ length: tokens.length }, (_, id) => options.scores[id] ?? 0);
  let lowest = Number.POSITIVE_INFINITY;
  for (let id = 0; id < scores.length; id++) if (options.isNormal(id)) lowest = Math.min(lowest, scores[id]!);
  for (const id of userTokens.values()) scores[id] = 0;
  const ordinary = tokens.slice() as (string | undefined)[];
  for (const id of controls) ordinary[id] = undefined;
  yield;
  const model = new Unigram(scores, unknown, undefined, lowest - 10);
  yield* model.read(ordinary);
  const steps: (NormalStep | Part)[] = [];
  if (options.charsMap) {
    const map = new CharsMap(options.charsMap, name);
    const neighbours = new Neighbours(2 ** 12);
    const touched = { left: new Set<number>(), right: new Set<number>() };
    for (const prefix of map.prefixes()) {
      neighbours.addAll(prefix);
      const codes = Array.from(prefix, (character) => character.codePointAt(0)!);
      for (const code of codes.slice(1)) touched.left.add(code);
      for (const code of codes.slice(0, -1)) touched.right.add(code);
    }
    yield;
    steps.push({
      normalize: (text) => map.normalize(text),
      align: (text) => map.align(text),
      reach: {
        meets: (before, after) => neighbours.meet(before, after),
        touches: (code, side) => touched[side].has(code),
      },
      content: "",
      composes: false,
    });
  }
  if (options.mergesSpaces) steps.push(...MERGING);
  const never = yield* neverMeeting(ordinary, true);
  // The space in front is there for the sake of what is no space, which must lie in the same piece.
  const neverCut: typeof never = (before, after) => before !== BLOCK_CODE && never(before, after);
  const fronts = options.mergesSpaces || options.addsSpace;
  const stages = fronts ? [fronting(" ", /^ *$/), spellingBlocks()] : [spellingBlocks()];
  return tokenizer(words, new StagedReading(steps, stages, fronts ? neverCut : never, true), model);
}

const BLOCK_CODE = 0x2581;
/** One space for each run of them, and none at the ends. */
const MERGING: readonly Part[] = [
  { type: "Replace", pattern: { Regex: " +" }, content: " " },
  { type: "Strip", strip_left: true, strip_right: true, only: " " },
];

/** RWKV: from the left, the longest token that fits; tokens are bytes, written with escapes. */
export function* rwkvTokenizer(words: GgufWords): Generator<void, Tokenizer, void> {
  const tokens = words.tokens.map(unescaped);
  if (new Set(tokens.filter(({ length }) => length === 1).map(([byte]) => byte)).size < 256) {
    throw new GlassboxError(
      "unsupported",
      t("Cannot use the tokenizer of {0}: its vocabulary has no token for some of the bytes.", words.name),
      t("Run Glassbox: Choose Tokenizer to choose another."),
    );
  }
  yield;
  const model = new LongestMatch(words.unknown);
  yield* model.read(tokens);
  // Which bytes stand side by side, as characters of one byte each.
  const neighbours = new Neighbours(2 ** 14);
  for (const token of tokens)
    for (let at = 1; at < token.length; at++) neighbours.add(token[at - 1]!, token[at]!);
  yield;
  const encoder = new TextEncoder();
  const bytesOf = (code: number) => encoder.encode(String.fromCodePoint(code));
  const never = (before: number, after: number) =>
    !neighbours.meet(bytesOf(before).at(-1)!, bytesOf(after)[0]!);
  return new WordTokenizer({
    name: words.name,
    tokens: words.tokens,
    ordinaryTokens: words.tokens.length - words.controls.size,
    prefix: "",
    controls: words.controls,
    reading: new StagedReading([], [], never, true),
    model,
    bytes: tokens,
    leavesOutAdded: words.userTokens.size > 0,
  });
}

/** The bytes that a token of RWKV stands for: `\n`, `\x1f`, `\\`. */
function unescaped(token: string): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const [part] of token.matchAll(/\\x[0-9a-f]{2}|\\.|[^\\]+|\\$/gsu)) {
    if (/^\\x/.test(part) && part.length === 4) bytes.push(Number.parseInt(part.slice(2), 16));
    else if (part === "\\t") bytes.push(9);
    else if (part === "\\n") bytes.push(10);
    else if (part === "\\r") bytes.push(13);
    else bytes.push(...encoder.encode(part.startsWith("\\") ? part.slice(1) : part));
  }
  return Uint8Array.from(bytes);
}

/** Why a vocabulary of words cannot be used. */
export function noUnknown(name: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t('Cannot use the tokenizer of "{0}": it has no token for what is unknown.', name),
    t("Run Glassbox: Choose Tokenizer to choose another."),
  );
}
