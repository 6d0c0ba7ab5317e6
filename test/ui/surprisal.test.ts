/** Surprisal in a real window, with the built-in model: its sums are the model's, and its places lead into the text. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { softmax } from "../../src/core/sampling/candidates.js";
import { DEFAULT_THRESHOLDS } from "../../src/core/surprisal/levels.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { withBuiltInModel } from "./harness/builtInModel.js";
import { assertFiguresFit, inNarrowWindow } from "./harness/narrow.js";
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

/** Runs in the workbench: what is noted behind each line of the text, "" where nothing is. */
const NOTES = `[...document.querySelectorAll(".monaco-editor .view-line")]
  .map((line) => ({
    top: line.getBoundingClientRect().top,
    // A note is the ::after of an empty span.
    note: [...line.querySelectorAll("span")]
      .map((span) => getComputedStyle(span, "::after").content)
      .filter((content) => content.includes("bits"))
      .join(),
  }))
  .sort((a, b) => a.top - b.top)
  .map(({ note }) => note.replaceAll('"', "").replaceAll("\\u00a0", " "))`;

interface TableToken {
  line: number;
  text: string;
  bits: number;
}

/** The cells of the table behind one of the panel's pictures, which is a picture again then. */
async function tableOf(page: Frame, figure: number): Promise<string[][]> {
  const shown = page.locator(".surprisal figure").nth(figure);
  await shown.getByText("As a table", { exact: true }).click();
  await shown.locator(".gb-table tbody tr").first().waitFor();
  const rows = await shown
    .locator(".gb-table tbody tr")
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll("td")].map(({ textContent }) => textContent ?? "")),
    );
  await shown.getByText("As a picture", { exact: true }).click();
  return rows;
}

/** The tokens of the panel's table, whose bits another test holds to the model. */
async function tableTokens(page: Frame): Promise<TableToken[]> {
  return (await tableOf(page, 0)).map(([line, , text, , bits]) => ({
    line: Number(line),
    text: text!,
    bits: Number(bits),
  }));
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

  it("notes behind each line what it came to", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().runCommand("Glassbox: Show Surprisal");
    await workbench().panelText("surprisal", "Most surprising places", 60_000);
    const page = await workbench().webview("surprisal");
    await page.locator('.surprisal[data-phase="ready"]').waitFor({ timeout: 60_000 });
    const byLine = new Map((await tableOf(page, 1)).map((row) => [Number(row[0]), Number(row[3])]));
    const text = await readFile(join(workbench().folder, "src/sum.ts"), "utf8");
    const lines = text.trimEnd().split("\n");
    const notes = await until(
      async () => {
        const found = await workbench().page.evaluate<string[]>(NOTES);
        return (
          found.filter((note) => note !== "").length === lines.filter((line) => line !== "").length && found
        );
      },
      { what: "a note behind each line that is not empty" },
    );
    lines.forEach((line, index) => {
      const note = notes[index]!;
      if (line === "") {
        assert.equal(note, "", `line ${index + 1}`);
        return;
      }
      const mean = Number(/^(\d+\.\d) bits a token$/.exec(note)?.[1]);
      // The note has one decimal, the table two.
      assert.ok(Math.abs(mean - byLine.get(index + 1)!) < 0.056, `line ${index + 1}: ${note}`);
    });
  });

  it("sums up each function above it, and lists the most surprising places in it", async () => {
    await workbench().setSettings({ "glassbox.surprisal.notes": "functions" });
    const lenses = workbench().page.locator(".codelens-decoration a", { hasText: "bits a token" });
    await until(async () => (await lenses.count()) === 4, { what: "four functions", timeoutMs: 60_000 });
    await until(async () => (await workbench().page.evaluate<string[]>(NOTES)).every((note) => note === ""), {
      what: "the notes behind the lines to go",
    });
    const tokens = await tableTokens(await workbench().webview("surprisal"));
    const functions = [
      [2, 8],
      [11, 14],
      [17, 20],
      [23, 29],
    ].map(([first, last]) => {
      const inside = tokens.filter(({ line }) => line >= first! && line <= last!);
      // The line break behind the closing bracket is no longer part of it.
      return inside.slice(0, inside.findLastIndex(({ text }) => text.includes("}")) + 1);
    });
    for (const [index, inside] of functions.entries()) {
      const title = (await lenses.nth(index).innerText()).replaceAll("\u00a0", " ");
      const [, mean, perplexity, count] =
        /^(\d+\.\d\d) bits a token · perplexity ([\d.,]+) · (\d+) tokens$/.exec(title) ?? [];
      const expected = inside.reduce((sum, { bits }) => sum + bits, 0) / inside.length;
      assert.equal(Number(count), inside.length, title);
      assert.ok(Math.abs(Number(mean) - expected) < 0.006, `${title}, expected ${expected}`);
      const even = Number(perplexity!.replace(",", ""));
      assert.ok(Math.abs(Math.log2(even) - expected) < 0.03, `${title}, expected 2^${expected}`);
    }

    const places = functions[1]!
      .filter(({ bits }) => bits >= -Math.log2(DEFAULT_THRESHOLDS.at(-2)!))
      .sort((a, b) => b.bits - a.bits);
    assert.ok(places.length > 3, "a story model is surprised by code");
    const caret = async () => (await workbench().statusItem(/^Ln \d+/)).innerText();
    const caretIn = (line: number) =>
      until(async () => new RegExp(`^Ln ${line}, Col \\d+ \\(\\d+ selected\\)$`).test(await caret()), {
        what: `the place in line ${line}`,
      });
    await workbench().showTab("sum.ts");
    await workbench().setCaret({ line: 1, column: 1 });
    await lenses.nth(1).click();
    const labels = await workbench().pickerLabels();
    assert.ok(labels.length > 3);
    assert.deepEqual(
      labels,
      places.slice(0, labels.length).map(({ text }) => text),
    );
    // Looking at a place shows it; going away from the list goes back to where the caret was.
    await caretIn(places[0]!.line);
    await workbench().page.keyboard.press("ArrowDown");
    await caretIn(places[1]!.line);
    await workbench().page.keyboard.press("Escape");
    await until(async () => (await caret()) === "Ln 1, Col 1", { what: "the caret where it was" });

    await workbench().runCommand("Glassbox: List the Most Surprising Places");
    const all = await workbench().pickerLabels();
    const most = [...tokens].sort((a, b) => b.bits - a.bits).slice(0, all.length);
    assert.deepEqual(
      all,
      most.map(({ text }) => text),
    );
    await workbench().page.keyboard.press("ArrowDown");
    await caretIn(most[1]!.line);
    await workbench().page.keyboard.press("Enter");
    await caretIn(most[1]!.line);
    await workbench().page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
  });

  it("walks from one surprising place to the next and back", async () => {
    const caret = async () => (await workbench().statusItem(/^Ln \d+/)).innerText();
    await workbench().setCaret({ line: 1, column: 1 });
    const seen: string[] = [];
    for (let step = 0; step < 2; step++) {
      const before = await caret();
      await workbench().runCommand("Glassbox: Next Surprising Place");
      await until(async () => (await caret()) !== before, { what: "the next place" });
      seen.push(await caret());
    }
    await workbench().runCommand("Glassbox: Previous Surprising Place");
    await until(async () => (await caret()) === seen[0], { what: `${seen[0]} again` });
  });

  it("has all it shows in sight in a window of 400 px, as pictures and as tables", async () => {
    await inNarrowWindow(workbench(), { panel: "surprisal", tab: "Surprisal" }, assertFiguresFit);
  });
});
