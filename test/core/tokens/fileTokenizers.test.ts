/** Tokenizers from files: exact spans, true through edits, replays that end where encoding does, refusals by name. */

import assert from "node:assert/strict";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { type GgufValue, TOKEN_TYPE } from "../../../src/core/lens/gguf/format.js";
import { writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import { CharsMap } from "../../../src/core/tokens/charsMap.js";
import { huggingFaceTokenizer } from "../../../src/core/tokens/huggingFaceTokenizer.js";
import { nearNames, tokenizerOfModel } from "../../../src/core/tokens/modelNames.js";
import { TokenBuffer } from "../../../src/core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../../src/core/tokens/tokenizer.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { firstCharacters } from "../../../src/shared/cutText.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { CORPUS_NAMES, corpus } from "./corpora.js";
import { anyText, SCRAPS } from "./reference.js";
import { editsWith, throughEdits } from "./throughEdits.js";
import {
  addedToken,
  addedTokensGguf,
  bertGguf,
  blockGguf,
  byteLevelGguf,
  byteLevelParts,
  charsMapOf,
  FILE_SCRAPS,
  finished,
  llamaTokenizerFile,
  REPLACED,
  rwkvGguf,
  storiesTokenizer,
  tokenizerOfGguf,
  unigramGguf,
} from "./vocabularies.js";

const RUNS = { numRuns: 60 };
const scraps = fc
  .array(fc.oneof(fc.constantFrom(...FILE_SCRAPS), fc.constantFrom(...SCRAPS), anyText(2)), { maxLength: 14 })
  .map((parts) => parts.join(""));

const edits = editsWith(scraps);

interface Case {
  name: string;
  make: () => Tokenizer;
}

const gpt2 = byteLevelParts("gpt2");
const cases: Case[] = [
  { name: "SentencePiece-style", make: storiesTokenizer },
  ...["gpt-2", "llama-bpe", "smollm", "gpt-4o", "deepseek-v3", "deepseek-coder", "falcon", "default"].map(
    (pre): Case => ({ name: pre, make: () => tokenizerOfGguf(`${pre}.gguf`, byteLevelGguf(pre, gpt2)) }),
  ),
  // Read by their expressions, so that their tokens are placed word by word.
  ...["viking", "kimi-k2", "afmoe", "superbpe"].map(
    (pre): Case => ({ name: pre, make: () => tokenizerOfGguf(`${pre}.gguf`, byteLevelGguf(pre, gpt2)) }),
  ),
  { name: "gemma4", make: () => tokenizerOfGguf("gemma4.gguf", blockGguf("gemma4", "gemma4")) },
];

for (const name of ["Llama", "Phi-3"]) {
  describe(`tokens added by hand to a SentencePiece vocabulary, ${name}`, function () {
    this.timeout(60_000);
    const tokenizer = tokenizerOfGguf("added.gguf", addedTokensGguf(name));

    it("lie one behind the other with the rest, and stay true through edits", () => {
      fc.assert(
        fc.property(scraps, fc.integer({ min: 1, max: 300 }), edits, (unit, times, changes) => {
          for (const { text, spans } of throughEdits(tokenizer, unit.repeat(times).slice(0, 3000), changes)) {
            let at = 0;
            for (const { start, end } of spans) {
              assert.ok(name === "Phi-3" ? text.slice(at, start).trim() === "" : start <= at);
              at = end;
            }
          }
        }),
        RUNS,
      );
    });

    it("have their place, and none for the spaces that are read behind them", () => {
      const text = "a<think>\tb";
      const spans = tokenSpans(tokenizer, text, Uint32Array.from(tokenizer.encode(text)));
      const found = spans
        .filter(({ end, start }) => end > start)
        .map(({ start, end }) => text.slice(start, end));
      assert.deepEqual(found, name === "Phi-3" ? ["a", "<think>", "b"] : ["a", "<think>", "\t", "b"]);
    });
  });
}

for (const { name, make } of cases) {
  describe(`tokenizer from a GGUF file, ${name}`, function () {
    this.timeout(60_000);
    let tokenizer: Tokenizer;
    before(() => {
      tokenizer = make();
    });

    it("stands for every byte of the text and no more", () => {
      fc.assert(
        fc.property(scraps, (text) => {
          const spans = tokenSpans(tokenizer, text, Uint32Array.from(tokenizer.encode(text)));
          let at = 0;
          for (const { start, end, startsInside, endsInside } of spans) {
            assert.ok(startsInside ? start < at : start === at, `${start} follows ${at}`);
            assert.ok(end >= at);
            at = end;
            if (endsInside) assert.ok(end <= text.length);
          }
          assert.equal(at, text.length);
          const bytes = spans.flatMap(({ id }) => [...tokenizer.bytesOf(id)]);
          const front = tokenizer.spacePrefix && text !== "" ? " " : "";
          const read = tokenizer.blockIsSpace || name === "gemma4" ? text.replaceAll("\u2581", " ") : text;
          assert.deepEqual(bytes, [...new TextEncoder().encode(front + read)]);
        }),
        RUNS,
      );
    });

    it("keeps the tokens of a document true through edits", () => {
      fc.assert(
        fc.property(scraps, fc.integer({ min: 1, max: 300 }), edits, (unit, times, changes) => {
          for (const _ of throughEdits(tokenizer, unit.repeat(times).slice(0, 9000), changes));
        }),
        RUNS,
      );
    });

    it("gives the same tokens in steps", () => {
      for (const unit of ["a", "ab ", " ", "=", "中", "😀", "x\n", "١", "1"]) {
        const text = unit.repeat(20_000 / unit.length);
        const out = new TokenBuffer();
        for (const _ of tokenizer.encodeInSteps(text, out));
        const inSteps = Array.from(out.toArray(), (word) => word & 0x7fffffff);
        assert.deepEqual(inSteps, tokenizer.encode(text));
        // Merged all at once, without windows: the textbook's order on all parts.
        if (tokenizer.splitter.pieceEnd(text, 0) === text.length && !tokenizer.spacePrefix) {
          assert.deepEqual(inSteps, tokenizer.mergeBytes(new TextEncoder().encode(text)));
        }
      }
    });

    it("replays merges that end in the tokens of the piece", () => {
      const text = "x return größer 中文 HTTPServer 123 😀\u2581y tokenization";
      const reader = tokenizer.continued ?? tokenizer;
      let at = 0;
      while (at < text.length) {
        const end = tokenizer.splitter.pieceEnd(text, at);
        const piece = text.slice(at, end);
        const replay = reader.replay(new TextEncoder().encode(piece));
        // A piece from inside a text: what is before it does not matter to it.
        const out = new TokenBuffer();
        reader.encodePiece(`|${piece}`, 1, 1 + piece.length, out);
        assert.deepEqual(
          replay.ids,
          Array.from(out.toArray(), (word) => word & 0x7fffffff),
          piece,
        );
        for (const { id, rank, runnerUp } of replay.merges) {
          assert.ok(id >= 0);
          assert.ok(runnerUp === undefined || runnerUp.rank >= rank);
        }
        at = end;
      }
    });

    it("names the two tokens that a token is made of", () => {
      for (const word of [" return", " the", "tion", " configuration"]) {
        const ids = (tokenizer.continued ?? tokenizer).encode(word);
        const id = ids.at(-1)!;
        const parents = tokenizer.parentsOf(id);
        if (tokenizer.bytesOf(id).length < 2) continue;
        assert.ok(parents, word);
        const joined = parents.flatMap((parent) => [...tokenizer.bytesOf(parent)]);
        assert.deepEqual(joined, [...tokenizer.bytesOf(id)]);
      }
    });
  });
}

describe("tokenizers from GGUF files that are no BPE", function () {
  this.timeout(60_000);
  const kinds: [string, Uint8Array][] = [
    ["WordPiece", bertGguf()],
    ["Unigram", unigramGguf(REPLACED, { "tokenizer.ggml.remove_extra_whitespaces": true })],
    ["Unigram with a space in front", unigramGguf(REPLACED, { "tokenizer.ggml.add_space_prefix": true })],
    ["RWKV", rwkvGguf()],
  ];
  for (const [name, bytes] of kinds) {
    it(`keep the tokens of a document true through edits, one behind the other: ${name}`, () => {
      const tokenizer = tokenizerOfGguf(`${name}.gguf`, bytes);
      const texts = fc
        .array(fc.oneof(scraps, fc.constantFrom(...REPLACED.keys(), "e\u0301", "  ")), { maxLength: 4 })
        .map((parts) => parts.join(""));
      fc.assert(
        fc.property(texts, fc.integer({ min: 1, max: 300 }), edits, (unit, times, changes) => {
          for (const { text, spans } of throughEdits(tokenizer, unit.repeat(times).slice(0, 3000), changes)) {
            let before = { start: 0, end: 0 };
            for (const span of spans) {
              assert.ok(span.start >= before.start && span.end >= before.end && span.end <= text.length);
              before = span;
            }
          }
        }),
        RUNS,
      );
    });
  }

  it("find nothing endless in a damaged table for normalising", () => {
    const table = charsMapOf(REPLACED);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(table.length - 5), fc.nat(255)), { minLength: 1, maxLength: 200 }),
        (hits) => {
          const damaged = table.slice();
          for (const [at, value] of hits) damaged[4 + at] = value;
          const map = new CharsMap(damaged, "x");
          assert.ok(map.prefixes().length <= table.length);
          assert.equal(typeof map.normalize("ﬁ e\u0301 ｶﾞ\t..."), "string");
        },
      ),
      { numRuns: 200 },
    );
    assert.throws(() => new CharsMap(Uint8Array.of(9, 0, 0, 0, 1), "x"), /its table for normalising text/);
  });
});

describe("tokenizers from GGUF files that cannot be used", () => {
  const text = (value: string): GgufValue => ({ type: "string", value });
  const list = (value: string[]): GgufValue => ({ type: "array", elementType: "string", value });
  const tokenizer = (entries: [string, GgufValue][]) => tokenizerOfGguf("x.gguf", writeGguf(entries, []));
  const refuses = (entries: [string, GgufValue][], code: string, message: RegExp) =>
    assert.throws(
      () => tokenizer(entries),
      (error) => error instanceof GlassboxError && error.code === code && message.test(error.message),
    );

  it("name what is missing or not supported", () => {
    refuses([["general.name", text("x")]], "file-invalid", /carries none/);
    const tokens: [string, GgufValue] = ["tokenizer.ggml.tokens", list(["a", "b"])];
    refuses([["tokenizer.ggml.model", text("bert")], tokens], "file-invalid", /no token for what is unknown/);
    const unknown: [string, GgufValue] = ["tokenizer.ggml.unknown_token_id", { type: "uint32", value: 0 }];
    refuses([["tokenizer.ggml.model", text("t5")], tokens, unknown], "file-invalid", /scores/);
    refuses([["tokenizer.ggml.model", text("rwkv")], tokens], "unsupported", /some of the bytes/);
    refuses(
      [["tokenizer.ggml.model", text("plamo2")], tokens],
      "unsupported",
      /PLaMo-2.*Supported are.*RWKV/,
    );
    refuses([["tokenizer.ggml.model", text("morse")], tokens], "unsupported", /of the kind "morse"/);
    refuses([["tokenizer.ggml.model", text("llama")], tokens], "file-invalid", /scores/);
    const gpt2Kind: [string, GgufValue][] = [["tokenizer.ggml.model", text("gpt2")], tokens];
    refuses(gpt2Kind, "file-invalid", /merges/);
    const merges: [string, GgufValue] = ["tokenizer.ggml.merges", list([])];
    refuses(
      [...gpt2Kind, merges, ["tokenizer.ggml.pre", text("hyperbpe")]],
      "unsupported",
      /"hyperbpe" is not supported.*llama-bpe.*kimi-k2/,
    );
    refuses([...gpt2Kind, merges, ["tokenizer.ggml.pre", text("gpt-2")]], "unsupported", /byte 0x00/);
  });

  it("refuse merges of tokens that there are not", () => {
    const { tokens } = gpt2;
    const file = byteLevelGguf("gpt-2", { tokens, merges: ["h e", "nosuch token"] });
    assert.throws(() => tokenizerOfGguf("x.gguf", file), /its merge 1, "nosuch token"/);
  });
});

describe("tokenizer.json", function () {
  this.timeout(60_000);
  const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  const rest = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  const split = (digits: string) => ({
    type: "Sequence",
    pretokenizers: [
      {
        type: "Split",
        pattern: { Regex: `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}|${rest}` },
        behavior: "Isolated",
        invert: false,
      },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  });
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const vocab = Object.fromEntries(gpt2.tokens.map((token, id) => [token, id]));
  const file = (preTokenizer: object, more: object = {}, model: object = {}) => ({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      byte_fallback: false,
      vocab,
      merges: gpt2.merges,
      ...model,
    },
    ...more,
  });
  const read = (content: object) =>
    finished(huggingFaceTokenizer("tokenizer.json", new TextEncoder().encode(JSON.stringify(content))));

  // Where the library departs from what it stands for (Rust's tokenizers): in GPT-2's pre-tokeniser it takes
  // JavaScript's \s for Unicode's white space, and its digits are ASCII's.
  const strange = { spaces: /[\u0085\ufeff]/g, digits: /[\u0085\ufeff]|(?![0-9])\p{N}/gu };
  const wholeCharacters = scraps.map((text) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
  );
  const agrees = (content: object, leftOut = strange.spaces) => {
    const ours = read(content);
    const library = new Library(content, {});
    fc.assert(
      fc.property(wholeCharacters, (any) => {
        const text = any.replace(leftOut, "");
        assert.deepEqual(ours.encode(text), library.encode(text, { add_special_tokens: false }).ids);
      }),
      RUNS,
    );
  };

  it("gives the library's ids with GPT-2's pre-tokeniser", () => agrees(file(byteLevel)));
  it("gives the library's ids with Llama 3's", () =>
    agrees(file(split("\\p{N}{1,3}"), {}, { ignore_merges: true })));
  it("gives the library's ids with Qwen 2's", () => agrees(file(split("\\p{N}"))));
  it("gives the library's ids where digits stand alone", () =>
    agrees(
      file({ type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel] }),
      strange.digits,
    ));
  it("takes merges that are pairs", () =>
    agrees(file(byteLevel, {}, { merges: gpt2.merges.map((merge) => merge.split(" ")) })));
  it("becomes added tokens that are not special wherever the text spells them", () =>
    agrees(
      file(byteLevel, {
        added_tokens: [addedToken(50_257, "<think>")],
      }),
    ));

  describe("with spaces spelt ▁, as Llama 2's", () => {
    const content = llamaTokenizerFile();
    const library = new Library({ ...content, added_tokens: [] }, {});
    let stories: Tokenizer;
    before(() => {
      stories = storiesTokenizer();
    });
    // Text that spells a control token or a byte's is text, which the library knows of no more than its vocabulary.
    const plainText = wholeCharacters.map((text) => text.replace(/<(?=\/?s>|unk>|0x)/g, "("));

    it("gives the library's ids, and llama.cpp's for the same vocabulary", () => {
      const ours = read(content);
      fc.assert(
        fc.property(plainText, (text) => {
          const ids = ours.encode(text);
          if (text !== "") assert.deepEqual(ids, library.encode(text, { add_special_tokens: false }).ids);
          assert.deepEqual(ids, stories.encode(text));
        }),
        RUNS,
      );
      for (const name of CORPUS_NAMES) {
        const text = firstCharacters(corpus(name), 5000);
        assert.deepEqual(ours.encode(text), library.encode(text, { add_special_tokens: false }).ids, name);
        assert.deepEqual(ours.encode(text), stories.encode(text), name);
      }
    });

    it("gives the library's ids where words are cut by Metaspace", () => {
      const metaspace = (split: boolean, scheme: string) => ({
        ...content,
        normalizer: null,
        pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split },
      });
      // The library cuts nothing at Metaspace, so that words are cut for it.
      const cut = new Library({ ...metaspace(true, "never"), added_tokens: [] }, {});
      for (const scheme of ["first", "always", "never"]) {
        const ours = read(metaspace(true, scheme));
        fc.assert(
          fc.property(plainText, (text) => {
            const front = scheme === "never" || text === "" || /^[ ▁]/.test(text) ? "" : "▁";
            const words = (front + text).replaceAll(" ", "▁").split(/(?=▁)/);
            const ids = words.flatMap((word) =>
              word === "" ? [] : cut.encode(word, { add_special_tokens: false }).ids,
            );
            assert.deepEqual(ours.encode(text), ids);
          }),
          RUNS,
        );
      }
    });

    it("tells the rank of a merge", () => {
      const ours = read(content);
      const { merges } = content.model;
      for (const word of ["▁the", "ing", "▁return"]) {
        const id = content.model.vocab[word]!;
        const { rank } = ours.orderOf?.(id) ?? {};
        assert.equal(merges[rank!]?.replace(" ", ""), word);
        assert.ok((stories.orderOf?.(id)?.score ?? 1) < 0);
      }
      assert.equal(ours.orderOf?.(content.model.vocab["<0x0A>"]!), undefined);
    });
  });

  it("says that NFC is left out", () => {
    assert.equal(read(file(split("\\p{N}"), { normalizer: { type: "NFC" } })).leavesOutNfc, true);
    assert.ok(!read(file(byteLevel)).leavesOutNfc);
  });

  it("names what it cannot read", () => {
    const refuses = (content: string, code: string, message: RegExp) =>
      assert.throws(
        () => finished(huggingFaceTokenizer("tokenizer.json", new TextEncoder().encode(content))),
        (error) => error instanceof GlassboxError && error.code === code && message.test(error.message),
      );
    refuses("PK\u0003\u0004", "file-invalid", /no JSON/);
    refuses("[]", "file-invalid", /no "model"/);
    refuses('{"model":{"type":"WordLevel","vocab":{"a":0}}}', "file-invalid", /no unknown token/);
    refuses('{"model":{"type":"Holographic","vocab":{"a":0}}}', "unsupported", /Holographic/);
    refuses(
      '{"model":{"type":"Unigram","vocab":[["a"]],"unk_id":0}}',
      "file-invalid",
      /token 0 has no score/,
    );
    refuses('{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}', "file-invalid", /the id of "a" is -1/);
    refuses(JSON.stringify(file(byteLevel, { normalizer: { type: "Nmt" } })), "unsupported", /Nmt/);
  });
});

describe("models by name", () => {
  const exact: [string, string][] = [
    ["gpt-4o", "o200k_base"],
    ["gpt-4o-2024-08-06", "o200k_base"],
    ["openai/gpt-4.1-mini", "o200k_base"],
    ["ft:gpt-4o-mini:acme::8f3", "o200k_base"],
    ["o3-mini", "o200k_base"],
    ["gpt-5-nano", "o200k_base"],
    ["gpt-5.1-codex-max", "o200k_base"],
    ["azure/gpt-5.2", "o200k_base"],
    ["gpt-realtime", "o200k_base"],
    ["o4-mini-deep-research", "o200k_base"],
    ["openai.gpt-oss-120b-1:0", "o200k_base"],
    ["gpt-4-turbo", "cl100k_base"],
    ["gpt-3.5-turbo-0125", "cl100k_base"],
    ["text-embedding-3-small", "cl100k_base"],
    ["text-davinci-003", "p50k_base"],
    ["davinci", "r50k_base"],
    ["gpt2", "gpt2"],
  ];
  for (const [model, tokenizer] of exact) {
    it(`${model} counts with ${tokenizer}`, () => {
      const found = tokenizerOfModel(model);
      assert.equal(found?.tokenizer, tokenizer);
      assert.equal(found?.exact, true);
    });
  }

  it("are approximate where the tokenizer is another's", () => {
    for (const model of ["claude-sonnet-4-5", "anthropic.claude-3-haiku", "gemini-2.5-pro", "grok-4"]) {
      const found = tokenizerOfModel(model);
      assert.deepEqual([found?.exact, found?.published], [false, false], model);
    }
    for (const model of [
      "llama-3.1-8b",
      "mistral-large",
      "qwen2.5-coder",
      "deepseek-chat",
      "command-r-plus",
    ]) {
      const found = tokenizerOfModel(model);
      assert.deepEqual([found?.exact, found?.published], [false, true], model);
    }
  });

  it("know who publishes a tokenizer among the newer makers", () => {
    const published: [string, string, boolean][] = [
      ["claude-opus-4-5", "Anthropic", false],
      ["gemini-3-pro-preview", "Google", false],
      ["gemma-3-27b-it", "Google", true],
      ["grok-2", "xAI", true],
      ["grok-4-fast", "xAI", false],
      ["meta-llama/Llama-4-Maverick-17B", "Meta", true],
      ["devstral-medium", "Mistral AI", true],
      ["Qwen/Qwen3-Coder-480B", "Alibaba", true],
      ["deepseek-v3.2", "DeepSeek", true],
      ["moonshotai/kimi-k2-thinking", "Moonshot AI", true],
      ["zai-org/GLM-4.6", "Zhipu AI", true],
      ["MiniMax-M2", "MiniMax", true],
      ["nvidia/nemotron-nano-9b-v2", "NVIDIA", true],
      ["amazon.nova-premier-v1:0", "Amazon", false],
      ["phi-4-reasoning", "Microsoft", true],
    ];
    for (const [model, vendor, open] of published) {
      const found = tokenizerOfModel(model);
      assert.deepEqual([found?.vendor, found?.published, found?.exact], [vendor, open, false], model);
    }
  });

  it("are offered to those who mistype one", () => {
    const near = (typed: string) => nearNames(typed, ["o200k_base", "cl100k_base"]);
    assert.equal(near("gpt5")[0], "gpt-5");
    assert.equal(near("gtp-4o")[0], "gpt-4o");
    assert.equal(near("cluade-sonnet-4-5")[0], "claude-sonnet-4-5");
    assert.equal(near("o200k")[0], "o200k_base");
    assert.equal(near("cl100kbase")[0], "cl100k_base");
    assert.ok(near("gemni-2.5-pro").includes("gemini-2.5-pro"));
    for (const nonsense of ["", "  ", "nonsense", "the quick brown fox", "x"])
      assert.deepEqual(near(nonsense), [], nonsense);
    for (const name of near("gpt-6-mni")) assert.ok(tokenizerOfModel(name));
  });

  it("are not guessed from words that are none", () => {
    for (const word of ["", "toString", "constructor", "model", "nonsense"]) {
      assert.equal(tokenizerOfModel(word), undefined, word);
    }
  });
});

/** Keeps the type of control tokens in view: text that spells one is text. */
describe("control tokens of a GGUF vocabulary", () => {
  it("are not made by text that spells them", () => {
    const tokenizer = tokenizerOfGguf("x.gguf", byteLevelGguf("gpt-2", gpt2));
    const control = gpt2.tokens.length + 3;
    assert.equal(TOKEN_TYPE.control, 3);
    assert.ok(!tokenizer.encode("a <|endoftext|> b").includes(control));
    assert.equal(tokenizer.ordinaryTokens, gpt2.tokens.length + 3);
  });
});
