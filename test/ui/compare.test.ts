/** The comparison in a real window: counts and borders must be js-tiktoken's, in every row, through edits. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { describeCounts, ratioInColumn } from "../../src/core/tokens/compareSummary.js";
import type { EncodingName } from "../../src/core/tokens/encodings.js";
import { BASE_LANGUAGE, LANGUAGES, MEANINGS } from "../../src/core/tokens/sameMeaning.js";
import { referenceIds } from "../core/tokens/reference.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const COMMAND = "Glassbox: Compare Tokenizers";
/** As the settings have them unless told otherwise. */
const ROWS: EncodingName[] = ["o200k_base", "cl100k_base", "gpt2"];

describe("The comparison of tokenizers", function () {
  this.timeout(120_000);
  const workbench = useWorkbench();
  let page: Frame;

  const counts = () =>
    page
      .locator(".cmp-counts tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector(".cmp-name")?.textContent ?? "",
          Number((row.querySelector(".cmp-tokens")?.textContent ?? "").replaceAll(",", "")),
        ]),
      )
      // The loaded model's own row comes behind them; what it counts is held to llama.cpp elsewhere.
      .then((rows) => rows.filter(([name]) => ROWS.some((row) => row === name)));
  const countsOf = (text: string) => ROWS.map((name) => [name, referenceIds(name, text).length]);
  const countsAre = (text: string) =>
    until(async () => JSON.stringify(await counts()) === JSON.stringify(countsOf(text)), {
      what: `the counts ${JSON.stringify(countsOf(text))}`,
    });
  const summary = () => page.locator(".cmp-summary").innerText();

  /** Ids of a row as they are drawn, each once. */
  const drawnIds = (row: number) =>
    page.locator(`[data-place^="${row}:"]`).evaluateAll((tokens) => {
      const ids = new Map<number, number>();
      for (const token of tokens) {
        const [, index] = (token.getAttribute("data-place") ?? "").split(":").map(Number);
        ids.set(index ?? -1, Number(/, id (\d+), /.exec(token.getAttribute("aria-label") ?? "")?.[1]));
      }
      return Array.from(ids.keys())
        .sort((a, b) => a - b)
        .map((index) => ids.get(index));
    });

  it("counts the selection with each tokenizer and draws every token", async () => {
    await workbench().openFile("src/greetings.ts");
    await workbench().selectLines(1, 9);
    await workbench().runCommand(COMMAND);
    page = await workbench().webview("compare");
    const file = await readFile(join(workbench().folder, "src/greetings.ts"), "utf8");
    const text = file.split("\n").slice(0, 9).join("\n");
    await countsAre(text);
    // The loaded model's row comes last; with it all rows are laid out anew.
    await page.locator(`[data-place="${ROWS.length}:0"]`).first().waitFor();
    for (const [row, name] of ROWS.entries()) {
      assert.deepEqual(await drawnIds(row), referenceIds(name, text), name);
    }
    const others = await page
      .locator(".cmp-counts tbody tr")
      .nth(ROWS.length)
      .evaluateAll((rows) =>
        rows.map((row) => ({
          name: row.querySelector(".cmp-name")?.textContent ?? "",
          tokens: Number((row.querySelector(".cmp-tokens")?.textContent ?? "").replaceAll(",", "")),
        })),
      );
    const expected = ROWS.map((name) => ({ name, tokens: referenceIds(name, text).length }));
    assert.equal(await summary(), describeCounts([...expected, ...others]));
  });

  it("puts the same characters under one another", async () => {
    const letters = await page.locator(".cmp-block .cmp-token .cmp-text").evaluateAll((glyphs) =>
      glyphs.map((glyph) => {
        const [row] = (glyph.closest("[data-place]")?.getAttribute("data-place") ?? "").split(":");
        const { left, top } = glyph.getBoundingClientRect();
        const block = glyph.closest(".cmp-block")?.getBoundingClientRect().top ?? 0;
        return { row, block, left, top, text: glyph.textContent ?? "" };
      }),
    );
    const first = letters.filter(({ row }) => row === "0");
    let compared = 0;
    for (const glyph of letters) {
      const above = first.find(
        ({ block, left }) => block === glyph.block && Math.abs(left - glyph.left) < 0.6,
      );
      if (!above || above === glyph) continue;
      assert.equal(above.text[0], glyph.text[0], `${above.text} above ${glyph.text}`);
      compared++;
    }
    assert.ok(compared > 100, `${compared} letters compared`);
  });

  it("says of a token what the other tokenizers make of it", async () => {
    await page.locator('[data-place="0:0"]').first().focus();
    await workbench().page.keyboard.press("ArrowRight");
    const said = await until(
      async () => {
        const text = await page.locator(".cmp-readout").innerText();
        return text.includes("token 2") && text;
      },
      { what: "the second token" },
    );
    const file = await readFile(join(workbench().folder, "src/greetings.ts"), "utf8");
    const [, id] = referenceIds("o200k_base", file.split("\n").slice(0, 9).join("\n"));
    assert.ok(said.includes(`id ${id}`), said);
    assert.ok(said.includes("gpt2:"), said);
    await workbench().page.keyboard.press("ArrowDown");
    await until(async () => (await page.locator(".cmp-readout").innerText()).includes("cl100k_base ·"), {
      what: "the row below",
    });
  });

  it("follows an edit, and keeps a text that is to be kept", async () => {
    // The panel had the focus: in its group, the file would cover it.
    await workbench().showTab("greetings.ts");
    await workbench().openFile("tale.md");
    await workbench().setCaret({ line: 1, column: 1 });
    const [first = ""] = (await readFile(join(workbench().folder, "tale.md"), "utf8")).split("\n");
    const paragraph = first;
    await countsAre(paragraph);
    await workbench().page.keyboard.type("Ubiquitous 🦜 ");
    await countsAre(`Ubiquitous 🦜 ${paragraph}`);
    await page.locator("vscode-checkbox", { hasText: "Keep this text" }).click();
    // The click gives the panel the focus, sooner or later; what is undone is in the file.
    await workbench().showTab("tale.md");
    await workbench().runCommand("Undo");
    await workbench().setCaret({ line: 2, column: 1 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(await counts(), countsOf(`Ubiquitous 🦜 ${paragraph}`));
    await page.locator("vscode-checkbox", { hasText: "Keep this text" }).click();
  });

  it("counts the same meaning in many languages", async () => {
    await page.locator("[role=tab]", { hasText: "other languages" }).click();
    const [{ texts } = MEANINGS[0]!] = MEANINGS;
    const base = referenceIds("o200k_base", texts[BASE_LANGUAGE]).length;
    const bars = await until(
      async () => {
        const found = await page.locator(".cmp-language-list li").evaluateAll((items) =>
          items.map((item) => ({
            language: item.querySelector(".cmp-language .gb-link")?.textContent ?? "",
            count: item.querySelector(".cmp-language-count")?.textContent ?? "",
            ratio: item.querySelector(".cmp-language-ratio")?.textContent ?? "",
          })),
        );
        return found.length === LANGUAGES.length && found;
      },
      { what: "a row for each language" },
    );
    for (const { language, count, ratio } of bars) {
      const { tag } = LANGUAGES.find(({ name }) => name === language)!;
      const expected = referenceIds("o200k_base", texts[tag]).length;
      assert.equal(count, String(expected), language);
      assert.equal(ratio, `${ratioInColumn(expected / base)} ×`, language);
    }
    await page.locator(".cmp-language .gb-link", { hasText: "Burmese" }).click();
    await countsAre(texts.my);
  });

  it("removes a tokenizer, and keeps the choice", async () => {
    await page.locator("[aria-label='Remove cl100k_base']").click();
    await until(async () => (await counts()).length === 2, { what: "two rows" });
    assert.deepEqual(
      (await counts()).map(([name]) => name),
      ["o200k_base", "gpt2"],
    );
  });
});
