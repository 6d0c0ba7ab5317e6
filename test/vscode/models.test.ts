/** Choosing and loading a model inside the extension host: what is wrong with a file is said, and nothing dies. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { BUILT_IN_MODEL, ModelService } from "../../src/editor/models.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { useTemporaryFolder } from "../temporaryFolder.js";
import { until } from "../ui/harness/until.js";

describe("Choosing a model", function () {
  this.timeout(60_000);
  const folder = useTemporaryFolder();
  let worker: WorkerClient<ModelProtocol>;
  let models: ModelService;
  let chosenBefore: string | undefined;
  const states: ModelState[] = [];

  const configuration = () => vscode.workspace.getConfiguration("glassbox");
  const choose = (path: string | undefined) =>
    configuration().update("model.path", path, vscode.ConfigurationTarget.Global);

  before(() => {
    const extensionUri = vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri;
    worker = builtWorkers.model();
    models = new ModelService(extensionUri, worker);
    models.onDidChange((state) => states.push(state));
    chosenBefore = configuration().inspect<string>("model.path")?.globalValue;
  });

  after(async () => {
    await choose(chosenBefore);
    models.dispose();
    worker.dispose();
  });

  async function refusal(path: string): Promise<GlassboxError> {
    await choose(path);
    states.length = 0;
    const error = await models.ready().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GlassboxError, `"${path}" was not refused`);
    assert.equal(states.at(-1)?.kind, "failed", "the panels are told");
    return error;
  }

  it("says that there is none at all, and how to get one", async () => {
    await choose("");
    const cacheBefore = process.env.GLASSBOX_CACHE;
    process.env.GLASSBOX_CACHE = folder();
    // An extension folder without a built-in model, and a cache without a chat model.
    const bare = new ModelService(vscode.Uri.file(folder()), worker);
    if (cacheBefore === undefined) delete process.env.GLASSBOX_CACHE;
    else process.env.GLASSBOX_CACHE = cacheBefore;
    try {
      await assert.rejects(
        bare.ready(),
        (error) =>
          error instanceof GlassboxError &&
          error.code === "no-model" &&
          /Choose Model/.test(error.remedy ?? ""),
      );
      assert.equal(bare.state.kind, "failed");
      assert.equal(worker.pid, undefined, "no process is started for nothing");
    } finally {
      bare.dispose();
    }
  });

  it("says that a file is not there", async () => {
    const error = await refusal(join(folder(), "absent.gguf"));
    assert.equal(error.code, "file-unreadable");
    assert.match(error.message, /absent\.gguf/);
    assert.ok(error.remedy);
  });

  it("says that a file is no GGUF, and what it found in its place", async () => {
    const path = join(folder(), "archive.gguf");
    writeFileSync(path, "PK\u0003\u0004 this is a zip file");
    const error = await refusal(path);
    assert.equal(error.code, "file-invalid");
    assert.match(error.message, /expected magic "GGUF"/);
    assert.match(error.message, /PK/);
  });

  it("says that a file is empty, cut off, or a folder", async () => {
    const empty = join(folder(), "empty.gguf");
    writeFileSync(empty, "");
    const cut = join(folder(), "cut.gguf");
    writeFileSync(cut, Buffer.from("GGUF\u0003\u0000\u0000\u0000\u0001", "latin1"));
    for (const path of [empty, cut, folder()]) {
      const error = await refusal(path);
      assert.ok(["file-invalid", "file-unreadable"].includes(error.code), `${path}: ${error.code}`);
      assert.ok(error.remedy);
    }
  });

  it("loads a good file afterwards, in the same process", async () => {
    const pid = worker.pid;
    await choose("builtin");
    states.length = 0;
    const info = await models.ready();
    assert.ok(info.path.endsWith(BUILT_IN_MODEL));
    assert.equal(info.quantisation, "Q8_0");
    assert.equal(info.chat, false);
    assert.equal(worker.pid, pid, "no bad file ended the process");
    assert.equal(states.at(-1)?.kind, "ready");
  });

  it("loads once for several features that ask at the same time", async () => {
    worker.stop();
    models.crashed(new GlassboxError("crashed", "The model process was ended."));
    states.length = 0;
    const [one, two] = await Promise.all([models.ready(), models.ready(new AbortController().signal)]);
    assert.deepEqual(one, two);
    assert.equal(states.filter((state) => state.kind === "ready").length, 1);
  });

  it("takes an idle model out of memory, and loads it again for the next question", async () => {
    const before = configuration().inspect<number>("model.idleMinutes")?.globalValue;
    await configuration().update("model.idleMinutes", 0.01, vscode.ConfigurationTarget.Global);
    try {
      await models.call("tokens", { ids: [1] });
      await until(() => models.state.kind === "idle", { what: "the model to be idle" });
      await assert.rejects(worker.call("tokens", { ids: [1] }), { code: "no-model" });
      assert.equal((await models.call("tokens", { ids: [1] })).length, 1);
      assert.equal(models.state.kind, "ready");
    } finally {
      await configuration().update("model.idleMinutes", before, vscode.ConfigurationTarget.Global);
    }
  });

  it("is told what this machine has", async () => {
    const { totalMemoryBytes, freeMemoryBytes, cores } = await worker.call("machine", {});
    assert.ok(totalMemoryBytes >= freeMemoryBytes && freeMemoryBytes > 0 && cores >= 1);
  });

  it("lists what is here, and shows it at once", async () => {
    let closed = false;
    void models.choose().finally(() => {
      closed = true;
    });
    // What is not there yet cannot be closed: how long it takes to be there is the machine's.
    await until(
      async () => {
        await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
        return closed;
      },
      { what: "the list to be closed" },
    );
    assert.notEqual(models.state.kind, "failed");
  });

  it("gives up waiting when asked, which is not an error", async () => {
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(models.ready(stopped.signal), { code: "cancelled" });
    assert.notEqual(models.state.kind, "failed");
  });
});
