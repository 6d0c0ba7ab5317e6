/** Asking about a selection in a real window, with the offline chat model: the rule, the result, the two answers. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { askQuestion } from "./harness/askQuestion.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("Asking about a selection in the workbench", function () {
  this.timeout(240_000);
  const workbench = useWorkbench({ settings: { "glassbox.model.path": "" } });
  let frame: Frame;

  const status = async () => (await frame.locator(".gb-state").textContent()) ?? "";
  const ended = () =>
    until(async () => /^(?:\d+ steps?|stopped|failed)$/.test(await status()), {
      what: "the answer to end",
      timeoutMs: 150_000,
    });
  const ask = async (question: string) => {
    await frame.locator(".gb-next vscode-text-field input").fill(question);
    await frame.locator(".gb-next vscode-button", { hasText: "Ask" }).click();
  };

  before(async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().selectLines(2, 8);
    frame = await askQuestion(workbench(), "What is 3847 × 291?");
  });

  it("shows the tool's exact result, that a rule chose it, and both answers of the model", async () => {
    await ended();
    assert.equal(await status(), "1 step");
    assert.equal((await frame.locator(".gb-value").first().textContent())?.trim(), `${3847 * 291}`);
    assert.match(
      (await frame.locator(".gb-round-head").first().textContent()) ?? "",
      /calculate.*chosen by a rule, not by the model/,
    );
    assert.match(
      (await frame.locator(".gb-call").first().textContent()) ?? "",
      /"expression": "3847 \* 291"/,
    );
    const titles = await frame.locator(".gb-answer h3").allTextContents();
    assert.deepEqual(titles, [
      "The tool's own answer",
      "The model with the result",
      "The model without tools",
    ]);
    for (const words of await frame.locator(".gb-answer-words").allTextContents())
      assert.match(words, /\p{L}|\d/u);
    assert.ok((await frame.locator(".gb-answers .gb-verdict").count()) >= 2);
  });

  it("opens an answer token by token, with what was put in before it", async () => {
    const answer = frame.locator(".gb-answer").nth(1);
    await answer.locator(".gb-link", { hasText: "Token by token" }).click();
    await answer.locator(".gb-written .gb-chip").first().waitFor();
    await answer.locator(".gb-link", { hasText: "put in before" }).click();
    const injected = (await answer.locator(".gb-strip .gb-chip").allTextContents()).join("");
    assert.match(injected.replaceAll("·", " "), /Result of calculate/);
  });

  it("takes the next question, about the selection, and stops when it is told to", async () => {
    await ask("How many tokens does the selection have?");
    const second = frame.locator(".gb-turn").nth(1);
    await second.locator(".gb-outcome").waitFor();
    assert.match((await second.locator(".gb-outcome").textContent()) ?? "", /✓ \d+ tokens by o200k_base/);
    await frame.locator(".gb-head vscode-button", { hasText: "Stop" }).click();
    await until(async () => (await status()) === "stopped", { what: "the panel to say that it stopped" });
    assert.equal(await frame.locator(".gb-error").count(), 0);
  });

  it("runs selected code only after the reader has ticked it for the question", async () => {
    await ask("What does sum([20, 22]) return?");
    const third = frame.locator(".gb-turn").nth(2);
    await third.locator(".gb-outcome").waitFor();
    assert.match(
      (await third.locator(".gb-outcome").textContent()) ?? "",
      /✗ Running code is not allowed here/,
    );
    await ended();
    await frame.locator(".gb-next vscode-checkbox").click();
    await ask("What does sum([20, 22]) return?");
    const fourth = frame.locator(".gb-turn").nth(3);
    await fourth.locator(".gb-outcome").waitFor();
    assert.match((await fourth.locator(".gb-outcome").textContent()) ?? "", /✓ .*42/);
    await ended();
    // The consent was for that question alone.
    await until(
      async () => (await frame.locator(".gb-next vscode-checkbox").getAttribute("aria-checked")) === "false",
      {
        what: "the tick to be gone",
      },
    );
  });
});
