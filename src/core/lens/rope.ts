/** Rotary position embedding: the angles by which queries and keys are turned at each position. */

import type { ModelShape } from "./modelShape.js";

/**
 * Cosine and sine of every position and pair: angle = position · scale / (base^(2i/headDim) · divisor_i).
 * @returns (tokens, headDim / 2, 2) f32. Source: RoFormer (arXiv 2104.09864), equation 34.
 */
export function ropeTable(
  tokens: number,
  shape: Pick<ModelShape, "headDim" | "ropeBase" | "ropeScale">,
  divisors: readonly number[] | undefined,
): Float32Array {
  const pairs = shape.headDim / 2;
  const table = new Float32Array(tokens * pairs * 2);
  for (let pair = 0; pair < pairs; pair++) {
    const frequency =
      (shape.ropeBase ** ((-2 * pair) / shape.headDim) * shape.ropeScale) / (divisors?.[pair] ?? 1);
    for (let position = 0; position < tokens; position++) {
      const at = (position * pairs + pair) * 2;
      table[at] = Math.cos(position * frequency);
      table[at + 1] = Math.sin(position * frequency);
    }
  }
  return table;
}
