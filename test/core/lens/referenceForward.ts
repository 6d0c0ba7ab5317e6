/**
 * The same forward pass in plain f64 JavaScript, as short as it can be: what the kernel is held against, and
 * what the bench calls plain JavaScript.
 */

import { ARCHITECTURES, type Architecture } from "../../../src/core/lens/architectures.js";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { floatToHalf, halfToFloat } from "../../../src/core/lens/gguf/half.js";
import { readGgufHeader } from "../../../src/core/lens/gguf/readGguf.js";
import type { ModelShape } from "../../../src/core/lens/modelShape.js";
import { ropeTable } from "../../../src/core/lens/rope.js";

/** Weights as plain f32 arrays, by GGUF tensor name; matrices are (rows, columns). */
export type PlainWeights = ReadonlyMap<string, Float32Array>;

/** The weights of a GGUF file whose tensors are all f32. */
export function plainWeights(file: Uint8Array): Map<string, Float32Array> {
  const { tensors } = readGgufHeader(memorySource("plain.gguf", file));
  return new Map(
    [...tensors.values()].map(({ name, position, bytes }) => [
      name,
      new Float32Array(file.slice(position, position + bytes).buffer),
    ]),
  );
}

export interface ReferenceResult {
  /** One a layer: (head, query, key). */
  attention: Float64Array[];
  /** (token, vocabulary) */
  logits: Float64Array;
}

/** A tensor of this name: NAME.weight, or NAME.bias where it is there. */
type Part = (name: string) => { weight: Float32Array; bias: Float32Array | undefined };

export interface ReferenceOptions {
  logits: boolean;
  contextSize?: number;
  /** Edges of attention that are masked as the future is. */
  masked?: Masked;
  /** Told of every token of every layer of a mixture: its experts, the best first, and their shares. */
  onRouted?: Routed;
}

type Routed = (experts: number[], shares: number[]) => void;

type Masked = (layer: number, head: number, query: number, key: number) => boolean;

export function referenceForward(
  shape: ModelShape,
  weights: PlainWeights,
  ids: readonly number[],
  options: ReferenceOptions = { logits: true },
): ReferenceResult {
  const { dim, vocabulary } = shape;
  const architecture: Architecture = ARCHITECTURES[shape.architecture];
  const tokens = ids.length;
  const part: Part = (name) => {
    const weight = weights.get(`${name}.weight`);
    if (!weight) throw new Error(`no ${name}`);
    return { weight, bias: weights.get(`${name}.bias`) };
  };
  const has = (name: string) => weights.has(`${name}.weight`);
  const turns = shape.ropes.map((rope) => {
    const divisors = (name: string) => weights.get(`${name}.weight`);
    const always = divisors("rope_freqs");
    const short = always ?? divisors("rope_factors_short");
    const long = always ?? divisors("rope_factors_long");
    return ropeTable(
      tokens,
      rope,
      { short: short && [...short], long: long && [...long] },
      options.contextSize ?? tokens,
    );
  });

  const embedding = part("token_embd").weight;
  const x = new Float64Array(tokens * dim);
  for (const [token, id] of ids.entries()) {
    for (let i = 0; i < dim; i++) {
      const learned =
        architecture.positions === "learned" ? part("position_embd").weight[token * dim + i]! : 0;
      x[token * dim + i] = embedding[id * dim + i]! * shape.embeddingScale + learned;
    }
  }
  const add = (name: string, answer: Float64Array) => {
    const normed = architecture.postNorms ? norm(answer, part(name), dim, shape.normEpsilon) : answer;
    for (let i = 0; i < x.length; i++) x[i]! += normed[i]!;
  };

  const attention: Float64Array[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    const own: Part = (name) => part(`blk.${layer}.${name}`);
    const owns = (name: string) => has(`blk.${layer}.${name}`);
    const before = norm(x, own("attn_norm"), dim, shape.normEpsilon);
    const { map, mixed } = attend(
      shape,
      layer,
      queryKeyValue(shape, before, own, owns),
      own,
      turns,
      architecture,
      options.masked ?? (() => false),
    );
    attention.push(map);
    add(`blk.${layer}.post_attention_norm`, product(mixed, own("attn_output"), shape.heads * shape.headDim));
    const between = norm(x, own("ffn_norm"), dim, shape.normEpsilon);
    add(`blk.${layer}.post_ffw_norm`, feedForward(shape, architecture, between, own, options.onRouted));
  }
  if (!options.logits) return { attention, logits: new Float64Array(0) };
  const last = norm(x, part("output_norm"), dim, shape.normEpsilon);
  const logits = product(last, part(has("output") ? "output" : "token_embd"), dim);
  if (logits.length !== tokens * vocabulary) throw new Error("the shapes do not fit");
  return { attention, logits: logits.map((logit) => capped(logit, shape.logitCap)) };
}

type QueryKeyValue = [query: Float64Array, key: Float64Array, value: Float64Array];

function queryKeyValue(
  { dim, heads, kvHeads, headDim }: ModelShape,
  x: Float64Array,
  own: Part,
  owns: (name: string) => boolean,
): QueryKeyValue {
  if (!owns("attn_qkv")) {
    return [product(x, own("attn_q"), dim), product(x, own("attn_k"), dim), product(x, own("attn_v"), dim)];
  }
  const [queries, keys] = [heads * headDim, kvHeads * headDim];
  const all = product(x, own("attn_qkv"), dim);
  return [
    columnsOf(all, queries + 2 * keys, 0, queries),
    columnsOf(all, queries + 2 * keys, queries, keys),
    columnsOf(all, queries + 2 * keys, queries + keys, keys),
  ];
}

function attend(
  shape: ModelShape,
  layer: number,
  [q, k, v]: QueryKeyValue,
  own: Part,
  turns: readonly Float32Array[],
  { headNorms }: Architecture,
  masked: Masked,
): { map: Float64Array; mixed: Float64Array } {
  const { heads, kvHeads, headDim, normEpsilon } = shape;
  const tokens = q.length / (heads * headDim);
  const which = shape.layerRopes[layer];
  const finish = (part: Float64Array, count: number, name: string) => {
    const normed = headNorms ? norm(part, own(name), headDim, normEpsilon) : part;
    return which === undefined ? normed : turned(normed, count, headDim, shape.ropes[which]!, turns[which]!);
  };
  const queries = finish(q, heads, "attn_q_norm");
  const keys = finish(k, kvHeads, "attn_k_norm");
  const map = new Float64Array(heads * tokens * tokens);
  const mixed = new Float64Array(tokens * heads * headDim);
  for (let head = 0; head < heads; head++) {
    const kvHead = Math.floor((head * kvHeads) / heads);
    for (let query = 0; query < tokens; query++) {
      const row = map.subarray((head * tokens + query) * tokens, (head * tokens + query + 1) * tokens);
      const first = Math.max(0, query + 1 - (shape.windows[layer] ?? tokens));
      for (let key = first; key <= query; key++) {
        let score = 0;
        for (let i = 0; i < headDim; i++) {
          score +=
            queries[(query * heads + head) * headDim + i]! * keys[(key * kvHeads + kvHead) * headDim + i]!;
        }
        row[key] = capped(score * shape.attentionScale, shape.scoreCap);
      }
      for (let key = first; key <= query; key++) {
        if (masked(layer, head, query, key)) row[key] = Number.NEGATIVE_INFINITY;
      }
      if (row.subarray(first, query + 1).every((score) => score === Number.NEGATIVE_INFINITY)) row.fill(0);
      else softmax(row.subarray(first, query + 1));
      for (let key = first; key <= query; key++) {
        for (let i = 0; i < headDim; i++) {
          mixed[(query * heads + head) * headDim + i]! +=
            row[key]! * v[(key * kvHeads + kvHead) * headDim + i]!;
        }
      }
    }
  }
  return { map, mixed };
}

function feedForward(
  { dim, hidden, experts }: ModelShape,
  architecture: Architecture,
  x: Float64Array,
  own: Part,
  onRouted: Routed | undefined,
): Float64Array {
  const activation =
    architecture.activation === "gelu" ? gelu : (value: number) => value / (1 + Math.exp(-value));
  const gated = (gate: Float64Array, up: Float64Array) => gate.map((value, i) => activation(value) * up[i]!);
  if (experts) {
    const out = new Float64Array(x.length);
    const scores = product(x, own("ffn_gate_inp"), dim);
    for (let token = 0; token < x.length / dim; token++) {
      const shares = scores.subarray(token * experts.count, (token + 1) * experts.count);
      softmax(shares);
      const best = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).slice(0, experts.used);
      const sum = best.reduce((total, expert) => total + shares[expert]!, 0);
      onRouted?.(
        best,
        best.map((expert) => shares[expert]! / sum),
      );
      const normed = x.subarray(token * dim, (token + 1) * dim);
      for (const expert of best) {
        const of = (name: string) => {
          const { weight } = own(name);
          const size = weight.length / experts.count;
          return { weight: weight.subarray(expert * size, (expert + 1) * size), bias: undefined };
        };
        const inner = gated(
          product(normed, of("ffn_gate_exps"), dim),
          product(normed, of("ffn_up_exps"), dim),
        );
        const answer = product(inner, of("ffn_down_exps"), hidden);
        for (let i = 0; i < dim; i++) out[token * dim + i]! += (shares[expert]! / sum) * answer[i]!;
      }
    }
    return out;
  }
  const up = product(x, own("ffn_up"), dim);
  switch (architecture.feedForward) {
    case "plain":
      return product(up.map(activation), own("ffn_down"), hidden);
    case "gated":
      return product(gated(product(x, own("ffn_gate"), dim), up), own("ffn_down"), hidden);
    case "gated in one": {
      const gate = columnsOf(up, 2 * hidden, 0, hidden);
      return product(gated(gate, columnsOf(up, 2 * hidden, hidden, hidden)), own("ffn_down"), hidden);
    }
  }
}

/** As llama.cpp does on a processor: from an f16 to an f16. */
function gelu(value: number): number {
  if (Math.abs(value) >= 10) return Math.max(0, value);
  const x = halfToFloat(floatToHalf(value));
  const y = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  return halfToFloat(floatToHalf(y));
}

const capped = (value: number, cap: number | undefined) =>
  cap === undefined ? value : cap * Math.tanh(value / cap);

/** Layer norm where there is a bias, RMS norm where there is none. */
function norm(
  x: Float64Array,
  { weight, bias }: ReturnType<Part>,
  size: number,
  epsilon: number,
): Float64Array {
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += size) {
    const part = x.subarray(at, at + size);
    const mean = bias ? part.reduce((sum, value) => sum + value, 0) / size : 0;
    const square = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    for (let i = 0; i < size; i++) {
      out[at + i] = ((part[i]! - mean) / Math.sqrt(square + epsilon)) * weight[i]! + (bias?.[i] ?? 0);
    }
  }
  return out;
}

function product(x: Float64Array, { weight, bias }: ReturnType<Part>, columns: number): Float64Array {
  const tokens = x.length / columns;
  const rows = weight.length / columns;
  const y = new Float64Array(tokens * rows);
  for (let token = 0; token < tokens; token++) {
    for (let row = 0; row < rows; row++) {
      let sum = bias?.[row] ?? 0;
      for (let i = 0; i < columns; i++) sum += x[token * columns + i]! * weight[row * columns + i]!;
      y[token * rows + row] = sum;
    }
  }
  return y;
}

function columnsOf(x: Float64Array, width: number, first: number, count: number): Float64Array {
  return Float64Array.from(
    { length: (x.length / width) * count },
    (_, i) => x[Math.floor(i / count) * width + first + (i % count)]!,
  );
}

/** @param table (token, pair) of cosine and sine. */
function turned(
  x: Float64Array,
  heads: number,
  headDim: number,
  { pairs, rotated }: ModelShape["ropes"][number],
  table: Float32Array,
): Float64Array {
  const out = x.slice();
  for (let start = 0; start < x.length; start += headDim) {
    const token = Math.floor(start / (heads * headDim));
    for (let pair = 0; pair < rotated / 2; pair++) {
      const [a, b] =
        pairs === "interleaved"
          ? [start + 2 * pair, start + 2 * pair + 1]
          : [start + pair, start + pair + rotated / 2];
      const at = (token * (rotated / 2) + pair) * 2;
      out[a] = x[a]! * table[at]! - x[b]! * table[at + 1]!;
      out[b] = x[a]! * table[at + 1]! + x[b]! * table[at]!;
    }
  }
  return out;
}

function softmax(row: Float64Array): void {
  const largest = Math.max(...row);
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    row[i] = Math.exp(row[i]! - largest);
    sum += row[i]!;
  }
  for (let i = 0; i < row.length; i++) row[i]! /= sum;
}
