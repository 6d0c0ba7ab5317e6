/** Writes a GGUF model again with its quantised weights unpacked to F32, tensor by tensor: a result may be larger than memory. */

import { closeSync, openSync, writeSync } from "node:fs";
import type { ByteSource } from "../../src/core/lens/gguf/byteSource.js";
import { tensorType } from "../../src/core/lens/gguf/format.js";
import { type GgufTensor, readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { layOutGguf } from "../../src/core/lens/gguf/writeGguf.js";
import { isSupportedType } from "../../src/core/lens/kernel/kernel.js";
import { unpacked } from "../core/lens/unpacked.js";

/** Weights that are unpacked at a time. */
const PIECE = 2 ** 24;

export function unpackModel(source: ByteSource, path: string): void {
  const header = readGgufHeader(source);
  const tensors = [...header.tensors.values()];
  const { head, positions } = layOutGguf(
    header.metadata,
    tensors.map(({ name, shape }) => ({ name, type: "F32", shape: [...shape] })),
  );
  const file = openSync(path, "w");
  try {
    writeSync(file, head);
    for (const [index, tensor] of tensors.entries()) writeUnpacked(source, tensor, file, positions[index]!);
  } finally {
    closeSync(file);
  }
}

function writeUnpacked(source: ByteSource, tensor: GgufTensor, file: number, to: number): void {
  const { type, elements, position } = tensor;
  if (!isSupportedType(type.name)) throw new Error(`${type.name} cannot be unpacked`);
  const { blockWeights, blockBytes } = tensorType(type.name);
  for (let first = 0; first < elements; first += PIECE) {
    const count = Math.min(PIECE, elements - first);
    const packed = new Uint8Array((count / blockWeights) * blockBytes);
    source.read(position + (first / blockWeights) * blockBytes, packed);
    writeSync(file, new Uint8Array(unpacked(type.name, packed, count).buffer), 0, count * 4, to + first * 4);
  }
}
