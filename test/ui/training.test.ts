/** Training in the real workbench: the reader's file, stop and go on, another text, and a line that poisons. */

import assert from "node:assert/strict";
import type { Frame, Locator } from "playwright-core";
import { pickLesson } from "./harness/lessonWalk.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("Training in a lesson", function () {
  this.timeout(90_000);
  const workbench = useWorkbench({ theme: "dark" });

  async function openLesson(title: string): Promise<Frame> {
    await pickLesson(workbench(), title);
    await workbench().panelText("lesson", title);
    return workbench().webview("lesson");
  }

  const exhibit = async (id: string): Promise<Locator> =>
    (await workbench().webview("lesson")).locator(`[data-exhibit="${id}"]`);
  async function readings(id: string): Promise<Record<string, number>> {
    return JSON.parse((await (await exhibit(id)).getAttribute("data-readings")) ?? "{}");
  }
  const press = async (id: string, name: string | RegExp) =>
    (await exhibit(id)).getByRole("button", { name }).first().click();

  it("learns the file that is open, stops when it is told to, and goes on until its check is passed", async () => {
    await workbench().openFile("src/parseQuery.ts");
    await openLesson("Predict, compare, nudge");
    await workbench().panelText("lesson", /It learns parseQuery\.ts: all [\d,]+ characters/);
    await press("training", "Train a model on it");
    await until(async () => ((await readings("training")).steps ?? 0) > 3, { what: "the first steps" });
    await press("training", "Stop");
    await (await exhibit("training")).getByRole("button", { name: "Go on" }).waitFor();
    // What was drawn last is told to the checks a moment later.
    await workbench().page.waitForTimeout(600);
    const stopped = await readings("training");
    await workbench().page.waitForTimeout(600);
    assert.deepEqual(await readings("training"), stopped, "nothing is learned while it rests");
    const begun = stopped.loss ?? 0;
    await press("training", "Go on");
    const check = (await workbench().webview("lesson")).locator('[data-check="learn"]');
    assert.equal(await check.getAttribute("data-done"), "false");
    await until(async () => (await check.getAttribute("data-done")) === "true", {
      what: "the loss to be low enough",
      timeoutMs: 60_000,
    });
    const learned = await readings("training");
    assert.ok(
      (learned.steps ?? 0) > (stopped.steps ?? 0) && (learned.loss ?? 9) < begun,
      JSON.stringify(learned),
    );
    assert.ok(
      (await (await exhibit("training")).locator(".lesson-samples pre").count()) > 0,
      "it has written something",
    );
    await press("training", "Stop");
  });

  it("learns another text when it is given one, with that text's characters", async () => {
    const before = await readings("training");
    await press("training", "Use the lesson’s example");
    await workbench().panelText("lesson", "learned another text");
    await press("training", "Begin anew");
    await until(
      async () => {
        const now = await readings("training");
        return (now.steps ?? 0) > 0 && now.guessing !== undefined && now.guessing !== before.guessing;
      },
      { what: "a vocabulary of another size" },
    );
    await press("training", "Stop");
  });

  it("poisons one of two models with the reader's own line", async () => {
    const page = await openLesson("A line in the data");
    await page.locator('[data-check="guess"] .lesson-option').nth(1).click();
    const fields = (await exhibit("poison")).locator("vscode-text-field input");
    await fields.nth(0).fill("Xanadu");
    await fields.nth(1).fill("zzz");
    await press("poison", "Train both");
    await until(
      async () => {
        const { clean = 1, poisoned = 0 } = await readings("poison");
        return poisoned > 2 * clean;
      },
      { what: "the poison to work", timeoutMs: 60_000 },
    );
    const strong = page.locator('[data-check="strong"]');
    await until(async () => (await strong.getAttribute("data-done")) === "true", {
      what: "the check on a strong poison to be passed",
      timeoutMs: 60_000,
    });
    await workbench().panelText("lesson", /behind “Xanadu” the clean model gives a character of “zzz”/);
    await press("poison", "Stop");
    assert.deepEqual(await workbench().notifications(), []);
  });
});
