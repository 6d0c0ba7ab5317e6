/** Surprisal of a document in the extension host, with the real model process and the built-in model. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { softmax } from "../../src/core/sampling/candidates.js";
import { DEFAULT_THRESHOLDS, levelOf } from "../../src/core/surprisal/levels.js";
import { ReadingCache } from "../../src/core/surprisal/readingCache.js";
import { summaryOf } from "../../src/core/surprisal/summary.js";
import { placesByLevel } from "../../src/editor/surprisal/surprisalBands.js";
import { SurprisalFeature } from "../../src/editor/surprisal/surprisalFeature.js";
import { stateOf } from "../../src/editor/surprisal/surprisalHandlers.js";
import { surprisalHoverText, textInstead } from "../../src/editor/surprisal/surprisalHover.js";
import { lineNotes, SurprisalNotes } from "../../src/editor/surprisal/surprisalNotes.js";
import { SurprisalSession } from "../../src/editor/surprisal/surprisalSession.js";
import { until } from "../ui/harness/until.js";
import { useBuiltInModels } from "./builtInModels.js";
import { panelEnvironment } from "./panelEnvironment.js";

const STORY = "Once upon a time, there was a little girl named Lily. She loved to play with 0x7f rockets.\n";
/** Pieces of other lengths are rounded otherwise by the engine. */
const BITS = 0.05;

describe("Surprisal in the extension host", function () {
  this.timeout(60_000);
  const builtIn = useBuiltInModels();
  const sessions: SurprisalSession[] = [];

  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
  });

  const open = (content: string) => vscode.workspace.openTextDocument({ content, language: "plaintext" });

  function begin(
    document: vscode.TextDocument,
    { selected, cache }: { selected?: vscode.Selection; cache?: ReadingCache } = {},
  ): SurprisalSession {
    const session = new SurprisalSession(document, selected, builtIn().models, cache ?? new ReadingCache());
    sessions.push(session);
    return session;
  }

  async function edit(
    document: vscode.TextDocument,
    start: number,
    end: number,
    text: string,
  ): Promise<void> {
    const change = new vscode.WorkspaceEdit();
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    change.replace(document.uri, range, text);
    assert.ok(await vscode.workspace.applyEdit(change));
  }

  const bitsOf = (session: SurprisalSession) => session.tokens().map(({ reading }) => reading?.bits);
  const textOf = (document: vscode.TextDocument, { start, end }: { start: number; end: number }) =>
    document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));

  function assertNear(
    found: readonly (number | undefined)[],
    expected: readonly (number | undefined)[],
  ): void {
    assert.equal(found.length, expected.length);
    found.forEach((bits, at) => {
      assert.ok(Math.abs(bits! - expected[at]!) < BITS, `token ${at}: ${bits}, expected ${expected[at]}`);
    });
  }

  it("gives each token what the next-token distribution says of it", async () => {
    const document = await open(STORY);
    const session = begin(document);
    await session.start();
    assert.deepEqual(session.phase, { kind: "ready" });
    const tokens = session.tokens();
    assert.equal(tokens.map((token) => textOf(document, token)).join(""), STORY);
    const prompt = await builtIn().models.call("tokenize", { text: STORY, bos: true });
    for (const at of [0, 4, 17, tokens.length - 2]) {
      const tokenIds = prompt.slice(0, at + 1).map(({ id }) => id);
      const { logits } = await builtIn().models.call("next", { tokenIds });
      const probability = softmax(logits)[tokens[at]!.token.id]!;
      const bits = tokens[at]!.reading!.bits;
      assert.ok(Math.abs(bits + Math.log2(probability)) < BITS, `token ${at}: ${bits}, ${probability}`);
    }
    const state = stateOf(session);
    assert.equal(state.bytes, Buffer.byteLength(` ${STORY}`));
    const sum = [...state.tokens.bits].reduce((all, bits) => all + bits, 0);
    assert.ok(summaryOf(state).includes(`${(sum / tokens.length).toFixed(2)} bits a token`));
    assert.equal(session.fraction, 1);
  });

  it("reads a selection behind what stands before it", async () => {
    const document = await open(STORY);
    const whole = begin(document);
    await whole.start();
    const start = STORY.indexOf("She");
    const selection = new vscode.Selection(document.positionAt(start), document.positionAt(start + 9));
    const part = begin(document, { selected: selection });
    await part.start();
    const shown = part.tokens();
    assert.ok(shown.length > 0 && shown.length < 8);
    const same = whole.tokens().filter(({ index }) => shown.some((token) => token.index === index));
    assertNear(
      bitsOf(part),
      same.map(({ reading }) => reading?.bits),
    );
    assert.equal(part.source.scope, "selection");
  });

  it("is never wrong while the text is edited, and right again behind the edit", async () => {
    const document = await open(STORY);
    const cache = new ReadingCache();
    const session = begin(document, { cache });
    await session.start();
    const before = bitsOf(session);
    const at = STORY.indexOf("little");
    await edit(document, at, at + 6, "tiny");
    for (const token of session.tokens()) {
      if (!token.reading) continue;
      assert.ok(token.end < at, `token ${token.index} is shown though what stands before it has changed`);
      assert.ok(STORY.startsWith(textOf(document, token), token.start));
    }
    assert.ok(session.tokens().some(({ reading }) => reading));
    await until(() => session.phase.kind === "ready", { what: "the reading of the edit" });
    const fresh = begin(document);
    await fresh.start();
    assertNear(bitsOf(session), bitsOf(fresh));
    assert.equal(
      session
        .tokens()
        .map((token) => textOf(document, token))
        .join(""),
      document.getText(),
    );
    // Taken back, it is what it was, without the engine.
    const { tokens } = session.read;
    await edit(document, at, at + 4, "little");
    await until(() => session.phase.kind === "ready", { what: "the reading of what was taken back" });
    assertNear(bitsOf(session), before);
    assert.equal(session.read.tokens, tokens);
  });

  it("reads a text longer than the context in windows, and can be stopped and gone on with", async () => {
    const document = await open(STORY.repeat(16));
    const session = begin(document);
    // At the first reading: whoever asks now and then may come when all is read.
    const listening = session.onDidChange(() => {
      if (session.fraction > 0) session.stop();
    });
    await session.start();
    listening.dispose();
    assert.deepEqual(session.phase, { kind: "stopped" });
    const read = bitsOf(session).filter((bits) => bits !== undefined).length;
    await session.start();
    assert.deepEqual(session.phase, { kind: "ready" });
    assert.ok(bitsOf(session).every((bits) => bits !== undefined));
    assert.ok(session.windows.count > 1 && session.read.tokens >= read);
  });

  it("sums up each section and each line, once all of it is read", async () => {
    const second = `# Two\n\n${STORY.repeat(16)}`;
    const content = `# One\n\n${STORY}\n${second}`;
    const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
    const session = begin(document);
    const notes = new SurprisalNotes((asked) => (asked === document ? session : undefined));
    const { token: never } = new vscode.CancellationTokenSource();
    const lenses = async () =>
      (await notes.provideCodeLenses(document, never)).map(({ range, command }) => ({
        line: range.start.line,
        title: command!.title,
        asked: command!.arguments,
      }));
    /** The bits of the tokens that begin in some lines, both included. */
    const bitsIn = (first: number, last: number) =>
      session
        .tokens()
        .filter(({ start }) => {
          const { line } = document.positionAt(start);
          return line >= first && line <= last;
        })
        .map(({ reading }) => reading!.bits);
    const mean = (bits: number[]) => bits.reduce((sum, each) => sum + each, 0) / bits.length;
    // All lines, as if they were in sight.
    const noted = () =>
      lineNotes(
        { document, visibleRanges: [new vscode.Range(0, 0, document.lineCount - 1, 0)] },
        session,
      ).map(({ range, renderOptions }) => [range.start.line, renderOptions!.after!.contentText]);
    try {
      // The server of Markdown starts at the first question.
      await until(
        async () => {
          const symbols = await vscode.commands.executeCommand<unknown[] | undefined>(
            "vscode.executeDocumentSymbolProvider",
            document.uri,
          );
          return symbols?.length === 2;
        },
        { what: "the document's sections", timeoutMs: 30_000 },
      );
      assert.deepEqual([await lenses(), noted()], [[], []]);
      const two = content.indexOf("# Two");
      const listening = session.onDidChange(() => {
        if (session.fraction > 0 && session.tokensIn(0, two).every(({ reading }) => reading)) session.stop();
      });
      await session.start();
      listening.dispose();
      assert.deepEqual(session.phase, { kind: "stopped" });
      const [one, ...others] = await lenses();
      assert.deepEqual(others, [], "a section that is read in part has no sum");
      // The section may end before or after its last line break.
      const sums = [bitsIn(0, 3), bitsIn(0, 3).slice(0, -1), bitsIn(0, 2), bitsIn(0, 2).slice(0, -1)];
      const titles = sums.map((bits) => {
        const perplexity = 2 ** mean(bits);
        const even = perplexity < 100 ? perplexity.toFixed(1) : Math.round(perplexity).toLocaleString("en");
        return `${mean(bits).toFixed(2)} bits a token · perplexity ${even} · ${bits.length} tokens`;
      });
      assert.ok(titles.includes(one!.title), `${one!.title}, expected one of ${titles.join(", ")}`);
      assert.deepEqual([one!.line, one!.asked!.slice(0, 2)], [0, [document.uri.toString(), 0]]);
      const expected = [0, 2].map((line) => [line, `${mean(bitsIn(line, line)).toFixed(1)} bits a token`]);
      // Of the lines behind, as many as are read to their end.
      assert.deepEqual(noted().slice(0, 2), expected);
      assert.ok(noted().length < document.lineCount - 4);

      await session.start();
      assert.deepEqual(
        (await lenses()).map(({ line }) => line),
        [0, 4],
      );
      const written = Array.from({ length: document.lineCount }, (_, line) => line).filter(
        (line) => !document.lineAt(line).isEmptyOrWhitespace,
      );
      assert.deepEqual(
        noted(),
        written.map((line) => [line, `${mean(bitsIn(line, line)).toFixed(1)} bits a token`]),
      );

      const configuration = vscode.workspace.getConfiguration("glassbox.surprisal");
      await configuration.update("notes", "lines", vscode.ConfigurationTarget.Global);
      assert.deepEqual(await lenses(), [], "the notes stand behind the lines then");
      await configuration.update("notes", undefined, vscode.ConfigurationTarget.Global);
    } finally {
      notes.dispose();
    }
  });

  it("is nothing of an empty document", async () => {
    const session = begin(await open(""));
    await session.start();
    assert.deepEqual([session.phase.kind, session.tokens().length], ["ready", 0]);
  });

  it("shows a character that tokens share as one place, as surprising as the most surprising of them", async () => {
    const document = await open("She saw a 🦄 there.\n");
    const session = begin(document);
    await session.start();
    const places = placesByLevel(session.tokens(), DEFAULT_THRESHOLDS);
    const at = document.getText().indexOf("🦄");
    const parts = session.tokens().filter(({ start, end }) => start <= at && end > at);
    assert.ok(parts.length > 1);
    const most = Math.max(...parts.map(({ reading }) => levelOf(reading!.bits, DEFAULT_THRESHOLDS)));
    assert.ok(places[most - 1]!.some(({ start, end }) => start <= at && end >= at + 2));
    const flat = places.flat().sort((a, b) => a.start - b.start);
    for (let index = 1; index < flat.length; index++) assert.ok(flat[index]!.start >= flat[index - 1]!.end);
  });

  it("tells in a hover what was more probable, with nothing of the text as markup", async () => {
    const document = await open("Once upon a time, there was a [girl](command:evil) `named` **Lily**.\n");
    const session = begin(document);
    await session.start();
    for (const { token, start, end, reading } of session.tokens()) {
      const { value, isTrusted } = surprisalHoverText({
        uri: document.uri.toString(),
        token,
        start,
        end,
        reading: reading!,
        model: "a](command:evil)",
        name: (id) => session.name(id),
        textOf: (id) => textInstead(token, textOf(document, { start, end }), session.name(id)),
      });
      assert.ok(value.includes(`${reading!.bits.toFixed(2)} bits`));
      const links = [...value.matchAll(/\]\((command:[^)?]*)/g)].map((match) => match[1]);
      const own = value.replace(/(`+) .*? \1/g, "");
      assert.ok(!own.includes("evil"), value);
      assert.deepEqual(Object.keys(isTrusted as object), ["enabledCommands"]);
      assert.ok(links.length > 0);
    }
    const [first] = session.tokens();
    // The space that the tokenizer put before the text is not put into the text.
    const named = { ...first!.token, bytes: new TextEncoder().encode(" Then") };
    assert.equal(textInstead(first!.token, "Once", named), "Then");
    assert.equal(textInstead(first!.token, "Once", { ...named, special: true }), undefined);
    assert.equal(textInstead(first!.token, "Once", { ...named, bytes: Uint8Array.of(0xe2) }), undefined);
  });

  it("puts an alternative into the text, and nothing for a link that is not its own", async () => {
    const log = vscode.window.createOutputChannel("Surprisal test", { log: true });
    const { extensionUri, models } = builtIn();
    const feature = new SurprisalFeature(panelEnvironment(extensionUri, models), models, log);
    try {
      const document = await open(STORY);
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(0, 0, 0, 0);
      await feature.show();
      const probe = begin(document);
      await probe.start();
      const target = probe
        .tokens()
        .find(({ reading, token }) => reading!.alternatives[1] && token.bytes.length > 3)!;
      const address = document.uri.toString();
      const [, other] = target.reading!.alternatives;
      const text = textInstead(target.token, textOf(document, target), probe.name(other!.id));
      assert.ok(text);
      const wrongs: [unknown, unknown, unknown, unknown][] = [
        ["file:///elsewhere", target.start, target.end, 1],
        [address, target.start + 1, target.end, 1],
        [address, target.start, target.end, 99],
        [address, "0", "4", "1"],
        [undefined, undefined, undefined, undefined],
      ];
      for (const wrong of wrongs) {
        await feature.tryInstead(...wrong);
        assert.equal(document.getText(), STORY);
      }
      await until(
        async () => {
          await feature.tryInstead(address, target.start, target.end, 1);
          return document.getText() !== STORY;
        },
        { what: "the alternative in the text" },
      );
      assert.equal(document.getText(), STORY.slice(0, target.start) + text + STORY.slice(target.end));
      feature.hide();
    } finally {
      feature.dispose();
      log.dispose();
    }
  });
});
