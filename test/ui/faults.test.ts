/** What a person sees when something is missing or wrong, and two windows at the same time. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encoderOf } from "../core/tokens/reference.js";
import { useWorkbench } from "./harness/session.js";

describe("Without a usable model", function () {
  this.timeout(90_000);
  const missing = "/nowhere/absent-model.gguf";
  const workbench = useWorkbench({ settings: { "glassbox.model.path": missing } });
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-faults-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("the sampling panel says which file is missing and what to do", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 4);
    await workbench().runCommand("Glassbox: Show Next-Token Distribution");
    await workbench().panelText("sampling", /absent-model\.gguf.*Choose/s);
  });

  it("the attention panel says so too", async () => {
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().panelText("attention", "absent-model.gguf");
  });

  it("a file that is no GGUF is named with what was found in it", async () => {
    const path = join(folder, "picture.gguf");
    await writeFile(path, "\u0089PNG\r\n\u001a\n");
    await workbench().setSettings({ "glassbox.model.path": path });
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().panelText("attention", /picture\.gguf.*expected magic/s);
  });

  it("tokens work all the same", async () => {
    await workbench().showTab("sum.ts");
    await workbench().statusItem(/^\d+ tokens/);
  });

  it("a usable model mends it without a restart", async () => {
    await workbench().setSettings({ "glassbox.model.path": "builtin" });
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().panelText("attention", /looks/, 40_000);
  });
});

describe("With nothing to work on", function () {
  this.timeout(90_000);
  const workbench = useWorkbench();

  it("the palette offers what needs no text, and nothing else", async () => {
    const { page } = workbench();
    await workbench().runCommand("View: Close All Editors");
    const offered = await workbench().commandsBeside("Glassbox: Continue the Course", "Glassbox: ");
    await page.keyboard.press("Escape");
    for (const title of ["Choose Model", "Choose Tokenizer", "Ask About Selection"])
      assert.ok(offered.includes(`Glassbox: ${title}`), title);
    for (const title of ["Explain Selection", "Follow Attention on the Code", "Disconnect from the Server"])
      assert.ok(!offered.includes(`Glassbox: ${title}`), title);
  });

  it("beside a page without text, a command says what it needs", async () => {
    await workbench().runCommand("Preferences: Open Keyboard Shortcuts");
    await workbench().runCommand("Glassbox: Explain Selection");
    await workbench().notification(/[Oo]pen a text file/);
    await workbench()
      .page.locator(".notification-toast")
      .getByRole("button", { name: "Open File" })
      .waitFor();
    await workbench().runCommand("Glassbox: Toggle Token Boundaries");
    await workbench().runCommand("Glassbox: Toggle Token Boundaries");
  });

  it("an untitled document is as good as a file", async () => {
    const { page } = workbench();
    await workbench().runCommand("File: New Untitled Text File");
    await page.locator('.tab.active[data-resource-name="Untitled-1"]').waitFor();
    await page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
    const text = "Once upon a time, there was a little";
    await page.keyboard.type(text);
    await workbench().statusItem(new RegExp(`^${encoderOf("o200k_base").encode(text).length} tokens`));
    await workbench().runCommand("Glassbox: Show Next-Token Distribution");
    const said = await workbench().panelText("sampling", /girl/, 40_000);
    assert.match(said, /Untitled-1/);
  });
});

describe("A panel that has nothing to show", function () {
  this.timeout(90_000);
  const workbench = useWorkbench();

  it("helps to a text to compare, and takes that", async () => {
    // An editor without text.
    await workbench().runCommand("Preferences: Open Keyboard Shortcuts");
    await workbench().runCommand("Glassbox: Compare Tokenizers");
    const panel = await workbench().webview("compare");
    await panel.getByRole("button", { name: "Open a text" }).click();
    await workbench().typeIntoPicker("tale.md");
    await workbench().pick("tale.md");
    await workbench().panelText("compare", "tale.md, ");
  });

  for (const { panel, command, subject } of [
    { panel: "sampling", command: "Show Next-Token Distribution", subject: "tale.md, all before the caret" },
    { panel: "guess", command: "Guess the Next Token", subject: "tale.md, from line" },
  ]) {
    it(`helps to a text for the panel ${panel}, and stands beside it then`, async () => {
      // The palette offers it beside any editor, also one without text; the panel is alone then.
      await workbench().runCommand("View: Close All Editors");
      await workbench().runCommand("Preferences: Open Keyboard Shortcuts");
      await workbench().runCommand(`Glassbox: ${command}`);
      const page = await workbench().webview(panel);
      await workbench().runCommand("View: Focus First Editor Group");
      await workbench().runCommand("View: Close All Editors in Group");
      await page.getByRole("button", { name: "Open a text" }).click();
      await workbench().typeIntoPicker("tale.md");
      await workbench().pick("tale.md");
      await workbench().panelText(panel, subject, 40_000);
      await workbench().page.locator(".editor-group-container").nth(1).waitFor();
      // The game takes the focus, so that the text is in a group that is not the active one.
      const beside = workbench().page.locator(".editor-group-container .view-lines", { hasText: "little" });
      await beside.waitFor();
    });
  }
});

describe("Two windows", function () {
  this.timeout(90_000);
  const first = useWorkbench();
  const second = useWorkbench({ theme: "light" });

  it("each have tokens and a model of their own", async () => {
    for (const workbench of [first(), second()]) {
      await workbench.openFile("tale.md");
      await workbench.runCommand("Glassbox: Show Next-Token Distribution");
    }
    for (const workbench of [first(), second()]) {
      await workbench.panelText("sampling", /\d %/, 40_000);
      await workbench.statusItem(/^\d+ tokens/);
    }
  });
});

describe("A panel that is covered while it computes", function () {
  this.timeout(90_000);
  const workbench = useWorkbench();

  it("does not hold up the window, and has its picture when it is shown again", async () => {
    await workbench().openFile("src/greetings.ts");
    await workbench().selectLines(1, 19);
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().webview("attention");
    await workbench().showTab("greetings.ts");
    await workbench().runCommand("Glassbox: Show Next-Token Distribution");
    await workbench().panelText("sampling", /\d %/, 40_000);
    await workbench().showTab("Attention");
    await workbench().panelText("attention", /Layer \d+, head \d+: /, 40_000);
  });
});
