/** Tokenizers of tokenizer.json files of any kind: the library's ids, places that follow the text, edits. */

import assert from "node:assert/strict";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { ExpressionReach } from "../../../src/core/tokens/expressionReach.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { cutRanges } from "../../../src/core/tokens/wordStages.js";
import {
  BLOCK,
  bert,
  bpeModel,
  cuts,
  file,
  frequent,
  holdsForAnyText,
  idsOfLibrary,
  metaspace,
  type Oracle,
  precompiled,
  read,
  replace,
  scraps,
  sequence,
  spaces,
  type TokenizerFile,
  unigramModel,
  wordPieceModel,
} from "./tokenizerFiles.js";
import { addedToken } from "./vocabularies.js";

const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
const noRegex = { ...byteLevel, use_regex: false };
const split = (pattern: object, behavior: string, invert = false) => ({
  type: "Split",
  pattern,
  behavior,
  invert,
});
const digits = (individual_digits: boolean) => ({ type: "Digits", individual_digits });
const bytes = bpeModel({ bytes: true });
const letters = bpeModel({ unknown: "<unk>" });
const O200K = [
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
].join("|");

/** The library with the words of its pre-tokeniser read one by one, as it makes one token of neighbours across them. */
function wordByWord(content: TokenizerFile): Oracle {
  const library = new Library({ ...content, added_tokens: [] }, {});
  return (text) => {
    if (text === "") return [];
    const normal = library.normalizer === null ? text : library.normalizer(text);
    const words =
      library.pre_tokenizer === null ? [normal] : library.pre_tokenizer(normal, { section_index: 0 });
    return words.flatMap((word) => library.model!([word]).map((token) => library.token_to_id(token)!));
  };
}

/** The library, which leaves bytes out of Unigram, with the bytes of what it does not know. */
function withBytes(content: TokenizerFile): Oracle {
  const library = new Library({ ...content, added_tokens: [] }, {});
  return (text) =>
    library.tokenize(text).flatMap((token) => {
      const id = library.token_to_id(token);
      if (id !== undefined && id !== 2) return [id];
      return Array.from(
        new TextEncoder().encode(token),
        (byte) => library.token_to_id(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`)!,
      );
    });
}

/** The library, which counts UTF-16 units and so cuts characters apart, for five characters at a time. */
function fiveByFive(content: TokenizerFile): Oracle {
  const ids = idsOfLibrary({ ...content, pre_tokenizer: noRegex });
  return (text) => (text.match(/[\s\S]{1,5}/gu) ?? []).flatMap(ids);
}

function byteUnigram() {
  const model = unigramModel(false);
  for (let byte = 0; byte < 256; byte++) {
    model.vocab.push([`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, -20]);
  }
  return { ...model, byte_fallback: true };
}

function wordLevel() {
  const vocab = Object.fromEntries(["<unk>", ...frequent(false).keys()].map((word, id) => [word, id]));
  return { type: "WordLevel", unk_token: "<unk>", vocab };
}

/** The library takes the unknown token of this type from elsewhere. */
function withUnknownWord(content: TokenizerFile): Oracle {
  const library = new Library({ ...content, added_tokens: [] }, { unk_token: "<unk>" });
  return (text) => library.encode(text, { add_special_tokens: false }).ids;
}

const cases: [name: string, content: TokenizerFile, oracle?: (content: TokenizerFile) => Oracle][] = [
  ["BPE on letters, words by Whitespace", file(letters, null, { type: "Whitespace" })],
  ["BPE on letters, nothing cut", file(letters, null, null)],
  [
    "BPE on letters that fuses what is unknown",
    file(bpeModel({ unknown: "<unk>", fuses: true }), null, spaces),
    wordByWord,
  ],
  [
    "BPE on letters, fusing, nothing cut",
    file(bpeModel({ unknown: "<unk>", fuses: true }), { type: "NFKC" }, null),
    wordByWord,
  ],
  [
    "BPE on letters that leaves out what is unknown",
    file(bpeModel({}), { type: "Lowercase" }, cuts(spaces, { type: "Punctuation" })),
  ],
  [
    "BPE that ignores merges, nothing cut",
    file(
      bpeModel({ unknown: "<unk>", more: { ignore_merges: true } }),
      null,
      split({ String: " " }, "Isolated"),
    ),
  ],
  [
    "CLIP",
    file(
      bpeModel({ bytes: true, suffix: "</w>", unknown: "!" }),
      sequence({ type: "NFC" }, replace({ Regex: "\\s+" }, " "), { type: "Lowercase" }),
      cuts(
        split(
          {
            Regex:
              "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          },
          "Removed",
          true,
        ),
        byteLevel,
      ),
    ),
  ],
  ["bytes with a space in front", file(bytes, null, { ...byteLevel, add_prefix_space: true })],
  ["bytes, nothing cut", file(bytes, null, noRegex)],
  ["bytes, in small letters", file(bytes, sequence({ type: "NFKC" }, { type: "Lowercase" }), byteLevel)],
  ["bytes, runs of digits by themselves", file(bytes, null, cuts(digits(false), byteLevel))],
  [
    "bytes, numbers in threes, then o200k_base's",
    file(
      bytes,
      { type: "NFC" },
      cuts(split({ Regex: "\\p{N}{1,3}" }, "Isolated"), split({ Regex: O200K }, "Isolated"), noRegex),
    ),
  ],
  [
    "bytes, white space with the word before it left out",
    file(bytes, null, cuts(split({ Regex: "\\s" }, "Removed"), noRegex)),
  ],
  ["bytes, lines", file(bytes, null, cuts(split({ Regex: "[^\\n]+|\\n+" }, "Isolated"), noRegex))],
  [
    "bytes, digits in threes from the right",
    file(bytes, null, cuts(split({ Regex: "\\d{1,3}(?=(?:\\d{3})*\\b)" }, "Isolated"), byteLevel)),
  ],
  [
    "bytes, between digits only",
    file(bytes, null, cuts(split({ Regex: "(?<=[0-9])(?=[0-9])" }, "Isolated"), noRegex)),
  ],
  [
    "bytes, words with what follows",
    file(bytes, null, cuts(split({ Regex: "\\w+(?:\\s\\w+)?|\\W" }, "Isolated"), noRegex)),
  ],
  [
    "bytes, words of five letters",
    file(bytes, null, cuts({ type: "FixedLength", length: 5 }, noRegex)),
    fiveByFive,
  ],
  [
    "bytes, without what is replaced",
    file(bytes, sequence(replace({ String: "The" }, ""), replace({ Regex: "[aeiou]{2}" }, "1")), byteLevel),
  ],
  [
    "letters with bytes, as Gemma's, and without runs of spaces",
    file(
      bpeModel({ unknown: "<unk>", byteFallback: 256, fuses: true }),
      sequence(
        { type: "Prepend", prepend: BLOCK },
        replace({ Regex: " {2,}" }, " "),
        replace({ String: " " }, BLOCK),
      ),
      null,
    ),
  ],
  [
    "letters with some bytes",
    file(bpeModel({ unknown: "<unk>", byteFallback: 200 }), replace({ String: " " }, BLOCK), null),
  ],
  ...["always", "first", "never"].map((scheme): (typeof cases)[number] => [
    `Unigram with bytes, spaces ${scheme} in front and not cut`,
    file(byteUnigram(), { type: "NFKC" }, { ...metaspace, prepend_scheme: scheme, split: false }),
    withBytes,
  ]),
  ["Unigram, nothing cut or spelt", file(unigramModel(false), precompiled, null)],
  [
    "Unigram, cut at spaces and digits",
    file(
      unigramModel(false),
      sequence({ type: "Strip", strip_left: true, strip_right: true }, replace({ Regex: "[ \\t]+" }, " ")),
      cuts(digits(true), metaspace),
    ),
  ],
  [
    "WordPiece, words by signs and numbers",
    file(
      wordPieceModel(true),
      sequence({ type: "NFD" }, bert(true)),
      cuts(split({ String: " " }, "Removed"), { type: "Punctuation" }, digits(false), spaces),
    ),
  ],
  ["a token for each word", file(wordLevel(), null, { type: "Whitespace" }), withUnknownWord],
  [
    "a token for each word between commas",
    file(wordLevel(), { type: "Lowercase" }, { type: "CharDelimiterSplit", delimiter: "," }),
    (content) => withUnknownWord({ ...content, pre_tokenizer: split({ Regex: "," }, "Removed") }),
  ],
];

for (const [name, content, oracle] of cases) holdsForAnyText(name, content, oracle ?? idsOfLibrary);

describe("the ways to split at a pattern, as Rust's tokenizers document them", () => {
  const text = "the-final--countdown";
  const ways = {
    removed: ["the", "final", "countdown"],
    isolated: ["the", "-", "final", "-", "-", "countdown"],
    mergedwithprevious: ["the-", "final-", "-", "countdown"],
    mergedwithnext: ["the", "-final", "-", "-countdown"],
    contiguous: ["the", "-", "final", "--", "countdown"],
  } as const;
  for (const [way, expected] of Object.entries(ways)) {
    it(way, () => {
      const ranges = cutRanges(text, /-/gu, way as keyof typeof ways, false);
      assert.deepEqual(
        ranges.map(([start, end]) => text.slice(start, end)),
        expected,
      );
    });

    it(`${way}, a document in pieces as by itself`, function () {
      this.timeout(30_000);
      const content = file(bytes, null, cuts(split({ Regex: "[-,. ]" }, way), noRegex));
      const tokenizer = read(content);
      const each = read(file(bytes, null, noRegex));
      fc.assert(
        fc.property(scraps, (some) => {
          const words = cutRanges(some, /[-,. ]/gu, way as keyof typeof ways, false);
          assert.deepEqual(
            tokenizer.encode(some),
            words.flatMap(([start, end]) => each.encode(some.slice(start, end))),
          );
        }),
        { numRuns: 40 },
      );
    });
  }
});

describe("tokens that were added by hand to a file of any kind", () => {
  const think = addedToken(90_000, "<think>");
  const withThink = scraps.map((text) => text.replaceAll("o", "<think>"));
  const kinds: [string, TokenizerFile][] = [
    ["BERT", file(wordPieceModel(true), bert(true), { type: "BertPreTokenizer" })],
    ["bytes in small letters", file(bytes, sequence({ type: "NFKC" }, { type: "Lowercase" }), byteLevel)],
    ["letters, nothing cut", file(letters, null, null)],
  ];
  for (const [name, content] of kinds) {
    it(`are what a text becomes wherever it spells them: ${name}`, function () {
      this.timeout(60_000);
      const tokenizer = read({ ...content, added_tokens: [think] });
      assert.equal(tokenizer.leavesOutAdded, false);
      const library = new Library({ ...content, added_tokens: [think] }, {});
      fc.assert(
        fc.property(withThink, (text) => {
          assert.deepEqual(tokenizer.encode(text), library.encode(text, { add_special_tokens: false }).ids);
        }),
        { numRuns: 100 },
      );
    });
  }

  it("are said to be left out where they are more than text", () => {
    const content = file(letters, null, null);
    assert.equal(read({ ...content, added_tokens: [{ ...think, lstrip: true }] }).leavesOutAdded, true);
    const small = file(letters, { type: "Lowercase" }, null);
    assert.equal(read({ ...small, added_tokens: [{ ...think, normalized: true }] }).leavesOutAdded, true);
    const front = file(letters, { type: "Prepend", prepend: BLOCK }, null);
    assert.equal(read({ ...front, added_tokens: [think] }).leavesOutAdded, true);
  });
});

describe("the reach of an expression", () => {
  const meets = (source: string, two: string) => {
    const [before, after] = Array.from(two, (character) => character.codePointAt(0)!);
    return new ExpressionReach(new RegExp(source, "gu")).meets(before!, after!);
  };

  it("holds side by side what a match takes, or looks at", () => {
    assert.ok(meets("\\p{L}+", "ab"));
    assert.ok(!meets("\\p{L}+", "a "));
    assert.ok(meets(" ?\\p{L}+", " a"));
    assert.ok(!meets(" ?\\p{L}+", "a "));
    assert.ok(meets("\\s+(?!\\S)", " a"));
    assert.ok(!meets("\\s+(?!\\S)", "a "));
    assert.ok(meets("a(?:bc|d)*e", "cd"));
    assert.ok(meets("a(?:bc|d)*e", "ae"));
    assert.ok(!meets("a(?:bc|d)*e", "be"));
    assert.ok(meets("x(?<=x)y", "xy"));
    assert.ok(meets("(?<=a)b", "ab"));
    assert.ok(!meets("(?<=a)b", "cb"));
    assert.ok(meets("^a", "bc"));
  });
});

describe("tokens that are read behind a normaliser of any kind", () => {
  it("lie where their letters are, behind what is replaced too", () => {
    const content = file(bytes, sequence({ type: "NFKC" }, { type: "Lowercase" }), byteLevel);
    const tokenizer = read(content);
    const text = "The ﬁnal RETURN";
    const shown = tokenSpans(tokenizer, text, Uint32Array.from(tokenizer.encode(text))).map(
      ({ start, end }) => text.slice(start, end),
    );
    assert.equal(shown[0], "The");
    assert.ok(shown.includes("ﬁ") || shown.includes(" ﬁ"));
    assert.ok(shown.filter((part) => part.includes("ﬁ")).length > 1, "both share the ligature");
    assert.ok(text.endsWith(shown.at(-1)!) && /^ ?[A-Z]+$/.test(shown.at(-1)!));
  });
});
