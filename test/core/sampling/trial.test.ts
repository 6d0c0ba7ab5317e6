/** Two hundred draws at once: what a seed determines, and that they are drawn from what the panel shows. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { candidatesOf } from "../../../src/core/sampling/candidates.js";
import { goodnessOfFit } from "../../../src/core/sampling/goodnessOfFit.js";
import { PRESETS, presetOf } from "../../../src/core/sampling/presets.js";
import { checkSettings, drawProbabilities, NEUTRAL_SETTINGS } from "../../../src/core/sampling/stages.js";
import { countDraws, drawTrial } from "../../../src/core/sampling/trial.js";

const CANDIDATES = candidatesOf(Float32Array.of(2.1, 1.9, 1.2, 0.4, -0.3, -1, -6));
const HISTORY = [1, 2, 1];

describe("a trial", () => {
  it("is determined by its seed, and longer ones begin like shorter ones", () => {
    const options = { history: HISTORY };
    fc.assert(
      fc.property(
        fc.constantFrom(...PRESETS),
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        (preset, seed, few) => {
          const all = drawTrial(CANDIDATES, preset.settings, options, seed, 60);
          assert.deepEqual(drawTrial(CANDIDATES, preset.settings, options, seed, few), all.subarray(0, few));
          const counts = countDraws(all, few);
          assert.equal(
            [...counts.values()].reduce((sum, count) => sum + count, 0),
            few,
          );
        },
      ),
    );
    const { settings } = PRESETS[0]!;
    const one = drawTrial(CANDIDATES, settings, options, 1, 60);
    assert.notDeepEqual(drawTrial(CANDIDATES, settings, options, 2, 60), one);
  });

  for (const { id, settings } of [
    ...PRESETS,
    {
      id: "penalties and XTC at some draws",
      settings: { ...NEUTRAL_SETTINGS, presencePenalty: 0.8, xtcProbability: 0.3, xtcThreshold: 0.15 },
    },
  ]) {
    it(`draws from what is predicted: ${id}`, () => {
      const options = { history: HISTORY };
      const predicted = drawProbabilities(CANDIDATES, settings, options);
      const counts = countDraws(drawTrial(CANDIDATES, settings, options, 4711, 20_000));
      for (const drawn of counts.keys()) assert.ok(predicted[drawn]! > 0, `token ${drawn} had been cut`);
      const { p, chiSquare } = goodnessOfFit(counts, predicted);
      assert.ok(p > 0.001, `chi-square ${chiSquare}, p ${p}`);
    });
  }
});

describe("presets", () => {
  it("are settings that the stages take, told apart, each with what it is good for", () => {
    for (const preset of PRESETS) {
      checkSettings(preset.settings);
      assert.equal(presetOf({ ...preset.settings }), preset);
      assert.match(preset.purpose, /\bfor\b/i);
    }
    assert.deepEqual(
      PRESETS.map(({ id }) => id).filter((id) => ["precise", "chat", "creative"].includes(id)),
      ["precise", "chat", "creative"],
    );
    assert.equal(presetOf({ ...NEUTRAL_SETTINGS, topK: 7 }), undefined);
  });
});
