/** Two quantisations of one model in a real window: token by token over a text, and one head beside another text. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparisonSummary, divergenceFigures, smallBits } from "../../src/core/surprisal/comparison.js";
import { openModelFile } from "../../src/workers/modelFile.js";
import { packedToQ4 } from "../model/requantise.js";
import { unpackModel } from "../model/unpackModel.js";
import { builtInModel } from "../modelFiles.js";
import { withBuiltInModel } from "./harness/builtInModel.js";
import { assertFits, inNarrowWindow } from "./harness/narrow.js";
import { savedFile } from "./harness/savedFile.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("Two models in a window", function () {
  this.timeout(180_000);
  // Named before it is made: the window is told of a file in it, and a run without these tests makes none.
  const folder = join(tmpdir(), `glassbox-two-models-${process.pid}`);
  const fourBit = join(folder, "stories15M-Q4_0.gguf");
  before(() => {
    mkdirSync(folder);
    const source = openModelFile(builtInModel());
    const unpacked = join(folder, "unpacked.gguf");
    unpackModel(source, unpacked);
    source.close();
    packedToQ4(unpacked, fourBit);
    rmSync(unpacked);
  });
  const workbench = useWorkbench({ settings: { "glassbox.model.path": fourBit } });
  after(() => rmSync(folder, { recursive: true }));

  it("compares them over the text, and says where they differ", async () => {
    await workbench().openFile("tale.md");
    const text = readFileSync(join(workbench().folder, "tale.md"), "utf8");
    await workbench().runCommand("Glassbox: Show Surprisal");
    await workbench().panelText("surprisal", "Most surprising places", 60_000);
    const page = await workbench().webview("surprisal");
    await page.getByText("Compare with another model", { exact: true }).click();
    await workbench().pick("stories15M, built in");
    await workbench().panelText("surprisal", "memory of the process", 60_000);
    const shown = await page.locator(".surprisal-models figcaption span").first().innerText();
    const expected = await withBuiltInModel(async (worker) => {
      await worker.call("load", { path: fourBit, gpuLayers: 0, threads: 2 });
      return worker.call("compareModels", { path: builtInModel(), text, from: 0 });
    });
    const numbers = (words: string) => (words.match(/\d+(?:\.\d+)?(?:e-?\d+)?/g) ?? []).map(Number);
    const [found, wanted] = [numbers(shown), numbers(comparisonSummary(expected))];
    assert.equal(found.length, wanted.length, shown);
    const figures = divergenceFigures(expected)!;
    // Other lengths of pieces are rounded otherwise.
    const mean = /are (\S+) bits apart on average/.exec(shown)?.[1];
    assert.ok(Math.abs(Number(mean) / figures.forward - 1) < 0.1, `${mean}, ${smallBits(figures.forward)}`);
    await page.locator(".surprisal-models").getByText("As a table").click();
    await until(
      async () => (await page.locator(".surprisal-models figure tbody tr").count()) === expected.texts.length,
      { what: "a row for each token" },
    );
    // Saved with both files' hashes, whichever of them is loaded.
    const figure = page.locator(".surprisal-models figure");
    await figure.getByRole("button", { name: "Save", exact: true }).click();
    await figure.getByRole("button", { name: "Save as JSON" }).press("Enter");
    const name = workbench().page.locator(".quick-input-widget input").first();
    await until(async () => (await name.inputValue()).includes("two-models-tokens.json"), {
      what: "the name of the file",
    });
    await name.press("Enter");
    const saved = await savedFile(join(workbench().folder, "two-models-tokens.json"));
    const { about, rows } = JSON.parse(saved.toString("utf8"));
    const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    assert.equal(about["SHA-256 of the first"], hashOf(fourBit));
    assert.equal(about["SHA-256 of the second"], hashOf(builtInModel()));
    assert.equal(rows.length, expected.texts.length);
    await inNarrowWindow(workbench(), { panel: "surprisal", tab: "Surprisal" }, async (narrow) => {
      await assertFits(narrow);
      await narrow.locator(".surprisal-models").getByText("As a picture", { exact: true }).click();
      await assertFits(narrow);
    });
    // The active model is back: the panel reads with it.
    await page.getByText("Read the selection or file in front").click();
    await workbench().panelText(
      "surprisal",
      new RegExp(`tokens read\\s+${expected.texts.length}\\b`),
      60_000,
    );
    assert.match(await page.locator(".gb-model").innerText(), /Q4_0/);
  });

  it("shows what a changed word moves in a head and in the prediction", async () => {
    await workbench().showTab("tale.md");
    const text = readFileSync(join(workbench().folder, "tale.md"), "utf8");
    const lines = text.split("\n");
    const line = lines.findIndex((each) => each.startsWith("Once")) + 1;
    const sentence = lines[line - 1]!.slice(0, 60);
    await workbench().select({ line, column: 1 }, { line, column: 61 });
    await workbench().runCommand("Glassbox: Show Attention");
    await workbench().panelText("attention", "agrees", 60_000);
    const page = await workbench().webview("attention");
    await page.getByRole("tab", { name: "What moves beside it?" }).click();
    const field = page.locator("textarea");
    assert.equal(await field.inputValue(), sentence);
    const changed = sentence.replace("girl", "boy");
    await field.fill(changed);
    await page.getByText("Run the second text", { exact: true }).click();
    await workbench().panelText("attention", "lies elsewhere", 60_000);
    await page.getByText(/moves by .* \(KL divergence\)/).waitFor();
    const caption = await page.getByText(/moves by .* \(KL divergence\)/).innerText();
    const bits = Number(/moves by ([\d.e-]+) bits/.exec(caption)?.[1]);
    const expected = await withBuiltInModel(async (worker) => {
      await worker.call("load", { path: fourBit, gpuLayers: 0, threads: 2 });
      const logitsOf = async (words: string) => {
        const tokens = await worker.call("tokenize", { text: words, bos: true });
        return (await worker.call("next", { tokenIds: tokens.map(({ id }) => id) })).logits;
      };
      const [p, q] = [await logitsOf(sentence), await logitsOf(changed)];
      return p.reduce((sum, logit, id) => sum + (Math.exp(logit) * (logit - q[id]!)) / Math.LN2, 0);
    });
    // The engine rounds what it multiplies with four-bit weights to eight bits, the lens does not.
    assert.ok(Math.abs(bits - expected) < 0.05 + 0.3 * expected, `${bits}, the engine ${expected}`);
    await page.getByText("Compare every head").click();
    await page.getByText(/over all heads it is/).waitFor();
  });

  it("reads nothing before a second model is chosen, and keeps what was beside the first until then", async () => {
    const page = await workbench().webview("attention");
    await page.getByLabel("another model or quantisation, on the same text").check();
    await page.getByText("Choose a model and run it", { exact: true }).click();
    const choices = await workbench().pickerLabels();
    assert.ok(choices.includes("stories15M, built in"), choices.join());
    const asked = await workbench().panelText("attention", "Choose the second model in the list");
    assert.doesNotMatch(asked, /Reading/);
    assert.match(asked, /lies elsewhere/);
    await workbench().page.keyboard.press("Escape");
    assert.match(await workbench().panelText("attention", "No second model was chosen."), /lies elsewhere/);

    await page.getByText("Choose a model and run it", { exact: true }).click();
    await workbench().pick("stories15M, built in");
    await workbench().panelText("attention", /stories15M.* Q8_0, .*; it has the same tokens\./, 60_000);
    await page.getByText(/moves by .* \(KL divergence\)/).waitFor();
  });
});
