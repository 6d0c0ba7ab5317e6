/**
 * The model process with fetched GPU support: on a device of Vulkan that is the processor itself (Mesa's lavapipe),
 * so that the engine's own code for graphics cards runs without one, and on machines that lack a card or a
 * file.
 */

import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "../../scripts/debian.js";
import { ensureVulkanSupport } from "../../scripts/gpuPackages.js";
import { softmax } from "../../src/core/sampling/candidates.js";
import { GPU_SUPPORT_FOLDER, type ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel } from "../modelFiles.js";

const TEXT = "Once upon a time, there was a little";
const GREEDY_TOKENS = 12;
/** ggml leaves devices out that are processors, unless one is asked for by its number. */
const ON_PROCESSOR = { GGML_VK_VISIBLE_DEVICES: "0" };

describe("model process with GPU support", function () {
  this.timeout(600_000);
  const path = builtInModel();
  let folder: string;
  let onProcessor: Reading;

  interface Reading {
    tokenIds: number[];
    /** Behind each token. */
    logits: Float32Array[];
  }

  async function withProcess<T>(
    environment: Record<string, string>,
    use: (worker: WorkerClient<ModelProtocol>) => Promise<T>,
  ): Promise<T> {
    const worker = builtWorkers.model({ environment: () => environment });
    try {
      return await use(worker);
    } finally {
      worker.dispose();
    }
  }

  const load = (worker: WorkerClient<ModelProtocol>, gpuLayers: number | "auto") =>
    worker.call("load", { path, gpuLayers, threads: 1, contextSize: 256 });

  /** Goes on greedily, one token at a time: lavapipe does not bear every one of ggml's programs for many at once. */
  async function read(worker: WorkerClient<ModelProtocol>): Promise<Reading> {
    const tokenIds = (await worker.call("tokenize", { text: TEXT, bos: true })).map(({ id }) => id);
    const given = tokenIds.length;
    const logits: Float32Array[] = [];
    for (let length = 1; length <= given + GREEDY_TOKENS; length++) {
      const answer = await worker.call("next", { tokenIds: tokenIds.slice(0, length) });
      logits.push(answer.logits);
      if (length >= given) tokenIds.push(answer.logits.indexOf(Math.max(...answer.logits)));
    }
    return { tokenIds, logits };
  }

  before(async function () {
    if (process.platform !== "linux" || process.arch !== "x64") this.skip();
    await ensureDebianPackages(["vulkan"]);
    folder = await ensureVulkanSupport();
    onProcessor = await withProcess({}, async (worker) => {
      await load(worker, 0);
      return read(worker);
    });
  });

  it("says which drivers are here where nothing has been fetched, and complains of nothing", async () => {
    await withProcess({}, async (worker) => {
      const { gpu, found, gpuFault } = await worker.call("machine", {});
      assert.ok(found?.kinds.includes("vulkan"));
      assert.deepEqual([gpu, gpuFault], [undefined, undefined]);
      const info = await load(worker, "auto");
      assert.deepEqual([info.gpu, info.gpuFault], [undefined, undefined]);
    });
  });

  for (const [layers, expected] of [
    ["auto", 7],
    [3, 3],
  ] as const) {
    it(`computes as the processor does, to within rounding, with ${layers} layers on a device of Vulkan`, async () => {
      const reading = await withProcess({ ...ON_PROCESSOR, [GPU_SUPPORT_FOLDER]: folder }, async (worker) => {
        const { gpu } = await worker.call("machine", {});
        assert.equal(gpu?.kind, "vulkan");
        assert.match(gpu.names.join(), /llvmpipe/);
        const info = await load(worker, layers);
        assert.deepEqual(info.gpu, { kind: "vulkan", layers: expected });
        assert.equal(info.gpuFault, undefined);
        return read(worker);
      });
      assert.deepEqual(reading.tokenIds, onProcessor.tokenIds);
      let most = 0;
      for (const [at, logits] of reading.logits.entries()) {
        const [p, q] = [softmax(logits), softmax(onProcessor.logits[at]!)];
        most = Math.max(
          most,
          p.reduce((largest, value, id) => Math.max(largest, Math.abs(value - q[id]!)), 0),
        );
      }
      // Products of 8-bit weights are rounded otherwise; by the same code they would be equal.
      assert.ok(most > 0 && most < 0.05, `probabilities differ by ${most}`);
    });
  }

  it("leaves the card alone where the setting is 0, and takes it again in the same process", async () => {
    await withProcess({ ...ON_PROCESSOR, [GPU_SUPPORT_FOLDER]: folder }, async (worker) => {
      assert.equal((await load(worker, "auto")).gpu?.kind, "vulkan");
      const info = await load(worker, 0);
      assert.deepEqual([info.gpu, info.gpuFault], [undefined, undefined]);
      assert.deepEqual(await read(worker), onProcessor);
      assert.equal((await load(worker, "auto")).gpu?.kind, "vulkan");
    });
  });

  it("runs on the processor, and says so, where Vulkan finds no card", async () => {
    await withProcess({ [GPU_SUPPORT_FOLDER]: folder }, async (worker) => {
      const machine = await worker.call("machine", {});
      // On a machine with a card of its own there is nothing to see here.
      if (machine.gpu) return;
      assert.equal(machine.gpuFault, "Vulkan finds no graphics card.");
      const info = await load(worker, "auto");
      assert.deepEqual([info.gpu, info.gpuFault], [undefined, "Vulkan finds no graphics card."]);
      assert.deepEqual(await read(worker), onProcessor);
    });
  });

  it("runs on the processor, and says why, where a file of the support is gone", async () => {
    const damaged = await mkdtemp(join(tmpdir(), "glassbox-gpu-support-"));
    try {
      await cp(folder, damaged, { recursive: true });
      const bins = join(damaged, "linux-x64-vulkan", "bins", "linux-x64-vulkan");
      const library = (await readdir(bins)).find((name) => name.startsWith("libllama."));
      await rm(join(bins, library!));
      await withProcess({ ...ON_PROCESSOR, [GPU_SUPPORT_FOLDER]: damaged }, async (worker) => {
        const info = await load(worker, "auto");
        assert.equal(info.gpu, undefined);
        assert.match(
          info.gpuFault ?? "",
          /^The support for Vulkan is here, but it does not start: .*libllama/,
        );
        assert.deepEqual(await read(worker), onProcessor);
      });
    } finally {
      await rm(damaged, { recursive: true });
    }
  });
});
