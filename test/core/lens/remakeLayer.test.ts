/** Attention that was not kept comes again bit for bit, and long texts take no more memory than is promised. */

import assert from "node:assert/strict";
import { setImmediate as pause } from "node:timers/promises";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { floatToHalf } from "../../../src/core/lens/gguf/half.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { triangle } from "../../../src/core/lens/packedAttention.js";
import { type Arithmetic, placeRun, placeStudy } from "../../../src/core/lens/run.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import type { AttentionLayer } from "../../../src/shared/panels/attention.js";
import type { LayerAttention } from "../../../src/shared/types.js";
import { buildCase, CASES } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { randomModel, seededRandom } from "./randomModel.js";

/** More than two blocks of queries, and wider than the windows. */
const TOKENS = 70;

const open = (file: Uint8Array) =>
  openOnOneThread(memorySource("random.gguf", file), kernelModule(), () => pause());

const someIds = (seed: number, vocabulary: number, count = TOKENS) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * vocabulary));
};

const cancelled = (error: unknown) => error instanceof GlassboxError && error.code === "cancelled";

/** The lower triangles of what the run itself computed, in f16. */
function rounded({ weights, headCount, tokenCount }: LayerAttention): Uint16Array {
  const halves = new Uint16Array(headCount * triangle(tokenCount));
  let at = 0;
  for (let row = 0; row < headCount * tokenCount; row++) {
    for (let key = 0; key <= row % tokenCount; key++)
      halves[at++] = floatToHalf(weights[row * tokenCount + key]!);
  }
  return halves;
}

describe("attention that is made again", function () {
  this.timeout(30_000);

  for (const each of CASES.filter(({ sizes }) => (sizes.layers ?? 0) < 10)) {
    it(`is what the run computed, bit for bit: ${each.architecture}, ${each.variant}`, async () => {
      const { file } = buildCase(each, "F32", 9);
      const ids = someIds(1, 256);
      for (const arithmetic of ["f32", "i16"] as const) {
        const lens = open(file);
        const computed: LayerAttention[] = [];
        const onTheWay: Promise<AttentionLayer>[] = [];
        await lens.attend(ids, {
          arithmetic,
          mapBytes: 0,
          // Asked for at once, while the run goes on.
          onLayer: (layer) => void onTheWay.push(lens.layer(layer)),
          onWeights: (layer) => computed.push(layer),
        });
        const logits = await lens.logitsAt(TOKENS - 1);
        for (const layer of computed) {
          assert.deepEqual((await onTheWay[layer.layer])?.halves, rounded(layer));
          assert.deepEqual((await lens.layer(layer.layer)).halves, rounded(layer), "the second time");
        }
        // A study computes in the same buffers, and must leave alone what layers are made of.
        await (await lens.study()).cut([{ kind: "token", token: 1 }], TOKENS - 1);
        assert.deepEqual((await lens.layer(0)).halves, rounded(computed[0]!), "after something was cut");
        assert.deepEqual(await lens.logitsAt(TOKENS - 1), logits, "the run is as it was");

        const keeping = open(file);
        await keeping.attend(ids, { arithmetic });
        for (const layer of computed) {
          assert.deepEqual((await keeping.layer(layer.layer)).halves, rounded(layer), "kept as it is");
        }
        assert.deepEqual(await keeping.logitsAt(TOKENS - 1), logits);
      }
    });
  }

  it("is given up when another run begins, and when it is told to", async () => {
    const lens = open(randomModel(31, { layers: 2, dim: 256, hidden: 64, context: 512 }).file);
    await lens.attend(someIds(2, 50, 400), { mapBytes: 0 });
    const waiting = [0, 1].map((layer) => assert.rejects(lens.layer(layer), cancelled));
    const stopped = AbortSignal.abort();
    waiting.push(assert.rejects(lens.layer(0, stopped), cancelled));
    const again = lens.attend(someIds(3, 50, 20), { mapBytes: 0 });
    await Promise.all(waiting);
    await again;
    assert.equal((await lens.layer(1)).tokenCount, 20);
  });

  it("leaves logits to be had after a study that was stopped in its first pass", async () => {
    const lens = open(randomModel(32, { layers: 2, dim: 256, hidden: 64, context: 512 }).file);
    await lens.attend(someIds(4, 50, 300));
    const before = await lens.logitsAt(299);
    await assert.rejects(lens.study(AbortSignal.timeout(1)), cancelled);
    assert.deepEqual(await lens.logitsAt(299), before);
  });
});

describe("the memory of a run that is looked into", () => {
  /** The measures of TinyLlama 1.1B. */
  const tinyLlama = {
    ...open(randomModel(33).file).shape,
    layers: 22,
    dim: 2048,
    heads: 32,
    kvHeads: 4,
    headDim: 64,
    hidden: 5632,
    vocabulary: 32_000,
  };
  const megabytes = (tokens: number, arithmetic: Arithmetic) => {
    const options = { arithmetic, f32Attention: false, threads: 2 };
    const run = placeRun({ shape: tinyLlama, end: 0 }, tokens, options);
    return placeStudy({ shape: tinyLlama }, run).run.end / 2 ** 20;
  };

  it("leaves 80 of the 200 MB beyond the file to the process, with up to 512 tokens of TinyLlama 1.1B", () => {
    for (const arithmetic of ["f32", "i16"] as const) {
      for (let tokens = 8; tokens <= 512; tokens += 8) {
        const taken = megabytes(tokens, arithmetic);
        assert.ok(taken < 120, `${tokens} tokens in ${arithmetic}: ${taken} MB`);
      }
    }
  });

  it("grows with the tokens, not with their square, where texts are long", () => {
    for (const arithmetic of ["f32", "i16"] as const) {
      const growth = megabytes(1024, arithmetic) / megabytes(512, arithmetic);
      assert.ok(growth < 2.05, `${growth} times as much`);
    }
  });
});
