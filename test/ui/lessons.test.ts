/** The lessons in the real workbench: the tree, an answer that is wrong, one that is right, a text that changes. */

import assert from "node:assert/strict";
import type { Frame, Locator } from "playwright-core";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("Lessons", function () {
  this.timeout(90_000);
  const workbench = useWorkbench({ theme: "dark", sideBar: true });

  const row = (title: string): Locator =>
    workbench().page.locator(".part.sidebar .monaco-list-row").filter({ hasText: title });
  const lesson = async (): Promise<Frame> => workbench().webview("lesson");
  const check = async (id: string): Promise<Locator> => (await lesson()).locator(`[data-check="${id}"]`);
  const chips = async (): Promise<string[]> =>
    (await lesson()).locator('[data-exhibit="yours"] .lesson-strip .gb-chip').allTextContents();
  const seeChips = (expected: string[]) =>
    until(async () => JSON.stringify(await chips()) === JSON.stringify(expected), {
      what: `the tokens ${expected.join("|")}`,
    });

  /** Icons of VS Code's trees: one class per codicon. */
  async function assertIcon(title: string, icon: string): Promise<void> {
    await row(title).locator(`.codicon-${icon}`).waitFor();
  }

  it("are listed in the activity bar, in their chapters", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().setCaret({ line: 3, column: 5 });
    await workbench().page.locator('.activitybar [aria-label="Glassbox"]').first().click();
    await row("What a model reads").waitFor();
    const titles = await workbench()
      .page.locator(".part.sidebar .monaco-list-row .label-name")
      .allTextContents();
    assert.deepEqual(titles, [
      "2  Text into tokens",
      "What a model reads",
      "4  The transformer",
      "Who looks at whom",
      "5  Predicting",
      "One token from a list of all",
    ]);
    await assertIcon("What a model reads", "circle-large-outline");
  });

  it("run on the line of the caret", async () => {
    await row("What a model reads").click();
    await workbench().panelText("lesson", "From sum.ts, line 3");
    await seeChips(["·", "·let", "·total", "·=", "·", "0", ";"]);
    await assertIcon("What a model reads", "circle-filled");
  });

  it("follow the caret to another line", async () => {
    await workbench().page.locator(".tab", { hasText: "sum.ts" }).first().click();
    await workbench().setCaret({ line: 2, column: 1 });
    await workbench().panelText("lesson", "From sum.ts, line 2");
    await until(async () => (await chips()).join("").startsWith("export·function·sum(values"), {
      what: "the tokens of line 2",
    });
  });

  it("explain a wrong answer, keep it, and accept the right one", async () => {
    const { page } = workbench();
    const ubiquitous = await check("ubiquitous");
    await ubiquitous.getByRole("button", { name: "3 and 3" }).click();
    await ubiquitous.getByText("not this").waitFor();
    assert.match(await ubiquitous.innerText(), /Syllables are not the unit/);
    await ubiquitous.getByRole("button", { name: "4 and 1" }).click();
    await ubiquitous.getByText("right", { exact: false }).first().waitFor();
    const said = await until(
      async () => {
        const text = await ubiquitous.innerText();
        return text.includes("done") && text;
      },
      { what: "the check to be done" },
    );
    assert.match(said, /Measured just now: ubiquitous = 4 in o200k_base, ·ubiquitous = 1 in o200k_base/);
    assert.match(said, /Right after 1 other answer/);
    assert.equal(await page.locator(".notification-toast").count(), 0);
  });

  it("pass a check when the text that is typed meets it, and only then", async () => {
    const field = (await lesson()).getByRole("textbox", { name: "Text of the exhibit" });
    const thrift = await check("thrift");
    await field.fill("ubiquitous");
    await seeChips(["ub", "iqu", "it", "ous"]);
    assert.match(await thrift.innerText(), /characters: at least 40 \(now 10\)/);
    assert.equal(await thrift.getAttribute("data-done"), "false");
    await field.fill("international communication understanding responsibilities");
    await until(async () => (await thrift.getAttribute("data-done")) === "true", {
      what: "thrift to be done",
    });
    await field.fill("𓂀");
    const torn = await check("torn");
    await until(async () => (await torn.getAttribute("data-done")) === "true", { what: "torn to be done" });
    await assertIcon("What a model reads", "pass-filled");
  });

  it("replay the merges of the chosen token", async () => {
    const field = (await lesson()).getByRole("textbox", { name: "Text of the exhibit" });
    await field.fill("Hi strawberry");
    await seeChips(["Hi", "·strawberry"]);
    await (await lesson()).locator(".lesson-strip .gb-chip").first().click();
    await workbench().panelText("lesson", "1 merge made 1 token of 2 bytes");
    assert.match(await (await lesson()).locator(".merge-rows").innerText(), /rank 12,194, the only pair/);
  });

  it("let the reader guess the next token before it is shown", async () => {
    await row("One token from a list of all").click();
    const frame = await lesson();
    const exhibit = frame.locator('[data-exhibit="next"]');
    await exhibit.getByText("Covered until you have made your guess below.").waitFor();
    assert.equal(await exhibit.locator(".sampling-bars").count(), 0, "covered");

    const comesNext = await check("comes-next");
    const guess = async (word: string) => {
      await comesNext.locator("vscode-text-field input").fill(word);
      await comesNext.getByRole("button", { name: "Guess" }).click();
    };
    await guess("lawyer");
    await comesNext.getByText("not this").waitFor({ timeout: 30_000 });
    const wrong = await comesNext.innerText();
    assert.match(wrong, /begins with the token “·lawyer”: rank [\d,]+ of 32,000, probability/);
    assert.match(wrong, /The model put “·park” first/);
    await exhibit.locator(".sampling-bars").waitFor();

    await exhibit
      .getByRole("textbox", { name: "Text of the exhibit" })
      .fill("Once upon a time, there was a little girl named Lily. She loved to play with her");
    await exhibit.getByText("Covered until you have made your guess below.").waitFor();
    await guess("doll");
    await until(async () => (await comesNext.getAttribute("data-done")) === "true", { what: "the guess" });
    assert.match(await comesNext.innerText(), /“·doll”: rank 2 of 32,000/);
  });

  it("pass when the temperature has taken enough from the favourite", async () => {
    const frame = await lesson();
    const warmer = await check("warmer");
    assert.equal(await warmer.getAttribute("data-done"), "false");
    const slider = frame.getByRole("slider", { name: "Temperature" });
    await slider.focus();
    await slider.press("End");
    await until(async () => (await warmer.getAttribute("data-done")) === "true", { what: "warmer" });
    const zero = await check("zero");
    await zero.getByRole("button", { name: "The true answer" }).click();
    await zero.getByText("not this").waitFor();
    await zero.getByRole("button", { name: "The likeliest token at every step" }).click();
    await assertIcon("One token from a list of all", "pass-filled");
  });

  it("let the reader guess where the last token looks, and find a head by its measured habit", async () => {
    await row("Who looks at whom").click();
    const frame = await lesson();
    const exhibit = frame.locator('[data-exhibit="map"]');
    const looks = await check("last-looks");
    await looks.getByRole("button", { name: "·ball" }).first().click({ timeout: 30_000 });
    await looks.getByText("not this").waitFor();
    assert.match(
      await looks.innerText(),
      /Over all 36 heads, “\.” looks most at the first token of all, “<s>”: 0\.\d+/,
    );

    const field = exhibit.getByRole("textbox", { name: "Text of the exhibit" });
    await field.fill("The cat sat on the mat. It was tired.");
    await exhibit.getByText("Covered until you have made your guess below.").waitFor();
    await looks.getByRole("button", { name: "<s>" }).click({ timeout: 30_000 });
    await until(async () => (await looks.getAttribute("data-done")) === "true", { what: "the sink" });

    const previous = await check("previous");
    const choose = async (layer: string, head: string) => {
      await exhibit.getByRole("slider", { name: "Layer" }).fill(layer);
      await exhibit.getByText(`Heads of layer ${layer}`).waitFor();
      await exhibit.locator(`.att-heads input[value="${head}"]`).check({ force: true });
      await previous.getByText(`layer ${layer}, head ${head}`).first().waitFor();
      await previous.getByRole("button", { name: "This is my answer" }).click();
    };
    await choose("5", "1");
    await previous.getByText("not this").waitFor();
    assert.match(await previous.innerText(), /layer 5, head 1: [\d.]+ % measured, wanted .* over 50 %/);
    await exhibit.getByRole("button", { name: "Use the lesson’s example" }).click();
    // The other text has its own run; only then is there a layer to choose.
    await exhibit.locator(".att").getByText("·Tim", { exact: true }).first().waitFor();
    await choose("2", "0");
    await until(async () => (await previous.getAttribute("data-done")) === "true", { what: "the head" });
    await assertIcon("Who looks at whom", "pass-filled");
  });

  it("keep their progress over a reload of the window", async () => {
    // As a person does it: the window is told that it ends, and writes what it keeps.
    const loaded = workbench().page.waitForEvent("load");
    await workbench().runCommand("Developer: Reload Window");
    await loaded;
    await row("What a model reads").waitFor({ timeout: 60_000 });
    await assertIcon("What a model reads", "pass-filled");
    await assertIcon("Who looks at whom", "pass-filled");
  });
});
