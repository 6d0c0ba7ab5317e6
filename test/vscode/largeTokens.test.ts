/** Large documents inside the extension host: taken in by slices while they are edited, drawn once for many changes. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Tokenizer } from "../../src/core/tokens/tokenizer.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { Redraw } from "../../src/editor/tokens/redraw.js";
import { bandsOf, rangeOf } from "../../src/editor/tokens/tokenBands.js";

describe("Tokens of large documents", function () {
  this.timeout(60_000);
  let encoder: Tokenizer;
  let documents: DocumentTokens;

  before(async () => {
    const extensionUri = vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri;
    encoder = await new Tokenizers(extensionUri).get("o200k_base");
    documents = new DocumentTokens(encoder);
  });

  after(async () => {
    documents.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  const lines = Array.from(
    { length: 30_000 },
    (_, i) => `  const value${i} = { "key ${i % 977}": 'größe', list: [${i}, ${i * 7}] };`,
  );

  async function check(document: vscode.TextDocument, what: string): Promise<void> {
    const tokens = documents.of(document);
    while (!tokens.complete) await new Promise((resolve) => setImmediate(resolve));
    const text = document.getText();
    assert.equal(tokens.text(0, tokens.length), text, `${what}: the text`);
    assert.deepEqual(
      tokens.spans(0, tokens.length).map(({ id }) => id),
      encoder.encode(text),
      `${what}: the tokens`,
    );
  }

  for (const [name, eol] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ] as const) {
    it(`are followed through edits while they are still taken in, with ${name}`, async () => {
      const document = await vscode.workspace.openTextDocument({
        content: lines.join(eol),
        language: "plaintext",
      });
      const editor = await vscode.window.showTextDocument(document);
      const edit = (change: (builder: vscode.TextEditorEdit) => void) => editor.edit(change);
      assert.ok(!documents.of(document).complete, "it takes more than a slice");
      await edit((builder) => {
        builder.insert(new vscode.Position(0, 0), "first\n");
        builder.replace(new vscode.Range(300, 3, 25_000, 5), "much less");
        builder.delete(new vscode.Range(29_990, 0, 29_995, 2));
      });
      await check(document, "three places at once");
      await vscode.commands.executeCommand("undo");
      await check(document, "undo");
      await edit((builder) => builder.insert(new vscode.Position(15_000, 7), "\n\n  \n"));
      await edit((builder) => builder.delete(new vscode.Range(14_999, 4, 15_004, 0)));
      await check(document, "lines come and go");
      const other = eol === "\n" ? vscode.EndOfLine.CRLF : vscode.EndOfLine.LF;
      await edit((builder) => builder.setEndOfLine(other));
      assert.ok(!documents.of(document).complete, "it is taken in anew");
      await edit((builder) => builder.insert(new vscode.Position(29_000, 1), "x\ny"));
      await check(document, "other line endings");
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    });
  }

  it("show the screen's tokens first, wherever it is", async () => {
    const document = await vscode.workspace.openTextDocument({ content: lines.join("\n") });
    const range = new vscode.Range(20_000, 0, 20_050, 0);
    const first = document.offsetAt(range.start);
    const tokens = documents.of(document, first);
    while (!tokens.isEncoded(first, document.offsetAt(range.end))) {
      assert.ok(!tokens.complete);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(tokens.fraction < 0.9, `${tokens.fraction} was done before`);
    // Bands are those of whole lines, the last one's break included.
    const { byColour } = bandsOf(document, tokens, [new vscode.Range(range.start, range.end.translate(-1))]);
    const covered = byColour.flat().reduce((sum, band) => sum + document.getText(rangeOf(band)).length, 0);
    assert.equal(covered, document.getText(range).length);
  });

  it("are drawn once for many changes, in the order of the parts, and no more when disposed of", async () => {
    const redraw = new Redraw();
    const drawn: string[] = [];
    const status = redraw.part(() => drawn.push("status"));
    const bands = redraw.part(() => drawn.push("bands"));
    const rest = () => new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 5; i++) {
      bands.schedule();
      status.schedule();
    }
    await rest();
    assert.deepEqual(drawn, ["status", "bands"]);
    status.dispose();
    status.schedule();
    bands.schedule();
    await rest();
    assert.deepEqual(drawn, ["status", "bands", "bands"]);
    bands.schedule();
    redraw.dispose();
    await rest();
    assert.equal(drawn.length, 3);
  });
});
