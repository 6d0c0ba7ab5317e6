/** The constant between logits and log-probabilities, found again from what a repeat penalty does. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { candidatesOf, softmax } from "../../../src/core/sampling/candidates.js";
import { logitOffset, PROBE_PENALTY, probesFor } from "../../../src/core/sampling/rawLogits.js";
import { NEUTRAL_SETTINGS, penalise } from "../../../src/core/sampling/stages.js";
import { GlassboxError } from "../../../src/shared/errors.js";

/** Logarithms of f32 probabilities, which is all that the engine tells. */
function logProbabilities(logits: Float32Array): Float32Array {
  return Float32Array.from(softmax(logits), (probability) => Math.log(Math.fround(probability)));
}

describe("the model's own logits", () => {
  it("are found again from probabilities, whatever their signs", () => {
    const logits = fc
      .array(fc.float({ min: -12, max: 12, noNaN: true }), { minLength: 3, maxLength: 60 })
      .chain((values) => fc.float({ min: -15, max: 15, noNaN: true }).map((by) => values.map((v) => v + by)));
    fc.assert(
      fc.property(logits, (values) => {
        const own = Float32Array.from(values);
        const plain = logProbabilities(own);
        const probes = probesFor(plain);
        const punished = penalise(candidatesOf(own), { ...NEUTRAL_SETTINGS, repeatPenalty: PROBE_PENALTY }, [
          probes.high,
          probes.low,
        ]);
        const after = new Float32Array(own.length);
        punished.ids.forEach((id, rank) => {
          after[id] = punished.logits[rank]!;
        });
        const offset = logitOffset(plain, logProbabilities(after), probes);
        const spread = own[probes.high]! - own[probes.low]!;
        // Where all probes are alike, their signs cannot be told apart.
        if (spread < 0.01) return;
        own.forEach((logit, id) => {
          if (plain[id]! > -60) assert.ok(Math.abs(plain[id]! + offset - logit) < 2e-4, `${offset}`);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("cannot be told for a vocabulary of two tokens", () => {
    assert.throws(() => probesFor(Float32Array.of(1, 2)), GlassboxError);
  });
});
