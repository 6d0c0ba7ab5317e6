/** The token budget inside the extension host: real files under real rules, kept up with, cached, exported. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { filesOf } from "../../src/core/budget/budgetTree.js";
import { findPrice } from "../../src/core/tokens/prices.js";
import type { Tokenizer } from "../../src/core/tokens/tokenizer.js";
import { BudgetItems, type BudgetViewNode } from "../../src/editor/budget/budgetItems.js";
import { lineWhereTokensPass } from "../../src/editor/budget/contextEnd.js";
import { countInFront } from "../../src/editor/budget/inFront.js";
import { WorkspaceBudget } from "../../src/editor/budget/workspaceBudget.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { allPrices, faultText } from "../../src/editor/tokens/priceTable.js";
import { statusTooltip } from "../../src/editor/tokens/statusTooltip.js";
import { until } from "../ui/harness/until.js";

/** Of a model that is priced for the tests, in tokens: more than two small files have. */
const WINDOW = 200;

describe("The token budget in the extension host", function () {
  this.timeout(60_000);
  let encoder: Tokenizer;
  let documents: DocumentTokens;
  let budget: WorkspaceBudget;
  let root: vscode.Uri;
  let storage: vscode.Uri;
  const log = vscode.window.createOutputChannel("Glassbox budget test", { log: true });
  const owned: vscode.Disposable[] = [log];

  const at = (path: string) => vscode.Uri.joinPath(root, ...path.split("/"));
  const write = (path: string, content: string | Uint8Array) =>
    vscode.workspace.fs.writeFile(
      at(path),
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  const read = async (uri: vscode.Uri) => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const tree = () => budget.roots[0]!.tree;
  const paths = () => Array.from(filesOf(tree().root), ({ path }) => path);
  const wanted = (text: string) => encoder.encode(text).length;

  async function setting(name: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
  }

  before(async () => {
    const extensionUri = vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri;
    encoder = await new Tokenizers(extensionUri).get("o200k_base");
    documents = new DocumentTokens(encoder);
    root = vscode.workspace.workspaceFolders![0]!.uri;
    storage = vscode.Uri.joinPath(root, "..", `budget-storage-${Date.now()}`);
    budget = new WorkspaceBudget(async () => documents, storage, log);
    owned.push(
      documents,
      budget,
      documents.onDidChange((document) => budget.documentChanged(document, documents)),
    );
    await write("budget/.gitignore", "*.gen.ts\nout/\n");
    await write("budget/a.ts", "export const a = 1;\n".repeat(20));
    await write("budget/b.md", "# One\n\nwords and words\n\n## Two\n\nmore words\n");
    await write("budget/c.gen.ts", "generated");
    await write("budget/out/d.ts", "output");
    await write("budget/deep/.gitignore", "!kept.gen.ts\n");
    await write("budget/deep/kept.gen.ts", "kept after all");
    await write("budget/deep/hindi.txt", "हिन्दी 🦜 中文\n");
    await write("budget/binary.dat", new Uint8Array([1, 2, 0, 3]));
    await write("budget/empty.txt", "");
  });

  after(async () => {
    for (const name of ["priceModel", "prices", "budgets", "codeLens"]) {
      await setting(`glassbox.tokens.${name}`, undefined);
    }
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const disposable of owned) disposable.dispose();
    await vscode.workspace.fs.delete(at("budget"), { recursive: true });
    await vscode.workspace.fs.delete(storage, { recursive: true });
  });

  it("counts the files that git would keep, each as its tokenizer does", async () => {
    await budget.count();
    assert.equal(budget.state, "counted");
    assert.deepEqual(
      paths().filter((path) => path.startsWith("budget/")),
      [
        "budget/deep/.gitignore",
        "budget/deep/hindi.txt",
        "budget/deep/kept.gen.ts",
        "budget/.gitignore",
        "budget/a.ts",
        "budget/b.md",
        "budget/empty.txt",
      ],
    );
    assert.ok(paths().includes("src/sum.ts"));
    assert.equal(tree().skipped.get("budget/binary.dat"), "binary");
    let sum = 0;
    for (const file of filesOf(tree().root)) {
      const tokens = wanted(await read(at(file.path)));
      assert.equal(file.tokens, tokens, file.path);
      sum += tokens;
    }
    assert.equal(budget.total, sum);
  });

  it("reads nothing again that has not changed, also not in the next window", async () => {
    const before = budget.filesRead;
    assert.ok(before > 0);
    await budget.count();
    assert.equal(budget.filesRead, before);
    const kept = vscode.Uri.joinPath(storage, "token-counts");
    const names = await until(
      async () => {
        const found = await vscode.workspace.fs.readDirectory(kept);
        const counts = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(kept, found[0]![0]));
        // A file is there before all of it is written.
        return JSON.parse(new TextDecoder().decode(counts)) && found;
      },
      { what: "the counts that are kept" },
    );
    assert.equal(names.length, 1);
    const next = new WorkspaceBudget(async () => documents, storage, log);
    await next.count();
    assert.equal(next.filesRead, 0);
    assert.equal(next.total, budget.total);
    next.dispose();
  });

  it("counts no content again that it knows, at another time or in another place", async () => {
    const content = await read(at("budget/b.md"));
    await write("budget/b.md", content);
    await write("budget/copy.md", content);
    const next = new WorkspaceBudget(async () => documents, storage, log);
    await next.count();
    assert.equal(next.roots[0]!.tree.file("budget/copy.md")?.tokens, wanted(content));
    assert.ok(next.filesRead > 0);
    assert.equal(next.filesEncoded, 0);
    next.dispose();
    await vscode.workspace.fs.delete(at("budget/copy.md"));
  });

  it("keeps up with files that are written and deleted, and with rules that change", async () => {
    await write("budget/new.ts", "let x = 1;\n");
    await until(() => tree().file("budget/new.ts")?.tokens === wanted("let x = 1;\n"), {
      what: "a new file",
    });
    await write("budget/new.ts", "let x = 12345;\nlet y = x;\n");
    const changed = wanted("let x = 12345;\nlet y = x;\n");
    await until(() => tree().file("budget/new.ts")?.tokens === changed, { what: "a changed file" });
    await vscode.workspace.fs.delete(at("budget/new.ts"));
    await until(() => tree().file("budget/new.ts") === undefined, { what: "a deleted file" });
    await write("budget/out/e.ts", "still ignored");
    await write("budget/.gitignore", "*.gen.ts\n");
    await until(() => tree().file("budget/out/d.ts") !== undefined, { what: "rules that changed" });
  });

  it("counts unsaved text, and what is on disk again when it is thrown away", async () => {
    const uri = at("budget/a.ts");
    const onDisk = wanted(await read(uri));
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    documents.of(document);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), "const unsaved = true;\n"));
    const live = wanted(document.getText());
    assert.notEqual(live, onDisk);
    await until(() => tree().file("budget/a.ts")?.tokens === live, { what: "the unsaved count" });
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await until(() => tree().file("budget/a.ts")?.tokens === onDisk, { what: "the count on disk" });
  });

  it("counts a file anew when the editor reads it in another encoding", async () => {
    const text = "Größe, Länge, Übermaß\n".repeat(3);
    await write(
      "budget/latin.txt",
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
    );
    const shown = () => tree().file("budget/latin.txt")?.tokens;
    const asUtf8 = wanted(text.replace(/[^\0-\x7f]/g, "\ufffd"));
    assert.notEqual(asUtf8, wanted(text));
    await until(() => shown() === asUtf8, { what: "the count as UTF-8" });
    await setting("files.encoding", "windows1252");
    await until(() => shown() === wanted(text), { what: "the count as Windows 1252" });
    await setting("files.encoding", undefined);
    await until(() => shown() === asUtf8, { what: "the count as UTF-8 again" });

    const uri = at("budget/latin.txt");
    const document = await vscode.workspace.openTextDocument(uri, { encoding: "windows1252" });
    await vscode.window.showTextDocument(document);
    assert.equal(document.getText(), text);
    documents.of(document);
    await budget.count();
    assert.equal(shown(), wanted(text), "an open text counts as it is read");
    await vscode.workspace.openTextDocument(uri, { encoding: "utf8" });
    await until(() => shown() === asUtf8, { what: "the count of the text that is opened otherwise" });
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await vscode.workspace.fs.delete(uri);
  });

  it("counts the sources of a notebook's cells, saved or not, and holds all of them to one budget", async () => {
    const sources = [
      "# Title\n\nand words",
      "def mean(values):\n    return sum(values)\n",
      "print(mean([1]))",
    ];
    const cells = sources.map((source, index) => ({
      cell_type: index === 0 ? "markdown" : "code",
      metadata: {},
      source: source.split(/(?<=\n)/),
      ...(index > 0 && {
        execution_count: 1,
        outputs: [{ name: "stdout", output_type: "stream", text: ["long ".repeat(500)] }],
      }),
    }));
    await write(
      "budget/tale.ipynb",
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1),
    );
    await write("budget/broken.ipynb", "{ no notebook");
    const all = sources.reduce((sum, source) => sum + wanted(source), 0);
    await until(() => tree().file("budget/tale.ipynb")?.tokens === all, { what: "the sources" });
    await until(() => tree().file("budget/broken.ipynb")?.tokens === wanted("{ no notebook"), {
      what: "a text",
    });
    const items = new BudgetItems(budget, [], () => undefined);
    const entry = items.item({
      kind: "entry",
      root: budget.roots[0]!,
      node: tree().node("budget/tale.ipynb")!,
    });
    assert.match(String(entry.tooltip), /the sources of its cells, without their outputs/);
    items.dispose();

    // As the reader opens it: what an extension opens is kept for minutes after its tab has closed.
    await vscode.commands.executeCommand("vscode.open", at("budget/tale.ipynb"));
    const { notebook } = await until(() => vscode.window.activeNotebookEditor, { what: "the notebook" });
    assert.deepEqual(
      notebook.getCells().map(({ document }) => document.getText()),
      sources,
    );
    const warnings = () =>
      notebook
        .getCells()
        .map(({ document }) =>
          vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "Glassbox"),
        );
    const most = wanted(sources[0]!) + wanted("def mean(values):\n");
    await setting("glassbox.tokens.budgets", { "budget/*.ipynb": most });
    await until(() => warnings().flat().length === 1, { what: "one warning for all cells" });
    const [, [warning] = []] = warnings();
    assert.equal(warning?.range.start.line, 1, "in the cell and the line in which it is passed");
    assert.match(warning.message, new RegExp(`${all} tokens, .* budget of ${most} for .*all cells together`));

    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(2, 3))]);
    await vscode.workspace.applyEdit(edit);
    const fewer = wanted(sources[0]!) + wanted(sources[1]!);
    await until(() => tree().file("budget/tale.ipynb")?.tokens === fewer, {
      what: "the count of fewer cells",
    });
    const change = new vscode.WorkspaceEdit();
    const second = notebook.cellAt(1).document;
    change.insert(second.uri, new vscode.Position(0, 0), "# more\n");
    documents.of(second);
    await vscode.workspace.applyEdit(change);
    const live = wanted(sources[0]!) + wanted(second.getText());
    await until(() => tree().file("budget/tale.ipynb")?.tokens === live, { what: "the unsaved count" });
    await setting("glassbox.tokens.budgets", { "budget/*.ipynb": live });
    await until(() => warnings().flat().length === 0, { what: "no warning" });
    await setting("glassbox.tokens.budgets", undefined);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.workspace.fs.delete(at("budget/tale.ipynb"));
    await vscode.workspace.fs.delete(at("budget/broken.ipynb"));
  });

  it("stops when it is told to", async () => {
    const other = new WorkspaceBudget(async () => documents, undefined, log);
    const listener = other.onDidChange(() => {
      if (other.entered === 2) other.stop();
    });
    await other.count();
    listener.dispose();
    assert.equal(other.state, "stopped");
    assert.ok(other.fileCount < budget.fileCount);
    other.dispose();
  });

  it("does not hold the host while it counts megabytes", async () => {
    const unit = 'export const value = { name: "größe", list: [1, 22, 333] }; // 中文 🦜\n';
    await write("budget/large.ts", unit.repeat(40_000));
    const other = new WorkspaceBudget(async () => documents, undefined, log);
    const counted = other.count();
    let longest = 0;
    let last = performance.now();
    while (other.state === "counting") {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    await counted;
    // Pieces end at line breaks here, so that the tokens of the lines add up.
    assert.equal(other.roots[0]!.tree.file("budget/large.ts")?.tokens, wanted(unit) * 40_000);
    // Slices are 4 ms; the machine may give the time to another process in between.
    assert.ok(longest < 500, `${longest} ms without giving way`);
    other.dispose();
    await vscode.workspace.fs.delete(at("budget/large.ts"));
    await until(() => tree().file("budget/large.ts") === undefined, { what: "the large file is gone" });
  });

  it("shows folders and files with shares, and what falls out of a window", async () => {
    await setting("glassbox.tokens.prices", { tiny: { input: 2, output: 4, contextWindow: WINDOW } });
    await setting("glassbox.tokens.priceModel", "tiny");
    const items = new BudgetItems(budget, [], () => undefined);
    owned.push(items);
    const nodes = items.children(undefined);
    const entryOf = (path: string): BudgetViewNode => ({
      kind: "entry",
      root: budget.roots[0]!,
      node: tree().node(path)!,
    });
    assert.deepEqual(
      nodes.slice(0, 2).map(({ kind }) => kind),
      ["front", "picked"],
    );
    const shown = nodes.flatMap((node) => (node.kind === "entry" ? [node.node.tokens] : []));
    assert.deepEqual(
      shown,
      [...shown].sort((a, b) => b - a),
      "most tokens first",
    );
    assert.equal(
      shown.reduce((a, b) => a + b),
      budget.total,
    );

    items.pick(entryOf("budget/a.ts"), true);
    items.pick(entryOf("budget/b.md"), true);
    const checked = (path: string) =>
      (items.item(entryOf(path)).checkboxState as { state: vscode.TreeItemCheckboxState }).state;
    assert.equal(checked("budget/a.ts"), vscode.TreeItemCheckboxState.Checked);
    assert.equal(checked("budget"), vscode.TreeItemCheckboxState.Unchecked);
    const a = wanted(await read(at("budget/a.ts")));
    const b = wanted(await read(at("budget/b.md")));
    assert.ok(a + b <= WINDOW, "both fit");
    assert.deepEqual(items.fallingOut(), []);

    // A folder stands for all of its files, in the order of their paths, after what was picked before.
    items.pick(entryOf("budget"), true);
    items.pick(entryOf("src"), true);
    assert.equal(checked("budget"), vscode.TreeItemCheckboxState.Checked);
    const fallen = items.fallingOut();
    assert.ok(fallen.length > 0);
    const kept = fallen.reduce((sum, each) => sum + each.kept, 0);
    const whole = items.pickedFiles().slice(0, items.pickedFiles().length - fallen.length);
    assert.equal(whole.reduce((sum, { file }) => sum + file.tokens, 0) + kept, WINDOW, "the window is full");
    const picked = items.item({ kind: "picked" });
    assert.match(String(picked.tooltip), new RegExp(`^${fallen.length} of them do not fit`));
    items.pick(entryOf("src"), false);
    items.clearPicks();
    assert.deepEqual(items.pickedFiles(), []);
  });

  it("calls counts approximate whose tokenizer stands in for another, and tells the source of a price", async () => {
    await setting("glassbox.tokens.tokenizer", "claude-sonnet-4-5");
    await setting("glassbox.tokens.priceModel", "gpt-4o");
    const front = { uri: at("budget/a.ts"), name: "a.ts", tokens: 100, kind: "file" } as const;
    const items = new BudgetItems(budget, [], () => front);
    const entry = items.item({
      kind: "entry",
      root: budget.roots[0]!,
      node: tree().node("budget/a.ts")!,
    });
    for (const { description, tooltip } of [entry, items.item({ kind: "front" })]) {
      assert.match(String(description), /^~/);
      assert.match(String(tooltip), /Approximate: .*Anthropic publishes no tokenizer/);
      assert.match(String(tooltip), /price of 20\d\d-\d\d-\d\d, from genai-prices/);
    }
    items.dispose();
    await setting("glassbox.tokens.tokenizer", undefined);
    await setting("glassbox.tokens.priceModel", "tiny");
  });

  it("counts all cells of a notebook that is in front, and of a selection what is selected", async () => {
    const sources = ["def mean(values):\n    return sum(values)", "print(mean([1]))"];
    const notebook = await vscode.workspace.openNotebookDocument(
      "jupyter-notebook",
      new vscode.NotebookData(
        sources.map((source) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, "python")),
      ),
    );
    const { document } = notebook.cellAt(0);
    const all = sources.reduce((sum, source) => sum + wanted(source), 0);
    const caret = new vscode.Selection(0, 0, 0, 0);
    const inCell = countInFront(documents, { document, selections: [caret] }, notebook);
    assert.deepEqual([inCell?.kind, inCell?.tokens], ["notebook", all]);
    assert.equal(inCell?.uri.toString(), notebook.uri.toString());
    assert.deepEqual(countInFront(documents, undefined, notebook), inCell);
    const line = new vscode.Selection(0, 0, 1, 0);
    const selected = countInFront(documents, { document, selections: [line] }, notebook);
    assert.deepEqual([selected?.kind, selected?.tokens], ["selection", wanted("def mean(values):\n")]);
    const file = await vscode.workspace.openTextDocument(at("budget/a.ts"));
    const whole = countInFront(documents, { document: file, selections: [caret] }, undefined);
    assert.deepEqual([whole?.kind, whole?.tokens], ["file", wanted(file.getText())]);
    assert.equal(countInFront(documents, undefined, undefined), undefined);
  });

  it("finds the line in which a window ends", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "one two three\n".repeat(100) });
    const tokens = documents.of(document);
    const perLine = wanted("one two three\n");
    assert.equal(lineWhereTokensPass(document, tokens, perLine * 10), 10);
    assert.equal(lineWhereTokensPass(document, tokens, perLine * 10 - 1), 9);
    assert.equal(lineWhereTokensPass(document, tokens, perLine * 100), undefined);
  });

  it("warns where a budget is passed, until it is not, with a way to the view", async () => {
    const uri = at("budget/b.md");
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    const ours = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Glassbox");
    const most = wanted("# One\n\nwords and words\n") - 1;
    await setting("glassbox.tokens.budgets", { "**/*.md": 100_000, "budget/*.md": most, "**/*.md.x": 1 });
    await until(() => ours().length === 1, { what: "a warning" });
    const [warning] = ours();
    assert.equal(warning!.range.start.line, 2);
    assert.match(
      warning!.message,
      new RegExp(`${wanted(document.getText())} tokens, .* budget of ${most} for budget`),
    );
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      uri,
      warning!.range,
    );
    assert.ok(actions.some(({ command }) => command?.command === "glassbox.showTokenBudget"));
    await editor.edit((builder) => builder.delete(new vscode.Range(1, 0, document.lineCount, 0)));
    await until(() => ours().length === 0, { what: "no warning" });
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await setting("glassbox.tokens.budgets", undefined);
  });

  it("notes above functions and sections what they have and cost, only where that is wished", async () => {
    const content = "# One\n\nwords and words\n\n## Two\n\nmore words\n";
    await write("budget/lens.md", content);
    const document = await vscode.workspace.openTextDocument(at("budget/lens.md"));
    await vscode.window.showTextDocument(document);
    const lenses = async () =>
      (
        await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          document.uri,
          50,
        )
      ).filter(({ command }) => command?.command === "glassbox.selectCounted");
    assert.deepEqual(await lenses(), []);
    await setting("glassbox.tokens.codeLens", true);
    let found: vscode.CodeLens[] = [];
    for (const end = Date.now() + 20_000; found.length < 2 && Date.now() < end; ) found = await lenses();
    const words = found.map(({ range, command }) => [range.start.line, command!.title.split(" ")[0]]);
    const two = content.slice(content.indexOf("## Two"));
    assert.equal(words[0]![0], 0);
    assert.equal(words[1]![0], 4);
    // The section may end before or after its last line break.
    assert.ok([wanted(two), wanted(two.trimEnd())].map(String).includes(String(words[1]![1])), String(words));
    const { command } = found[1]!;
    await vscode.commands.executeCommand(command!.command, ...command!.arguments!);
    const selected = vscode.window.activeTextEditor!.selection;
    assert.equal(selected.start.line, 4);
    assert.equal(vscode.window.activeTextEditor!.document.uri.toString(), document.uri.toString());
  });

  it("writes the table, with the reader's own price and without a date for it", async () => {
    const target = vscode.Uri.joinPath(storage, "table.csv");
    await vscode.commands.executeCommand("glassbox.exportTokenBudget", target);
    const [head, ...rows] = (await read(target)).trimEnd().split("\r\n");
    assert.equal(
      head,
      "path,tokens,bytes,tokenizer,approximate,model,input_cost_usd,output_cost_usd,cost_estimated,price_date,price_source",
    );
    const row = rows.find((line) => line.startsWith("budget/deep/hindi.txt,"));
    const text = await read(at("budget/deep/hindi.txt"));
    const tokens = wanted(text);
    const bytes = new TextEncoder().encode(text).length;
    assert.equal(
      row,
      [
        ...["budget/deep/hindi.txt", tokens, bytes, "o200k_base", "no", "tiny"],
        // Nobody knows how this model counts.
        ...[(tokens * 2) / 1e6, (tokens * 4) / 1e6, "yes", ""],
        '"your setting ""glassbox.tokens.prices"""',
      ].join(","),
    );
  });

  it("tells input and output, date, source and window in the status item, and trusts only its own links", () => {
    const price = findPrice(allPrices(), "gpt-4o")!;
    const { value, isTrusted } = statusTooltip({
      tokenizer: "o200k_base",
      approximate: undefined,
      count: 4000,
      file: undefined,
      price,
      priceModel: "gpt-4o",
      remarks: ["[x](command:workbench.action.quit)"],
    });
    assert.match(value, /as input of gpt-4o \| \\\$0\.01/);
    assert.match(value, /as output of gpt-4o \| \\\$0\.04/);
    assert.match(value, /price of 20\d\d-\d\d-\d\d, from genai-prices/);
    assert.match(value, /fills 3\.1 % of the 128,000-token window of gpt-4o/);
    const trusted = (isTrusted as { enabledCommands: readonly string[] }).enabledCommands;
    const links = [...value.matchAll(/(?<!\\)\]\(command:([\w.]+)\)/g)].map(([, command]) => command!);
    assert.ok(links.length >= 3);
    for (const link of links) assert.ok(trusted.includes(link), link);
    const other = statusTooltip({
      tokenizer: "gpt2",
      approximate: "Counted with another one.",
      count: 4000,
      file: undefined,
      price,
      priceModel: "gpt-4o",
      remarks: [],
    });
    assert.match(other.value, /gpt-4o counts with o200k\\_base: the cost is an estimate/);
    assert.match(other.value, /Counted with another one\./);
    assert.match(other.value, /as input of gpt-4o \| \\~\\\$0\.01/);
    assert.match(other.value, /as output of gpt-4o \| \\~\\\$0\.04/);
  });

  it("says what is wrong with a price of the reader's own", () => {
    assert.match(
      faultText({ model: "m", field: "output", found: undefined }),
      /"output" of "m" .* was nothing/,
    );
    assert.match(faultText({ model: "m", field: "", found: 5 }), /found 5\. The entry is not used/);
  });
});
