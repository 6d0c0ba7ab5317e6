/** Two quantisations of one model on one text, held to whole distributions of each that come by another way. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparisonSummary, divergenceFigures } from "../../src/core/surprisal/comparison.js";
import type { ComparisonProgress, ModelComparison } from "../../src/shared/panels/surprisal.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel, THREADS, unroundedModel } from "../modelFiles.js";
import { buildCase, CASES } from "./conformance/cases.js";
import { packedToQ4 } from "./requantise.js";

const EXACT = unroundedModel();
const EIGHT_BIT = builtInModel();
const TALE = readFileSync(join(process.cwd(), "media", "sample", "tale.md"), "utf8").slice(0, 110);
const CONTEXT = 256;

describe("Two models compared", function () {
  this.timeout(120_000);
  let folder: string;
  let fourBit: string;
  let worker: WorkerClient<ModelProtocol>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-test-"));
    fourBit = join(folder, "stories15M-Q4_0.gguf");
    packedToQ4(EXACT, fourBit);
    worker = builtWorkers.model({ log: (line) => console.log(line) });
  });
  after(() => {
    worker?.dispose();
    if (folder) rmSync(folder, { recursive: true });
  });

  const load = (path: string) =>
    worker.call("load", { path, gpuLayers: 0, threads: THREADS, contextSize: CONTEXT });
  const logitsOf = async (path: string, text: string) => {
    await load(path);
    const tokenIds = (await worker.call("tokenize", { text, bos: true })).map(({ id }) => id);
    const logits: Float32Array[] = [];
    await worker.call(
      "logitsAtEachPosition",
      { tokenIds },
      { onEvent: (event) => void logits.push(event.logits) },
    );
    return { tokenIds, logits };
  };

  it("tells the divergence over the whole vocabulary, flips and bits of F32 and four bits", async () => {
    const one = await logitsOf(EXACT, TALE);
    const two = await logitsOf(fourBit, TALE);
    await load(EXACT);
    const progress: ComparisonProgress[] = [];
    const found = await worker.call(
      "compareModels",
      { path: fourBit, text: TALE, from: 0 },
      { onEvent: (event) => progress.push(event) },
    );
    assert.equal(found.first.info.quantisation, "F32");
    assert.equal(found.second.info.quantisation, "Q4_0");
    const { byToken, firstBits, secondBits, texts } = found;
    assert.ok(byToken, "They have the same vocabulary.");
    assert.equal(texts.length, one.tokenIds.length - 1);
    let flips = 0;
    for (const at of texts.keys()) {
      const [p, q] = [one.logits[at]!, two.logits[at]!];
      const own = one.tokenIds[at + 1]!;
      let divergence = 0;
      let entropy = 0;
      for (let id = 0; id < p.length; id++) {
        divergence += (Math.exp(p[id]!) * (p[id]! - q[id]!)) / Math.LN2;
        entropy -= (Math.exp(p[id]!) * p[id]!) / Math.LN2;
      }
      const top = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
      // Pieces of other lengths are rounded otherwise; four bits round more.
      const near = (value: number, expected: number, within: number, what: string) =>
        assert.ok(Math.abs(value - expected) <= within, `${what} at ${at}: ${value}, expected ${expected}`);
      near(firstBits[at]!, -p[own]! / Math.LN2, 0.01, "bits of F32");
      near(secondBits[at]!, -q[own]! / Math.LN2, 0.2, "bits of Q4_0");
      near(byToken.forward[at]!, divergence, 0.02 + 0.2 * divergence, "divergence");
      near(byToken.firstEntropies[at]!, entropy, 0.01, "entropy");
      if (top(p) !== top(q)) flips++;
    }
    const figures = divergenceFigures(found)!;
    assert.ok(Math.abs(figures.flips - flips) <= 2, `${figures.flips} flips, expected ${flips}`);
    assert.ok(figures.forward > 0.001 && figures.forward < 1, `${figures.forward}`);
    assert.match(comparisonSummary(found), /KL divergence over the whole vocabulary/);
    for (const stage of ["reading", "loading", "returning"])
      assert.ok(
        progress.some((each) => each.stage === stage),
        stage,
      );
    for (const model of [found.first, found.second]) {
      assert.ok(model.timedMs > 0 && model.residentBytes > model.info.fileBytes / 2);
    }
    // The one that was active before is back.
    assert.equal((await load(EXACT)).quantisation, "F32");
    assert.ok((await worker.call("tokenize", { text: "back", bos: false })).length > 0);
  });

  it("finds far less between F32 and eight bits, and nothing between a model and itself", async () => {
    await load(EXACT);
    const meanOf = (found: ModelComparison) => divergenceFigures(found)!.forward;
    const text = TALE.slice(0, 90);
    const eight = meanOf(await worker.call("compareModels", { path: EIGHT_BIT, text, from: 0 }));
    const four = meanOf(await worker.call("compareModels", { path: fourBit, text, from: 0 }));
    const itself = meanOf(await worker.call("compareModels", { path: EXACT, text, from: 0 }));
    assert.ok(eight < four / 10, `${eight}, ${four}`);
    // Not zero where the two readings had pieces of other lengths.
    assert.ok(itself < 1e-4 && itself < eight, `${itself}`);
  });

  it("scores only what is wanted, and reads what stands before it", async () => {
    await load(EXACT);
    const from = TALE.indexOf(" there was");
    const all = await worker.call("compareModels", { path: fourBit, text: TALE, from: 0 });
    const part = await worker.call("compareModels", { path: fourBit, text: TALE, from });
    assert.ok(part.texts.length > 0 && part.texts.length < all.texts.length);
    const last = all.texts.length - part.texts.length;
    assert.deepEqual(part.texts, all.texts.slice(last));
    part.firstBits.forEach((bits, at) => {
      assert.ok(Math.abs(bits - all.firstBits[last + at]!) < 0.05);
    });
  });

  it("has the first model back when it is stopped, and when the other is no model", async () => {
    await load(EXACT);
    const abort = new AbortController();
    const stopped = worker.call(
      "compareModels",
      { path: fourBit, text: TALE, from: 0 },
      { signal: abort.signal, onEvent: ({ stage }) => stage === "loading" && abort.abort() },
    );
    await assert.rejects(stopped, (error: Error & { code?: string }) => error.code === "cancelled");
    // It waits for the way back.
    const first = await worker.call("surprisal", { tokenIds: [1, 2, 3], from: 1, alternatives: 1 });
    assert.ok(first.ms > 0);
    assert.equal((await load(EXACT)).quantisation, "F32");
    const path = join(process.cwd(), "package.json");
    await assert.rejects(worker.call("compareModels", { path, text: TALE, from: 0 }), /package\.json/);
    assert.ok((await worker.call("tokenize", { text: "still there", bos: false })).length > 0);
  });

  it("compares a model of another vocabulary by bits of stretches that both end a token with", async () => {
    // Random weights, and a vocabulary of single bytes for nearly everything.
    const path = join(folder, "bytes.gguf");
    writeFileSync(
      path,
      buildCase(CASES.find(({ architecture }) => architecture === "llama")!, "F32", 1).file,
    );
    await load(EXACT);
    const text = TALE.slice(0, 48);
    const found = await worker.call("compareModels", { path, text, from: 0 });
    assert.equal(found.byToken, undefined);
    const bits = (all: Float64Array) => all.reduce((sum, each) => sum + each, 0);
    assert.ok(Math.abs(bits(found.firstBits) - found.first.bits) < 1e-6);
    assert.ok(Math.abs(bits(found.secondBits) - found.second.bits) < 1e-6);
    assert.ok(found.second.tokens > found.first.tokens);
    assert.equal(found.bytes, text.length);
    assert.match(comparisonSummary(found), /bits a byte: .*F32/);
  });
});
