/**
 * Weights that vanish or shrink while they are in use: each must end in a message, and the next request must work.
 * Kills and damaged headers are in test/torture.
 */

import assert from "node:assert/strict";
import { copyFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { failureOf } from "../failureOf.js";
import { builtInModel } from "../modelFiles.js";
import { useTemporaryFolder } from "../temporaryFolder.js";

const builtIn = builtInModel();
const LOAD = { path: builtIn, gpuLayers: 0, threads: 1, contextSize: 512 };
const GREEDY = { temperature: 0, topK: 0, topP: 1, minP: 0 };

function modelWorker(): WorkerClient<ModelProtocol> {
  return builtWorkers.model();
}

describe("Faults of model files in use", function () {
  this.timeout(600_000);
  const folder = useTemporaryFolder();

  it("goes on with weights that were deleted, and says so when they are wanted anew", async () => {
    const path = join(folder(), "deleted.gguf");
    copyFileSync(builtIn, path);
    const worker = modelWorker();
    try {
      await worker.call("load", { ...LOAD, path });
      rmSync(path);
      const tokenIds = (await worker.call("tokenize", { text: "Once", bos: true })).map(({ id }) => id);
      const { tokenCount } = await worker.call("generate", {
        tokenIds,
        maxTokens: 5,
        sampling: GREEDY,
        seed: 1,
      });
      assert.equal(tokenCount, 5);
      await worker.call("unload", {});
      const error = await failureOf(worker.call("load", { ...LOAD, path }));
      assert.equal(error?.code, "file-unreadable");
      assert.match(error.message, /deleted\.gguf/);
      await worker.call("load", LOAD);
    } finally {
      worker.dispose();
    }
  });

  it("says that the process died, or nothing, when weights are cut off in use; the next model loads", async () => {
    const path = join(folder(), "cut.gguf");
    copyFileSync(builtIn, path);
    const worker = modelWorker();
    try {
      await worker.call("load", { ...LOAD, path });
      const tokenIds = (await worker.call("tokenize", { text: "Once", bos: true })).map(({ id }) => id);
      truncateSync(path, 4096);
      const error = await failureOf(
        worker.call("generate", { tokenIds, maxTokens: 5, sampling: GREEDY, seed: 1 }),
      );
      if (error) assert.equal(error.code, "crashed", error.message);
      await worker.call("load", LOAD);
    } finally {
      worker.dispose();
    }
  });
});
