/** Reinforcement in small: its gradient, its tries, and what it cannot find. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { expectedReward, softmax, tryAndLearn } from "../../../src/core/lessons/reinforcement.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";

/** How fast the expected reward rises with each score: p · (reward − expected reward). */
function rewardGradient(scores: readonly number[], rewards: readonly number[]): number[] {
  const expected = expectedReward(scores, rewards);
  return softmax(scores).map((probability, at) => probability * (rewards[at]! - expected));
}

describe("reinforcement", () => {
  const scores = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 8 });

  it("has the gradient that finite differences find", () => {
    fc.assert(
      fc.property(scores, fc.nat(1000), (start, seed) => {
        const coin = seededCoin(seed);
        const rewards = start.map(() => Math.round(coin() * 4) / 2 - 1);
        const gradient = rewardGradient(start, rewards);
        for (const [at, slope] of gradient.entries()) {
          const moved = (by: number) =>
            expectedReward(
              start.map((score, other) => (other === at ? score + by : score)),
              rewards,
            );
          const step = 1e-5;
          assert.ok(Math.abs((moved(step) - moved(-step)) / (2 * step) - slope) < 1e-7);
        }
      }),
    );
  });

  it("moves by tries as the gradient says, on average", () => {
    const start = [0.5, -0.2, 1, 0];
    const rewards = [0, 1, 0, 0.5];
    const tries = 200_000;
    const { scores: moved, counts } = tryAndLearn(start, rewards, { tries, rate: 1, coin: seededCoin(7) });
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      tries,
    );
    const expected = rewardGradient(start, rewards);
    for (const [at, slope] of expected.entries()) {
      assert.ok(Math.abs((moved[at] ?? 0) - (start[at] ?? 0) - slope) < 0.004, String(at));
    }
    for (const [at, probability] of softmax(start).entries()) {
      assert.ok(Math.abs((counts[at] ?? 0) / tries - probability) < 0.01);
    }
  });

  it("makes a rare thing frequent by rewarding it, and leaves alone what never comes", () => {
    const learn = (start: number[]) => {
      let now = start;
      for (let round = 0; round < 200; round++) {
        const coin = seededCoin(1, 20 * round);
        now = tryAndLearn(now, [0, 0, 1], { tries: 20, rate: 2, coin }).scores;
      }
      return now;
    };
    const rare = [3, 2, 0];
    assert.ok(expectedReward(rare, [0, 0, 1]) < 0.05);
    assert.ok(expectedReward(learn(rare), [0, 0, 1]) > 0.8);
    const never = [30, 2, -30];
    assert.deepEqual(learn(never), never);
  });
});
