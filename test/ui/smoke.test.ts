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

  it("changes the theme of the open window", async () => {
    await workbench().setTheme("high-contrast");
    await workbench().setTheme("light");
  });
});
