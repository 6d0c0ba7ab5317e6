/** What the token tests compare with: our tables and tokenizers, js-tiktoken's, and texts that have broken tokenizers. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { Tiktoken, type TiktokenBPE } from "js-tiktoken/lite";
import { BytePairEncoder } from "../../../src/core/tokens/bytePairEncoder.js";
import type { EncodingName } from "../../../src/core/tokens/encodings.js";
import { EncodingTable } from "../../../src/core/tokens/encodingTable.js";

/** One encoding of each pre-tokeniser. */
export const FAMILIES: EncodingName[] = ["o200k_base", "cl100k_base", "gpt2"];

const ours = new Map<string, BytePairEncoder>();
const theirs = new Map<EncodingName, Tiktoken>();
const ranks = new Map<EncodingName, TiktokenBPE>();

export function tableFile(name: string): ArrayBuffer {
  const file = readFileSync(join(process.cwd(), "media", "encodings", `${name}.bin`));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}

const kernelModule = new WebAssembly.Module(readFileSync(join(process.cwd(), "dist/tokenKernel.wasm")));

export function encoderOf(name: string): BytePairEncoder {
  let encoder = ours.get(name);
  if (!encoder) {
    encoder = new BytePairEncoder(new EncodingTable(tableFile(name), name), kernelModule);
    ours.set(name, encoder);
  }
  return encoder;
}

export function rankData(name: EncodingName): TiktokenBPE {
  let data = ranks.get(name);
  if (!data) {
    const require = createRequire(join(process.cwd(), "package.json"));
    data = require(`js-tiktoken/ranks/${name}`) as TiktokenBPE;
    ranks.set(name, data);
  }
  return data;
}

/** js-tiktoken's ids, special tokens taken as plain text. */
export function referenceIds(name: EncodingName, text: string): number[] {
  let tiktoken = theirs.get(name);
  if (!tiktoken) {
    tiktoken = new Tiktoken(rankData(name));
    theirs.set(name, tiktoken);
  }
  return tiktoken.encode(text, [], []);
}

/** Scraps at whose joints pre-tokenisers decide. */
export const SCRAPS = [
  ..."aZ1'/!\n\r\t .,;=({@_-",
  "  ",
  "\r\n",
  "\n\n",
  " \n ",
  "\n    ",
  "    \n",
  "\u00a0",
  "\u3000",
  "\ufeff",
  "\u2028",
  "\u0085",
  "\0",
  "'s",
  "'S",
  "'re",
  "'LL",
  "'Ve",
  "don't",
  "foo",
  "Bar",
  "FOO",
  "fooBar",
  "HTTPServer",
  " the",
  " return",
  "12",
  "123",
  "1234",
  "٣٤",
  "Ⅷ",
  "²",
  "é",
  "e\u0301",
  "\u0301",
  "ß",
  "ǅ",
  "ʰ",
  "ª",
  "中",
  "中文字",
  "Ａ",
  "𝐀",
  "𝐚",
  "हिन्दी",
  "ภาษาไทย",
  "العربية",
  "한국어",
  "かな",
  "😀",
  "👩‍👩‍👧",
  "🇩🇪",
  "👍🏽",
  "\ud83d",
  "\ude00",
  "\ud835",
  "\udc00",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "constructor",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "<|endoftext|>",
  "<|endofprompt|>",
  "<|fim_prefix|>",
  "//",
  "!\n/",
  "===",
  "-----",
  "://",
];

/** Texts made of scraps and of any code units, lone surrogates included. */
export const anyText = (maxScraps: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...SCRAPS) },
        { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
        { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 3 }) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        },
      ),
      { maxLength: maxScraps },
    )
    .map((scraps) => scraps.join(""));
