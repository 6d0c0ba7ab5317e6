/** "Guess the Next Token" in a real window, played on the keyboard alone, with the built-in model. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { visibleText } from "../../src/shared/visibleText.js";
import { formatProbability } from "../../webview/ui/format.js";
import { withBuiltInModel } from "./harness/builtInModel.js";
import { assertFiguresFit, inNarrowWindow } from "./harness/narrow.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const COMMAND = "Glassbox: Guess the Next Token";
const BEHIND = "Once upon a time,";

/** Run in the page. */
const FOCUSED = `document.activeElement?.tagName === "VSCODE-TEXT-FIELD"`;
const HIDDEN = `[...document.querySelectorAll(".monaco-editor .view-lines span")]
  .filter((span) => getComputedStyle(span).opacity === "0")
  .map((span) => span.textContent)
  .join("")`;

/** What stands behind the words, and the model's probability of it, asked in a process of our own. */
async function expected(text: string, count: number) {
  return withBuiltInModel(async (worker) => {
    const tokens = await worker.call("tokenize", { text, bos: true });
    const caret = text.indexOf(BEHIND) + BEHIND.length;
    const first = tokens.findIndex(({ end }, at) => at > 0 && end > caret);
    const found: { text: string; probability: string }[] = [];
    for (let at = first; at < first + count; at++) {
      const tokenIds = tokens.slice(0, at).map(({ id }) => id);
      const { logits } = await worker.call("next", { tokenIds });
      const token = tokens[at]!;
      found.push({
        text: visibleText(token.bytes),
        probability: formatProbability(Math.exp(logits[token.id]!)),
      });
    }
    return found;
  });
}

describe("Guess the next token", function () {
  this.timeout(120_000);
  const workbench = useWorkbench({ theme: "light" });

  it("hides what comes, scores what is typed, and reveals what stands there", async () => {
    await workbench().openFile("tale.md");
    const text = await readFile(join(workbench().folder, "tale.md"), "utf8");
    const lines = text.split("\n");
    const line = lines.findIndex((each) => each.includes(BEHIND));
    const column = lines[line]!.indexOf(BEHIND) + BEHIND.length;
    const there = await expected(text, 2);
    await workbench().setCaret({ line: line + 1, column: column + 1 });
    await workbench().runCommand(COMMAND);
    await workbench().panelText("guess", /token 1 of 20/, 60_000);
    const page = await workbench().webview("guess");
    const hiddenText = () => workbench().page.evaluate<string>(HIDDEN);
    await until(async () => (await hiddenText()).length > 20, { what: "the text to be hidden" });
    const before = (await hiddenText()).length;

    // The field has the focus: what is typed goes there, and Enter scores it.
    await until(async () => page.evaluate<boolean>(FOCUSED), {
      what: "the focus in the field",
    });
    const { keyboard } = workbench().page;
    await keyboard.type(there[0]!.text.replace("·", ""));
    await keyboard.press("Enter");
    const bars = page.locator(".guess-bars li");
    await bars.first().waitFor();
    const row = (await bars.nth(1).allInnerTexts())[0]!.split("\n").map((part) => part.trim());
    assert.equal(row[0], "stands there");
    assert.equal(row[1], there[0]!.text);
    assert.ok(row.at(-1)!.startsWith(there[0]!.probability), `${row.at(-1)}, ${there[0]!.probability}`);
    await page.getByText(/You 1, the model [01]/).waitFor();
    await until(async () => (await hiddenText()).length < before, { what: "the first token to be seen" });

    // Enter goes on; a guess that is wrong is scored all the same.
    await keyboard.press("Enter");
    await page.getByText("token 2 of 20").waitFor();
    await until(async () => page.evaluate<boolean>(FOCUSED), {
      what: "the focus in the field again",
    });
    await keyboard.type("qz");
    await keyboard.press("Enter");
    await page.getByText(/^You 1, the model [012]$/).waitFor();
    assert.equal(await page.locator(".guess-bars .gb-chip").nth(1).innerText(), there[1]!.text);
  });

  it("has all it shows in sight in a window of 400 px, as pictures and as tables", async () => {
    await inNarrowWindow(workbench(), { panel: "guess", tab: "Guess the Next Token" }, assertFiguresFit);
  });

  it("shows everything again when the text is edited or the panel closes", async () => {
    await workbench().showTab("tale.md");
    await workbench().page.keyboard.type("x");
    await workbench().panelText("guess", "The text has changed since.");
    await workbench().page.keyboard.press("Control+z");
    const page = await workbench().webview("guess");
    await page.getByText("Begin again at the caret").click();
    await page.getByText("token 1 of 20").waitFor();
    assert.equal(await page.locator(".guess-bars").count(), 0);
  });
});
