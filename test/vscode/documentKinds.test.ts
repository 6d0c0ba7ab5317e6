/** Documents of every kind in the extension host: counted, or with a plain reason why not. */

import assert from "node:assert/strict";
import { mkdtemp, open as openFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import {
  hasTokens,
  notebookOf,
  otherSideOf,
  whyNoEditor,
  whyNotCounted,
} from "../../src/editor/documentKinds.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { tokensOfNotebook } from "../../src/editor/tokens/notebookCount.js";
import { bandsOf, LONGEST_BANDED_LINE } from "../../src/editor/tokens/tokenBands.js";
import { TokenHover } from "../../src/editor/tokens/tokenHover.js";
import { whyNotMarked } from "../../src/editor/tokens/whyNotMarked.js";
import { until } from "../ui/harness/until.js";

describe("Documents of every kind", function () {
  this.timeout(60_000);
  let documents: DocumentTokens;
  let folder: string;
  let count: (text: string) => number;

  before(async () => {
    const extensionUri = vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri;
    const tokenizer = await new Tokenizers(extensionUri).get("o200k_base");
    documents = new DocumentTokens(tokenizer);
    count = (text) => tokenizer.encode(text).length;
    folder = await mkdtemp(join(tmpdir(), "glassbox-kinds-"));
  });

  beforeEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));
  after(async () => {
    documents.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rm(folder, { recursive: true, force: true });
  });

  async function completed(document: vscode.TextDocument): Promise<number> {
    const tokens = documents.of(document);
    while (!tokens.complete) await new Promise((resolve) => setImmediate(resolve));
    return tokens.tokenCount;
  }

  it("are left out by their address, each with a reason in words", () => {
    const left = ["output:x", "comment:x", "vscode-scm:x", "debug:replinput", "walkThrough:x"];
    for (const address of left) {
      const why = whyNotCounted({ uri: vscode.Uri.parse(address) });
      assert.ok(why && why.short.length > 2 && /^[A-Z].*\.$/.test(why.reason), address);
    }
    const counted = [
      "file:///a",
      "untitled:a",
      "git:/a?x",
      "vscode-notebook-cell:/a#b",
      "debug:/a.js?session=1",
    ];
    for (const address of [...counted, "constructor:x", "vscode-userdata:/settings.json"]) {
      assert.ok(hasTokens({ uri: vscode.Uri.parse(address) }), address);
    }
  });

  it("untitled ones are counted", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "return total;" });
    assert.ok(hasTokens(document));
    assert.equal(await completed(document), count("return total;"));
  });

  it("read-only texts of other extensions are counted", async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider("glassbox-test", {
      provideTextDocumentContent: ({ path }) => `virtual text of ${path}`,
    });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse("glassbox-test:/thing"));
    assert.ok(hasTokens(document));
    assert.equal(await completed(document), count("virtual text of /thing"));
    provider.dispose();
  });

  it("cells of a notebook are counted by themselves and as a whole", async () => {
    const sources = [
      "# Title\n\nText",
      "def mean(values):\n    return sum(values) / len(values)",
      "print(mean([1]))",
    ];
    const notebook = await vscode.workspace.openNotebookDocument(
      "jupyter-notebook",
      new vscode.NotebookData(
        sources.map(
          (source, index) =>
            new vscode.NotebookCellData(
              index === 0 ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code,
              source,
              index === 0 ? "markdown" : "python",
            ),
        ),
      ),
    );
    for (const [index, cell] of notebook.getCells().entries()) {
      assert.ok(hasTokens(cell.document));
      assert.equal(await completed(cell.document), count(sources[index]!));
      assert.equal(notebookOf(cell.document), notebook);
    }
    assert.equal(
      tokensOfNotebook(documents, notebook),
      sources.reduce((sum, source) => sum + count(source), 0),
    );
    const change = new vscode.WorkspaceEdit();
    const last = notebook.cellAt(2).document;
    change.insert(last.uri, new vscode.Position(0, 0), "# more\n");
    await vscode.workspace.applyEdit(change);
    assert.equal(
      tokensOfNotebook(documents, notebook),
      [sources[0]!, sources[1]!, `# more\n${sources[2]}`].reduce((sum, source) => sum + count(source), 0),
    );
  });

  it("both sides of a diff are counted, each knowing the other", async () => {
    const [left, right] = [join(folder, "left.txt"), join(folder, "right.txt")];
    await writeFile(left, "one two\n");
    await writeFile(right, "one two three\n");
    await vscode.commands.executeCommand(
      "vscode.diff",
      vscode.Uri.file(left),
      vscode.Uri.file(right),
      "diff",
    );
    const sides = await until(
      () => {
        const found = vscode.window.visibleTextEditors.map(({ document }) => document);
        return found.length === 2 && found;
      },
      { what: "both sides" },
    );
    for (const document of sides) {
      assert.ok(hasTokens(document));
      const other = otherSideOf(document);
      assert.equal(
        other,
        sides.find((side) => side !== document),
      );
      const tokens = documents.of(document);
      const whole = new vscode.Range(
        new vscode.Position(0, 0),
        document.positionAt(document.getText().length),
      );
      assert.ok(bandsOf(document, tokens, [whole]).byColour.flat().length >= count("one two\n"));
    }
    assert.equal(await whyNotMarked(), undefined);
    const alone = await vscode.workspace.openTextDocument({ content: "alone" });
    assert.equal(otherSideOf(alone), undefined);
  });

  it("a peeked definition is marked and counted as the text that it is", async () => {
    const [used, defined] = [join(folder, "used.txt"), join(folder, "defined.txt")];
    await writeFile(used, "call total\n");
    await writeFile(defined, "total is seven\n");
    const provider = vscode.languages.registerDefinitionProvider("plaintext", {
      provideDefinition: () => new vscode.Location(vscode.Uri.file(defined), new vscode.Position(0, 0)),
    });
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(used));
    editor.selection = new vscode.Selection(0, 6, 0, 6);
    await vscode.commands.executeCommand("editor.action.peekDefinition");
    // Bands are drawn into every visible editor, and the peeked one is among them.
    const peeked = await until(
      () => vscode.window.visibleTextEditors.find(({ document }) => document.uri.fsPath === defined),
      { what: "the peeked editor" },
    );
    const { document } = peeked;
    assert.ok(hasTokens(document));
    assert.equal(await completed(document), count("total is seven\n"));
    const line = document.lineAt(0).range;
    const bands = bandsOf(document, documents.of(document), [line]).byColour.flat();
    assert.equal(bands.length, count("total is seven\n"));
    const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 1));
    assert.match((hover!.contents[0] as vscode.MarkdownString).value, /token 1 of /);
    assert.equal(await whyNotMarked(), undefined);
    await vscode.commands.executeCommand("closeReferenceSearch");
    provider.dispose();
  });

  it("a line of a megabyte is counted whole and marked in part, which is said", async () => {
    const content = `const minified = [${"1,22,333;".repeat(120_000)}];`;
    assert.ok(content.length > 1_000_000);
    const path = join(folder, "generated.txt");
    await writeFile(path, content);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const editor = await vscode.window.showTextDocument(document);
    assert.equal(await completed(document), count(content));
    const line = new vscode.Range(0, 0, 0, content.length);
    const bands = bandsOf(document, documents.of(document), [line]).byColour.flat();
    assert.ok(bands.length > 100);
    const last = Math.max(...bands.map(({ end }) => end.character));
    assert.ok(last <= LONGEST_BANDED_LINE + 128, `${last}`);
    await until(() => editor.visibleRanges.length > 0, { what: "its line" });
    assert.match((await whyNotMarked())!, /10,000 characters only a part is marked/);
  });

  it("an output pane in front is not counted, and says why", async () => {
    const channel = vscode.window.createOutputChannel("Glassbox test output");
    channel.appendLine("some output");
    channel.show();
    const shown = await until(
      () => vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === "output"),
      { what: "the output" },
    );
    assert.ok(!hasTokens(shown.document));
    assert.match(whyNotCounted(shown.document)!.reason, /grow faster than anybody reads/);
    await vscode.commands.executeCommand("workbench.action.closePanel");
    channel.dispose();
  });

  it("settings, and files that VS Code does not show as text, are not counted", async () => {
    await vscode.commands.executeCommand("workbench.action.openSettings2");
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === "Settings", {
      what: "the settings",
    });
    assert.match((await whyNoEditor())!.reason, /"Settings" is not counted/);
    assert.match((await whyNotMarked())!, /"Settings" is not counted/);

    const binary = join(folder, "data.bin");
    await writeFile(binary, Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 7)));
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(binary));
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === "data.bin", {
      what: "the file",
    });
    assert.match(
      (await whyNoEditor())!.reason,
      /"data\.bin" is not counted: VS Code shows it, but not as text/,
    );
  });

  it("a file over 50 MB is not counted, because extensions do not get it", async () => {
    const large = join(folder, "large.txt");
    const file = await openFile(large, "w");
    const line = `${"x".repeat(63)}\n`.repeat(16_384);
    for (let megabyte = 0; megabyte < 51; megabyte++) await file.write(line);
    await file.close();
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(large));
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === "large.txt", {
      what: "the file",
    });
    const why = await whyNoEditor();
    assert.equal(why?.short, "file over 50 MB");
    assert.match(why.reason, /VS Code hands no text over 50 MB to extensions, and it has 51 MB/);
  });

  it("an empty window has nothing to count, and says where boundaries will show", async () => {
    await until(() => vscode.window.visibleTextEditors.length === 0, { what: "no editors" });
    assert.equal(await whyNoEditor(), undefined);
    assert.match((await whyNotMarked())!, /they show in the next one/);
  });
});
