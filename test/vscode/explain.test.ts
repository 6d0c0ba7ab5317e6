/** The explanation inside the extension host: the text it takes, its lines, its panel, and a killed model. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { chooseText } from "../../src/editor/explain/chooseText.js";
import { ExplainFeature } from "../../src/editor/explain/explainFeature.js";
import { languageFacts } from "../../src/editor/explain/languageFacts.js";
import { StepLines } from "../../src/editor/explain/stepLines.js";
import { ModelService } from "../../src/editor/models.js";
import type { ModelProtocol, SandboxProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { watchConnections, watchedWorker } from "../connections.js";
import { INJECTION_TEXTS } from "../core/explain/injectionTexts.js";
import { until } from "../ui/harness/until.js";
import { panelEnvironment } from "./panelEnvironment.js";
import { panelTabs, untilTab } from "./tabs.js";

describe("The explanation in the extension host", function () {
  this.timeout(60_000);
  const extensionUri =
    vscode.extensions.getExtension("glassbox.glassbox")?.extensionUri ?? vscode.Uri.file(process.cwd());
  let modelWorker: WorkerClient<ModelProtocol>;
  let sandbox: WorkerClient<SandboxProtocol>;
  const watched = { model: watchedWorker(), sandbox: watchedWorker() };

  before(() => {
    modelWorker = builtWorkers.model({ ...watched.model.options, onCrash: (error) => models.crashed(error) });
    sandbox = builtWorkers.sandbox(watched.sandbox.options);
    models = new ModelService(vscode.Uri.file(process.cwd()), modelWorker);
  });

  let models: ModelService;

  after(() => {
    models.dispose();
    modelWorker.dispose();
    sandbox.dispose();
  });

  describe("the text that is explained", () => {
    async function editorWith(content: string, selection: vscode.Selection): Promise<vscode.TextEditor> {
      const document = await vscode.workspace.openTextDocument({ content, language: "plaintext" });
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = selection;
      return editor;
    }

    afterEach(() => vscode.commands.executeCommand("workbench.action.closeActiveEditor"));

    it("is the selection, from the start of its first line", async () => {
      const editor = await editorWith("  a\n  b\n  c\n", new vscode.Selection(0, 2, 2, 0));
      const subject = await chooseText(editor, sandbox);
      assert.equal(subject?.text, "  a\n  b");
      assert.deepEqual([subject?.firstLine, subject?.lastLine, subject?.notes.length], [0, 1, 0]);
    });

    it("is the paragraph around the caret where nothing is selected, and the panel says so", async () => {
      const editor = await editorWith("one\n\ntwo\nthree\n\nfour", new vscode.Selection(3, 1, 3, 1));
      const subject = await chooseText(editor, sandbox);
      assert.equal(subject?.text, "two\nthree");
      assert.equal(subject?.firstLine, 2);
      assert.match(subject?.notes[0] ?? "", /Nothing was selected/);
    });

    it("is nothing on a blank line", async () => {
      const editor = await editorWith("one\n\n\n\ntwo", new vscode.Selection(2, 0, 2, 0));
      assert.equal(await chooseText(editor, sandbox), undefined);
    });

    it("is cut at a stated length", async () => {
      const content = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join("\n");
      const editor = await editorWith(content, new vscode.Selection(0, 0, 999, 0));
      const subject = await chooseText(editor, sandbox);
      assert.equal(subject?.lastLine, 399);
      assert.match(subject?.notes.join(" ") ?? "", /first 400 of the 999/);
    });

    it("is offered for explanation in the light-bulb menu, where something is selected", async () => {
      const editor = await editorWith("one two", new vscode.Selection(0, 0, 0, 3));
      const actionsOn = async (range: vscode.Range) =>
        (
          await vscode.commands.executeCommand<vscode.CodeAction[]>(
            "vscode.executeCodeActionProvider",
            editor.document.uri,
            range,
          )
        ).filter(({ command }) => command?.command === "glassbox.explainSelection");
      assert.equal((await actionsOn(editor.selection)).length, 1);
      assert.equal((await actionsOn(new vscode.Range(0, 1, 0, 1))).length, 0);
    });

    it("stays linked to its lines when lines are added above it", async () => {
      const editor = await editorWith("a\nb\nc\n", new vscode.Selection(0, 0, 0, 0));
      const lines = new StepLines();
      const moves: { lines: { first: number; last: number }[]; edited: boolean }[] = [];
      lines.onDidMove((move) => moves.push(move));
      lines.set(editor.document, [{ first: 1, last: 1 }]);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "new\nlines\n"));
      assert.deepEqual(moves, [{ lines: [{ first: 3, last: 3 }], edited: false }]);
      await lines.goTo(0);
      assert.equal(vscode.window.activeTextEditor?.document.getText(editor.selection), "b");
      await editor.edit((edit) => edit.insert(new vscode.Position(3, 1), "!"));
      assert.equal(moves.at(-1)?.edited, true);
      lines.dispose();
    });
  });

  describe("the panel", () => {
    let feature: ExplainFeature;
    let log: vscode.LogOutputChannel;

    before(() => {
      log = vscode.window.createOutputChannel("Glassbox explain test", { log: true });
      feature = new ExplainFeature(panelEnvironment(extensionUri, models), models, sandbox, log);
    });

    after(async () => {
      feature.dispose();
      log.dispose();
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    });

    it("opens beside the editor, and a second selection ends the first", async () => {
      const document = await vscode.workspace.openTextDocument({ content: "Once upon a time\n\nthere was" });
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(0, 0, 0, 16);
      const first = feature.explainSelection();
      editor.selection = new vscode.Selection(2, 0, 2, 9);
      const second = feature.explainSelection();
      await Promise.all([first, second]);
      assert.equal(panelTabs("explain").length, 1);
      assert.equal(feature.explanation?.state.subject.text, "there was");
      assert.equal(
        feature.explanation?.state.phase,
        "done",
        JSON.stringify(feature.explanation?.state.error),
      );
      assert.ok((feature.explanation?.state.answers.continuation?.tokens.length ?? 0) > 0);
    });

    it("waits for the reader where there is a function to run", async () => {
      const document = await vscode.workspace.openTextDocument({
        language: "javascript",
        content: "function twice(n) {\n  return 2 * n;\n}\n",
      });
      const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
      editor.selection = new vscode.Selection(0, 0, 3, 0);
      await feature.explainSelection();
      const { state } = feature.explanation!;
      assert.equal(state.phase, "ready");
      assert.deepEqual(
        state.functions.map(({ name }) => name),
        ["twice"],
      );
      assert.deepEqual(state.answers, {});
    });

    describe("the facts from the editor", () => {
      // No language server of its own: what is told comes from the providers here.
      async function placedStep() {
        const document = await vscode.workspace.openTextDocument({
          language: "plaintext",
          content: "total = total + price\n",
        });
        const step = {
          index: 0,
          kind: "assignment",
          start: 0,
          end: 21,
          firstLine: 0,
          lastLine: 0,
          title: "total = total + price",
        };
        return { document, placed: [{ step, lines: { first: 0, last: 0 } }] };
      }

      it("are types and diagnostics of the step's lines", async () => {
        const { document, placed } = await placedStep();
        const hover = vscode.languages.registerHoverProvider("plaintext", {
          provideHover: (_document, position) => {
            const word = document.getText(document.getWordRangeAtPosition(position));
            return new vscode.Hover(new vscode.MarkdownString(`\`\`\`js\nlet ${word}: number\n\`\`\``));
          },
        });
        const diagnostics = vscode.languages.createDiagnosticCollection("glassbox test");
        diagnostics.set(document.uri, [
          new vscode.Diagnostic(new vscode.Range(0, 0, 0, 5), "Doubling is suspicious."),
        ]);
        try {
          const facts = await languageFacts(document, placed, new AbortController().signal);
          assert.deepEqual(facts.map(({ source, statement }) => `${source}: ${statement}`).sort(), [
            "diagnostic: error: Doubling is suspicious.",
            "type: let price: number",
            "type: let total: number",
          ]);
          await assert.rejects(languageFacts(document, placed, AbortSignal.abort()), { code: "cancelled" });
        } finally {
          hover.dispose();
          diagnostics.dispose();
        }
      });

      it("are what the TypeScript server says of a file", async () => {
        const [folder] = vscode.workspace.workspaceFolders ?? [];
        const document = await vscode.workspace.openTextDocument(
          vscode.Uri.joinPath(folder!.uri, "src", "sum.ts"),
        );
        const lines = { first: 2, last: 5 };
        const start = document.offsetAt(new vscode.Position(lines.first, 0));
        const end = document.offsetAt(new vscode.Position(lines.last + 1, 0));
        const step = { index: 0, kind: "loop", start, end, firstLine: lines.first, lastLine: lines.last };
        const placed = [{ step: { ...step, title: "the sum" }, lines }];
        // It starts with the first file of its kind, and is not waited for longer than an explanation may.
        const facts = await until(
          async () => {
            const found = await languageFacts(document, placed, new AbortController().signal);
            return found.length === 3 && found;
          },
          { what: "the types of three names", timeoutMs: 45_000 },
        );
        assert.deepEqual(
          facts.map(
            ({ source, verdict, statement, tool }) => `${source}, ${verdict}: ${statement} (${tool})`,
          ),
          [
            "type, verified: let total: number (language server)",
            "type, verified: const value: number (language server)",
            "type, verified: (parameter) values: number[] (language server)",
          ],
        );
        assert.match(facts[0]!.evidence, /“total” is hovered, line 3$/);
      });

      it("are waited for no longer than they may take", async () => {
        const { document, placed } = await placedStep();
        const hover = vscode.languages.registerHoverProvider("plaintext", {
          provideHover: () => new Promise<vscode.Hover>(() => {}),
        });
        try {
          const startedAt = performance.now();
          assert.deepEqual(await languageFacts(document, placed, new AbortController().signal), []);
          assert.ok(performance.now() - startedAt < 3000);
        } finally {
          hover.dispose();
        }
      });
    });

    it("tries to reach nobody while it explains texts that ask for it", async () => {
      const texts = INJECTION_TEXTS.filter(({ where }) => where !== "file-name" && where !== "tool-result");
      const here = watchConnections();
      try {
        for (const { text } of texts) {
          const document = await vscode.workspace.openTextDocument({ content: text });
          const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
          editor.selection = new vscode.Selection(0, 0, document.lineCount, 0);
          const before = feature.explanation;
          const run = feature.explainSelection();
          const state = await until(
            () => {
              const { explanation } = feature;
              if (explanation === before || !explanation) return undefined;
              const { answers, error } = explanation.state;
              if (error) throw new Error(error.message);
              return (answers.continuation?.tokens.length ?? 0) > 0 && explanation.state;
            },
            { what: `the first word about ${text}` },
          );
          feature.explanation?.stop();
          await run;
          assert.equal(state.subject.text, text);
          assert.ok(state.attempts.length > 0, text);
        }
      } finally {
        here.stop();
      }
      assert.deepEqual(
        { here: here.tried, model: watched.model.tried, sandbox: watched.sandbox.tried },
        { here: [], model: [], sandbox: [] },
      );
    });

    it("outlives the model's process, says that it died, and goes on", async () => {
      const explanation = feature.explanation!;
      const run = explanation.explain(true);
      while ((explanation.state.answers.continuation?.tokens.length ?? 0) < 2) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      process.kill(modelWorker.pid!, "SIGKILL");
      await run;
      assert.equal(explanation.state.phase, "failed");
      assert.match(explanation.state.error?.message ?? "", /SIGKILL/);
      assert.equal(panelTabs("explain").length, 1);
      await explanation.explain(false);
      assert.equal(explanation.state.phase, "done", JSON.stringify(explanation.state.error));
    });

    it("shows what was sent in a panel of its own", async () => {
      await feature.showWhatWasSent();
      await untilTab("What Was Sent");
      assert.equal(panelTabs("explain").length, 1);
    });
  });
});
