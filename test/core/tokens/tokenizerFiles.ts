/** Files of tokenizers that normalise and cut words, made of what is frequent in the corpora, and what holds for all. */

import assert from "node:assert/strict";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { CHARACTER_OF_BYTE } from "../../../src/core/tokens/byteAlphabet.js";
import { huggingFaceTokenizer } from "../../../src/core/tokens/huggingFaceTokenizer.js";
import { TokenBuffer } from "../../../src/core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../../src/core/tokens/tokenizer.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { CORPUS_NAMES, corpus } from "./corpora.js";
import { anyText, SCRAPS } from "./reference.js";
import { editsWith, throughEdits } from "./throughEdits.js";
import { addedToken, FILE_SCRAPS, finished } from "./vocabularies.js";

const RUNS = { numRuns: 60 };
export const BLOCK = "\u2581";

/** The beginning of each corpus. */
export const corpora = (length: number) => CORPUS_NAMES.map((name) => corpus(name).slice(0, length));

/** Every character of the corpora and scraps, and the words and beginnings of words that are frequent in them. */
export function frequent(lower: boolean): ReadonlyMap<string, number> {
  const known = counted.get(lower) ?? countFrequent(lower);
  counted.set(lower, known);
  return known;
}

const counted = new Map<boolean, ReadonlyMap<string, number>>();

function countFrequent(lower: boolean): ReadonlyMap<string, number> {
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

export function wordPieceModel(lower: boolean) {
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
export function unigramModel(lower: boolean) {
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

export interface BpeOptions {
  /** How a character is spelt: GPT-2's alphabet for its bytes, or itself. */
  bytes?: boolean;
  suffix?: string;
  unknown?: string;
  fuses?: boolean;
  /** Tokens for bytes, all but the last few. */
  byteFallback?: number;
  more?: object;
}

/** Merges that make every frequent word from its left to its right, with a space or `\u2581` in front and without. */
export function bpeModel({ bytes, suffix = "", unknown, fuses, byteFallback = 0, more }: BpeOptions) {
  const vocab = new Map<string, number>();
  const merges = new Set<string>();
  const add = (token: string) => {
    if (!vocab.has(token)) vocab.set(token, vocab.size);
  };
  if (unknown !== undefined) add(unknown);
  for (let byte = 0; byte < byteFallback; byte++)
    add(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const spelt = (text: string) =>
    bytes
      ? Array.from(new TextEncoder().encode(text), (byte) => CHARACTER_OF_BYTE[byte]!)
      : [...text.replaceAll(" ", BLOCK)];
  if (bytes) for (const character of CHARACTER_OF_BYTE) add(character);
  for (const text of frequent(false).keys()) {
    for (const word of text.length > 1 ? [text, ` ${text}`] : [text]) {
      const parts = spelt(word);
      for (const ends of suffix === "" ? [false] : [false, true]) {
        let made = "";
        for (const [at, part] of parts.entries()) {
          const next = ends && at === parts.length - 1 ? part + suffix : part;
          add(next);
          if (made !== "") merges.add(`${made} ${next}`);
          made += next;
          add(made);
        }
      }
    }
  }
  if (!bytes) add(BLOCK);
  return {
    type: "BPE",
    dropout: null,
    unk_token: unknown ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: suffix === "" ? null : suffix,
    fuse_unk: fuses === true,
    byte_fallback: byteFallback > 0,
    ignore_merges: false,
    vocab: Object.fromEntries(vocab),
    merges: [...merges],
    ...more,
  };
}

export function file(model: object, normalizer: object | null, preTokenizer: object | null) {
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

export const bert = (lowercase: boolean, strip: boolean | null = null) => ({
  type: "BertNormalizer",
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: strip,
  lowercase,
});
export const sequence = (...parts: object[]) => ({ type: "Sequence", normalizers: parts });
export const cuts = (...parts: object[]) => ({ type: "Sequence", pretokenizers: parts });
export const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
export const metaspace = { type: "Metaspace", replacement: BLOCK, prepend_scheme: "always", split: true };
// What the library makes of it is not in the table, so that any will do.
export const precompiled = { type: "Precompiled", precompiled_charsmap: "" };
export const bertWords = { type: "BertPreTokenizer" };
export const spaces = { type: "WhitespaceSplit" };

/** The control tokens of one of the models, as its makers list them. */
export function controls(model: object): object[] {
  const { type } = model as { type: string };
  if (type === "BPE" || type === "WordLevel") return [];
  return type === "Unigram"
    ? ["<pad>", "</s>", "<unk>"].map((token, id) => addedToken(id, token, true))
    : ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((token, id) => addedToken(id, token, true));
}

export const scraps = fc
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

export const read = (content: object) =>
  finished(huggingFaceTokenizer("tokenizer.json", new TextEncoder().encode(JSON.stringify(content))));

export type TokenizerFile = ReturnType<typeof file>;
/** The ids of a text by somebody else's reading of the same file. */
export type Oracle = (text: string) => number[];

/** The library's. */
export function idsOfLibrary(content: TokenizerFile): Oracle {
  const library = new Library({ ...content, added_tokens: [] }, {});
  return (text) => library.encode(text, { add_special_tokens: false }).ids;
}

/** Tests that a tokenizer gives the ids of another for any text, and places that follow the text through edits. */
export function holdsForAnyText(
  name: string,
  content: TokenizerFile,
  makeOracle?: (content: TokenizerFile) => Oracle,
): void {
  describe(`tokenizer.json of any kind: ${name}`, function () {
    this.timeout(120_000);
    let tokenizer: Tokenizer;
    let oracle: Oracle;
    before(() => {
      tokenizer = read({ ...content, added_tokens: controls(content.model) });
      oracle = (makeOracle ?? idsOfLibrary)(content);
    });

    const same = (text: string) =>
      assert.deepEqual(tokenizer.encode(text), oracle(text), JSON.stringify(text.slice(0, 200)));

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
      const changes = editsWith(fc.constant(" "), scraps);
      fc.assert(
        fc.property(scraps, fc.integer({ min: 1, max: 300 }), changes, (unit, times, edits) => {
          for (const { text, document } of throughEdits(
            tokenizer,
            unit.repeat(times).slice(0, 3000),
            edits,
          )) {
            const middle = Math.floor(text.length / 2);
            assert.equal(document.indexAt(middle), document.countStarting(0, middle));
          }
        }),
        { numRuns: 20 },
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

    it("replays merges of BPE only, and ends in the tokens of the piece", () => {
      const piece = " unbelievable";
      const replay = tokenizer.replay(new TextEncoder().encode(piece));
      assert.deepEqual(replay.ids, tokenizer.encode(piece));
      if (replay.merges.length === 0) assert.equal(replay.startBorders.length, replay.ids.length + 1);
      else assert.equal((content.model as { type: string }).type, "BPE");
    });
  });
}
