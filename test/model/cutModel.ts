/** Cuts a real GGUF model down to a few layers and tokens, so that a test can afford it, quantised or unpacked. */

import type { ByteSource } from "../../src/core/lens/gguf/byteSource.js";
import type { GgufValue } from "../../src/core/lens/gguf/format.js";
import { type GgufTensor, readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { type TensorToWrite, writeGguf } from "../../src/core/lens/gguf/writeGguf.js";
import {
  createMemory,
  growMemory,
  instantiateKernel,
  isSupportedType,
  unpack,
} from "../../src/core/lens/kernel/kernel.js";
import { iq2xxsGrid, signPatterns } from "../../src/core/lens/kernel/tables.js";

export interface Cut {
  layers: number;
  /** The first so many tokens are kept. */
  vocabulary: number;
  /** Whether the weights are unpacked to F32; otherwise they stay as they are. */
  asF32: boolean;
}

export function cutModel(source: ByteSource, kernelBytes: Uint8Array, cut: Cut): Uint8Array {
  const header = readGgufHeader(source);
  const memory = createMemory();
  const kernel = instantiateKernel(new WebAssembly.Module(kernelBytes), memory);
  const tables = { iq2xxsGrid: 64, signs: 64 + 256 * 8 };
  const start = 8192;

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
    const target = start + Math.ceil(packed.byteLength / 64) * 64;
    growMemory(memory, target + elements * 4);
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(iq2xxsGrid(), tables.iq2xxsGrid);
    bytes.set(new Uint8Array(signPatterns().buffer), tables.signs);
    bytes.set(packed, start);
    unpack(kernel, tables, type.name, start, target, elements);
    return { name, type: "F32", shape: kept, data: bytes.slice(target, target + elements * 4) };
  }
}
