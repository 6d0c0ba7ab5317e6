/** Writes a GGUF model again with its F32 matrices packed to four bits: two quantisations of one model to compare. */

import { readFileSync, writeFileSync } from "node:fs";
import { floatToHalf, halfToFloat } from "../../src/core/lens/gguf/half.js";
import { readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { type TensorToWrite, writeGguf } from "../../src/core/lens/gguf/writeGguf.js";
import { openModelFile } from "../../src/workers/modelFile.js";

const BLOCK = 32;

/** @param path of a model with F32 weights. */
export function packedToQ4(path: string, to: string): void {
  const source = openModelFile(path);
  try {
    const header = readGgufHeader(source);
    const file = readFileSync(path);
    const tensors = [...header.tensors.values()].map(
      ({ name, shape, type, elements, position }): TensorToWrite => {
        const bytes = elements * 4;
        const data = new Uint8Array(file.buffer, file.byteOffset + position, bytes).slice();
        if (type.name !== "F32") throw new Error(`${name} is ${type.name}, not F32.`);
        // Norms stay as they are, as in every quantisation.
        if (shape.length < 2 || shape[0]! % BLOCK !== 0)
          return { name, type: "F32", shape: [...shape], data };
        return { name, type: "Q4_0", shape: [...shape], data: quantiseQ4(new Float32Array(data.buffer)) };
      },
    );
    const metadata = new Map(header.metadata);
    metadata.set("general.file_type", { type: "uint32", value: 2 });
    writeFileSync(to, writeGguf(metadata, tensors));
  } finally {
    source.close();
  }
}

/** Q4_0: 32 weights share one f16 scale d = m / -8, m the weight that is farthest from zero, and are round(x / d) + 8. */
function quantiseQ4(weights: Float32Array): Uint8Array {
  const blocks = weights.length / BLOCK;
  const packed = new Uint8Array(blocks * 18);
  const view = new DataView(packed.buffer);
  for (let block = 0; block < blocks; block++) {
    const values = weights.subarray(block * BLOCK, (block + 1) * BLOCK);
    const farthest = values.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0);
    const scale = floatToHalf(farthest / -8);
    view.setUint16(block * 18, scale, true);
    const d = halfToFloat(scale);
    const digit = (value: number) => (d === 0 ? 8 : Math.min(15, Math.max(0, Math.round(value / d) + 8)));
    for (let i = 0; i < BLOCK / 2; i++) {
      packed[block * 18 + 2 + i] = digit(values[i]!) | (digit(values[i + BLOCK / 2]!) << 4);
    }
  }
  return packed;
}
