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
      const largest = logits[top]!;
      const finalLogit = logits[final]!;
      const nextLogit = next === undefined ? Number.POSITIVE_INFINITY : logits[next]!;
      let sum = 0;
      let finalRank = 1;
      let nextRank = 1;
      // One walk over the vocabulary: there is one for every layer and position.
      for (let id = 0; id < logits.length; id++) {
        const logit = logits[id]!;
        sum += Math.exp(logit - largest);
        // Of equals the first counts as larger.
        if (logit > finalLogit || (logit === finalLogit && id < final)) finalRank++;
        if (logit > nextLogit || (logit === nextLogit && id < next!)) nextRank++;
      }
      result.top[position] = top;
      result.topProbability[position] = 1 / sum;
      result.finalRank[position] = finalRank;
      result.finalProbability[position] = Math.exp(finalLogit - largest) / sum;
      if (next !== undefined) {
        result.nextRank[position] = nextRank;
        result.nextProbability[position] = Math.exp(nextLogit - largest) / sum;
      }
      let squares = 0;
      for (const value of stream) squares += value * value;
      result.norm[position] = Math.sqrt(squares / stream.length);
    },
  };
}
