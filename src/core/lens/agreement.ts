/** How far the lens's next-token distributions and the engine's differ: the number shown beside the picture. */

import { t } from "../../shared/l10n.js";
import type { EngineAgreement } from "../../shared/types.js";

/** Where the engine's two best tokens differ by no more than this, their order is a matter of rounding. */
const CLEAR_LEAD = 0.01;

/**
 * Why the two do not agree to the last digit, as sentences: what each rounds that the other does not, most telling
 * first. Source: llama.cpp's processor code, where matrix products round activations to the block type that goes with
 * the weights' type, and its defaults; measured in CONFORMANCE.md.
 * @param quantisation the type of most of the file's weights. @param exact whether the lens multiplied in f32; integers otherwise.
 * @param experts of a mixture of experts, how many there are and how many each token has.
 */
export function whyTheyDiffer(
  quantisation: string,
  exact: boolean,
  experts?: { count: number; used: number },
): string[] {
  const reasons = [t("llama.cpp keeps keys and values as 16-bit floats, the lens as 32-bit floats.")];
  if (quantisation === "F16" || quantisation === "BF16") {
    reasons.unshift(t("llama.cpp rounds what it multiplies with {0} weights to 16 bits.", quantisation));
  } else if (quantisation !== "F32") {
    reasons.unshift(t("llama.cpp rounds what it multiplies with {0} weights to 8 bits.", quantisation));
  }
  if (!exact) {
    reasons.unshift(
      t(
        "The lens rounds what it multiplies to 12 bits or more, with a scale for each 256 numbers, and multiplies integers.",
      ),
    );
  }
  reasons.push(t("Both add in another order, which moves the last of about seven digits."));
  if (experts) {
    reasons.push(
      t(
        "In this model a router sends each token to {0} of {1} experts. Where two of them are nearly as good for a token, any of these roundings sends it to the other, and behind it probabilities differ far more than by rounding alone.",
        experts.used,
        experts.count,
      ),
    );
  }
  return reasons;
}

/** Next-token probabilities of logits (softmax), in f64: (vocabulary). */
export function probabilities(logits: Float32Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  const out = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const e = Math.exp(logits[i]! - largest);
    out[i] = e;
    sum += e;
  }
  for (let i = 0; i < out.length; i++) out[i]! /= sum;
  return out;
}

/** Compares two distributions at one position. */
export function compareAt(lensLogits: Float32Array, engineLogits: Float32Array): EngineAgreement {
  if (lensLogits.length !== engineLogits.length) {
    throw new RangeError(`${lensLogits.length} logits cannot be compared with ${engineLogits.length}.`);
  }
  const lens = probabilities(lensLogits);
  const engine = probabilities(engineLogits);
  let difference = 0;
  for (let i = 0; i < lens.length; i++) {
    difference = Math.max(difference, Math.abs(lens[i]! - engine[i]!));
  }
  const [first, second] = twoLargest(engine);
  const agrees = twoLargest(lens)[0] === first;
  const clear = engine[first]! - engine[second]! > CLEAR_LEAD;
  return {
    positions: 1,
    maxProbabilityDifference: difference,
    top1Agreements: agrees ? 1 : 0,
    top1Disagreements: !agrees && clear ? 1 : 0,
  };
}

/** The agreement over the positions of both. */
export function joinAgreements(a: EngineAgreement, b: EngineAgreement): EngineAgreement {
  return {
    positions: a.positions + b.positions,
    maxProbabilityDifference: Math.max(a.maxProbabilityDifference, b.maxProbabilityDifference),
    top1Agreements: a.top1Agreements + b.top1Agreements,
    top1Disagreements: a.top1Disagreements + b.top1Disagreements,
  };
}

function twoLargest(values: Float64Array): [first: number, second: number] {
  let first = 0;
  let second = -1;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[first]!) {
      second = first;
      first = i;
    } else if (second < 0 || values[i]! > values[second]!) second = i;
  }
  return [first, Math.max(second, 0)];
}
