/** The logit lens: what the residual stream at one layer would predict at each position, put into a few numbers. */

import type { StreamReading } from "../../shared/panels/attention.js";
import { topOf } from "./predictionChange.js";

/** Collects a layer's reading, position by position. */
export function readStream(layer: number, tokens: number) {
  const result: StreamReading = {
    layer,
    top: new Uint32Array(tokens),
    topProbability: new Float32Array(tokens),
    finalRank: new Uint32Array(tokens),
    finalProbability: new Float32Array(tokens),
    nextRank: new Uint32Array(tokens),
    nextProbability: new Float32Array(tokens),
    norm: new Float32Array(tokens),
  };
  return {
    result,
    /**
     * @param logits (vocabulary) @param stream (dim) @param final the token that the model puts first in the end.
     * @param next the token that really follows, if one does.
     */
    add(
      position: number,
      logits: Float32Array,
      stream: Float32Array,
      final: number,
      next: number | undefined,
    ): void {
      const top = topOf(logits);
      let sum = 0;
      for (const logit of logits) sum += Math.exp(logit - logits[top]!);
      const probability = (id: number) => Math.exp(logits[id]! - logits[top]!) / sum;
      result.top[position] = top;
      result.topProbability[position] = probability(top);
      result.finalRank[position] = rankOf(logits, final);
      result.finalProbability[position] = probability(final);
      if (next !== undefined) {
        result.nextRank[position] = rankOf(logits, next);
        result.nextProbability[position] = probability(next);
      }
      let squares = 0;
      for (const value of stream) squares += value * value;
      result.norm[position] = Math.sqrt(squares / stream.length);
    },
  };
}

/** 1 for the largest; of equals the first counts as larger. */
function rankOf(logits: Float32Array, id: number): number {
  const own = logits[id]!;
  let rank = 1;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > own || (logits[i]! === own && i < id)) rank++;
  return rank;
}
