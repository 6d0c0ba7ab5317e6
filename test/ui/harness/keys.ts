/**
 * A window driven by its keyboard alone: every stop of the focus must have a name and be seen, and a guard in every page
 * counts what a pointer does. What was pressed, and where the focus was then, is kept as a record.
 */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

export interface Focus {
  name: string;
  /** Whether a reader sees that it has the focus. */
  marked: boolean;
  /** Its markup, for messages. */
  what: string;
}

/** What has the focus, through the shadows of components. */
const FOCUSED = `(() => {
  const themed = document.querySelector(".monaco-workbench") ?? document.body;
  const probe = themed.appendChild(document.createElement("i"));
  probe.style.color = "var(--vscode-focusBorder)";
  const focusColour = getComputedStyle(probe).color;
  probe.remove();
  const isMarked = (element) => {
    const { outlineStyle, outlineWidth, borderTopColor } = getComputedStyle(element);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || borderTopColor === focusColour;
  };
  const host = document.activeElement;
  let inner = host;
  while (inner.shadowRoot && inner.shadowRoot.activeElement) inner = inner.shadowRoot.activeElement;
  // A component may mark itself, what has the focus in it, or the frame around that.
  const around = [host, inner, inner.parentElement];
  // VS Code's own fields mark a box further out, and its text shows the caret.
  if (themed !== document.body) around.push(host.closest(".monaco-inputbox"), host.closest(".monaco-list"));
  const caret = host.closest(".monaco-editor.focused")?.querySelector(".cursors-layer .cursor");
  const marked = around.some((each) => each && isMarked(each)) || Boolean(caret);
  // VS Code gives its text no name but a word to screen readers.
  const named = caret ? "the text, at its caret" : [host, inner].map((each) => each.getAttribute("aria-label")).find((label) => label);
  const labels = [...(inner.labels ?? [])].map((each) => each.textContent).join(" ");
  const name = named || labels || host.textContent || "";
  const what = host.outerHTML.slice(0, 200);
  return { name: name.replace(/\\s+/g, " ").trim().slice(0, 120), marked, what };
})()`;

/** Runs in every page: tells of each event that only a pointer makes. A key that presses a button makes a click alone. */
const GUARD = `(() => {
  for (const kind of ["pointerdown", "mousedown", "touchstart", "wheel", "dblclick"]) {
    addEventListener(kind, (event) => {
      if (event.isTrusted) glassboxPointer(kind);
    }, { capture: true, passive: true });
  }
})()`;

/** A page under load takes a moment to draw. */
const SETTLE_MS = 2000;
const MOST_STOPS = 120;
/** Characters of a name in the record. */
const LONGEST_NAME = 70;

/** One stop of a walk. */
interface Stop {
  doing: string;
  keys: string;
  focus: string;
}

export class Keys {
  readonly #workbench: Workbench;
  readonly #stops: Stop[] = [];
  readonly #pointer: string[] = [];
  #doing = "";

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** What pointers have done since `guard`. */
  get pointerEvents(): readonly string[] {
    return this.#pointer;
  }

  /** From now on every pointer event in any page of the window is noted, also in pages that are yet to come. */
  async guard(): Promise<void> {
    const { page } = this.#workbench;
    await page.exposeBinding("glassboxPointer", (_, kind: string) => void this.#pointer.push(kind));
    await page.addInitScript(GUARD);
    for (const frame of page.frames()) await frame.evaluate(GUARD);
  }

  /** Names what the next stops are for, in the record. */
  begin(doing: string): void {
    this.#doing = doing;
  }

  async focused(frame: Frame): Promise<Focus> {
    return (await frame.evaluate(FOCUSED)) as Focus;
  }

  /** Presses keys and takes down where the focus is then. @param where undefined: the workbench's own page. */
  async press(key: string, where?: Frame, times = 1): Promise<Focus> {
    for (let time = 0; time < times; time++) await this.#workbench.page.keyboard.press(key);
    return this.#stop(times === 1 ? key : `${key} × ${times}`, where);
  }

  async type(text: string, where?: Frame): Promise<Focus> {
    await this.#workbench.page.keyboard.type(text);
    return this.#stop(`“${text}”`, where);
  }

  /**
   * Presses Tab until something of that name has the focus; every stop on the way must be seen and named.
   * @param key Shift+Tab goes back.
   */
  async tabTo(frame: Frame, name: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    const names: string[] = [];
    for (let stop = 1; stop <= MOST_STOPS; stop++) {
      await this.#workbench.page.keyboard.press(key);
      const now = await this.#settled(frame);
      names.push(now.name);
      const way = names.join(" | ").slice(0, 2000);
      assert.notEqual(now.name, "", `a stop without a name: ${now.what}`);
      assert.ok(now.marked, `the focus cannot be seen on ${now.what}, after ${way} on the way to ${name}`);
      if (name.test(now.name)) {
        await this.#stop(stop === 1 ? key : `${key} × ${stop}`, frame);
        return;
      }
    }
    assert.fail(`${key} does not lead to ${name}; it leads to ${names.join(" | ")}`);
  }

  /** Opens the palette, writes into it, waits until the row of that label is chosen, and presses Enter. */
  async choose(text: string, label: string): Promise<void> {
    const { page } = this.#workbench;
    const input = page.locator(".quick-input-widget:visible .quick-input-filter input");
    await until(
      async () => {
        if (!(await input.isVisible())) {
          await page.keyboard.press("F1");
          return false;
        }
        if ((await input.inputValue()) !== text) {
          await page.keyboard.press("Control+A");
          await page.keyboard.type(text);
        }
        return this.#isChosen(label);
      },
      { what: `"${label}" to be chosen in the palette`, timeoutMs: 60_000 },
    );
    await this.#stop(`F1, “${text}”, Enter`);
    await this.#enter(label, text);
  }

  /** Writes into the picker that is open until the row of that label is chosen, and presses Enter. */
  async pick(text: string, label: string): Promise<void> {
    await this.#workbench.page.locator(".quick-input-widget:visible").waitFor();
    await this.#workbench.page.keyboard.type(text);
    await until(() => this.#isChosen(label), { what: `"${label}" to be chosen in the picker` });
    await this.#stop(`“${text}”, Enter`);
    await this.#enter(label, text);
  }

  async #isChosen(label: string): Promise<boolean> {
    const chosen = this.#workbench.page.locator(
      ".quick-input-widget:visible .quick-input-list .monaco-list-row.focused .label-name",
    );
    return (await chosen.allTextContents()).some((found) => found.trim().startsWith(label));
  }

  async #enter(label: string, text: string): Promise<void> {
    const { page } = this.#workbench;
    const input = page.locator(".quick-input-widget:visible .quick-input-filter input");
    await page.keyboard.press("Enter");
    // A picker of what has been chosen may stand in its place. All at once: it may go between two questions.
    const values = () =>
      input.evaluateAll((all) => all.map((each) => (each as unknown as { value: string }).value));
    await until(async () => !(await values()).includes(text), {
      what: `the palette with "${label}" to close`,
    });
  }

  /** Gives the focus to a panel in the second group, from wherever it is. */
  async enterPanel(frame: Frame): Promise<void> {
    await this.#workbench.page.keyboard.press("Control+2");
    await until(async () => frame.evaluate("document.hasFocus()"), { what: "the panel to have the focus" });
    // A page that VS Code has written anew has lost its listeners.
    await frame.evaluate(GUARD);
    this.#note("Ctrl+2", "the panel");
  }

  /** Gives the focus to the text in the first group. */
  async enterText(): Promise<void> {
    const { page } = this.#workbench;
    await page.keyboard.press("Control+1");
    await until(
      async () => {
        const { marked, what } = await this.focused(page.mainFrame());
        return marked && !what.startsWith("<iframe");
      },
      { what: "the text to have the focus" },
    );
    await this.#stop("Ctrl+1");
  }

  /** The record as a Markdown table. */
  table(): string {
    const cell = (text: string) => text.replaceAll("|", "\\|");
    let before = "";
    const rows = this.#stops.map(({ doing, keys, focus }) => {
      const first = doing === before ? "" : doing;
      before = doing;
      return `| ${cell(first)} | ${cell(keys)} | ${cell(focus)} |`;
    });
    return ["| What is done | Keys | Where the focus is |", "| --- | --- | --- |", ...rows].join("\n");
  }

  /** Where the focus is once the page has drawn what the key has changed: what goes hands it on a moment later. */
  async #settled(frame: Frame): Promise<Focus> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const now = await this.focused(frame);
      if (now.marked || Date.now() > deadline) return now;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #stop(keys: string, where?: Frame): Promise<Focus> {
    const frame = where ?? this.#workbench.page.mainFrame();
    const now = await this.#settled(frame);
    assert.ok(now.marked, `the focus cannot be seen on ${now.what} after ${keys}`);
    this.#note(keys, now.name);
    return now;
  }

  #note(keys: string, focus: string): void {
    const name = focus.length <= LONGEST_NAME ? focus : `${focus.slice(0, LONGEST_NAME)} …`;
    this.#stops.push({ doing: this.#doing, keys, focus: name });
  }
}
