/** The lessons inside the extension host: tree, opening, the text they run on, and progress between sessions. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { afterEvent } from "../../src/core/explain/explanationState.js";
import { answered } from "../../src/core/lessons/progress.js";
import { CodeAnchors, SAMPLE_SCHEME } from "../../src/editor/lessons/codeAnchors.js";
import { CourseFiles } from "../../src/editor/lessons/courseFiles.js";
import { EditorText } from "../../src/editor/lessons/editorText.js";
import { ExhibitHosts } from "../../src/editor/lessons/exhibitHosts.js";
import { contextUseInLesson, explainInLesson } from "../../src/editor/lessons/explanationHandlers.js";
import { KeptByExhibits } from "../../src/editor/lessons/keptByExhibits.js";
import { LessonFeature } from "../../src/editor/lessons/lessonFeature.js";
import {
  readModelFacts,
  templatedChat,
  tryFunction,
  workspacePassages,
  write,
} from "../../src/editor/lessons/lessonRequests.js";
import { LessonTree, type LessonTreeNode } from "../../src/editor/lessons/lessonTree.js";
import { ProgressStore } from "../../src/editor/lessons/progressStore.js";
import { ModelService } from "../../src/editor/models.js";
import type { PanelEnvironment } from "../../src/editor/panel.js";
import { SessionCounts } from "../../src/editor/sessionUse.js";
import { Tokenizers } from "../../src/editor/tokenizers.js";
import { GlassboxError } from "../../src/shared/errors.js";
import {
  type AnchorPlace,
  type ExplanationNews,
  MOST_EXHIBIT_CHARACTERS,
} from "../../src/shared/panels/lesson.js";
import type { LensProtocol, ModelProtocol, SandboxProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { until } from "../ui/harness/until.js";
import { panelEnvironment } from "./panelEnvironment.js";
import { untilTab } from "./tabs.js";

/** What a session leaves behind for the next one: text, as in the editor's own store. */
class StoredMemento implements vscode.Memento {
  readonly #stored = new Map<string, string>();
  keys(): readonly string[] {
    return [...this.#stored.keys()];
  }
  get<T>(key: string, fallback?: T): T | undefined {
    const text = this.#stored.get(key);
    return text === undefined ? fallback : (JSON.parse(text) as T);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.#stored.set(key, JSON.stringify(value));
  }
}

describe("Lessons in the extension host", function () {
  this.timeout(30_000);
  const extensionUri =
    vscode.extensions.getExtension("glassbox.glassbox")?.extensionUri ?? vscode.Uri.file(process.cwd());
  const disposables: vscode.Disposable[] = [];
  let models: ModelService;
  let lens: WorkerClient<LensProtocol>;
  let sandbox: WorkerClient<SandboxProtocol>;
  let model: WorkerClient<ModelProtocol>;
  let log: vscode.LogOutputChannel;
  let environment: PanelEnvironment;
  const tokenizers = new Tokenizers(extensionUri);

  before(() => {
    model = builtWorkers.model();
    lens = builtWorkers.lens();
    sandbox = builtWorkers.sandbox();
    models = new ModelService(extensionUri, model);
    log = vscode.window.createOutputChannel("Lessons test", { log: true });
    environment = panelEnvironment(extensionUri, models);
    disposables.push(model, lens, sandbox, models, log);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  after(() => {
    for (const disposable of disposables) disposable.dispose();
  });

  function session(memento: vscode.Memento): LessonFeature {
    const feature = new LessonFeature(environment, models, lens, sandbox, tokenizers, memento, log);
    disposables.push(feature);
    return feature;
  }

  async function treeOf(feature: LessonFeature) {
    const tree = new LessonTree(async () => feature);
    disposables.push(tree);
    const roots = await tree.getChildren();
    const lessons: LessonTreeNode[] = [];
    for (const root of roots) lessons.push(...(await tree.getChildren(root)));
    return {
      roots: roots.map((node) => tree.getTreeItem(node)),
      lessons: lessons.map((node) => tree.getTreeItem(node)),
    };
  }

  const tokensIn = async (feature: LessonFeature) =>
    (await treeOf(feature)).lessons.find(({ id }) => id === "tokens");
  const icon = (item: vscode.TreeItem | undefined) => (item?.iconPath as vscode.ThemeIcon | undefined)?.id;

  it("are listed by chapter, with their time and a command that opens them", async () => {
    const { roots, lessons } = await treeOf(session(new StoredMemento()));
    const listed = lessons.map(({ id }) => id);
    const { chapters } = await new CourseFiles(
      vscode.Uri.joinPath(extensionUri, "media", "lessons"),
      log,
    ).course();
    assert.deepEqual(
      roots.map(({ label }) => label),
      chapters.map(({ number, title }) => `${number}  ${title}`),
    );
    for (const [at, { description }] of roots.entries()) {
      const of = chapters[at]?.lessons ?? [];
      const minutes = of.reduce((sum, lesson) => sum + lesson.minutes, 0);
      assert.equal(description, `0 of ${of.length} done, ${minutes} min`);
    }
    assert.deepEqual(
      listed,
      chapters.flatMap(({ lessons: of }) => of.map(({ id }) => id)),
    );
    assert.ok(["tokens", "attention", "sampling"].every((id) => listed.includes(id)));
    for (const item of lessons) {
      assert.equal(item.command?.command, "glassbox.openLesson");
      assert.deepEqual(item.command?.arguments, [item.id]);
      assert.match(String(item.description), /^\d+ min/);
      // The built-in model is no chat model: what needs one is locked, and says so beside the remedy.
      const locked = /needs a chat model/.test(String(item.description));
      assert.equal(icon(item), locked ? "lock" : "circle-large-outline");
      assert.equal(item.contextValue, locked ? "lesson-locked" : "lesson");
    }
  });

  it("stand open in the tree where the course goes on", async () => {
    const { roots } = await treeOf(session(new StoredMemento()));
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    assert.equal(roots[0]?.collapsibleState, Expanded);
    assert.ok(roots.slice(1).every((root) => root.collapsibleState === Collapsed));
  });

  it("of a teacher's folder are shown beside the course, and read again when they change", async () => {
    const folder = vscode.Uri.file(join(process.cwd(), "dist", "test-lessons", String(process.pid)));
    const lesson = vscode.Uri.joinPath(folder, "our-tokens.md");
    const write = (title: string) =>
      vscode.workspace.fs.writeFile(
        lesson,
        new TextEncoder().encode(
          readFileSync(join(process.cwd(), "test/fixtures/lessons/01-one/good.md"), "utf8")
            .replace("id: good", "id: our-tokens")
            .replace("title: A good lesson", `title: ${title}`)
            .replace("chapter: 1", "chapter: 20"),
        ),
      );
    await write("Our tokens");
    await vscode.workspace.fs.writeFile(
      vscode.Uri.joinPath(folder, "chapters.yaml"),
      new TextEncoder().encode("- number: 20\n  title: Our course\n"),
    );
    const config = vscode.workspace.getConfiguration("glassbox");
    await config.update("lessons.folders", [folder.fsPath], vscode.ConfigurationTarget.Global);
    try {
      const feature = session(new StoredMemento());
      const { chapters, faults } = await feature.list();
      assert.deepEqual(faults, []);
      const { number, title, lessons } = chapters.at(-1) ?? {};
      assert.deepEqual([number, title, lessons?.map(({ id }) => id)], [20, "Our course", ["our-tokens"]]);
      const changed = new Promise<void>((resolve) => disposables.push(feature.onDidChangeList(resolve)));
      await write("Our own tokens");
      await changed;
      assert.equal((await feature.list()).chapters.at(-1)?.lessons[0]?.title, "Our own tokens");
    } finally {
      await config.update("lessons.folders", undefined, vscode.ConfigurationTarget.Global);
      await vscode.workspace.fs.delete(folder, { recursive: true });
    }
  });

  it("are validated while they are written, and previewed without leaving a trace", async () => {
    const source = readFileSync(join(process.cwd(), "test/fixtures/lessons/01-one/good.md"), "utf8");
    const memento = new StoredMemento();
    const feature = session(memento);
    const folder = vscode.Uri.file(join(process.cwd(), "dist", "test-preview", String(process.pid)));
    const uri = vscode.Uri.joinPath(folder, "good.md");
    await vscode.workspace.fs.writeFile(
      uri,
      new TextEncoder().encode(source.replace("token-strip", "hologram")),
    );
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    await assert.rejects(feature.preview(), /Line 13: Unknown exhibit "hologram"/);
    const problems = vscode.languages
      .getDiagnostics(uri)
      .filter((diagnostic) => diagnostic.source === "Glassbox")
      .map(({ range, message }) => [range.start.line, message.split(".")[0]]);
    assert.deepEqual(problems, [[12, 'Unknown exhibit "hologram"']]);
    const at = document.positionAt(document.getText().indexOf("hologram"));
    await editor.edit((edit) => edit.replace(new vscode.Range(at, at.translate(0, 8)), "token-strip"));
    await feature.preview();
    assert.deepEqual(vscode.languages.getDiagnostics(uri), []);
    await untilTab("A good lesson");
    assert.deepEqual(memento.keys(), [], "nothing is kept of a preview");
    await vscode.workspace.fs.delete(folder, { recursive: true });
  });

  it("go on where the reader left", async () => {
    const feature = session(new StoredMemento());
    await feature.resume();
    await untilTab("A model is a file of numbers");
    await feature.open("softmax");
    await feature.open("tokens");
    await feature.resume();
    await untilTab("What a model reads");
  });

  it("measure facts, open the model's file and read the workspace for their exhibits", async () => {
    const { signal } = new AbortController();
    const facts = await readModelFacts(models, signal);
    const bytes = facts.tensorTypes.reduce((sum, type) => sum + type.bytes, 0);
    assert.ok(facts.fileBytes >= bytes && bytes > facts.fileBytes * 0.9, `${bytes} of ${facts.fileBytes}`);
    assert.equal(
      facts.tensorTypes.reduce((sum, type) => sum + type.weights, 0),
      facts.values["model-parameters"],
    );
    assert.equal((facts.values["model-width"] ?? 0) % (facts.values["model-heads"] ?? 1), 0);
    const chat = await templatedChat(models, [{ role: "user", text: "Say hello" }], signal);
    // A page is sent JSON: what is undefined in a list would come out as null there.
    assert.ok(chat.roles.every((role) => role === "user" || role === "template"));
    assert.ok(chat.roles.includes("user"), chat.roles.join());
    const { passages, files } = await workspacePassages(signal);
    assert.equal(files > 0, passages.length > 0);
  });

  it("open in a panel, and are in progress from then on, in the next session too", async () => {
    const memento = new StoredMemento();
    const feature = session(memento);
    let changes = 0;
    disposables.push(feature.onDidChangeList(() => changes++));
    await feature.open("tokens");
    await untilTab("What a model reads");
    assert.ok(changes > 0);
    for (const one of [feature, session(memento)]) {
      const { lessons } = await treeOf(one);
      const begun = lessons.filter((item) => icon(item) === "circle-filled");
      assert.deepEqual(
        begun.map(({ id }) => id),
        ["tokens"],
      );
    }
  });

  it("are done when all of their checks are, in the next session too", async () => {
    const memento = new StoredMemento();
    const store = new ProgressStore(memento);
    disposables.push(store);
    for (const check of ["ubiquitous", "thrift", "torn"]) {
      await store.change((before) => answered(before, "tokens", check, "an answer", true, Date.now()));
    }
    const { roots } = await treeOf(session(memento));
    assert.equal(icon(await tokensIn(session(memento))), "pass-filled");
    const chapter = roots.find(({ label }) => String(label).startsWith("2 "));
    assert.match(String(chapter?.description), /^1 of \d+ done/);
    await store.reset();
    assert.equal(icon(await tokensIn(session(memento))), "circle-large-outline");
  });

  it("say in the tree what is to be repeated, also of a chapter that is done", async () => {
    const memento = new StoredMemento();
    const store = new ProgressStore(memento);
    disposables.push(store);
    const yesterday = Date.now() - 86_400_000;
    const folder = vscode.Uri.joinPath(extensionUri, "media", "lessons");
    const { chapters } = await new CourseFiles(folder, log).course();
    const checks = (chapters.find(({ number }) => number === 3)?.lessons ?? []).flatMap(({ id, blocks }) =>
      blocks.flatMap((block) => (block.kind === "check" ? [{ lesson: id, check: block.id }] : [])),
    );
    for (const { lesson, check } of checks) {
      await store.change((before) => answered(before, lesson, check, "wrong", false, yesterday));
      await store.change((before) => answered(before, lesson, check, "right", true, yesterday));
    }
    const { roots, lessons } = await treeOf(session(memento));
    const [root] = roots.filter(({ label }) => String(label).startsWith("3 "));
    assert.match(
      String(root?.description),
      new RegExp(`^2 of 2 done, \\d+ min, to repeat: ${checks.length}$`),
    );
    assert.equal(root?.collapsibleState, vscode.TreeItemCollapsibleState.Expanded);
    const { description } = lessons.find(({ id }) => id === "position") ?? {};
    const there = checks.filter(({ lesson }) => lesson === "position").length;
    assert.match(String(description), new RegExp(`, to repeat: ${there}$`));
  });

  it("say which lesson there is not", async () => {
    await assert.rejects(
      session(new StoredMemento()).open("astrology"),
      (error: unknown) => error instanceof GlassboxError && /no lesson "astrology"/.test(error.message),
    );
  });

  it("show a file that is no lesson as a fault, with its place, and the others all the same", async () => {
    const folder = vscode.Uri.file(join(process.cwd(), "test/fixtures/lessons"));
    const files = new CourseFiles(folder, log);
    const course = await files.course();
    assert.deepEqual(
      course.chapters.map(({ lessons }) => lessons.map(({ id }) => id)),
      [["good"]],
    );
    assert.deepEqual(
      course.faults.map(({ file, line, message }) => [file, line, message.split(".")[0]]),
      [["01-one/broken.md", 13, 'Unknown exhibit "hologram"']],
    );
  });

  it("are read in the reader's language, with the same names, in the same order", async () => {
    const folder = vscode.Uri.joinPath(extensionUri, "media", "lessons");
    const [english, german] = await Promise.all(
      ["en", "de-AT"].map((language) => new CourseFiles(folder, log, language).course()),
    );
    assert.ok(english && german);
    assert.deepEqual(german.faults, []);
    const named = ({ chapters }: typeof english) =>
      chapters.map(({ lessons }) => lessons.map(({ id }) => id));
    assert.deepEqual(named(german), named(english));
    assert.equal(english.chapters[1]?.title, "Text into tokens");
    assert.equal(german.chapters[1]?.title, "Von Text zu Tokens");
    assert.match(german.chapters[1]?.lessons[0]?.title ?? "", /Modell/);
  });

  it("are previewed in another language under the name of the English one", async () => {
    const folder = vscode.Uri.file(join(process.cwd(), "dist", "test-preview", String(process.pid)));
    const uri = vscode.Uri.joinPath(folder, "good.de.md");
    const source = readFileSync(join(process.cwd(), "test/fixtures/lessons/01-one/good.md"), "utf8");
    await vscode.workspace.fs.writeFile(
      uri,
      new TextEncoder().encode(source.replace("A good lesson", "Eine gute Lektion")),
    );
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    const feature = session(new StoredMemento());
    await feature.preview();
    assert.deepEqual(vscode.languages.getDiagnostics(uri), []);
    await untilTab("Eine gute Lektion");
    await vscode.workspace.fs.delete(folder, { recursive: true });
  });

  it("answer only what the embedded exhibit's own protocol has", async () => {
    const course = await new CourseFiles(vscode.Uri.joinPath(extensionUri, "media", "lessons"), log).course();
    const hosts = new ExhibitHosts(models, lens, model, new SessionCounts());
    const lesson = course.chapters.flatMap(({ lessons }) => lessons).find(({ id }) => id === "sampling");
    assert.ok(lesson);
    hosts.show(lesson);
    const context = { signal: new AbortController().signal, emit: () => {} };
    for (const [exhibitId, method] of [
      ["next", "constructor"],
      ["next", "attend"],
      ["nothing", "prompt"],
    ] as const) {
      const call = () => hosts.call({ exhibitId, text: "x", method, params: {} }, context);
      assert.throws(call, /does not answer/);
    }
  });

  it("let the model write, and run what was written, within limits and only where it is trusted", async () => {
    const { signal } = new AbortController();
    const seen: string[] = [];
    const context = {
      signal,
      emit: ({ token }: { token: { name: string } }) => seen.push(token.name),
    };
    const request = { maxTokens: 6, temperature: 0, seed: 1, stopTexts: ["."] };
    const told = await write(models, { ...request, prompt: "Once upon a time, there was a" }, context);
    assert.equal(told.tokens.length, seen.length);
    assert.ok(told.sentTokens > 5 && told.sent.startsWith("Once upon") && !told.text.includes("."));
    const turns = [{ role: "user" as const, text: "Once upon a time, there was a" }];
    // The built-in model has no template: a chat is its plain words.
    assert.equal((await write(models, { ...request, prompt: turns }, context)).text, told.text);
    const runs = await tryFunction(
      sandbox,
      {
        source: "function twice(x) { return x + x; }",
        languageId: "javascript",
        functionName: "twice",
        inputs: ["2", "null.x"],
      },
      signal,
    );
    assert.deepEqual(
      runs.map(({ outcome, value }) => (outcome === "returned" ? value : outcome)),
      ["4", runs[1]?.outcome],
    );
    assert.notEqual(runs[1]?.outcome, "returned");
  });

  it("explain a text from its first stage to its last, each call with its prompt", async () => {
    const ground = { models, sandbox, isTrusted: () => true };
    const languageId = "typescript";
    const code = "function double(x: number): number {\n  return x + x;\n}";
    const explained = async (text: string, runs: boolean) => {
      const news: ExplanationNews[] = [];
      const { signal } = new AbortController();
      await explainInLesson(ground, { text, languageId, runs }, { signal, emit: (each) => news.push(each) });
      const [begun] = news;
      assert.ok(begun?.kind === "begun");
      const happened = news.flatMap((each) => (each.kind === "happened" ? [each.event] : []));
      const state = happened.reduce(afterEvent, begun.state);
      const sent = news.flatMap((each) => (each.kind === "sent" ? [each.call] : []));
      return { state, sent };
    };
    const { state, sent } = await explained(code, true);
    assert.equal(state.phase, "done", JSON.stringify(state.error));
    assert.ok(state.gathered.length > 0, "the function was run");
    const calls = state.stages.flatMap(({ call }) => (call === undefined ? [] : [call]));
    assert.deepEqual(
      [...new Set(calls)],
      sent.map(({ id }) => id),
    );
    assert.ok(sent.length > 0 && sent.every(({ prompt }) => prompt.text.includes("return x + x;")));
    assert.deepEqual((await explained(code, false)).state.gathered, []);
    await assert.rejects(explained("  \n", false), /nothing to explain/);

    const { signal } = new AbortController();
    const use = (text: string) => contextUseInLesson(ground, { text, languageId }, signal);
    const [short, long] = [await use(code), await use(`${code}\n\n${code.replace("double", "twice")}`)];
    assert.ok(
      short.used > 0 && long.used > short.used && long.used < long.size,
      JSON.stringify([short, long]),
    );
  });

  it("keep what is written into an exhibit, for that lesson and no other", async () => {
    const memento = new StoredMemento();
    const kept = new KeptByExhibits(memento);
    assert.equal(kept.get("benchmarks", "set"), null);
    await kept.keep("benchmarks", "set", "[1]");
    await kept.keep("benchmarks", "set", "[2]");
    assert.equal(new KeptByExhibits(memento).get("benchmarks", "set"), "[2]");
    assert.equal(kept.get("frontiers", "set"), null);
    await assert.rejects(kept.keep("benchmarks", "set", "x".repeat(30_000)), /too many to keep/);
    await memento.update("glassbox.lessons.kept", { benchmarks: 3 });
    assert.equal(kept.get("benchmarks", "set"), null);
  });

  describe("point at code", () => {
    const folder = vscode.Uri.file(join(process.cwd(), "dist", "test-anchors", String(process.pid)));
    const anchors = [
      {
        id: "loop",
        file: "only-in-sample/sum.ts",
        text: "for (const value of values) {\n  total += value;\n}",
      },
      { id: "lost", file: "src/nowhere.ts", text: "nothing" },
    ];
    let points: CodeAnchors;

    before(async () => {
      await vscode.workspace.fs.copy(
        vscode.Uri.joinPath(extensionUri, "media", "sample", "src"),
        vscode.Uri.joinPath(folder, "sample", "only-in-sample"),
        { overwrite: true },
      );
      points = new CodeAnchors(vscode.Uri.joinPath(folder, "sample"));
      disposables.push(points);
    });

    after(() => vscode.workspace.fs.delete(folder, { recursive: true }));

    it("of the sample, and say which file there is not", async () => {
      const places = await points.show({ title: "A lesson", anchors });
      assert.deepEqual(places, {
        loop: {
          kind: "found",
          file: "only-in-sample/sum.ts",
          sample: true,
          firstLine: 3,
          lastLine: 5,
          changed: false,
        },
        lost: { kind: "no-file", file: "src/nowhere.ts" },
      });
      await points.reveal("loop");
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.scheme, SAMPLE_SCHEME);
      assert.deepEqual([editor?.selection.active.line, editor?.selection.active.character], [3, 2]);
      await assert.rejects(points.reveal("lost"), /no file src\/nowhere\.ts/);
      await assert.rejects(points.reveal("constructor"), /no anchor "constructor"/);
    });

    it("of the workspace, and follow it through edits until it is gone", async () => {
      const [root] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(root, "the tests run in a window with a folder");
      const file = `anchored-${process.pid}.ts`;
      const uri = vscode.Uri.joinPath(root.uri, file);
      const source = readFileSync(join(process.cwd(), "media/sample/src/sum.ts"), "utf8");
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(source));
      try {
        const anchor = { id: "loop", file, text: anchors[0]?.text ?? "" };
        const begun = await points.show({ title: "A lesson", anchors: [anchor] });
        assert.equal(begun.loop?.kind === "found" && begun.loop.firstLine, 3);
        const editor = await vscode.window.showTextDocument(uri);
        const next = () =>
          new Promise<Record<string, AnchorPlace>>((resolve) => {
            const listener = points.onDidChange((places) => {
              listener.dispose();
              resolve(places);
            });
          });
        const moved = next();
        await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "// One\n// Two\n"));
        const { loop: after } = await moved;
        assert.deepEqual(after?.kind === "found" && [after.firstLine, after.changed], [5, false]);
        const changed = next();
        await editor.edit((edit) => edit.replace(new vscode.Range(6, 4, 6, 19), "total += Number(value);"));
        const { loop: other } = await changed;
        assert.deepEqual(other?.kind === "found" && [other.firstLine, other.changed], [5, true]);
        // Who goes there at once has them looked for before the editor has come to rest.
        const told = next();
        await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "// Zero\n"));
        await points.reveal("loop");
        const { loop: there } = await told;
        assert.deepEqual(there?.kind === "found" && [there.firstLine, there.changed], [6, true]);
        await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 1, 0)));
        const gone = next();
        await editor.edit((edit) => edit.delete(new vscode.Range(3, 0, 11, 0)));
        assert.deepEqual(await gone, { loop: { kind: "gone", file, sample: false } });
        await assert.rejects(points.reveal("loop"), /no longer in/);
      } finally {
        await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
        await vscode.workspace.fs.delete(uri);
      }
    });
  });

  describe("take their text from the editor", () => {
    async function show(content: string): Promise<vscode.TextEditor> {
      return vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
    }

    function follow(): EditorText {
      const text = new EditorText();
      disposables.push(text);
      return text;
    }

    it("the line of the caret, the selection, and nothing on an empty line", async () => {
      const editor = await show("first line\n\n  third line\n");
      const text = follow();
      assert.equal(text.current?.text, "first line");
      assert.equal(text.current?.chosen, "line");
      editor.selection = new vscode.Selection(2, 2, 2, 7);
      assert.deepEqual(
        { ...text.current, fileName: "" },
        {
          fileName: "",
          firstLine: 2,
          lastLine: 2,
          chosen: "selection",
          languageId: "plaintext",
          text: "third",
          cut: false,
        },
      );
      editor.selection = new vscode.Selection(1, 0, 1, 0);
      assert.equal(text.current, undefined);
    });

    it("and say so when it changes", async () => {
      const editor = await show("one\ntwo\n");
      const text = follow();
      const told: (string | undefined)[] = [];
      disposables.push(text.onDidChange((source) => told.push(source?.text)));
      // The editor may still tell of what it was before.
      const says = (wanted: string | undefined) =>
        until(() => told.length > 0 && told.at(-1) === wanted, {
          what: () => `${wanted} after ${told.join()}`,
        });
      editor.selection = new vscode.Selection(1, 0, 1, 0);
      await says("two");
      await editor.edit((edit) => edit.insert(new vscode.Position(1, 3), " and more"));
      await says("two and more");
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      await says(undefined);
    });

    it("cut where it is too long, never inside a character", async () => {
      const editor = await show(`x${"🙂".repeat(MOST_EXHIBIT_CHARACTERS)}`);
      editor.selection = new vscode.Selection(0, 0, 0, MOST_EXHIBIT_CHARACTERS * 2 + 1);
      const { current } = follow();
      assert.equal(current?.cut, true);
      assert.equal(current?.text, `x${"🙂".repeat((MOST_EXHIBIT_CHARACTERS - 2) / 2)}`);
    });
  });
});
