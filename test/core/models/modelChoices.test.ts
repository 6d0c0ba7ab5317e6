/** The picker's sections from real folders: what is here, what was begun, what fits and what does not. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CATALOGUE } from "../../../src/core/models/catalogue.js";
import { localModels, modelChoices } from "../../../src/editor/models/modelChoices.js";
import type { MachineInfo } from "../../../src/shared/workerProtocol.js";

const machine = (freeGb: number): MachineInfo => ({
  totalMemoryBytes: 2 * freeGb * 2 ** 30,
  freeMemoryBytes: freeGb * 2 ** 30,
  cores: 4,
  gpu: undefined,
});

describe("the choices of the model picker", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-choices-"));
    await writeFile(join(folder, "Qwen3-0.6B-Q8_0.gguf"), "GGUF and more");
    await writeFile(join(folder, "mine.gguf"), "GGUF");
    await writeFile(join(folder, "page.gguf"), "<html>");
    await writeFile(join(folder, "half.gguf.partial"), "GGUF");
    await writeFile(join(folder, "empty.gguf"), "");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("finds the models of a folder, and knows those of the catalogue", async () => {
    const found = await localModels(folder);
    assert.deepEqual(
      found.map(({ fileName, entry }) => [fileName, entry?.name]),
      [
        ["Qwen3-0.6B-Q8_0.gguf", "Qwen3 0.6B"],
        ["mine.gguf", undefined],
      ],
    );
    assert.deepEqual(await localModels(join(folder, "none")), []);
  });

  it("offers each other model once, the largest that fits first, and the smallest that does not", async () => {
    const local = await localModels(folder);
    const begun = CATALOGUE.find(({ name }) => name === "Qwen3 4B")!;
    const unfinished = [
      { fileName: begun.fileName, source: begun.source, receivedBytes: 10, totalBytes: 20 },
    ];
    const { fitting, larger } = modelChoices(local, unfinished, machine(4), 0);
    assert.equal(fitting.length + larger.length, CATALOGUE.length - 2);
    assert.ok(fitting.length > 3 && larger.length > 2);
    const sizes = (offers: typeof fitting) => offers.map(({ entry }) => entry.fileBytes);
    assert.deepEqual(
      sizes(fitting),
      sizes(fitting).sort((a, b) => b - a),
    );
    assert.deepEqual(
      sizes(larger),
      sizes(larger).sort((a, b) => a - b),
    );
    assert.ok(fitting.every(({ neededBytes }) => neededBytes < 2.5 * 2 ** 30));
    assert.equal(modelChoices([], [], machine(64), 0).larger.length, 0);
  });

  it("reckons with a larger context where the settings ask for it", () => {
    const fits = (contextSize: number) => modelChoices([], [], machine(6), contextSize).fitting.length;
    assert.ok(fits(32_768) < fits(0));
  });
});
