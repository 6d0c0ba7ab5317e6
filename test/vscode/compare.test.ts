/** The comparison's host side inside the extension host: what is counted, of which text, and how it gives way. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { ComparedSource } from "../../src/editor/compare/comparedSource.js";
import {
  COMPARED_SETTING,
  comparedNames,
  describeTokenizer,
} from "../../src/editor/compare/comparedTokenizers.js";
import { type CompareSurface, compareHandlers } from "../../src/editor/compare/compareHandlers.js";
import { tokensOf } from "../../src/editor/compare/countTokens.js";
import { readingPrice } from "../../src/editor/compare/readingPrice.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { GlassboxError } from "../../src/shared/errors.js";
import { MOST_COMPARED, MOST_DRAWN } from "../../src/shared/panels/compare.js";
import type { HandlerContext } from "../../src/shared/rpc.js";
import { referenceIds } from "../core/tokens/reference.js";
import { until } from "../ui/harness/until.js";
import { panelTabs, untilTab } from "./tabs.js";

describe("Comparing tokenizers in the extension host", function () {
  this.timeout(60_000);
  const context: HandlerContext<never> = { signal: new AbortController().signal, emit: () => {} };
  let tokenizers: Tokenizers;

  before(() => {
    tokenizers = new Tokenizers(vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri);
  });

  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  const handlersFor = (text: string, change: Partial<CompareSurface> = {}) =>
    compareHandlers(tokenizers, {
      text: () => ({ text, version: 1 }),
      price: readingPrice,
      addTokenizer: async () => {},
      removeTokenizer: async () => {},
      keepText: () => {},
      useText: () => {},
      ...change,
    });

  const show = async (content: string) => {
    const document = await vscode.workspace.openTextDocument({ content, language: "plaintext" });
    return vscode.window.showTextDocument(document);
  };

  it("counts a text as js-tiktoken does, with the tokens to draw", async () => {
    const text = "let größe = 1234; // 中文 🦜 and هذا\r\n\treturn größe;\n";
    for (const tokenizer of ["o200k_base", "cl100k_base", "gpt2"] as const) {
      const counted = await handlersFor(text).count({ tokenizer, version: 1 }, context);
      const expected = referenceIds(tokenizer, text);
      assert.equal(counted.tokens, expected.length);
      assert.deepEqual(Array.from(counted.ids), expected);
      assert.equal(
        counted.lengths.reduce((sum, length) => sum + length, 0),
        Buffer.byteLength(text),
      );
      assert.equal(counted.goesOn, false);
    }
  });

  it("counts all of a long text and draws its beginning", async () => {
    const text = "ubiquitous 🦜 中文 ".repeat(1000);
    const { tokens, ids, lengths } = await handlersFor(text).count(
      { tokenizer: "cl100k_base", version: 1 },
      context,
    );
    const expected = referenceIds("cl100k_base", text);
    assert.equal(tokens, expected.length);
    assert.deepEqual(Array.from(ids), expected.slice(0, ids.length));
    assert.equal(
      lengths.reduce((sum, length) => sum + length, 0),
      Buffer.byteLength(text.slice(0, MOST_DRAWN)),
    );
  });

  it("prices a text by a model that reads with the tokenizer, with day and source", async () => {
    const price = async (tokenizer: string) =>
      (await handlersFor("some words here").count({ tokenizer, version: 1 }, context)).price;
    const o200k = await price("o200k_base");
    assert.ok(o200k && o200k.cost > 0);
    assert.match(o200k.described, /per million tokens/);
    assert.match(o200k.described, /price of 20\d\d-\d\d-\d\d/);
    assert.ok((await price("cl100k_base"))?.model.startsWith("gpt-4"));
    assert.equal(await price("gpt2"), undefined, "nobody sells it");
  });

  it("gives way while it counts a long text, and stops when it is told to", async () => {
    const text = "const value = { größe: [1, 22, 333] }; // 中文 🦜\n".repeat(2000).slice(0, MOST_COMPARED);
    const tokenizer = await tokenizers.get("o200k_base");
    const abort = new AbortController();
    const { length } = await tokensOf(tokenizer, text, abort.signal);
    assert.equal(length, tokenizer.encode(text).length);
    const stopped = tokensOf(tokenizer, text.repeat(100), abort.signal);
    abort.abort();
    await assert.rejects(stopped, (error: unknown) => GlassboxError.from(error).code === "cancelled");
  });

  it("does not answer for a text that is no longer the one", async () => {
    await assert.rejects(
      async () => handlersFor("text").count({ tokenizer: "gpt2", version: 0 }, context),
      (error: unknown) => GlassboxError.from(error).code === "cancelled",
    );
    await assert.rejects(
      async () => handlersFor("text").count({ tokenizer: "no-such-thing", version: 1 }, context),
      /no-such-thing/,
    );
  });

  it("draws what a model's own tokenizer makes of a text, without the space that it reads in front", async () => {
    const path = vscode.Uri.joinPath(
      vscode.extensions.getExtension("glassbox.glassbox")!.extensionUri,
      "media/models/stories15M-Q8_0.gguf",
    ).fsPath;
    const text = "Once upon a time ▁ 中 🦜";
    const tokenizer = `gguf:${path}`;
    const counted = await handlersFor(text).count({ tokenizer, version: 1 }, context);
    assert.equal(counted.tokens, (await tokenizers.get(tokenizer)).encode(text).length);
    assert.equal(counted.lengths[0], "Once".length);
    assert.equal(
      counted.lengths.reduce((sum, length) => sum + length, 0),
      Buffer.byteLength(text),
    );
    assert.equal(counted.price, undefined);
  });

  it("counts several short texts at once, but not any number of them", async () => {
    const texts = ["Guten Morgen.", "おはようございます。", ""];
    const counts = await handlersFor("").countTexts({ tokenizer: "gpt2", texts }, context);
    assert.deepEqual(
      counts,
      texts.map((text) => referenceIds("gpt2", text).length),
    );
    await assert.rejects(
      async () => handlersFor("").countTexts({ tokenizer: "gpt2", texts: Array(101).fill("a") }, context),
      (error: unknown) => GlassboxError.from(error).code === "invalid-request",
    );
  });

  it("follows the selection, else the paragraph of the caret, else the file", async () => {
    const editor = await show("one\ntwo\n\nthree\n");
    const source = new ComparedSource();
    try {
      const is = (text: string) => until(() => source.text === text, { what: JSON.stringify(text) });
      await is("one\ntwo");
      assert.equal(source.described?.chosen, "paragraph");
      editor.selection = new vscode.Selection(0, 1, 1, 2);
      await is("ne\ntw");
      assert.equal(source.described?.chosen, "selection");
      editor.selection = new vscode.Selection(2, 0, 2, 0);
      await is("one\ntwo\n\nthree\n");
      assert.equal(source.described?.chosen, "file");
    } finally {
      source.dispose();
    }
  });

  it("follows edits at once, and keeps a text when it is asked to", async () => {
    const editor = await show("alpha");
    const source = new ComparedSource();
    try {
      const before = source.version;
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 5), " beta"));
      await until(() => source.text === "alpha beta", { what: "the edit" });
      assert.ok(source.version > before);
      source.keep(true);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "not this "));
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(source.text, "alpha beta");
      assert.equal(source.described?.kept, true);
      source.keep(false);
      assert.equal(source.text, "not this alpha beta");
      source.give("สวัสดี", "Thai");
      assert.deepEqual(
        [source.text, source.described?.name, source.described?.chosen, source.described?.kept],
        ["สวัสดี", "Thai", "given", true],
      );
      source.follow();
      assert.equal(source.text, "not this alpha beta");
    } finally {
      source.dispose();
    }
  });

  it("cuts a text that is too long, never inside a character", async () => {
    await show(`x${"🦜".repeat(MOST_COMPARED)}`);
    const source = new ComparedSource();
    try {
      assert.equal(source.described?.cut, true);
      assert.equal(source.text.length, MOST_COMPARED - 1);
      assert.doesNotMatch(source.text, /\p{Surrogate}/u);
      assert.doesNotMatch(source.described?.drawn ?? "", /\p{Surrogate}/u);
      assert.equal(source.described?.characters, 1 + (MOST_COMPARED - 2) / 2);
    } finally {
      source.dispose();
    }
  });

  it("reads the names in the settings, and says of a stand-in that it is one", async () => {
    const configuration = vscode.workspace.getConfiguration();
    try {
      const names = ["gpt2", " gpt2 ", "", "claude-sonnet-4", 7];
      await configuration.update(COMPARED_SETTING, names, vscode.ConfigurationTarget.Global);
      assert.deepEqual(comparedNames(), ["gpt2", "claude-sonnet-4"]);
    } finally {
      await configuration.update(COMPARED_SETTING, undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal(describeTokenizer("gpt2").approximate, undefined);
    assert.match(describeTokenizer("claude-sonnet-4").approximate ?? "", /Approximate/);
    assert.equal(describeTokenizer("file:/models/tokenizer.json").label, "tokenizer.json");
  });

  it("opens from the command, with and without a text", async () => {
    await vscode.commands.executeCommand("glassbox.compareTokenizers");
    await show("let total = 0;");
    await vscode.commands.executeCommand("glassbox.compareTokenizers");
    await untilTab("Compare Tokenizers");
    assert.equal(panelTabs("compare").length, 1);
  });
});
