/** Extensions as folders of their own, ours and one that does nothing, activated by nobody but the one who asks. */

import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manifestTextsFiles } from "../../../scripts/texts.js";

/**
 * Makes a folder that is this checkout to the editor, except that `activationEvents` is empty: so the first call of
 * `extension.activate()` does the work, and can be timed.
 */
export async function makeDormantExtension(folder: string): Promise<void> {
  const root = process.cwd();
  await mkdir(folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, activationEvents: [] }));
  for (const name of ["dist", "media", "node_modules", ...(await manifestTextsFiles())])
    await symlink(join(root, name), join(folder, name));
}

/** Makes a folder that is an extension without anything in it, to be measured against. */
export async function makeEmptyExtension(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: "empty",
    publisher: "glassbox",
    version: "0.0.1",
    engines: { vscode: "^1.100.0" },
    main: "./extension.js",
    activationEvents: [],
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "extension.js"), "exports.activate = () => {};\n");
}
