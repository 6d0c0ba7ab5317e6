/** Our encoder gives js-tiktoken's ids for any text, and where that one's quadratic merge is too slow, gpt-tokenizer's. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encode as encodeCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as encodeO200k } from "gpt-tokenizer/encoding/o200k_base";
import { ENCODING_NAMES, type EncodingName } from "../../../src/core/tokens/encodings.js";
import { EncodingTable } from "../../../src/core/tokens/encodingTable.js";
import { TokenBuffer } from "../../../src/core/tokens/tokenBuffer.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { anyText, encoderOf, FAMILIES, referenceIds, tableFile } from "./reference.js";

const TEXTS: Record<string, string> = {
  code: readFileSync(join(process.cwd(), "src/shared/rpc.ts"), "utf8"),
  "minified code": "var a=function(b,c){return b?c(d[e]):f.g(h,{i:j})};".repeat(40),
  prose: readFileSync(join(process.cwd(), "README.md"), "utf8"),
  "CRLF and tabs": 'if (x) {\r\n\treturn "y";\r\n}\r\n\r\n\t\t// end\r\n',
  "trailing spaces": "a   \n    b \n \n",
  numbers: "12345 9.11 9.9 3847 × 291 = 1,119,477 0x1F 1e-9",
  scripts: "Ünïcödé हिन्दी में लिखा ภาษาไทย العربية עברית 中文字符 日本語テキスト 한국어 👩‍👩‍👧 🇩🇪 👍🏽",
  "lone surrogates": "a\ud800b\udc00\ud83d",
  "object words": "constructor __proto__ toString hasOwnProperty valueOf __defineGetter__",
  "special tokens": "<|endoftext|><|im_start|>user<|fim_prefix|><|endofprompt|>",
  "null and BOM": "\ufeffa\0b\0\0",
  empty: "",
};

describe("byte-pair encoding", () => {
  for (const name of ENCODING_NAMES) {
    for (const [kind, text] of Object.entries(TEXTS)) {
      it(`of ${kind} is js-tiktoken's in ${name}`, () => {
        assert.deepEqual(encoderOf(name).encode(text), referenceIds(name, text));
      });
    }
  }

  for (const name of FAMILIES) {
    it(`of any text is js-tiktoken's in ${name}`, () => {
      fc.assert(
        fc.property(anyText(30), (text) => {
          assert.deepEqual(encoderOf(name).encode(text), referenceIds(name, text));
        }),
        { numRuns: 2000 },
      );
    });

    it(`covers the text and its bytes without a gap in ${name}`, () => {
      const encoder = encoderOf(name);
      fc.assert(
        fc.property(anyText(30), (text) => {
          const ids = encoder.encode(text);
          const spans = tokenSpans(encoder, text, Uint32Array.from(ids));
          const bytes = Buffer.concat(ids.map((id) => encoder.table.bytesOf(id)));
          // Lone surrogates have no UTF-8: they become U+FFFD, as in TextEncoder.
          assert.deepEqual(bytes, Buffer.from(new TextEncoder().encode(text)));
          let end = 0;
          for (const span of spans) {
            assert.ok(span.start <= end, "no gap before a token");
            assert.equal(span.start < end, span.startsInside, "an overlap is a split character, and says so");
            end = span.end;
          }
          assert.equal(end, text.length);
        }),
        { numRuns: 500 },
      );
    });
  }

  const peers: Partial<Record<EncodingName, (text: string) => number[]>> = {
    o200k_base: (text) => encodeO200k(text, { allowedSpecial: new Set() }),
    cl100k_base: (text) => encodeCl100k(text, { allowedSpecial: new Set() }),
  };
  for (const [name, peer] of Object.entries(peers) as [EncodingName, (text: string) => number[]][]) {
    for (const [kind, unit] of [
      ["one letter", "a"],
      ["spaces", " "],
      ["equals signs", "="],
      ["one emoji", "😀"],
      ["one ideograph", "中"],
    ]) {
      it(`of a long run of ${kind} is gpt-tokenizer's in ${name}`, () => {
        const text = unit!.repeat(6000);
        assert.deepEqual(encoderOf(name).encode(text), peer(text));
      });
    }

    it(`of any long run of few characters is gpt-tokenizer's in ${name}`, () => {
      const runs = fc
        .constantFrom("ab", "=-", "abcde", "的一是不", "हिन्दी", "nopqrstuvwxyz", "AB中", "😀👍", "~~~==")
        .chain((units) => fc.string({ unit: fc.constantFrom(...units), minLength: 2000, maxLength: 4000 }));
      fc.assert(
        fc.property(runs, (text) => assert.deepEqual(encoderOf(name).encode(text), peer(text))),
        { numRuns: 60 },
      );
    });
  }

  it("takes 300 KB of one letter as it takes any text", () => {
    const text = "a".repeat(300_000);
    const ids = encoderOf("o200k_base").encode(text);
    // Runs of one letter tile with the longest token of that letter.
    const longest = Math.max(...new Set(ids.map((id) => encoderOf("o200k_base").table.byteLength(id))));
    assert.ok(ids.length <= Math.ceil(text.length / longest) + 2);
  });

  it("gives the same tokens in steps as at once", () => {
    const encoder = encoderOf("o200k_base");
    const text = `${TEXTS.code}${"x".repeat(9000)}${TEXTS.scripts}`;
    const out = new TokenBuffer();
    let steps = 0;
    for (const _ of encoder.encodeInSteps(text, out)) steps++;
    const whole = new TokenBuffer();
    encoder.encodeRange(text, 0, text.length, whole);
    assert.deepEqual(out.toArray(), whole.toArray());
    assert.ok(steps > 1);
  });
});

// Facts that lessons rely on, computed. Triples are cl100k_base / o200k_base / gpt2.
describe("facts about tokens", () => {
  const ids = (text: string) =>
    (["cl100k_base", "o200k_base", "gpt2"] as const).map((name) => encoderOf(name).encode(text));
  const pieces = (name: EncodingName, text: string) => {
    const encoder = encoderOf(name);
    return encoder.encode(text).map((id) => new TextDecoder().decode(encoder.table.bytesOf(id)));
  };

  it("Hi is 13347, 12194 and 17250", () => assert.deepEqual(ids("Hi"), [[13347], [12194], [17250]]));
  it("Token is 3404, 4421 and 30642", () => assert.deepEqual(ids("Token"), [[3404], [4421], [30642]]));
  it("cat and dog have different ids with and without a space", () => {
    assert.deepEqual(ids("cat"), [[4719], [8837], [9246]]);
    assert.deepEqual(ids(" cat"), [[8415], [9059], [3797]]);
    assert.deepEqual(ids("dog"), [[18964], [30146], [9703]]);
    assert.deepEqual(ids(" dog"), [[5679], [6446], [3290]]);
  });
  it("ubiquitous is three or four tokens, and one behind a space", () => {
    assert.deepEqual(pieces("cl100k_base", "ubiquitous"), ["ub", "iqu", "itous"]);
    assert.deepEqual(pieces("o200k_base", "ubiquitous"), ["ub", "iqu", "it", "ous"]);
    for (const one of ids(" ubiquitous")) assert.equal(one.length, 1);
  });
  it("strawberry is three tokens, and one behind a space", () => {
    assert.deepEqual(pieces("cl100k_base", "strawberry"), ["str", "aw", "berry"]);
    assert.deepEqual(pieces("o200k_base", "strawberry"), ["st", "raw", "berry"]);
    for (const one of ids(" strawberry")) assert.equal(one.length, 1);
  });
  it("The weather today is four tokens in cl100k_base", () => {
    assert.deepEqual(encoderOf("cl100k_base").encode("The weather today is"), [791, 9282, 3432, 374]);
  });
  it("a role marker spelled out in a text is six tokens", () => {
    assert.equal(encoderOf("cl100k_base").encode("<|im_end|>").length, 6);
  });
});

describe("a tokenizer table", () => {
  it("refuses what is not one, and says what it found", () => {
    for (const [content, found] of [
      [new ArrayBuffer(8), /8 bytes/],
      [new ArrayBuffer(128), /expected magic/],
    ] as const) {
      assert.throws(
        () => new EncodingTable(content, "o200k_base"),
        (error: unknown) =>
          error instanceof GlassboxError && error.code === "file-invalid" && found.test(error.message),
      );
    }
  });

  it("refuses one that has been damaged", () => {
    const table = tableFile("gpt2");
    const bytes = new Uint8Array(table);
    bytes[bytes.length >> 1]! ^= 1;
    assert.throws(() => new EncodingTable(table, "gpt2"), /does not match its hash/);
  });
});
