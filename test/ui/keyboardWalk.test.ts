/**
 * From a file to an explanation, attention, sampling, surprisal and a lesson's check, by keys alone. The walk is taken
 * down in KEYBOARD.md, which this test writes anew when all of it has been walked.
 */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { Keys } from "./harness/keys.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const RECORD = join(process.cwd(), "test/ui/KEYBOARD.md");

describe("A walk with the keyboard only", function () {
  this.timeout(240_000);
  // What is tested is the way to the run, not its speed on a busy machine.
  const workbench = useWorkbench({ settings: { "glassbox.sandbox.timeLimit": 10_000 } });
  let keys: Keys;
  let walked = 0;

  const textOf = (frame: Frame, selector: string) =>
    frame
      .locator(selector)
      .first()
      .textContent({ timeout: 1000 })
      .then((text) => text ?? "")
      .catch(() => "");
  const caret = () => workbench().page.locator('[id="status.editor.selection"]').textContent();

  before(async () => {
    keys = new Keys(workbench());
    await keys.guard();
  });

  afterEach(function () {
    if (this.currentTest?.state === "passed") walked++;
  });

  it("opens a file and selects a function", async () => {
    keys.begin("Open a file");
    await keys.choose("src/sum.ts", "sum.ts");
    await workbench().page.locator('.tab.active[data-resource-name="sum.ts"]').waitFor();
    await keys.enterText();
    keys.begin("Select a function");
    await keys.choose(":2", "Go to line 2");
    await keys.press("Home");
    await keys.press("Shift+ArrowDown", undefined, 6);
    await keys.press("Shift+End");
    await until(async () => /selected/.test((await caret()) ?? ""), { what: "a selection" });
  });

  it("has it explained, with a run of its own", async () => {
    keys.begin("Have it explained");
    await keys.choose(">Glassbox: Explain Selection", "Glassbox: Explain Selection");
    const frame = await workbench().webview("explain");
    await frame.locator(".gb-step").nth(3).waitFor();
    await keys.enterPanel(frame);
    await keys.tabTo(frame, /^Arguments 1 of sum/);
    await keys.press("Home", frame);
    await keys.press("Shift+End", frame);
    await keys.type("[20, 22]", frame);
    await keys.press("Enter", frame);
    await until(async () => /returned 42/.test(await textOf(frame, ".gb-facts-list")), {
      what: "the result of the input",
    });
    await keys.tabTo(frame, /^Explain( without running it)?$/);
    await keys.press("Enter", frame);
    await until(async () => /^done/.test(await textOf(frame, ".gb-state")), {
      what: "the model to have spoken",
      timeoutMs: 60_000,
    });
  });

  it("looks at a head's attention", async () => {
    keys.begin("Look at attention");
    await keys.enterText();
    await keys.choose(">Glassbox: Show Attention", "Glassbox: Show Attention");
    await workbench().panelText("attention", /Layer \d+, head \d+: /, 60_000);
    const frame = await workbench().webview("attention");
    await keys.enterPanel(frame);
    await keys.tabTo(frame, /^Attention, .*rows look/);
    const before = await frame.locator("body").innerText();
    await keys.press("ArrowUp", frame);
    await until(async () => (await frame.locator("body").innerText()) !== before, {
      what: "another cell's weight",
    });
    await keys.tabTo(frame, /^Layer/);
    await keys.press("Home", frame);
    await workbench().panelText("attention", /Layer 0, head \d+: /);
    await keys.press("ArrowRight", frame);
    await workbench().panelText("attention", /Layer 1, head \d+: /);
  });

  it("puts a changed text beside it", async () => {
    keys.begin("See what a change moves");
    const frame = await workbench().webview("attention");
    await keys.tabTo(frame, /^Who looks where\?$/, "Shift+Tab");
    await keys.press("End", frame);
    await keys.press("ArrowLeft", frame);
    await keys.tabTo(frame, /^The second text$/);
    await keys.press("Control+End", frame);
    await keys.type("x", frame);
    await keys.tabTo(frame, /^Run the second text$/);
    await keys.press("Enter", frame);
    await workbench().panelText("attention", "of its attention lies elsewhere", 60_000);
    await keys.tabTo(frame, /^How far each weight .* moved/);
    await keys.press("ArrowUp", frame);
    await keys.tabTo(frame, /^Compare every head$/);
    await keys.press("Enter", frame);
    await workbench().panelText("attention", "over all heads it is");
    await keys.tabTo(frame, /^How much of its attention each head has elsewhere/, "Shift+Tab");
  });

  it("draws a token from the next-token distribution", async () => {
    keys.begin("Draw a token");
    await keys.enterText();
    await keys.choose(">Glassbox: Show Next-Token Distribution", "Glassbox: Show Next-Token Distribution");
    await workbench().panelText("sampling", /\d %/, 60_000);
    const frame = await workbench().webview("sampling");
    const temperature = frame.getByRole("slider", { name: "Temperature" });
    const before = await temperature.inputValue();
    await keys.enterPanel(frame);
    await keys.tabTo(frame, /^Draw$/);
    await keys.press("Enter", frame);
    await until(async () => (await frame.locator(".sampling-drawn").count()) === 1, { what: "a token" });
    await keys.tabTo(frame, /^Temperature/);
    await keys.press("ArrowRight", frame);
    await until(async () => (await temperature.inputValue()) !== before, { what: "another temperature" });
  });

  it("goes from a surprise to its place in the text", async () => {
    keys.begin("Find a surprise");
    await keys.enterText();
    await keys.choose(">Glassbox: Show Surprisal", "Glassbox: Show Surprisal");
    await workbench().panelText("surprisal", /tokens read/, 60_000);
    const frame = await workbench().webview("surprisal");
    await frame.locator('.surprisal[data-phase="ready"]').waitFor();
    await keys.enterText();
    await keys.press("Control+Home");
    await until(async () => /Ln 1, Col 1$/.test((await caret()) ?? ""), { what: "the caret at the start" });
    await keys.choose(">Glassbox: Next Surprising Place", "Glassbox: Next Surprising Place");
    await until(async () => !/Ln 1, Col 1$/.test((await caret()) ?? ""), { what: "the caret at a surprise" });
    await keys.press("ArrowRight");
  });

  it("answers a lesson's check, wrong and then right", async () => {
    keys.begin("Answer a lesson's check");
    await keys.choose(">Glassbox: Open Lesson", "Glassbox: Open Lesson");
    await keys.pick("What a model reads", "What a model reads");
    await workbench().panelText("lesson", /From sum\.ts/, 40_000);
    const frame = await workbench().webview("lesson");
    const check = frame.locator('[data-check="ubiquitous"]');
    await keys.enterPanel(frame);
    await keys.tabTo(frame, /^1 and 1/);
    await keys.press("Enter", frame);
    await check.getByText("not this").first().waitFor();
    assert.notEqual(await check.getAttribute("data-done"), "true");
    await keys.tabTo(frame, /^4 and 1/);
    await keys.press("Enter", frame);
    await until(async () => (await check.getAttribute("data-done")) === "true", {
      what: "the check to be passed",
    });
  });

  it("has used no pointer, which would have been seen", async () => {
    assert.deepEqual(keys.pointerEvents, []);
    if (walked === 7) await writeFile(RECORD, recordOf(keys));
    await (await workbench().webview("lesson")).locator("h1").first().click();
    await until(() => keys.pointerEvents.includes("pointerdown"), { what: "the guard to see a pointer" });
  });
});

function recordOf(keys: Keys): string {
  return `# A walk with the keyboard only

From a file to a lesson's check without a pointer. The test that walks it writes this page: \`npm test -- workbench --grep "keyboard only"\`. It fails where a stop has no name, where the focus cannot be seen, or where any page of the window is sent an event of a pointer.

${keys.table()}
`;
}
