/** Explain and Compare without a pointer: everything is reached by Tab, seen, and works by its keys. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { Keys } from "./harness/keys.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const MOST_STOPS = 60;

describe("Panels by keyboard alone", function () {
  this.timeout(180_000);
  // What is tested is the way to the run, not its speed on a busy machine.
  const workbench = useWorkbench({ settings: { "glassbox.sandbox.timeLimit": 10_000 } });
  const press = (key: string) => workbench().page.keyboard.press(key);
  const keys = () => new Keys(workbench());
  const focused = (frame: Frame) => keys().focused(frame);
  const tabTo = (frame: Frame, name: RegExp) => keys().tabTo(frame, name);

  async function enterPanel(panel: string, command: string): Promise<Frame> {
    await workbench().runCommand("View: Close All Editors");
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    await workbench().runCommand(command);
    const frame = await workbench().webview(panel);
    await workbench().runCommand("View: Focus Next Editor Group");
    await until(async () => frame.evaluate("document.hasFocus()"), { what: "the panel to have the focus" });
    return frame;
  }

  it("an explanation is run, watched, scrubbed and looked into", async () => {
    const frame = await enterPanel("explain", "Glassbox: Explain Selection");
    await frame.locator(".gb-step").nth(3).waitFor();
    await tabTo(frame, /^How do you know\?$/);
    await press("Enter");
    await frame.locator(".gb-evidence").waitFor();
    await press("Enter");
    await until(async () => (await frame.locator(".gb-evidence").count()) === 0, { what: "no evidence" });

    await tabTo(frame, /^Arguments 1 of sum/);
    // Select All takes its way through the workbench, and would select what is typed after it.
    await press("Home");
    await press("Shift+End");
    await workbench().page.keyboard.type("[20, 22]");
    await press("Enter");
    await until(
      async () =>
        /returned 42/.test(
          (await frame
            .locator(".gb-facts-list")
            .textContent()
            .catch(() => "")) ?? "",
        ),
      { what: "the result of the edited input" },
    );
    await tabTo(frame, /^Watch sum\(\[20, 22\]\) run line by line$/);
    await press("Enter");
    const film = frame.locator(".gb-recorded .film");
    await film.waitFor();
    const moment = async () => (await film.locator(".gb-slider").textContent()) ?? "";
    await tabTo(frame, /^Step: One moment on$/);
    await press("Enter");
    await until(async () => / ?2 of /.test(await moment()), { what: "the second moment" });
    await press("ArrowRight");
    await until(async () => / ?3 of /.test(await moment()), { what: "the third moment" });
    await tabTo(frame, /^Moment/);
    await press("End");
    await until(
      async () => /leaves sum with 42/.test((await film.locator(".film-said").textContent()) ?? ""),
      {
        what: "the end of the run",
      },
    );
    await tabTo(frame, /^Explanation$/);
    await press("ArrowRight");
    assert.match((await focused(frame)).name, /^Stages/);
    assert.equal(
      await frame.locator(".gb-tab[aria-selected=true]").textContent(),
      (await focused(frame)).name,
    );
  });

  it("a comparison is walked token by token, and its other view opens", async () => {
    const frame = await enterPanel("compare", "Glassbox: Compare Tokenizers");
    const readout = () => frame.locator(".cmp-readout").innerText();
    // A tokenizer that is added later begins the walk anew.
    await frame.locator('[data-place="3:0"]').first().waitFor();
    await tabTo(frame, /, id \d+, o200k_base$/);
    await press("ArrowRight");
    await until(async () => (await readout()).includes("token 2"), { what: "the second token" });
    await press("ArrowDown");
    await until(async () => (await readout()).includes("cl100k_base ·"), { what: "the tokenizer below" });
    await press("Home");
    await until(async () => (await readout()).includes("token 1"), { what: "the first token" });
    for (let stop = 0; !/^Your text$/.test((await focused(frame)).name); stop++) {
      assert.ok(stop < MOST_STOPS, "Shift+Tab does not lead to the views");
      await press("Shift+Tab");
    }
    await press("ArrowRight");
    await until(async () => (await frame.locator("body").innerText()).includes("Burmese"), {
      what: "the same meaning in other languages",
    });
    assert.match((await focused(frame)).name, /other languages/);
  });

  it("the focus goes on where its button goes away, and stays away where a pointer took that away", async () => {
    const frame = await enterPanel("compare", "Glassbox: Compare Tokenizers");
    await frame.locator('[data-place="3:0"]').first().waitFor();
    const removals = frame.locator(".cmp-remove button");
    const names = await removals.evaluateAll((all) =>
      all.map((each) => each.getAttribute("aria-label") ?? ""),
    );
    assert.ok(names.length >= 3, names.join());
    const gone = async (left: number) =>
      until(async () => (await removals.count()) === left, { what: `${left} tokenizers` });
    await tabTo(frame, /^Remove /);
    await press("Enter");
    await gone(names.length - 1);
    assert.equal((await focused(frame)).name, names[1]);
    // Behind the last one comes what is below the table.
    await removals.last().focus();
    await press("Enter");
    await gone(names.length - 2);
    const { name, what } = await focused(frame);
    assert.notEqual(name, "", what);
    assert.ok(!what.startsWith("<body"), what);
    await removals.first().click();
    await gone(names.length - 3);
    assert.match((await focused(frame)).what, /^<body/);
  });
});
