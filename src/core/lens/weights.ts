/** Puts a model's weights into the kernel's memory: matrices as they are in the file, vectors as f32. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { ARCHITECTURES, type Architecture } from "./architectures.js";
import type { ByteSource } from "./gguf/byteSource.js";
import type { GgufHeader, GgufTensor } from "./gguf/readGguf.js";
import {
  Arena,
  growMemory,
  type Kernel,
  MAX_MEMORY_BYTES,
  type Pointer,
  type SupportedType,
  unpack,
} from "./kernel/kernel.js";
import { placeTables, type TablePointers, writeTables } from "./kernel/tables.js";
import { type ModelShape, readModelShape, requireAllUsed, requireTensor } from "./modelShape.js";
import type { RopeDivisors } from "./rope.js";

/** A weight matrix in the kernel's memory, packed. */
export interface Matrix {
  pointer: Pointer;
  type: SupportedType;
  rows: number;
  columns: number;
  rowBytes: number;
  /** (rows), what is added to each product. */
  bias: Pointer | undefined;
}

/** An RMS norm, or with a bias a layer norm. */
export interface Norm {
  weight: Pointer; // (dim)
  bias: Pointer | undefined; // (dim)
}

export interface LayerWeights {
  attentionNorm: Norm;
  query: Matrix; // (heads * headDim, dim)
  key: Matrix; // (kvHeads * headDim, dim)
  value: Matrix; // (kvHeads * headDim, dim)
  /** What the queries and keys of each head are normed with: (headDim). */
  headNorms: { query: Pointer; key: Pointer } | undefined;
  output: Matrix; // (dim, heads * headDim)
  /** What the answer of attention is normed with before it is added: (dim). */
  attentionPostNorm: Pointer | undefined;
  ffnNorm: Norm;
  feedForward: FeedForward;
  /** The same for the feed-forward part. */
  ffnPostNorm: Pointer | undefined;
}

export type FeedForward = Gated | Plain | Mixture;

/** down(activation(gate · x) · (up · x)) */
export interface Gated {
  kind: "gated";
  gate: Matrix; // (hidden, dim)
  up: Matrix; // (hidden, dim)
  down: Matrix; // (dim, hidden)
}

/** down(activation(up · x)) */
interface Plain {
  kind: "plain";
  up: Matrix; // (hidden, dim)
  down: Matrix; // (dim, hidden)
}

/** The best few experts of a router's choice, each gated. */
export interface Mixture {
  kind: "mixture";
  router: Matrix; // (experts, dim)
  experts: Gated[];
}

/** A model in memory: addresses and sizes only, so that threads on the same memory can be told where it is. */
export interface PlacedModel {
  shape: ModelShape;
  tables: TablePointers;
  embedding: Matrix; // (vocabulary, dim)
  /** Vectors that are added to the embedding by position, where positions are learned: (context, dim). */
  positions: Matrix | undefined;
  layers: LayerWeights[];
  finalNorm: Norm;
  /** The classifier; the embedding itself where the two are tied. */
  classifier: Matrix; // (vocabulary, dim)
  /** What RoPE frequencies are divided by, for models that stretch some of them (Llama 3, Phi 3). */
  ropeDivisors: RopeDivisors | undefined;
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
  const architecture = ARCHITECTURES[shape.architecture];
  const arena = new Arena(64);
  const tables = placeTables(arena, { gelu: architecture.activation === "gelu" });
  const places = new Places(header, arena);
  const model = placeParts(places, shape, architecture);
  places.refuseLeftOver();

  if (arena.end > MAX_MEMORY_BYTES) {
    throw new GlassboxError(
      "unsupported",
      t(
        'The lens cannot hold "{0}": its weights take {1} GiB, and 4 GiB can be addressed.',
        header.fileName,
        (arena.end / 2 ** 30).toFixed(1),
      ),
      t("Choose a smaller model or a stronger quantisation in Settings > Glassbox > Model."),
    );
  }
  growMemory(memory, arena.end);
  writeTables(memory, tables);
  places.load(source, memory, kernel, tables);
  const divisors = (pointer: Pointer | undefined) =>
    pointer === undefined
      ? undefined
      : Array.from(new Float32Array(memory.buffer, pointer, (shape.ropes[0]?.rotated ?? 0) / 2));
  return {
    shape,
    tables,
    ...model,
    ropeDivisors: { short: divisors(model.ropeDivisors.short), long: divisors(model.ropeDivisors.long) },
    end: arena.end,
  };
}

type Parts = Omit<PlacedModel, "shape" | "tables" | "ropeDivisors" | "end"> & {
  ropeDivisors: { short: Pointer | undefined; long: Pointer | undefined };
};

/** Names every tensor of the architecture and finds it a place. */
function placeParts(places: Places, shape: ModelShape, architecture: Architecture): Parts {
  const { dim, vocabulary, layers } = shape;
  const embedding = places.matrix("token_embd", dim, vocabulary);
  const positions =
    architecture.positions === "learned" ? places.matrix("position_embd", dim, shape.context) : undefined;
  const layerWeights = Array.from({ length: layers }, (_, layer) =>
    placeLayer(places, shape, architecture, (name) => `blk.${layer}.${name}`),
  );
  const finalNorm = places.norm("output_norm", dim, architecture);
  const classifier =
    architecture.mayUntie && places.has("output.weight")
      ? places.matrix("output", dim, vocabulary)
      : embedding;
  const half = (shape.ropes[0]?.rotated ?? 0) / 2;
  const divisors = (name: string) =>
    architecture.mayDivideFrequencies ? places.vectorIfThere(`${name}.weight`, half) : undefined;
  const always = divisors("rope_freqs");
  return {
    embedding,
    positions,
    layers: layerWeights,
    finalNorm,
    classifier,
    ropeDivisors: {
      short: always ?? divisors("rope_factors_short"),
      long: always ?? divisors("rope_factors_long"),
    },
  };
}

function placeLayer(
  places: Places,
  shape: ModelShape,
  architecture: Architecture,
  part: (name: string) => string,
): LayerWeights {
  const { dim, heads, kvHeads, headDim } = shape;
  const { headNorms, postNorms } = architecture;
  const postNorm = (name: string) => (postNorms ? places.vector(`${part(name)}.weight`, dim) : undefined);
  const attentionNorm = places.norm(part("attn_norm"), dim, architecture);
  const [query, key, value] = placeQueryKeyValue(places, part, dim, [
    heads * headDim,
    kvHeads * headDim,
    kvHeads * headDim,
  ]);
  return {
    attentionNorm,
    query,
    key,
    value,
    headNorms: headNorms
      ? {
          query: places.vector(`${part("attn_q_norm")}.weight`, headDim),
          key: places.vector(`${part("attn_k_norm")}.weight`, headDim),
        }
      : undefined,
    output: places.matrix(part("attn_output"), heads * headDim, dim),
    attentionPostNorm: postNorm("post_attention_norm"),
    ffnNorm: places.norm(part("ffn_norm"), dim, architecture),
    feedForward: placeFeedForward(places, shape, architecture, part),
    ffnPostNorm: postNorm("post_ffw_norm"),
  };
}

/** Three matrices, or the rows of one. */
function placeQueryKeyValue(
  places: Places,
  part: (name: string) => string,
  dim: number,
  rows: readonly [number, number, number],
): [Matrix, Matrix, Matrix] {
  const [query, key, value] = rows;
  if (places.has(`${part("attn_qkv")}.weight`)) {
    const whole = places.matrix(part("attn_qkv"), dim, query + key + value);
    return [rowsOf(whole, 0, query), rowsOf(whole, query, key), rowsOf(whole, query + key, value)];
  }
  return [
    places.matrix(part("attn_q"), dim, query),
    places.matrix(part("attn_k"), dim, key),
    places.matrix(part("attn_v"), dim, value),
  ];
}

function placeFeedForward(
  places: Places,
  { dim, hidden, experts }: ModelShape,
  { feedForward }: Architecture,
  part: (name: string) => string,
): FeedForward {
  if (experts) {
    const all = (name: string, columns: number, rows: number) =>
      places.stacked(part(name), columns, rows, experts.count);
    const router = places.matrix(part("ffn_gate_inp"), dim, experts.count);
    const gates = all("ffn_gate_exps", dim, hidden);
    const ups = all("ffn_up_exps", dim, hidden);
    const downs = all("ffn_down_exps", hidden, dim);
    return {
      kind: "mixture",
      router,
      experts: gates.map((gate, expert) => ({ kind: "gated", gate, up: ups[expert]!, down: downs[expert]! })),
    };
  }
  const down = places.matrix(part("ffn_down"), hidden, dim);
  switch (feedForward) {
    case "gated":
      return {
        kind: "gated",
        gate: places.matrix(part("ffn_gate"), dim, hidden),
        up: places.matrix(part("ffn_up"), dim, hidden),
        down,
      };
    case "gated in one": {
      const both = places.matrix(part("ffn_up"), dim, 2 * hidden);
      return { kind: "gated", gate: rowsOf(both, 0, hidden), up: rowsOf(both, hidden, hidden), down };
    }
    case "plain":
      return { kind: "plain", up: places.matrix(part("ffn_up"), dim, hidden), down };
  }
}

/** Some rows of a matrix, as a matrix. */
export function rowsOf(matrix: Matrix, first: number, rows: number): Matrix {
  const { pointer, rowBytes, bias } = matrix;
  return {
    ...matrix,
    pointer: pointer + first * rowBytes,
    rows,
    bias: bias === undefined ? undefined : bias + first * 4,
  };
}

/** Finds tensors of a file and gives each an address; `load` then brings them there. */
class Places {
  readonly #header: GgufHeader;
  readonly #arena: Arena;
  readonly #used = new Set<string>();
  readonly #loads: { tensor: GgufTensor; pointer: Pointer }[] = [];
  readonly #vectors: { tensor: GgufTensor; packed: Pointer; pointer: Pointer }[] = [];

  constructor(header: GgufHeader, arena: Arena) {
    this.#header = header;
    this.#arena = arena;
  }

  has(name: string): boolean {
    return this.#header.tensors.has(name);
  }

  /** The matrix NAME.weight with NAME.bias, where there is one. */
  matrix(name: string, columns: number, rows: number): Matrix {
    const matrix = this.#place(`${name}.weight`, [columns, rows], columns, rows);
    return { ...matrix, bias: this.vectorIfThere(`${name}.bias`, rows) };
  }

  /** Matrices of one tensor, one behind the other. */
  stacked(name: string, columns: number, rows: number, count: number): Matrix[] {
    const whole = this.#place(`${name}.weight`, [columns, rows, count], columns, rows * count);
    return Array.from({ length: count }, (_, index) => rowsOf(whole, index * rows, rows));
  }

  norm(name: string, size: number, { norm }: Architecture): Norm {
    const weight = this.vector(`${name}.weight`, size);
    return { weight, bias: norm === "layer" ? this.vector(`${name}.bias`, size) : undefined };
  }

  /** A tensor of one dimension, whole name given. */
  vector(name: string, size: number): Pointer {
    const tensor = this.#need(name, [size]);
    const packed = this.#arena.take(tensor.bytes);
    const pointer = this.#arena.floats(size);
    this.#loads.push({ tensor, pointer: packed });
    this.#vectors.push({ tensor, packed, pointer });
    return pointer;
  }

  vectorIfThere(name: string, size: number): Pointer | undefined {
    return this.has(name) ? this.vector(name, size) : undefined;
  }

  /** Refuses a file with tensors that nobody asked for: the result without them would be wrong. */
  refuseLeftOver(): void {
    requireAllUsed(this.#header, this.#used);
  }

  load(source: ByteSource, memory: WebAssembly.Memory, kernel: Kernel, tables: TablePointers): void {
    const bytes = new Uint8Array(memory.buffer);
    for (const { tensor, pointer } of this.#loads) {
      source.read(tensor.position, bytes.subarray(pointer, pointer + tensor.bytes));
    }
    for (const { tensor, packed, pointer } of this.#vectors) {
      unpack(kernel, tables, tensor.type.name as SupportedType, packed, pointer, tensor.elements);
    }
  }

  #place(name: string, shape: readonly number[], columns: number, rows: number): Matrix {
    const tensor = this.#need(name, shape);
    const pointer = this.#arena.take(tensor.bytes);
    this.#loads.push({ tensor, pointer });
    const type = tensor.type.name as SupportedType;
    return { pointer, type, rows, columns, rowBytes: tensor.bytes / rows, bias: undefined };
  }

  #need(name: string, shape: readonly number[]): GgufTensor {
    this.#used.add(name);
    return requireTensor(this.#header, name, shape);
  }
}
