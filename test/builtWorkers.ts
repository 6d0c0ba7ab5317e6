/** The worker processes as they were built, for the tests and measurements that run the real ones. */

import { join } from "node:path";
import type { ProtocolOf } from "../src/shared/rpc.js";
import type { TrainingProtocol } from "../src/shared/training.js";
import type {
  DownloadProtocol,
  LensProtocol,
  ModelProtocol,
  SandboxProtocol,
} from "../src/shared/workerProtocol.js";
import { WorkerClient, type WorkerOptions } from "../src/workers/client.js";

function built<P extends ProtocolOf<P>>(name: string) {
  const script = join(process.cwd(), "dist", "workers", `${name}.mjs`);
  return (options: Partial<WorkerOptions> = {}) =>
    new WorkerClient<P>({ name, script, log: () => {}, ...options });
}

/** Each makes a client, which starts its process with the first request; whoever asked disposes of it. */
export const builtWorkers = {
  model: built<ModelProtocol>("model"),
  lens: built<LensProtocol>("lens"),
  sandbox: built<SandboxProtocol>("sandbox"),
  training: built<TrainingProtocol>("training"),
  download: built<DownloadProtocol>("download"),
};
