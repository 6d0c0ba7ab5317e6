/** Tokenizers by name inside the extension host: files, the model's own, models by name, and what cannot be read. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { BUILT_IN_MODEL } from "../../src/editor/models.js";
import { approximation, Tokenizers } from "../../src/editor/tokenizers.js";
import { tokenizerItems } from "../../src/editor/tokens/chooseTokenizer.js";
import { DocumentTokens } from "../../src/editor/tokens/documentTokens.js";
import { TokenHover } from "../../src/editor/tokens/tokenHover.js";
import { GlassboxError } from "../../src/shared/errors.js";
import { useTemporaryFolder } from "../temporaryFolder.js";

describe("Tokenizers by name", function () {
  this.timeout(60_000);
  const folder = useTemporaryFolder();
  const changed = new vscode.EventEmitter<unknown>();
  let stories: string;
  let active: string;
  let tokenizers: Tokenizers;

  before(() => {
    const { extensionUri } = vscode.extensions.getExtension("glassbox.glassbox")!;
    stories = vscode.Uri.joinPath(extensionUri, "media", "models", BUILT_IN_MODEL).fsPath;
    active = stories;
    tokenizers = new Tokenizers(extensionUri, {
      activePath: async () => active,
      onDidChange: changed.event,
    });
  });

  after(() => {
    tokenizers.dispose();
    changed.dispose();
  });

  async function refusal(name: string): Promise<GlassboxError> {
    const error = await tokenizers.get(name).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GlassboxError, `"${name}" was not refused`);
    assert.match(error.remedy ?? "", /Choose Tokenizer/);
    return error;
  }

  it("reads the tokenizer inside a GGUF file, in short slices", async () => {
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const tokenizer = await tokenizers.get(`gguf:${stories}`);
    clearInterval(watch);
    assert.equal(tokenizer.name, "stories15M-Q8_0");
    assert.deepEqual(tokenizer.encode("Once upon a time"), [9038, 2501, 263, 931]);
    console.log(`      longest hold while the tokenizer was read: ${longest.toFixed(1)} ms`);
    assert.equal(await tokenizers.get(`gguf:${stories}`), tokenizer, "it is read once");
  });

  it("follows the model for the name `model`", async () => {
    assert.equal((await tokenizers.get("model")).name, "stories15M-Q8_0");
    active = join(folder(), "none.gguf");
    assert.equal((await refusal("model")).code, "file-unreadable");
    active = stories;
  });

  it("takes a model's name for its encoding", async () => {
    assert.equal((await tokenizers.get("gpt-4o")).name, "o200k_base");
    assert.equal((await tokenizers.get("gpt-4-turbo")).name, "cl100k_base");
    assert.equal(await tokenizers.get("claude-sonnet-4-5"), await tokenizers.get("o200k_base"));
  });

  it("says why a count is approximate", () => {
    assert.equal(approximation("gpt-4o"), undefined);
    assert.equal(approximation("o200k_base"), undefined);
    assert.equal(approximation("model"), undefined);
    assert.equal(approximation("gguf:/models/claude.gguf"), undefined);
    assert.match(approximation("claude-sonnet-4-5") ?? "", /Approximate: .*Anthropic publishes no tokenizer/);
    assert.match(approximation("llama-3.1-8b") ?? "", /Approximate: .*Meta publishes the tokenizer/);
  });

  it("says what is wrong with a file", async () => {
    assert.match((await refusal(`gguf:${join(folder(), "missing.gguf")}`)).message, /missing\.gguf/);
    assert.equal((await refusal(`gguf:${folder()}`)).code, "file-unreadable");
    const zip = join(folder(), "zip.gguf");
    writeFileSync(zip, "PK\u0003\u0004 and so on");
    const noGguf = await refusal(`gguf:${zip}`);
    assert.equal(noGguf.code, "file-invalid");
    assert.match(noGguf.message, /expected magic "GGUF"/);
    const cut = join(folder(), "cut.gguf");
    writeFileSync(cut, readFileSync(stories).subarray(0, 100_000));
    assert.match((await refusal(`gguf:${cut}`)).message, /cut off/);
    const holographic = join(folder(), "tokenizer.json");
    writeFileSync(holographic, '{"model":{"type":"Holographic","vocab":{"a":0}}}');
    const notKnown = await refusal(`file:${holographic}`);
    assert.equal(notKnown.code, "unsupported");
    assert.match(notKnown.message, /Holographic/);
    assert.equal((await refusal("no such tokenizer")).code, "invalid-request");
    assert.match((await refusal("gtp-4o")).message, /no tokenizer "gtp-4o". Near to it are gpt-4o/);
  });

  it("says that a run was counted in parts, once it was", async () => {
    const path = join(folder(), "wordLevel.json");
    writeFileSync(
      path,
      JSON.stringify({
        added_tokens: [],
        normalizer: { type: "Lowercase" },
        pre_tokenizer: { type: "Whitespace" },
        model: { type: "WordLevel", unk_token: "?", vocab: { "?": 0, a: 1 } },
      }),
    );
    const tokenizer = await tokenizers.get(`file:${path}`);
    const documents = new DocumentTokens(tokenizer, () => approximation(`file:${path}`, tokenizer));
    documents.of(await vscode.workspace.openTextDocument({ content: "a ".repeat(9000) }));
    assert.equal(documents.approximate, undefined);
    documents.of(await vscode.workspace.openTextDocument({ content: "a".repeat(9000) }));
    assert.match(documents.approximate ?? "", /run of more than 8192 characters.*in parts/);
    assert.equal(
      documents.approximate,
      approximation(`file:${path}`),
      "also for those who know its name only",
    );
    documents.dispose();
  });

  it("marks a text with the model's own tokens", async () => {
    const tokenizer = await tokenizers.get("model");
    const documents = new DocumentTokens(tokenizer);
    const document = await vscode.workspace.openTextDocument({ content: "Once upon a \u2581 time\n日本 😀" });
    const tokens = documents.of(document);
    assert.ok(tokens.complete);
    const text = document.getText();
    const spans = tokens.spans(0, tokens.length);
    assert.deepEqual(
      spans.slice(0, 3).map(({ start, end }) => text.slice(start, end)),
      ["Once", " upon", " a"],
    );
    assert.equal(spans.at(-1)?.end, text.length);
    assert.equal(tokens.tokenCount, tokenizer.encode(text).length);
    documents.dispose();
  });

  it("marks a text with a WordPiece vocabulary, whose tokens are not its bytes", async () => {
    const path = join(folder(), "bert.json");
    const vocab = ["[UNK]", "na", "##ive", "cafe"];
    writeFileSync(
      path,
      JSON.stringify({
        added_tokens: [],
        normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
        pre_tokenizer: { type: "BertPreTokenizer" },
        model: {
          type: "WordPiece",
          unk_token: "[UNK]",
          continuing_subword_prefix: "##",
          vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
        },
      }),
    );
    const documents = new DocumentTokens(await tokenizers.get(`file:${path}`));
    const document = await vscode.workspace.openTextDocument({ content: "NAÏVE  Café 😀" });
    const tokens = documents.of(document);
    const text = document.getText();
    assert.deepEqual(
      tokens.spans(0, text.length).map(({ start, end }) => text.slice(start, end)),
      ["NA", "ÏVE", "Café", "😀"],
    );
    const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 3));
    const { value } = (hover!.contents as vscode.MarkdownString[])[0]!;
    assert.ok(value.includes("ÏVE"), value);
    assert.match(value, /in the vocabulary \| ` ##ive `/);
    assert.equal(
      new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 5)),
      undefined,
    );
    documents.dispose();
  });

  it("tells the score of a token of a GGUF vocabulary", async () => {
    const documents = new DocumentTokens(await tokenizers.get("model"));
    const document = await vscode.workspace.openTextDocument({ content: "Once upon a time" });
    const hover = new TokenHover(() => documents).provideHover(document, new vscode.Position(0, 6));
    const { value } = (hover!.contents as vscode.MarkdownString[])[0]!;
    assert.match(value, /score \| -[\d,]+; higher scores win/);
    documents.dispose();
  });

  it("offers encodings, the model's own, the files beside it and models by name", async () => {
    const items = await tokenizerItems("gpt-4o", tokenizers);
    const values = items.map(({ value }) => value);
    for (const value of ["o200k_base", "gpt2", "model", `gguf:${stories}`, "gpt-4o"]) {
      assert.ok(values.includes(value), `${value} is offered`);
    }
    assert.match(items.find(({ value }) => value === "gpt-4o")?.label ?? "", /^\$\(check\)/);
    const claude = items.find(({ value }) => value?.startsWith("claude"));
    assert.match(claude?.description ?? "", /approximate/);
    assert.equal(items.at(-1)?.value, undefined, "a file can be opened");
  });

  it("shows what is chosen where it is none of these", async () => {
    const items = await tokenizerItems(`file:${join(folder(), "tokenizer.json")}`, tokenizers);
    assert.equal(items[1]?.label, "$(check) tokenizer.json");
  });

  it("takes no path from the settings of a workspace that is not trusted", () => {
    const manifest = vscode.extensions.getExtension("glassbox.glassbox")!.packageJSON as {
      capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
    };
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.ok(restrictedConfigurations.includes("glassbox.tokens.tokenizer"));
  });
});
