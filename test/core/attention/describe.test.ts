/** Attention in words: the sentences and scores must follow from the numbers. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AttentionSquare,
  characterOf,
  describeHead,
  describeRow,
  formatWeight,
  headScores,
  setFirstAside,
} from "../../../src/core/lens/describe.js";
import { meanEntropy, thumbnail } from "../../../src/core/lens/headReport.js";
import { textMarks } from "../../../src/core/lens/textMarks.js";

function square(rows: number[][]): AttentionSquare {
  const tokenCount = rows.length;
  const weights = new Float32Array(tokenCount * tokenCount);
  for (const [query, row] of rows.entries()) weights.set(row, query * tokenCount);
  return { tokenCount, weights };
}

const named = (...labels: string[]) =>
  labels.map((label) => ({ label, id: [...label].reduce((id, c) => id * 131 + (c.codePointAt(0) ?? 0), 7) }));

/** A causal matrix whose rows sum to 1. */
const causal = fc.integer({ min: 1, max: 12 }).chain((tokenCount) =>
  fc
    .array(fc.double({ min: 0.001, max: 1, noNaN: true }), {
      minLength: tokenCount * tokenCount,
      maxLength: tokenCount * tokenCount,
    })
    .map((values) => {
      const weights = new Float32Array(tokenCount * tokenCount);
      for (let query = 0; query < tokenCount; query++) {
        const row = values.slice(query * tokenCount, query * tokenCount + query + 1);
        const sum = row.reduce((a, b) => a + b, 0);
        for (const [key, value] of row.entries()) weights[query * tokenCount + key] = value / sum;
      }
      return { tokenCount, weights };
    }),
);

describe("setFirstAside", () => {
  it("removes key 0 and makes each other row sum to 1 again, in the old proportions", () => {
    fc.assert(
      fc.property(causal, (attention) => {
        const { tokenCount, weights } = setFirstAside(attention);
        for (let query = 0; query < tokenCount; query++) {
          const row = weights.subarray(query * tokenCount, (query + 1) * tokenCount);
          assert.equal(row[0], 0);
          const sum = row.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - (query === 0 ? 0 : 1)) < 1e-5, `row ${query} sums to ${sum}`);
          assert.ok(row.subarray(query + 1).every((weight) => weight === 0));
          const before = attention.weights.subarray(query * tokenCount, (query + 1) * tokenCount);
          for (let key = 2; key <= query; key++) {
            const left = (row[key] ?? 0) * (before[1] ?? 0);
            const right = (row[1] ?? 0) * (before[key] ?? 0);
            assert.ok(Math.abs(left - right) < 1e-5);
          }
        }
      }),
    );
  });

  it("leaves a row empty when the first token had everything", () => {
    assert.deepEqual([...setFirstAside(square([[1], [1, 0]])).weights], [0, 0, 0, 0]);
  });
});

describe("describeRow", () => {
  const tokens = named("<s>", "let", "total", "=", "total");

  it("names the token with the largest weight and its number", () => {
    const attention = square([
      [1],
      [1, 0],
      [0.3, 0.6, 0.1],
      [0.25, 0.25, 0.25, 0.25],
      [0.1, 0.1, 0.7, 0, 0.1],
    ]);
    assert.equal(
      describeRow(attention, tokens, 2, false),
      "“total” looks mostly at the token before it, “let”, 0.60, then at the first token, “<s>”, 0.30.",
    );
    assert.equal(
      describeRow(attention, tokens, 4, false),
      "“total” looks mostly at an earlier “total”, 0.70, then at itself, 0.10.",
    );
  });

  it("says that the first token has only itself", () => {
    const attention = square([[1], [0.5, 0.5]]);
    assert.match(describeRow(attention, tokens, 0, false), /can only look at itself/);
    assert.match(describeRow(setFirstAside(attention), tokens, 0, true), /nothing is left/);
  });

  it("sums up earlier copies of the same token", () => {
    const repeated = named("<s>", "a", "b", "a", "a");
    const attention = square([[1], [1, 0], [1, 0, 0], [1, 0, 0, 0], [0.1, 0.4, 0.05, 0.45, 0]]);
    assert.equal(
      describeRow(attention, repeated, 4, false),
      "“a” gives 0.85 of its attention to 2 earlier copies of itself.",
    );
  });

  it("calls an even row spread and counts over how many tokens", () => {
    const many = named(..."abcdefghij");
    const rows = many.map((_, query) => Array.from({ length: query + 1 }, () => 1 / (query + 1)));
    assert.match(
      describeRow(square(rows), many, 9, false),
      /spreads its attention over about 10 tokens; .*0\.10/,
    );
  });

  it("always quotes the largest weight of the row, whatever the row", () => {
    fc.assert(
      fc.property(causal, (attention) => {
        const distinct = Array.from({ length: attention.tokenCount }, (_, id) => ({ id, label: `t${id}` }));
        const query = attention.tokenCount - 1;
        const row = attention.weights.subarray(query * attention.tokenCount);
        const said = describeRow(attention, distinct, query, false);
        if (query > 0) assert.ok(said.includes(formatWeight(Math.max(...row))), said);
      }),
    );
  });
});

describe("headScores", () => {
  const tokens = named("<s>", "a", "b", "a", "b");

  it("recognises a head that looks at the token before", () => {
    const scores = headScores(square([[1], [1, 0], [0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1, 0]]), tokens);
    // One of 2, 3, 4 and 5 tokens.
    const even = (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4;
    assert.deepEqual(scores[0], { habit: "previous", score: 1, even, queries: 4 });
    assert.match(describeHead(scores), /just before: 1\.00, on average over 4 tokens/);
  });

  it("recognises induction and counts only the queries that can show it", () => {
    const scores = headScores(
      square([[1], [1, 0], [1, 0, 0], [0.1, 0, 0.9, 0], [0.5, 0, 0, 0.5, 0]]),
      tokens,
    );
    const induction = scores.find(({ habit }) => habit === "induction");
    assert.equal(induction?.queries, 2);
    assert.ok(Math.abs((induction?.score ?? 0) - 0.7) < 1e-6);
  });

  it("leaves out what no query can show", () => {
    const habits = headScores(square([[1], [0.5, 0.5]]), named("x", "y")).map(({ habit }) => habit);
    assert.ok(!habits.includes("same") && !habits.includes("induction"));
  });

  it("claims no habit where there is none", () => {
    const rows = named(..."abcdefghij").map((_, q) => Array.from({ length: q + 1 }, () => 1 / (q + 1)));
    assert.match(describeHead(headScores(square(rows), named(..."abcdefghij"))), /no strong habit/);
  });

  const of = (...texts: string[]) => texts.map((text, id) => ({ id, bytes: Buffer.from(text) }));

  it("measures brackets by the ones that a token closes", () => {
    // 0 <s>, 1 f(, 2 [, 3 x, 4 ], 5 ): 4 closes 2, and 5 closes 1.
    const scores = headScores(
      square([[1], [0, 1], [0, 0, 1], [0, 0, 0, 1], [0, 0, 0.75, 0.25, 0], [0, 0.25, 0.5, 0, 0, 0.25]]),
      of("", "f(", "[", "x", "]", ")"),
    );
    const brackets = scores.find(({ habit }) => habit === "brackets");
    assert.deepEqual(brackets, { habit: "brackets", score: 0.5, even: (1 / 5 + 1 / 6) / 2, queries: 2 });
  });

  it("measures indentation over the tokens that have some behind them", () => {
    const tokens = of("", "if", "\n", "  ", "x", " ");
    const scores = headScores(
      square([[1], [0, 1], [0, 0, 1], [0, 0, 0.5, 0.5], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]]),
      tokens,
    );
    const indentation = scores.find(({ habit }) => habit === "indentation");
    assert.deepEqual(indentation, {
      habit: "indentation",
      score: 0.5,
      even: (1 / 4 + 1 / 5 + 1 / 6) / 3,
      queries: 3,
    });
  });

  it("gives even attention the score that is called even, whatever the text, the sink aside or not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("(", ")", "{", "}]", "a", "\n", "  ", "\n\t"), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.boolean(),
        (texts, firstAside) => {
          const tokens = texts.map((text) => ({ id: text.length, bytes: Buffer.from(text) }));
          const even = square(texts.map((_, q) => Array.from({ length: q + 1 }, () => 1 / (q + 1))));
          const scores = headScores(firstAside ? setFirstAside(even) : even, tokens, { firstAside });
          for (const { score, even: expected } of scores) assert.ok(Math.abs(score - expected) < 1e-5);
        },
      ),
    );
  });

  it("calls nothing a character that even attention has as well", () => {
    // Two tokens: each half of the weight, so looking back is no habit.
    assert.equal(characterOf(headScores(square([[1], [0.5, 0.5]]), named("x", "y"))), undefined);
    assert.equal(characterOf(headScores(square([[1], [1, 0]]), named("x", "y")))?.habit, "first");
  });
});

describe("textMarks", () => {
  const marks = (...texts: string[]) => textMarks(texts.map((text) => Buffer.from(text)));

  it("pairs brackets across tokens, and those within one with nothing", () => {
    assert.deepEqual(
      [...marks("f", "((", "a", ")", ");").openers],
      [
        [3, [1]],
        [4, [1]],
      ],
    );
    assert.deepEqual([...marks("f()", "{", "}").openers], [[2, [1]]]);
  });

  it("passes over brackets that fit none", () => {
    assert.deepEqual([...marks(")", "(", "]", ")").openers], [[3, [1]]]);
    // The bracket that was left open within is closed with the one around it.
    assert.deepEqual([...marks("{", "(", "}", ")").openers], [[2, [0]]]);
  });

  it("finds the white space that begins lines, and no other", () => {
    assert.deepEqual(marks("  ", "a", " ", "\n", "\t", "b", "\n  ", "c", "\n", "  d").indents, [4, 6]);
  });

  it("takes no byte of another character for a bracket", () => {
    assert.equal(marks("「", "」", "（", "）", "é").openers.size, 0);
  });
});

describe("thumbnail", () => {
  it("keeps the largest weight of each pixel", () => {
    const rows = Array.from({ length: 64 }, (_, q) =>
      Array.from({ length: q + 1 }, (_, k): number => (k === q ? 0.5 : 0)),
    );
    rows[63]![0] = 1;
    const pixels = thumbnail(square(rows), 32);
    assert.deepEqual([pixels[0], pixels[32 * 31], pixels[32 * 31 + 31], pixels[32 * 30]], [128, 255, 128, 0]);
  });

  it("is the map itself where there are few tokens", () => {
    assert.deepEqual([...thumbnail(square([[1], [0.5, 0.5]]), 2)], [255, 0, 128, 128]);
  });
});

describe("meanEntropy", () => {
  it("is the logarithm of how many tokens an even row has, to the base 2", () => {
    assert.ok(Math.abs(meanEntropy(square([[1], [0.5, 0.5]])) - 1) < 1e-6);
    assert.equal(meanEntropy(square([[1], [1, 0], [0, 1, 0]])), 0);
    assert.equal(meanEntropy(square([[1]])), 0);
  });
});
