/** Routers, their balance, and the sizes of mixtures. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { calculate } from "../../../src/core/lessons/calculator.js";
import {
  balancedBias,
  imbalanceOf,
  loadsOf,
  mixtureSizes,
  nudgeBias,
  routerScores,
  routeTokens,
} from "../../../src/core/lessons/mixture.js";
import { parseLesson } from "../../../src/core/lessons/parseLesson.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";

const rowsOf = (seed: number, tokens: number, width: number) => {
  const coin = seededCoin(seed);
  return Float32Array.from({ length: tokens * width }, () => coin() * 2 - 1);
};

describe("a router", () => {
  it("gives each token different experts, best first, with shares that sum to 1", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 2, max: 12 }),
        fc.nat(11),
        (seed, tokens, count, more) => {
          const used = 1 + (more % count);
          const scores = routerScores(rowsOf(seed, tokens, 16), 16, count, seed);
          const { chosen, shares } = routeTokens(scores, count, used);
          for (let token = 0; token < tokens; token++) {
            const own = [...chosen.subarray(token * used, (token + 1) * used)];
            const of = [...shares.subarray(token * used, (token + 1) * used)];
            assert.equal(new Set(own).size, used);
            assert.ok(Math.abs(of.reduce((sum, share) => sum + share, 0) - 1) < 1e-5);
            assert.deepEqual(
              of,
              of.toSorted((a, b) => b - a),
            );
            const score = (expert: number) => scores[token * count + expert] ?? 0;
            const worst = Math.min(...own.map(score));
            for (let expert = 0; expert < count; expert++) {
              if (!own.includes(expert)) assert.ok(score(expert) <= worst);
            }
          }
        },
      ),
    );
  });

  it("does not mind how long a row is, and another seed is another router", () => {
    const rows = rowsOf(3, 5, 8);
    const once = routerScores(rows, 8, 4, 1);
    const twice = routerScores(
      rows.map((value) => 2 * value),
      8,
      4,
      1,
    );
    assert.ok(once.every((score, at) => Math.abs(score - (twice[at] ?? 0)) < 1e-6));
    assert.notDeepEqual([...once], [...routerScores(rows, 8, 4, 2)]);
  });

  it("counts what falls on each expert", () => {
    const routing = routeTokens(Float64Array.from([3, 1, 0, 5, 4, 0]), 3, 2);
    assert.deepEqual(loadsOf(routing, 0), [2, 2, 0]);
    assert.equal(imbalanceOf([2, 2, 0]), 1.5);
    assert.equal(imbalanceOf([4, 4]), 1);
  });

  it("is evened out by nudging, which changes the choice and not the shares of the chosen", () => {
    assert.deepEqual([...nudgeBias(Float64Array.from([0, 0, 0]), [4, 1, 1], 0.5)], [-0.5, 0.5, 0.5]);
    for (let seed = 0; seed < 10; seed++) {
      // A router whose first expert is everybody's favourite.
      const scores = routerScores(rowsOf(seed, 64, 16), 16, 8, seed).map((score, at) =>
        at % 8 === 0 ? score + 3 : score,
      );
      const before = imbalanceOf(loadsOf(routeTokens(scores, 8, 2), 0));
      const bias = balancedBias(scores, 8, 2, 300);
      const after = imbalanceOf(loadsOf(routeTokens(scores, 8, 2, bias), 0));
      assert.ok(before > 3 && after < 1.3, `seed ${seed}: ${before} to ${after}`);
    }
  });
});

describe("the sizes of a mixture", () => {
  const facts = {
    values: { "model-parameters": 1000, "model-layers": 2, "model-width": 5 },
    feedForwardWeights: 600,
  };

  it("of a model that is none are what copies of its feed-forward parts would make", () => {
    assert.deepEqual(mixtureSizes(facts, { count: 4, used: 2 }, false), {
      total: 1000 + 3 * 600 + 2 * 5 * 4,
      active: 1000 + 600 + 2 * 5 * 4,
      expert: 600,
    });
  });

  it("of one that is a mixture are its own", () => {
    assert.deepEqual(mixtureSizes(facts, { count: 4, used: 1 }, true), {
      total: 1000,
      active: 550,
      expert: 150,
    });
  });
});

describe("the published sizes of Mixtral, in the lesson's calculator", () => {
  it("make 46.70 billion weights, of which a token meets 12.88", () => {
    const path = "04-the-transformer/mixture-of-experts.md";
    const { lesson } = parseLesson(readFileSync(`media/lessons/${path}`, "utf8"), path);
    const exhibit = lesson?.blocks.find((block) => block.kind === "exhibit" && block.id === "mixtral");
    assert.ok(exhibit?.kind === "exhibit" && exhibit.config.type === "calculator");
    const { total = 0, active = 0 } = calculate(exhibit.config, {});
    assert.equal((total / 1e9).toFixed(2), "46.70");
    assert.equal((active / 1e9).toFixed(2), "12.88");
  });
});
