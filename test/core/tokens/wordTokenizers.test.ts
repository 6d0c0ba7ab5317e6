/** Tokenizers of tokenizer.json files that normalise: the library's ids, places that follow the text, edits, refusals. */

import assert from "node:assert/strict";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import {
  BLOCK,
  bert,
  bertWords,
  cuts,
  file,
  holdsForAnyText,
  metaspace,
  precompiled,
  read,
  replace,
  sequence,
  spaces,
  unigramModel,
  wordPieceModel,
} from "./tokenizerFiles.js";
import { addedToken } from "./vocabularies.js";

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

for (const { name, file: content } of cases) holdsForAnyText(name, content);

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

describe("tokenizer.json files that the library cannot read either", () => {
  const model = wordPieceModel(true);
  const refuses = (content: object, message: RegExp) =>
    assert.throws(
      () => read(content),
      (error) =>
        error instanceof GlassboxError && error.code === "unsupported" && message.test(error.message),
    );

  it("are refused by name", () => {
    refuses(file(model, { type: "Nmt" }, bertWords), /Unknown Normalizer type: Nmt/);
    refuses(file(model, replace({ Regex: "a(?=b" }, "c"), bertWords), /regular expression/i);
    refuses(file(model, null, { type: "UnicodeScripts" }), /pre-tokeniser is UnicodeScripts/);
    refuses(file(model, null, { type: "Split", pattern: { String: "a" }, behavior: "Doubled" }), /"Doubled"/);
  });
});

describe("tokenizer.json files that are read otherwise than by their makers", () => {
  const model = wordPieceModel(true);

  it("say that tokens added by hand are left out", () => {
    const content = file(model, null, cuts(spaces, metaspace));
    content.added_tokens.push(addedToken(9999, "<think>"));
    assert.equal(read(content).leavesOutAdded, true);
  });

  it("say that Unicode's form stands for a table of their own", () => {
    assert.equal(read(file(model, precompiled, bertWords)).standsInForTable, true);
    assert.equal(read(file(model, sequence({ type: "NFC" }, precompiled), null)).standsInForTable, true);
    assert.equal(read(file(model, { type: "NFKC" }, bertWords)).standsInForTable, false);
  });

  it("say that they have cut a run without end, once they have", () => {
    for (const preTokenizer of [bertWords, { type: "FixedLength", length: 3 }]) {
      const tokenizer = read(file(model, null, preTokenizer));
      tokenizer.encode("a".repeat(8000));
      tokenizer.encode("word ".repeat(1600));
      assert.equal(tokenizer.cutRun, false);
      tokenizer.encode("a".repeat(9000));
      assert.equal(tokenizer.cutRun, true);
    }
  });
});
