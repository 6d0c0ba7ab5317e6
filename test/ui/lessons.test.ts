/** The lessons in the real workbench: the tree, an answer that is wrong, one that is right, a text that changes. */

import assert from "node:assert/strict";
import type { Frame, Locator } from "playwright-core";
import { pickLesson } from "./harness/lessonWalk.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

/**
 * Runs in the window: lets all answers have been given so much earlier, in the store that it reads when it is opened.
 * The argument is in milliseconds.
 */
const SET_ANSWERS_BACK = `async (ms) => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await asked(indexedDB.open("vscode-web-state-db-global"));
  const items = database.transaction("ItemTable", "readwrite").objectStore("ItemTable");
  const stored = await asked(items.get("glassbox.glassbox"));
  if (typeof stored !== "string" || !stored.includes('"doneAt":')) {
    throw new Error("Expected the stored progress, found " + JSON.stringify(stored) + ".");
  }
  const earlier = stored.replace(/"doneAt":(\\d+)/g, (_, time) => '"doneAt":' + (Number(time) - ms));
  await asked(items.put(earlier, "glassbox.glassbox"));
  database.close();
}`;

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
    await row("A model is a file of numbers").waitFor();
    const titles = await workbench()
      .page.locator(".part.sidebar .monaco-list-row .label-name")
      .allTextContents();
    // The first chapter stands open, the others are there to be opened.
    assert.deepEqual(titles.slice(0, 6), [
      "1  What you are talking to",
      "A model is a file of numbers",
      "Three schools",
      "A biased coin, two hundred times",
      "It remembers nothing",
      "2  Text into tokens",
    ]);
    assert.ok(titles.includes("10  The field"), titles.join());
    // Room for the chapters that are used below.
    const budget = workbench().page.locator('.part.sidebar .pane-header[aria-label^="Token Budget"]');
    if ((await budget.getAttribute("aria-expanded")) === "true") await budget.click();
    await row("1  What you are talking to").click();
    for (const chapter of ["2  Text into tokens", "4  The transformer", "5  Predicting"]) {
      await row(chapter).click();
    }
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
    // The exhibit draws first and tells the checks beside it then.
    await thrift.getByText("letters: at least 40 (now 10)").waitFor();
    assert.equal(await thrift.getAttribute("data-done"), "false");
    await field.fill("international communication understanding responsibilities");
    await until(async () => (await thrift.getAttribute("data-done")) === "true", {
      what: "thrift to be done",
    });
    await field.fill("𓂀");
    const torn = await check("torn");
    await until(async () => (await torn.getAttribute("data-done")) === "true", { what: "torn to be done" });
    await assertIcon("What a model reads", "pass-filled");
    // The exhibit is elsewhere by now; what it has shown once is not taken back.
    assert.match(await thrift.innerText(), /The exhibit is set otherwise now; what is done stays done\./);
    assert.equal(await thrift.locator('[data-met="false"]').count(), 0);
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

  /** Opens a lesson by its title, wherever it stands in the tree. */
  async function open(title: string): Promise<void> {
    await pickLesson(workbench(), title);
    await workbench().panelText("lesson", title);
  }

  const isDone = async (id: string) =>
    until(async () => (await (await check(id)).getAttribute("data-done")) === "true", {
      what: `${id} to be done`,
    });

  it("score an estimate by its distance, told by keyboard alone", async () => {
    await open("Models guess sums, tools compute");
    const first = await check("first");
    const exhibit = (await lesson()).locator('[data-exhibit="sum"]');
    await exhibit.getByText("Covered until you have made your guess below.").waitFor();
    // Nor do the conditions of another check tell what it is.
    const long = await check("long");
    await long.getByText("The exhibit is covered until a guess is made.").waitFor();
    assert.doesNotMatch(await long.innerText(), /\((now|not known)/);
    const field = first.locator("vscode-text-field input");
    await field.focus();
    await workbench().page.keyboard.type("100,000");
    await workbench().page.keyboard.press("Enter");
    await first.getByText("not this").waitFor();
    assert.match(await first.innerText(), /Your guess is 11.2 times too low: 0 points of 100/);
    await field.fill("1.1 million");
    await field.press("Enter");
    await isDone("first");
    assert.match(await first.innerText(), /Measured: 1.12 million. You were 2 % too low: 99 points of 100/);
    await exhibit.getByText("1119477").first().waitFor();
    await long.getByText("(now ").first().waitFor();
    // The same exhibit, another question: its text is changed, and the result with it.
    await exhibit.getByRole("textbox", { name: "Text of the exhibit" }).fill("1234567890 * 9876543210");
    await isDone("long");
    await exhibit.getByText("12193263111263526900").first().waitFor();
    // The score is kept with the answer.
    await open("A request in text");
    await open("Models guess sums, tools compute");
    await (await check("first")).getByText("Your answer: 1.1 million · 99 points of 100").waitFor();
  });

  it("let the reader put steps in order with the arrow keys", async () => {
    await open("A request in text");
    const steps = await check("steps");
    const wanted = [
      "Your question and",
      "The model writes",
      "Your program checks",
      "The result is put",
      "The model goes on",
    ];
    const items = steps.locator(".lesson-order-item");
    const texts = () => items.allInnerTexts();
    await steps.getByRole("button", { name: "This is my order" }).click();
    await steps.getByText("not this").waitFor();
    assert.match(await steps.innerText(), /\d of 5 stand where they belong/);
    for (const [at, begins] of wanted.entries()) {
      for (;;) {
        const from = (await texts()).findIndex((text) => text.startsWith(begins));
        assert.ok(from >= at, begins);
        if (from === at) break;
        await items.nth(from).focus();
        await workbench().page.keyboard.press("Alt+ArrowUp");
        await until(async () => (await texts())[from - 1]?.startsWith(begins) === true, { what: "the move" });
      }
    }
    await steps.getByRole("button", { name: "This is my order" }).press("Enter");
    await isDone("steps");
    assert.match(await steps.innerText(), /5 of 5 stand where they belong/);
  });

  it("compare an explanation with key points, and show the comparison", async () => {
    await open("A library beside the model");
    const wrong = await check("wrong");
    const field = wrong.getByRole("textbox");
    await field.focus();
    await workbench().page.keyboard.type("Computers are simply like that.");
    await workbench().page.keyboard.press("Control+Enter");
    await wrong.getByText("not this").waitFor();
    assert.match(await wrong.innerText(), /0 of 3 key points named; 2 are asked for/);
    assert.equal(await wrong.getByText("not found yet").count(), 3, "what is missing is not told yet");
    await field.fill("The search did not find the passage, or the model overlooked it.");
    await field.press("Control+Enter");
    await isDone("wrong");
    assert.match(await wrong.innerText(), /The passage was cut badly, or is out of date/);
    assert.match(await wrong.innerText(), /Compared by words, without understanding/);
  });

  it("move sliders until a formula gives what is asked, and explain a word on focus", async () => {
    await open("From scores to probabilities");
    const even = await check("even");
    const frame = await lesson();
    assert.equal(await frame.locator("math mfrac").count(), 1, "the formula is MathML");
    const slider = frame.getByRole("slider", { name: "score of “banana”" });
    await slider.focus();
    // A tenth of the way a page, 0.1 a press: from -2.5 to 2.2.
    for (let page = 0; page < 3; page++) await slider.press("PageUp");
    for (let press = 0; press < 8; press++) await slider.press("ArrowRight");
    await isDone("even");
    // It is done on the way, before the last press is counted.
    await even.getByText(/banana: at least 25 % \(now 29\.\d %\)/).waitFor();
    const word = frame.getByRole("button", { name: "logit" });
    await word.focus();
    assert.match(await frame.getByRole("tooltip").innerText(), /^logit: The raw score/);
    await word.press("Escape");
    assert.equal(await frame.getByRole("tooltip").count(), 0);
    // The symbols of the formula: one takes the focus by Tab, the arrow keys go on from there.
    const symbol = (place: number) => frame.locator(`.lesson-formula [data-place="${place}"]`);
    await symbol(0).focus();
    assert.match(await frame.getByRole("tooltip").innerText(), /probability of token i/);
    await symbol(0).press("ArrowRight");
    await frame.getByRole("tooltip").getByText("2.718").waitFor();
    assert.equal(await symbol(1).getAttribute("tabindex"), "0");
    await symbol(1).press("Escape");
    assert.equal(await frame.getByRole("tooltip").count(), 0);
    await symbol(3).hover();
    await frame.getByRole("tooltip").getByText("temperature").waitFor();
  });

  it("show where the code stands that they point at, also after it has moved", async () => {
    await open("What is kept between two tokens");
    const { page } = workbench();
    const place = (await lesson()).locator('[data-anchor="again"]');
    assert.match(await place.innerText(), /^\(src\/fibonacci\.ts, lines 3.4\)$/);
    await (await lesson()).getByRole("button", { name: "this function" }).click();
    await page.locator('.tab.active[data-resource-name="fibonacci.ts"]').waitFor();
    await workbench().setCaret({ line: 1, column: 1 });
    await page.keyboard.press("Enter");
    await until(async () => /lines 4.5\)$/.test(await place.innerText()), {
      what: "the code one line below",
    });
    await page.keyboard.press("Control+Z");
    await until(async () => /lines 3.4\)$/.test(await place.innerText()), { what: "the code where it was" });
  });

  it("ask the loaded model how likely an answer is, and follow the prompt that is rewritten", async () => {
    await open("Vague recollection, working memory");
    const frame = await lesson();
    const exhibit = frame.locator('[data-exhibit="pages"]');
    const gain = await check("gain");
    await gain.getByRole("button", { name: "Hardly at all" }).click();
    await gain.getByText("not this").waitFor();
    await gain.getByRole("button", { name: "More than ten times as likely" }).click();
    await isDone("gain");
    await exhibit
      .getByText("The first answer is the more probable after 2 of 2 prompts.")
      .waitFor({ timeout: 30_000 });
    await exhibit
      .getByRole("textbox", { name: "with the page" })
      .fill("Tom put the book in the box. The box was red. Mom looked in the box. She found the book in the");
    await isDone("own");
  });

  it("are found by any word that they say", async () => {
    await workbench().runCommand("Glassbox: Open Lesson");
    await workbench().typeIntoPicker("KV cache");
    // Others name it too; the one that it is about comes first, and those that say nothing of it are gone.
    const found = async () => {
      const [first, ...others] = await workbench().pickerLabels();
      return first === "What is kept between two tokens" && others.length < 5;
    };
    await until(found, { what: "the lesson about it in front" });
    await workbench().page.keyboard.press("Escape");
  });

  it("are followed by the tree, wherever they are opened from, which leaves the focus where it is", async () => {
    const selected = workbench().page.locator(".part.sidebar .monaco-list-row.selected");
    const isSelected = (title: string) =>
      until(async () => (await selected.allInnerTexts()).join().includes(title), {
        what: `${title} to be selected in the tree`,
      });
    const isInPage = () => workbench().page.evaluate("document.activeElement.tagName === 'IFRAME'");
    // Its chapter is closed.
    await open("A persona, not a wall");
    await isSelected("A persona, not a wall");
    const next = (await lesson()).getByRole("navigation", { name: "Lessons" }).getByText(/^Next: /);
    const title = ((await next.innerText()) ?? "").replace("Next: ", "");
    await next.click();
    await isSelected(title);
    assert.ok(await isInPage(), "the focus is in the lesson");
  });

  it("end with what was done, what is open and where to go on", async () => {
    await open("Where to go next");
    const end = (await lesson()).getByRole("region", { name: "The end of the course" });
    await end.getByText(/You have done \d+ of \d+ lessons, and \d+ of \d+ checks/).waitFor();
    const said = await end.innerText();
    const [, done, of] = /done (\d+) of (\d+) lessons/.exec(said) ?? [];
    const still = await end.getByRole("listitem").allInnerTexts();
    assert.equal(still.at(-1), `and ${Number(of) - Number(done) - still.length + 1} more`);
    assert.match(said, /What you estimated came to \d+ points of 100 on average\./);
    assert.match(said, /\d+ checks that took you more than one answer come back, the first on \w+ \d+\./);
    // A check of the lesson above counts at once.
    const [, before] = /and (\d+) of \d+ checks/.exec(said) ?? [];
    const source = await check("source");
    await source.getByRole("button", { name: "The place where its makers published it" }).click();
    await end.getByText(`and ${Number(before) + 1} of`).waitFor();
    await end.getByRole("button", { name: still[0] ?? "" }).click();
    await (await lesson()).locator("[data-lesson]").waitFor();
    await until(
      async () =>
        (await (await lesson()).getByRole("region", { name: "The end of the course" }).count()) === 0,
      {
        what: "the first lesson that is open",
      },
    );
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

  it("bring back a day later what was missed, asked as if it were new", async () => {
    const reloaded = async () => {
      const loaded = workbench().page.waitForEvent("load");
      await workbench().runCommand("Developer: Reload Window");
      await loaded;
      await row("What a model reads").waitFor({ timeout: 60_000 });
    };
    await workbench().page.evaluate(`(${SET_ANSWERS_BACK})(${25 * 3_600_000})`);
    await reloaded();
    await row("What a model reads").filter({ hasText: "to repeat: 1" }).waitFor();
    await open("Three schools");
    await workbench().panelText("lesson", "Missed some time ago, due again:");
    await (await lesson()).getByRole("button", { name: "What a model reads" }).click();
    const ubiquitous = await until(
      async () => {
        const found = await check("ubiquitous");
        return (await found.count()) > 0 && found;
      },
      { what: "the lesson with the check that was missed" },
    );
    await ubiquitous.getByText("You missed this one at first. Do you still know?").waitFor();
    // From the top of the page the way leads to the check, by keyboard too.
    await (await lesson()).getByRole("button", { name: "Check 1 of 3", exact: true }).press("Enter");
    const focused = "document.activeElement.textContent.trim()";
    await until(async () => (await (await lesson()).evaluate(focused)) === "Try it again", {
      what: "the focus on what opens the check again",
    });
    await workbench().page.keyboard.press("Enter");
    await until(async () => (await ubiquitous.getAttribute("data-done")) === "false", {
      what: "it to be open",
    });
    await assertIcon("What a model reads", "circle-filled");
    const options = await ubiquitous.locator(".lesson-option").all();
    for (const option of options) assert.equal(await option.getAttribute("data-state"), "open");
    await ubiquitous.getByRole("button", { name: "4 and 1" }).click();
    await until(async () => (await ubiquitous.getAttribute("data-done")) === "true", {
      what: "it to be done",
    });
    await assertIcon("What a model reads", "pass-filled");
    assert.doesNotMatch(await row("What a model reads").innerText(), /to repeat/);
  });
});
