/** Beam search against all roads that there are, on small vocabularies with random distributions. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Beam, beamSearch } from "../../../src/core/sampling/beamSearch.js";
import { candidatesOf } from "../../../src/core/sampling/candidates.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";

const END = 0;

/** A model whose logits behind any road are random, but always the same. */
function randomModel(seed: number, vocabulary: number) {
  return async (ids: readonly number[]) => {
    const place = ids.reduce((sum, id) => sum * (vocabulary + 1) + id + 1, 0);
    const coin = seededCoin(seed, place % 5000);
    return candidatesOf(Float32Array.from({ length: vocabulary }, () => 4 * coin()));
  };
}

/** Every road of `length` tokens, or fewer where it ends, with its probability. */
async function allRoads(
  predict: ReturnType<typeof randomModel>,
  length: number,
): Promise<Map<string, number>> {
  const roads = new Map<string, number>();
  const walk = async (ids: number[], probability: number): Promise<void> => {
    if (ids.length === length || ids.at(-1) === END) {
      roads.set(ids.join(" "), probability);
      return;
    }
    const candidates = await predict(ids);
    for (let rank = 0; rank < candidates.ids.length; rank++) {
      await walk([...ids, candidates.ids[rank]!], probability * candidates.probabilities[rank]!);
    }
  };
  await walk([], 1);
  return roads;
}

const search = (predict: ReturnType<typeof randomModel>, width: number, length: number) =>
  beamSearch({ width, length, predict, ends: (id) => id === END });

describe("beam search", () => {
  it("finds the most probable roads of all where it is as wide as there are roads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1000 }), fc.integer({ min: 2, max: 4 }), async (seed, vocabulary) => {
        const predict = randomModel(seed, vocabulary);
        const roads = await allRoads(predict, 3);
        const beams = await search(predict, vocabulary ** 3, 3);
        assert.equal(beams.length, roads.size);
        const best = [...roads.values()].sort((a, b) => b - a);
        beams.forEach((beam, place) => {
          assert.ok(Math.abs(Math.exp(beam.logProbability) - best[place]!) < 1e-9);
          assert.ok(Math.abs(roads.get(beam.ids.join(" "))! - Math.exp(beam.logProbability)) < 1e-9);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("is the greedy choice where one road is kept", async () => {
    const predict = randomModel(3, 6);
    const [beam] = await search(predict, 1, 8);
    const greedy: number[] = [];
    while (greedy.length < 8 && greedy.at(-1) !== END) greedy.push((await predict(greedy)).ids[0]!);
    assert.deepEqual(beam?.ids, greedy);
    assert.ok(beam?.ranks.every((rank) => rank === 0));
  });

  it("keeps each road's probabilities, and stops where all have ended", async () => {
    let asked = 0;
    const beams: Beam[] = await beamSearch({
      width: 2,
      length: 50,
      ends: (id) => id === END || id === 1,
      predict: async () => {
        asked++;
        return candidatesOf(Float32Array.of(1, 0, -3));
      },
    });
    assert.equal(asked, 1);
    assert.ok(beams.every(({ ended }) => ended));
    for (const { probabilities, logProbability } of beams) {
      const product = probabilities.reduce((total, probability) => total * probability, 1);
      assert.ok(Math.abs(Math.log(product) - logProbability) < 1e-12);
    }
  });
});
