/** Proves the harness: the window opens with the extension, takes keys, and shows our commands. */

import assert from "node:assert/strict";
import { useWorkbench } from "./harness/session.js";

describe("The workbench", function () {
  this.timeout(60_000);
  const workbench = useWorkbench({ theme: "light" });

  it("opens a file of the sample and shows its text", async () => {
    await workbench().openFile("src/sum.ts");
    const text = await workbench().visibleText();
    assert.match(text, /export function sum\(values: number\[\]\): number \{/);
  });

  it("selects what it is told to", async () => {
    await workbench().selectLines(2, 4);
    const status = await workbench().statusItem(/Ln 4, Col \d+ \(\d+ selected\)/);
    const selected =
      "export function sum(values: number[]): number {\n  let total = 0;\n  for (const value of values) {";
    assert.match((await status.textContent()) ?? "", new RegExp(`\\(${selected.length} selected\\)`));
  });

  it("hovers over a word", async () => {
    const said = await workbench().hoverText("total", { contains: "let total" });
    assert.match(said, /let total: number/);
  });

  it("offers the extension's commands in the palette", async () => {
    await workbench().runCommand("Glassbox: Show Log");
    await workbench().page.locator(".part.panel .output-view").waitFor();
  });

  it("goes back to what was selected when a link of the walkthrough works on it", async () => {
    await workbench().selectLines(2, 4);
    await workbench().runCommand("Welcome: Open Walkthrough...");
    await workbench().pick("Get Started with Glassbox");
    const { page } = workbench();
    await page.getByRole("button", { name: /Look inside/ }).click();
    await page.getByRole("button", { name: "Show Attention" }).click();
    await workbench().panelText("attention", "sum.ts, lines 2–4", 60_000);
    await workbench().statusItem(/Ln 4, Col \d+ \(\d+ selected\)/);
  });

  it("changes the theme of the open window", async () => {
    await workbench().setTheme("high-contrast");
    await workbench().setTheme("light");
  });
});
