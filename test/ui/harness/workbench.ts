/**
 * One window of VS Code, driven as a person would: by keys, pointer and sight. Everything here waits for what it
 * needs to see.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ConsoleMessage, Frame, Locator, Page } from "playwright-core";
import { until } from "./until.js";

export type Theme = "light" | "dark" | "high-contrast" | "high-contrast-light";

/** The names that VS Code's setting wants. */
export const themeNames: Record<Theme, string> = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  "high-contrast": "Default High Contrast",
  "high-contrast-light": "Default High Contrast Light",
};

/** The class of the workbench under each theme. */
const themeClasses: Record<Theme, string> = {
  light: "vs",
  dark: "vs-dark",
  "high-contrast": "hc-black",
  "high-contrast-light": "hc-light",
};

/** A place in a text file: line and column from 1, columns in UTF-16 units, as the status bar counts. */
export interface Place {
  line: number;
  column: number;
}

interface Point {
  x: number;
  y: number;
}

interface Surroundings {
  folder: string;
  settings: Record<string, unknown>;
  writeSettings(settings: Record<string, unknown>): Promise<void>;
  logsFolder: string;
}

/** An open palette that has not shown a command by then is opened anew. */
const PALETTE_STALE_MS = 3000;
const activeEditor = ".editor-group-container.active .monaco-editor";

/** Runs in the page: the middle of the n-th occurrence (from 0) of a text among the visible lines. */
const findText = `({ editor, text, occurrence }) => {
  const lines = [...document.querySelectorAll(editor + " .view-line")];
  lines.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  let left = occurrence;
  for (const line of lines) {
    // VS Code draws spaces as no-break spaces.
    const content = line.textContent.replaceAll("\\u00a0", " ");
    for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) {
      if (left-- > 0) continue;
      const range = document.createRange();
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      let offset = 0;
      let started = false;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const end = offset + node.data.length;
        if (!started && at < end) {
          range.setStart(node, at - offset);
          started = true;
        }
        if (started && at + text.length <= end) {
          range.setEnd(node, at + text.length - offset);
          break;
        }
        offset = end;
      }
      const box = range.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    }
  }
  return null;
}`;

/** Runs in the page: the visible lines of an editor from top to bottom. */
const readLines = `(editor) => [...document.querySelectorAll(editor + " .view-line")]
  .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent.replaceAll("\\u00a0", " ") }))
  .sort((a, b) => a.top - b.top)
  .map(({ text }) => text)
  .join("\\n")`;

export class Workbench {
  readonly page: Page;
  /** The opened folder. */
  readonly folder: string;
  readonly #surroundings: Surroundings;
  #settings: Record<string, unknown>;
  readonly #console: string[] = [];

  constructor(page: Page, surroundings: Surroundings) {
    this.page = page;
    this.folder = surroundings.folder;
    this.#surroundings = surroundings;
    this.#settings = surroundings.settings;
    page.on("console", (message: ConsoleMessage) => {
      this.#console.push(`[${message.type()}] ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#console.push(`[uncaught] ${error.stack ?? error.message}`));
  }

  /** Loads the window; the rig calls it once. */
  async start(url: string, sideBar: boolean): Promise<void> {
    await this.page.goto(url, { waitUntil: "domcontentloaded" });
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
    await this.page.locator(".part.editor .editor-group-container").first().waitFor({ timeout: 60_000 });
    const shown = await this.page.locator(".part.sidebar").isVisible();
    if (shown !== sideBar) await this.runCommand("View: Toggle Primary Side Bar Visibility");
  }

  /** Everything that the page and its webviews wrote to their consoles. */
  get consoleLines(): readonly string[] {
    return this.#console;
  }

  // ---- Commands and pickers --------------------------------------------------------------------------------

  /** Runs a command by the exact title that the palette shows, `Glassbox: Show Attention` for instance. */
  async runCommand(title: string): Promise<void> {
    await this.commandsBeside(title, title);
    await this.#chooseRow((label) => label === title, `the command "${title}" in the palette`, 30_000);
  }

  /** Opens the palette with what was typed. @returns the titles that it shows, once this one is among them. */
  async commandsBeside(title: string, typed: string): Promise<string[]> {
    let openedAt = 0;
    // The palette lists what there was when it opened; a new window's extensions may come after that.
    return until(
      async () => {
        if (Date.now() - openedAt > PALETTE_STALE_MS) {
          if (openedAt > 0) await this.page.keyboard.press("Escape");
          await this.#fillPalette(`>${typed}`);
          openedAt = Date.now();
        }
        const titles = await this.#rows().locator(".label-name").allTextContents();
        return titles.includes(title) && titles;
      },
      { what: `the command "${title}" in the palette`, timeoutMs: 30_000 },
    );
  }

  /** Chooses a row of the picker that is open, by the beginning of its label or a pattern. */
  async pick(label: string | RegExp): Promise<void> {
    await this.#quickInput().waitFor();
    const matches = (found: string) => {
      const plain = found.trim();
      return typeof label === "string" ? plain.startsWith(label) : label.test(plain);
    };
    await this.#chooseRow(matches, `the choice ${label}`);
  }

  /** The labels of the picker that is open. */
  async pickerLabels(): Promise<string[]> {
    await this.#quickInput().waitFor();
    return until(
      async () => {
        // What stands below a row is a label as well.
        const labels = await this.#rows().evaluateAll((rows) =>
          rows.map((row) => row.querySelector(".label-name")?.textContent ?? ""),
        );
        return labels.length > 0 && labels;
      },
      { what: "a picker with choices" },
    );
  }

  /** Writes into the input or picker that is open; Enter is up to the caller. */
  async typeIntoPicker(text: string): Promise<void> {
    await this.#quickInput().fill(text);
  }

  // ---- Text ------------------------------------------------------------------------------------------------

  /** Opens a file of the folder by its relative path, and waits until its text is there. */
  async openFile(path: string): Promise<void> {
    const name = basename(path);
    await this.#fillPalette(path);
    await this.#chooseRow((label) => label === name, `the file "${path}"`, 30_000);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator(`${activeEditor} .view-line`).first().waitFor();
    await this.focusEditor();
  }

  /** Puts the focus into the text of the active editor group, or of the first one that shows text. */
  async focusEditor(): Promise<void> {
    await this.runCommand("View: Focus Active Editor Group");
  }

  /** Puts the caret somewhere in the active editor. */
  async setCaret({ line, column }: Place): Promise<void> {
    await this.#goTo(`:${line}:${column}`, new RegExp(`Ln ${line}, Col ${column}\\b`));
  }

  /** Selects from one place to another in the active editor, the caret at the second. */
  async select(from: Place, to: Place): Promise<void> {
    await this.setCaret(from);
    await this.runCommand("Set Selection Anchor");
    await this.setCaret(to);
    await this.#selectFromAnchor();
  }

  /** Selects whole lines, both included, without the last line's break. The last line must not be empty. */
  async selectLines(first: number, last: number): Promise<void> {
    await this.setCaret({ line: first, column: 1 });
    await this.runCommand("Set Selection Anchor");
    // A column beyond the end means the end.
    await this.#goTo(`:${last}:100000`, new RegExp(`Ln ${last}, Col (?!1\\b)`));
    await this.#selectFromAnchor();
  }

  async #goTo(colonLineColumn: string, shownAs: RegExp): Promise<void> {
    const [, line] = colonLineColumn.split(":");
    const way = new RegExp(`^Go to line ${line}\\b`);
    let offered: string[] = [];
    // Enter before the palette has understood goes nowhere, and before an editor is open there is no way.
    await until(
      async () => {
        await this.#fillPalette(colonLineColumn);
        const found = await until(
          async () => {
            offered = await this.#rows().locator(".label-name").allTextContents();
            return offered.some((label) => way.test(label));
          },
          { what: "a way", timeoutMs: 1500 },
        ).catch(() => false);
        if (!found) await this.page.keyboard.press("Escape");
        return found;
      },
      { what: () => `the way to ${colonLineColumn}; the palette offers ${JSON.stringify(offered)}` },
    );
    await this.page.keyboard.press("Enter");
    await this.#paletteClosed();
    await until(async () => shownAs.test(await this.#caretText()), {
      what: `the caret at ${colonLineColumn}`,
    });
  }

  async #selectFromAnchor(): Promise<void> {
    await this.runCommand("Select from Anchor to Cursor");
    await until(async () => (await this.#caretText()).includes("selected"), { what: "a selection" });
  }

  /** What the status bar says about caret and selection: `Ln 3, Col 7 (12 selected)`. */
  async #caretText(): Promise<string> {
    return (await this.page.locator('[id="status.editor.selection"]').textContent()) ?? "";
  }

  /** The middle of the n-th occurrence (from 0) of a text among the visible lines of the active editor. */
  async placeOf(text: string, occurrence = 0): Promise<Point> {
    return until(() => this.#inPage<Point | null>(findText, { editor: activeEditor, text, occurrence }), {
      what: `the text "${text}" in the editor`,
    });
  }

  /**
   * Moves the pointer onto a text of the active editor and answers what the hover says.
   * @param contains waits until the hover says this, since several providers may speak one after the other.
   */
  async hoverText(
    text: string,
    options: { occurrence?: number; contains?: string | RegExp } = {},
  ): Promise<string> {
    const { x, y } = await this.placeOf(text, options.occurrence);
    const hover = this.page.locator(".monaco-hover:visible");
    const { contains } = options;
    await this.page.mouse.move(5, 5);
    await until(async () => (await hover.count()) === 0, { what: "the last hover to go" });
    await this.page.mouse.move(x - 2, y);
    await this.page.mouse.move(x, y, { steps: 3 });
    return until(
      async () => {
        const said = (await hover.allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
        if (said.trim() === "") return undefined;
        if (contains === undefined) return said;
        const there = typeof contains === "string" ? said.includes(contains) : contains.test(said);
        return there ? said : undefined;
      },
      { what: `a hover on "${text}"${contains === undefined ? "" : ` that says ${contains}`}` },
    );
  }

  /** The visible text of the active editor, line by line. */
  async visibleText(): Promise<string> {
    return this.#inPage<string>(readLines, activeEditor);
  }

  // ---- Panels ----------------------------------------------------------------------------------------------

  /** The page of one of our panels, found by its content; waits until it has drawn something. */
  async webview(panel: string, timeoutMs = 20_000): Promise<Frame> {
    return until(
      async () => {
        // The newest one is last: a panel that was closed and opened again has a new frame.
        for (const frame of this.page.frames().reverse()) {
          if (frame.isDetached() || frame === this.page.mainFrame()) continue;
          const drawn = await frame.locator(`body[data-panel="${panel}"] #root > *`).count();
          if (drawn > 0) return frame;
        }
        return undefined;
      },
      { what: `the panel "${panel}" to draw something`, timeoutMs },
    );
  }

  /** Waits until a panel shows a text; answers all of its text. */
  async panelText(panel: string, contains: string | RegExp, timeoutMs = 20_000): Promise<string> {
    let last = "";
    try {
      return await until(
        async () => {
          last = await (await this.webview(panel, timeoutMs)).locator("body").innerText();
          return (typeof contains === "string" ? last.includes(contains) : contains.test(last)) && last;
        },
        { what: `"${contains}" in the panel "${panel}"`, timeoutMs },
      );
    } catch (error) {
      throw new Error(`The panel "${panel}" does not say ${contains}. It says:\n${last}`, { cause: error });
    }
  }

  /** Gives the active editor group the whole window, and back. */
  async toggleMaximizedGroup(): Promise<void> {
    await this.runCommand("View: Toggle Maximize Editor Group");
  }

  /** Activates a tab by its label. */
  async showTab(label: string | RegExp): Promise<void> {
    await this.page.locator(".tab").filter({ hasText: label }).first().click();
  }

  /** The labels of all open tabs. */
  async tabs(): Promise<string[]> {
    return this.page.locator(".tab .label-name").allTextContents();
  }

  // ---- Around it -------------------------------------------------------------------------------------------

  /** A status bar item by its text or accessible name; waits for it. */
  async statusItem(text: string | RegExp): Promise<Locator> {
    const items = this.page.locator(".part.statusbar .statusbar-item");
    const item = items
      .filter({ hasText: text })
      .or(items.filter({ has: this.page.getByRole("button", { name: text }) }))
      .first();
    await item.waitFor();
    return item;
  }

  /** The messages of the notifications that are shown. */
  async notifications(): Promise<string[]> {
    return this.page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
  }

  /** Waits for a notification; answers its message. */
  async notification(text: string | RegExp): Promise<string> {
    return until(
      async () =>
        (await this.notifications()).find((message) =>
          typeof text === "string" ? message.includes(text) : text.test(message),
        ),
      { what: `a notification that says ${text}` },
    );
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.setSettings({ "workbench.colorTheme": themeNames[theme] });
    await this.page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor();
  }

  /** Changes settings while the window is open. When the editor has noticed is for the caller to see. */
  async setSettings(changed: Record<string, unknown>): Promise<void> {
    this.#settings = { ...this.#settings, ...changed };
    await this.#surroundings.writeSettings(this.#settings);
  }

  async setSize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await until(async () => (await this.page.locator(".monaco-workbench").boundingBox())?.width === width, {
      what: `the workbench to be ${width} px wide`,
    });
  }

  /** Writes a picture of the whole window. */
  async screenshot(path: string): Promise<void> {
    // A pointer that rests somewhere must not leave a hover in the picture by chance; the caller puts it.
    await this.page.screenshot({ path, animations: "disabled", caret: "hide" });
  }

  /** What the extension wrote to its log channel in this window's extension host. */
  async extensionLog(): Promise<string> {
    const folder = this.#surroundings.logsFolder;
    const files = (await readdir(folder, { recursive: true })).filter((path) => /Glassbox\.log$/.test(path));
    const texts = await Promise.all(files.sort().map((path) => readFile(join(folder, path), "utf8")));
    return texts.at(-1) ?? "";
  }

  /** Saves all that may explain a failure: a picture, the consoles and the extension's log. */
  async saveEvidence(pathWithoutExtension: string): Promise<void> {
    await this.page.screenshot({ path: `${pathWithoutExtension}.png` });
    const text = [
      "Console:",
      ...this.#console,
      "",
      "Notifications:",
      ...(await this.notifications()),
      "",
      "Log of the extension:",
      await this.extensionLog(),
    ].join("\n");
    await writeFile(`${pathWithoutExtension}.log`, text);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Calls a function, given as source text, in the page of the workbench. */
  #inPage<Result>(source: string, argument: unknown): Promise<Result> {
    return this.page.evaluate(`(${source})(${JSON.stringify(argument)})`);
  }

  // ---- The quick input -------------------------------------------------------------------------------------

  #quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible .quick-input-filter input");
  }

  #rows(): Locator {
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row");
  }

  /** Opens the palette with a text in it, again where something else took the focus and closed it. */
  async #fillPalette(text: string): Promise<void> {
    await until(
      async () => {
        await this.#openPalette();
        await this.#quickInput().fill(text, { timeout: 2000 });
        return true;
      },
      { what: `"${text}" in the palette`, timeoutMs: 60_000 },
    );
  }

  async #openPalette(): Promise<void> {
    // Until the workbench listens to keys, F1 goes nowhere; press it until the palette is there.
    await until(
      async () => {
        if (await this.#isOpenWith(/^>/)) return true;
        await this.page.keyboard.press("F1");
        return until(() => this.#isOpenWith(/^>/), { what: "the palette", timeoutMs: 1500 }).catch(
          () => false,
        );
      },
      { what: "the command palette", timeoutMs: 60_000 },
    );
  }

  async #isOpenWith(value: RegExp): Promise<boolean> {
    const input = this.#quickInput();
    return (await input.isVisible()) && value.test(await input.inputValue());
  }

  async #paletteClosed(): Promise<void> {
    await until(async () => !(await this.#quickInput().isVisible()), { what: "the palette to close" });
  }

  /** Moves down to the first row whose label fits, presses Enter, and waits until that list has gone. */
  async #chooseRow(fits: (label: string) => boolean, what: string, timeoutMs = 15_000): Promise<void> {
    const focused = this.page.locator(
      ".quick-input-widget:visible .quick-input-list .monaco-list-row.focused .label-name",
    );
    let chosen = "";
    await until(
      async () => {
        const labels = await this.#rows().locator(".label-name").allTextContents();
        if (!labels.some(fits)) return false;
        chosen = (await focused.first().textContent({ timeout: 500 })) ?? "";
        await this.page.keyboard.press(fits(chosen) ? "Enter" : "ArrowDown");
        return fits(chosen);
      },
      { what, timeoutMs },
    );
    await until(async () => !(await focused.allTextContents()).includes(chosen), {
      what: `the list with ${what} to go`,
    });
  }
}
