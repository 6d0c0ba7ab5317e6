/** Holds the forward pass against the plain f64 reference on small random models, and its refusals. */

import assert from "node:assert/strict";
import { setImmediate as pause } from "node:timers/promises";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { type LensModel, openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { type Rope, ropeTable } from "../../../src/core/lens/rope.js";
import type { LayerAttention } from "../../../src/shared/types.js";
import { failsWith } from "../../failureOf.js";
import { kernelModule } from "./kernelBytes.js";
import { type RandomModelOptions, randomModel, seededRandom } from "./randomModel.js";
import { referenceForward } from "./referenceForward.js";

function openModel(file: Uint8Array): LensModel {
  return openOnOneThread(memorySource("random.gguf", file), kernelModule(), () => pause());
}

async function attend(
  lens: LensModel,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<LayerAttention[]> {
  const layers: LayerAttention[] = [];
  await lens.attend(ids, { signal, onWeights: (layer) => layers.push(layer) });
  return layers;
}

const someIds = (seed: number, count: number, vocabulary: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * vocabulary));
};

describe("the forward pass", () => {
  const variants: [string, RandomModelOptions, number][] = [
    ["grouped-query heads", {}, 17],
    ["one key head for all", { kvHeads: 1, layers: 1 }, 8],
    ["as many key heads as heads, tied embeddings", { kvHeads: 4, tied: true }, 33],
    ["odd sizes", { dim: 36, heads: 3, kvHeads: 3, hidden: 20, vocabulary: 37, layers: 3 }, 40],
    ["a single token", {}, 1],
    [
      "stretched RoPE",
      {
        metadata: [
          ["llama.rope.scaling.type", { type: "string", value: "linear" }],
          ["llama.rope.scaling.factor", { type: "float32", value: 4 }],
          ["llama.rope.freq_base", { type: "float32", value: 500_000 }],
        ],
      },
      21,
    ],
  ];
  for (const [index, [name, options, tokens]] of variants.entries()) {
    it(`computes what the plain reference computes: ${name}`, async () => {
      const { file, weights } = randomModel(index + 1, options);
      const lens = openModel(file);
      const ids = someIds(index + 100, tokens, lens.shape.vocabulary);
      const expected = referenceForward(lens.shape, weights, ids);
      const layers = await attend(lens, ids);
      assert.deepEqual(
        layers.map(({ layer }) => layer),
        expected.attention.map((_, layer) => layer),
      );
      for (const { layer, weights: map } of layers) {
        const reference = expected.attention[layer]!;
        assert.equal(map.length, reference.length);
        for (const [i, value] of map.entries()) {
          assert.ok(
            Math.abs(value - reference[i]!) < 2e-5,
            `layer ${layer}, cell ${i}: ${value} for ${reference[i]}`,
          );
        }
      }
      const { vocabulary } = lens.shape;
      for (let position = 0; position < tokens; position++) {
        for (const [i, logit] of (await lens.logitsAt(position)).entries()) {
          const reference = expected.logits[position * vocabulary + i]!;
          assert.ok(Math.abs(logit - reference) < 2e-4, `position ${position}: ${logit} for ${reference}`);
        }
      }
    });
  }

  it("computes with 16-bit integers what it computes in f32, to a few parts in a thousand", async () => {
    const { file } = randomModel(5, { dim: 64, hidden: 304 });
    const lens = openModel(file);
    const ids = someIds(6, 45, lens.shape.vocabulary);
    const results: { layers: LayerAttention[]; logits: Float32Array }[] = [];
    for (const arithmetic of ["f32", "i16", "i16"] as const) {
      const layers: LayerAttention[] = [];
      await lens.attend(ids, { arithmetic, onWeights: (layer) => layers.push(layer) });
      results.push({ layers, logits: await lens.logitsAt(44) });
    }
    const [exact, integers, again] = results;
    assert.deepEqual(again, integers);
    let largest = 0;
    for (const { layer, weights } of integers!.layers) {
      for (const [i, weight] of weights.entries()) {
        largest = Math.max(largest, Math.abs(weight - exact!.layers[layer]!.weights[i]!));
      }
    }
    assert.ok(largest > 0 && largest < 5e-3, `attention differs by ${largest}`);
    const spread = Math.sqrt(
      exact!.logits.reduce((sum, logit) => sum + logit ** 2, 0) / exact!.logits.length,
    );
    for (const [i, logit] of integers!.logits.entries()) {
      assert.ok(Math.abs(logit - exact!.logits[i]!) < 5e-3 * spread, `${logit} for ${exact!.logits[i]}`);
    }
  });

  it("gives the same bits every time", async () => {
    const lens = openModel(randomModel(7).file);
    const ids = someIds(8, 30, lens.shape.vocabulary);
    const first = await attend(lens, ids);
    const logits = await lens.logitsAt(29);
    await attend(lens, ids.slice(0, 11));
    const second = await attend(lens, ids);
    assert.deepEqual(second, first);
    assert.deepEqual(await lens.logitsAt(29), logits);
  });

  it("does not let a later token change what came before", async () => {
    const lens = openModel(randomModel(9).file);
    const ids = someIds(10, 12, lens.shape.vocabulary);
    const whole = await attend(lens, ids);
    const part = await attend(lens, ids.slice(0, 7));
    for (const { layer, headCount, weights } of part) {
      for (let head = 0; head < headCount; head++) {
        for (let query = 0; query < 7; query++) {
          const row = weights.subarray((head * 7 + query) * 7, (head * 7 + query) * 7 + 7);
          const start = (head * 12 + query) * 12;
          assert.deepEqual(row, whole[layer]!.weights.subarray(start, start + 7));
        }
      }
    }
  });

  it("refuses what it cannot run, naming what it found", async () => {
    const gpt2 = randomModel(1, { metadata: [["general.architecture", { type: "string", value: "gpt2" }]] });
    assert.throws(() => openModel(gpt2.file), failsWith("file-invalid", /"gpt2\.embedding_length"/));
    const unknown: [string, { type: "string"; value: string } | { type: "uint32"; value: number }][] = [
      ["general.architecture", { type: "string", value: "mamba" }],
      ...[
        "context_length",
        "embedding_length",
        "block_count",
        "feed_forward_length",
        "attention.head_count",
      ].map((key): [string, { type: "uint32"; value: number }] => [
        `mamba.${key}`,
        { type: "uint32", value: 8 },
      ]),
    ];
    assert.throws(
      () => openModel(randomModel(1, { metadata: unknown }).file),
      failsWith("unsupported", /architecture is "mamba".*supports llama/),
    );
    const stretched = randomModel(1, {
      metadata: [["llama.rope.scaling.type", { type: "string", value: "dynamic" }]],
    });
    assert.throws(() => openModel(stretched.file), failsWith("unsupported", /RoPE scaling is "dynamic"/));
    const experts = randomModel(1, { metadata: [["llama.expert_count", { type: "uint32", value: 8 }]] });
    assert.throws(() => openModel(experts.file), failsWith("file-invalid", /uses 0 of 8 experts/));
    const deeper = randomModel(1, { metadata: [["llama.block_count", { type: "uint32", value: 3 }]] });
    assert.throws(
      () => openModel(deeper.file),
      failsWith("file-invalid", /"blk\.2\.attn_norm\.weight" is missing/),
    );
    const shallower = randomModel(1, { metadata: [["llama.block_count", { type: "uint32", value: 1 }]] });
    assert.throws(() => openModel(shallower.file), failsWith("unsupported", /"blk\.1\./));
    const wider = randomModel(1, {
      metadata: [["llama.feed_forward_length", { type: "uint32", value: 64 }]],
    });
    assert.throws(() => openModel(wider.file), failsWith("file-invalid", /should be 64 × 32, it is 48 × 32/));

    const lens = openModel(randomModel(2, { context: 16 }).file);
    await assert.rejects(
      attend(lens, someIds(1, 17, 50)),
      failsWith("too-long", /17 tokens.*trained for 16/),
    );
    await assert.rejects(attend(lens, []), failsWith("invalid-request", /no tokens/));
    await assert.rejects(attend(lens, [50]), failsWith("invalid-request", /50 is no token/));
    await assert.rejects(lens.logitsAt(0), failsWith("invalid-request", /no position 0/));
  });

  it("names the layer where a weight is no number", async () => {
    const { file } = randomModel(3);
    const tensor = openModel(file).header.tensors.get("blk.1.attn_q.weight")!;
    new DataView(file.buffer).setUint32(tensor.position, 0x7fc00000, true);
    await assert.rejects(attend(openModel(file), [1, 2, 3]), failsWith("failed", /layer 1, head 0/));
  });

  it("stops when it is told to", async () => {
    const lens = openModel(randomModel(4).file);
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(attend(lens, [1, 2, 3], abort.signal), failsWith("cancelled", /Stopped/));
    assert.equal((await attend(lens, [1, 2, 3])).length, 2);
  });
});

describe("RoPE", () => {
  const plainly: Rope = {
    pairs: "interleaved",
    rotated: 8,
    base: 10_000,
    scale: 1,
    yarn: undefined,
    magnitude: 1,
    originalContext: 64,
    divided: true,
  };
  const tableOf = (tokens: number, rope: Rope, divisors?: number[]) =>
    ropeTable(tokens, rope, { short: divisors, long: undefined }, 64);

  it("turns pair i by position / base^(2i / headDim)", () => {
    const table = tableOf(100, plainly);
    for (const position of [0, 1, 7, 99]) {
      for (let pair = 0; pair < 4; pair++) {
        const angle = position / 10 ** pair;
        assert.ok(Math.abs(table[(position * 4 + pair) * 2]! - Math.cos(angle)) < 1e-7);
        assert.ok(Math.abs(table[(position * 4 + pair) * 2 + 1]! - Math.sin(angle)) < 1e-7);
      }
    }
  });

  it("does the same at twice the position when the scale is a half, and when the divisors are two", () => {
    const plain = tableOf(20, plainly);
    for (const stretched of [tableOf(40, { ...plainly, scale: 0.5 }), tableOf(40, plainly, [2, 2, 2, 2])]) {
      for (let position = 0; position < 20; position++) {
        assert.deepEqual(
          stretched.subarray(position * 16, position * 16 + 8),
          plain.subarray(position * 8, position * 8 + 8),
        );
      }
    }
  });
});
