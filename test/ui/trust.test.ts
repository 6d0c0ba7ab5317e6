/** A folder that the reader does not trust: it is looked at, nothing of it is run, and its settings choose nothing. */

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encoderOf } from "../core/tokens/reference.js";
import { useWorkbench } from "./harness/session.js";

describe("A workspace that is not trusted", function () {
  this.timeout(120_000);
  const workbench = useWorkbench({}, () => ({ workspaceTrust: true }));

  /** The item that counts the tokens of the file, as one of the tables does. */
  async function counted(encoding: "o200k_base" | "gpt2"): Promise<void> {
    const text = await readFile(join(workbench().folder, "src", "sum.ts"), "utf8");
    await workbench().statusItem(new RegExp(`^${encoderOf(encoding).encode(text).length} tokens`));
  }

  before(async () => {
    // The second is nobody's secret: it shows that the file was read.
    const settings = { "glassbox.tokens.tokenizer": "gpt2", "editor.lineNumbers": "off" };
    await mkdir(join(workbench().folder, ".vscode"));
    await writeFile(join(workbench().folder, ".vscode", "settings.json"), JSON.stringify(settings));
    await workbench().openFile("src/sum.ts");
  });

  it("has its tokens counted, by the reader's tokenizer and not by one that the folder names", async () => {
    await workbench().statusItem("Restricted Mode");
    await workbench().page.locator(".monaco-editor .line-numbers").first().waitFor({ state: "detached" });
    await counted("o200k_base");
  });

  it("is split and explained, and the panel says that no code of it is run", async () => {
    await workbench().selectLines(2, 8);
    await workbench().runCommand("Glassbox: Explain Selection");
    await workbench().panelText("explain", "This workspace is not trusted, so no code of it is run.", 40_000);
    const frame = await workbench().webview("explain");
    await frame.locator(".gb-words").first().waitFor({ timeout: 60_000 });
    assert.equal(await frame.locator("vscode-button", { hasText: "Run" }).count(), 0);
    assert.equal(await frame.locator("vscode-button", { hasText: "Predict first" }).count(), 0);
  });

  it("is offered no native code from elsewhere", async () => {
    const titles = await workbench().commandsBeside("Glassbox: Choose Model", "Glassbox: ");
    await workbench().page.keyboard.press("Escape");
    assert.ok(!titles.includes("Glassbox: Get GPU Support"));
  });

  it("can be run at once when the reader trusts it, and its settings count", async () => {
    const frame = await workbench().webview("explain");
    await frame.locator("vscode-button", { hasText: "Manage workspace trust" }).click();
    const editor = workbench().page.locator(".workspace-trust-editor");
    await editor.getByRole("button", { name: "Trust", exact: true }).click();
    await workbench().showTab("Explanation");
    await frame.locator("vscode-button", { hasText: "Run and explain" }).waitFor();
    await workbench().showTab("sum.ts");
    await workbench().setCaret({ line: 1, column: 1 });
    await counted("gpt2");
  });
});
