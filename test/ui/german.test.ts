/** A window in German: the palette, the status bar, hovers, a panel and what a worker says, from real translations. */

import assert from "node:assert/strict";
import { useWorkbench } from "./harness/session.js";

describe("A window in German", function () {
  this.timeout(90_000);
  const workbench = useWorkbench({ language: "de" });

  it("names the commands in German, and finds them", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().runCommand("Glassbox: Token-Grenzen ein- oder ausschalten");
  });

  it("counts tokens in the status bar, with a point between thousands and a comma in prices", async () => {
    const item = await workbench().statusItem(/^\d+ Tokens · 0,0\d+ \$$/);
    assert.doesNotMatch((await item.textContent()) ?? "", /tokens/);
  });

  it("says in German what a token is made of", async () => {
    const said = await workbench().hoverText("total", { contains: "Token" });
    assert.match(said, /Nummer/);
    assert.match(said, /Warum wurde hier getrennt\?/);
  });

  it("draws a panel in German, its numbers too", async () => {
    await workbench().showTab("sum.ts");
    await workbench().selectLines(2, 4);
    await workbench().runCommand("Glassbox: Verteilung des nächsten Tokens zeigen");
    const text = await workbench().panelText("sampling", /Temperatur/, 40_000);
    assert.match(text, /\d,\d %/);
    assert.doesNotMatch(text, /\bTemperature\b|\d\.\d %/);
    const page = await workbench().webview("sampling");
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    // Data, which no script policy lets run.
    assert.equal(await page.locator("script#texts").getAttribute("type"), "application/json");
    assert.deepEqual(
      workbench().consoleLines.filter((line) => /Content Security Policy.*texts/.test(line)),
      [],
    );
  });

  it("says in German what a worker found wrong", async () => {
    await workbench().setSettings({ "glassbox.model.path": "/nowhere/absent-model.gguf" });
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Attention zeigen");
    await workbench().panelText("attention", /„absent-model\.gguf“ kann nicht gelesen werden/);
  });
});
