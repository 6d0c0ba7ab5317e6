/** The sampling panel in a real window, with the built-in model: what it shows, sliders, draws, seeds. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Locator } from "playwright-core";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { RUN_TOKENS } from "../../webview/sampling/walk.js";
import { formatProbability } from "../../webview/ui/format.js";
import { builtInModel } from "../modelFiles.js";
import { withBuiltInModel } from "./harness/builtInModel.js";
import { assertFiguresFit, inNarrowWindow } from "./harness/narrow.js";
import { savedFile } from "./harness/savedFile.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const COMMAND = "Glassbox: Show Next-Token Distribution";

/** The first lines of the panel's bars as the model itself gives them, asked in a process of our own. */
async function expectedBars(text: string, count: number): Promise<{ token: string; before: string }[]> {
  return withBuiltInModel(async (worker) => {
    const prompt = await worker.call("tokenize", { text, bos: true });
    const { logits } = await worker.call("next", {
      tokenIds: prompt.map(({ id }) => id),
      own: true,
    });
    const { ids, probabilities } = candidatesOf(logits);
    const tokens = await worker.call("tokens", { ids: Array.from(ids.subarray(0, count)) });
    return tokens.map((token, rank) => ({
      token: visibleText(token.bytes),
      before: formatProbability(probabilities[rank] ?? 0),
    }));
  });
}

class SamplingPage {
  constructor(readonly frame: Frame) {}

  slider(name: string): Locator {
    return this.frame.getByRole("slider", { name });
  }

  /** Chip and numbers of each bar, best first, the rest of the vocabulary last. */
  async bars(): Promise<{ token: string; numbers: string; cutBy: string }[]> {
    return this.frame.locator(".sampling-bars li").evaluateAll((items) =>
      items.map((item) => ({
        token: item.querySelector(".sampling-token")?.textContent ?? "",
        numbers: item.querySelector(".sampling-numbers")?.textContent ?? "",
        cutBy: item.querySelector(".sampling-cut-by")?.textContent ?? "",
      })),
    );
  }

  async caption(): Promise<string> {
    return this.frame.locator("figcaption span").first().innerText();
  }

  async drawn(): Promise<string[]> {
    return this.frame.locator(".sampling-drawn").allTextContents();
  }

  /** Draws with the keyboard until that many tokens stand behind the prompt. */
  async drawUntil(count: number): Promise<string[]> {
    const button = this.frame.locator("vscode-button", { hasText: /^\s*Draw\s*$/ });
    for (let next = (await this.drawn()).length + 1; next <= count; next++) {
      await button.focus();
      await button.press("Enter");
      await until(async () => (await this.drawn()).length === next, { what: `drawn token ${next}` });
      await this.frame.locator('.sampling[data-phase="ready"]').waitFor();
    }
    return this.drawn();
  }

  /** Chooses a preset. */
  async choose(preset: string): Promise<void> {
    const list = this.frame.locator("vscode-dropdown");
    await list.click();
    await list.locator("vscode-option", { hasText: preset }).click();
  }

  async press(name: "Run" | "Undo" | "Reset"): Promise<void> {
    await this.frame.locator("vscode-button", { hasText: new RegExp(`^\\s*${name}\\s*$`) }).click();
  }

  async setSeed(seed: string): Promise<void> {
    const field = this.frame.locator("vscode-text-field input");
    await field.fill(seed);
  }
}

describe("The sampling panel", function () {
  this.timeout(120_000);
  const workbench = useWorkbench({ theme: "dark" });
  let panel: SamplingPage;

  it("shows what the built-in model gives the text before the caret", async () => {
    await workbench().openFile("tale.md");
    const line = (await workbench().visibleText())
      .split("\n")
      .findIndex((text) => text.includes("Once upon"));
    const text = ((await workbench().visibleText()).split("\n")[line] ?? "").slice(0, 29);
    await workbench().select({ line: line + 1, column: 1 }, { line: line + 1, column: 30 });
    await workbench().runCommand(COMMAND);
    panel = new SamplingPage(await workbench().webview("sampling"));
    await panel.frame.locator(".sampling-bars li").first().waitFor({ timeout: 60_000 });

    const expected = await expectedBars(text, 20);
    const bars = await panel.bars();
    assert.deepEqual(
      bars.slice(0, 20).map(({ token }) => token),
      expected.map(({ token }) => token),
    );
    bars.slice(0, 20).forEach(({ numbers }, rank) => {
      assert.ok(numbers.startsWith(expected[rank]?.before ?? "?"), `${numbers} at rank ${rank}`);
    });
    assert.equal(bars.at(-1)?.token, "31,980 more");
    assert.match(await workbench().panelText("sampling", "story model"), /it has never seen code/);
  });

  it("recomputes the stages when a slider is moved by keyboard", async () => {
    await panel.slider("Top-k").focus();
    await panel.slider("Top-k").press("Home");
    await until(async () => (await panel.caption()).includes("survives top-k 1"), { what: "top-k 1" });
    const cut = await panel.bars();
    assert.equal(cut[0]?.cutBy, "");
    assert.match(cut[0]?.numbers ?? "", /100\.0 %$/);
    assert.deepEqual(
      cut.slice(1, 20).map(({ cutBy, numbers }) => [cutBy, /cut$/.test(numbers)]),
      Array.from({ length: 19 }, () => ["cut by top-k", true]),
    );

    assert.match(
      await panel.frame.locator(".sampling-stages > p").innerText(),
      /^32,000 tokens and [\d.]+ bits of entropy become 1 token and 0\.00 bits\./,
    );

    for (const [name, key] of [
      ["Top-k", "End"],
      ["Top-p", "End"],
      ["Min-p", "Home"],
      ["Temperature", "End"],
    ] as const) {
      await panel.slider(name).focus();
      await panel.slider(name).press(key);
    }
    await until(async () => (await panel.caption()).startsWith("Nothing is cut: any of the 32,000 tokens"), {
      what: "all stages off",
    });
    assert.ok((await panel.bars()).every(({ cutBy }) => cutBy === ""));
  });

  it("draws tokens that the seed determines, and takes them back", async () => {
    await panel.setSeed("42");
    const first = await panel.drawUntil(5);
    await panel.press("Undo");
    await until(async () => (await panel.drawn()).length === 4, { what: "the last token to go" });
    assert.deepEqual(await panel.drawUntil(5), first, "the same draw again after an undo");
    await panel.press("Reset");
    await until(async () => (await panel.drawn()).length === 0, { what: "the prompt alone" });
    assert.deepEqual(await panel.drawUntil(5), first, "the same continuation from the start");
    await panel.press("Reset");
    await panel.setSeed("43");
    assert.notDeepEqual(await panel.drawUntil(5), first);
  });

  it("runs on by the same draws as one by one, and stops on request", async function () {
    // Beside other work a token may take seconds.
    this.timeout(300_000);
    const timeoutMs = 100_000;
    await panel.press("Reset");
    await panel.setSeed("42");
    const first = await panel.drawUntil(5);
    await panel.press("Reset");
    await panel.press("Run");
    await until(async () => (await panel.drawn()).length === RUN_TOKENS, {
      what: "all tokens of a run",
      timeoutMs,
    });
    await panel.frame.locator('.sampling[data-phase="ready"]').waitFor();
    const whole = await panel.drawn();
    assert.deepEqual(whole.slice(0, 5), first);
    // On from there, until the reader has enough.
    await panel.press("Run");
    await panel.frame.locator(".gb-head").getByText("Stop", { exact: true }).click();
    await panel.frame.locator('.sampling[data-phase="stopped"]').waitFor();
    const stopped = await panel.drawn();
    assert.ok(stopped.length >= RUN_TOKENS && stopped.length < 2 * RUN_TOKENS, `${stopped.length} tokens`);
    assert.deepEqual(stopped.slice(0, RUN_TOKENS), whole);
    await panel.frame.getByText("Go on", { exact: true }).click();
    await until(async () => (await panel.drawn()).length === 2 * RUN_TOKENS, {
      what: "the rest of the run",
      timeoutMs,
    });
    await panel.press("Undo");
    await until(async () => (await panel.drawn()).length === 2 * RUN_TOKENS - 1, { what: "a step back" });
    await panel.press("Reset");
    // So far back that the model is asked again.
    await until(async () => (await panel.drawn()).length === 0, { what: "the prompt alone" });
    await panel.setSeed("43");
  });

  it("runs the stages in another order, and keeps settings to compare with", async () => {
    await panel.press("Reset");
    await panel.choose("Chat");
    const caption = await panel.caption();
    const left = async () =>
      (await panel.frame.locator(".sampling-stages tbody tr").last().locator("td").nth(1).innerText()).trim();
    const before = await left();
    await panel.frame.getByText("Keep these settings as B").click();
    await panel.slider("Temperature").focus();
    await panel.slider("Temperature").press("End");
    await panel.frame.getByText("Change the order").click();
    const earlier = panel.frame.getByRole("button", { name: "Run temperature earlier" });
    for (let moves = 0; (await earlier.count()) > 0; moves++) {
      assert.ok(moves < 10, "temperature comes first at last");
      await earlier.click();
    }
    await panel.frame.getByText("Keep this order").click();
    await panel.frame.getByText("In an order of your own").waitFor();
    // Flattened first, the distribution keeps more tokens through the same cuts.
    await until(async () => Number(await left()) > Number(before), {
      what: "more tokens than in the engine's order",
    });
    assert.match(await panel.frame.locator(".sampling-numbers").first().innerText(), / · B \d/);
    await panel.frame.getByText("The engine's order").click();
    await panel.frame.getByText("Swap with B").click();
    await until(async () => (await panel.caption()) === caption, { what: "the settings that were kept" });
    await panel.frame.getByText("Leave B out").click();
  });

  it("draws 200 times, counts what came, and says whether that is chance", async () => {
    await panel.frame.locator("vscode-button", { hasText: "Draw 200 times" }).click();
    const said = panel.frame.locator(".sampling-trial [role=status]");
    await until(async () => /of such trials/.test(await said.innerText()), { what: "all draws" });
    const [, most] = /came (\d+) times of 200/.exec(await said.innerText()) ?? [];
    await panel.frame.getByText("As a table").first().click();
    const drawn = await panel.frame.locator(".gb-table tbody tr td:last-child").allInnerTexts();
    assert.equal(Math.max(...drawn.map(Number)), Number(most));
    await panel.frame.getByText("As a picture").click();
    await panel.frame.getByText("Hide the draws").click();
    assert.deepEqual(await panel.drawn(), [], "nothing was appended");
  });

  it("says how it knows", async () => {
    assert.equal((await panel.drawUntil(5)).length, 5);
    await panel.frame.getByText("How do you know?").click();
    const evidence = await panel.frame.locator(".gb-evidence").innerText();
    assert.match(evidence, /stories15M-Q8_0\.gguf/);
    assert.match(evidence, /node-llama-cpp \d+\.\d+\.\d+/);
    assert.match(evidence, /xoshiro128\*\*, seed 43, next is draw 6/);
    assert.match(evidence, /<s>/);
    assert.match(evidence, /sums to 1\.000000/);
    await panel.frame.getByText("How do you know?").click();
  });

  it("has the same data as a table", async () => {
    await panel.frame.getByText("As a table").first().click();
    assert.equal(await panel.frame.locator(".gb-table tbody tr").count(), 21);
    await panel.frame.getByText("As a picture").click();
  });

  it("reads the caret's text when asked again, and notices edits", async () => {
    // Beside the panel, not over it.
    await workbench().runCommand("View: Focus First Editor Group");
    await workbench().openFile("src/sum.ts");
    await workbench().setCaret({ line: 2, column: 17 });
    await workbench().runCommand(COMMAND);
    await workbench().panelText("sampling", /sum\.ts, all before the caret in line 2/);
    assert.deepEqual(await panel.drawn(), []);
    await workbench().runCommand("View: Focus First Editor Group");
    await workbench().page.keyboard.type("x");
    await workbench().panelText("sampling", "The text has changed since it was read.");
    const before = await panel.bars();
    await panel.frame.getByText("Read it again").click();
    await until(async () => (await panel.bars())[0]?.token !== before[0]?.token, {
      what: "another distribution for the edited text",
    });
  });

  it("keeps every road that was taken, and goes back to any of them", async () => {
    await panel.setSeed("42");
    const first = await panel.drawUntil(3);
    await panel.press("Reset");
    const best = panel.frame.locator(".sampling-bars li button.gb-chip");
    const second = best.nth((await best.nth(1).textContent()) === first[0] ? 2 : 1);
    await second.focus();
    const taken = await second.textContent();
    await second.press("Enter");
    await until(async () => (await panel.drawn()).join() === taken, { what: "the token that was pressed" });
    assert.match(await panel.frame.locator(".sampling-last").innerText(), /taken by hand/);
    const roads = panel.frame.locator(".sampling-roads li");
    const chips = async (road: number) => roads.nth(road).locator("button.gb-chip").allTextContents();
    assert.deepEqual([await chips(0), await chips(1)], [first, [taken]]);
    assert.match(await roads.nth(0).innerText(), /3 tokens, together .+, \d+\.\d\d bits a token/);
    await roads.nth(0).locator("button.gb-chip").last().click();
    await until(async () => (await panel.drawn()).join() === first.join(), { what: "the first road" });
    for (const road of [0, 1]) await roads.nth(road).locator("vscode-checkbox").click();
    await panel.frame.locator(".sampling-diff").waitFor();
    assert.match(
      await panel.frame.locator(".sampling-diff figcaption span").first().innerText(),
      /^They part at once; 0 of 3 and 1 tokens are the same/,
    );
    assert.match(
      await panel.frame.locator(".sampling-roads > p").first().innerText(),
      /the engine kept \d+ tokens? of \d+ in its cache/,
    );
    const outline = panel.frame.locator(".sampling-roads > figure");
    assert.match(await outline.locator("figcaption span").first().innerText(), /^2 roads with 4 tokens; /);
    await outline.getByText("As a table").click();
    const nodes = await outline.locator("tbody tr td:nth-child(3)").allInnerTexts();
    assert.deepEqual(nodes, [...first, taken]);
    await outline.getByText("As a picture").click();
  });

  it("goes on greedily, by a beam and by a draw, beside each other", async () => {
    await panel.press("Reset");
    await panel.frame.getByText("Leave only the one in use").click();
    await panel.frame.getByText("Go on in three ways").click();
    const beside = panel.frame.locator(".sampling-beside li");
    await until(async () => (await beside.count()) === 3, {
      what: "three roads beside each other",
      timeoutMs: 90_000,
    });
    const bits = async (road: number) =>
      Number(/([\d.]+) bits a token/.exec(await beside.nth(road).innerText())?.[1]);
    const texts = await Promise.all([0, 1, 2].map((road) => beside.nth(road).locator(".gb-chip").count()));
    assert.deepEqual(texts, [12, 12, 12]);
    assert.ok((await bits(1)) <= (await bits(0)));
    await beside.nth(1).getByRole("button").first().click();
    await until(async () => (await panel.drawn()).length === 12, { what: "the end of the beam's road" });
    assert.deepEqual(await panel.drawn(), await beside.nth(1).locator(".gb-chip").allTextContents());
  });

  it("has all it shows in sight in a window of 400 px, as pictures and as tables", async () => {
    await panel.frame.getByText("Keep these settings as B").click();
    await panel.frame.getByText("Change the order").click();
    for (const road of [0, 1])
      await panel.frame.locator(".sampling-roads li vscode-checkbox").nth(road).click();
    await panel.frame.locator(".sampling-diff").waitFor();
    await inNarrowWindow(workbench(), { panel: "sampling", tab: "Next Token" }, assertFiguresFit);
    await panel.frame.getByText("Keep this order").click();
    await panel.frame.getByText("Leave B out").click();
  });

  it("puts a road into the document, and says when its place is gone", async () => {
    await panel.frame.getByText("Leave only the one in use").click();
    const drawn = (await panel.drawn()).join("").replaceAll("·", " ");
    const insert = panel.frame.getByRole("button", { name: "Insert this road into the document" });
    await insert.click();
    await workbench().runCommand("View: Focus First Editor Group");
    await until(
      async () => (await workbench().visibleText()).replaceAll("\u00a0", " ").includes(drawn.trim()),
      {
        what: `"${drawn}" in the document`,
      },
    );
    await insert.click();
    await panel.frame.getByText("The document has changed since the text was read").waitFor();
    await workbench().runCommand("File: Revert File");
  });

  it("saves the picture and its numbers, stamped with all that decided them", async () => {
    const { page, folder } = workbench();
    const figure = panel.frame.locator("figure").first();
    await figure.getByRole("button", { name: "Save", exact: true }).click();
    const save = async (kind: string): Promise<Buffer> => {
      // By keyboard: word of the file before may lie over it.
      await figure.getByRole("button", { name: `Save as ${kind}` }).press("Enter");
      const name = page.locator(".quick-input-widget input").first();
      await until(async () => (await name.inputValue()).includes(`next-token.${kind.toLowerCase()}`), {
        what: "the name of the file",
      });
      await name.press("Enter");
      return savedFile(join(folder, `next-token.${kind.toLowerCase()}`));
    };
    const hash = createHash("sha256").update(readFileSync(builtInModel())).digest("hex");
    const { about, rows } = JSON.parse((await save("JSON")).toString("utf8"));
    assert.equal(about["SHA-256"], hash);
    assert.match(about.Seed, /^42 /);
    const bars = await panel.bars();
    assert.equal(rows.length, bars.length);
    const before = rows.map((row: Record<string, number>) => row.Before);
    assert.ok(Math.abs(before.reduce((sum: number, value: number) => sum + value, 0) - 1) < 1e-6);
    bars.forEach(({ numbers }, rank) => {
      assert.ok(numbers.startsWith(formatProbability(before[rank])), `${numbers} at rank ${rank}`);
    });
    const csv = (await save("CSV")).toString("utf8");
    assert.ok(csv.includes(`# SHA-256,${hash}\r\n`));
    assert.ok(csv.includes("\r\nRank,Token,Id,Before,After,Cut by\r\n"));
    const svg = (await save("SVG")).toString("utf8");
    for (const text of [hash, "31,980", "square-root scale"]) assert.ok(svg.includes(text), text);
    const png = await save("PNG");
    assert.deepEqual([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.ok(width > 600 && height > 600, `${width} by ${height}`);
    // An empty picture of this size takes a few kilobytes.
    assert.ok(png.length > 30_000, `${png.length} bytes`);
  });
});
