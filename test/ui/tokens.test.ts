/** Tokens in a real window: bands, hover, inline cost and status, as a person sees them. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encoderOf } from "../core/tokens/reference.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";
import type { Workbench } from "./harness/workbench.js";

const TOGGLE = "Glassbox: Toggle Token Boundaries";

describe("Tokens in the workbench", function () {
  this.timeout(90_000);
  const workbench = useWorkbench();

  const fileTokens = async (path: string, encoding: "o200k_base" | "gpt2" = "o200k_base") =>
    encoderOf(encoding).encode(await readFile(join(workbench().folder, path), "utf8")).length;

  /** The bands of the topmost banded line, from left to right. */
  const bandsOfFirstLine = (window: Workbench) =>
    window.page.locator(".view-overlays .cdr").evaluateAll((marks) => {
      const bands = marks
        .map((mark) => {
          const { left, top } = mark.getBoundingClientRect();
          const style = mark.ownerDocument.defaultView!.getComputedStyle(mark);
          return {
            left,
            top,
            // The editor's own marks have borders on all sides.
            width: style.borderTopWidth === "0px" ? style.borderBottomWidth : undefined,
            edge: style.borderBottomStyle,
            colour: style.borderBottomColor,
          };
        })
        .filter(({ width }) => width === "1px");
      const first = Math.min(...bands.map(({ top }) => top));
      return bands.filter(({ top }) => top === first).sort((a, b) => a.left - b.left);
    });

  it("count the file and its cost in the status bar", async () => {
    await workbench().openFile("src/sum.ts");
    const count = await fileTokens("src/sum.ts");
    await workbench().statusItem(new RegExp(`^${count} tokens · \\$0\\.\\d+$`));
  });

  it("are noted behind the caret's line", async () => {
    await workbench().setCaret({ line: 3, column: 5 });
    const note = await until(
      () =>
        workbench()
          .page.locator(".view-line span")
          .evaluateAll((spans) =>
            // A note is the ::after of an empty span.
            spans
              .map((span) => span.ownerDocument.defaultView!.getComputedStyle(span, "::after").content)
              .find((content) => content.includes("token")),
          ),
      { what: "a note behind the line" },
    );
    assert.match(note, /\d+ tokens · \$0\.0000\d+/);
  });

  it("say at the note behind the line where the price is from", async () => {
    const { page } = workbench();
    const { y } = await workbench().placeOf("let total = 0;");
    const line = page.locator(".view-line", { hasText: "let total = 0;" });
    const hover = page.locator(".monaco-hover:visible", { hasText: "price of" });
    await until(
      async () => {
        // The line is drawn without its note first, and anew when its colours come.
        const end = await line.evaluate((drawn) => drawn.firstElementChild!.getBoundingClientRect().right);
        // Each move begins the wait for the hover anew.
        await page.mouse.move(5, 5);
        await page.mouse.move(end - 24, y);
        await page.mouse.move(end - 20, y, { steps: 3 });
        return hover.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
      },
      { what: "what the note says" },
    );
    assert.match(await hover.innerText(), /tokens of o200k_base: .* from genai-prices [\d.]+ after \S+\)/s);
  });

  it("get bands whose neighbours differ in colour and edge", async () => {
    await workbench().runCommand(TOGGLE);
    const text = await readFile(join(workbench().folder, "src/sum.ts"), "utf8");
    const [line] = text.split("\n");
    const count = encoderOf("o200k_base").encode(line!).length;
    // The colours need not come in one frame.
    const drawn = await until(
      async () => {
        const found = await bandsOfFirstLine(workbench());
        return found.length === count && found;
      },
      { what: `${count} bands` },
    );
    for (let i = 1; i < drawn.length; i++) {
      assert.notEqual(drawn[i]!.colour, drawn[i - 1]!.colour);
      assert.notEqual(drawn[i]!.edge, drawn[i - 1]!.edge);
    }
  });

  it("explain themselves in the hover", async () => {
    const said = await workbench().hoverText("total", { contains: "o200k_base" });
    const [id] = encoderOf("o200k_base").encode(" total");
    assert.ok(said.includes(`${id} in o200k_base`), said);
    assert.ok(said.includes("20 74 6F 74 61 6C"));
    assert.match(said, /token \d+ of \d+/);
    assert.match(said, /price of 20\d\d-\d\d-\d\d/);
  });

  it("get bands and hovers in a peeked definition too", async () => {
    await workbench().setCaret({ line: 13, column: 11 });
    await workbench().runCommand("Peek Definition");
    const peek = workbench().page.locator(".peekview-widget .preview .monaco-editor");
    await peek.locator(".view-line", { hasText: "function sum" }).waitFor();
    await until(async () => (await peek.locator(".view-overlays .cdr").count()) > 10, {
      what: "bands in the peek",
    });
    const word = peek.locator(".view-line span", { hasText: /^total$/ }).first();
    await word.hover();
    const hover = workbench().page.locator(".monaco-hover:visible", { hasText: "o200k_base" });
    await hover.waitFor();
    assert.match(await hover.innerText(), /token \d+ of \d+/);
    await workbench().page.keyboard.press("Escape");
    await workbench().focusEditor();
    await workbench().page.keyboard.press("Escape");
    await peek.waitFor({ state: "detached" });
  });

  it("explain a character that is split over tokens", async () => {
    await workbench().openFile("src/greetings.ts");
    const said = await workbench().hoverText("🏽", { contains: "split over" });
    assert.match(said, /begins inside a character/);
  });

  it("follow the typing", async () => {
    await workbench().openFile("src/fibonacci.ts");
    const before = await fileTokens("src/fibonacci.ts");
    const content = await readFile(join(workbench().folder, "src/fibonacci.ts"), "utf8");
    await workbench().statusItem(new RegExp(`^${before} tokens`));
    await workbench().setCaret({ line: 1, column: 1 });
    await workbench().page.keyboard.type("const ubiquitous = 12345;");
    await workbench().page.keyboard.press("Enter");
    const after = encoderOf("o200k_base").encode(`const ubiquitous = 12345;\n${content}`).length;
    await workbench().statusItem(new RegExp(`^${after} tokens`));
    await workbench().runCommand("Undo");
  });

  it("are those of the tokenizer that the reader chooses", async () => {
    await workbench().openFile("src/sum.ts");
    const gpt2 = await fileTokens("src/sum.ts", "gpt2");
    const item = await workbench().statusItem(/tokens · /);
    await item.click();
    const labels = await workbench().pickerLabels();
    for (const name of ["o200k_base", "cl100k_base", "p50k_base", "r50k_base", "gpt2"]) {
      assert.ok(
        labels.some((label) => label.trim() === name),
        name,
      );
    }
    await workbench().pick("gpt2");
    // The model of the price counts with another one.
    await workbench().statusItem(new RegExp(`^${gpt2} tokens · ~\\$0\\.\\d+$`));
  });

  it("count the selection", async () => {
    await workbench().selectLines(1, 8);
    await workbench().statusItem(/^\d+ tokens selected · /);
  });

  it("lose their bands again", async () => {
    await workbench().runCommand(TOGGLE);
    await until(async () => (await bandsOfFirstLine(workbench())).length === 0, { what: "no bands" });
  });

  it("say of a tab without text why it is not counted and shows no bands", async () => {
    await workbench().runCommand("Preferences: Open Settings (UI)");
    await workbench().statusItem(/not counted: Settings/);
    await workbench().runCommand(TOGGLE);
    await workbench().notification(/Token boundaries are on\. "Settings" is not counted/);
    const toast = workbench().page.locator(".notification-toast", { hasText: "Token boundaries are on" });
    await toast.getByRole("button", { name: "Open File", exact: true }).waitFor();
    await workbench().runCommand(TOGGLE);
  });
});
