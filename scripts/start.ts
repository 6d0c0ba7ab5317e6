/**
 * `npm start [-- FOLDER]`: opens an editor with the extension on the sample workspace, or on FOLDER. It is the
 * desktop's VS Code where `code` is there, else one in the browser.
 */

import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { buildAll } from "./build.js";
import { cached } from "./cache.js";
import { ensureBuiltInModel, ensureChatModel } from "./models.js";
import { endOnSignals, must } from "./process.js";
import { startServer } from "./vscode.js";

/** So that a reload or a second start finds the page where it was. */
const PREFERRED_PORT = 8123;

export async function main(args: string[]): Promise<void> {
  const [wanted] = args.filter((arg) => arg !== "--");
  const folder = wanted === undefined ? await sampleFolder() : resolve(wanted);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  console.log("Building …");
  await buildAll({ tests: false });
  await tryTo("make the built-in model", ensureBuiltInModel);
  await tryTo("fetch the chat model", ensureChatModel);
  const code = desktopCode();
  if (code) await openDesktop(code, folder);
  else await openInBrowser(folder);
}

/** A copy that stays from start to start, so that trying things out leaves the checkout as it is. */
async function sampleFolder(): Promise<string> {
  const folder = cached("sample");
  await cp(join(process.cwd(), "media/sample"), folder, { recursive: true, force: false });
  return folder;
}

/** Without a network the editor still opens, with what is there. */
async function tryTo(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.warn(`Could not ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The path of the desktop's VS Code; as root it refuses to run. */
function desktopCode(): string | undefined {
  if (process.getuid?.() === 0) return undefined;
  const names = process.platform === "win32" ? ["code.cmd"] : ["code"];
  const paths = (process.env.PATH ?? "").split(delimiter);
  return paths.flatMap((path) => names.map((name) => join(path, name))).find((path) => existsSync(path));
}

async function openDesktop(code: string, folder: string): Promise<void> {
  await must(code, ["--new-window", `--extensionDevelopmentPath=${process.cwd()}`, folder]);
  console.log(`VS Code opens ${folder} with Glassbox. Run "Glassbox: …" from the command palette (F1).`);
}

async function openInBrowser(folder: string): Promise<void> {
  console.log(
    'There is no "code" on the PATH that could be used, so VS Code runs in the browser (code-server).',
  );
  endOnSignals();
  const userDataDir = cached("start", "user");
  const settings = join(userDataDir, "User", "settings.json");
  if (!existsSync(settings)) {
    await mkdir(join(userDataDir, "User"), { recursive: true });
    const first = { "workbench.startupEditor": "readme", "telemetry.telemetryLevel": "off" };
    await writeFile(settings, `${JSON.stringify(first, null, 2)}\n`);
  }
  const server = await startServer({
    userDataDir,
    extensionsDir: cached("start", "extensions"),
    preferredPort: PREFERRED_PORT,
  });
  console.log(
    `\nOpen this address in a browser on this machine:\n\n  ${server.url({
      folder,
      extensionDevelopmentPath: process.cwd(),
    })}\n\nCtrl-C ends it.`,
  );
  await new Promise(() => {});
}
