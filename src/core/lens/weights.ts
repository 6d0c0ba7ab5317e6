/** Puts a model's weights into the kernel's memory: matrices as they are in the file, vectors as f32. */

import { GlassboxError } from "../../shared/errors.js";
import type { ByteSource } from "./gguf/byteSource.js";
import type { GgufHeader, GgufTensor } from "./gguf/readGguf.js";
import {
  Arena,
  growMemory,
  type Kernel,
  MAX_MEMORY_BYTES,
  type Pointer,
  type SupportedType,
  type TablePointers,
  unpack,
} from "./kernel/kernel.js";
import { iq2xxsGrid, signPatterns } from "./kernel/tables.js";
import { type ModelShape, readModelShape, requireAllUsed, requireTensor } from "./modelShape.js";

/** A weight matrix in the kernel's memory, packed. */
export interface Matrix {
  pointer: Pointer;
  type: SupportedType;
  rows: number;
  columns: number;
  rowBytes: number;
}

export interface LayerWeights {
  attentionNorm: Pointer; // (dim)
  query: Matrix; // (heads * headDim, dim)
  key: Matrix; // (kvHeads * headDim, dim)
  value: Matrix; // (kvHeads * headDim, dim)
  output: Matrix; // (dim, heads * headDim)
  ffnNorm: Pointer; // (dim)
  gate: Matrix; // (hidden, dim)
  up: Matrix; // (hidden, dim)
  down: Matrix; // (dim, hidden)
}

/** A model in memory: addresses and sizes only, so that threads on the same memory can be told where it is. */
export interface PlacedModel {
  shape: ModelShape;
  tables: TablePointers;
  embedding: Matrix; // (vocabulary, dim)
  layers: LayerWeights[];
  finalNorm: Pointer; // (dim)
  /** The classifier; the embedding itself where the two are tied. */
  classifier: Matrix; // (vocabulary, dim)
  /** (headDim / 2): what RoPE frequencies are divided by, for models that stretch some of them (Llama 3). */
  ropeDivisors: number[] | undefined;
  /** The first free address behind the weights. */
  end: Pointer;
}

/**
 * Loads a model's weights, each byte read once.
 * @throws GlassboxError `unsupported` or `file-invalid` as `readModelShape`; `unsupported` when the weights are
 *   larger than the memory that can be addressed.
 */
export function placeModel(
  source: ByteSource,
  header: GgufHeader,
  memory: WebAssembly.Memory,
  kernel: Kernel,
): PlacedModel {
  const shape = readModelShape(header);
  const { dim, heads, kvHeads, headDim, hidden, vocabulary, layers } = shape;
  const used = new Set<string>();
  const arena = new Arena(64);
  const loads: { tensor: GgufTensor; pointer: Pointer }[] = [];
  const vectors: { tensor: GgufTensor; packed: Pointer; pointer: Pointer }[] = [];

  const need = (name: string, sizes: readonly number[]) => {
    used.add(name);
    return requireTensor(header, name, sizes);
  };
  const matrix = (name: string, columns: number, rows: number): Matrix => {
    const tensor = need(name, [columns, rows]);
    const pointer = arena.take(tensor.bytes);
    loads.push({ tensor, pointer });
    return {
      pointer,
      type: tensor.type.name as SupportedType,
      rows,
      columns,
      rowBytes: tensor.bytes / rows,
    };
  };
  const vector = (name: string, size: number): Pointer => {
    const tensor = need(name, [size]);
    const packed = arena.take(tensor.bytes);
    const pointer = arena.floats(size);
    loads.push({ tensor, pointer: packed });
    vectors.push({ tensor, packed, pointer });
    return pointer;
  };

  const tables = { iq2xxsGrid: arena.take(256 * 8), signs: arena.take(128 * 8) };
  const embedding = matrix("token_embd.weight", dim, vocabulary);
  const layerWeights: LayerWeights[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const part = (name: string) => `blk.${layer}.${name}.weight`;
    layerWeights.push({
      attentionNorm: vector(part("attn_norm"), dim),
      query: matrix(part("attn_q"), dim, heads * headDim),
      key: matrix(part("attn_k"), dim, kvHeads * headDim),
      value: matrix(part("attn_v"), dim, kvHeads * headDim),
      output: matrix(part("attn_output"), heads * headDim, dim),
      ffnNorm: vector(part("ffn_norm"), dim),
      gate: matrix(part("ffn_gate"), dim, hidden),
      up: matrix(part("ffn_up"), dim, hidden),
      down: matrix(part("ffn_down"), hidden, dim),
    });
  }
  const finalNorm = vector("output_norm.weight", dim);
  const classifier = header.tensors.has("output.weight")
    ? matrix("output.weight", dim, vocabulary)
    : embedding;
  const ropePointer = header.tensors.has("rope_freqs.weight")
    ? vector("rope_freqs.weight", headDim / 2)
    : undefined;
  requireAllUsed(header, used);

  if (arena.end > MAX_MEMORY_BYTES) {
    throw new GlassboxError(
      "unsupported",
      `The lens cannot hold "${header.fileName}": its weights take ${(arena.end / 2 ** 30).toFixed(1)} GiB, and 4 GiB can be addressed.`,
      "Choose a smaller model or a stronger quantisation in Settings > Glassbox > Model.",
    );
  }
  growMemory(memory, arena.end);
  const bytes = new Uint8Array(memory.buffer);
  for (const { tensor, pointer } of loads) {
    source.read(tensor.position, bytes.subarray(pointer, pointer + tensor.bytes));
  }
  bytes.set(iq2xxsGrid(), tables.iq2xxsGrid);
  bytes.set(new Uint8Array(signPatterns().buffer), tables.signs);
  for (const { tensor, packed, pointer } of vectors) {
    unpack(kernel, tables, tensor.type.name as SupportedType, packed, pointer, tensor.elements);
  }
  return {
    shape,
    tables,
    embedding,
    layers: layerWeights,
    finalNorm,
    classifier,
    ropeDivisors:
      ropePointer === undefined
        ? undefined
        : Array.from(new Float32Array(memory.buffer, ropePointer, headDim / 2)),
    end: arena.end,
  };
}
