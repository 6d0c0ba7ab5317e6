/** What a run of UI tests shares: one code-server, one Chromium, one folder of user data. */

import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { ensureDebianPackages } from "../../../scripts/debian.js";
import { type Server, type ServerOptions, startServer, type WindowOptions } from "../../../scripts/vscode.js";
import { type Theme, themeNames, Workbench } from "./workbench.js";

export interface SessionOptions {
  /** Folder to open, used in place; without it a fresh copy of media/sample. */
  folder?: string;
  theme?: Theme;
  /** Window size in CSS pixels; 1400 x 900 unless told. */
  size?: { width: number; height: number };
  /** Settings besides those that keep the editor quiet. `glassbox.model.path` is "builtin" unless told. */
  settings?: Record<string, unknown>;
  /** The side bar is hidden unless told. */
  sideBar?: boolean;
  reducedMotion?: boolean;
  /** The language of the window; English unless told. VS Code's own words stay English. */
  language?: string;
}

/**
 * What its server is started with. A package stands in place of the extension under development; with
 * `workspaceTrust` a folder is not trusted until the reader says so, and nobody is asked at the start.
 */
export type RigOptions = Pick<ServerOptions, "environment" | "vsix" | "workspaceTrust">;

/** Keeps the editor from greeting, updating, recommending and blinking. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "extensions.ignoreRecommendations": true,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "update.mode": "none",
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.startupPrompt": "never",
  "window.autoDetectHighContrast": false,
  "window.autoDetectColorScheme": false,
  "window.commandCenter": false,
  "chat.commandCenter.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.accessibilitySupport": "off",
  "editor.minimap.enabled": false,
  "git.enabled": false,
  // As on the desktop: in a browser a text is saved a second after it was typed, be a test done with it or not.
  "files.autoSave": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/** The browser that all windows are opened in: no windows of its own, nothing asked of the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.GLASSBOX_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
      ...["--disable-sync", "--disable-component-update", "--force-color-profile=srgb"],
    ],
  });
}

export class Rig {
  readonly #temporary: string;
  readonly #server: Server;
  readonly #browser: Browser;
  /** The extension under development; undefined where a package of it has been installed. */
  readonly #development: string | undefined;
  readonly #workspaceTrust: boolean;

  private constructor(temporary: string, server: Server, browser: Browser, options: RigOptions) {
    this.#temporary = temporary;
    this.#server = server;
    this.#browser = browser;
    this.#development = options.vsix === undefined ? process.cwd() : undefined;
    this.#workspaceTrust = options.workspaceTrust ?? false;
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    await ensureDebianPackages(["browser"]);
    const temporary = await mkdtemp(join(tmpdir(), "glassbox-ui-"));
    const [server, browser] = await Promise.all([
      startServer({
        userDataDir: join(temporary, "user"),
        extensionsDir: join(temporary, "extensions"),
        ...options,
      }),
      launchBrowser(),
    ]);
    // Also when the run is interrupted, which leaves no time to wait.
    process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));
    return new Rig(temporary, server, browser, options);
  }

  /** An empty folder that goes with the rig. */
  async temporaryFolder(): Promise<string> {
    return mkdtemp(join(this.#temporary, "folder-"));
  }

  /** Opens a window with the extension and answers when it takes keys. */
  async open(options: SessionOptions = {}): Promise<Workbench> {
    const { page, url, folder, settings } = await this.#newPage(
      options,
      this.#development === undefined ? {} : { extensionDevelopmentPath: this.#development },
    );
    const workbench = new Workbench(page, {
      folder,
      settings,
      writeSettings: (changed) => this.#writeSettings(changed),
      logsFolder: join(this.#temporary, "user", "logs"),
    });
    await workbench.start(url, options.sideBar ?? false);
    return workbench;
  }

  /** Opens a window that calls the `run()` of a module inside the extension host. The caller closes the page. */
  async openTestWindow(
    window: { extensionDevelopmentPath: string; extensionTestsPath: string },
    options: SessionOptions = {},
  ): Promise<Page> {
    const { page, url } = await this.#newPage(options, window);
    await page.goto(url, { waitUntil: "domcontentloaded" });
    return page;
  }

  async #newPage(options: SessionOptions, window: WindowOptions) {
    const folder = options.folder ?? (await this.#copyOfSample());
    const settings = {
      ...quietSettings,
      "security.workspace.trust.enabled": this.#workspaceTrust,
      "glassbox.model.path": "builtin",
      // More threads than cores make llama.cpp's spin-waits crawl.
      "glassbox.model.threads": availableParallelism(),
      "glassbox.model.gpuLayers": 0,
      ...options.settings,
      "workbench.colorTheme": themeNames[options.theme ?? "dark"],
    };
    await this.#writeSettings(settings);
    const context = await this.#browser.newContext({
      viewport: options.size ?? { width: 1400, height: 900 },
      reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
      ...(options.language === undefined ? {} : { locale: options.language }),
    });
    if (options.language !== undefined) await this.#installLanguagePack(options.language);
    const url = this.#server.url({ folder, ...window });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(url).origin });
    return { page: await context.newPage(), url, folder, settings };
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.#temporary, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Tests may write to the copy; media/sample itself is never touched. */
  async #copyOfSample(): Promise<string> {
    const folder = join(await this.temporaryFolder(), "sample");
    await cp(join(process.cwd(), "media/sample"), folder, { recursive: true });
    return folder;
  }

  /**
   * What an installed language pack leaves behind, with no words in it: VS Code takes the language for that of the
   * window, which is what extensions go by, and says its own words in English, which the harness reads.
   */
  async #installLanguagePack(language: string): Promise<void> {
    const user = join(this.#temporary, "user");
    const words = join(user, `${language}.i18n.json`);
    await writeFile(words, JSON.stringify({ contents: {} }));
    const pack = {
      hash: language,
      extensions: [{ extensionIdentifier: { id: `glassbox.words-${language}` }, version: "1.0.0" }],
      translations: { vscode: words },
      label: language,
    };
    await writeFile(join(user, "languagepacks.json"), JSON.stringify({ [language]: pack }));
    // Without it the server serves English, whatever the browser asks for.
    await mkdir(join(user, "User"), { recursive: true });
    await writeFile(join(user, "User", "argv.json"), "{}");
  }

  /**
   * Settings of machine scope count only in the remote machine's own file, all others only in the user's; each file
   * ignores what does not belong into it.
   */
  async #writeSettings(settings: Record<string, unknown>): Promise<void> {
    const text = JSON.stringify(settings, null, 2);
    for (const scope of ["User", "Machine"]) {
      const folder = join(this.#temporary, "user", scope);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "settings.json"), text);
    }
  }
}
