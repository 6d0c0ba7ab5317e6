/** The experiments of lessons inside the extension host: lens and models asked through the exhibits' own protocol. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { CourseFiles } from "../../src/editor/lessons/courseFiles.js";
import { ExhibitHosts } from "../../src/editor/lessons/exhibitHosts.js";
import { ModelService } from "../../src/editor/models.js";
import { SessionCounts } from "../../src/editor/sessionUse.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { ExperimentHost } from "../../src/shared/panels/experiments.js";
import { builtWorkers } from "../builtWorkers.js";
import { chooseBuiltInModel } from "./builtInModels.js";

describe("The experiments of lessons in the extension host", function () {
  this.timeout(60_000);
  const extensionUri =
    vscode.extensions.getExtension("glassbox.glassbox")?.extensionUri ?? vscode.Uri.file(process.cwd());
  const disposables: vscode.Disposable[] = [];
  const counts = new SessionCounts();
  let hosts: ExhibitHosts;
  let log: vscode.LogOutputChannel;

  chooseBuiltInModel();

  before(() => {
    const onCall = (name: string) => ({ onCall: (request: string) => counts.count(name, request) });
    const model = builtWorkers.model(onCall("model"));
    const beside = builtWorkers.model(onCall("model"));
    const lens = builtWorkers.lens(onCall("lens"));
    const models = new ModelService(extensionUri, model);
    log = vscode.window.createOutputChannel("Experiments test", { log: true });
    disposables.push(model, beside, lens, models, log);
    hosts = new ExhibitHosts(models, lens, beside, counts);
  });

  after(() => {
    for (const disposable of disposables) disposable.dispose();
  });

  /** Asks an exhibit of a lesson, as its page would. */
  async function exhibitOf(lessonId: string, exhibitId: string) {
    const course = await new CourseFiles(vscode.Uri.joinPath(extensionUri, "media", "lessons"), log).course();
    const lesson = course.chapters.flatMap(({ lessons }) => lessons).find(({ id }) => id === lessonId);
    assert.ok(lesson, lessonId);
    hosts.show(lesson);
    return async <K extends keyof ExperimentHost & string>(
      method: K,
      params: ExperimentHost[K]["params"],
      signal: AbortSignal = new AbortController().signal,
      emit: (event: unknown) => void = () => {},
    ) =>
      (await hosts.call(
        { exhibitId, text: "", method, params },
        { signal, emit },
      )) as ExperimentHost[K]["result"];
  }

  it("read a text with the model, and look back from its last token with and without order", async () => {
    const ask = await exhibitOf("position", "shuffle");
    const { tokens, model } = await ask("read", { text: "Tom gave the ball to Lily" });
    assert.match(model.path, /stories15M/);
    const tokenIds = tokens.map(({ id }) => id);
    const counted = await ask("lookBack", { tokenIds, equalPositions: false });
    const equal = await ask("lookBack", { tokenIds, equalPositions: true });
    assert.equal(counted.attention.length, counted.layers * tokenIds.length);
    for (const { attention, layers } of [counted, equal]) {
      for (let layer = 0; layer < layers; layer++) {
        const row = attention.subarray(layer * tokenIds.length, (layer + 1) * tokenIds.length);
        const sum = row.reduce((all, weight) => all + weight, 0);
        assert.ok(Math.abs(sum - 1) < 0.01, `layer ${layer}: ${sum}`);
      }
    }
    assert.notDeepEqual([...counted.attention], [...equal.attention]);
    const { logits } = await ask("next", { tokenIds });
    const best = logits.indexOf(Math.max(...logits));
    assert.equal(
      counted.logits.indexOf(Math.max(...counted.logits)),
      best,
      "the lens agrees with the engine",
    );
    const [named] = await ask("nameTokens", { ids: [best] });
    assert.ok(named && named.text.length > 0);
  });

  it("let the built-in model go on with a text, piece by piece, the same for the same seed", async () => {
    const ask = await exhibitOf("three-schools", "both");
    const request = {
      prompt: "Once upon a time",
      maxTokens: 12,
      temperature: 0,
      seed: 1,
      stopTexts: [],
    };
    const events: unknown[] = [];
    const once = await ask("writeBuiltIn", request, undefined, (event) => events.push(event));
    const twice = await ask("writeBuiltIn", request);
    assert.equal(once.tokens.length, 12);
    assert.equal(events.length, 12);
    assert.equal(once.text, twice.text);
    const other = await ask("writeBuiltIn", { ...request, prompt: "The dog was" });
    assert.notEqual(other.text, once.text);
  });

  it("count what the session did, and what its last request left in memory", async () => {
    const ask = await exhibitOf("llm-os", "machine");
    const before = await ask("sessionUse", {});
    const { tokens } = await ask("read", { text: "one two three" });
    await ask("next", { tokenIds: tokens.map(({ id }) => id) });
    const after = await ask("sessionUse", {});
    const countOf = (use: typeof before, name: string) =>
      use.devices.find(({ device }) => device === "model")?.requests.find((request) => request.name === name)
        ?.count ?? 0;
    assert.equal(countOf(after, "next"), countOf(before, "next") + 1);
    assert.equal(after.inMemory, tokens.length);
    assert.ok(after.written >= 36, `${after.written} tokens were written above`);
  });

  it("stop when they are cancelled, and refuse what is no request of theirs", async () => {
    const ask = await exhibitOf("three-schools", "both");
    const abort = new AbortController();
    const writing = ask(
      "writeBuiltIn",
      { prompt: "Once", maxTokens: 200, temperature: 0, seed: 1, stopTexts: [] },
      abort.signal,
      () => abort.abort(),
    );
    await assert.rejects(writing, (error) => GlassboxError.from(error).code === "cancelled");
    await assert.rejects(async () => ask("attend" as "next", { tokenIds: [] }), /does not answer/);
  });
});
