/** The explanation in a real window, with the offline chat model: run, told, written, stopped, shown as sent. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("Explaining a selection in the workbench", function () {
  this.timeout(240_000);
  // Empty: the offline chat model, which a full set-up has fetched.
  const workbench = useWorkbench({ settings: { "glassbox.model.path": "" } });
  let frame: Frame;

  const button = (label: string) =>
    frame.locator("vscode-button").filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) });
  const litLines = () =>
    workbench().page.locator('.editor-group-container .view-overlays [class*="ced-"]').count();

  before(async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    await workbench().runCommand("Glassbox: Explain Selection");
    frame = await workbench().webview("explain");
  });

  it("shows the steps of the syntax and waits with a function to run", async () => {
    await frame.locator(".gb-step").nth(3).waitFor();
    assert.deepEqual(await frame.locator(".gb-step-place .gb-link").allTextContents(), [
      "line 2",
      "line 3",
      "lines 4–6",
      "line 7",
    ]);
    assert.equal(await frame.locator(".gb-words").count(), 0);
  });

  it("lights the lines of a step while the pointer is on it, and goes there on a click", async () => {
    const before = await litLines();
    const loop = frame.locator(".gb-step").nth(2);
    await loop.hover();
    await until(async () => (await litLines()) === before + 3, { what: "three lit lines" });
    await frame.locator("h1").hover();
    await until(async () => (await litLines()) === before, { what: "no lit line" });
    await loop.locator(".gb-step-place .gb-link").click();
    await workbench().statusItem(/Ln 6, Col 4 \(\d+ selected\)/);
  });

  it("runs the function on inputs that were edited in the panel", async () => {
    await frame.locator(".gb-inputs vscode-text-field input").first().fill("[20, 22]");
    await button("Run").click();
    const facts = frame.locator(".gb-facts-list .gb-verdict");
    await facts.first().waitFor();
    assert.match(
      (await facts.first().textContent()) ?? "",
      /verified.*sum\(\[20, 22\]\) returned 42 — QuickJS sandbox/,
    );
    assert.equal(await facts.count(), await frame.locator(".gb-inputs li").count());
  });

  it("lets the model speak, and stops it with what is written left standing", async () => {
    await button("Explain").click();
    const words = frame.locator(".gb-step").first().locator(".gb-word-list");
    await until(async () => /\p{L}{2}/u.test((await words.textContent()) ?? ""), {
      what: "the model's first words",
      timeoutMs: 120_000,
    });
    await button("Stop").click();
    await until(
      async () => /^stopped after \d of 4 steps/.test((await frame.locator(".gb-state").textContent()) ?? ""),
      {
        what: "the panel to say that it stopped",
      },
    );
    assert.match((await words.textContent()) ?? "", /\p{L}{2}/u);
    assert.equal(await frame.locator(".gb-error").count(), 0);
    await button("Continue").waitFor();
  });

  it("shows the very prompt that was sent, with the facts in it", async () => {
    await frame.locator(".gb-step").first().locator(".gb-link", { hasText: "Show what was sent" }).click();
    const sent = await workbench().webview("sent");
    await sent.locator(".gb-chip-special").first().waitFor();
    const chips = await sent.locator(".gb-chip").count();
    const caption = (await sent.locator(".gb-sent > p").first().textContent()) ?? "";
    assert.equal(Number(/^([\d,]+) tokens/.exec(caption)?.[1]?.replace(",", "")), chips, caption);
    await sent.locator("vscode-button", { hasText: "As text" }).click();
    const text = (await sent.locator("pre").allTextContents()).join("");
    assert.match(text, /^<s>/);
    assert.match(text, /Facts from running it: sum\(\[20, 22\]\) returned 42;/);
    assert.match(text, /<\|assistant\|>\n/);
  });
});
