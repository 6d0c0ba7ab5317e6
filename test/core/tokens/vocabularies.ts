/** Vocabularies for the tests of tokenizers that come from files: GPT-2's as GGUF metadata, real SentencePiece ones. */

import { readFileSync } from "node:fs";
import { builtInModelPath } from "../../../scripts/models.js";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { type GgufValue, TOKEN_TYPE } from "../../../src/core/lens/gguf/format.js";
import { numbers, strings } from "../../../src/core/lens/gguf/metadata.js";
import { readGgufHeader } from "../../../src/core/lens/gguf/readGguf.js";
import { writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import { CHARACTER_OF_BYTE } from "../../../src/core/tokens/byteAlphabet.js";
import type { EncodingName } from "../../../src/core/tokens/encodings.js";
import { ggufTokenizer } from "../../../src/core/tokens/ggufTokenizer.js";
import type { Tokenizer } from "../../../src/core/tokens/tokenizer.js";
import { encoderOf } from "./reference.js";

export const STORIES = builtInModelPath();

/** An entry of the list of tokens in a tokenizer.json that were added by hand. */
export const addedToken = (id: number, content: string, special = false) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
});

export function finished<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export function tokenizerOfGguf(name: string, bytes: Uint8Array): Tokenizer {
  return finished(ggufTokenizer(readGgufHeader(memorySource(name, bytes))));
}

export function storiesTokenizer(): Tokenizer {
  return tokenizerOfGguf("stories15M.gguf", readFileSync(STORIES));
}

/**
 * A GGUF file without weights that carries the vocabulary of the model of stories, and tokens added by hand.
 * @param name what the model is called inside, which decides what becomes of white space behind these.
 */
export function addedTokensGguf(name: string): Uint8Array {
  const header = readGgufHeader(memorySource("stories15M.gguf", readFileSync(STORIES)));
  const tokens = [...strings(header, "tokenizer.ggml.tokens")!, ...USER_TOKENS, CONTROL_TOKEN];
  const scores = new Float32Array(tokens.length);
  scores.set(Array.from(numbers(header, "tokenizer.ggml.scores")!, Number));
  const types = new Int32Array(tokens.length).fill(TOKEN_TYPE.userDefined);
  types.set(Array.from(numbers(header, "tokenizer.ggml.token_type")!, Number));
  types[tokens.length - 1] = TOKEN_TYPE.control;
  return vocabularyGguf([
    ["general.name", text(name)],
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.scores", { type: "array", elementType: "float32", value: scores }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.bos_token_id", uint32(1)],
    ["tokenizer.ggml.eos_token_id", uint32(2)],
    ["tokenizer.ggml.unknown_token_id", uint32(0)],
  ]);
}

/**
 * The vocabulary of Llama 2, which the model of stories has, as its makers' tokenizer.json has it: merges instead of
 * scores, those of higher scores first (convert_slow_tokenizer.py of the library transformers).
 */
export function llamaTokenizerFile() {
  const header = readGgufHeader(memorySource("stories15M.gguf", readFileSync(STORIES)));
  const tokens = strings(header, "tokenizer.ggml.tokens")!;
  const scores = numbers(header, "tokenizer.ggml.scores")!;
  const types = numbers(header, "tokenizer.ggml.token_type")!;
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [id, token] of tokens.entries()) {
    if (Number(types[id]) !== TOKEN_TYPE.normal) continue;
    const characters = [...token];
    for (let at = 1; at < characters.length; at++) {
      const left = characters.slice(0, at).join("");
      const right = characters.slice(at).join("");
      if (ids.has(left) && ids.has(right)) merges.push({ left, right, score: Number(scores[id]) });
    }
  }
  merges.sort(
    (a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length,
  );
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: ["<unk>", "<s>", "</s>"].map((token) => addedToken(ids.get(token)!, token, true)),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "\u2581" },
        { type: "Replace", pattern: { String: " " }, content: "\u2581" },
      ],
    } as object | null,
    pre_tokenizer: null as object | null,
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(ids),
      merges: merges.map(({ left, right }) => `${left} ${right}`),
    },
  };
}

export interface ByteLevelParts {
  tokens: string[];
  merges: string[];
}

/**
 * An encoding as tokens and merges: a token's merge is of the two parts that merging with the ranks below its own
 * leaves of its bytes (as Hugging Face and llama.cpp convert tiktoken's ranks).
 */
export function byteLevelParts(name: EncodingName): ByteLevelParts {
  const encoder = encoderOf(name);
  const spelt = (id: number) => Array.from(encoder.bytesOf(id), (byte) => CHARACTER_OF_BYTE[byte]!).join("");
  const tokens: string[] = [];
  const merges: string[] = [];
  for (let id = 0; tokens.length < encoder.ordinaryTokens; id++) {
    tokens.push(spelt(id));
    const parents = encoder.parentsOf(id);
    if (parents) merges.push(parents.map(spelt).join(" "));
  }
  return { tokens, merges };
}

/** Tokens that are put behind those of the encoding. */
const USER_TOKENS = ["<think>", "\n\n\n", "<tool>"] as const;
const CONTROL_TOKEN = "<|endoftext|>";

/** A GGUF file without weights that carries a byte-level vocabulary. */
export function byteLevelGguf(pre: string, { tokens, merges }: ByteLevelParts): Uint8Array {
  const all = [...tokens, ...USER_TOKENS, CONTROL_TOKEN];
  const types = new Int32Array(all.length).fill(TOKEN_TYPE.normal);
  types.fill(TOKEN_TYPE.userDefined, tokens.length);
  types[all.length - 1] = TOKEN_TYPE.control;
  return vocabularyGguf([
    ["tokenizer.ggml.model", text("gpt2")],
    ["tokenizer.ggml.pre", text(pre)],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: all }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.merges", { type: "array", elementType: "string", value: merges }],
    ["tokenizer.ggml.bos_token_id", uint32(all.length - 1)],
    ["tokenizer.ggml.eos_token_id", uint32(all.length - 1)],
  ]);
}

/** A GGUF file without weights whose tokens are letters with spaces spelt `▁`, those of the model of stories. */
export function blockGguf(kind: string, pre: string): Uint8Array {
  const { model } = llamaTokenizerFile();
  const tokens = [...Object.keys(model.vocab), "\n\n", ...USER_TOKENS, CONTROL_TOKEN];
  const types = new Int32Array(tokens.length).fill(TOKEN_TYPE.normal);
  types.fill(TOKEN_TYPE.userDefined, tokens.length - 1 - USER_TOKENS.length);
  types[tokens.length - 1] = TOKEN_TYPE.control;
  for (const id of [0, 1, 2]) types[id] = TOKEN_TYPE.control;
  return vocabularyGguf([
    ["tokenizer.ggml.model", text(kind)],
    ["tokenizer.ggml.pre", text(pre)],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.merges", { type: "array", elementType: "string", value: model.merges }],
    ["tokenizer.ggml.bos_token_id", uint32(1)],
    ["tokenizer.ggml.eos_token_id", uint32(2)],
  ]);
}

/** WordPiece as llama.cpp has it: `\u2581` in front where a word begins, and nothing where it goes on. */
export function bertGguf(options: Record<string, boolean> = {}): Uint8Array {
  const words = "the return function value tokenization hello world naive cafe 中 文 字 ß ß".split(" ");
  const ascii = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));
  const letters = [...ascii, ..."äöüéàñçõабвгдежзийアイウㄱㅏΑαΣσς한글ᄒ①½😀"];
  const parts = [...letters, "th", "re", "turn", "fun", "ction", "val", "ue", "ing", "ed", "tok", "en"];
  const tokens = new Set(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
  for (const part of [...words, ...parts]) tokens.add(`\u2581${part}`).add(part);
  const types = new Int32Array(tokens.size).fill(TOKEN_TYPE.normal);
  types.fill(TOKEN_TYPE.control, 0, 5);
  return vocabularyGguf([
    ["tokenizer.ggml.model", text("bert")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: [...tokens] }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.unknown_token_id", uint32(1)],
    ["tokenizer.ggml.bos_token_id", uint32(2)],
    ["tokenizer.ggml.seperator_token_id", uint32(3)],
    ["tokenizer.ggml.padding_token_id", uint32(0)],
    ["tokenizer.ggml.mask_token_id", uint32(4)],
    ...Object.entries(options).map(([key, value]): [string, GgufValue] => [key, { type: "bool", value }]),
  ]);
}

/** Unigram with a table for normalising, with scores that make no two ways equal. */
export function unigramGguf(
  replaced: ReadonlyMap<string, string>,
  options: Record<string, boolean>,
): Uint8Array {
  const header = readGgufHeader(memorySource("stories15M.gguf", readFileSync(STORIES)));
  const some = strings(header, "tokenizer.ggml.tokens")!.filter((_, id) => id > 258 && id % 3 !== 0);
  const tokens = ["<pad>", "</s>", "<unk>", "\u2581", ...some.filter((token) => token !== "\u2581")];
  const scores = Float32Array.from(tokens, (_, id) => (id < 3 ? 0 : -3 - Math.log(id) - (id % 97) / 101));
  const types = new Int32Array(tokens.length).fill(TOKEN_TYPE.normal);
  types.set([TOKEN_TYPE.control, TOKEN_TYPE.control, TOKEN_TYPE.unknown]);
  const charsMap: [string, GgufValue][] =
    replaced.size === 0
      ? []
      : [
          [
            "tokenizer.ggml.precompiled_charsmap",
            { type: "array", elementType: "uint8", value: charsMapOf(replaced) },
          ],
        ];
  return vocabularyGguf([
    ["tokenizer.ggml.model", text("t5")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.scores", { type: "array", elementType: "float32", value: scores }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.unknown_token_id", uint32(2)],
    ["tokenizer.ggml.eos_token_id", uint32(1)],
    ["tokenizer.ggml.padding_token_id", uint32(0)],
    ...charsMap,
    ...Object.entries(options).map(([key, value]): [string, GgufValue] => [key, { type: "bool", value }]),
  ]);
}

/** RWKV's: every byte, and words of more, with escapes for what is no letter. */
export function rwkvGguf(): Uint8Array {
  const byte = (value: number) =>
    value === 92
      ? "\\\\"
      : value === 10
        ? "\\n"
        : value > 32 && value < 127
          ? String.fromCharCode(value)
          : `\\x${value.toString(16).padStart(2, "0")}`;
  const words = [
    "the",
    " the",
    "return",
    " return",
    "token",
    "tokenization",
    "\\n\\n",
    "  ",
    "中",
    "中文",
    "größe",
    "123",
    "12",
  ];
  const tokens = [
    "<s>",
    ...Array.from({ length: 256 }, (_, value) => byte(value)),
    ...words,
    "\\xf0\\x9f",
    "\\xe4\\xb8",
  ];
  return vocabularyGguf([
    ["tokenizer.ggml.model", text("rwkv")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    [
      "tokenizer.ggml.token_type",
      {
        type: "array",
        elementType: "int32",
        value: Int32Array.from(tokens, (_, id) => (id === 0 ? TOKEN_TYPE.control : TOKEN_TYPE.normal)),
      },
    ],
  ]);
}

/**
 * A table for normalising as SentencePiece compiles it: a unit a node, `base << 10 | leaf << 8 | label`, where the
 * children of a node lie at its place, its base and their label, all three by exclusive or.
 */
export function charsMapOf(replaced: ReadonlyMap<string, string>): Uint8Array {
  type Node = { children: Map<number, Node>; value?: number };
  const utf8 = new TextEncoder();
  const root: Node = { children: new Map() };
  const strings: number[] = [];
  for (const [from, to] of replaced) {
    let node = root;
    for (const byte of utf8.encode(from)) {
      const next: Node = node.children.get(byte) ?? { children: new Map() };
      node.children.set(byte, next);
      node = next;
    }
    node.value = strings.length;
    strings.push(...utf8.encode(to), 0);
  }
  const units: number[] = [0];
  const taken = new Set([0]);
  const blocks = new Set<number>();
  const place = (node: Node, at: number) => {
    const labels = [...node.children.keys(), ...(node.value === undefined ? [] : [0])];
    let block = 1;
    while (blocks.has(block) || labels.some((label) => taken.has(block ^ label))) block++;
    blocks.add(block);
    for (const label of labels) taken.add(block ^ label);
    units[at] =
      (((at ^ block) << 10) | (node.value === undefined ? 0 : 0x100) | ((units[at] ?? 0) & 0xff)) >>> 0;
    if (node.value !== undefined) units[block] = (0x80000000 | node.value) >>> 0;
    for (const [label, child] of node.children) {
      units[block ^ label] = label;
      place(child, block ^ label);
    }
  };
  place(root, 0);
  const size = Math.ceil((Math.max(...taken) + 1) / 256) * 256;
  const bytes = new Uint8Array(4 + 4 * size + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 4 * size, true);
  for (let at = 0; at < size; at++) view.setUint32(4 + 4 * at, units[at] ?? 0, true);
  bytes.set(strings, 4 + 4 * size);
  return bytes;
}

/** Some of what NFKC does, and a rule over several characters. */
export const REPLACED: ReadonlyMap<string, string> = new Map([
  ["\t", " "],
  ["\n", " "],
  ["\u00a0", " "],
  ["\u3000", " "],
  ["ﬁ", "fi"],
  ["½", "1\u20442"],
  ["①", "1"],
  ["Ａ", "A"],
  ["e\u0301", "é"],
  ["a\u0308", "ä"],
  ["ｶﾞ", "ガ"],
  ["ｶ", "カ"],
  ["\u200b", ""],
  ["...", "…"],
  ["ab\u0301c", "xyz"],
]);

const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
const text = (value: string): GgufValue => ({ type: "string", value });

/** A GGUF file with as much around its vocabulary as llama.cpp asks for to read that. */
function vocabularyGguf(vocabulary: [string, GgufValue][]): Uint8Array {
  return writeGguf(
    [
      ["general.architecture", text("llama")],
      ["llama.context_length", uint32(64)],
      ["llama.embedding_length", uint32(32)],
      ["llama.block_count", uint32(1)],
      ["llama.feed_forward_length", uint32(32)],
      ["llama.attention.head_count", uint32(1)],
      ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-5 }],
      ...vocabulary,
    ],
    [{ name: "output_norm.weight", type: "F32", shape: [32], data: new Uint8Array(32 * 4) }],
  );
}

/** Scraps at which these tokenizers decide, besides those of the encodings. */
export const FILE_SCRAPS = [
  "\u2581",
  "\u2581x",
  "\u2581\u2581 \u2581",
  "<s>",
  "</s>",
  "<unk>",
  "<0x0A>",
  ...USER_TOKENS,
  "\n",
  "123456",
  "1٣45",
  "①",
  "→",
  "€",
  "$+<",
  "`",
  "『",
  "。",
  "\u3099",
  "カ・ナ",
  "\u200b",
  "\ue000",
  "\u0007",
  "ÀÉ",
  "aÉB",
  "ΩmEgA",
  "\u0085",
  "\u3000x",
];
