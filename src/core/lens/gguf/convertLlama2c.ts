/**
 * Turns a checkpoint and tokenizer of karpathy/llama2.c into a GGUF file that llama.cpp and the lens both read.
 * This is how the built-in model is made at set-up.
 */

import { GlassboxError } from "../../../shared/errors.js";
import { t } from "../../../shared/l10n.js";
import { type GgufValue, TOKEN_TYPE } from "./format.js";
import { quantiseQ8_0 } from "./quantise.js";
import { type TensorToWrite, writeGguf } from "./writeGguf.js";

const HEADER_FIELDS = 7;
const RMS_EPSILON = 1e-5;
const ROPE_FREQUENCY_BASE = 10_000;
const UNKNOWN_ID = 0;
const BOS_ID = 1;
const EOS_ID = 2;
const FIRST_BYTE_ID = 3;
const BYTE_IDS = 256;

interface Checkpoint {
  dim: number;
  hidden: number;
  layers: number;
  heads: number;
  kvHeads: number;
  vocabulary: number;
  context: number;
  tied: boolean;
}

/**
 * Converts a llama2.c "legacy" checkpoint (f32).
 *
 * Layout of the checkpoint: seven int32 (dim, hidden, layers, heads, kv heads, vocabulary, context), then
 * tok_emb (vocabulary, dim); rms_att (layers, dim); wq, wk, wv, wo; rms_ffn (layers, dim); w1 gate, w2 down,
 * w3 up; rms_final (dim); two RoPE tables (context, head/2) that GGUF has no use for; and, where the vocabulary
 * size is negative, a classifier (vocabulary, dim) of its own. RoPE rotates interleaved pairs on both sides, so
 * nothing is permuted.
 *
 * @param type of the matrices; norms stay F32.
 * @throws GlassboxError `file-invalid` when the parts do not fit together.
 */
export function convertLlama2c(
  checkpoint: Uint8Array,
  tokenizer: Uint8Array,
  type: "F32" | "Q8_0",
): Uint8Array {
  const shape = readShape(checkpoint);
  const { dim, hidden, layers, heads, kvHeads, vocabulary, context, tied } = shape;
  const kvDim = (dim / heads) * kvHeads;
  // A copy, because f32 must begin at a multiple of 4 and the caller's bytes may not. `slice` of a Buffer is none.
  const weights = new Float32Array(new Uint8Array(checkpoint.subarray(HEADER_FIELDS * 4)).buffer);
  let taken = 0;
  const take = (count: number) => {
    if (taken + count > weights.length) {
      throw invalid(t("it should hold more than {0} weights, it holds {1}", taken + count, weights.length));
    }
    taken += count;
    return weights.subarray(taken - count, taken);
  };
  const takeLayers = (count: number) => Array.from({ length: layers }, () => take(count));

  const embedding = take(vocabulary * dim);
  const attentionNorm = takeLayers(dim);
  const query = takeLayers(dim * dim);
  const key = takeLayers(kvDim * dim);
  const value = takeLayers(kvDim * dim);
  const output = takeLayers(dim * dim);
  const ffnNorm = takeLayers(dim);
  const gate = takeLayers(hidden * dim);
  const down = takeLayers(dim * hidden);
  const up = takeLayers(hidden * dim);
  const finalNorm = take(dim);
  take((context * dim) / heads);
  const classifier = tied ? undefined : take(vocabulary * dim);
  if (taken !== weights.length) {
    throw invalid(t("its header asks for {0} weights, it holds {1}", taken, weights.length));
  }

  const vector = (name: string, data: Float32Array): TensorToWrite => ({
    name: `${name}.weight`,
    type: "F32",
    shape: [data.length],
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  const matrix = (name: string, columns: number, data: Float32Array): TensorToWrite => ({
    ...vector(name, data),
    type,
    shape: [columns, data.length / columns],
    ...(type === "Q8_0" ? { data: quantiseQ8_0(data) } : {}),
  });

  const tensors = [matrix("token_embd", dim, embedding)];
  for (let layer = 0; layer < layers; layer++) {
    const name = `blk.${layer}`;
    tensors.push(
      vector(`${name}.attn_norm`, attentionNorm[layer]!),
      matrix(`${name}.attn_q`, dim, query[layer]!),
      matrix(`${name}.attn_k`, dim, key[layer]!),
      matrix(`${name}.attn_v`, dim, value[layer]!),
      matrix(`${name}.attn_output`, dim, output[layer]!),
      vector(`${name}.ffn_norm`, ffnNorm[layer]!),
      matrix(`${name}.ffn_gate`, dim, gate[layer]!),
      matrix(`${name}.ffn_down`, hidden, down[layer]!),
      matrix(`${name}.ffn_up`, dim, up[layer]!),
    );
  }
  tensors.push(vector("output_norm", finalNorm));
  // Without output.weight, engines use the embedding as the classifier: it is tied.
  if (classifier) tensors.push(matrix("output", dim, classifier));

  return writeGguf(
    [
      ["general.architecture", text("llama")],
      ["general.name", text(`stories${millions(weights.length)}M`)],
      ["general.license", text("mit")],
      // llama.cpp's numbers for "mostly Q8_0" and "all F32".
      ["general.file_type", uint32(type === "Q8_0" ? 7 : 0)],
      ["llama.context_length", uint32(context)],
      ["llama.embedding_length", uint32(dim)],
      ["llama.block_count", uint32(layers)],
      ["llama.feed_forward_length", uint32(hidden)],
      ["llama.rope.dimension_count", uint32(dim / heads)],
      ["llama.rope.freq_base", { type: "float32", value: ROPE_FREQUENCY_BASE }],
      ["llama.attention.head_count", uint32(heads)],
      ["llama.attention.head_count_kv", uint32(kvHeads)],
      ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: RMS_EPSILON }],
      ["llama.vocab_size", uint32(vocabulary)],
      ...tokenizerMetadata(tokenizer, vocabulary),
    ],
    tensors,
  );
}

function readShape(checkpoint: Uint8Array): Checkpoint {
  if (checkpoint.byteLength < HEADER_FIELDS * 4 || checkpoint.byteLength % 4 !== 0) {
    throw invalid(t("it has {0} bytes", checkpoint.byteLength));
  }
  const view = new DataView(checkpoint.buffer, checkpoint.byteOffset, HEADER_FIELDS * 4);
  const field = (index: number) => view.getInt32(index * 4, true);
  const shape = {
    dim: field(0),
    hidden: field(1),
    layers: field(2),
    heads: field(3),
    kvHeads: field(4),
    vocabulary: Math.abs(field(5)),
    context: field(6),
    tied: field(5) > 0,
  };
  for (const [name, size] of Object.entries(shape)) {
    if (typeof size === "number" && (size < 1 || size > 2 ** 24))
      throw invalid(t("its {0} is {1}; is it a llama2.c checkpoint?", name, size));
  }
  if (shape.dim % shape.heads !== 0 || shape.heads % shape.kvHeads !== 0) {
    throw invalid(t("its {0} dimensions do not divide into {1} heads", shape.dim, shape.heads));
  }
  return shape;
}

/** Tokens, scores and types. llama.cpp tokenises differently without scores, and has no BOS without types. */
function tokenizerMetadata(tokenizer: Uint8Array, vocabulary: number): [string, GgufValue][] {
  const view = new DataView(tokenizer.buffer, tokenizer.byteOffset, tokenizer.byteLength);
  // A token may be U+FEFF alone, which a decoder drops unless told.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const tokens: string[] = [];
  const scores = new Float32Array(vocabulary);
  const types = new Int32Array(vocabulary).fill(TOKEN_TYPE.normal);
  // The file opens with the length of its longest token.
  let at = 4;
  for (let id = 0; id < vocabulary; id++) {
    const length = at + 8 <= view.byteLength ? view.getInt32(at + 4, true) : -1;
    if (length < 0 || at + 8 + length > view.byteLength) {
      throw invalid(t("its tokenizer is cut off at token {0} of {1}", id, vocabulary));
    }
    scores[id] = view.getFloat32(at, true);
    const piece = decoder.decode(tokenizer.subarray(at + 8, at + 8 + length));
    at += 8 + length;
    if (id === UNKNOWN_ID) {
      tokens.push("<unk>");
      types[id] = TOKEN_TYPE.unknown;
    } else if (id === BOS_ID || id === EOS_ID) {
      tokens.push(id === BOS_ID ? "<s>" : "</s>");
      types[id] = TOKEN_TYPE.control;
    } else if (id < FIRST_BYTE_ID + BYTE_IDS) {
      const byte = (id - FIRST_BYTE_ID).toString(16).toUpperCase().padStart(2, "0");
      tokens.push(`<0x${byte}>`);
      types[id] = TOKEN_TYPE.byte;
    } else {
      tokens.push(piece.replaceAll(" ", "\u2581"));
    }
  }
  return [
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.scores", { type: "array", elementType: "float32", value: scores }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "int32", value: types }],
    ["tokenizer.ggml.bos_token_id", uint32(BOS_ID)],
    ["tokenizer.ggml.eos_token_id", uint32(EOS_ID)],
    ["tokenizer.ggml.unknown_token_id", uint32(UNKNOWN_ID)],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
    ["tokenizer.ggml.add_eos_token", { type: "bool", value: false }],
  ];
}

function millions(weights: number): number {
  return Math.round(weights / 1e6);
}

function uint32(value: number): GgufValue {
  return { type: "uint32", value };
}

function text(value: string): GgufValue {
  return { type: "string", value };
}

function invalid(what: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t("Cannot convert the llama2.c checkpoint: {0}.", what),
    t("Fetch it again."),
  );
}
