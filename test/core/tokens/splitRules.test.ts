/** The rule that is named for a piece is the one that the pre-tokeniser's expression really took there. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { EncodingName } from "../../../src/core/tokens/encodings.js";
import { alternativesOf, membersOf, withoutCaptures } from "../../../src/core/tokens/expressionTerms.js";
import { PRE_TOKENIZERS, preTokenizer } from "../../../src/core/tokens/preTokenizers.js";
import { ruleOf } from "../../../src/core/tokens/splitRules.js";
import type { RuleTrace } from "../../../src/shared/panels/split.js";
import { anyText, encoderOf, FAMILIES } from "./reference.js";

/** The alternatives as OpenAI writes them, one by one, to compare with those that are cut out of the expression. */
const ALTERNATIVES: Partial<Record<EncodingName, RegExp[]>> = {
  gpt2: [
    /'s|'t|'re|'ve|'m|'ll|'d/uy,
    / ?\p{L}+/uy,
    / ?\p{N}+/uy,
    / ?[^\s\p{L}\p{N}]+/uy,
    /\s+(?!\S)/uy,
    /\s+/uy,
  ],
  cl100k_base: [
    /'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])/uy,
    /[^\r\n\p{L}\p{N}]?\p{L}+/uy,
    /\p{N}{1,3}/uy,
    / ?[^\s\p{L}\p{N}]+[\r\n]*/uy,
    /\s*[\r\n]+/uy,
    /\s+(?!\S)/uy,
    /\s+/uy,
  ],
  o200k_base: [
    /[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE]))?/uy,
    /[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE]))?/uy,
    /\p{N}{1,3}/uy,
    / ?[^\s\p{L}\p{N}]+[\r\n/]*/uy,
    /\s*[\r\n]+/uy,
    /\s+(?!\S)/uy,
    /\s+/uy,
  ],
};

function rule(name: EncodingName, text: string, at: number): RuleTrace {
  const { patterns, pieceEnd } = encoderOf(name).splitter;
  const found = ruleOf(patterns ?? [], text, at, pieceEnd(text, at));
  assert.ok(found, `a rule for ${JSON.stringify(text)} at ${at}`);
  return found;
}

const winner = (trace: RuleTrace) => trace.alternatives[trace.matched]!;

describe("the rule of a piece", () => {
  for (const name of FAMILIES) {
    it(`is the first alternative of ${name} that matches, and its terms make up the piece`, () => {
      const { patterns, pieceEnd } = encoderOf(name).splitter;
      fc.assert(
        fc.property(anyText(10), (text) => {
          for (let at = 0; at < text.length; ) {
            const end = pieceEnd(text, at);
            const trace = ruleOf(patterns!, text, at, end);
            assert.ok(trace, `a rule at ${at}`);
            const expected = ALTERNATIVES[name]!.findIndex((alternative) => {
              alternative.lastIndex = at;
              return alternative.test(text);
            });
            assert.equal(trace.matched, expected);
            const { terms = [] } = winner(trace);
            assert.equal(terms[0]?.start, at);
            assert.equal(terms.at(-1)?.end, end);
            assert.equal(terms.map((term) => term.text).join(""), text.slice(at, end));
            for (const [index, { kind, why }] of trace.alternatives.entries()) {
              assert.equal(kind, index < expected ? "failed" : index === expected ? "matched" : "untried");
              assert.equal(why !== undefined, kind === "failed");
            }
            assert.match(trace.ends, /^.+\.$/su);
            at = end;
          }
        }),
        { numRuns: 1000 },
      );
    });
  }

  it("says that a number has at most three digits", () => {
    const trace = rule("o200k_base", "12345", 0);
    assert.equal(winner(trace).name, "number");
    assert.equal(
      trace.ends,
      "“4”, a digit, follows, but this rule takes at most three, and begins anew there.",
    );
    assert.equal(rule("gpt2", "12345", 0).ends, "The text ends here.");
  });

  it("says that the last space of a run goes with the next word", () => {
    const trace = rule("cl100k_base", "    return", 0);
    assert.equal(winner(trace).terms?.[0]?.text, "   ");
    assert.equal(
      trace.ends,
      "“·”, a space, could be taken as well, but then “r”, a small letter, would follow, and nothing visible may. So the last white space of a run is left to the next piece.",
    );
    const word = rule("cl100k_base", "    return", 3);
    assert.deepEqual(
      winner(word).terms?.map(({ text, words }) => [text, words]),
      [
        [" ", "one character that is no line break, letter or digit, if there is one"],
        ["return", "letters, at least one"],
      ],
    );
  });

  it("says what follows and what could have gone on", () => {
    assert.equal(rule("gpt2", "a=b", 0).ends, "“=”, a symbol, follows, and only letters could go on.");
    assert.equal(rule("o200k_base", " =\n", 0).ends, "The text ends here.");
    assert.equal(
      rule("o200k_base", "=;5", 0).ends,
      "“5”, a digit, follows, and only symbols could go on, or line breaks or slashes.",
    );
  });

  it("says why the rules before did not match", () => {
    const { alternatives } = rule("cl100k_base", "42", 0);
    assert.deepEqual(
      alternatives.map(({ name, why }) => [name, why]),
      [
        [
          "contraction",
          "It needs 's, 't, 're, 've, 'm, 'll or 'd (in capitals too); “4”, a digit, stands here.",
        ],
        ["word", "It needs letters, at least one; “4”, a digit, stands here."],
        ["number", undefined],
        ["symbols", undefined],
        ["line breaks", undefined],
        ["white space not before text", undefined],
        ["white space", undefined],
      ],
    );
  });

  it("is found through several expressions, each of which cuts what those before it left", () => {
    const patterns = ["\\p{N}", "[一-龥]+", " ?\\p{L}+|[^\\s\\p{L}]+|\\s+"];
    const text = "ab 12 中文ab";
    const stages = [
      [0, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 6],
      [6, 8],
      [8, 10],
    ].map(([start, end]) => ruleOf(patterns, text, start!, end!)?.stage);
    assert.deepEqual(stages, [2, 2, 0, 0, 2, 1, 2]);
  });

  it("is named for every piece that a GGUF file's pre-tokeniser cuts", () => {
    const text =
      "function f(HTTPServer, it's) {\r\n\t  return 1234567 + x;\n\n}  // 中文字 Straße 👍🏽 ½ हिन्दी\n";
    for (const name of PRE_TOKENIZERS) {
      const { patterns, pieceEnd } = preTokenizer(name)!.splitter;
      for (let at = 0; at < text.length; ) {
        const end = pieceEnd(text, at);
        const trace = ruleOf(patterns!, text, at, end);
        assert.ok(trace, `${name}: ${JSON.stringify(text.slice(at, end))}`);
        assert.equal(trace.stages, patterns!.length);
        at = end;
      }
    }
  });

  it("is not named for a piece that the expressions do not cut", () => {
    const { patterns } = encoderOf("gpt2").splitter;
    assert.equal(ruleOf(patterns!, "hello world", 0, 3), undefined);
    assert.equal(ruleOf([], "hello", 0, 5), undefined);
  });
});

describe("an expression in parts", () => {
  it("has the alternatives and terms that are written", () => {
    const parts = alternativesOf("'s|'t| ?[^\\s|(]+(?:a|b)?|x{2,3}y*?|\\s+(?!\\S)");
    assert.deepEqual(
      parts.map(({ terms }) => terms.map(({ source }) => source)),
      [["(?:'s|'t)"], [" ?", "[^\\s|(]+", "(?:a|b)?"], ["x{2,3}", "y*?"], ["\\s+", "(?!\\S)"]],
    );
    assert.deepEqual(
      parts[2]!.terms.map(({ min, max }) => [min, max]),
      [
        [2, 3],
        [0, Number.POSITIVE_INFINITY],
      ],
    );
  });

  it("loses its captures and nothing else", () => {
    assert.equal(
      withoutCaptures("(a|(b))(?:c)(?<n>d)(?!e)(?<=f)[(]\\("),
      "(?:a|(?:b))(?:c)(?:d)(?!e)(?<=f)[(]\\(",
    );
  });

  it("lists the members of a class", () => {
    assert.deepEqual(membersOf("[^\\r\\n\\p{L}a-z/]"), {
      negated: true,
      members: ["\\r", "\\n", "\\p{L}", "a-z", "/"],
    });
  });
});
