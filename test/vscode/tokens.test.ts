/** Tokens in the editor, inside the extension host: bands, hover, notes, and documents of every kind. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { BAND_COUNT } from "../../src/core/tokens/palettes.js";
import type { TokenDocument } from "../../src/core/tokens/tokenDocument.js";
import type { Tokenizer } from "../../src/core/tokens/tokenizer.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { bandsWhere, DrawnBands, isIn } from "../../src/editor/tokens/drawnBands.js";
import { inlineNotes } from "../../src/editor/tokens/inlineCost.js";
import { type Band, type Bands, bandsOf, rangeOf } from "../../src/editor/tokens/tokenBands.js";
import { codeSpan, hoverText, TokenHover } from "../../src/editor/tokens/tokenHover.js";
import { until } from "../ui/harness/until.js";

describe("Tokens in the extension host", function () {
  this.timeout(60_000);
  let encoder: Tokenizer;
  let documents: DocumentTokens;

  before(async () => {
    const extensionUri = vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri;
    encoder = await new Tokenizers(extensionUri).get("o200k_base");
    documents = new DocumentTokens(encoder);
  });

  after(() => documents.dispose());

  const open = (content: string, language = "plaintext") =>
    vscode.workspace.openTextDocument({ content, language });

  const idsOf = (tokens: TokenDocument) => tokens.spans(0, tokens.length).map(({ id }) => id);

  async function completed(document: vscode.TextDocument): Promise<TokenDocument> {
    const tokens = documents.of(document);
    while (!tokens.complete) await new Promise((resolve) => setImmediate(resolve));
    return tokens;
  }

  const whole = (document: vscode.TextDocument) =>
    new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));

  it("bands the tokens of a range, neighbours never in the same colour", async () => {
    const document = await open("let total = 0;\nfor (const value of values) total += value;\n");
    const tokens = await completed(document);
    const { byColour, split } = bandsOf(document, tokens, [whole(document)]);
    assert.equal(byColour.length, BAND_COUNT);
    assert.equal(byColour.flat().length, tokens.tokenCount);
    assert.deepEqual(split.flat(), []);
    assertNeighboursDiffer(document, { byColour, split });
  });

  it("keeps the bands of the lines being edited apart, and leaves the others to the editor", async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `const value${i} = read(${i}); // größer 中文`);
    const document = await open(lines.join("\n"));
    const before = bandsOf(document, await completed(document), [whole(document)]);
    const drawn = new DrawnBands(document.version, [whole(document)], before, { first: 4, last: 4 });
    const follow = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) drawn.follow(event.contentChanges);
    });
    const type = async (line: number, character: number, text: string) => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(line, character), text);
      await vscode.workspace.applyEdit(edit);
    };
    try {
      await type(4, 9, "x");
      assert.deepEqual(drawn.edited, { first: 4, last: 4 });
      await type(4, 20, "\n  ");
      await type(5, 2, "1");
      assert.deepEqual(drawn.edited, { first: 4, last: 5 });
      assert.ok(!drawn.outdated, "all edits were in the lines being edited");
      assert.ok(drawn.moved);
      assert.ok(drawn.isStill([new vscode.Range(4, 0, 4, 8)]), "nothing was edited before");
      assert.ok(!drawn.isStill([new vscode.Range(4, 0, 4, 9)]));
      assert.ok(drawn.covers([whole(document)]));
      // What the editor has by now: the others, those behind one line further down, and the edited ones sent again.
      const now = bandsOf(document, await completed(document), [whole(document)]);
      const edited = bandsWhere(now, (line) => isIn(line, drawn.edited));
      const down = ({ line, character }: Band["start"]) => ({ line: line > 4 ? line + 1 : line, character });
      const shown = drawn.resting.byColour.map((bands, colour) =>
        [
          ...bands.map(({ start, end }) => ({ start: down(start), end: down(end) })),
          ...edited.byColour[colour]!,
        ].sort((a, b) => a.start.line - b.start.line || a.start.character - b.start.character),
      );
      assert.deepEqual(shown, now.byColour);
      await type(9, 0, "y");
      assert.ok(drawn.outdated, "an edit elsewhere");
      assert.deepEqual(drawn.edited, { first: 9, last: 9 });
    } finally {
      follow.dispose();
    }
  });

  /** On one line the palette goes on by one from band to band, which changes the edge's style too. */
  function assertNeighboursDiffer(document: vscode.TextDocument, bands: Bands): void {
    const inOrder = [bands.byColour, bands.split]
      .flatMap((palette) =>
        palette.flatMap((bands, colour) => bands.map((band) => ({ colour, range: rangeOf(band) }))),
      )
      .sort((a, b) => document.offsetAt(a.range.start) - document.offsetAt(b.range.start));
    for (let i = 1; i < inOrder.length; i++) {
      const [left, right] = [inOrder[i - 1]!, inOrder[i]!];
      assert.ok(!left.range.end.isAfter(right.range.start), "bands do not overlap");
      if (!left.range.end.isEqual(right.range.start)) continue;
      // A band that ends with a line break has nothing beside it.
      if (right.range.start.character === 0) continue;
      assert.equal((right.colour - left.colour + BAND_COUNT) % BAND_COUNT, 1);
    }
  }

  it("tells split characters in a row apart, and covers all text with bands", async () => {
    const document = await open("🦜🦜🦜 हिन्दी 🦜\r\n\r\n\tif (x) {\r\n");
    const bands = bandsOf(document, await completed(document), [whole(document)]);
    assertNeighboursDiffer(document, bands);
    const covered = [...bands.byColour, ...bands.split]
      .flat()
      .map((band) => document.getText(rangeOf(band)))
      .reduce((sum, text) => sum + text.length, 0);
    assert.equal(covered, document.getText().length);
  });

  it("leaves the colours of other lines alone when a line is edited", async () => {
    const document = await open("let a = 1;\nlet b = 2;\nlet c = 3;\n");
    const editor = await vscode.window.showTextDocument(document);
    const third = async () => {
      const { byColour } = bandsOf(document, await completed(document), [whole(document)]);
      return byColour.map((ranges) =>
        ranges
          .filter(({ start }) => start.line === 2)
          .map(({ start, end }) => [start.character, end.line, end.character]),
      );
    };
    const before = await third();
    assert.ok(before.flat().length > 3);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 3), " indescribable"));
    assert.deepEqual(await third(), before);
  });

  it("marks a character that several tokens share, once", async () => {
    const document = await open("a 🦜 b");
    const tokens = await completed(document);
    assert.ok(
      tokens.spans(0, tokens.length).some(({ endsInside }) => endsInside),
      "this encoding splits it",
    );
    const { split } = bandsOf(document, tokens, [whole(document)]);
    assert.deepEqual(
      split.flat().map((band) => document.getText(rangeOf(band))),
      ["🦜"],
    );
  });

  it("explains the token under the mouse, with links to our own commands only", async () => {
    const document = await open("return total;");
    const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 8));
    const [text] = hover!.contents as vscode.MarkdownString[];
    const [id] = encoder.encode(" total");
    assert.match(text!.value, /` ·total `/);
    assert.match(text!.value, /token 2 of 3/);
    assert.ok(text!.value.includes(`${id} in o200k_base`));
    assert.ok(text!.value.includes("20 74 6F 74 61 6C"));
    const halves = encoder.parentsOf(id!)!.map((half) => encoder.bytesOf(half));
    assert.equal(Buffer.concat(halves).toString(), " total");
    for (const half of halves) {
      assert.ok(text!.value.includes(codeSpan(Buffer.from(half).toString().replace(" ", "·"))));
    }
    assert.match(text!.value, /\$0\.0000\d+ as input of .+ \(price of 20\d\d-/);
    const trusted = text!.isTrusted as { enabledCommands: readonly string[] };
    assert.ok(trusted.enabledCommands.every((command) => command.startsWith("glassbox.")));
    const links = [...text!.value.matchAll(/\]\(command:([\w.]+)/g)].map(([, command]) => command);
    assert.ok(links.length > 0);
    for (const link of links) assert.ok(trusted.enabledCommands.includes(link!), link);
  });

  it("says when the price is that of a model with another tokenizer", async () => {
    const subject = (encoding: string) =>
      hoverText({
        encoding,
        spans: [{ index: 0, id: 0, start: 0, end: 1, startsInside: false, endsInside: false }],
        total: 1,
        price: { model: "gpt-4o", vendor: "v", input: 1, output: 1, date: "2025-01-01", source: "s" },
        bytesOf: (id) => encoder.bytesOf(id),
        parentsOf: (id) => encoder.parentsOf(id),
      }).value;
    assert.match(subject("gpt2"), /gpt-4o counts with o200k_base: the cost is an estimate/);
    assert.match(subject("gpt2"), /~\$0\.\d+ as input of gpt-4o, ~\$0\.\d+ as its output/);
    assert.doesNotMatch(subject("o200k_base"), /the cost is an estimate|~/);
  });

  it("explains a character that is split, with the bytes of each part", async () => {
    const document = await open("🦜");
    const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 0));
    const { value } = (hover!.contents as vscode.MarkdownString[])[0]!;
    const count = encoder.encode("🦜").length;
    assert.ok(count > 1);
    assert.ok(value.includes(`split over ${count} tokens`));
    assert.match(value, /ends inside a character/);
    assert.match(value, /begins inside a character/);
  });

  it("lets no text of the document out of its place", async () => {
    const hostile = [
      "[x](command:workbench.action.terminal.new)",
      "```\n# heading",
      "`code` ``more`` ",
      '<img src="x" onerror="y">',
      "| a | b |",
      "$(error)",
    ];
    for (const text of hostile) {
      const fenced = codeSpan(text);
      const fence = /^`+/.exec(fenced)![0];
      const inside = fenced.slice(fence.length, -fence.length);
      assert.ok(!inside.includes(fence), text);
      assert.ok(!/(?<!\\)\|/.test(inside), text);
      assert.ok(!inside.includes("\n"), text);
    }
    const document = await open("](command:workbench.action.terminal.new)");
    const spans = (await completed(document)).spans(0, 1);
    const markdown = hoverText({
      encoding: "o200k_base",
      spans,
      total: 3,
      price: undefined,
      bytesOf: (id) => encoder.bytesOf(id),
      parentsOf: (id) => encoder.parentsOf(id),
    });
    const outsideCode = markdown.value.replace(/(`+) .*? \1/g, "");
    for (const [, target] of outsideCode.matchAll(/\]\(([^)]*)\)/g))
      assert.match(target!, /^command:glassbox\./);
  });

  it("says nothing while boundaries are hidden", async () => {
    const document = await open("return total;");
    const hover = new TokenHover(() => undefined);
    assert.equal(hover.provideHover(document, new vscode.Position(0, 1)), undefined);
  });

  it("stays true through edits, several carets, undo and a change of line endings", async () => {
    const document = await open("one\ntwo 12\nthree\n", "plaintext");
    const editor = await vscode.window.showTextDocument(document);
    await completed(document);
    const check = async (what: string) => {
      assert.deepEqual(idsOf(await completed(document)), encoder.encode(document.getText()), what);
    };
    await editor.edit((builder) => builder.insert(new vscode.Position(1, 4), "3"));
    await check("a digit before a run of digits");
    await editor.edit((builder) => {
      builder.insert(new vscode.Position(0, 0), "💡");
      builder.replace(new vscode.Range(1, 0, 1, 3), "  zwei");
      builder.delete(new vscode.Range(2, 1, 2, 3));
    });
    await check("three places at once");
    await vscode.commands.executeCommand("undo");
    await check("undo");
    await editor.edit((builder) => builder.setEndOfLine(vscode.EndOfLine.CRLF));
    assert.ok(document.getText().includes("\r\n"));
    await check("line endings");
    await editor.edit((builder) => builder.insert(new vscode.Position(1, 0), "x"));
    await check("an edit after the change of line endings");
  });

  it("notes the tokens of the caret's line, of a selection, or of every line", async () => {
    const document = await open("let total = 0;\n\nreturn total;\n");
    const tokens = await completed(document);
    const visible = [whole(document)];
    const caret = new vscode.Selection(0, 3, 0, 3);
    const line = (text: string) => encoder.encode(text).length;
    assert.deepEqual(inlineNotes(document, tokens, caret, visible, "off"), []);
    const [first] = inlineNotes(document, tokens, caret, visible, "currentLine");
    assert.equal(first!.line, 0);
    const every = inlineNotes(document, tokens, caret, visible, "everyLine");
    assert.deepEqual(
      every.map((note) => note.line),
      [0, 2],
    );
    assert.equal(
      every.reduce((sum, note) => sum + note.tokens, 0),
      tokens.tokenCount,
      "the lines' notes add up to the file",
    );
    const selection = new vscode.Selection(0, 0, 3, 0);
    assert.deepEqual(inlineNotes(document, tokens, selection, visible, "currentLine"), [
      { line: 2, tokens: line(document.getText()) },
    ]);
  });

  it("says at the note behind a line where its price is from", async () => {
    const document = await open("let total = 0;\nreturn total;\n");
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(1, 2, 1, 2);
    const count = encoder.encode("return total;\n").length;
    const said = async (line: number) => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        document.lineAt(line).range.end,
      );
      const texts = hovers.flatMap(({ contents }) => contents) as vscode.MarkdownString[];
      // Signs that Markdown would take for its own are escaped.
      return texts.map(({ value }) => value.replaceAll("\\", "")).join("\n");
    };
    const text = await until(async () => (await said(1)) || undefined, { what: "what the note says" });
    assert.ok(text.startsWith(`${count} tokens of o200k_base: $`), text);
    assert.match(
      text,
      /as input of gpt-4o, .* as its output \(price of 20\d\d-\d\d-\d\d, from genai-prices .* after /,
    );
    assert.equal(await said(0), "", "no note, no hover");
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });

  it("takes in five megabytes without holding the host", async () => {
    const unit = 'export const value = { name: "größe", list: [1, 22, 333] }; // 中文 🦜\n';
    const content = unit.repeat(Math.ceil(5e6 / unit.length));
    const document = await open(content);
    let longest = 0;
    let last = performance.now();
    const tokens = documents.of(document);
    assert.ok(!tokens.complete, "it is not all done at once");
    while (!tokens.complete) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    assert.equal(tokens.length, content.length);
    const expected = encoder.encode(unit).length;
    // Pieces end at line breaks here, so that the tokens of the lines add up.
    assert.equal(tokens.tokenCount, expected * Math.ceil(5e6 / unit.length));
    // Slices are 4 ms; the machine may give the time to another process in between.
    assert.ok(longest < 500, `${longest} ms without giving way`);
    const middle = document.positionAt(content.length / 2);
    const hover = new TokenHover(() => documents).provideHover(document, middle);
    assert.ok(hover);
  });

  it("bands only what is near the screen of a very long line", async () => {
    const document = await open("x = 1; ".repeat(50_000));
    const tokens = await completed(document);
    const { byColour } = bandsOf(document, tokens, [whole(document)]);
    assert.ok(byColour.flat().length > 0 && byColour.flat().length < 10_000);
  });

  it("takes binary content, lone surrogates and special tokens as the text they are", async () => {
    const document = await open("\0\u0001\u0002\ufffd\ud800<|endoftext|>\u0007");
    assert.deepEqual(idsOf(await completed(document)), encoder.encode(document.getText()));
    const { byColour } = bandsOf(document, documents.of(document), [whole(document)]);
    assert.ok(byColour.flat().length > 0);
  });

  it("toggles by command, also with an untitled document and with none", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("glassbox.toggleTokenBoundaries");
    await vscode.window.showTextDocument(await open("untitled text"));
    await vscode.commands.executeCommand("glassbox.toggleTokenBoundaries");
  });
});
