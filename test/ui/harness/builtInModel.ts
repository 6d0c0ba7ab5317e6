/** The built-in model in a process of the test's own, for what a panel should show. */

import { availableParallelism } from "node:os";
import type { ModelProtocol } from "../../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../../src/workers/client.js";
import { builtWorkers } from "../../builtWorkers.js";
import { builtInModel } from "../../modelFiles.js";

/** Asks the model, and ends its process whatever comes of it. */
export async function withBuiltInModel<T>(
  ask: (worker: WorkerClient<ModelProtocol>) => Promise<T>,
): Promise<T> {
  const worker = builtWorkers.model();
  try {
    await worker.call("load", { path: builtInModel(), gpuLayers: 0, threads: availableParallelism() });
    return await ask(worker);
  } finally {
    worker.dispose();
  }
}
