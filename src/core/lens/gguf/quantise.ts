/** Packs f32 weights into the tensor types that we write ourselves. */

import { floatToHalf } from "./half.js";

const BLOCK_WEIGHTS = 32;
const BLOCK_BYTES = 34;

/**
 * Q8_0: 32 weights share one f16 scale d = max|x| / 127 and are kept as round(x / d), 8 bits each.
 * @param weights a multiple of 32 of them.
 */
export function quantiseQ8_0(weights: Float32Array): Uint8Array {
  if (weights.length % BLOCK_WEIGHTS !== 0) {
    throw new RangeError(`Q8_0 packs ${BLOCK_WEIGHTS} weights at a time; ${weights.length} is no multiple.`);
  }
  const blocks = weights.length / BLOCK_WEIGHTS;
  const packed = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(packed.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * BLOCK_WEIGHTS;
    let largest = 0;
    for (let i = 0; i < BLOCK_WEIGHTS; i++) largest = Math.max(largest, Math.abs(weights[from + i]!));
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const to = block * BLOCK_BYTES;
    view.setUint16(to, floatToHalf(scale), true);
    for (let i = 0; i < BLOCK_WEIGHTS; i++) {
      const scaled = Math.fround(weights[from + i]! * inverse);
      // Half away from zero, unlike Math.round.
      view.setInt8(to + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
    }
  }
  return packed;
}
