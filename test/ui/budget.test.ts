/** The Token Budget in a real window: from the empty view to picked files that no longer fit. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encoderOf } from "../core/tokens/reference.js";
import { useWorkbench } from "./harness/session.js";

describe("The Token Budget in the workbench", function () {
  this.timeout(90_000);
  const workbench = useWorkbench({
    sideBar: true,
    settings: {
      "glassbox.tokens.prices": { small: { input: 1, output: 2, contextWindow: 100 } },
    },
  });
  const row = (name: string) =>
    workbench().page.locator(`.pane-body .monaco-list-row`, { hasText: name }).first();

  it("asks before it counts, then shows every folder with its tokens", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().runCommand("Glassbox: Show Token Budget");
    await workbench().page.locator(".welcome-view-content .monaco-button", { hasText: "Count" }).click();
    const folder = join(workbench().folder, "src");
    let tokens = 0;
    for (const name of await readdir(folder)) {
      tokens += encoderOf("o200k_base").encode(await readFile(join(folder, name), "utf8")).length;
    }
    await row(`src${tokens.toLocaleString("en-US")}`).waitFor();
  });

  it("shows how much of the window the file in front fills", async () => {
    const front = workbench()
      .page.locator(".pane-body .monaco-list-row", { hasText: /sum\.ts.*▰▱/ })
      .first();
    await front.waitFor();
    assert.match((await front.textContent()) ?? "", /sum\.ts(?:< )?[\d.]+ % of 128,000 ▰▱+/);
  });

  it("fills the window of the model that is chosen with what is ticked, and says what falls out", async () => {
    await workbench().runCommand("Glassbox: Choose Price Model");
    await workbench().pick("small");
    await workbench().statusItem(/tokens · /);
    await row("src").locator(".monaco-custom-toggle, .custom-view-tree-node-item-checkbox").first().click();
    await row("files picked").waitFor();
    await row("falls out").waitFor();
    const cut = row("tokens fit");
    await cut.click();
    await workbench().page.locator(".view-line", { hasText: /\S/ }).first().waitFor();
    assert.match((await cut.textContent()) ?? "", /only \d+ of \d+ tokens fit/);
  });

  it("tells in the tooltip of the status item what it costs both ways, and how full the window is", async () => {
    await (await workbench().statusItem(/tokens · /)).hover();
    const hover = workbench().page.locator(".monaco-hover", { hasText: "tokenizer" });
    await hover.waitFor();
    const said = (await hover.textContent()) ?? "";
    assert.match(said, /as input of small/);
    assert.match(said, /as output of small/);
    assert.match(said, /window of small/);
  });
});
