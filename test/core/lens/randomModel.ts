/** Small llama models with seeded random weights, written by our own writer. */

import type { GgufValue } from "../../../src/core/lens/gguf/format.js";
import { type TensorToWrite, writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";

export interface RandomModelOptions {
  layers?: number;
  dim?: number;
  heads?: number;
  kvHeads?: number;
  hidden?: number;
  vocabulary?: number;
  context?: number;
  tied?: boolean;
  metadata?: [string, GgufValue][];
}

/** A uniform random number in [0, 1), mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomModel(
  seed: number,
  options: RandomModelOptions = {},
): { file: Uint8Array; weights: Map<string, Float32Array> } {
  const {
    layers = 2,
    dim = 32,
    heads = 4,
    kvHeads = 2,
    hidden = 48,
    vocabulary = 50,
    tied = false,
  } = options;
  const random = seededRandom(seed);
  const weights = new Map<string, Float32Array>();
  const tensors: TensorToWrite[] = [];
  const tensor = (name: string, shape: number[], scale: number, centre = 0) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, () => centre + (random() * 2 - 1) * scale);
    weights.set(`${name}.weight`, values);
    tensors.push({ name: `${name}.weight`, type: "F32", shape, data: new Uint8Array(values.buffer) });
  };
  const kvDim = (dim / heads) * kvHeads;
  tensor("token_embd", [dim, vocabulary], 1);
  for (let layer = 0; layer < layers; layer++) {
    const part = (name: string) => `blk.${layer}.${name}`;
    tensor(part("attn_norm"), [dim], 0.3, 1);
    tensor(part("attn_q"), [dim, dim], 0.5);
    tensor(part("attn_k"), [dim, kvDim], 0.5);
    tensor(part("attn_v"), [dim, kvDim], 0.4);
    tensor(part("attn_output"), [dim, dim], 0.3);
    tensor(part("ffn_norm"), [dim], 0.3, 1);
    tensor(part("ffn_gate"), [dim, hidden], 0.4);
    tensor(part("ffn_up"), [dim, hidden], 0.4);
    tensor(part("ffn_down"), [hidden, dim], 0.3);
  }
  tensor("output_norm", [dim], 0.3, 1);
  if (!tied) tensor("output", [dim, vocabulary], 0.5);

  const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", { type: "string", value: "llama" }],
    ["general.name", { type: "string", value: "random" }],
    ["llama.context_length", uint32(options.context ?? 64)],
    ["llama.embedding_length", uint32(dim)],
    ["llama.block_count", uint32(layers)],
    ["llama.feed_forward_length", uint32(hidden)],
    ["llama.attention.head_count", uint32(heads)],
    ["llama.attention.head_count_kv", uint32(kvHeads)],
    ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-5 }],
    ["llama.rope.freq_base", { type: "float32", value: 10_000 }],
    ["tokenizer.ggml.model", { type: "string", value: "llama" }],
    [
      "tokenizer.ggml.tokens",
      {
        type: "array",
        elementType: "string",
        value: Array.from({ length: vocabulary }, (_, id) => `t${id}`),
      },
    ],
    ...(options.metadata ?? []),
  ]);
  return { file: writeGguf(metadata, tensors), weights };
}
