/** Tokenizers of tokenizer.json files that normalise: the library's ids, places that follow the text, edits, refusals. */

import assert from "node:assert/strict";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { huggingFaceTokenizer } from "../../../src/core/tokens/huggingFaceTokenizer.js";
import { TokenBuffer } from "../../../src/core/tokens/tokenBuffer.js";
import { TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import type { Tokenizer } from "../../../src/core/tokens/tokenizer.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { CORPUS_NAMES, corpus } from "./corpora.js";
import { anyText, SCRAPS } from "./reference.js";
import { FILE_SCRAPS, finished } from "./vocabularies.js";

const RUNS = { numRuns: 200 };
const BLOCK = "\u2581";

/** The beginning of each corpus. */
const corpora = (length: number) => CORPUS_NAMES.map((name) => corpus(name).slice(0, length));

/** Every character of the corpora and scraps, and the words and beginnings of words that are frequent in them. */
function frequent(lower: boolean): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (text: string) => counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const text of corpora(20_000)) {
    const normal = lower
      ? text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "")
      : text.normalize("NFKC");
    for (const character of new Set(normal)) if (!/[\s\u{1f600}-\u{1f64f}]/u.test(character)) add(character);
    for (const [word] of normal.matchAll(/\p{L}+|\p{N}{1,3}/gu)) {
      for (const length of [2, 3, 4, 5, 7]) if (word.length >= length) add(word.slice(0, length));
      add(word);
      if (word.length > 5) add(word.slice(-3));
    }
  }
  for (const ascii of "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?'\"()[]{}<>+-*/=_#@&%$~^|\\") add(ascii);
  const kept = [...counts].filter(([text, count]) => [...text].length === 1 || count > 6);
  return new Map(kept);
}

function wordPieceModel(lower: boolean) {
  const vocab = new Map<string, number>();
  for (const token of ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]) vocab.set(token, vocab.size);
  for (const text of frequent(lower).keys()) {
    for (const token of [text, `##${text}`]) if (!vocab.has(token)) vocab.set(token, vocab.size);
  }
  return {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocab),
  };
}

/** Scores are multiples of 1/64, so that sums in any order are the same number. */
function unigramModel(lower: boolean) {
  const vocab: [string, number][] = [
    ["<pad>", 0],
    ["</s>", 0],
    ["<unk>", 0],
    [BLOCK, -2],
  ];
  for (const [text, count] of frequent(lower)) {
    const score = Math.round(Math.log(count / 1e5) * 64) / 64;
    vocab.push([text, score]);
    if (text.length > 1) vocab.push([BLOCK + text, score + 1]);
  }
  return { type: "Unigram", unk_id: 2, vocab };
}

const special = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

function file(model: object, normalizer: object | null, preTokenizer: object | null) {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [] as object[],
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: null,
    model,
  };
}

const bert = (lowercase: boolean, strip: boolean | null = null) => ({
  type: "BertNormalizer",
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: strip,
  lowercase,
});
const sequence = (...parts: object[]) => ({ type: "Sequence", normalizers: parts });
const cuts = (...parts: object[]) => ({ type: "Sequence", pretokenizers: parts });
const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
const metaspace = { type: "Metaspace", replacement: BLOCK, prepend_scheme: "always", split: true };
// What the library makes of it is not in the table, so that any will do.
const precompiled = { type: "Precompiled", precompiled_charsmap: "" };
const bertWords = { type: "BertPreTokenizer" };
const spaces = { type: "WhitespaceSplit" };

/** The control tokens of one of the models, as its makers list them. */
function controls(model: object): object[] {
  const { type } = model as { type: string };
  return type === "Unigram"
    ? [special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>")]
    : ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((token, id) => special(id, token));
}

interface Case {
  name: string;
  file: ReturnType<typeof file>;
}

const cases: Case[] = [
  { name: "BERT, uncased", file: file(wordPieceModel(true), bert(true), bertWords) },
  { name: "BERT, cased", file: file(wordPieceModel(false), bert(false), bertWords) },
  {
    name: "WordPiece with NFKC, lower case, no accents",
    file: file(
      wordPieceModel(true),
      sequence({ type: "NFKD" }, { type: "StripAccents" }, { type: "Lowercase" }, { type: "NFC" }),
      cuts(spaces, { type: "Punctuation" }, { type: "Digits", individual_digits: true }),
    ),
  },
  { name: "T5", file: file(unigramModel(false), precompiled, cuts(spaces, metaspace)) },
  {
    name: "XLM-R",
    file: file(
      unigramModel(false),
      sequence(
        precompiled,
        { type: "Strip", strip_left: false, strip_right: true },
        replace({ Regex: " {2,}" }, BLOCK),
      ),
      metaspace,
    ),
  },
  {
    name: "ALBERT",
    file: file(
      unigramModel(true),
      sequence(
        replace({ String: "``" }, '"'),
        replace({ String: "''" }, '"'),
        { type: "NFKD" },
        { type: "StripAccents" },
        { type: "Lowercase" },
        precompiled,
      ),
      cuts(spaces, metaspace),
    ),
  },
  {
    name: "Unigram with the space in front of the first word only",
    file: file(unigramModel(false), { type: "NFC" }, { ...metaspace, prepend_scheme: "first" }),
  },
];

const scraps = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FILE_SCRAPS, ...SCRAPS),
      fc.constantFrom(
        "ﬁrst",
        "½",
        "Ⅷ",
        "e\u0301",
        "한국어",
        "각",
        "é",
        "İ",
        "straße",
        "``x''",
        "  ",
        "\u3000",
        "\u00a0 ",
        "中文 字",
        "don't",
        "the tokenization",
        "\u00ad",
        "ｶﾞ",
        "x".repeat(101),
      ),
      anyText(2),
    ),
    { maxLength: 14 },
  )
  // In JavaScript a capital sigma at a word's end becomes another letter, in Rust's tokenizers it does not.
  .map((parts) => parts.join("").replaceAll("\u03a3", "\u03c3"))
  // Text that spells a control token is text, which the library is told nothing of here.
  .map((text) => text.replaceAll(/<\/?(?:s|unk|pad)>/g, "<u>"));

const read = (content: object) =>
  finished(huggingFaceTokenizer("tokenizer.json", new TextEncoder().encode(JSON.stringify(content))));

for (const { name, file: content } of cases) {
  describe(`tokenizer.json that normalises: ${name}`, function () {
    this.timeout(120_000);
    let tokenizer: Tokenizer;
    let library: Library;
    before(() => {
      tokenizer = read({ ...content, added_tokens: controls(content.model) });
      library = new Library({ ...content, added_tokens: [] }, {});
    });

    const same = (text: string) =>
      assert.deepEqual(
        tokenizer.encode(text),
        library.encode(text, { add_special_tokens: false }).ids,
        JSON.stringify(text.slice(0, 200)),
      );

    it("gives the library's ids of any text", () => {
      for (const text of ["", " ", "  ", " a", "a ", "\n", "a\n", "a\u0007\u3000", " \u0007 "]) same(text);
      fc.assert(fc.property(scraps, same), RUNS);
    });

    it("gives the library's ids of the corpora", () => {
      for (const text of corpora(6000)) {
        same(text.replaceAll("\u03a3", "\u03c3"));
        same(text.replaceAll("\u03a3", "\u03c3").replaceAll("\n", "\r\n"));
      }
    });

    it("places the tokens one behind the other in the text", () => {
      fc.assert(
        fc.property(scraps, (text) => {
          const spans = tokenSpans(tokenizer, text, Uint32Array.from(tokenizer.encode(text)));
          let before = { start: 0, end: 0 };
          for (const span of spans) {
            assert.ok(span.start >= before.start && span.end >= before.end && span.end <= text.length);
            assert.equal(span.startsInside, span.start < before.end);
            before = span;
          }
        }),
        RUNS,
      );
    });

    it("places a token where its letters are", () => {
      fc.assert(
        fc.property(scraps, (text) => {
          for (const { id, start, end } of tokenSpans(
            tokenizer,
            text,
            Uint32Array.from(tokenizer.encode(text)),
          )) {
            const letters = new TextDecoder().decode(tokenizer.bytesOf(id)).trim();
            const covered = text.slice(start, end);
            if (!/^[a-z]+$/.test(letters) || !/^[ \n]*[a-z]+$/.test(covered)) continue;
            assert.equal(covered.trim(), letters);
          }
        }),
        RUNS,
      );
    });

    it("keeps the tokens of a document true through edits", () => {
      const changes = fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(30), fc.constant(1e6)),
          text: fc.oneof(fc.constant(""), fc.constant(" "), scraps),
        }),
        { minLength: 1, maxLength: 8 },
      );
      fc.assert(
        fc.property(scraps, fc.integer({ min: 1, max: 300 }), changes, (unit, times, edits) => {
          let text = unit.repeat(times).slice(0, 3000);
          const document = new TokenDocument(tokenizer, text);
          document.encode(() => true);
          for (const edit of edits) {
            const offset = Math.floor(edit.at * text.length);
            const length = Math.min(edit.length, text.length - offset);
            document.edit({ offset, length, text: edit.text });
            document.encode(() => true);
            text = text.slice(0, offset) + edit.text + text.slice(offset + length);
            const ids = tokenizer.encode(text);
            assert.equal(document.tokenCount, ids.length);
            const placed = tokenSpans(tokenizer, text, Uint32Array.from(ids)).filter(
              ({ start, end }) => end > start,
            );
            const kept = document.spans(0, document.length).filter(({ start, end }) => end > start);
            assert.equal(JSON.stringify(kept), JSON.stringify(placed));
            const middle = Math.floor(text.length / 2);
            assert.equal(document.indexAt(middle), document.countStarting(0, middle));
          }
        }),
        { numRuns: 40 },
      );
    });

    it("gives the same tokens in steps", () => {
      for (const unit of ["a", "ab ", " ", "=", "中", "😀", "x\n", "1", "\u200b"]) {
        const text = unit.repeat(20_000 / unit.length);
        const out = new TokenBuffer();
        for (const _ of tokenizer.encodeInSteps(text, out));
        assert.deepEqual(
          Array.from(out.toArray(), (word) => word & 0x7fffffff),
          tokenizer.encode(text),
        );
      }
    });

    it("replays no merges, and ends in the tokens of the piece", () => {
      const piece = " unbelievable";
      const replay = tokenizer.replay(new TextEncoder().encode(piece));
      assert.deepEqual(replay.ids, tokenizer.encode(piece));
      assert.equal(replay.startBorders.length, replay.ids.length + 1);
      assert.deepEqual(replay.merges, []);
    });
  });
}

describe("places of tokens behind a normaliser", () => {
  const shown = (content: object, text: string) => {
    const tokenizer = read(content);
    const spans = tokenSpans(tokenizer, text, Uint32Array.from(tokenizer.encode(text)));
    return spans.map(({ id, start, end }) => [text.slice(start, end), tokenizer.spellingOf?.(id)]);
  };
  const vocab = (...tokens: string[]) =>
    Object.fromEntries(["[UNK]", ...tokens].map((token, id) => [token, id]));
  const wordPiece = (...tokens: string[]) => ({
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: vocab(...tokens),
  });

  it("follow letters that lost their accents, and leave the spaces out", () => {
    const content = file(wordPiece("na", "##ive", "cafe", "f", "##i", "!"), bert(true), bertWords);
    assert.deepEqual(shown(content, " NAÏVE  cafe\u0301\t! 😀x"), [
      ["NA", "na"],
      ["ÏVE", "##ive"],
      ["cafe\u0301", "cafe"],
      ["!", "!"],
      ["😀x", "[UNK]"],
    ]);
  });

  it("share a character that became several", () => {
    const normalizer = sequence({ type: "NFKC" }, { type: "Lowercase" });
    const content = file(wordPiece("f", "##i", "##nd"), normalizer, spaces);
    const tokenizer = read(content);
    const spans = tokenSpans(tokenizer, "ﬁnd", Uint32Array.from(tokenizer.encode("ﬁnd")));
    assert.deepEqual(
      spans.map(({ start, end, startsInside, endsInside }) => [start, end, startsInside, endsInside]),
      [
        [0, 1, false, true],
        [0, 1, true, false],
        [1, 3, false, false],
      ],
    );
  });

  it("take the space in front of a word in, and nothing for one that is not there", () => {
    const model = {
      type: "Unigram",
      unk_id: 0,
      vocab: [
        ["<unk>", 0],
        [`${BLOCK}a`, -1],
        [`${BLOCK}b`, -1],
        [BLOCK, -3],
      ],
    };
    const content = file(model, precompiled, cuts(spaces, metaspace));
    assert.deepEqual(shown(content, "a b   a 中文"), [
      ["a", `${BLOCK}a`],
      [" b", `${BLOCK}b`],
      [" a", `${BLOCK}a`],
      [" ", BLOCK],
      ["中文", "<unk>"],
    ]);
  });
});

describe("tokenizer.json files that normalise in ways that are not known", () => {
  const model = wordPieceModel(true);
  const refuses = (content: object, message: RegExp) =>
    assert.throws(
      () => read(content),
      (error) =>
        error instanceof GlassboxError && error.code === "unsupported" && message.test(error.message),
    );

  it("are refused by name", () => {
    refuses(file(model, { type: "Nmt" }, bertWords), /normalizer is Nmt/);
    refuses(file(model, replace({ Regex: "a(?=b)" }, "c"), bertWords), /replaces "a\(\?=b\)"/);
    refuses(file(model, null, { type: "UnicodeScripts" }), /pre-tokeniser is UnicodeScripts/);
    refuses(file(model, null, null), /pre-tokeniser is none/);
    refuses(file({ ...unigramModel(true), byte_fallback: true }, null, metaspace), /byte fallback/);
  });

  it("say that tokens added by hand are left out", () => {
    const content = file(model, null, bertWords);
    content.added_tokens.push({ ...special(9999, "<think>"), special: false });
    assert.equal(read(content).leavesOutAdded, true);
  });
});
