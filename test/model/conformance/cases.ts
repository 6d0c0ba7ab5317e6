/**
 * Small models of every architecture with random weights, and for each feature what the lens would do without it.
 * The weights are scaled so that attention is uneven and every part weighs in: logits near one another would hide
 * errors.
 */

import type { ArchitectureName } from "../../../src/core/lens/architectures.js";
import type { GgufValue } from "../../../src/core/lens/gguf/format.js";
import { TOKEN_TYPE } from "../../../src/core/lens/gguf/format.js";
import { type TensorToWrite, writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import type { SupportedType } from "../../../src/core/lens/kernel/kernel.js";
import type { Gated, LayerWeights, Matrix, PlacedModel } from "../../../src/core/lens/weights.js";
import { seededRandom } from "../../core/lens/randomModel.js";
import { FORMATS, randomBlocks, referenceUnpack } from "../../core/lens/referenceUnpack.js";

/** Changes a model as it lies in the lens, so that it goes without a feature. */
type WithoutIt = (model: PlacedModel) => void;

export interface ConformanceCase {
  architecture: ArchitectureName;
  /** What is special about it, in a few words. */
  variant: string;
  sizes: Partial<Sizes>;
  /** Settings beside those that the sizes make, by key behind the architecture's name. */
  settings?: Record<string, GgufValue>;
  parts?: Partial<Parts>;
  without: Record<string, WithoutIt>;
}

export interface Sizes {
  layers: number;
  dim: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  hidden: number;
  vocabulary: number;
  context: number;
  experts: number;
  expertsUsed: number;
}

/** Which tensors are there. */
interface Parts {
  qkv: "apart" | "in one";
  qkvBias: boolean;
  outputBias: boolean;
  ffnBias: boolean;
  classifierBias: boolean;
  headNorms: boolean;
  postNorms: boolean;
  normBias: boolean;
  positions: boolean;
  feedForward: "gated" | "gated in one" | "plain";
  tied: boolean;
  /** Divisors of frequencies, by the name of the tensor. */
  divisors: Record<string, (pair: number) => number>;
  rotated: number | undefined;
  /** How large embeddings are, as the root of their mean square. */
  embedding: number;
  /** How much of the residual stream's size attention adds, and the feed-forward part. */
  attends: number;
  feeds: number;
  /** How large queries and keys are, and logits. */
  asks: number;
  predicts: number;
}

const SIZES: Sizes = {
  layers: 2,
  dim: 64,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  hidden: 96,
  vocabulary: 320,
  context: 128,
  experts: 0,
  expertsUsed: 0,
};
const PARTS: Parts = {
  qkv: "apart",
  qkvBias: false,
  outputBias: false,
  ffnBias: false,
  classifierBias: false,
  headNorms: false,
  postNorms: false,
  normBias: false,
  positions: false,
  feedForward: "gated",
  tied: false,
  divisors: {},
  rotated: undefined,
  embedding: 0.35,
  attends: 0.8,
  feeds: 0.8,
  asks: 1.7,
  predicts: 2,
};

const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
const float32 = (value: number): GgufValue => ({ type: "float32", value });
const text = (value: string): GgufValue => ({ type: "string", value });

const inLayers =
  (change: (layer: LayerWeights) => void): WithoutIt =>
  (model) =>
    model.layers.forEach(change);
const dropBias = (matrix: Matrix) => {
  matrix.bias = undefined;
};
const otherPairs: WithoutIt = ({ shape }) => {
  for (const rope of shape.ropes) rope.pairs = rope.pairs === "halves" ? "interleaved" : "halves";
};
const noWindows: WithoutIt = ({ shape }) => {
  shape.windows = shape.windows.map(() => undefined);
};
const noHeadNorms = inLayers((layer) => {
  layer.headNorms = undefined;
});
const noPostNorms: Record<string, WithoutIt> = {
  "norm behind attention": inLayers((layer) => {
    layer.attentionPostNorm = undefined;
  }),
  "norm behind the feed-forward part": inLayers((layer) => {
    layer.ffnPostNorm = undefined;
  }),
};
const noEmbeddingScale: WithoutIt = ({ shape }) => {
  shape.embeddingScale = 1;
};
const noRope: WithoutIt = ({ shape }) => {
  shape.layerRopes = shape.layerRopes.map(() => undefined);
};
const plainScale: WithoutIt = ({ shape }) => {
  shape.attentionScale = 1 / Math.sqrt(shape.headDim);
};
const noDivisors: WithoutIt = (model) => {
  model.ropeDivisors = undefined;
};
const siluForGelu: WithoutIt = ({ tables }) => {
  tables.gelu = undefined;
};
/** The value for another f16, of twice or half the size. */
const otherGelu: WithoutIt = ({ tables }) => {
  if (tables.gelu !== undefined) tables.gelu += 1024 * 4;
};
const asGated = (layer: LayerWeights): Gated | undefined =>
  layer.feedForward.kind === "gated" ? layer.feedForward : undefined;
const mixtures: Record<string, WithoutIt> = {
  "second expert": ({ shape }) => {
    if (shape.experts) shape.experts.used = 1;
  },
  "order of the experts": inLayers(({ feedForward }) => {
    if (feedForward.kind === "mixture") feedForward.experts.reverse();
  }),
};
/**
 * GELU is rounded to f16 on the way in and on the way out, so that a number on the border between two of them may fall
 * to either side, which moves it by up to a 1,024th. Where the feed-forward part adds less, so do these.
 */
const GELU_FEEDS = 0.15;
/** Tied embeddings that are large, or scaled up, would make every token predict itself for certain. */
const GEMMA: Partial<Parts> = { tied: true, embedding: 0.12, attends: 1, feeds: GELU_FEEDS };
/** Dozens of layers that add as much as there is would magnify every rounding. */
const DEEP: Partial<Parts> = { ...GEMMA, embedding: 0.25, attends: 0.12, feeds: 0.02 };
const EXPERTS: Partial<Sizes> = { experts: 8, expertsUsed: 3, hidden: 32 };

export const CASES: readonly ConformanceCase[] = [
  {
    architecture: "llama",
    variant: "grouped-query heads",
    sizes: {},
    without: {
      RoPE: noRope,
      "interleaved pairs": otherPairs,
      "own classifier": (model) => {
        model.classifier = model.embedding;
      },
    },
  },
  {
    architecture: "llama",
    variant: "tied, biases everywhere, all heads with keys of their own",
    sizes: { kvHeads: 4 },
    parts: { tied: true, qkvBias: true, outputBias: true, ffnBias: true },
    without: {
      "bias of queries": inLayers(({ query }) => dropBias(query)),
      "bias of keys": inLayers(({ key }) => dropBias(key)),
      "bias of values": inLayers(({ value }) => dropBias(value)),
      "bias behind attention": inLayers(({ output }) => dropBias(output)),
      "bias of the gate": inLayers((layer) => dropBias(asGated(layer)!.gate)),
      "bias of up": inLayers((layer) => dropBias(asGated(layer)!.up)),
      "bias of down": inLayers((layer) => dropBias(asGated(layer)!.down)),
    },
  },
  {
    architecture: "llama",
    variant: "linear RoPE scaling, one key head",
    sizes: { kvHeads: 1 },
    settings: {
      "rope.scaling.type": text("linear"),
      "rope.scaling.factor": float32(4),
      "rope.freq_base": float32(500_000),
    },
    without: {
      scaling: ({ shape }) => {
        shape.ropes[0]!.scale = 1;
      },
      base: ({ shape }) => {
        shape.ropes[0]!.base = 10_000;
      },
    },
  },
  {
    architecture: "llama",
    variant: "YaRN",
    sizes: { headDim: 32 },
    settings: {
      "rope.scaling.type": text("yarn"),
      "rope.scaling.factor": float32(4),
      "rope.scaling.original_context_length": uint32(32),
      "rope.scaling.attn_factor": float32(1.2),
    },
    // YaRN makes scores larger.
    parts: { asks: 1.2 },
    without: {
      ramp: ({ shape }) => {
        shape.ropes[0]!.yarn = undefined;
      },
      magnitude: ({ shape }) => {
        shape.ropes[0]!.magnitude = 1;
      },
      "original context": ({ shape }) => {
        shape.ropes[0]!.originalContext = 128;
      },
    },
  },
  {
    architecture: "llama",
    variant: "Llama 3's divided frequencies",
    sizes: {},
    settings: { "rope.freq_base": float32(1000) },
    parts: { divisors: { rope_freqs: (pair) => (pair < 2 ? 1 : pair < 4 ? 2.5 : 8) } },
    without: { divisors: noDivisors },
  },
  {
    architecture: "llama",
    variant: "mixture of experts",
    sizes: EXPERTS,
    without: mixtures,
  },
  {
    architecture: "qwen2",
    variant: "biases of queries, keys and values",
    sizes: {},
    settings: { "rope.freq_base": float32(1_000_000) },
    parts: { qkvBias: true, classifierBias: true },
    without: {
      "bias of queries": inLayers(({ query }) => dropBias(query)),
      "bias of keys": inLayers(({ key }) => dropBias(key)),
      "bias of values": inLayers(({ value }) => dropBias(value)),
      "bias of the classifier": ({ classifier }) => dropBias(classifier),
      "pairs of halves": otherPairs,
    },
  },
  {
    architecture: "qwen3",
    variant: "normed queries and keys, heads wider than the model's share",
    sizes: { headDim: 32 },
    parts: { headNorms: true },
    without: { "norms of heads": noHeadNorms, "pairs of halves": otherPairs },
  },
  {
    architecture: "qwen3moe",
    variant: "mixture of experts, normed queries and keys",
    sizes: EXPERTS,
    parts: { headNorms: true },
    without: { ...mixtures, "norms of heads": noHeadNorms },
  },
  {
    architecture: "gemma",
    variant: "scaled embeddings, GELU, tied",
    sizes: { kvHeads: 1 },
    parts: { ...GEMMA, feeds: GELU_FEEDS / 3 },
    without: { "embeddings' scale": noEmbeddingScale, GELU: siluForGelu, "pairs of halves": otherPairs },
  },
  {
    architecture: "gemma2",
    variant: "windows of 16, soft-caps, four norms",
    sizes: { layers: 3 },
    settings: {
      "attention.sliding_window": uint32(16),
      attn_logit_softcapping: float32(4),
      final_logit_softcapping: float32(5),
    },
    parts: { ...GEMMA, postNorms: true, feeds: 2 * GELU_FEEDS },
    without: {
      windows: noWindows,
      "layers without a window": ({ shape }) => {
        shape.windows = shape.windows.map(() => 16);
      },
      "cap of scores": ({ shape }) => {
        shape.scoreCap = undefined;
      },
      "cap of logits": ({ shape }) => {
        shape.logitCap = undefined;
      },
      "embeddings' scale": noEmbeddingScale,
      GELU: siluForGelu,
      ...noPostNorms,
    },
  },
  {
    architecture: "gemma2",
    variant: "46 layers: scores scaled by the width",
    sizes: { layers: 46, dim: 32, heads: 4, headDim: 16, hidden: 32 },
    settings: { attn_logit_softcapping: float32(50), final_logit_softcapping: float32(30) },
    parts: { ...DEEP, postNorms: true },
    without: { scale: plainScale },
  },
  {
    architecture: "gemma3",
    variant: "windows of 16 in five of six layers, two RoPE bases, global scaling",
    sizes: { layers: 7 },
    settings: {
      "attention.sliding_window": uint32(16),
      "rope.freq_base": float32(1000),
      "rope.scaling.type": text("linear"),
      "rope.scaling.factor": float32(8),
      final_logit_softcapping: float32(6),
    },
    parts: { ...GEMMA, postNorms: true, headNorms: true },
    without: {
      windows: noWindows,
      "layer without a window": ({ shape }) => {
        shape.windows = shape.windows.map(() => 16);
      },
      "base of layers with windows": ({ shape }) => {
        shape.ropes[1]!.base = shape.ropes[0]!.base;
      },
      "scaling of the others": ({ shape }) => {
        shape.ropes[0]!.scale = 1;
      },
      "norms of heads": noHeadNorms,
      GELU: siluForGelu,
      "cap of logits": ({ shape }) => {
        shape.logitCap = undefined;
      },
      ...noPostNorms,
    },
  },
  {
    architecture: "gemma3",
    variant: "a group of two layers, own classifier, one RoPE base for all",
    sizes: {},
    settings: {
      "attention.sliding_window": uint32(12),
      "attention.sliding_window_pattern": uint32(2),
      "rope.freq_base": float32(1000),
      "rope.freq_base_swa": float32(1000),
    },
    parts: { postNorms: true, headNorms: true, embedding: 0.12, attends: 1, feeds: GELU_FEEDS / 6 },
    without: {
      windows: noWindows,
      base: ({ shape }) => {
        shape.ropes[1]!.base = 10_000;
      },
      "own classifier": (model) => {
        model.classifier = model.embedding;
      },
    },
  },
  {
    architecture: "gemma3",
    variant: "62 layers: scores scaled by the width",
    sizes: { layers: 62, dim: 32, heads: 4, headDim: 16, hidden: 32 },
    settings: { "attention.sliding_window": uint32(16) },
    parts: { ...DEEP, postNorms: true, headNorms: true },
    without: { scale: plainScale },
  },
  {
    architecture: "phi3",
    variant: "queries, keys and values in one, gate and up in one",
    sizes: { kvHeads: 4 },
    parts: { qkv: "in one", feedForward: "gated in one" },
    without: {
      "order of gate and up": inLayers((layer) => {
        const gated = asGated(layer)!;
        [gated.gate, gated.up] = [gated.up, gated.gate];
      }),
      "pairs of halves": otherPairs,
    },
  },
  {
    architecture: "phi3",
    variant: "LongRoPE in a context beyond the original, heads turned in part",
    sizes: { headDim: 16 },
    settings: {
      "rope.dimension_count": uint32(12),
      "rope.scaling.type": text("longrope"),
      "rope.scaling.original_context_length": uint32(48),
      "rope.scaling.attn_factor": float32(1.19),
    },
    parts: {
      rotated: 12,
      qkv: "in one",
      feedForward: "gated in one",
      divisors: { rope_factors_short: (pair) => 1 + pair / 10, rope_factors_long: (pair) => 1 + pair * pair },
    },
    without: {
      "long divisors": (model) => {
        const { ropeDivisors } = model;
        if (ropeDivisors) ropeDivisors.long = ropeDivisors.short;
      },
      magnitude: ({ shape }) => {
        shape.ropes[0]!.magnitude = 1;
      },
      "unturned part": ({ shape }) => {
        // Of a head of 16 with 12 turned: pairs (i, i + 6) would be other ones with all 16.
        shape.ropes[0]!.rotated = 8;
      },
    },
  },
  {
    architecture: "phi3",
    variant: "LongRoPE within the original context",
    sizes: {},
    settings: {
      "rope.scaling.type": text("longrope"),
      "rope.scaling.original_context_length": uint32(4096),
    },
    parts: {
      qkv: "in one",
      feedForward: "gated in one",
      divisors: {
        rope_factors_short: (pair) => 1 + pair / 2,
        rope_factors_long: (pair) => 3 + pair * pair,
      },
    },
    without: { "short divisors": noDivisors },
  },
  {
    architecture: "smollm3",
    variant: "every fourth layer without RoPE, tied",
    sizes: { layers: 5 },
    parts: { tied: true, embedding: 0.2, attends: 0.5, feeds: 0.5 },
    settings: { "rope.freq_base": float32(100) },
    without: {
      "layer without RoPE": ({ shape }) => {
        shape.layerRopes = shape.layerRopes.map(() => 0);
      },
      RoPE: noRope,
    },
  },
  {
    architecture: "gpt2",
    variant: "learned positions, layer norms, biases, GELU, queries, keys and values in one",
    sizes: { kvHeads: 4 },
    parts: {
      qkv: "in one",
      qkvBias: true,
      outputBias: true,
      ffnBias: true,
      normBias: true,
      positions: true,
      feedForward: "plain",
      tied: true,
      embedding: 0.2,
      feeds: GELU_FEEDS / 3,
    },
    without: {
      "GELU as it is": otherGelu,
      positions: (model) => {
        model.positions = undefined;
      },
      "layer norm before attention": inLayers(({ attentionNorm }) => {
        attentionNorm.bias = undefined;
      }),
      "layer norm before the feed-forward part": inLayers(({ ffnNorm }) => {
        ffnNorm.bias = undefined;
      }),
      "last layer norm": ({ finalNorm }) => {
        finalNorm.bias = undefined;
      },
      "bias of queries": inLayers(({ query }) => dropBias(query)),
      // A bias of keys adds the same to all scores of a query where nothing turns them, so it would not be missed.
      "bias of values": inLayers(({ value }) => dropBias(value)),
      "bias behind attention": inLayers(({ output }) => dropBias(output)),
      "biases of the feed-forward part": inLayers(({ feedForward }) => {
        if (feedForward.kind !== "plain") return;
        dropBias(feedForward.up);
        dropBias(feedForward.down);
      }),
    },
  },
];

/** Vectors stay F32; every matrix of a model is of one type. */
export interface BuiltModel {
  file: Uint8Array;
  /** The same with the matrices unpacked to F32, by the second definition of the type. */
  unpackedFile: Uint8Array;
}

/** The model in which each tensor type is tried: wide enough for blocks of 256. */
export const TYPE_CASE: ConformanceCase = {
  architecture: "llama",
  variant: "one type for all matrices",
  sizes: { dim: 256, heads: 4, kvHeads: 2, headDim: 64, hidden: 256 },
  parts: { asks: 1.3, attends: 0.5, feeds: 0.5, predicts: 1.3 },
  without: {},
};

/** How far border cases of GELU may carry: GPT-2's block with a feed-forward part as strong as attention. */
export function withStrongFeedForward(): ConformanceCase {
  const gpt2 = CASES.find(({ architecture }) => architecture === "gpt2")!;
  return { ...gpt2, parts: { ...gpt2.parts, feeds: PARTS.feeds } };
}

/** Writes the model of a case. */
export function buildCase(
  { architecture, sizes: own, settings = {}, parts: ownParts = {} }: ConformanceCase,
  type: SupportedType,
  seed: number,
): BuiltModel {
  const sizes: Sizes = { ...SIZES, ...own };
  const parts: Parts = { ...PARTS, ...ownParts };
  const random = seededRandom(seed);
  const packed: TensorToWrite[] = [];
  const plain: TensorToWrite[] = [];
  const vector = (name: string, size: number, spread: number, centre = 0) => {
    const values = Float32Array.from({ length: size }, () => centre + (random() * 2 - 1) * spread);
    const tensor: TensorToWrite = { name, type: "F32", shape: [size], data: new Uint8Array(values.buffer) };
    packed.push(tensor);
    plain.push(tensor);
  };
  /** Weights whose products with a normed vector are about `gain` long. */
  const matrix = (name: string, columns: number, rows: number, gain: number, count?: number) => {
    const shape = count === undefined ? [columns, rows] : [columns, rows, count];
    const weights = columns * rows * (count ?? 1);
    const data = randomBlocks(type, weights / FORMATS[type].blockWeights, gain / Math.sqrt(columns), random);
    packed.push({ name: `${name}.weight`, type, shape, data });
    const values = referenceUnpack(type, data);
    plain.push({ name: `${name}.weight`, type: "F32", shape, data: new Uint8Array(values.buffer) });
  };
  const norm = (name: string, size: number, centre = 1) => {
    vector(`${name}.weight`, size, 0.3 * centre, centre);
    if (parts.normBias) vector(`${name}.bias`, size, 0.4);
  };

  const { dim, heads, kvHeads, headDim, hidden, experts } = sizes;
  const [queries, keys] = [heads * headDim, kvHeads * headDim];
  matrix("token_embd", dim, sizes.vocabulary, parts.embedding * Math.sqrt(dim));
  if (parts.positions) matrix("position_embd", dim, sizes.context, 0.2 * Math.sqrt(dim));
  for (let layer = 0; layer < sizes.layers; layer++) {
    const part = (name: string) => `blk.${layer}.${name}`;
    norm(part("attn_norm"), dim);
    if (parts.qkv === "in one") {
      matrix(part("attn_qkv"), dim, queries + 2 * keys, parts.asks);
      if (parts.qkvBias) vector(`${part("attn_qkv")}.bias`, queries + 2 * keys, 0.8);
    } else {
      for (const [name, rows, gain] of [
        ["attn_q", queries, parts.asks],
        ["attn_k", keys, parts.asks],
        ["attn_v", keys, 1],
      ] as const) {
        matrix(part(name), dim, rows, gain);
        if (parts.qkvBias) vector(`${part(name)}.bias`, rows, 0.8);
      }
    }
    if (parts.headNorms) {
      norm(part("attn_q_norm"), headDim, parts.asks);
      norm(part("attn_k_norm"), headDim, parts.asks);
    }
    matrix(part("attn_output"), queries, dim, parts.attends);
    if (parts.outputBias) vector(`${part("attn_output")}.bias`, dim, 0.3);
    if (parts.postNorms) norm(part("post_attention_norm"), dim, parts.attends);
    norm(part("ffn_norm"), dim);
    if (experts > 0) {
      matrix(part("ffn_gate_inp"), dim, experts, 1.5);
      matrix(part("ffn_gate_exps"), dim, hidden, 1.3, experts);
      matrix(part("ffn_up_exps"), dim, hidden, 1.3, experts);
      matrix(part("ffn_down_exps"), hidden, dim, 1, experts);
    } else {
      const upRows = parts.feedForward === "gated in one" ? 2 * hidden : hidden;
      if (parts.feedForward === "gated") matrix(part("ffn_gate"), dim, hidden, 1.3);
      matrix(part("ffn_up"), dim, upRows, 1.3);
      matrix(part("ffn_down"), hidden, dim, parts.feeds);
      if (parts.ffnBias) {
        if (parts.feedForward === "gated") vector(`${part("ffn_gate")}.bias`, hidden, 0.5);
        vector(`${part("ffn_up")}.bias`, upRows, 0.5);
        vector(`${part("ffn_down")}.bias`, dim, 0.3);
      }
    }
    if (parts.postNorms) norm(part("post_ffw_norm"), dim, parts.feeds);
  }
  norm("output_norm", dim);
  if (!parts.tied) matrix("output", dim, sizes.vocabulary, parts.predicts);
  if (parts.classifierBias) vector("output.bias", sizes.vocabulary, 1);
  for (const [name, divisor] of Object.entries(parts.divisors)) {
    const pairs = (parts.rotated ?? headDim) / 2;
    const values = Float32Array.from({ length: pairs }, (_, pair) => divisor(pair));
    const tensor: TensorToWrite = {
      name: `${name}.weight`,
      type: "F32",
      shape: [pairs],
      data: new Uint8Array(values.buffer),
    };
    packed.push(tensor);
    plain.push(tensor);
  }
  const metadata = metadataOf(architecture, sizes, parts, settings);
  return { file: writeGguf(metadata, packed), unpackedFile: writeGguf(metadata, plain) };
}

function metadataOf(
  architecture: ArchitectureName,
  sizes: Sizes,
  parts: Parts,
  settings: Record<string, GgufValue>,
): Map<string, GgufValue> {
  const epsilon = parts.normBias ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
  const own: Record<string, GgufValue> = {
    context_length: uint32(sizes.context),
    embedding_length: uint32(sizes.dim),
    block_count: uint32(sizes.layers),
    feed_forward_length: uint32(sizes.hidden),
    "attention.head_count": uint32(sizes.heads),
    "attention.head_count_kv": uint32(sizes.kvHeads),
    "attention.key_length": uint32(sizes.headDim),
    "attention.value_length": uint32(sizes.headDim),
    [epsilon]: float32(1e-5),
    ...(sizes.experts > 0
      ? {
          expert_count: uint32(sizes.experts),
          expert_used_count: uint32(sizes.expertsUsed),
          expert_feed_forward_length: uint32(sizes.hidden),
        }
      : {}),
    ...settings,
  };
  return new Map<string, GgufValue>([
    ["general.architecture", text(architecture)],
    ["general.name", text("conformance")],
    ...Object.entries(own).map(([name, value]): [string, GgufValue] => [`${architecture}.${name}`, value]),
    ...vocabularyOf(sizes.vocabulary),
  ]);
}

/** A vocabulary that llama.cpp takes: special tokens, every byte, and words. */
function vocabularyOf(size: number): [string, GgufValue][] {
  const name = (id: number): string => {
    if (id < 3) return ["<unk>", "<s>", "</s>"][id]!;
    if (id < 259) return `<0x${(id - 3).toString(16).toUpperCase().padStart(2, "0")}>`;
    return `t${id}`;
  };
  const kind = (id: number): number => {
    if (id === 0) return TOKEN_TYPE.unknown;
    if (id < 3) return TOKEN_TYPE.control;
    return id < 259 ? TOKEN_TYPE.byte : TOKEN_TYPE.normal;
  };
  const ids = Array.from({ length: size }, (_, id) => id);
  return [
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: ids.map(name) }],
    ["tokenizer.ggml.scores", { type: "array", elementType: "float32", value: new Float32Array(size) }],
    [
      "tokenizer.ggml.token_type",
      { type: "array", elementType: "int32", value: Int32Array.from(ids.map(kind)) },
    ],
    ["tokenizer.ggml.bos_token_id", uint32(1)],
    ["tokenizer.ggml.eos_token_id", uint32(2)],
    ["tokenizer.ggml.unknown_token_id", uint32(0)],
  ];
}
