/** Cuts a real GGUF model down to a few layers and tokens, so that a test can afford it, quantised or unpacked. */

import type { ByteSource } from "../../src/core/lens/gguf/byteSource.js";
import type { GgufValue } from "../../src/core/lens/gguf/format.js";
import { type GgufTensor, readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { type TensorToWrite, writeGguf } from "../../src/core/lens/gguf/writeGguf.js";
import { isSupportedType } from "../../src/core/lens/kernel/kernel.js";
import { unpacked } from "../core/lens/unpacked.js";

export interface Cut {
  layers: number;
  /** The first so many tokens are kept. */
  vocabulary: number;
  /** Whether the weights are unpacked to F32; otherwise they stay as they are. */
  asF32: boolean;
}

export function cutModel(source: ByteSource, cut: Cut): Uint8Array {
  const header = readGgufHeader(source);

  const metadata = [...header.metadata].map(([key, value]): [string, GgufValue] => {
    if (key === "llama.block_count") return [key, { type: "uint32", value: cut.layers }];
    if (key.startsWith("tokenizer.ggml.") && value.type === "array") {
      return [key, { ...value, value: value.value.slice(0, cut.vocabulary) } as GgufValue];
    }
    return [key, value];
  });

  const tensors: TensorToWrite[] = [];
  for (const tensor of header.tensors.values()) {
    const layer = /^blk\.(\d+)\./.exec(tensor.name)?.[1];
    if (layer !== undefined && Number(layer) >= cut.layers) continue;
    tensors.push(cutTensor(tensor));
  }
  return writeGguf(metadata, tensors);

  function cutTensor({ name, type, shape, position }: GgufTensor): TensorToWrite {
    const whole = name === "token_embd.weight" || name === "output.weight";
    const kept = whole ? [shape[0]!, cut.vocabulary] : shape;
    const elements = kept.reduce((a, b) => a * b, 1);
    const packed = new Uint8Array((elements / type.blockWeights) * type.blockBytes);
    source.read(position, packed);
    if (!cut.asF32) return { name, type: type.name, shape: kept, data: packed };
    if (!isSupportedType(type.name)) throw new Error(`${type.name} cannot be unpacked`);
    const values = unpacked(type.name, packed, elements);
    return { name, type: "F32", shape: kept, data: new Uint8Array(values.buffer) };
  }
}
