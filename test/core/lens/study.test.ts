/** What the lens says of a run when it is looked into: each answer against the run itself or a second implementation. */

import assert from "node:assert/strict";
import { setImmediate as pause } from "node:timers/promises";
import { probabilities } from "../../../src/core/lens/agreement.js";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import { type LensModel, openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { makeCell } from "../../../src/core/lens/makeCell.js";
import { divergenceBits, largestChanges } from "../../../src/core/lens/predictionChange.js";
import type { Cut, HeadCut, StreamReading } from "../../../src/shared/panels/attention.js";
import type { LayerAttention } from "../../../src/shared/types.js";
import { buildCase, CASES } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { randomModel, seededRandom } from "./randomModel.js";
import { type ReferenceOptions, referenceForward } from "./referenceForward.js";

const TOKENS = 37;

const open = (file: Uint8Array) =>
  openOnOneThread(memorySource("random.gguf", file), kernelModule(), () => pause());

const someIds = (seed: number, vocabulary: number, count = TOKENS) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * vocabulary));
};

async function attended(file: Uint8Array, ids: readonly number[]) {
  const lens = open(file);
  const layers: LayerAttention[] = [];
  await lens.attend(ids, { onWeights: (layer) => layers.push(layer) });
  return { lens, layers };
}

async function readings(lens: LensModel): Promise<Map<number, StreamReading>> {
  const found = new Map<number, StreamReading>();
  await (await lens.study()).streams(64, undefined, (reading) => found.set(reading.layer, reading));
  return found;
}

describe("a run that is looked into", () => {
  it("hands out queries, keys and values from which its own weights and answers come out, in every architecture", async () => {
    for (const each of CASES) {
      const { file } = buildCase(each, "F32", 5);
      const ids = someIds(3, 256);
      const { lens, layers } = await attended(file, ids);
      const study = await lens.study();
      const { heads } = lens.shape;
      for (const { layer, weights } of layers) {
        for (const [head, query] of [
          [0, 0],
          [heads - 1, TOKENS - 1],
          [layer % heads, 19],
        ] as const) {
          const parts = await study.cell(layer, head, query);
          const row = weights.subarray(
            (head * TOKENS + query) * TOKENS,
            (head * TOKENS + query + 1) * TOKENS,
          );
          assert.deepEqual(parts.weights, row.slice(parts.firstKey, query + 1), "the run's own bits");
          assert.ok(row.slice(0, parts.firstKey).every((weight) => weight === 0));
          const made = makeCell(parts);
          assert.ok(made.weightDifference < 1e-5, `${each.architecture}: weights ${made.weightDifference}`);
          assert.ok(made.mixedDifference < 1e-4, `${each.architecture}: values ${made.mixedDifference}`);
          const sum = made.steps.reduce((total, { weight }) => total + weight, 0);
          assert.ok(Math.abs(sum - 1) < 1e-12);
        }
      }
    }
  });

  it("reads from the end of the stream what the model really predicts, bit for bit", async () => {
    const { file } = randomModel(21, { layers: 3 });
    const ids = someIds(4, 50);
    const { lens } = await attended(file, ids);
    const before: Float32Array[] = [];
    for (const position of ids.keys()) before.push(await lens.logitsAt(position));
    const study = await lens.study();
    const found = await readings(lens);
    assert.deepEqual([...found.keys()], [3, 0, 1, 2]);
    for (const [position, logits] of before.entries()) {
      assert.deepEqual(await study.logitsWithout([], position), logits);
      assert.deepEqual(await lens.logitsAt(position), logits, "the run itself is as it was");
      const expected = probabilities(logits);
      const top = expected.indexOf(Math.max(...expected));
      const end = found.get(3)!;
      assert.equal(end.top[position], top);
      assert.equal(end.finalRank[position], 1);
      assert.ok(Math.abs(end.topProbability[position]! - expected[top]!) < 1e-6);
      const next = ids[position + 1];
      if (next === undefined) continue;
      assert.equal(end.nextRank[position], 1 + expected.filter((p) => p > expected[next]!).length);
      assert.ok(Math.abs(end.nextProbability[position]! - expected[next]!) < 1e-6);
    }
  });

  it("reads before the first layer what a model without layers would predict", async () => {
    const { file, weights } = randomModel(22, { layers: 2 });
    const ids = someIds(5, 50);
    const { lens } = await attended(file, ids);
    const found = (await readings(lens)).get(0)!;
    const { logits } = referenceForward({ ...lens.shape, layers: 0 }, weights, ids);
    for (const position of ids.keys()) {
      const expected = probabilities(Float32Array.from(logits.subarray(position * 50, position * 50 + 50)));
      assert.equal(found.top[position], expected.indexOf(Math.max(...expected)));
      assert.ok(Math.abs(found.topProbability[position]! - Math.max(...expected)) < 1e-5);
      const row = weights.get("token_embd.weight")!.subarray(ids[position]! * 32, ids[position]! * 32 + 32);
      const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / 32);
      assert.ok(Math.abs(found.norm[position]! - norm) < 1e-6);
    }
  });

  it("knows the size of the cache, windows taken into account", async () => {
    const { file } = randomModel(23, { layers: 3, heads: 4, kvHeads: 2, dim: 32 });
    const { lens } = await attended(file, someIds(6, 50, 10));
    const cache = await (await lens.study()).streams(64, undefined, () => {});
    const each = { kvHeads: 2, headDim: 8 };
    assert.deepEqual(cache, { ...each, numbers: 3 * 2 * 8 * 2 * 10, numbersOfContext: 3 * 2 * 8 * 2 * 64 });
  });
});

describe("a run with something cut", () => {
  const options = { layers: 3, heads: 4, kvHeads: 2 };
  const model = randomModel(31, options);
  const ids = someIds(7, 50);
  let lens: LensModel;
  before(async () => {
    ({ lens } = await attended(model.file, ids));
  });

  async function agrees(cuts: Cut[], reference: Partial<ReferenceOptions>, weights = model.weights) {
    const study = await lens.study();
    const { logits } = referenceForward(lens.shape, weights, ids, { logits: true, ...reference });
    for (const position of [0, 11, TOKENS - 1]) {
      const found = probabilities(await study.logitsWithout(cuts, position));
      const expected = probabilities(Float32Array.from(logits.subarray(position * 50, position * 50 + 50)));
      const difference = Math.max(...found.map((p, id) => Math.abs(p - expected[id]!)));
      assert.ok(difference < 1e-5, `${JSON.stringify(cuts)} at ${position}: ${difference}`);
    }
  }

  /** The model with a head's columns of its output projection at zero. */
  function without(layer: number, head: number) {
    const weights = new Map(model.weights);
    const name = `blk.${layer}.attn_output.weight`;
    const output = model.weights.get(name)!.slice();
    for (let row = 0; row < 32; row++) output.fill(0, row * 32 + head * 8, row * 32 + (head + 1) * 8);
    weights.set(name, output);
    return weights;
  }

  it("is the model with the head's slice of the output projection at zero", async () => {
    for (const [layer, head] of [
      [0, 0],
      [1, 3],
      [2, 1],
    ] as const) {
      await agrees([{ kind: "head", layer, head }], {}, without(layer, head));
    }
  });

  it("masks an edge in one head, in a layer, or everywhere", async () => {
    const edge = { kind: "edge", query: 11, key: 4 } as const;
    const at = (query: number, key: number) => query === 11 && key === 4;
    await agrees([{ ...edge, layer: 1, head: 2 }], {
      masked: (l, h, q, k) => l === 1 && h === 2 && at(q, k),
    });
    await agrees([{ ...edge, layer: 2 }], { masked: (l, _h, q, k) => l === 2 && at(q, k) });
    await agrees([edge], { masked: (_l, _h, q, k) => at(q, k) });
    // The only key that there is: the head adds nothing there.
    await agrees([{ kind: "edge", query: 0, key: 0 }], { masked: (_l, _h, q, k) => q === 0 && k === 0 });
  });

  it("masks a token for all that come after it", async () => {
    await agrees([{ kind: "token", token: 0 }], { masked: (_l, _h, q, k) => k === 0 && q > 0 });
    await agrees([{ kind: "token", token: 9 }], { masked: (_l, _h, q, k) => k === 9 && q > 9 });
  });

  it("shares a row out anew even where the cut key had all of it", async () => {
    // Queries and keys of hundreds: all other weights are too small for an f32.
    const steep = new Map(model.weights);
    for (const part of ["attn_q", "attn_k"]) {
      const name = `blk.0.${part}.weight`;
      steep.set(
        name,
        steep.get(name)!.map((value) => value * 40),
      );
    }
    const { file } = rewritten(steep);
    const own = await attended(file, ids);
    const row = own.layers[0]!.weights.subarray(11 * TOKENS, 12 * TOKENS);
    const key = row.indexOf(Math.max(...row));
    assert.ok(row[key]! > 0.999999, "the test needs a row with all weight in one place");
    const cut: Cut = { kind: "edge", query: 11, key, layer: 0, head: 0 };
    const found = probabilities(await (await own.lens.study()).logitsWithout([cut], 11));
    const { logits } = referenceForward(own.lens.shape, steep, ids, {
      logits: true,
      masked: (l, h, q, k) => l === 0 && h === 0 && q === 11 && k === key,
    });
    const expected = probabilities(Float32Array.from(logits.subarray(11 * 50, 12 * 50)));
    assert.ok(Math.max(...found.map((p, id) => Math.abs(p - expected[id]!))) < 1e-4);
  });

  function rewritten(weights: ReadonlyMap<string, Float32Array>): { file: Uint8Array } {
    const { header } = lens;
    const tensors = [...header.tensors.values()].map(({ name, shape }) => {
      const values = weights.get(name)!;
      return { name, type: "F32" as const, shape: [...shape], data: new Uint8Array(values.slice().buffer) };
    });
    return { file: writeGguf(new Map(header.metadata), tensors) };
  }

  it("changes nothing when nothing is cut, or a key that nothing looked at", async () => {
    const study = await lens.study();
    const nothing = await study.cut([], TOKENS - 1);
    assert.equal(nothing.klBits, 0);
    assert.ok(nothing.changes.every(({ before, after }) => before === after));
    // A later edge cannot reach an earlier prediction.
    assert.equal((await study.cut([{ kind: "edge", query: 20, key: 3 }], 19)).klBits, 0);
    assert.ok((await study.cut([{ kind: "edge", query: 20, key: 3 }], 20)).klBits > 0);
  });

  it("runs the text with another word in it, and hands out a row of both", async () => {
    const study = await lens.study();
    const other = [...ids];
    other[9] = (ids[9]! + 7) % 50;
    const swap: Cut = { kind: "swap", token: 9, id: other[9] };
    const alone = await attended(model.file, other);
    for (const position of [8, 9, TOKENS - 1]) {
      assert.deepEqual(await study.logitsWithout([swap], position), await alone.lens.logitsAt(position));
    }
    const own = await attended(model.file, ids);
    const row = (of: LayerAttention) =>
      of.weights.slice((2 * TOKENS + 30) * TOKENS, (2 * TOKENS + 30) * TOKENS + 31);
    const rows = await study.rowWithout([swap], { layer: 1, head: 2, query: 30 });
    assert.deepEqual(rows, { before: row(own.layers[1]!), after: row(alone.layers[1]!) });
    // A later cut leaves an earlier row alone.
    const later = await study.rowWithout([{ kind: "head", layer: 2, head: 0 }], {
      layer: 1,
      head: 2,
      query: 30,
    });
    assert.deepEqual(later.after, later.before);
    assert.equal((await study.cut([{ ...swap, id: ids[9]! }], TOKENS - 1)).klBits, 0);
    await assert.rejects(study.cut([{ ...swap, id: 50 }], 0), /There is no token of the vocabulary/);
  });

  it("cuts every head in turn, as one by one", async () => {
    const study = await lens.study();
    const all: HeadCut[] = [];
    await study.cutEachHead(TOKENS - 1, undefined, (cut) => all.push(cut));
    assert.equal(all.length, options.layers * options.heads);
    for (const { layer, head, klBits, top, topProbability } of all) {
      const alone = await study.cut([{ kind: "head", layer, head }], TOKENS - 1);
      assert.equal(klBits, alone.klBits);
      assert.equal(alone.changes.find(({ id }) => id === top)?.after, topProbability);
    }
  });

  it("refuses what is not there, and can be stopped", async () => {
    const study = await lens.study();
    const refused = (cut: Cut) => assert.rejects(study.cut([cut], 0), /There is no/);
    await refused({ kind: "head", layer: 3, head: 0 });
    await refused({ kind: "head", layer: 0, head: 4 });
    await refused({ kind: "edge", query: 3, key: 4 });
    await refused({ kind: "token", token: TOKENS });
    await assert.rejects(study.cell(0, 0, TOKENS), /There is no position/);
    const abort = new AbortController();
    const cut: HeadCut[] = [];
    const running = study.cutEachHead(0, abort.signal, (one) => {
      cut.push(one);
      if (cut.length === 2) abort.abort();
    });
    await assert.rejects(running, { code: "cancelled" });
    assert.equal(cut.length, 2);
    assert.equal((await study.cut([], 0)).klBits, 0, "and goes on with the next");
  });
});

describe("the change of a prediction", () => {
  it("is measured in bits", () => {
    // Σ p log2(p / q) by hand: 0.5 · 1 + 0.5 · log2(0.5 / 0.75).
    const kl = divergenceBits(Float64Array.of(0.5, 0.5), Float64Array.of(0.25, 0.75));
    assert.ok(Math.abs(kl - (0.5 + 0.5 * Math.log2(2 / 3))) < 1e-12);
    assert.equal(divergenceBits(Float64Array.of(1, 0), Float64Array.of(1, 0)), 0);
  });

  it("names what was and is most probable, and what moved most", () => {
    const before = Float64Array.from({ length: 100 }, (_, id) => (id === 7 ? 0.505 : 0.005));
    const after = Float64Array.from({ length: 100 }, (_, id) => (id === 80 ? 0.505 : 0.005));
    const changes = largestChanges(before, after);
    assert.deepEqual(changes[0], { id: 7, before: 0.505, after: 0.005 });
    assert.ok(changes.some(({ id, after: now }) => id === 80 && now === 0.505));
  });
});
