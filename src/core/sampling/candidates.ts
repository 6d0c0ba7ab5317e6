/** The first step of sampling: logits over a vocabulary become candidates, best first, with probabilities. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

/**
 * Tokens that can still be drawn, best first; equal logits are ordered by id, so that every run agrees.
 * The three arrays have one length, (candidates).
 */
export interface Candidates {
  /** Vocabulary ids. */
  ids: Uint32Array;
  /** Logits as far as the stages have changed them. */
  logits: Float64Array;
  /** Softmax of `logits`; sums to 1. */
  probabilities: Float64Array;
}

/**
 * Ranks a whole vocabulary and takes its softmax.
 * @param logits (vocabulary) f32, index = token id; `-Infinity` means impossible, `+Infinity` means certain.
 * @throws GlassboxError `invalid-request` when there are no logits, one of them is NaN, or all are `-Infinity`.
 */
export function candidatesOf(logits: Float32Array): Candidates {
  checkLogits(logits);
  const ids = rankByLogit(logits);
  const ranked = new Float64Array(ids.length);
  for (let rank = 0; rank < ids.length; rank++) ranked[rank] = logits[ids[rank] as number] as number;
  return { ids, logits: ranked, probabilities: softmax(ranked) };
}

/** @throws GlassboxError `invalid-request`, see `candidatesOf`. */
function checkLogits(logits: Float32Array): void {
  let possible = false;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (Number.isNaN(logit)) {
      throw new GlassboxError(
        "invalid-request",
        t(
          "Cannot make probabilities from these logits: token {0} of {1} has the logit NaN.",
          id,
          logits.length,
        ),
        t("The model's file or its computation is broken; load another model."),
      );
    }
    if (logit !== Number.NEGATIVE_INFINITY) possible = true;
  }
  if (!possible) {
    throw new GlassboxError(
      "invalid-request",
      logits.length === 0
        ? t("Cannot make probabilities: there are no logits.")
        : t(
            "Cannot make probabilities: all {0} logits are -Infinity, so no token is possible.",
            logits.length,
          ),
    );
  }
}

const RADIX_BITS = 11;
const BUCKETS = 1 << RADIX_BITS;

/**
 * Ids ordered by logit, largest first, equal logits by id.
 *
 * Least-significant-digit radix sort on the bits of the floats: three stable passes of 11 bits. A comparison sort
 * takes about 40 ms for 150,000 entries, which a slider would feel.
 */
export function rankByLogit(logits: Float32Array): Uint32Array {
  const count = logits.length;
  const bits = new Uint32Array(logits.buffer, logits.byteOffset, count);
  const keys = new Uint32Array(count);
  const histograms = [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)] as const;
  for (let id = 0; id < count; id++) {
    // -0 equals 0, so it takes its bits: the two must tie.
    const pattern = bits[id] === 0x80000000 ? 0 : (bits[id] as number);
    // Positive floats order like their bits and negative ones the other way round; inverted for largest first.
    const key = (pattern & 0x80000000) !== 0 ? pattern : ~pattern & 0x7fffffff;
    keys[id] = key;
    for (let pass = 0; pass < 3; pass++) {
      const histogram = histograms[pass] as Uint32Array;
      const digit = (key >>> (pass * RADIX_BITS)) & (BUCKETS - 1);
      histogram[digit] = (histogram[digit] as number) + 1;
    }
  }
  let from = new Uint32Array(count);
  let to = new Uint32Array(count);
  for (let id = 0; id < count; id++) from[id] = id;
  for (let pass = 0; pass < 3; pass++) {
    const next = histograms[pass] as Uint32Array;
    let start = 0;
    for (let digit = 0; digit < BUCKETS; digit++) {
      const size = next[digit] as number;
      next[digit] = start;
      start += size;
    }
    for (let at = 0; at < count; at++) {
      const id = from[at] as number;
      const digit = ((keys[id] as number) >>> (pass * RADIX_BITS)) & (BUCKETS - 1);
      const place = next[digit] as number;
      next[digit] = place + 1;
      to[place] = id;
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Softmax with the maximum subtracted first, so that no exponential overflows: `exp(l - max) / sum`.
 * Where logits are `+Infinity`, those tokens share all the probability, which is the limit of the formula.
 * @param logits in any order, at least one of them above `-Infinity`, none NaN.
 */
export function softmax(logits: Float64Array | Float32Array): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logits.length; at++) max = Math.max(max, logits[at] as number);
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let at = 0; at < logits.length; at++) {
    const logit = logits[at] as number;
    const weight = logit === max ? 1 : Math.exp(logit - max);
    probabilities[at] = weight;
    sum += weight;
  }
  for (let at = 0; at < probabilities.length; at++) probabilities[at] = (probabilities[at] as number) / sum;
  return probabilities;
}

/** Shannon entropy in bits: `-sum p log2 p`, with `0 log2 0 = 0`. */
export function entropyBits(probabilities: Float64Array): number {
  let entropy = 0;
  for (let at = 0; at < probabilities.length; at++) {
    const probability = probabilities[at] as number;
    if (probability > 0) entropy -= probability * Math.log2(probability);
  }
  return Math.max(0, entropy);
}
