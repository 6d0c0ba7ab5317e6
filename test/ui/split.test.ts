/** "Why Did It Split Here?" in a real window: opened by palette and hover, edited, and held to the encoder. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { type BandLook, PALETTE_NAMES, PALETTES } from "../../src/core/tokens/palettes.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { parseColour } from "../core/tokens/colour.js";
import { encoderOf } from "../core/tokens/reference.js";
import { declaredColours } from "../manifest.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

const COMMAND = "Glassbox: Why Did It Split Here?";

describe("Why did it split, in the workbench", function () {
  this.timeout(120_000);
  const workbench = useWorkbench({ theme: "dark" });
  let frame: Frame;

  const chips = () => frame.locator(".split-strip .gb-chip").allTextContents();
  const chosen = () => frame.locator('.split-piece[aria-pressed="true"]').innerText();
  const field = () => frame.getByRole("textbox", { name: "Text to cut" });

  /** The chips that the encoder itself gives for a text. */
  function expectedChips(text: string, name: "o200k_base" | "cl100k_base" = "o200k_base"): string[] {
    const encoder = encoderOf(name);
    return encoder.encode(text).map((id) =>
      // A chip shows a byte without the signs around it.
      visibleText(encoder.bytesOf(id)).replaceAll(/[‹›]/g, ""),
    );
  }

  async function seeChips(expected: string[]): Promise<void> {
    await until(async () => JSON.stringify(await chips()) === JSON.stringify(expected), {
      what: `chips ${expected.join(" ")}`,
    });
  }

  it("shows the caret's line as the encoder cuts it, and the rule of the caret's piece", async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().setCaret({ line: 3, column: 9 });
    await workbench().runCommand(COMMAND);
    frame = await workbench().webview("split");
    await frame.locator(".split-piece").first().waitFor();
    const line = await field().inputValue();
    assert.match(line, /^ {2}let total = 0;\n/);
    await seeChips(expectedChips(line));
    assert.equal(await chosen(), "·total");
    const text = await workbench().panelText("split", "Why it ends here");
    assert.match(text, /Rule 1 of 7, word/);
    assert.match(text, /“·”, a space, follows, and only small letters/);
  });

  it("re-computes pieces, rule and merges at every keystroke, and marks what is new", async () => {
    const line = await field().inputValue();
    await field().focus();
    await workbench().page.keyboard.press("Control+Home");
    for (let step = 0; step < 11; step++) await workbench().page.keyboard.press("ArrowRight");
    await workbench().page.keyboard.type("z");
    const edited = `${line.slice(0, 11)}z${line.slice(11)}`;
    await seeChips(expectedChips(edited));
    assert.match(await chosen(), /^·total[\s]*z$|^·totalz$/);
    const before = new Set(expectedChips(line));
    assert.deepEqual(
      await frame.locator(".split-fresh .gb-chip").allTextContents(),
      expectedChips(edited).filter((chip) => !before.has(chip)),
    );
    await workbench().panelText("split", /Your edit made 1 new piece/);
    assert.equal(await frame.locator("vscode-checkbox").getAttribute("aria-checked"), "false");
    const merges = await frame.locator(".merge-rows").innerText();
    const encoder = encoderOf("o200k_base");
    const { merges: expected } = encoder.replay(Buffer.from(" totalz"));
    assert.equal(await frame.locator(".merge-row").count(), expected.length);
    assert.ok(merges.includes(`rank ${expected[0]!.rank.toLocaleString("en-US")}`), merges);

    await workbench().page.keyboard.press("Backspace");
    await seeChips(expectedChips(line));
  });

  it("has its chips in the palette that is chosen, at once", async () => {
    const looks = () =>
      frame.locator(".split-strip .gb-chip").evaluateAll((chips) =>
        chips.map((chip) => {
          const style = chip.ownerDocument.defaultView!.getComputedStyle(chip);
          return { edge: style.borderLeftColor, tint: style.backgroundColor, below: style.borderBottomWidth };
        }),
      );
    const channels = (id: string) =>
      parseColour(declaredColours.get(id)!.dark)
        .rgb.map((channel) => Math.round(channel * 255))
        .join(", ");
    const edgeOf = ({ edgeColour }: BandLook) => `rgb(${channels(edgeColour)})`;
    const tintOf = ({ background }: BandLook) => new RegExp(`^rgba\\(${channels(background)}, [\\d.]+\\)$`);
    for (const name of [...PALETTE_NAMES].reverse()) {
      await workbench().setSettings({ "glassbox.tokens.palette": name });
      const [first, second] = PALETTES[name];
      const drawn = await until(
        async () => {
          const found = await looks();
          return found[0]?.edge === edgeOf(first!) && found;
        },
        { what: `chips in the palette ${name}` },
      );
      assert.ok(drawn.length > 3);
      assert.match(drawn[0]!.tint, tintOf(first!));
      assert.equal(drawn[1]!.edge, edgeOf(second!));
      assert.match(drawn[1]!.tint, tintOf(second!));
      for (let at = 1; at < drawn.length; at++) {
        assert.notEqual(drawn[at]!.tint, drawn[at - 1]!.tint, `${name}, chip ${at}`);
        assert.notEqual(drawn[at]!.below, drawn[at - 1]!.below, `${name}, chip ${at}`);
      }
    }
  });

  it("goes through the merges by keyboard", async () => {
    const slider = frame.getByRole("slider", { name: "Merge" });
    const { merges } = encoderOf("o200k_base").replay(Buffer.from(" total"));
    assert.equal(await slider.getAttribute("max"), String(merges.length));
    await slider.focus();
    await slider.press("Home");
    assert.equal(await frame.locator(".merge-stage .gb-chip").count(), " total".length);
    await slider.press("ArrowRight");
    assert.equal(await frame.locator(".merge-stage .gb-chip").count(), " total".length - 1);
    await frame.locator("vscode-button", { hasText: "Play" }).focus();
    await workbench().page.keyboard.press("Enter");
    await workbench().panelText("split", `Step ${merges.length} of ${merges.length}`);
  });

  it("walks along the pieces with the arrow keys", async () => {
    await frame.locator('.split-piece[aria-pressed="true"]').focus();
    await workbench().page.keyboard.press("ArrowRight");
    await until(async () => (await chosen()) === "·=", { what: "the next piece" });
    await workbench().panelText("split", /Rule 4 of 7, symbols/);
  });

  it("cuts the same text by another tokenizer", async () => {
    await field().fill("fooBar's 12345");
    await seeChips(expectedChips("fooBar's 12345"));
    await frame.locator("vscode-dropdown").click();
    await frame.locator("vscode-option", { hasText: "cl100k_base" }).click();
    await seeChips(expectedChips("fooBar's 12345", "cl100k_base"));
    await workbench().panelText("split", /cl100k_base cuts 14 characters/);
    await frame.locator("vscode-button", { hasText: "Reset" }).click();
    await until(async () => /let total/.test(await field().inputValue()), { what: "the editor's text" });
  });

  it("follows the caret once it is asked to", async () => {
    await frame.locator("vscode-checkbox").click();
    await workbench().runCommand("View: Focus First Editor Group");
    await workbench().setCaret({ line: 7, column: 4 });
    await workbench().panelText("split", /sum\.ts, line 7/);
    await until(async () => (await chosen()) === "·return", { what: "the caret's piece" });
  });

  it("has the merges as a table, and says how it knows", async () => {
    await frame.locator('[aria-label="Merges"] >> text=As a table').click();
    const { merges } = encoderOf("cl100k_base").replay(Buffer.from(" return"));
    assert.equal(await frame.locator('[aria-label="Merges"] tbody tr').count(), merges.length + 1);
    await frame.getByText("How do you know?").click();
    assert.match(await frame.locator(".gb-evidence").innerText(), /\\p\{N\}\{1,3\}/);
  });
});
