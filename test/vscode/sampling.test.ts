/** The sampling panel's host side inside the extension host, with the real worker and the built-in model. */

import assert from "node:assert/strict";
import { basename } from "node:path";
import * as vscode from "vscode";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { BUILT_IN_MODEL, ModelService } from "../../src/editor/models.js";
import { MOST_CHARACTERS, samplingHandlers } from "../../src/editor/sampling/samplingHandlers.js";
import type { SamplingHost, SamplingPrompt, SamplingSource } from "../../src/shared/panels/sampling.js";
import type { HandlerContext } from "../../src/shared/rpc.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { until } from "../ui/harness/until.js";
import { panelTabs } from "./tabs.js";

describe("Sampling in the extension host", function () {
  this.timeout(60_000);
  const root = vscode.Uri.file(process.cwd());
  const context: HandlerContext<never> = { signal: new AbortController().signal, emit: () => {} };
  let worker: WorkerClient<ModelProtocol>;
  let models: ModelService;

  before(() => {
    const extension = vscode.extensions.getExtension("glassbox.glassbox");
    const extensionUri = extension?.extensionUri ?? root;
    worker = builtWorkers.model();
    models = new ModelService(extensionUri, worker);
  });

  after(() => {
    models.dispose();
    worker.dispose();
  });

  const handlersFor = (text: string, change: Partial<SamplingSource> = {}) =>
    samplingHandlers(
      models,
      () => ({
        fileName: "a.txt",
        firstLine: 0,
        lastLine: 0,
        text,
        languageId: "plaintext",
        scope: "given",
        cutAtStart: false,
        ...change,
      }),
      () => {},
    );

  async function promptOf(text: string): Promise<SamplingPrompt> {
    const answer = await handlersFor(text).prompt({}, context);
    assert.equal(answer.kind, "prompt");
    return (answer as Extract<SamplingHost["prompt"]["result"], { kind: "prompt" }>).prompt;
  }

  async function distributionAfter(text: string) {
    const prompt = await promptOf(text);
    const { logits } = await handlersFor(text).next({ tokenIds: prompt.tokens.map(({ id }) => id) }, context);
    return { prompt, candidates: candidatesOf(logits) };
  }

  it("gives every token of the vocabulary a probability; together they are 1", async () => {
    const { prompt, candidates } = await distributionAfter("Once upon a time, there was a little");
    assert.equal(basename(prompt.model.path), BUILT_IN_MODEL);
    assert.equal(prompt.builtIn, true);
    assert.equal(candidates.ids.length, prompt.model.vocabularySize);
    assert.equal(new Set(candidates.ids).size, candidates.ids.length);
    assert.ok(Math.abs(candidates.probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-9);
    const [best] = await handlersFor("").tokens({ ids: [candidates.ids[0] ?? -1] }, context);
    assert.equal(new TextDecoder().decode(best?.bytes), " girl");
  });

  it("changes with the text", async () => {
    const one = await distributionAfter("The cat sat on the");
    const other = await distributionAfter("She said: I love");
    assert.notEqual(one.candidates.ids[0], other.candidates.ids[0]);
    const again = await distributionAfter("The cat sat on the");
    assert.equal(again.candidates.ids[0], one.candidates.ids[0]);
    assert.ok(
      Math.abs((again.candidates.probabilities[0] ?? 0) - (one.candidates.probabilities[0] ?? 1)) < 1e-3,
    );
  });

  it("begins with the model's BOS, also when there is no text at all", async () => {
    const prompt = await promptOf("");
    assert.equal(prompt.tokens.length, 1);
    assert.equal(prompt.tokens[0]?.name, "<s>");
    assert.equal(prompt.cut, false);
  });

  it("takes the end of a text that does not fit, and says so", async () => {
    const prompt = await promptOf(`${"They went to the park. ".repeat(2000)}Then Tom saw a big`);
    assert.equal(prompt.cut, true);
    assert.equal(prompt.tokens[0]?.name, "<s>");
    assert.ok(prompt.tokens.length <= prompt.model.contextSize - 64);
    assert.equal(new TextDecoder().decode(prompt.tokens.at(-1)?.bytes), " big");
    const whole = "😀".repeat(MOST_CHARACTERS);
    assert.ok((await promptOf(whole)).tokens.every(({ name }) => !name.includes("\ufffd")));
  });

  it("has an answer when no editor has been used", async () => {
    const handlers = samplingHandlers(
      models,
      () => undefined,
      () => {},
    );
    assert.deepEqual(await handlers.prompt({}, context), { kind: "no-text" });
  });

  it("opens one panel, beside the text, and only one", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "Once upon a time" });
    await vscode.window.showTextDocument(document);
    const panels = () => panelTabs("sampling");
    await vscode.commands.executeCommand("glassbox.showSampling");
    await vscode.commands.executeCommand("glassbox.showSampling");
    await until(() => panels().length > 0, { what: "the panel's tab" });
    assert.equal(panels().length, 1);
    await vscode.window.tabGroups.close(panels());
  });
});
