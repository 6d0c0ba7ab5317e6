/** What the model process is told of fetched GPU support, by what lies in the extension's storage. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOf, GPU_SUPPORT_VERSION, gpuSupport } from "../../../src/core/models/gpuSupport.js";
import { GpuFolder } from "../../../src/editor/models/gpuFolder.js";
import { GPU_SUPPORT_FOLDER } from "../../../src/shared/workerProtocol.js";

describe("folder of GPU support", () => {
  let storage: string;
  let folder: GpuFolder;

  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), "glassbox-storage-"));
    folder = new GpuFolder(storage);
  });
  afterEach(() => rmSync(storage, { recursive: true }));

  const put = (version: string, name: string) =>
    mkdirSync(join(folder.path, version, folderOf(name)), { recursive: true });

  it("is not spoken of where nothing was fetched, nor made", () => {
    assert.deepEqual(folder.environment(), {});
    assert.deepEqual([folder.fetched, folder.stale], [[], []]);
    assert.ok(folder.isEmpty);
    assert.ok(!existsSync(folder.path));
  });

  it("counts only with the package that comes last, and only of this version", function () {
    const support = gpuSupport("cuda", process.platform, process.arch);
    if (!support) return this.skip();
    const [extra, main] = support.packages.map(({ name }) => name);
    put("1.0.0", main!);
    assert.deepEqual(folder.environment(), {});
    assert.deepEqual(folder.stale, ["1.0.0"]);
    put(GPU_SUPPORT_VERSION, extra!);
    assert.deepEqual([folder.environment(), folder.fetched], [{}, []]);
    put(GPU_SUPPORT_VERSION, main!);
    assert.deepEqual(folder.fetched, ["cuda"]);
    assert.deepEqual(folder.environment(), { [GPU_SUPPORT_FOLDER]: join(folder.path, GPU_SUPPORT_VERSION) });
    mkdirSync(join(folder.path, "downloads"));
    assert.deepEqual(folder.stale, ["1.0.0"]);
    assert.ok(folder.isEmpty);
    writeFileSync(join(folder.path, "downloads", "half.tgz.partial"), "half");
    assert.ok(!folder.isEmpty);
    folder.turnOff();
    assert.deepEqual(folder.environment(), {});
    folder.turnOn();
    assert.notDeepEqual(folder.environment(), {});
  });
});
