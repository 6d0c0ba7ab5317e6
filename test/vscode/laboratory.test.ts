/** What the lessons that train and filter get from the extension host: whole files, pages, and a real training. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { EditorText } from "../../src/editor/lessons/editorText.js";
import { laboratoryHandlers } from "../../src/editor/lessons/laboratory.js";
import { isCancelled } from "../../src/shared/errors.js";
import { MOST_TRAINING_CHARACTERS, type TrainingProgress } from "../../src/shared/training.js";
import { builtWorkers } from "../builtWorkers.js";

describe("The laboratory of the lessons", function () {
  this.timeout(30_000);
  const extensionUri =
    vscode.extensions.getExtension("glassbox.glassbox")?.extensionUri ?? vscode.Uri.file(process.cwd());
  const training = builtWorkers.training();
  let editorText: EditorText | undefined;
  const handlers = laboratoryHandlers({
    training,
    document: () => editorText?.document,
    lessons: vscode.Uri.joinPath(extensionUri, "media", "lessons"),
  });
  const context = () => ({ signal: new AbortController().signal, emit: () => {} });

  afterEach(async () => {
    editorText?.dispose();
    editorText = undefined;
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
  after(() => training.dispose());

  async function show(content: string): Promise<void> {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
    editorText = new EditorText();
  }

  it("gives the whole file of the editor, not the line of the caret, and the example beside it", async () => {
    const none = await handlers.wholeTexts({}, context());
    assert.equal(none.file, null);
    assert.ok(none.example.text.length > 2000 && none.example.fileName === undefined);
    await show("first line\nsecond line\n");
    const { file } = await handlers.wholeTexts({}, context());
    assert.equal(file?.text, "first line\nsecond line\n");
    assert.equal(file.cut, false);
  });

  it("cuts a long file, says so, and never cuts inside a character", async () => {
    await show(`x${"🙂".repeat(MOST_TRAINING_CHARACTERS)}`);
    const { file } = await handlers.wholeTexts({}, context());
    assert.equal(file?.cut, true);
    assert.equal(file.text, `x${"🙂".repeat((MOST_TRAINING_CHARACTERS - 2) / 2)}`);
  });

  it("has the sample pages with their addresses, and files of the workspace by their paths", async () => {
    const { pages } = await handlers.pages({ from: "sample" }, context());
    assert.equal(pages.length, 16);
    assert.ok(pages.every(({ id, text }) => id.startsWith("https://") && text.length > 0));
    const own = await handlers.pages({ from: "workspace" }, context());
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    for (const { id, text } of own.pages.slice(0, 3)) {
      assert.ok(folder);
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, id));
      assert.ok(new TextDecoder().decode(bytes).startsWith(text.slice(0, 100)), id);
    }
  });

  it("trains in a process of its own: the host goes on, a stop is heard at once, and it goes on from there", async () => {
    const { example } = await handlers.wholeTexts({}, context());
    const abort = new AbortController();
    const seen: TrainingProgress[] = [];
    let turns = 0;
    const clock = setInterval(() => turns++, 5);
    const stopped = await Promise.resolve(
      handlers.train(
        { name: "host", plan: { kind: "learn", text: example.text, seed: 1 }, steps: 100_000 },
        {
          signal: abort.signal,
          emit: (event) => {
            if ("start" in event) return;
            seen.push(event.progress);
            if (seen.length === 3) abort.abort();
          },
        },
      ),
    ).catch((error: unknown) => error);
    clearInterval(clock);
    assert.ok(isCancelled(stopped), String(stopped));
    assert.ok(turns > 3, `the host's clock ticked ${turns} times meanwhile`);
    const before = seen.at(-1)?.steps ?? 0;
    assert.ok(before > 0);
    const last: TrainingProgress[] = [];
    await handlers.train(
      { name: "host", plan: null, steps: before + 5 },
      {
        signal: new AbortController().signal,
        emit: (event) => void ("progress" in event && last.push(event.progress)),
      },
    );
    // A step or two may have been under way when it was stopped.
    assert.ok((last.at(-1)?.steps ?? 0) >= before + 5);
    const [next] = await handlers.nextCharacters({ name: "host", prefix: "The ", most: 3 }, context());
    assert.equal(next?.probabilities.length, 3);
  });
});
