/** Bars and captions: that they add up, and that the sentence says what the numbers say. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { candidatesOf } from "../../../src/core/sampling/candidates.js";
import { barsOf, captionOf } from "../../../src/core/sampling/reading.js";
import {
  chanceOfXtc,
  drawProbabilities,
  NEUTRAL_SETTINGS,
  runStages,
} from "../../../src/core/sampling/stages.js";
import type { SamplerSettings } from "../../../src/shared/types.js";

const LOGITS = Float32Array.of(1, 4, 3, 0, 2);

function caption(change: Partial<SamplerSettings>): string {
  const candidates = candidatesOf(LOGITS);
  const settings = { ...NEUTRAL_SETTINGS, ...change };
  const chance = chanceOfXtc(settings);
  return captionOf(
    candidates,
    runStages(candidates, settings),
    settings,
    (id) => `token ${id}`,
    (probability) => `${(probability * 100).toFixed(1)} %`,
    chance > 0 && chance < 1 ? drawProbabilities(candidates, settings) : undefined,
  );
}

describe("bars", () => {
  it("add up to 1 with the rest, before and after, whatever the settings", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -15, max: 15, noNaN: true }), { minLength: 1, maxLength: 80 }),
        fc.record({
          topK: fc.integer({ min: 0, max: 90 }),
          topP: fc.double({ min: 0, max: 1, noNaN: true }),
          minP: fc.double({ min: 0, max: 1, noNaN: true }),
          temperature: fc.constantFrom(0, 0.5, 1, 1.7),
        }),
        fc.integer({ min: 0, max: 100 }),
        (values, settings, also) => {
          const candidates = candidatesOf(Float32Array.from(values));
          const outcomes = runStages(candidates, settings);
          const { bars, rest } = barsOf(candidates, outcomes, 20, also);
          const before = bars.reduce((sum, bar) => sum + bar.before, rest.before);
          const after = bars.reduce((sum, bar) => sum + bar.after, rest.after);
          assert.ok(Math.abs(before - 1) < 1e-9 && Math.abs(after - 1) < 1e-9);
          assert.equal(bars.length + rest.count, values.length);
          assert.equal(
            bars.some(({ id }) => id === also),
            also < values.length,
          );
          const survivors = outcomes.at(-1)?.survivors.ids ?? new Uint32Array();
          assert.equal(bars.filter(({ cutBy }) => !cutBy).length + rest.survivors, survivors.length);
          for (const bar of bars) {
            assert.equal(bar.cutBy === undefined, survivors.includes(bar.id));
            if (bar.cutBy) assert.equal(bar.after, 0);
          }
        },
      ),
    );
  });

  it("name the stage that cut a token", () => {
    const candidates = candidatesOf(LOGITS);
    const outcomes = runStages(candidates, { topK: 4, topP: 0.95, minP: 0.3, temperature: 1 });
    assert.deepEqual(
      barsOf(candidates, outcomes, 5).bars.map(({ id, cutBy }) => [id, cutBy]),
      [
        [1, undefined],
        [2, undefined],
        [4, "min-p"],
        [0, "top-p"],
        [3, "top-k"],
      ],
    );
  });
});

describe("the caption", () => {
  it("counts the survivors and names what cut", () => {
    assert.equal(
      caption({ topP: 0.8 }),
      "Two tokens survive top-p 0.8; token 1 holds 73.1 % of what is left.",
    );
    assert.equal(
      caption({ topK: 4, topP: 0.95, minP: 0.3 }),
      "Two tokens survive top-k 4, top-p 0.95 and min-p 0.3; token 1 holds 73.1 % of what is left.",
    );
    assert.equal(caption({ topK: 1 }), "Only token 1 survives top-k 1: every draw takes it.");
  });

  it("says when nothing is cut, and what temperature did", () => {
    assert.equal(
      caption({}),
      "Nothing is cut: any of the 5 tokens can be drawn. token 1 is the most probable with 63.6 %.",
    );
    assert.equal(
      caption({ temperature: 2 }),
      "Nothing is cut: any of the 5 tokens can be drawn. Temperature 2 takes token 1 from 63.6 % to 42.9 %.",
    );
  });

  it("says that temperature 0 is greedy", () => {
    assert.equal(
      caption({ temperature: 0, topK: 3 }),
      "Temperature 0 is greedy: token 1 is always taken, although the model gave it 63.6 %.",
    );
  });

  it("tells what is drawn in all, where XTC strikes at some draws only", () => {
    // 63.6, 23.4 and 8.6 %, of which XTC leaves the last where it strikes.
    assert.equal(
      caption({ topK: 3, xtcProbability: 0.25, xtcThreshold: 0.05 }),
      "Three tokens can be drawn under top-k 3 and XTC 0.05 at 25 % of draws; token 1 is the most probable with 49.9 %.",
    );
    assert.equal(
      caption({ topK: 3, xtcProbability: 1, xtcThreshold: 0.05 }),
      "Only token 4 survives top-k 3 and XTC 0.05: every draw takes it.",
    );
    assert.equal(
      caption({ xtcProbability: 0.25, xtcThreshold: 0.2, temperature: 0 }),
      "Temperature 0 is greedy: token 1 is taken at 75.0 % of draws, and token 2 at the others, where XTC strikes.",
    );
    assert.equal(
      caption({ xtcProbability: 0.25, xtcThreshold: 0.5, temperature: 0 }),
      "Temperature 0 is greedy: token 1 is always taken, although the model gave it 63.6 %.",
    );
  });
});
