/** The attention panel in a real window, with the built-in model: what it says must be what the lens computes. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import {
  type AttentionSquare,
  describeRow,
  formatWeight,
  headScores,
  type NamedToken,
  setFirstAside,
} from "../../src/core/lens/describe.js";
import { fetchLayer } from "../../src/core/lens/fetchLayer.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import type { AttentionLayer, StreamReading } from "../../src/shared/panels/attention.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel } from "../modelFiles.js";
import { savedFile } from "./harness/savedFile.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const COMMAND = "Glassbox: Show Attention";
const FILE = "src/sum.ts";
/** 1-based: the whole function. */
const LINES = { first: 2, last: 8 };

/** Tokens and attention as the workers give them to a process of our own. */
async function expected(text: string) {
  const model = builtWorkers.model();
  const lens = builtWorkers.lens();
  const path = builtInModel();
  try {
    await model.call("load", { path, gpuLayers: 0, threads: availableParallelism() });
    const tokens = await model.call("tokenize", { text, bos: true });
    const layers = new Map<number, AttentionLayer>();
    const tokenIds = tokens.map(({ id }) => id);
    const { run, layerCount, headCount } = await lens.call("attend", { path, tokenIds });
    for (let layer = 0; layer < layerCount; layer++) {
      layers.set(layer, await fetchLayer(lens, { run, layer }));
    }
    const named: NamedToken[] = tokens.map((token) => ({
      id: token.id,
      label: token.bytes.length === 0 ? token.name : visibleText(token.bytes),
    }));
    const square = (layer: number, head: number): AttentionSquare => {
      const found = layers.get(layer);
      assert.ok(found, `the lens computed layer ${layer}`);
      // Through the same 16 bits as the panel's, or a figure could be rounded the other way.
      return { tokenCount: tokens.length, weights: unpackHead(found, head) };
    };
    // What the views beside the map must say, asked of the lens by ourselves.
    const readings: StreamReading[] = [];
    await lens.call("streams", { run, contextSize: 256 }, { onEvent: (reading) => readings.push(reading) });
    const end = readings.find(({ layer }) => layer === layerCount);
    assert.ok(end);
    const last = tokens.length - 1;
    const [final] = await model.call("tokens", { ids: [end.top[last] ?? 0] });
    assert.ok(final);
    const cut = await lens.call("cut", {
      run,
      cuts: [{ kind: "head", layer: 4, head: 2 }],
      position: last,
    });
    return {
      named,
      tokens,
      square,
      layerCount,
      headCount,
      final: visibleText(final.bytes),
      klBits: cut.klBits,
    };
  } finally {
    model.dispose();
    lens.dispose();
  }
}

describe("The attention panel", function () {
  this.timeout(120_000);
  const workbench = useWorkbench();
  let page: Frame;
  let truth: Awaited<ReturnType<typeof expected>>;

  const caption = () => page.locator("figcaption span").first().innerText();
  const captionIs = (wanted: string) =>
    until(async () => (await caption()) === wanted, { what: `the caption: ${wanted}` });
  const last = () => truth.named.length - 1;

  before(async function () {
    this.timeout(120_000);
    const file = await readFile(join(process.cwd(), "media/sample", FILE), "utf8");
    truth = await expected(
      file
        .split("\n")
        .slice(LINES.first - 1, LINES.last)
        .join("\n"),
    );
    await workbench().openFile(FILE);
    await workbench().selectLines(LINES.first, LINES.last);
    await workbench().runCommand(COMMAND);
    page = await workbench().webview("attention");
    await page.locator("figcaption").waitFor();
  });

  it("shows the tokens of the selection as the model reads it", async () => {
    const chips = await page.locator(".att-token .gb-chip").allTextContents();
    assert.deepEqual(
      chips,
      truth.named.map(({ label }) => label),
    );
  });

  it("says how far it agrees with llama.cpp on this text, at every position", async () => {
    const said = await workbench().panelText("attention", /same top token at \d+ of \d+ positions/, 60_000);
    assert.match(said, new RegExp(`of ${truth.named.length} positions`));
    assert.match(said, /largest probability difference \d/);
    assert.match(said, /Computed in 32-bit floats\./);
  });

  it("follows the keyboard to another head, and its sentence is computed from that head", async () => {
    const heads = page.locator(".att-heads input");
    await heads.nth(1).focus();
    await heads.nth(1).press("Space");
    const sentence = (head: number) =>
      `Layer 3, head ${head}: ${describeRow(truth.square(3, head), truth.named, last(), false)}`;
    await captionIs(sentence(0));
    await heads.nth(1).press("ArrowRight");
    await captionIs(sentence(1));
    await heads.nth(2).press("ArrowRight");
    await captionIs(sentence(2));
    assert.equal(await heads.nth(3).isChecked(), true);
  });

  it("follows the keyboard along the tokens", async () => {
    const tokens = page.locator(".att-strip input");
    await tokens.nth(last()).focus();
    await tokens.nth(last()).press("ArrowLeft");
    await captionIs(`Layer 3, head 2: ${describeRow(truth.square(3, 2), truth.named, last() - 1, false)}`);
    await tokens.nth(last() - 1).press("ArrowRight");
  });

  it("sets the first token aside and shares each row out anew", async () => {
    const before = await caption();
    await page.locator("vscode-checkbox", { hasText: "Set the first token aside" }).click();
    await captionIs(
      `Layer 3, head 2: ${describeRow(setFirstAside(truth.square(3, 2)), truth.named, last(), true)}`,
    );
    assert.notEqual(await caption(), before);
    await page.locator("vscode-checkbox", { hasText: "Set the first token aside" }).click();
  });

  it("follows the layer slider", async () => {
    const slider = page.getByRole("slider", { name: "Layer" });
    await slider.focus();
    await slider.press("ArrowRight");
    await captionIs(`Layer 4, head 2: ${describeRow(truth.square(4, 2), truth.named, last(), false)}`);
  });

  it("shows the same numbers as a table", async () => {
    await page.getByRole("button", { name: "As a table" }).click();
    const rows = await page
      .locator(".gb-table tbody tr")
      .evaluateAll((items) =>
        items.map((item) => [...item.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
      );
    const { weights, tokenCount } = truth.square(4, 2);
    assert.equal(rows.length, Math.min(500, (tokenCount * (tokenCount + 1)) / 2));
    for (const [query, key, weight] of rows.slice(0, 40)) {
      const at = Number.parseInt(query ?? "", 10) * tokenCount + Number.parseInt(key ?? "", 10);
      const difference = Math.abs(Number(weight) - (weights[at] ?? Number.NaN));
      assert.ok(difference <= (weights[at] ?? 0) / 1000 + 1e-7, `${query} ${key}: ${weight}`);
    }
    await page.getByRole("button", { name: "As a picture" }).click();
  });

  it("tells the number of a cell to the keyboard", async () => {
    const map = page.locator(".gb-heat-marks");
    await map.focus();
    await map.press("ArrowLeft");
    const readout = page.locator(".gb-heat-readout");
    const said = await readout.innerText();
    assert.match(said, /^“.+” looks at “.+”: (<0\.0001|[01](\.\d+)?)$/);
    await map.press("ArrowRight");
    await until(async () => (await readout.innerText()) !== said, { what: "the next cell" });
  });

  const tab = (name: string) => page.getByRole("tab", { name }).click();
  const view = () => page.locator("[role=tabpanel]:not([hidden])");
  const says = (text: string | RegExp) => workbench().panelText("attention", text);

  it("measures every head, and takes the reader to the one that does most of what was asked", async () => {
    await tab("Which head does what?");
    await says(/even attention would give/);
    await view().locator(".att-habit-choice", { hasText: "previous token" }).click();
    const scores = Array.from({ length: truth.layerCount * truth.headCount }, (_, index) => {
      const [layer, head] = [Math.floor(index / truth.headCount), index % truth.headCount];
      const found = headScores(truth.square(layer, head), truth.tokens);
      return { layer, head, score: found.find(({ habit }) => habit === "previous")?.score ?? 0 };
    }).sort((a, b) => b.score - a.score);
    const [best] = scores;
    assert.ok(best);
    const score = formatWeight(best.score);
    await says(`that of head ${best.head} in layer ${best.layer}: ${score}`);
    await view().locator(".att-ranking button").first().click();
    await captionIs(
      `Layer ${best.layer}, head ${best.head}: ${describeRow(truth.square(best.layer, best.head), truth.named, last(), false)}`,
    );
    await page.getByRole("slider", { name: "Layer" }).first().fill("4");
    await page.locator(".att-heads input").nth(3).check({ force: true });
    await captionIs(`Layer 4, head 2: ${describeRow(truth.square(4, 2), truth.named, last(), false)}`);
  });

  it("makes one weight from its own query, keys and values", async () => {
    await tab("How is a weight made?");
    const { weights, tokenCount } = truth.square(4, 2);
    const largest = Math.max(...weights.subarray(last() * tokenCount));
    await says(`the weight is ${formatWeight(largest)}`);
    assert.match(await view().innerText(), /✓ Computed here in 64-bit floats/);
    assert.equal(await view().locator(".att-strip-of-numbers").count(), 5);
  });

  it("shows the prediction as it grows, up to the one that the model makes", async () => {
    await tab("What does each layer say?");
    await says(`After “${truth.named[last()]?.label}” the model puts “${truth.final}” first`);
    assert.equal(await view().locator(".att-layers li").count(), truth.layerCount + 1);
    assert.match(await view().innerText(), /KV cache: \d+ tokens × 6 layers × 6 key heads × 48 numbers/);
  });

  it("cuts a head and says how far the prediction moves", async () => {
    await tab("Does it matter?");
    await view().locator(".att-cuts label", { hasText: "one head’s whole answer" }).click();
    await view().getByRole("button", { name: "Cut and run again" }).click();
    const said = await says(/Without head 2 of layer 4.*moves by \S+ bits/);
    const bits = Number(/moves by (\S+) bits/.exec(said)?.[1]);
    assert.ok(Math.abs(bits - truth.klBits) <= truth.klBits * 0.06, `${bits} is not ${truth.klBits}`);
    await view()
      .getByRole("button", { name: /Cut each of 36 heads/ })
      .click();
    await says(/the prediction moves most without head/);
    // Saved with everything that decided it, as data and as a picture.
    const saved = async (kind: string) => {
      if (!(await view().locator(".gb-save").first().isVisible())) {
        await view().getByRole("button", { name: "Save", exact: true }).last().click();
      }
      // By keyboard: word of the file before may lie over it.
      await view()
        .getByRole("button", { name: `Save as ${kind}` })
        .press("Enter");
      const name = workbench().page.locator(".quick-input-widget input").first();
      const file = `attention-every-head-cut.${kind.toLowerCase()}`;
      await until(async () => (await name.inputValue()).includes(file), { what: "the dialog" });
      await name.press("Enter");
      return (await savedFile(join(workbench().folder, file))).toString("utf8");
    };
    const { about, rows } = JSON.parse(await saved("JSON"));
    assert.equal(rows.length, 36);
    assert.match(about["SHA-256"], /^[0-9a-f]{64}$/);
    assert.match(about.Layer, /^4 of 6/);
    assert.match(about["Computed by"], /lens of Glassbox: f32/);
    const picture = await saved("SVG");
    assert.match(picture, /<image [^>]+data:image\/png;base64/);
    assert.match(picture, /moves most without head/);
    await workbench().runCommand("Notifications: Clear All Notifications");
    await view().locator(".att-cuts label", { hasText: "another word" }).click();
    await view().locator("vscode-text-field").first().locator("input").fill("girl");
    await view().getByRole("button", { name: "Change it and run again" }).click();
    await says(/With “·girl” in place of .*moves by \S+ bits/);
    await says(/moves most, from \S+ to \S+\. Keys are named/);
    await tab("Which tokens are alike?");
    await says(/Of 31,999 tokens “.+” is nearest to/);
    await view().getByRole("button", { name: "Find the nearest" }).click();
    await says(/is nearest to “king − man \+ woman”/);
    await tab("Who looks where?");
  });

  it("draws the same head as arcs", async () => {
    await tab("Who looks where?");
    const arcs = page.locator("vscode-checkbox", { hasText: "Arcs in place of the map" });
    await arcs.click();
    const { weights, tokenCount } = truth.square(4, 2);
    const strong = weights.filter((weight) => weight >= 0.02).length;
    await until(async () => (await page.locator(".att-arc").count()) === strong, { what: `${strong} arcs` });
    assert.equal(await page.locator(".att-arc-row").count(), tokenCount);
    await arcs.click();
    await page.locator(".gb-heat-marks").first().waitFor();
  });

  it("follows the caret, and lets go of it", async () => {
    const focusText = () => workbench().page.locator(".view-line", { hasText: "function sum" }).click();
    await workbench().runCommand("Glassbox: Follow Attention on the Code");
    await focusText();
    await workbench().setCaret({ line: 7, column: 12 });
    // The last but one place in the text where it stands: "return total;".
    const total = truth.named.findLastIndex(({ label }) => label.includes("total"));
    const sentence = (query: number) =>
      `Layer 4, head 2: ${describeRow(truth.square(4, 2), truth.named, query, false)}`;
    await captionIs(sentence(total));
    const box = page.locator("vscode-checkbox", { hasText: "Follow the caret" });
    await box.click();
    await focusText();
    await workbench().setCaret({ line: 2, column: 1 });
    assert.equal(await caption(), sentence(total), "it is off");
    await workbench().runCommand("Glassbox: Follow Attention on the Code");
    await captionIs(sentence(1));
    await box.click();
  });

  it("lights the code itself, and stops when the code changes", async () => {
    const lit = () =>
      workbench().page.locator('.view-overlays .cdr[class*="TextEditorDecorationType"]').count();
    await until(async () => (await lit()) > 0, { what: "lit tokens in the editor" });
    // The token before all others stands in no text: a sign shows it, as strong as any other.
    const signs = async () =>
      (await workbench().page.evaluate(
        `[...document.querySelectorAll('.view-line span[class*="TextEditorDecorationType"]')]
          .map((span) => getComputedStyle(span, "::before"))
          .filter(({ content }) => content === '"<s>"')
          .map(({ backgroundColor }) => backgroundColor)`,
      )) as string[];
    await until(async () => (await signs()).length === 1, { what: "a sign" });
    const weight = truth.square(4, 2).weights[truth.named.length] ?? 0;
    assert.ok(weight > 0.1, "the second token looks at the first, so that there is something to show");
    assert.notEqual((await signs())[0], "rgba(0, 0, 0, 0)");
    await workbench().page.locator(".view-line", { hasText: "function sum" }).click();
    await workbench().page.keyboard.type("x");
    await until(async () => (await lit()) === 0, { what: "the light to go out" });
    await until(async () => (await signs()).length === 0, { what: "the sign to go" });
    await workbench().panelText("attention", "The text has changed since");
  });

  it("shows a selection of more tokens than the model reads, and says where it is cut", async () => {
    await workbench().openFile("src/greetings.ts");
    await workbench().selectLines(1, 19);
    await workbench().runCommand(COMMAND);
    const said = await workbench().panelText("attention", /The first 255 of [\d,]+ tokens are shown/);
    assert.match(said, /this model's context holds 255/);
    // Of a long text the part around the chosen token is shown, so that the map is not far below.
    await until(async () => (await page.locator(".att-token").count()) === 96, { what: "96 of 255 tokens" });
    let bytes = await page.locator(".att-token .gb-byte").count();
    for (const before of [159, 63]) {
      await page.getByRole("button", { name: `${before} tokens before these` }).click();
      await page
        .getByRole("button", { name: `${255 - 96 - Math.max(0, before - 96)} tokens after these` })
        .waitFor();
      bytes += await page.locator(".att-token .gb-byte").count();
    }
    assert.equal(await page.locator(".att-token").count(), 96);
    assert.ok(bytes > 0, "a split character shows as bytes");
    await until(async () => (await caption()).includes("looks") || (await caption()).includes("spreads"), {
      what: "the sentence of the last of 255 tokens",
    });
  });
});
