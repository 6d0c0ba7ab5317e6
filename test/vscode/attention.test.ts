/** The attention panel's host side inside the extension host, with the real workers and the built-in model. */

import assert from "node:assert/strict";
import { basename } from "node:path";
import * as vscode from "vscode";
import { probabilities } from "../../src/core/lens/agreement.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import {
  type AttentionSurface,
  attentionHandlers,
  MOST_TOKENS,
} from "../../src/editor/attention/attentionHandlers.js";
import { documentText, textAfter } from "../../src/editor/attention/documentText.js";
import { FollowCaret } from "../../src/editor/attention/followCaret.js";
import { BUILT_IN_MODEL, ModelService } from "../../src/editor/models.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type {
  AttentionEvent,
  AttentionHost,
  AttentionSubject,
  HeadCut,
  StreamReading,
} from "../../src/shared/panels/attention.js";
import type { Handlers } from "../../src/shared/rpc.js";
import type { EngineAgreement } from "../../src/shared/types.js";
import type { LensProtocol, LensRun, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { until } from "../ui/harness/until.js";
import { panelTabs } from "./tabs.js";

const STORY =
  "Once upon a time, there was a little girl named Lily. She loved to play outside. One day, Lily saw a big red ball.";

describe("Attention in the extension host", function () {
  this.timeout(60_000);
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;
  let models: ModelService;

  before(() => {
    const extensionUri =
      vscode.extensions.getExtension("glassbox.glassbox")?.extensionUri ?? vscode.Uri.file(process.cwd());
    model = builtWorkers.model();
    lens = builtWorkers.lens();
    models = new ModelService(extensionUri, model);
  });

  after(() => {
    models.dispose();
    model.dispose();
    lens.dispose();
  });

  const surfaceOf = (text: string): AttentionSurface => ({
    text: () => ({ text, source: { fileName: "a.txt", firstLine: 0, lastLine: 0, chosen: "selection" } }),
    light: () => {},
    point: () => {},
    reveal: () => {},
    takeSelection: () => {},
    useBuiltInModel: async () => {},
  });

  interface Ran {
    host: Handlers<AttentionHost>;
    run: LensRun;
    subject: AttentionSubject;
    /** Layers in the order in which they were finished. */
    layers: number[];
  }

  async function runOn(text: string): Promise<Ran> {
    const host = attentionHandlers(models, lens, surfaceOf(text));
    const events: AttentionEvent[] = [];
    const run = await host.attend(
      {},
      { signal: new AbortController().signal, emit: (event) => void events.push(event) },
    );
    const subject = events.find((event) => event.kind === "subject")?.subject;
    assert.ok(subject);
    return {
      host,
      run,
      subject,
      layers: events.flatMap((event) => (event.kind === "layer" ? [event.layer] : [])),
    };
  }

  const quiet = { signal: new AbortController().signal, emit: () => {} };

  it("hands out every layer and head: causal, and each row sums to 1", async () => {
    const { host, run, subject, layers } = await runOn(STORY);
    const count = subject.tokens.length;
    assert.equal(basename(subject.model.path), BUILT_IN_MODEL);
    assert.equal(run.tokenCount, count);
    assert.deepEqual(layers, [0, 1, 2, 3, 4, 5]);
    for (const layer of layers) {
      const packed = await host.layer({ layer }, quiet);
      assert.equal(packed.headCount, run.headCount);
      for (let head = 0; head < packed.headCount; head++) {
        const square = unpackHead(packed, head);
        for (let query = 0; query < count; query++) {
          const row = square.subarray(query * count, (query + 1) * count);
          const sum = row.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - 1) < 1e-3, `layer ${layer}, head ${head}, row ${query} sums to ${sum}`);
          assert.ok(row.subarray(query + 1).every((weight) => weight === 0));
        }
      }
    }
  });

  it("agrees with llama.cpp at every position to 0.05, as the engine really runs (Q8_0)", async () => {
    const { host, subject } = await runOn(STORY);
    const seen: EngineAgreement[] = [];
    const { agreement } = await host.agree({}, { ...quiet, emit: (soFar) => void seen.push(soFar) });
    console.log(
      `      largest probability difference ${agreement.maxProbabilityDifference.toExponential(1)}, ` +
        `same top token at ${agreement.top1Agreements} of ${agreement.positions}`,
    );
    assert.equal(agreement.positions, subject.tokens.length);
    assert.ok(agreement.maxProbabilityDifference < 0.05, `${agreement.maxProbabilityDifference}`);
    assert.ok(agreement.maxProbabilityDifference > 0, "two computations are compared, not one with itself");
    assert.deepEqual(
      seen.map(({ positions }) => positions),
      subject.tokens.map((_, index) => index + 1),
    );
  });

  it("says at the end of the stream what llama.cpp predicts, and names what each layer would", async () => {
    const { host, subject, run } = await runOn(STORY);
    const readings: StreamReading[] = [];
    const { cache, tokens } = await host.streams(
      {},
      { ...quiet, emit: (reading) => void readings.push(reading) },
    );
    assert.equal(readings.length, run.layerCount + 1);
    const names = new Set(tokens.map(({ id }) => id));
    assert.ok(readings.every(({ top }) => top.every((id) => names.has(id))));
    assert.equal(cache.numbers, subject.tokens.length * run.layerCount * cache.kvHeads * cache.headDim * 2);
    const [end] = readings;
    const last = subject.tokens.length - 1;
    const { logits } = await models.call("next", { tokenIds: subject.tokens.map(({ id }) => id) });
    const expected = probabilities(logits);
    assert.equal(end?.top[last], expected.indexOf(Math.max(...expected)));
    assert.ok(Math.abs((end?.topProbability[last] ?? 0) - Math.max(...expected)) < 0.05);
    assert.ok(readings.slice(1).every(({ attentionEntropy }) => (attentionEntropy ?? 0) > 0));
  });

  it("moves nothing when nothing is cut, and names what moves when a head is", async () => {
    const { host, subject } = await runOn(STORY);
    const position = subject.tokens.length - 1;
    const nothing = await host.cut({ cuts: [], position }, quiet);
    assert.equal(nothing.effect.klBits, 0);
    const cut = await host.cut({ cuts: [{ kind: "head", layer: 0, head: 0 }], position }, quiet);
    assert.ok(cut.effect.klBits > 0);
    assert.deepEqual(
      cut.tokens.map(({ id }) => id),
      cut.effect.changes.map(({ id }) => id),
    );
    const all: HeadCut[] = [];
    await host.cutEachHead({ position }, { ...quiet, emit: (one) => void all.push(one) });
    assert.equal(all.length, 36);
    assert.equal(all[0]?.klBits, cut.effect.klBits);
  });

  it("places every token in the text, BOS before it", async () => {
    const text = "naïve 🙂 日本";
    const { subject } = await runOn(text);
    const [bos, ...rest] = subject.tokens;
    assert.ok(bos?.special && bos.start === bos.end);
    const bytes = Buffer.concat(rest.map((token) => token.bytes)).toString();
    assert.equal(bytes.trimStart(), text);
    assert.equal(rest.at(-1)?.end, text.length);
  });

  it("works on a single token", async () => {
    const { host, subject } = await runOn("");
    assert.equal(subject.tokens.length, 1);
    assert.deepEqual([...unpackHead(await host.layer({ layer: 0 }, quiet), 0)], [1]);
  });

  it("cuts a long selection at the stated length, says how long it was, and can still be compared", async () => {
    const { host, subject, run } = await runOn(STORY.repeat(20));
    const most = Math.min(MOST_TOKENS, subject.model.contextSize - 1);
    assert.equal(subject.limit, most);
    assert.equal(subject.limitedBy, "context");
    assert.equal(subject.tokens.length, most);
    assert.equal(run.tokenCount, most);
    assert.ok(subject.totalTokens > 500 && !subject.totalIsLowerBound);
    // Too long a text would be refused at once; all 255 positions would take a while.
    const abort = new AbortController();
    await assert.rejects(
      async () => host.agree({}, { signal: abort.signal, emit: () => abort.abort() }),
      (error) => error instanceof GlassboxError && error.code === "cancelled" && abort.signal.aborted,
    );
  });

  it("counts no further than it must in a selection of megabytes", async () => {
    const { subject } = await runOn(STORY.repeat(20_000));
    assert.equal(subject.tokens.length, subject.limit);
    assert.equal(subject.totalIsLowerBound, true);
  });

  it("stops when asked, and says so and nothing else", async () => {
    const host = attentionHandlers(models, lens, surfaceOf(STORY));
    const abort = new AbortController();
    const stopped = host.attend(
      {},
      {
        signal: abort.signal,
        emit: ({ kind }) => {
          if (kind === "subject") abort.abort();
        },
      },
    );
    await assert.rejects(
      async () => stopped,
      (error) => error instanceof GlassboxError && error.code === "cancelled",
    );
    const { layers } = await runOn(STORY);
    assert.equal(layers.length, 6, "the next run is not harmed");
  });

  it("takes the selection, or the paragraph around the caret where nothing is selected", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "one\n\n  two\nthree\n\nfour" });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(2, 2, 3, 2);
    assert.deepEqual(documentText(editor), {
      document,
      text: "two\nth",
      offset: 7,
      source: { fileName: basename(document.uri.path), firstLine: 2, lastLine: 3, chosen: "selection" },
    });
    editor.selection = new vscode.Selection(3, 1, 3, 1);
    assert.equal(documentText(editor)?.text, "two\nthree");
    assert.equal(documentText(editor)?.source.chosen, "paragraph");
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    assert.equal(documentText(editor), undefined);
  });

  it("keeps the text's place through edits before and after it, and gives it up when it is touched", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "one\n\ntwo three\n\nfour" });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(2, 0, 2, 9);
    let text = documentText(editor);
    assert.ok(text);
    const listening = vscode.workspace.onDidChangeTextDocument((event) => {
      text = text && textAfter(text, event);
    });
    const edit = (change: (builder: vscode.TextEditorEdit) => void) => editor.edit(change);
    const stands = () => text && document.getText().slice(text.offset, text.offset + text.text.length);
    try {
      await edit((builder) => builder.insert(new vscode.Position(0, 0), "// first\n"));
      assert.equal(stands(), "two three");
      await edit((builder) => {
        builder.delete(new vscode.Range(0, 0, 1, 0));
        builder.insert(new vscode.Position(5, 4), " five");
      });
      assert.equal(stands(), "two three");
      assert.equal(text?.offset, 5);
      await edit((builder) => builder.insert(new vscode.Position(2, 0), "zero "));
      assert.equal(stands(), "two three");
      await edit((builder) => builder.insert(new vscode.Position(2, 7), "x"));
      assert.equal(text, undefined);
    } finally {
      listening.dispose();
    }
  });

  it("tells which token the caret has come into, and nothing while it stays or is not followed", async () => {
    const { subject } = await runOn(STORY);
    const document = await vscode.workspace.openTextDocument({ content: `before\n\n${STORY}` });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(2, 0, 2, STORY.length);
    const text = documentText(editor);
    assert.ok(text);
    const told: (number | undefined)[] = [];
    const follow = new FollowCaret({
      onToken: (token) => told.push(token),
      onNothing: () => told.push(undefined),
    });
    try {
      const caret = async (line: number, column: number) => {
        const place = new vscode.Position(line, column);
        if (editor.selection.isEmpty && editor.selection.active.isEqual(place)) return;
        const moved = new Promise<void>((resolve) => {
          const listening = vscode.window.onDidChangeTextEditorSelection(({ selections: [now] }) => {
            // The editor may still tell of where it was before.
            if (!now?.isEmpty || !now.active.isEqual(place)) return;
            listening.dispose();
            // Those who listened before have heard of it too.
            setTimeout(resolve, 0);
          });
        });
        editor.selection = new vscode.Selection(place, place);
        await moved;
      };
      follow.setText(text);
      follow.setTokens(subject.tokens);
      await caret(2, 3);
      assert.deepEqual(told, [], "it is off");
      follow.on = true;
      const upon = subject.tokens.findIndex(({ start, end }) => start <= 4 && 4 < end);
      await caret(2, 6);
      await caret(2, 7);
      await caret(0, 0);
      await caret(2, STORY.length);
      assert.deepEqual(told, [1, upon, undefined, subject.tokens.length - 1]);
      follow.setText(undefined);
      await caret(2, 0);
      assert.equal(told.length, 4, "the text has changed");
    } finally {
      follow.dispose();
    }
  });

  it("opens one panel beside the editor, whatever the number of calls", async () => {
    const document = await vscode.workspace.openTextDocument({ content: STORY });
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const panels = () => panelTabs("attention");
    for (let call = 0; call < 2; call++) await vscode.commands.executeCommand("glassbox.showAttention");
    await until(() => panels().length > 0, { what: "the panel's tab" });
    assert.equal(panels().length, 1);
    assert.ok(await vscode.window.tabGroups.close(panels()));
    await until(() => panels().length === 0, { what: "the panel to close" });
  });
});
