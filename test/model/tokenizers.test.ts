/** Tokenizers read from GGUF files against llama.cpp's own on the same files: the same ids for any text. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import type { Llama, LlamaModel } from "node-llama-cpp";
import { readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import type { EncodingName } from "../../src/core/tokens/encodings.js";
import { ggufPatterns, PATTERN_NAMES } from "../../src/core/tokens/ggufPatterns.js";
import { ggufTokenizer } from "../../src/core/tokens/ggufTokenizer.js";
import { huggingFaceTokenizer } from "../../src/core/tokens/huggingFaceTokenizer.js";
import { PRE_TOKENIZERS } from "../../src/core/tokens/preTokenizers.js";
import { LONGEST_PIECE, type Tokenizer } from "../../src/core/tokens/tokenizer.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { CORPUS_NAMES, corpus } from "../core/tokens/corpora.js";
import { anyText, SCRAPS } from "../core/tokens/reference.js";
import {
  addedTokensGguf,
  bertGguf,
  blockGguf,
  byteLevelGguf,
  byteLevelParts,
  FILE_SCRAPS,
  finished,
  llamaTokenizerFile,
  REPLACED,
  rwkvGguf,
  STORIES,
  tokenizerOfGguf,
  unigramGguf,
} from "../core/tokens/vocabularies.js";
import { chatModel } from "../modelFiles.js";

/**
 * Characters of Unicode 16 and 17, and some unassigned ones between them: in llama.cpp's tables, which are those of
 * Unicode 15.1, they are neither letters nor signs; Node's may be newer.
 */
const NEWER = new RegExp(
  `[${[
    String.raw`\u088f-\u0897\u0c5c\u0cdc\u1acf-\u1aeb\u1b4e-\u1b4f\u1b7f\u1c89-\u1c8a\u20c1\u2427-\u2429`,
    String.raw`\u2b96\u31e4-\u31e5\ua7cb-\ua7f1\ufbc3-\ufbd2\ufd90-\ufd91\ufdc8-\ufdce\u{105c0}-\u{105f3}`,
    String.raw`\u{10940}-\u{10959}\u{10d40}-\u{10d8f}\u{10ec2}-\u{10ed8}\u{10efa}-\u{10efc}`,
    String.raw`\u{11380}-\u{113e2}\u{116d0}-\u{116e3}\u{11b60}-\u{11b67}\u{11bc0}-\u{11bf9}`,
    String.raw`\u{11db0}-\u{11de9}\u{11f5a}\u{13460}-\u{143fa}\u{16100}-\u{16139}\u{16d40}-\u{16d79}`,
    String.raw`\u{16ea0}-\u{16ed3}\u{16ff2}-\u{16ff6}\u{187f8}-\u{187ff}\u{18cff}-\u{18d1e}`,
    String.raw`\u{18d80}-\u{18df2}\u{1cc00}-\u{1cef0}\u{1e5d0}-\u{1e5ff}\u{1e6c0}-\u{1e6ff}\u{1f6d8}`,
    String.raw`\u{1f777}-\u{1f77a}\u{1f8b2}-\u{1f8d8}\u{1fa54}-\u{1fa57}\u{1fa89}-\u{1fa8f}`,
    String.raw`\u{1fabe}-\u{1faef}\u{1fbcb}-\u{1fbfa}\u{2b73a}-\u{2b73f}\u{2cea2}-\u{2cead}`,
    String.raw`\u{323b0}-\u{33479}`,
  ].join("")}]`,
  "gu",
);

const texts = fc
  .array(fc.oneof(fc.constantFrom(...FILE_SCRAPS), fc.constantFrom(...SCRAPS), anyText(2)), { maxLength: 12 })
  .map((parts) => parts.join("").replace(NEWER, ""));

/** Where an expression takes a whole line for one piece, a longer one is read in parts, which the tokenizer says. */
const TOO_LONG = new RegExp(`[^\\n]{${LONGEST_PIECE - 100}}`, "gu");

/** The corpora of all tests of tokens, and files of this project: code and prose with many kinds of characters. */
const CORPORA = [
  ...["README.md", "src/core/tokens/preTokenizers.ts", "test/core/tokens/reference.ts"].map((path) =>
    readFileSync(join(process.cwd(), path), "utf8"),
  ),
  ...CORPUS_NAMES.map(corpus),
].map((text) => text.replace(NEWER, "").replace(TOO_LONG, "$&\n"));

function same(model: LlamaModel, tokenizer: Tokenizer, text: string): void {
  assert.deepEqual(
    tokenizer.encode(text),
    [...model.tokenize(text, false)],
    JSON.stringify(text.slice(0, 200)),
  );
}

function compare(model: LlamaModel, tokenizer: Tokenizer, runs: number): void {
  for (const text of ["", " ", "  ", ...SCRAPS, ...FILE_SCRAPS]) same(model, tokenizer, text);
  for (const text of CORPORA) {
    const some = text.slice(0, runs * 100);
    same(model, tokenizer, some);
    same(model, tokenizer, some.replaceAll("\n", "\r\n"));
  }
  fc.assert(
    fc.property(texts, (text) => same(model, tokenizer, text)),
    { numRuns: runs },
  );
}

describe("tokenizers of GGUF files, against llama.cpp", function () {
  this.timeout(120_000);
  let llama: Llama;
  let folder: string;

  before(async () => {
    const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
    // A file without weights is said to lack a tensor, which it does.
    llama = await getLlama({ gpu: false, logLevel: LlamaLogLevel.disabled, build: "never" });
    folder = await mkdtemp(join(tmpdir(), "glassbox-tokenizers-"));
  });

  after(async () => {
    await llama.dispose();
    await rm(folder, { recursive: true });
  });

  /** Opens a file's vocabulary in the engine, and gives it back whatever happens: the engine waits for it at its end. */
  const withModel = async (path: string, act: (model: LlamaModel) => void) => {
    const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
    try {
      act(model);
    } finally {
      await model.dispose();
    }
  };
  const withFile = async (
    name: string,
    bytes: Uint8Array,
    act: (model: LlamaModel, own: Tokenizer) => void,
  ) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await withModel(path, (model) => act(model, tokenizerOfGguf(name, bytes)));
    await rm(path);
  };

  for (const path of [STORIES, chatModel()]) {
    it(`SentencePiece-style: ${basename(path)}`, async () => {
      const file = openModelFile(path);
      const tokenizer = finished(ggufTokenizer(readGgufHeader(file)));
      file.close();
      await withModel(path, (model) => {
        compare(model, tokenizer, 3000);
        for (const unit of ["a", " ", "=", "中", "😀", "ab"]) same(model, tokenizer, unit.repeat(20_000));
      });
    });
  }

  it("BPE on characters with byte fallback: the tokenizer.json of Llama 2", async () => {
    const tokenizer = finished(
      huggingFaceTokenizer("tokenizer.json", new TextEncoder().encode(JSON.stringify(llamaTokenizerFile()))),
    );
    await withModel(STORIES, (model) => compare(model, tokenizer, 1500));
  });

  for (const name of ["Llama", "Phi-3 Mini"]) {
    it(`SentencePiece-style with tokens added by hand: ${name}`, () =>
      withFile("added.gguf", addedTokensGguf(name), (model, tokenizer) => {
        compare(model, tokenizer, 3000);
        for (const text of ["<think>", "<think> x", "a<think><tool>b ", "\n\n\n\n x<think> \n\n\n\t\ty"]) {
          same(model, tokenizer, text);
          same(model, tokenizer, ` ${text}`);
        }
      }));
  }

  /** One name of each pre-tokeniser in many texts, and every name in some. */
  const thorough = new Set(
    "gpt-2 llama-bpe qwen2 qwen35 seed-coder starcoder gpt-4o tekken deepseek-v3 deepseek-coder falcon default".split(
      " ",
    ),
  );
  const parts = new Map<EncodingName, ReturnType<typeof byteLevelParts>>();
  const check = async (pre: string, encoding: EncodingName, runs: number) => {
    const made = parts.get(encoding) ?? byteLevelParts(encoding);
    parts.set(encoding, made);
    await withFile(`${pre}.gguf`, byteLevelGguf(pre, made), (model, tokenizer) =>
      compare(model, tokenizer, runs),
    );
  };

  for (const pre of PRE_TOKENIZERS) {
    it(`byte-level BPE: ${pre}`, () => check(pre, "gpt2", thorough.has(pre) ? 1500 : 100));
  }
  /** Scraps at which the rarer expressions decide. */
  const rare = [
    "1234567",
    "a1234.12345678 ١٢٣٤",
    "The quick Brown fox's  HTTPServer's ÉtÉ ǅx",
    "中文abc中文的，。！…“x”",
    "かなカナㄅㄆ한국어ㄱ",
    "ไทย ລາວ ខ្មែរ မြန်မာ",
    "IMGIMGABCZ <sentinel:12> IMGIMGABCDEFZ",
    "\t\t    a       b",
    " ".repeat(700),
    `x${"\n".repeat(5)}  \n y   `,
    "。a，b、c।d۔e،f(g|h)",
    "٣٤٥６７８ Ⅷ½",
    " \u00a0123 \u00a01234x123",
    "e\u0301a\u0308 o\u0302",
    "𐐀𐐨 ﬁ Ωω 　。",
  ];

  for (const pre of PATTERN_NAMES) {
    const letters = ggufPatterns(pre)!.letters;
    it(`BPE by expressions: ${pre}`, async () => {
      const made = parts.get("gpt2") ?? byteLevelParts("gpt2");
      parts.set("gpt2", made);
      const kinds = letters && pre === "gemma4" ? ["gpt2", "gemma4"] : ["gpt2"];
      for (const kind of kinds) {
        const bytes = letters ? blockGguf(kind, pre) : byteLevelGguf(pre, made);
        await withFile(`${pre}.gguf`, bytes, (model, tokenizer) => {
          for (const text of rare)
            for (const front of ["", "a", " ", "1"]) same(model, tokenizer, front + text);
          compare(model, tokenizer, 400);
        });
      }
    });
  }

  const words: [string, Uint8Array][] = [
    ["WordPiece (bert)", bertGguf()],
    [
      "WordPiece (bert) that keeps capitals",
      bertGguf({
        "tokenizer.ggml.normalizer.lowercase": false,
        "tokenizer.ggml.normalizer.strip_accents": true,
      }),
    ],
    ["WordPiece (bert) that keeps accents", bertGguf({ "tokenizer.ggml.normalizer.strip_accents": false })],
    ["Unigram (t5)", unigramGguf(REPLACED, { "tokenizer.ggml.remove_extra_whitespaces": true })],
    [
      "Unigram (t5) with a space in front",
      unigramGguf(REPLACED, { "tokenizer.ggml.add_space_prefix": true }),
    ],
    ["Unigram (t5) without a table", unigramGguf(new Map(), {})],
    ["RWKV", rwkvGguf()],
  ];
  for (const [name, bytes] of words) {
    it(`no BPE: ${name}`, () =>
      withFile("words.gguf", bytes, (model, tokenizer) => {
        for (const text of [...REPLACED.keys(), ...rare]) {
          for (const front of ["", "a", " ", "ab", "e\u0301"])
            same(model, tokenizer, `${front + text} ${text}x`);
        }
        compare(model, tokenizer, 1500);
      }));
  }

  it("byte-level BPE with the vocabulary of o200k_base: gpt-4o", () => check("gpt-4o", "o200k_base", 500));
  it("byte-level BPE with the vocabulary of cl100k_base: llama-bpe", () =>
    check("llama-bpe", "cl100k_base", 500));
});
