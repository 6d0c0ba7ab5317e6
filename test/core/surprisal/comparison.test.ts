/** Two models compared: divergence by its closed form, stretches that both end a token with, figures and words. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { entropyBits, softmax } from "../../../src/core/sampling/candidates.js";
import {
  comparisonSummary,
  differenceLevel,
  differencesOf,
  differenceWords,
  divergenceFigures,
  figuresOfModel,
  labelsOf,
  limitsOf,
  mostDifferent,
  smallBits,
} from "../../../src/core/surprisal/comparison.js";
import { type CostedToken, divergenceOf, stretchesOf } from "../../../src/core/surprisal/divergence.js";
import type { ComparedModel, ModelComparison } from "../../../src/shared/panels/surprisal.js";

const near = (found: number, expected: number, within: number, what = "") =>
  assert.ok(Math.abs(found - expected) <= within, `${what} ${found}, expected ${expected}`);

const logsOf = (raw: readonly number[]) => Float32Array.from(softmax(Float64Array.from(raw)), Math.log);

describe("The divergence of two distributions", () => {
  const pairs = fc
    .integer({ min: 2, max: 30 })
    .chain((size) =>
      fc.tuple(
        ...[0, 1].map(() => fc.array(fc.integer({ min: -8, max: 8 }), { minLength: size, maxLength: size })),
      ),
    );

  it("is the sum over all tokens, never below nothing, with entropies and favourites", () => {
    fc.assert(
      fc.property(pairs, ([one = [], two = []]) => {
        const [p, q] = [softmax(Float64Array.from(one)), softmax(Float64Array.from(two))];
        const found = divergenceOf(logsOf(one), logsOf(two));
        const sum = (a: Float64Array, b: Float64Array) =>
          a.reduce((all, value, at) => all + value * Math.log2(value / b[at]!), 0);
        near(found.forward, sum(p, q), 1e-4, "forward");
        near(found.backward, sum(q, p), 1e-4, "backward");
        assert.ok(found.forward >= 0 && found.backward >= 0);
        near(found.firstEntropy, entropyBits(p), 1e-4);
        near(found.secondEntropy, entropyBits(q), 1e-4);
        assert.equal(p[found.firstTop], Math.max(...p));
        assert.equal(q[found.secondTop], Math.max(...q));
      }),
    );
  });

  it("is nothing between a distribution and itself", () => {
    const logs = logsOf([1, 2, 3]);
    assert.deepEqual(
      { ...divergenceOf(logs, logs), firstEntropy: 0, secondEntropy: 0 },
      {
        forward: 0,
        backward: 0,
        firstEntropy: 0,
        secondEntropy: 0,
        firstTop: 2,
        secondTop: 2,
      },
    );
  });
});

describe("Stretches that both models end a token with", () => {
  /** Tokens that end at these offsets, the n-th with n bits. */
  const tokens = (...ends: number[]): CostedToken[] =>
    ends.map((end, at) => ({ end, endsInside: false, bits: at + 1 }));

  it("are the shortest there are, with the bits of all tokens in them", () => {
    assert.deepEqual(stretchesOf(tokens(2, 4, 7), tokens(4, 5, 7), 0), [
      { start: 0, end: 4, firstBits: 3, secondBits: 1 },
      { start: 4, end: 7, firstBits: 3, secondBits: 5 },
    ]);
  });

  it("leave out what was not read, what stands before the start, and borders inside a character", () => {
    const unread = [{ end: 2, endsInside: false, bits: undefined }, ...tokens(4, 7)];
    assert.deepEqual(stretchesOf(unread, tokens(2, 4, 7), 0), [
      { start: 2, end: 4, firstBits: 1, secondBits: 2 },
      { start: 4, end: 7, firstBits: 2, secondBits: 3 },
    ]);
    assert.deepEqual(stretchesOf(tokens(2, 4, 7), tokens(2, 4, 7), 4), [
      { start: 4, end: 7, firstBits: 3, secondBits: 3 },
    ]);
    const inside = [
      { end: 2, endsInside: true, bits: 1 },
      { end: 2, endsInside: false, bits: 2 },
    ];
    assert.deepEqual(stretchesOf(inside, tokens(2), 0), [{ start: 0, end: 2, firstBits: 3, secondBits: 1 }]);
  });

  it("add up to all bits where both end at the same place", () => {
    const ends = fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 20 });
    fc.assert(
      fc.property(ends, ends, (one, two) => {
        const sorted = (values: readonly number[]) => tokens(...[...values, 40].sort((a, b) => a - b));
        const [first, second] = [sorted(one), sorted(two)];
        const found = stretchesOf(first, second, 0);
        const all = (list: readonly CostedToken[]) => list.reduce((sum, { bits }) => sum + bits!, 0);
        near(
          found.reduce((sum, { firstBits }) => sum + firstBits, 0),
          all(first),
          1e-9,
        );
        near(
          found.reduce((sum, { secondBits }) => sum + secondBits, 0),
          all(second),
          1e-9,
        );
        found.forEach(({ start }, at) => {
          assert.equal(start, at === 0 ? 0 : found[at - 1]!.end);
        });
      }),
    );
  });
});

describe("What is said of two models", () => {
  const model = (name: string, quantisation: string, bits: number): ComparedModel => ({
    info: {
      path: `/models/${name}-${quantisation}.gguf`,
      name,
      architecture: "llama",
      quantisation,
      fileBytes: 1,
      parameterCount: 1,
      vocabularySize: 3,
      trainedContext: 8,
      contextSize: 8,
      layerCount: 1,
      headCount: 1,
      chat: false,
    },
    tokens: 3,
    bits,
    timedTokens: 64,
    timedMs: 500,
    residentBytes: 1,
  });
  const comparison: ModelComparison = {
    first: model("stories", "F32", 6),
    second: model("stories", "Q4_0", 9),
    bytes: 12,
    texts: ["a", "b", "c"],
    starts: Uint32Array.of(0, 1, 2),
    ends: Uint32Array.of(1, 2, 3),
    firstBits: Float64Array.of(1, 2, 3),
    secondBits: Float64Array.of(2, 2, 5),
    byToken: {
      forward: Float64Array.of(0.005, 0.6, 0.02),
      backward: Float64Array.of(0.005, 0.7, 0.02),
      firstEntropies: Float64Array.of(1, 1, 1),
      secondEntropies: Float64Array.of(1, 1, 1),
      flips: Uint8Array.of(0, 1, 0),
      firstTops: ["a", "b", "c"],
      secondTops: ["a", "x", "c"],
    },
  };

  it("is their divergence where the tokens are the same, and the difference of their bits where not", () => {
    assert.deepEqual(mostDifferent(comparison), [1, 2, 0]);
    const aligned = { ...comparison, byToken: undefined };
    assert.deepEqual([...differencesOf(aligned)], [1, 0, 2]);
    assert.deepEqual(mostDifferent(aligned), [2, 0, 1]);
    const limits = limitsOf(comparison);
    assert.deepEqual(
      [...differencesOf(comparison)].map((value) => differenceLevel(value, limits)),
      [0, 3, 1],
    );
    assert.deepEqual(
      [0, 2, 4].map((level) => differenceWords(level, limits)),
      ["under 0.01 bits", "0.1 to 0.5 bits", "2 bits or more"],
    );
    assert.deepEqual(labelsOf(comparison), ["stories F32", "stories Q4_0"]);
    const twins = { ...comparison, second: { ...comparison.first } };
    twins.second.info = { ...twins.second.info, path: "C:\\models\\other.gguf" };
    assert.deepEqual(labelsOf(twins), ["stories-F32.gguf", "other.gguf"]);
  });

  it("is told from the numbers", () => {
    assert.deepEqual(figuresOfModel(comparison.first, comparison.firstBits, 12), {
      bitsPerToken: 2,
      bitsPerByte: 0.5,
      tokensPerSecond: 128,
    });
    assert.equal(divergenceFigures(comparison)!.flips, 1);
    assert.equal(
      comparisonSummary(comparison),
      "stories Q4_0 needed 3.000 bits a token, stories F32 2.000. Their distributions are 0.21 bits apart on average (KL divergence over the whole vocabulary), most at “b”, 0.60 bits; at 1 token of 3 they have different favourites.",
    );
    assert.equal(
      comparisonSummary({ ...comparison, byToken: undefined }),
      "They cut text into other tokens, so they are compared by bits a byte: stories F32 needed 0.500, stories Q4_0 0.750. They differ most at “c”, 3.0 against 5.0 bits.",
    );
    assert.deepEqual([0, 4.2e-5, 0.123, 12.34].map(smallBits), [
      "0 bits",
      "4.2e-5 bits",
      "0.12 bits",
      "12.3 bits",
    ]);
  });
});
