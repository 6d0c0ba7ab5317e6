/** A worker in German: it reads the bundle that its environment names before it says anything. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { GlassboxError } from "../../src/shared/errors.js";
import { type ModelProtocol, TEXTS_FILE } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";

describe("A worker whose environment names a bundle", () => {
  const before = process.env[TEXTS_FILE];
  let worker: WorkerClient<ModelProtocol> | undefined;

  after(() => {
    worker?.dispose();
    if (before === undefined) delete process.env[TEXTS_FILE];
    else process.env[TEXTS_FILE] = before;
  });

  it("says in its language what it found wrong", async () => {
    process.env[TEXTS_FILE] = join(process.cwd(), "dist/l10n/bundle.l10n.de.json");
    worker = builtWorkers.model();
    await assert.rejects(
      worker.call("load", { path: "/nowhere/absent.gguf", gpuLayers: 0, threads: 1 }),
      (error: unknown) => {
        const { message, remedy } = GlassboxError.from(error);
        assert.match(
          message,
          /^„absent\.gguf“ kann nicht gelesen werden: unter .* gibt es keine solche Datei\.$/,
        );
        assert.match(remedy ?? "", /GGUF-Datei wählen/);
        return true;
      },
    );
  });
});
