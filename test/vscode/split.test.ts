/** "Why Did It Split Here?" inside the extension host: the text around the caret, and the answers to the page. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { ruleOf } from "../../src/core/tokens/splitRules.js";
import type { Tokenizer } from "../../src/core/tokens/tokenizer.js";
import { textAround } from "../../src/editor/split/caretText.js";
import { splitHandlers } from "../../src/editor/split/splitHandlers.js";
import { TOKENIZER_SETTING, Tokenizers } from "../../src/editor/tokenizers.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { TokenHover } from "../../src/editor/tokens/tokenHover.js";
import { MOST_SPLIT_CHARACTERS, type SplitSource } from "../../src/shared/panels/split.js";
import type { HandlerContext } from "../../src/shared/rpc.js";
import { panelTabs, untilTab } from "./tabs.js";

describe("Why did it split, in the extension host", function () {
  this.timeout(60_000);
  const context: HandlerContext<never> = { signal: new AbortController().signal, emit: () => {} };
  let tokenizers: Tokenizers;

  before(() => {
    tokenizers = new Tokenizers(vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri);
  });

  const open = (content: string) => vscode.workspace.openTextDocument({ content, language: "plaintext" });

  const handlers = (source?: SplitSource) =>
    splitHandlers({ tokenizers, source: () => source, caretText: () => source, follow: () => {} });

  function borders({ splitter }: Tokenizer, text: string, from = 0): Set<number> {
    const found = new Set([from]);
    for (let at = from; at < text.length; ) {
      at = splitter.pieceEnd(text, at);
      found.add(at);
    }
    return found;
  }

  it("takes the line of the caret from border to border, so that it is cut as the whole document is", async () => {
    const content = "if (x) {\r\n\r\n    return  total;\r\n  }\r\n\r\n// it's done 12345\r\n\r\n\r\n";
    const document = await open(content);
    for (const name of ["o200k_base", "cl100k_base", "gpt2"]) {
      const tokenizer = await tokenizers.get(name);
      const whole = borders(tokenizer, document.getText());
      for (let offset = 0; offset <= document.getText().length; offset++) {
        const { text, caret, line, cutBefore, cutAfter } = textAround(document, offset, tokenizer.splitter);
        const at = document.offsetAt(document.positionAt(offset));
        const start = at - caret;
        assert.equal(document.getText().slice(start, start + text.length), text);
        const position = document.positionAt(offset);
        assert.equal(line, position.line);
        assert.ok(start <= document.offsetAt(document.lineAt(line).range.start), "the line is there in full");
        assert.deepEqual([cutBefore, cutAfter], [false, false]);
        for (const border of borders(tokenizer, text)) {
          assert.ok(whole.has(start + border), `${name} at ${offset}: ${JSON.stringify(text)}`);
        }
      }
    }
  });

  it("cuts a long line around the caret, between characters, and says so", async () => {
    const { splitter } = await tokenizers.get("o200k_base");
    for (const content of [
      "a".repeat(30_000),
      "🦜".repeat(15_000),
      "word ".repeat(6000),
      "{}();".repeat(6000),
    ]) {
      const document = await open(`first\n${content}\nlast`);
      const middle = 6 + 15_000;
      const { text, caret, cutBefore, cutAfter } = textAround(document, middle, splitter);
      assert.ok(text.length <= MOST_SPLIT_CHARACTERS);
      assert.ok(caret > 100 && caret < text.length - 100, `caret at ${caret} of ${text.length}`);
      assert.deepEqual([cutBefore, cutAfter], [true, true]);
      assert.doesNotMatch(text, /\p{Cs}/u, "no character is torn");
      assert.equal(document.getText().slice(middle - caret, middle - caret + text.length), text);
    }
  });

  it("answers with pieces, the rule and the merges of the piece, within a few milliseconds", async () => {
    const { look } = handlers();
    const text = "    return totals(12345);";
    await look({ text, at: 0, tokenizer: "o200k_base" }, context);
    const at = text.indexOf("totals");
    const view = await look({ text, at, tokenizer: "o200k_base" }, context);
    const encoder = await tokenizers.get("o200k_base");
    assert.deepEqual(
      view.pieces.flatMap(({ tokens }) => tokens.map(({ id }) => id)),
      encoder.encode(text),
    );
    assert.deepEqual(
      view.pieces.map(({ start, end }) => text.slice(start, end)),
      ["   ", " return", " totals", "(", "123", "45", ");"],
    );
    assert.equal(view.chosen, 2);
    const piece = view.pieces[view.chosen]!;
    const rule = ruleOf(view.patterns, text, piece.start, piece.end);
    assert.equal(rule?.alternatives[rule.matched]?.name, "word");
    assert.deepEqual(view.detail?.replay.ids, encoder.encode(" totals"));
    // The best of a few: other programs may hold the processor for longer than this takes.
    const times = [view.ms];
    while (times.length < 5) times.push((await look({ text, at, tokenizer: "o200k_base" }, context)).ms);
    assert.ok(Math.min(...times) < 20, `${times.join(", ")} ms`);
  });

  it("shows the same text under another encoding", async () => {
    const { look } = handlers();
    const pieces = async (tokenizer: string) =>
      (await look({ text: "12345", at: 0, tokenizer }, context)).pieces.map(({ start, end }) => [start, end]);
    assert.deepEqual(await pieces("cl100k_base"), [
      [0, 3],
      [3, 5],
    ]);
    assert.deepEqual(await pieces("gpt2"), [[0, 5]]);
  });

  it("offers the encodings and what is chosen besides", async () => {
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update(TOKENIZER_SETTING, "gpt-4", vscode.ConfigurationTarget.Global);
    try {
      const { tokenizer, tokenizers: options } = await handlers().start({}, context);
      assert.equal(tokenizer, "gpt-4");
      assert.deepEqual(options[0], { name: "gpt-4", label: "gpt-4 (cl100k_base)" });
      assert.equal(options.length, 6);
    } finally {
      await configuration.update(TOKENIZER_SETTING, undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal((await handlers().start({}, context)).tokenizers.length, 5);
  });

  it("says which tokenizer there is not", async () => {
    await assert.rejects(
      async () => handlers().look({ text: "a", at: 0, tokenizer: "no-such" }, context),
      /no-such/,
    );
  });

  it("is linked from the hover, with the place under the mouse", async () => {
    const documents = new DocumentTokens(await tokenizers.get("o200k_base"));
    try {
      const document = await open("return total;");
      const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 9));
      const { value } = hover!.contents[0] as vscode.MarkdownString;
      const encoded = /\(command:glassbox\.whyDidItSplit\?([^)]*)\)/.exec(value)?.[1];
      assert.deepEqual(JSON.parse(decodeURIComponent(encoded ?? "")), [6, document.uri.toString()]);
    } finally {
      documents.dispose();
    }
  });

  it("opens its panel from the command, with a place and without", async () => {
    const document = await open("let total = 0;\n");
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("glassbox.whyDidItSplit", 5, document.uri.toString());
    await untilTab("Why Did It Split?");
    await vscode.commands.executeCommand("glassbox.whyDidItSplit");
    assert.equal(panelTabs("split").length, 1);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
