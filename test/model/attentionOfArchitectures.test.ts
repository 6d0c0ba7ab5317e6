/**
 * The attention panel's host side with the real workers, on a small model of each architecture: every layer comes, and
 * the agreement with the engine as it really runs is near and not zero.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SUPPORTED_ARCHITECTURES } from "../../src/core/lens/architectures.js";
import { type AttentionSurface, attentionHandlers } from "../../src/editor/attention/attentionHandlers.js";
import type { LensProtocol, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { buildCase, CASES } from "./conformance/cases.js";

const SURFACE: AttentionSurface = {
  text: () => ({
    text: "for (const item of items) total += item.price * item.count; // in cents",
    source: { fileName: "a.ts", firstLine: 0, lastLine: 0, chosen: "selection" },
  }),
  light: () => {},
  point: () => {},
  reveal: () => {},
  takeSelection: () => {},
  useBuiltInModel: async () => {},
};

describe("the attention panel with models of every architecture", function () {
  this.timeout(30_000);

  let folder: string;
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-architectures-"));
    model = builtWorkers.model();
    lens = builtWorkers.lens();
  });
  after(() => {
    model.dispose();
    lens.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const architecture of SUPPORTED_ARCHITECTURES) {
    it(`shows ${architecture}`, async () => {
      const path = join(folder, `${architecture}.gguf`);
      const example = CASES.find((each) => each.architecture === architecture);
      assert.ok(example);
      writeFileSync(path, buildCase(example, "F32", 1).file);
      const host = attentionHandlers(
        {
          ready: () => model.call("load", { path, gpuLayers: 0, threads: 1 }),
          call: (method, params, options) => model.call(method, params, options),
        },
        lens,
        SURFACE,
      );
      const { signal } = new AbortController();
      const layers: number[] = [];
      const run = await host.attend(
        { exact: true },
        { signal, emit: (event) => void (event.kind === "layer" && layers.push(event.layer)) },
      );
      assert.deepEqual(
        layers,
        Array.from({ length: run.layerCount }, (_, layer) => layer),
      );
      const { agreement } = await host.agree({}, { signal, emit: () => {} });
      assert.equal(agreement.positions, run.tokenCount);
      const difference = agreement.maxProbabilityDifference;
      assert.ok(difference > 0 && difference < 0.05, `${difference}`);
      assert.equal(agreement.top1Disagreements, 0);
    });
  }
});
