/** What is told of a distribution by a short list and two sums agrees with its closed forms. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { entropyBits as entropyOf, softmax } from "../../../src/core/sampling/candidates.js";
import {
  boundsAbove,
  boundsAfter,
  boundsBelow,
  boundsOfOthers,
  likelyBounds,
  makeLadder,
} from "../../../src/core/surprisal/ladder.js";
import { areThresholds, DEFAULT_THRESHOLDS, levelOf } from "../../../src/core/surprisal/levels.js";
import { entropyBits, entropyRange, rankInHead, readHead } from "../../../src/core/surprisal/reading.js";
import {
  bitsPerByte,
  bitsPerToken,
  mostSurprising,
  perplexity,
  sumOf,
  sumsByStart,
  surprisingPlaces,
} from "../../../src/core/surprisal/sums.js";

/** As the engine does it: raises one logit, keeps the best, and tells them by f32 probabilities. */
function listOf(logits: Float64Array, raised: number, by: number, most: number): number[] {
  const entries = Array.from(logits, (logit, id) => ({ id, logit: logit + (id === raised ? by : 0) }));
  entries.sort((a, b) => b.logit - a.logit);
  const kept = entries.slice(0, most);
  const probabilities = softmax(Float64Array.from(kept, ({ logit }) => logit));
  return kept.flatMap(({ id }, rank) => [id, Math.fround(probabilities[rank]!)]);
}

const logits = (least: number) =>
  fc
    .array(fc.double({ min: -15, max: 15, noNaN: true }), { minLength: least, maxLength: 60 })
    .map((list) => Float64Array.from(list));

const near = (found: number, expected: number, within: number) =>
  assert.ok(Math.abs(found - expected) <= within, `${found}, expected ${expected}`);

describe("the reading of one token", () => {
  it("compares it with the best, wherever it ranks", () => {
    fc.assert(
      fc.property(logits(3), fc.nat(), fc.integer({ min: 2, max: 20 }), (all, some, most) => {
        const id = some % all.length;
        const found = readHead(listOf(all, id, 40, most), id, 40)!;
        const best = Math.max(...all);
        near(found.logit, all[id]! - best, 1e-5);
        for (const [rank, each] of found.head.ids.entries())
          near(found.head.logits[rank]!, all[each]! - best, 1e-5);
        const better = all.filter((logit) => logit > all[id]! + 1e-4).length;
        const asGood = all.filter((logit) => logit >= all[id]! - 1e-4).length;
        // Outside the head there are only worse ones.
        if (found.inHead) {
          const rank = rankInHead(found.head, found.logit);
          assert.ok(rank > Math.min(better, found.head.ids.length - 1) && rank <= asGood, `${rank}`);
        } else assert.ok(asGood > found.head.ids.length - 1);
      }),
    );
  });

  it("is missing where the token is not on the list", () => {
    assert.equal(readHead([3, 0.5, 4, 0.5], 5, 40), undefined);
    // Underflow tells nothing.
    assert.equal(readHead([3, 1, 5, 0], 5, 40), undefined);
  });

  it("has the surprisal of the softmax over all", () => {
    fc.assert(
      fc.property(logits(3), fc.nat(), (all, some) => {
        const id = some % all.length;
        const probabilities = softmax(all);
        const best = probabilities.indexOf(Math.max(...probabilities));
        const { logit } = readHead(listOf(all, id, 40, 8), id, 40)!;
        const logSum = -Math.log(probabilities[best]!);
        near((logSum - logit) / Math.LN2, -Math.log2(probabilities[id]!), 1e-4);
      }),
    );
  });

  it("has the exact entropy where the head is all there is, and one within its bounds where it is not", () => {
    fc.assert(
      fc.property(logits(6), fc.integer({ min: 2, max: 60 }), (all, most) => {
        const sorted = Float64Array.from(all).sort().reverse();
        const shifted = sorted.map((logit) => logit - sorted[0]!);
        const logSum = Math.log(shifted.reduce((total, logit) => total + Math.exp(logit), 0));
        const head = { ids: new Uint32Array(Math.min(most, all.length)), logits: shifted.slice(0, most) };
        const below = head.logits.at(-1)! - 2;
        const above = { logit: below, count: shifted.filter((logit) => logit >= below).length };
        const found = entropyBits(head, logSum, all.length, above);
        const exact = entropyOf(softmax(all));
        if (most >= all.length) near(found, exact, 1e-6);
        for (const counted of [above, undefined]) {
          const range = entropyRange(head, logSum, all.length, counted);
          assert.ok(range.least <= exact + 1e-6, `${range.least} is at least ${exact}`);
          assert.ok(range.most >= exact - 1e-6, `${range.most} is at most ${exact}`);
          if (counted) assert.ok(found >= range.least - 1e-6 && found <= range.most + 1e-6, `${found}`);
        }
        // At most log2 of how many there are, and at least the head's own part.
        assert.ok(found <= Math.log2(all.length) + 1e-9 && found >= 0);
        const tail = shifted.slice(most).reduce((total, logit) => total + Math.exp(logit - logSum), 0);
        // Between a tail as probable as the last of the head and an even one.
        const open = tail > 0 ? Math.log((all.length - most) / tail) + head.logits.at(-1)! - logSum : 0;
        near(found, exact, (tail * Math.max(0, open)) / Math.LN2 + 1e-6);
      }),
    );
  });

  it("knows the entropy of an even distribution", () => {
    for (const size of [256, 32_000, 150_000]) {
      const head = { ids: new Uint32Array(128), logits: new Float64Array(128) };
      const logSum = Math.log(size);
      near(entropyBits(head, logSum, size, { logit: -2, count: size }), Math.log2(size), 1e-6);
      near(entropyBits(head, logSum, size), Math.log2(size), 1e-6);
    }
  });
});

describe("a ladder of weights", () => {
  /** Top-p as the engine does it: how many of all tokens hold half, best first. */
  function keptOf(weights: Float64Array, others: readonly number[]): number {
    const sorted = [...weights, ...others].sort((a, b) => b - a);
    const half = sorted.reduce((sum, weight) => sum + weight, 0) / 2;
    let kept = 0;
    for (let held = 0; held < half; kept++) held += sorted[kept]!;
    return kept;
  }

  it("narrows the sum of all others down to twice the largest of them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 8, max: 128 }),
        (others, tokens) => {
          const sum = others.reduce((all, weight) => all + weight, 0);
          const largest = Math.max(...others);
          let bounds = { least: 0, most: others.length * largest };
          for (let nth = 0; nth < 3; nth++) {
            const weights = makeLadder(bounds, tokens, largest);
            if (weights.length === 0) break;
            assert.ok(weights.every((weight) => weight >= largest * (1 - 1e-9)));
            bounds = boundsAfter(bounds, weights, keptOf(weights, others));
            assert.ok(
              bounds.least <= sum + 1e-9 && sum <= bounds.most + 1e-9,
              `${sum} in ${JSON.stringify(bounds)}`,
            );
          }
          const width = bounds.most - bounds.least;
          assert.ok(width <= 2 * largest * 2 + 0.01 * sum, `${width} of ${sum}, ${largest}`);
        },
      ),
    );
  });

  it("that was made for too small or too large a sum says so, and for how much", () => {
    const part = fc.double({ min: 0.02, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 100, maxLength: 3000 }),
        part,
        part,
        (others, one, other) => {
          const sum = others.reduce((all, weight) => all + weight, 0);
          const largest = Math.max(...others);
          const all = { least: 0, most: others.length * largest };
          const within = { least: Math.min(one, other) * all.most, most: Math.max(one, other) * all.most };
          const weights = makeLadder(within, 64, largest);
          if (weights.length === 0) return;
          const kept = keptOf(weights, others);
          let bounds = boundsAfter(within, weights, kept);
          if (kept === 1) bounds = boundsBelow(within, all);
          else if (kept > weights.length) bounds = boundsAbove(within, all);
          assert.ok(bounds.least <= sum + 1e-9 && sum <= bounds.most + 1e-9, JSON.stringify(bounds));
        },
      ),
    );
  });

  it("knows from the head, and from a count, what no sum can be out of", () => {
    fc.assert(
      fc.property(logits(6), fc.integer({ min: 2, max: 60 }), (all, most) => {
        const sorted = Float64Array.from(all).sort().reverse();
        const shifted = sorted.map((logit) => logit - sorted[0]!);
        const head = { ids: new Uint32Array(Math.min(most, all.length)), logits: shifted.slice(0, most) };
        const sum = shifted.slice(most).reduce((total, logit) => total + Math.exp(logit), 0);
        const below = head.logits.at(-1)! - 2;
        const above = { logit: below, count: shifted.filter((logit) => logit >= below).length };
        const wide = boundsOfOthers(head, all.length);
        const narrow = boundsOfOthers(head, all.length, above);
        for (const { least, most } of [wide, narrow]) {
          assert.ok(least <= sum + 1e-9 && sum <= most + 1e-9, `${sum} in ${least} to ${most}`);
        }
        assert.ok(narrow.least >= wide.least && narrow.most <= wide.most + 1e-9);
      }),
    );
  });

  it("is made for what falls on as it was counted, and so finely that it tells the sum at once", () => {
    const size = 32_000;
    for (const power of [0.8, 1, 1.3, 2]) {
      // More steeply at the end, as in real ones.
      const weights = Array.from(
        { length: size },
        (_, rank) => (rank + 1) ** -power * (1 + rank / 2000) ** -0.5,
      );
      const head = { ids: new Uint32Array(128), logits: Float64Array.from(weights.slice(0, 128), Math.log) };
      const held = weights.slice(0, 128).reduce((all, weight) => all + weight, 0);
      const others = weights.slice(128);
      const sum = others.reduce((all, weight) => all + weight, 0);
      const below = Math.exp(-2) * weights[127]!;
      const above = { logit: Math.log(below), count: weights.filter((weight) => weight >= below).length };
      const all = boundsOfOthers(head, size, above);
      const likely = likelyBounds(all, head, held, size, above);
      assert.ok(likely.least < sum && sum < likely.most, `${sum} in ${JSON.stringify(likely)}`);
      const ladder = makeLadder(likely, 128, weights[127]!);
      const { least, most } = boundsAfter(likely, ladder, keptOf(ladder, others));
      assert.ok(least <= sum && sum <= most, `${sum} in ${least} to ${most}`);
      assert.ok(most - least < 0.006 * (held + sum), `${most - least} of ${held + sum}`);
    }
  });
});

describe("sums of surprisal", () => {
  const bits = fc.array(fc.option(fc.double({ min: 0, max: 40, noNaN: true }), { nil: undefined }));

  it("are those of the formulas", () => {
    fc.assert(
      fc.property(bits, (list) => {
        const sum = sumOf(list.map((each) => ({ bits: each })));
        const read = list.filter((each) => each !== undefined);
        const total = read.reduce((all, each) => all + each, 0);
        assert.equal(sum.tokens, read.length);
        near(sum.bits, total, 1e-9);
        if (read.length === 0) {
          assert.deepEqual(
            [bitsPerToken(sum), perplexity(sum), bitsPerByte(sum, 0)],
            [undefined, undefined, undefined],
          );
          return;
        }
        // Perplexity: the reciprocal of the geometric mean of the probabilities.
        const product = read.reduce((all, each) => all * (2 ** -each) ** (1 / read.length), 1);
        near(perplexity(sum)! * product, 1, 1e-6);
        near(bitsPerByte(sum, 2 * read.length)!, bitsPerToken(sum)! / 2, 1e-9);
      }),
    );
    assert.equal(perplexity({ tokens: 3, bits: 9 }), 8);
  });

  it("are the whole when they are taken by lines", () => {
    fc.assert(
      fc.property(bits, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }), (list, lengths) => {
        const tokens = list.map((each, index) => ({ start: 2 * index, end: 2 * index + 2, bits: each }));
        const starts = [0];
        for (const length of lengths) starts.push(starts.at(-1)! + length);
        const sums = sumsByStart(tokens, starts);
        const all = sumOf(tokens);
        assert.equal(sums.length, starts.length);
        near(
          sums.reduce((total, each) => total + each.bits, 0),
          all.bits,
          1e-6,
        );
        assert.equal(
          sums.reduce((total, each) => total + each.tokens, 0),
          all.tokens,
        );
        sums.forEach((sum, line) => {
          const inside = tokens.filter(
            ({ start }) => start >= starts[line]! && start < (starts[line + 1] ?? Number.POSITIVE_INFINITY),
          );
          near(sum.bits, sumOf(inside).bits, 1e-9);
        });
      }),
    );
  });

  it("find the most surprising places, the most surprising first", () => {
    const tokens = [3, undefined, 9, 3, 12, 0.5].map((each) => ({ bits: each }));
    assert.deepEqual(mostSurprising(tokens, 4, 1), [4, 2, 0, 3]);
    assert.deepEqual(mostSurprising(tokens, 9, 10), [4]);
    // Less probable than the last threshold but one: 9 and 12 bits, not 3.
    assert.deepEqual(surprisingPlaces(tokens, [0.5, 0.2, 0.01, 0.001]), [4, 2]);
  });
});

describe("levels of surprise", () => {
  it("hold the probabilities that their thresholds say", () => {
    const levels = [1, 0.5, 0.49, 0.1, 0.05, 0.01, 0.005, 0.001, 0.0005].map((probability) =>
      levelOf(-Math.log2(probability), DEFAULT_THRESHOLDS),
    );
    assert.deepEqual(levels, [0, 0, 1, 1, 2, 2, 3, 3, 4]);
  });

  it("have thresholds that fall from below 1 to above 0", () => {
    assert.ok(areThresholds([...DEFAULT_THRESHOLDS]));
    for (const wrong of [
      undefined,
      [0.5, 0.1, 0.01],
      [0.1, 0.5, 0.01, 0.001],
      [1, 0.5, 0.1, 0],
      ["0.5", 0.1, 0.01, 0.001],
    ])
      assert.ok(!areThresholds(wrong), JSON.stringify(wrong));
  });
});
