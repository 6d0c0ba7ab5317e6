/** Drives the built lens process as the host does: streaming, stopping, refusing, comparing, crashing. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { ArchitectureName } from "../../src/core/lens/architectures.js";
import { headScores } from "../../src/core/lens/describe.js";
import { fetchLayer } from "../../src/core/lens/fetchLayer.js";
import { memorySource } from "../../src/core/lens/gguf/byteSource.js";
import { readGgufHeader } from "../../src/core/lens/gguf/readGguf.js";
import { openOnOneThread } from "../../src/core/lens/lensModel.js";
import { readModelShape } from "../../src/core/lens/modelShape.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { LayerReport, StreamReading } from "../../src/shared/panels/attention.js";
import type { LensProtocol, LensRun } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { kernelModule } from "../core/lens/kernelBytes.js";
import { randomModel } from "../core/lens/randomModel.js";
import { referenceForward } from "../core/lens/referenceForward.js";
import { buildCase, CASES, type ConformanceCase } from "../model/conformance/cases.js";

/** A model of an architecture of other sizes than it has in the conformance matrix. */
function widened(architecture: ArchitectureName, sizes: ConformanceCase["sizes"]): Uint8Array {
  const each = CASES.find((candidate) => candidate.architecture === architecture);
  assert.ok(each);
  return buildCase({ ...each, sizes: { ...each.sizes, ...sizes } }, "F32", 1).file;
}

const ids = (count: number, vocabulary: number) =>
  Array.from({ length: count }, (_, i) => (i * 7919 + 1) % vocabulary);

describe("the lens process", function () {
  this.timeout(30_000);

  let folder: string;
  let lens: WorkerClient<LensProtocol>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-lens-"));
    lens = builtWorkers.lens();
  });
  after(() => {
    lens.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function written(name: string, file: Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, file);
    return path;
  }

  async function attend(path: string, tokenIds: number[], signal?: AbortSignal, exact = false) {
    const layers: number[] = [];
    const run: LensRun = await lens.call(
      "attend",
      { path, tokenIds, exact },
      { onEvent: ({ layer }) => layers.push(layer), ...(signal ? { signal } : {}) },
    );
    return { run, layers };
  }

  const refusal = async (work: Promise<unknown>): Promise<GlassboxError> => {
    const error = await work.then(
      () => assert.fail("it was not refused"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GlassboxError);
    return error;
  };

  /** A run over many tokens that is not to come to its end, once its first layer is there. */
  async function begun(path: string, signal?: AbortSignal): Promise<{ refused: Promise<GlassboxError> }> {
    let refused: Promise<GlassboxError> | undefined;
    await new Promise<unknown>((resolve) => {
      const options = { onEvent: resolve, ...(signal ? { signal } : {}) };
      refused = refusal(lens.call("attend", { path, tokenIds: ids(512, 50), exact: false }, options));
      refused.then(resolve, resolve);
    });
    return { refused: refused! };
  }

  it("streams the layers in order and names how they were computed", async () => {
    const { file, weights } = randomModel(11, { layers: 4 });
    const path = written("small.gguf", file);
    const tokenIds = ids(20, 50);
    const { run, layers } = await attend(path, tokenIds);
    assert.deepEqual(layers, [0, 1, 2, 3]);
    assert.deepEqual([run.layerCount, run.headCount, run.tokenCount], [4, 4, 20]);
    assert.equal(run.path, "f32, WebAssembly SIMD, 1 thread");
    assert.ok(run.loadMs > 0 && run.ms > 0);
    const shape = readModelShape(readGgufHeader(memorySource("small.gguf", file)));
    const expected = referenceForward(shape, weights, tokenIds);
    for (const layer of layers) {
      const packed = await fetchLayer(lens, { run: run.run, layer });
      assert.deepEqual([packed.layer, packed.headCount, packed.tokenCount], [layer, 4, 20]);
      for (let head = 0; head < 4; head++) {
        const wanted = expected.attention[layer]!.subarray(head * 400, head * 400 + 400);
        for (const [i, value] of unpackHead(packed, head).entries()) {
          assert.ok(Math.abs(value - wanted[i]!) < 2e-5 + wanted[i]! / 2048);
        }
      }
    }
    const missing = await refusal(fetchLayer(lens, { run: run.run, layer: 4 }));
    assert.equal(missing.code, "invalid-request");
    assert.equal((await attend(path, tokenIds)).run.loadMs, 0, "the file is still held");

    // Against the reference's logits the agreement is near perfect; against nonsense it is not.
    const last = await attend(path, tokenIds);
    for (const position of [0, 7, 19]) {
      const engineLogits = Float32Array.from(expected.logits.subarray(position * 50, position * 50 + 50));
      const agreement = await lens.call("agree", { run: last.run.run, position, engineLogits });
      assert.ok(agreement.maxProbabilityDifference < 1e-4);
      assert.equal(agreement.top1Disagreements, 0);
    }
    const engineLogits = Float32Array.from({ length: 50 }, (_, i) => (i === 3 ? 30 : 0));
    const off = await lens.call("agree", { run: last.run.run, position: 19, engineLogits });
    assert.equal(off.positions, 4);
    assert.ok(off.maxProbabilityDifference > 0.1);
    const stale = await refusal(lens.call("agree", { run: last.run.run - 1, position: 0, engineLogits }));
    assert.equal(stale.code, "cancelled");
  });

  // Wide enough that threads are used where there are cores.
  const wide: [string, () => Uint8Array, number][] = [
    [
      "llama",
      () => randomModel(12, { layers: 2, dim: 512, heads: 8, kvHeads: 2, hidden: 1400, vocabulary: 66 }).file,
      66,
    ],
    [
      "a mixture of experts",
      () => widened("qwen3moe", { dim: 256, hidden: 512, expertsUsed: 6, layers: 1 }),
      320,
    ],
    ["gemma3", () => widened("gemma3", { dim: 512, hidden: 1400, layers: 1 }), 320],
  ];
  for (const [name, build, vocabulary] of wide) {
    it(`gives the same numbers on several threads as on one: ${name}`, async () => {
      const file = build();
      const { run, layers } = await attend(written("wide.gguf", file), ids(13, vocabulary), undefined, true);
      assert.match(run.path, availableParallelism() > 1 ? /\d threads/ : /1 thread/);
      const alone = openOnOneThread(memorySource("wide.gguf", file), kernelModule(), async () => {});
      await alone.attend(ids(13, vocabulary), {});
      for (const layer of layers) {
        assert.deepEqual(await fetchLayer(lens, { run: run.run, layer }), await alone.layer(layer));
      }
      for (const position of [0, 12]) {
        const engineLogits = await alone.logitsAt(position);
        const agreement = await lens.call("agree", { run: run.run, position, engineLogits });
        assert.equal(agreement.maxProbabilityDifference, 0);
      }
      // What is looked into begins again in the middle, and must not lose a bit either.
      const study = await alone.study();
      const last = layers.length - 1;
      const asked = { layer: last, head: 1, query: 11 };
      assert.deepEqual(
        await lens.call("cell", { run: run.run, ...asked }),
        await study.cell(asked.layer, asked.head, asked.query),
      );
      for (const cut of [
        { kind: "head", layer: last, head: 1 },
        { kind: "token", token: 2 },
      ] as const) {
        const found = await lens.call("cut", { run: run.run, cuts: [cut], position: 12 });
        assert.deepEqual(found, await study.cut([cut], 12));
        assert.ok(found.klBits > 0);
      }
      const readings: StreamReading[] = [];
      const cache = await lens.call(
        "streams",
        { run: run.run, contextSize: 64 },
        { onEvent: (reading) => readings.push(reading) },
      );
      const expected: StreamReading[] = [];
      assert.deepEqual(cache, await study.streams(64, undefined, (reading) => expected.push(reading)));
      assert.deepEqual(
        readings.map(({ attentionEntropy: _, ...reading }) => reading),
        expected,
      );
      const engineLogits = await alone.logitsAt(7);
      const still = await lens.call("agree", { run: run.run, position: 7, engineLogits });
      assert.equal(still.maxProbabilityDifference, 0, "the run itself is as it was");
    });
  }

  it("makes the layers of a long text again when they are asked for, the same as if they had been kept", async () => {
    const many = { layers: 3, dim: 512, heads: 128, kvHeads: 32, hidden: 1400, context: 512 };
    const { file } = randomModel(15, many);
    const { run, layers } = await attend(written("heads.gguf", file), ids(512, 50), undefined, true);
    const alone = openOnOneThread(memorySource("heads.gguf", file), kernelModule(), async () => {});
    await alone.attend(ids(512, 50), { mapBytes: Number.POSITIVE_INFINITY });
    const made = await Promise.all(layers.map((layer) => fetchLayer(lens, { run: run.run, layer })));
    for (const layer of layers) {
      const kept = await alone.layer(layer);
      assert.ok(
        Buffer.from(kept.halves.buffer).equals(Buffer.from(Uint16Array.from(made[layer]!.halves).buffer)),
      );
    }
  });

  it("measures the heads of the last run, layer by layer, and gives up one that is replaced", async () => {
    const path = join(folder, "small.gguf");
    const tokenIds = ids(20, 50);
    const { run } = await attend(path, tokenIds);
    const bytes = tokenIds.map((id) => Buffer.from(`t${id}`));
    const reports: LayerReport[] = [];
    await lens.call(
      "heads",
      { run: run.run, tokenIds, bytes },
      { onEvent: (report) => reports.push(report) },
    );
    assert.deepEqual(
      reports.map(({ layer, heads }) => [layer, heads.length]),
      [0, 1, 2, 3].map((layer) => [layer, 4]),
    );
    const square = {
      tokenCount: 20,
      weights: unpackHead(await fetchLayer(lens, { run: run.run, layer: 2 }), 3),
    };
    const tokens = tokenIds.map((id) => ({ id }));
    assert.deepEqual(reports[2]?.heads[3]?.scores, headScores(square, tokens));
    const again = await attend(path, tokenIds);
    assert.equal((await refusal(lens.call("heads", { run: run.run, tokenIds, bytes }))).code, "cancelled");
    assert.equal(
      (await refusal(lens.call("cut", { run: run.run, cuts: [], position: 0 }))).code,
      "cancelled",
    );
    assert.equal((await lens.call("cut", { run: again.run.run, cuts: [], position: 0 })).klBits, 0);
  });

  it("stops cutting heads when it is told to, and goes on with the next", async () => {
    const { run } = await attend(join(folder, "small.gguf"), ids(20, 50));
    const abort = new AbortController();
    let cuts = 0;
    const stopped = await refusal(
      lens.call(
        "cutEachHead",
        { run: run.run, position: 19 },
        {
          signal: abort.signal,
          onEvent: () => {
            if (++cuts === 2) abort.abort();
          },
        },
      ),
    );
    assert.equal(stopped.code, "cancelled");
    assert.equal((await lens.call("cut", { run: run.run, cuts: [], position: 19 })).klBits, 0);
  });

  it("multiplies integers where the model is large, and floats when asked to", async () => {
    const large = randomModel(14, { layers: 1, dim: 1024, heads: 16, kvHeads: 4, hidden: 1704 });
    const path = written("large.gguf", large.file);
    const alone = openOnOneThread(memorySource("large.gguf", large.file), kernelModule(), async () => {});
    for (const exact of [false, true]) {
      const { run } = await attend(path, ids(21, 50), undefined, exact);
      assert.equal(run.exact, exact);
      assert.match(run.path, exact ? /^f32, / : /^16-bit integers, /);
      await alone.attend(ids(21, 50), { arithmetic: exact ? "f32" : "i16" });
      assert.deepEqual(await fetchLayer(lens, { run: run.run, layer: 0 }), await alone.layer(0));
      const engineLogits = await alone.logitsAt(20);
      const agreement = await lens.call("agree", { run: run.run, position: 20, engineLogits });
      assert.equal(agreement.maxProbabilityDifference, 0);
    }
  });

  it("stops within 100 ms of being told, and goes on with the next", async () => {
    const slow = randomModel(13, { layers: 5, dim: 512, heads: 2, kvHeads: 2, hidden: 1024, context: 600 });
    const path = written("slow.gguf", slow.file);
    await attend(path, ids(4, 50));
    const times: number[] = [];
    // The best of a few: other programs may hold the processor for longer than this takes.
    for (let attempt = 0; attempt < 4; attempt++) {
      const abort = new AbortController();
      const { refused } = await begun(path, abort.signal);
      const stoppedAt = performance.now();
      abort.abort();
      assert.equal((await refused).code, "cancelled");
      const { layers } = await attend(path, ids(2, 50));
      times.push(performance.now() - stoppedAt);
      assert.equal(layers.length, 5);
    }
    assert.ok(Math.min(...times) < 100, `${times.map(Math.round).join(", ")} ms`);
  });

  it("gives up the run before when a new one comes", async () => {
    const path = join(folder, "slow.gguf");
    const { refused } = await begun(path);
    const { layers } = await attend(path, ids(3, 50));
    assert.equal(layers.length, 5);
    assert.equal((await refused).code, "cancelled");
  });

  it("refuses with a reason, and lives on", async () => {
    const small = join(folder, "small.gguf");
    const missing = await refusal(attend(join(folder, "nowhere.gguf"), [1]));
    assert.equal(missing.code, "file-unreadable");
    const text = await refusal(attend(written("notes.txt", Buffer.from("hello there")), [1]));
    assert.match(text.message, /Cannot read "notes\.txt": expected magic "GGUF", got "hell"/);
    const long = await refusal(attend(small, ids(65, 50)));
    assert.equal(long.code, "too-long");
    assert.match(long.message, /65 tokens.*64/);
    assert.equal((await refusal(attend(small, [51]))).code, "invalid-request");
    assert.equal((await attend(small, [1, 2])).layers.length, 4);
  });

  it("is started anew after it was killed", async () => {
    const small = join(folder, "small.gguf");
    const { pid } = lens;
    assert.ok(pid);
    const { refused } = await begun(join(folder, "slow.gguf"));
    process.kill(pid, "SIGKILL");
    assert.equal((await refused).code, "crashed");
    assert.equal((await attend(small, [1, 2])).layers.length, 4);
    assert.notEqual(lens.pid, pid);
  });
});
