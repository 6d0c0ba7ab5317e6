/** What Would an Edit Save inside the extension host: from the list over the preview to one step of Undo. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { type Measured, measureSavings } from "../../src/editor/savings/measure.js";
import { SavingsPreview } from "../../src/editor/savings/savingsPreview.js";
import { safetyText, savingText } from "../../src/editor/savings/wording.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { isCancelled } from "../../src/shared/errors.js";
import type { SandboxProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { until } from "../ui/harness/until.js";

const JSON_TEXT = `${JSON.stringify({ list: [1, 2, 3], name: "größe 🦜", deep: { a: { b: [] } } }, null, 4)}\n`;

describe("What an edit would save, in the extension host", function () {
  this.timeout(60_000);
  let sandbox: WorkerClient<SandboxProtocol>;
  let tokenizers: Tokenizers;

  before(() => {
    tokenizers = new Tokenizers(vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri);
    sandbox = builtWorkers.sandbox();
  });

  after(() => sandbox.dispose());
  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  const open = async (content: string, language: string) =>
    vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));

  const measure = async (
    text: string,
    languageId: string,
    signal = new AbortController().signal,
  ): Promise<Measured> =>
    measureSavings(sandbox, {
      text,
      languageId,
      start: 0,
      end: text.length,
      whole: true,
      tokenizer: await tokenizers.get("o200k_base"),
      signal,
      onProgress: () => {},
    });

  it("measures each edit with the tokenizer, and sorts by what it saves", async () => {
    const { before, edits } = await measure(JSON_TEXT, "json");
    const tokenizer = await tokenizers.get("o200k_base");
    assert.equal(before, tokenizer.encode(JSON_TEXT).length);
    const minified = edits.find(({ kind }) => kind.name === "jsonLayout" && kind.style === "minified");
    const expected = before - tokenizer.encode(`${JSON.stringify(JSON.parse(JSON_TEXT))}\n`).length;
    assert.ok(expected > 10);
    assert.equal(minified?.saved, expected);
    const savings = edits.map(({ saved }) => saved);
    assert.deepEqual(
      savings,
      [...savings].sort((a, b) => b - a),
    );
  });

  it("joins the checked edits that save, and measures them together", async () => {
    const text = "function f() {\n    if (a) {\n        b();   \n    }\n\n\n\n}\n".repeat(30);
    const { edits } = await measure(text, "typescript");
    const [first] = edits;
    assert.equal(first?.kind.name, "together");
    assert.deepEqual(first?.safety, { kind: "same", compared: "syntax" });
    assert.ok(first!.saved >= Math.max(...edits.slice(1).map(({ saved }) => saved)));
  });

  it("has nothing to offer for a text without layout, and says so of edits that cost", async () => {
    assert.deepEqual((await measure("word", "plaintext")).edits, []);
    const costly = {
      kind: { name: "rulers" },
      safety: { kind: "unchecked", why: "no grammar" },
      edits: [],
    } as const;
    assert.equal(savingText({ ...costly, edits: [], saved: -13 }, 100), "costs 13 tokens more");
    assert.equal(savingText({ ...costly, edits: [], saved: 0 }, 100), "saves nothing");
    assert.equal(savingText({ ...costly, edits: [], saved: 5 }, 200), "saves 5 tokens (2.5 %)");
    assert.match(safetyText(costly.safety), /^Not checked/);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const measuring = measure("x = [1, 2]   \n".repeat(100_000), "plaintext", stop.signal);
    setTimeout(() => stop.abort(), 5);
    await assert.rejects(measuring, isCancelled);
  });

  it("previews the chosen edit, changes nothing unasked, and applies it as one step of Undo", async () => {
    const editor = await open(JSON_TEXT, "json");
    const { document } = editor;
    void vscode.commands.executeCommand("glassbox.showSavings");
    // The list fills when all is measured; before that there is nothing to accept.
    const diff = await until(
      () => {
        void vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof vscode.TabInputTextDiff && input;
      },
      { what: "the preview" },
    );
    assert.equal(diff.original.toString(), document.uri.toString());
    const preview = await vscode.workspace.openTextDocument(diff.modified);
    assert.equal(preview.languageId, "json");
    assert.equal(preview.getText(), `${JSON.stringify(JSON.parse(JSON_TEXT))}\n`);
    assert.equal(document.getText(), JSON_TEXT);
    await vscode.commands.executeCommand("glassbox.applySaving");
    assert.equal(document.getText(), preview.getText());
    assert.equal(vscode.window.activeTextEditor?.document, document);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), JSON_TEXT);
  });

  it("measures the cell that is selected, and shows it in its notebook again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "glassbox-savings-"));
    const source = "if total:   \n    if more:   \n        print(total)   \n";
    const cellOf = (text: string) => ({
      ...{ cell_type: "code", execution_count: null, metadata: {}, outputs: [] },
      source: text.split(/(?<=\n)/),
    });
    const file = join(folder, "tale.ipynb");
    const kernel = { display_name: "Python 3", language: "python", name: "python3" };
    await writeFile(
      file,
      JSON.stringify({
        cells: [cellOf("first = 1"), cellOf(source)],
        metadata: { kernelspec: kernel, language_info: { name: "python" } },
        ...{ nbformat: 4, nbformat_minor: 5 },
      }),
    );
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
    await vscode.window.showNotebookDocument(notebook, { selections: [new vscode.NotebookRange(1, 2)] });
    const { document } = notebook.cellAt(1);
    assert.equal(document.getText(), source);
    void vscode.commands.executeCommand("glassbox.showSavings");
    const diff = await until(
      () => {
        void vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
        const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
        return tab?.input instanceof vscode.TabInputTextDiff && { ...tab.input, label: tab.label };
      },
      { what: "the preview" },
    );
    assert.equal(diff.original.toString(), document.uri.toString());
    assert.match(diff.label, /^cell 2 of tale\.ipynb: /);
    const preview = await vscode.workspace.openTextDocument(diff.modified);
    assert.equal(preview.languageId, "python");
    assert.notEqual(preview.getText(), source);
    assert.equal(document.getText(), source, "nothing is changed unasked");
    await vscode.commands.executeCommand("glassbox.applySaving");
    assert.equal(document.getText(), preview.getText());
    assert.equal(notebook.cellAt(0).document.getText(), "first = 1");
    await until(() => vscode.window.activeNotebookEditor?.notebook === notebook, { what: "the notebook" });
    assert.equal(vscode.window.activeNotebookEditor?.selection.start, 1);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await rm(folder, { recursive: true });
  });

  it("changes line endings and spaces in one step", async () => {
    // A file: an untitled document may take over the line endings of the last one, which had the same name.
    const folder = await mkdtemp(join(tmpdir(), "glassbox-savings-"));
    await writeFile(join(folder, "a.txt"), "a  \r\nb\r\n");
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(join(folder, "a.txt")));
    assert.equal(document.eol, vscode.EndOfLine.CRLF);
    const text = document.getText();
    const preview = new SavingsPreview();
    const edits = [
      { start: 1, end: 3, text: "" },
      { start: 3, end: 4, text: "" },
      { start: 6, end: 7, text: "" },
    ];
    const kind = { name: "together", count: 2 } as const;
    const safety = { kind: "changes", what: "layout" } as const;
    await preview.open(document, document.version, { kind, safety, edits, saved: 3 }, "preview");
    await preview.apply();
    assert.equal(document.getText(), "a\nb\n");
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), text);
    preview.dispose();
    await rm(folder, { recursive: true });
  });

  it("does not apply an edit of a text that has changed since", async () => {
    const { document } = await open("a  \nb\n", "plaintext");
    const preview = new SavingsPreview();
    const edit = {
      kind: { name: "trailingSpaces" },
      safety: { kind: "changes", what: "layout" },
      edits: [{ start: 1, end: 3, text: "" }],
      saved: 1,
    } as const;
    await preview.open(document, document.version, { ...edit, edits: [...edit.edits] }, "preview");
    const change = new vscode.WorkspaceEdit();
    change.insert(document.uri, new vscode.Position(0, 0), "xyz");
    await vscode.workspace.applyEdit(change);
    await assert.rejects(preview.apply(), /has changed since the edit was measured/);
    assert.equal(document.getText(), "xyza  \nb\n");
    preview.dispose();
  });

  it("goes to the first use of a name and leaves the text to the language's own rename", async () => {
    const { document } = await open("let longName = 1;\nlongName += 2;\n", "plaintext");
    const preview = new SavingsPreview();
    const edits = [
      { start: 4, end: 12, text: "n" },
      { start: 18, end: 26, text: "n" },
    ];
    const kind = { name: "longName", from: "longName", to: "n" } as const;
    await preview.open(
      document,
      document.version,
      { kind, safety: { kind: "changes", what: "names" }, edits, saved: 2 },
      "p",
    );
    const input = await until(
      () => {
        const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return shown instanceof vscode.TabInputTextDiff && shown;
      },
      { what: "the preview's tab" },
    );
    assert.equal(input.modified.scheme, "glassbox-rename");
    assert.equal(
      (await vscode.workspace.openTextDocument(input.modified)).getText(),
      "let n = 1;\nn += 2;\n",
    );
    await preview.rename();
    assert.equal(vscode.window.activeTextEditor?.document, document);
    assert.deepEqual(vscode.window.activeTextEditor.selection.active, new vscode.Position(0, 4));
    assert.equal(document.getText(), "let longName = 1;\nlongName += 2;\n");
    preview.dispose();
  });
});
