/** A window that is reloaded: its panels come back with their text and their settings, without being asked for. */

import assert from "node:assert/strict";
import { askQuestion } from "./harness/askQuestion.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

/** Runs in the page, whose database has what extensions keep of a workspace; answers whether there was something. */
const forgetKept = `async (key) => {
  const told = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  let found = false;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db-")) continue;
    const database = await told(indexedDB.open(name));
    const store = database.transaction("ItemTable", "readwrite").objectStore("ItemTable");
    const kept = JSON.parse((await told(store.get("glassbox.glassbox"))) ?? "{}");
    if (key in kept) {
      found = true;
      delete kept[key];
      await told(store.put(JSON.stringify(kept), "glassbox.glassbox"));
    }
    database.close();
  }
  return found;
}`;

describe("A window that is reloaded", function () {
  this.timeout(120_000);
  const workbench = useWorkbench();

  const windowStands = () =>
    workbench().page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });

  async function reload(): Promise<void> {
    const { page } = workbench();
    await Promise.all([page.waitForEvent("load"), workbench().runCommand("Developer: Reload Window")]);
    await windowStands();
  }

  /** Comes back without what VS Code has kept of a panel's content, as where another version has kept it. */
  async function reloadWithout(panel: string): Promise<void> {
    const { page } = workbench();
    const address = page.url();
    // Another page of the same server: a window that stands may write again what it has in memory.
    await page.goto(new URL("/healthz", address).href);
    await until(() => page.evaluate<boolean>(`(${forgetKept})("glassbox.content.${panel}")`), {
      what: `something that is kept of the panel "${panel}"`,
    });
    await page.goto(address, { waitUntil: "domcontentloaded" });
    await windowStands();
  }

  const temperature = async () =>
    (await workbench().webview("sampling", 40_000)).getByRole("slider", { name: "Temperature" });

  it("shows the next token behind the same selection, with the same settings", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(3, 4);
    await workbench().runCommand("Glassbox: Show Next-Token Distribution");
    await workbench().panelText("sampling", /\d %/, 40_000);
    await (await temperature()).press("ArrowRight");
    const chosen = await (await temperature()).inputValue();
    const bars = () =>
      workbench()
        .webview("sampling", 40_000)
        .then((frame) => frame.locator(".sampling-bars li .sampling-token").allTextContents());
    const before = await bars();
    assert.ok(before.length > 2);
    // Elsewhere now: the panel knows by itself what it was about.
    await workbench().showTab("sum.ts");
    await workbench().setCaret({ line: 1, column: 1 });
    await reload();
    await until(async () => (await bars()).join("|") === before.join("|"), {
      what: () => `the bars ${before.join("|")}`,
      timeoutMs: 60_000,
    });
    assert.equal(await (await temperature()).inputValue(), chosen);
    await workbench().statusItem(/Ln 4, Col \d+ \(\d+ selected\)/);
  });

  it("shows the chosen layer of the same text", async () => {
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().panelText("attention", /Layer \d+, head \d+: /, 40_000);
    const frame = await workbench().webview("attention");
    const layer = frame.getByRole("slider", { name: "Layer" });
    await layer.press("Home");
    const caption = await workbench().panelText("attention", /Layer 0, head \d+: /);
    await reload();
    const again = await workbench().panelText("attention", /Layer 0, head \d+: /, 60_000);
    const said = (text: string) => /Layer 0, head \d+: .*/.exec(text)?.[0];
    assert.equal(said(again), said(caption));
  });

  it("shows the steps of the same function, and leaves it to the reader to let the model speak", async () => {
    await workbench().runCommand("View: Close All Editors");
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    await workbench().runCommand("Glassbox: Explain Selection");
    const steps = async () =>
      (await workbench().webview("explain", 40_000)).locator(".gb-step-place .gb-link").allTextContents();
    await until(async () => (await steps()).length === 4, { what: "the steps" });
    await workbench().runCommand("Glassbox: Open Lesson");
    await workbench().pick("What a model reads");
    await workbench().panelText("lesson", "From sum.ts");
    await reload();
    // A panel behind another comes back when it is looked at.
    await workbench().panelText("lesson", "From sum.ts", 40_000);
    await workbench().showTab("Explanation");
    await until(async () => (await steps()).length === 4, { what: "the steps", timeoutMs: 40_000 });
  });

  it("shows the questions with their answers, and takes the next one", async () => {
    await workbench().runCommand("View: Close All Editors");
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    const product = "What is 3847 × 291?";
    const ask = () => workbench().webview("ask", 40_000);
    const answered = async (steps: string) =>
      until(async () => (await (await ask()).locator(".gb-state").textContent()) === steps, {
        what: "the answer",
        timeoutMs: 60_000,
      });
    const shown = async () => {
      const turn = (await ask()).locator(".gb-turn").first();
      return [
        await turn.locator("h2").allTextContents(),
        await turn.locator(".gb-value").allTextContents(),
        await turn.locator(".gb-answer-words").allTextContents(),
      ].join("\n");
    };
    await askQuestion(workbench(), product);
    await answered("1 step");
    const before = await shown();
    assert.ok(before.includes(`${3847 * 291}`));
    await reload();
    await until(async () => (await shown().catch(() => "")) === before, {
      what: () => `the answers ${before}`,
      timeoutMs: 60_000,
    });
    const frame = await ask();
    await frame.locator(".gb-next vscode-text-field input").fill("How many r are in strawberry?");
    await frame.locator(".gb-next vscode-button", { hasText: "Ask" }).click();
    const second = frame.locator(".gb-turn").nth(1);
    await until(
      async () => ((await second.locator(".gb-value").first().textContent()) ?? "").trim() === "3",
      {
        what: "the next answer",
      },
    );
    assert.equal(await shown(), before);
  });

  it("says that the answers are gone where they are, and takes a question about the same text", async () => {
    await reloadWithout("ask");
    const gone = "The answers of before went with the window. Ask again below.";
    const text = await workbench().panelText("ask", gone, 60_000);
    assert.match(text, /sum\.ts, lines 2–8/);
    assert.ok(!text.includes("3847"));
    const frame = await workbench().webview("ask");
    assert.equal(await frame.locator(".gb-turn").count(), 0);
    await frame.locator(".gb-next vscode-text-field input").fill("What is 3847 × 291?");
    await frame.locator(".gb-next vscode-button", { hasText: "Ask" }).click();
    await until(async () => (await frame.locator(".gb-value").allTextContents()).join() === `${3847 * 291}`, {
      what: "the answer to the next question",
      timeoutMs: 60_000,
    });
  });

  it("shows the very prompt that was sent", async () => {
    await workbench().runCommand("View: Close All Editors");
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    await workbench().runCommand("Glassbox: Explain Selection");
    const explanation = await workbench().webview("explain");
    await explanation.locator("vscode-button", { hasText: "Explain without running it" }).click();
    await explanation.locator(".gb-link", { hasText: "Show what was sent" }).first().click();
    const chips = async () =>
      (await workbench().webview("sent", 40_000)).locator(".gb-sent .gb-chip").allTextContents();
    const before = await chips();
    assert.ok(before.length > 20);
    await reload();
    await workbench().showTab("What Was Sent");
    await until(async () => (await chips()).join("|") === before.join("|"), {
      what: () => `the prompt ${before.join("")}`,
      timeoutMs: 60_000,
    });
  });

  it("says that the prompt is gone where it is, and offers to have another made", async () => {
    await reloadWithout("sent");
    await workbench().showTab("What Was Sent");
    await workbench().panelText("sent", "What was sent went with the window", 60_000);
    const frame = await workbench().webview("sent");
    assert.equal(await frame.locator(".gb-sent").count(), 0);
    await frame.locator("vscode-button", { hasText: "Explain the selection" }).click();
    await workbench().panelText("explain", /line 3/, 40_000);
  });
});
