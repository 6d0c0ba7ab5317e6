/**
 * Shows what the extension looks like: opens the sample workspace in a real VS Code, takes steps in it, and writes
 * pictures. Everything that pages and extension complained of is printed at the end.
 *
 *   npm run build && node scripts/run.mjs look -- [OPTIONS] STEP …
 *
 * Options
 *   --out DIR               where the pictures go; dist/look unless told
 *   --theme dark,light      also high-contrast and high-contrast-light; one picture each; dark unless told
 *   --width 400,800,1400    widths of the window; one picture each; 1400 unless told
 *   --height 900
 *   --model builtin         builtin (unless told), chat (the fetched TinyLlama), none, or the path of a GGUF file
 *   --set KEY=JSON          a setting, for instance --set 'glassbox.tokens.inlineCost="everyLine"'; may be repeated
 *   --folder DIR            opens this folder in place of a copy of media/sample
 *   --language de           the extension in German; VS Code's own words stay English
 *   --side-bar              with the side bar
 *   --reduced-motion
 *   --untrusted             asks for trust in the folder, as VS Code does; until then nothing of it is run
 *
 * Steps, each one argument, taken in this order once; only `shot` is repeated for every theme and width
 *   "open src/sum.ts"                     opens a file of the folder
 *   "caret 3:5"                           puts the caret into line 3, column 5
 *   "select 2:1 8:2"                      selects from line 2, column 1 to line 8, column 2
 *   "lines 2 8"                           selects whole lines
 *   "run Glassbox: Show Attention"        runs a command by its title in the palette
 *   "pick o200k_base"                     chooses a row of the picker that is open
 *   "type some text", "key Control+Z"     as the keyboard does
 *   "panel attention"                     waits until this panel has drawn something
 *   "text attention Layer 3"              waits until this panel shows the text; /…/ is a pattern; up to 90 s
 *   "click attention button.stop"         clicks the first match of a CSS or Playwright selector in this panel
 *   "fill attention input value"          writes into the field that a selector (without spaces) finds
 *   "point attention .chip"               puts the pointer there
 *   "scroll attention .chip"              brings the first match to the top of the panel
 *   "hover total"                         puts the pointer on a text of the editor and prints the hover
 *   "show Attention"                      activates the tab with this label
 *   "maximize"                            gives the active editor group the whole window, and back
 *   "theme light"                         changes the theme from here on
 *   "dump attention"                      prints all text of this panel
 *   "html attention .chip"                prints the markup of the first match
 *   "pause 500"                           waits, in milliseconds, to look into a movement
 *   "shot name"                           writes DIR/name-THEME-WIDTH.png for each theme and width
 *
 * Without any `shot` there is one at the end, named `look`. When a step fails, the window is pictured as
 * `failure.png` and the exit code is 1.
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Rig, type SessionOptions } from "../test/ui/harness/rig.js";
import { type Theme, themeNames, type Workbench } from "../test/ui/harness/workbench.js";
import { chatModelPath } from "./models.js";
import { endOnSignals } from "./process.js";

interface Look {
  workbench: Workbench;
  out: string;
  themes: Theme[];
  widths: number[];
  height: number;
}

/** Loading a model and its answer may take this long. */
const PATIENCE_MS = 90_000;

/** Runs in the panel, whose head stays at the top and would cover what is there. */
const SCROLL_TO_TOP = `(element) => {
  element.scrollIntoView({ block: "start" });
  scrollBy(0, -(document.querySelector(".gb-head")?.offsetHeight ?? 0));
}`;

function place(text: string | undefined): { line: number; column: number } {
  const match = /^(\d+):(\d+)$/.exec(text ?? "");
  if (!match) throw new Error(`Expected LINE:COLUMN, found "${text}".`);
  return { line: Number(match[1]), column: Number(match[2]) };
}

/** A text as it is, or between slashes a pattern. */
function textOrPattern(text: string): string | RegExp {
  const match = /^\/(.*)\/([a-z]*)$/s.exec(text);
  return match ? new RegExp(match[1]!, match[2]) : text;
}

/** "attention button.stop" -> the panel and the rest. */
function panelAnd(rest: string): [panel: string, rest: string] {
  const space = rest.indexOf(" ");
  return space < 0 ? [rest, ""] : [rest.slice(0, space), rest.slice(space + 1)];
}

const steps: Record<string, (look: Look, rest: string) => Promise<void>> = {
  open: ({ workbench }, path) => workbench.openFile(path),
  caret: ({ workbench }, at) => workbench.setCaret(place(at)),
  select: ({ workbench }, range) => {
    const [from, to] = range.split(/\s+/);
    return workbench.select(place(from), place(to));
  },
  lines: ({ workbench }, range) => {
    const [first, last] = range.split(/\s+/).map(Number);
    return workbench.selectLines(first ?? 1, last ?? first ?? 1);
  },
  run: ({ workbench }, title) => workbench.runCommand(title),
  pick: ({ workbench }, label) => workbench.pick(textOrPattern(label)),
  type: ({ workbench }, text) => workbench.page.keyboard.type(text),
  key: ({ workbench }, key) => workbench.page.keyboard.press(key),
  panel: async ({ workbench }, panel) => {
    await workbench.webview(panel, PATIENCE_MS);
  },
  text: async ({ workbench }, rest) => {
    const [panel, text] = panelAnd(rest);
    await workbench.panelText(panel, textOrPattern(text), PATIENCE_MS);
  },
  click: async ({ workbench }, rest) => {
    const [panel, selector] = panelAnd(rest);
    await (await workbench.webview(panel)).locator(selector).first().click({ timeout: 10_000 });
  },
  fill: async ({ workbench }, rest) => {
    const [panel, more] = panelAnd(rest);
    const [selector, value] = panelAnd(more);
    await (await workbench.webview(panel)).locator(selector).first().fill(value, { timeout: 10_000 });
  },
  point: async ({ workbench }, rest) => {
    const [panel, selector] = panelAnd(rest);
    await (await workbench.webview(panel)).locator(selector).first().hover({ timeout: 10_000 });
  },
  scroll: async ({ workbench }, rest) => {
    const [panel, selector] = panelAnd(rest);
    const found = (await workbench.webview(panel)).locator(selector).first();
    await found.evaluate(SCROLL_TO_TOP);
  },
  hover: async ({ workbench }, text) => console.log(await workbench.hoverText(text)),
  show: ({ workbench }, label) => workbench.showTab(label),
  maximize: ({ workbench }) => workbench.toggleMaximizedGroup(),
  theme: ({ workbench }, theme) => workbench.setTheme(asTheme(theme)),
  dump: async ({ workbench }, panel) =>
    console.log(await (await workbench.webview(panel)).locator("body").innerText()),
  html: async ({ workbench }, rest) => {
    const [panel, selector] = panelAnd(rest);
    const found = (await workbench.webview(panel)).locator(selector || "#root").first();
    console.log(await found.evaluate((element) => element.outerHTML));
  },
  pause: ({ workbench }, milliseconds) => workbench.page.waitForTimeout(Number(milliseconds)),
  shot,
};

async function shot({ workbench, out, themes, widths, height }: Look, name: string): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    for (const width of widths) {
      await workbench.setSize(width, height);
      // Pages notice both changes a moment after the workbench itself.
      await workbench.page.waitForTimeout(400);
      const path = join(out, `${name}-${theme}-${width}.png`);
      await workbench.screenshot(path);
      console.log(path);
    }
  }
}

function asTheme(name: string): Theme {
  if (name in themeNames) return name as Theme;
  throw new Error(`There is no theme "${name}"; there are ${Object.keys(themeNames).join(", ")}.`);
}

function sessionOptions(values: ReturnType<typeof readArguments>["values"]): SessionOptions {
  const model = values.model === "chat" ? chatModelPath() : values.model;
  const settings: Record<string, unknown> = {
    "glassbox.model.path": model === "none" ? "/nowhere/none.gguf" : model,
  };
  for (const setting of values.set) {
    const equals = setting.indexOf("=");
    settings[setting.slice(0, equals)] = JSON.parse(setting.slice(equals + 1)) as unknown;
  }
  return {
    settings,
    sideBar: values["side-bar"],
    ...(values.language === undefined ? {} : { language: values.language }),
    reducedMotion: values["reduced-motion"],
    ...(values.folder === undefined ? {} : { folder: resolve(values.folder) }),
  };
}

function readArguments(args: string[]) {
  return parseArgs({
    args: args.filter((arg, index) => !(index === 0 && arg === "--")),
    allowPositionals: true,
    options: {
      out: { type: "string", default: "dist/look" },
      theme: { type: "string", default: "dark" },
      width: { type: "string", default: "1400" },
      height: { type: "string", default: "900" },
      model: { type: "string", default: "builtin" },
      set: { type: "string", multiple: true, default: [] },
      folder: { type: "string" },
      language: { type: "string" },
      "side-bar": { type: "boolean", default: false },
      "reduced-motion": { type: "boolean", default: false },
      untrusted: { type: "boolean", default: false },
    },
  });
}

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const plan = positionals.some((step) => step.startsWith("shot "))
    ? positionals
    : [...positionals, "shot look"];
  const parsed = plan.map((step) => {
    const [verb, rest] = panelAnd(step);
    const take = steps[verb];
    if (!take) throw new Error(`There is no step "${verb}"; there are ${Object.keys(steps).join(", ")}.`);
    return { step, take, rest };
  });
  const themes = values.theme.split(",").map(asTheme);
  const widths = values.width.split(",").map(Number);
  const height = Number(values.height);
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });

  endOnSignals();
  const rig = await Rig.start({ workspaceTrust: values.untrusted });
  try {
    const size = { width: Math.max(1000, ...widths), height };
    const workbench = await rig.open({ ...sessionOptions(values), size, theme: themes[0]! });
    const look: Look = { workbench, out, themes, widths, height };
    let failed = false;
    for (const { step, take, rest } of parsed) {
      try {
        await take(look, rest);
      } catch (error) {
        failed = true;
        await workbench.screenshot(join(out, "failure.png"));
        console.error(`The step "${step}" failed: ${error instanceof Error ? error.message : String(error)}`);
        console.error(join(out, "failure.png"));
        break;
      }
    }
    await complaints(workbench);
    return failed ? 1 : 0;
  } finally {
    await rig.stop();
  }
}

/** What the workbench itself complains of, in its own log format, and the marketplace that is out of reach. */
const notOurs = /%c {1,2}ERR|Failed to load resource|vscode-cdn\.net/;

/** Prints what deserves a look although no step failed over it. */
async function complaints(workbench: Workbench): Promise<void> {
  const lines = workbench.consoleLines.filter(
    (line) => /^\[(error|uncaught)\]/.test(line) && !notOurs.test(line),
  );
  const sections: [title: string, lines: readonly string[]][] = [
    ["Errors in the consoles of workbench and pages", lines],
    ["Notifications", await workbench.notifications()],
    [
      "Log of the extension",
      (await workbench.extensionLog())
        .split("\n")
        .filter((line) => line !== "")
        .slice(-40),
    ],
  ];
  for (const [title, found] of sections) {
    if (found.length > 0) console.log(`${title}:\n  ${found.join("\n  ")}`);
  }
}
