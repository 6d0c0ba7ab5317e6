/** Surprisal in a real window, with the built-in model: its sums are the model's, and its places lead into the text. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { softmax } from "../../src/core/sampling/candidates.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { withBuiltInModel } from "./harness/builtInModel.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

/** Bits of each token of a text by the whole distribution before it, asked in a process of our own. */
async function expectedBits(text: string): Promise<{ text: string; bits: number }[]> {
  return withBuiltInModel(async (worker) => {
    const tokens = await worker.call("tokenize", { text, bos: true });
    const bits: number[] = [];
    await worker.call(
      "logitsAtEachPosition",
      { tokenIds: tokens.map(({ id }) => id) },
      {
        onEvent: ({ position, logits }) => {
          const next = tokens[position + 1];
          if (next) bits.push(-Math.log2(softmax(logits)[next.id]!));
        },
      },
    );
    return tokens.slice(1).map((token, at) => ({ text: visibleText(token.bytes), bits: bits[at]! }));
  });
}

describe("Surprisal", function () {
  this.timeout(120_000);
  const workbench = useWorkbench({ settings: { "glassbox.surprisal.notes": "lines" } });

  it("colours the text, sums up what the model gave it, and leads to the most surprising place", async () => {
    await workbench().openFile("tale.md");
    const text = await readFile(join(workbench().folder, "tale.md"), "utf8");
    const expected = await expectedBits(text);
    await workbench().runCommand("Glassbox: Show Surprisal");
    await workbench().panelText("surprisal", new RegExp(`tokens read\\s+${expected.length}\\b`), 60_000);
    const page = await workbench().webview("surprisal");
    // Its head shrinks with the end of the reading: what is pressed in that moment has moved when it is let go.
    await page.locator('.surprisal[data-phase="ready"]').waitFor();
    const mean = expected.reduce((sum, { bits }) => sum + bits, 0) / expected.length;
    const shown = Number(await page.locator(".surprisal-sums dd").first().innerText());
    assert.ok(Math.abs(shown - mean) < 0.03, `${shown}, expected ${mean}`);

    const most = expected.reduce((a, b) => (b.bits > a.bits ? b : a));
    const first = page.locator(".surprisal-places button").first();
    assert.equal(await first.locator(".gb-chip").innerText(), most.text);
    await first.click();
    const bands = workbench().page.locator(".monaco-editor .view-overlays .cdr[class*=ced-]");
    await until(async () => (await bands.count()) > 0, { what: "colours in the text" });
    await workbench().statusItem(/bits a token/);
    await until(
      async () =>
        /selected/.test(
          await workbench()
            .statusItem(/Ln \d+/)
            .then((item) => item.innerText()),
        ),
      {
        what: "the place selected in the text",
      },
    );

    // The table has every token.
    await page.getByText("As a table").first().click();
    await until(async () => (await page.locator(".gb-table tbody tr").count()) === expected.length, {
      what: "a row for each token",
    });
  });

  it("reads again what is edited, and takes its colours off", async () => {
    const page = await workbench().webview("surprisal");
    const before = await page.locator(".surprisal-sums dd").first().innerText();
    await workbench().showTab("tale.md");
    await workbench().setCaret({ line: 1, column: 1 });
    const text = await readFile(join(workbench().folder, "tale.md"), "utf8");
    await workbench().page.keyboard.type("Zebra ");
    const expected = await expectedBits(`Zebra ${text}`);
    const mean = expected.reduce((sum, { bits }) => sum + bits, 0) / expected.length;
    await until(
      async () => {
        const shown = await page.locator(".surprisal-sums dd").first().innerText();
        const tokens = await page.locator(".surprisal-sums dd").last().innerText();
        return (
          shown !== before && Number(tokens) === expected.length && Math.abs(Number(shown) - mean) < 0.03
        );
      },
      { what: "the sums of the edited text", timeoutMs: 30_000 },
    );
    await workbench().runCommand("Glassbox: Hide Surprisal");
    await until(async () => !(await workbench().tabs()).some((tab) => tab.includes("Surprisal")), {
      what: "the panel to close",
    });
    const bands = workbench().page.locator(".monaco-editor .view-overlays .cdr[class*=ced-]");
    await until(async () => (await bands.count()) === 0, { what: "the colours to go" });
  });
});
