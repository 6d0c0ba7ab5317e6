/** Each stage against its closed form, the engine's order, and draws against the prediction. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Candidates, candidatesOf, softmax } from "../../../src/core/sampling/candidates.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { choose, sample } from "../../../src/core/sampling/sample.js";
import {
  drawProbabilities,
  ENGINE_ORDER,
  minP,
  NEUTRAL_SETTINGS,
  type Penalties,
  penalise,
  runStages,
  stagesOf,
  strikes,
  temperature,
  topK,
  topP,
  typicalP,
  xtc,
} from "../../../src/core/sampling/stages.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import type { SamplerSettings } from "../../../src/shared/types.js";

const candidates = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.float({ noNaN: true, min: -20, max: 20 }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 2, Number.NEGATIVE_INFINITY) },
    ),
    { minLength: 1, maxLength: 200 },
  )
  .filter((values) => values.some((value) => value > Number.NEGATIVE_INFINITY))
  .map((values) => candidatesOf(Float32Array.from(values)));

const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

const settings: fc.Arbitrary<SamplerSettings> = fc.record({
  repeatPenalty: fc.oneof(fc.constant(1), fc.double({ min: 0.5, max: 2, noNaN: true })),
  frequencyPenalty: fc.oneof(fc.constant(0), fc.double({ min: -1, max: 2, noNaN: true })),
  presencePenalty: fc.oneof(fc.constant(0), fc.double({ min: -1, max: 2, noNaN: true })),
  penaltyTokens: fc.integer({ min: 0, max: 20 }),
  topK: fc.integer({ min: 0, max: 250 }),
  typicalP: part,
  topP: part,
  minP: part,
  xtcProbability: part,
  xtcThreshold: part,
  temperature: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 3, noNaN: true })),
});

const history = fc.array(fc.integer({ min: 0, max: 220 }), { maxLength: 40 });

const order = fc.shuffledSubarray([...ENGINE_ORDER], { minLength: ENGINE_ORDER.length });

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The survivors' probabilities are the old ones divided by their sum. */
function assertRenormalised(before: Candidates, after: Candidates): void {
  const kept = before.probabilities.subarray(0, after.ids.length);
  const total = sum(kept);
  assert.deepEqual(after.ids, before.ids.subarray(0, after.ids.length));
  after.probabilities.forEach((probability, rank) => {
    assert.ok(Math.abs(probability - (kept[rank] ?? 0) / total) < 1e-12);
  });
}

describe("sampling stages", () => {
  it("top-k keeps exactly the k best", () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 250 }), (before, k) => {
        const after = topK(before, k);
        assert.equal(after.ids.length, Math.min(k, before.ids.length));
        assertRenormalised(before, after);
      }),
    );
  });

  it("top-p keeps the smallest set that holds at least p", () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 0.999999, noNaN: true }), (before, p) => {
        const after = topP(before, p);
        const kept = before.probabilities.subarray(0, after.ids.length);
        assert.ok(after.ids.length >= 1);
        assert.ok(sum(kept) >= p, "holds at least p");
        if (kept.length > 1) assert.ok(sum(kept.subarray(0, -1)) < p, "one fewer holds less than p");
        assertRenormalised(before, after);
      }),
    );
  });

  it("min-p keeps exactly the tokens with at least p times the largest probability", () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0.0001, max: 1, noNaN: true }), (before, p) => {
        const after = minP(before, p);
        const threshold = p * (before.probabilities[0] ?? 0);
        before.probabilities.forEach((probability, rank) => {
          // On the threshold itself the last bit of exp and log decides.
          if (Math.abs(probability - threshold) < 1e-12) return;
          assert.equal(rank < after.ids.length, probability > threshold);
        });
        assertRenormalised(before, after);
      }),
    );
  });

  it("min-p 1 keeps the ties of the best", () => {
    const after = minP(candidatesOf(Float32Array.of(4, 4, 3.999, 4)), 1);
    assert.deepEqual(Array.from(after.ids), [0, 1, 3]);
  });

  it("typical-p keeps the tokens whose surprisal is nearest to the entropy, the fewest that hold more than p", () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 0.999999, noNaN: true }), (before, p) => {
        const after = typicalP(before, p);
        const entropy = -sum(before.probabilities.map((value) => (value > 0 ? value * Math.log(value) : 0)));
        const distance = before.probabilities.map((value) => Math.abs(-Math.log(value) - entropy));
        const kept = new Set(after.ids);
        const rows = Array.from(before.ids, (id, rank) => ({
          kept: kept.has(id),
          distance: distance[rank]!,
          probability: before.probabilities[rank]!,
        }));
        const farthestKept = Math.max(...rows.filter((row) => row.kept).map((row) => row.distance));
        // Neither infinities nor the last bit of two logarithms are told apart.
        for (const row of rows)
          if (!row.kept && row.distance < Number.POSITIVE_INFINITY)
            assert.ok(row.distance >= farthestKept - 1e-9);
        const held = rows.filter((row) => row.kept);
        const total = sum(held.map((row) => row.probability));
        assert.ok(total > p || kept.size === rows.length, "holds more than p");
        if (held.length > 1) {
          const farthest = held.find((row) => row.distance >= farthestKept - 1e-9)!;
          assert.ok(total - farthest.probability <= p + 1e-12, "one fewer does not");
        }
        assert.ok(Math.abs(sum(after.probabilities) - 1) < 1e-9);
      }),
    );
  });

  it("typical-p can cut the best token, and keeps every token where all are alike", () => {
    // Surprisals 0.86, 1.86 and eight times 5.45 bits; the entropy is 2.0 bits.
    const probabilities = [0.55, 0.275, ...Array.from({ length: 8 }, () => 0.021875)];
    const before = candidatesOf(Float32Array.from(probabilities, Math.log));
    assert.deepEqual(Array.from(typicalP(before, 0.2).ids), [1]);
    assert.deepEqual(Array.from(typicalP(before, 0.3).ids), [0, 1]);
    assert.equal(typicalP(candidatesOf(new Float32Array(7)), 0.9999).ids.length, 7);
  });

  it("XTC removes all tokens of at least the threshold but the least probable of them", () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (before, threshold) => {
        const choices = before.probabilities.filter((value) => value > 0 && value >= threshold).length;
        const after = xtc(before, threshold);
        assert.deepEqual(after.ids, before.ids.subarray(Math.max(0, choices - 1)));
        const kept = before.probabilities.subarray(Math.max(0, choices - 1));
        after.probabilities.forEach((value, at) => {
          assert.ok(Math.abs(value - kept[at]! / sum(kept)) < 1e-9);
        });
      }),
    );
  });

  it("XTC is off where there cannot be two top choices, and strikes as often as it is told to", () => {
    const before = candidatesOf(Float32Array.of(5, 5, 1));
    const off = runStages(before, { ...NEUTRAL_SETTINGS, xtcProbability: 1, xtcThreshold: 0.51 });
    assert.equal(off.at(-1)?.survivors, before);
    const coin = seededCoin(3);
    let struck = 0;
    for (let toss = 0; toss < 10_000; toss++)
      if (strikes({ ...NEUTRAL_SETTINGS, xtcProbability: 0.3 }, coin())) struck++;
    assert.ok(Math.abs(struck - 3000) < 160, `${struck}`);
    assert.equal(strikes(NEUTRAL_SETTINGS, 0), false);
    assert.equal(strikes({ ...NEUTRAL_SETTINGS, xtcProbability: 1 }, 0.9999999), true);
  });

  it("penalties change the logits of the tokens in the text by their formula, and no others", () => {
    const penalties = settings.map(
      ({ repeatPenalty, frequencyPenalty, presencePenalty, penaltyTokens }): Penalties => ({
        repeatPenalty,
        frequencyPenalty,
        presencePenalty,
        penaltyTokens,
      }),
    );
    fc.assert(
      fc.property(candidates, penalties, history, (before, chosen, text) => {
        const after = penalise(before, chosen, text);
        const last = chosen.penaltyTokens === 0 ? [] : text.slice(-chosen.penaltyTokens);
        const logits = new Map(Array.from(before.ids, (id, rank) => [id, before.logits[rank]!]));
        assert.deepEqual([...after.ids].sort(), [...before.ids].sort());
        after.ids.forEach((id, rank) => {
          const count = last.filter((other) => other === id).length;
          const logit = logits.get(id)!;
          const repeated = logit > 0 ? logit / chosen.repeatPenalty : logit * chosen.repeatPenalty;
          const expected =
            count === 0 ? logit : repeated - count * chosen.frequencyPenalty - chosen.presencePenalty;
          const found = after.logits[rank]!;
          assert.ok(found === expected || Math.abs(found - expected) < 1e-9, `${found} for ${expected}`);
          if (rank > 0) assert.ok(found <= after.logits[rank - 1]!);
        });
        const expected = softmax(after.logits);
        assert.ok(after.probabilities.every((value, rank) => Math.abs(value - expected[rank]!) < 1e-12));
      }),
    );
  });

  it("the probabilities of a draw are those of both of XTC's cases, each as often as it happens", () => {
    fc.assert(
      fc.property(candidates, settings, history, (before, chosen, text) => {
        const drawn = drawProbabilities(before, chosen, { history: text });
        assert.ok(Math.abs(sum(drawn) - 1) < 1e-9);
        const off = chosen.xtcProbability === 0 || chosen.xtcThreshold > 0.5;
        const expected = new Map<number, number>();
        for (const [xtcStrikes, share] of [
          [true, off ? 0.5 : chosen.xtcProbability],
          [false, off ? 0.5 : 1 - chosen.xtcProbability],
        ] as const) {
          const left = runStages(before, chosen, { history: text, xtcStrikes }).at(-1)!.survivors;
          left.ids.forEach((id, at) => {
            expected.set(id, (expected.get(id) ?? 0) + share * left.probabilities[at]!);
          });
        }
        for (const [id, value] of expected) assert.ok(Math.abs(value - drawn[id]!) < 1e-9);
      }),
    );
  });

  it("temperature is the softmax of logits / T, and keeps the order", () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0.05, max: 5, noNaN: true }), (before, t) => {
        const after = temperature(before, t);
        assert.equal(after.ids, before.ids);
        const expected = softmax(before.logits.map((logit) => logit / t));
        after.probabilities.forEach((probability, rank) => {
          assert.ok(Math.abs(probability - (expected[rank] ?? 0)) < 1e-12);
          if (rank > 0) assert.ok(probability <= (after.probabilities[rank - 1] ?? 0));
        });
      }),
    );
  });

  it("temperature raises the ratio of two probabilities to the power 1 / T", () => {
    const before = candidatesOf(Float32Array.of(2, 1));
    const ratio = (of: Candidates) => (of.probabilities[0] ?? 0) / (of.probabilities[1] ?? 1);
    assert.ok(Math.abs(ratio(temperature(before, 0.5)) - ratio(before) ** 2) < 1e-9);
    assert.ok(Math.abs(ratio(temperature(before, 2)) - ratio(before) ** 0.5) < 1e-9);
  });

  it("neutral settings change nothing", () => {
    fc.assert(
      fc.property(candidates, (before) => {
        const outcomes = runStages(before, NEUTRAL_SETTINGS);
        assert.deepEqual(
          outcomes.map(({ stage, off }) => [stage, off]),
          ENGINE_ORDER.map((stage) => [stage, true]),
        );
        for (const outcome of outcomes) {
          assert.equal(outcome.survivors, before);
          assert.equal(outcome.removed.length, 0);
          assert.equal(outcome.removedMass, 0);
        }
      }),
    );
  });

  it("at every stage the survivors sum to 1, and kept and removed make up what came in", () => {
    fc.assert(
      fc.property(candidates, settings, history, order, (before, chosen, text, tried) => {
        let current = before;
        for (const outcome of runStages(before, chosen, { history: text, order: tried })) {
          assert.ok(Math.abs(sum(outcome.survivors.probabilities) - 1) < 1e-9);
          assert.ok(outcome.survivors.ids.length >= 1);
          assert.deepEqual(
            [...outcome.survivors.ids, ...outcome.removed].sort(),
            Array.from(current.ids).sort(),
          );
          const probability = new Map(Array.from(current.ids, (id, at) => [id, current.probabilities[at]!]));
          const removed = sum(Array.from(outcome.removed, (id) => probability.get(id)!));
          assert.ok(Math.abs(removed - outcome.removedMass) < 1e-9);
          assert.ok(outcome.entropy >= 0 && outcome.entropy <= Math.log2(current.ids.length) + 1e-9);
          current = outcome.survivors;
        }
      }),
    );
  });

  it("runs in the engine's order: cuts on the model's own probabilities, temperature last", () => {
    const before = candidatesOf(Float32Array.of(3, 2, 1, 0));
    const chosen = { topK: 0, topP: 0.9, minP: 0, temperature: 2 };
    const asEngine = runStages(before, chosen).at(-1)?.survivors.ids.length;
    const otherWay = runStages(before, chosen, { order: ["temperature", "top-p"] }).at(-1)?.survivors.ids
      .length;
    // 0.644 + 0.237 + 0.087 reaches 0.9 with three; flattened first, all four are needed.
    assert.equal(asEngine, 3);
    assert.equal(otherWay, 4);
  });

  it("temperature 0 is the greedy choice, and of equals the one with the smallest id", () => {
    const outcomes = runStages(candidatesOf(Float32Array.of(1, 5, 5)), {
      ...NEUTRAL_SETTINGS,
      topK: 2,
      temperature: 0,
    });
    assert.deepEqual(
      outcomes.map(({ stage, off }) => [stage, off]),
      [
        ["penalties", true],
        ["xtc", true],
        ["greedy", false],
      ],
    );
    assert.deepEqual(Array.from(outcomes.at(-1)?.survivors.ids ?? []), [1]);
    assert.equal(outcomes.at(-1)?.entropy, 0);
  });

  it("of the stages only penalties and XTC come before the greedy choice, as in the engine", () => {
    const chosen = { ...NEUTRAL_SETTINGS, presencePenalty: 9, temperature: 0 };
    const outcomes = runStages(candidatesOf(Float32Array.of(1, 5, 4)), chosen, { history: [1] });
    assert.deepEqual(
      outcomes.map(({ stage }) => stage),
      stagesOf(chosen),
    );
    assert.deepEqual(Array.from(outcomes.at(-1)?.survivors.ids ?? []), [2]);
  });

  it("refuses settings outside their range and names them", () => {
    const before = candidatesOf(Float32Array.of(1, 2));
    const refusal = (change: Partial<SamplerSettings>, expected: RegExp) =>
      assert.throws(
        () => runStages(before, { ...NEUTRAL_SETTINGS, ...change }),
        (error: unknown) => error instanceof GlassboxError && expected.test(error.message),
      );
    refusal({ temperature: -0.1 }, /Temperature must be .* -0\.1/);
    refusal({ temperature: Number.NaN }, /Temperature/);
    refusal({ topK: 2.5 }, /Top-k must be a whole number/);
    refusal({ topP: 1.5 }, /Top-p/);
    refusal({ minP: Number.NaN }, /Min-p/);
    refusal({ typicalP: 2 }, /Typical-p/);
    refusal({ xtcProbability: -1 }, /probability of XTC/);
    refusal({ xtcThreshold: Number.NaN }, /threshold of XTC/);
    refusal({ repeatPenalty: 0 }, /Repeat penalty must be a number above 0/);
    refusal({ frequencyPenalty: Number.POSITIVE_INFINITY }, /Frequency penalty/);
    refusal({ presencePenalty: Number.NaN }, /Presence penalty/);
    refusal({ penaltyTokens: 1.5 }, /look back must be a whole number/);
  });
});

describe("drawing", () => {
  it("picks the place where the running sum reaches the coin", () => {
    const probabilities = Float64Array.of(0.5, 0.3, 0.2);
    assert.equal(choose(probabilities, 0), 0);
    assert.equal(choose(probabilities, 0.49), 0);
    assert.equal(choose(probabilities, 0.51), 1);
    assert.equal(choose(probabilities, 0.81), 2);
  });

  it("never picks a token of probability 0, even when rounding leaves the sum short", () => {
    assert.equal(choose(Float64Array.of(0, 0.6, 0, 0.3999, 0), 0.99999), 3);
    assert.equal(choose(Float64Array.of(0, 1), 0), 1);
  });

  it("says what it drew and tosses one coin, whatever the settings", () => {
    fc.assert(
      fc.property(settings, fc.double({ min: 0, max: 0.9999, noNaN: true }), (chosen, value) => {
        const logits = Float32Array.of(0.5, 3, 2, -1, 2.5);
        let tosses = 0;
        const drawn = sample(logits, chosen, () => {
          tosses++;
          return value;
        });
        assert.equal(tosses, 1);
        const all = candidatesOf(logits);
        assert.equal(all.ids[drawn.rank], drawn.id);
        assert.equal(drawn.before, all.probabilities[drawn.rank]);
        const survivors = drawn.stages.at(-1)?.survivors;
        assert.equal(survivors?.probabilities[survivors.ids.indexOf(drawn.id)], drawn.after);
      }),
    );
  });

  // The 0.999 quantiles of chi-square with 0, 1, 2 … degrees of freedom (survivors less one).
  const bounds = [0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12, 27.88, 29.59];
  const cases: [name: string, change: Partial<SamplerSettings>][] = [
    ["neutral", {}],
    ["temperature 0.6", { temperature: 0.6 }],
    ["temperature 1.7", { temperature: 1.7 }],
    ["top-k 4", { topK: 4 }],
    ["min-p 0.4 and temperature 1.5", { minP: 0.4, temperature: 1.5 }],
    ["top-p 0.8", { topP: 0.8 }],
  ];
  for (const [name, change] of cases) {
    it(`10,000 draws follow the predicted distribution: ${name}`, () => {
      const logits = Float32Array.of(0.1, 0.9, 2, 1.5, -0.4, 1.1, 0.2, 1.9, 0.6, 1.2, 0);
      const coin = seededCoin(12345);
      const chosen = { ...NEUTRAL_SETTINGS, ...change };
      const counts = new Map<number, number>();
      const draws = 10_000;
      for (let at = 0; at < draws; at++) {
        const { id } = sample(logits, chosen, coin);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      const predicted = runStages(candidatesOf(logits), chosen).at(-1)?.survivors;
      assert.ok(predicted);
      let chiSquare = 0;
      predicted.ids.forEach((id, rank) => {
        const expected = draws * (predicted.probabilities[rank] ?? 0);
        chiSquare += ((counts.get(id) ?? 0) - expected) ** 2 / expected;
        counts.delete(id);
      });
      assert.equal(counts.size, 0, "nothing was drawn that a stage had cut");
      const bound = bounds[predicted.ids.length - 1] ?? 0;
      assert.ok(chiSquare < bound, `chi-square ${chiSquare.toFixed(2)}, bound ${bound}`);
    });
  }
});

describe("a vocabulary of 150,000 tokens", () => {
  it("is restaged within a frame", () => {
    const normal = seededCoin(1);
    const logits = Float32Array.from({ length: 150_000 }, () => {
      const [u, v] = [1 - normal(), normal()];
      return 3 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    });
    const ranked = candidatesOf(logits);
    const times: number[] = [];
    for (let round = 0; round < 30; round++) {
      const from = performance.now();
      const outcomes = runStages(ranked, { topK: 100_000, topP: 0.9999, minP: 1e-9, temperature: 1.3 });
      times.push(performance.now() - from);
      assert.equal(outcomes.length, ENGINE_ORDER.length);
    }
    // The best round: what other programs take from the processor meanwhile is not ours.
    const best = Math.min(...times);
    assert.ok(best < 16, `${best.toFixed(1)} ms`);
  });
});
