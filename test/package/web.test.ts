/**
 * The package for VS Code in a browser, in a real web extension host: a worker of the page, without Node. Tokens and
 * lessons work there, and what needs a process says that it is not there.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descendantsOf } from "../processList.js";
import { Rig } from "../ui/harness/rig.js";
import type { Workbench } from "../ui/harness/workbench.js";

describe("The package for the browser", function () {
  this.timeout(120_000);
  const vsix = process.env.GLASSBOX_VSIX_WEB ?? "";
  let rig: Rig;
  let workbench: Workbench;

  before(async () => {
    rig = await Rig.start({ vsix });
    workbench = await rig.open();
  });

  after(() => rig?.stop());

  it("asks for nothing of Node's", () => {
    const folder = mkdtempSync(join(tmpdir(), "glassbox-web-"));
    try {
      execFileSync("python3", ["-m", "zipfile", "-e", vsix, folder]);
      const manifest = JSON.parse(readFileSync(join(folder, "extension/package.json"), "utf8")) as {
        main?: string;
        browser: string;
      };
      assert.equal(manifest.main, undefined);
      const code = readFileSync(join(folder, "extension", manifest.browser), "utf8");
      const required = new Set([...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name));
      assert.deepEqual([...required], ["vscode"]);
      for (const texts of ["package.nls.json", "package.nls.de.json", "dist/l10n/bundle.l10n.de.json"])
        assert.ok(existsSync(join(folder, "extension", texts)), texts);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("counts the tokens of a file", async () => {
    await workbench.openFile("src/sum.ts");
    await workbench.statusItem(/\d+ tokens/);
  });

  it("opens a lesson that works on the reader's line", async () => {
    await workbench.setCaret({ line: 3, column: 5 });
    await workbench.runCommand("Glassbox: Open Lesson");
    await workbench.pick("What a model reads");
    await workbench.panelText("lesson", "From sum.ts, line 3");
  });

  it("says where models are, and starts no process", async () => {
    await workbench.showTab("sum.ts");
    await workbench.runCommand("Glassbox: Show Next-Token Distribution");
    const said = await workbench.panelText("sampling", /VS Code in a browser cannot start/);
    assert.match(said, /Open this folder in VS Code on the desktop/);
    assert.deepEqual(
      descendantsOf(process.pid).filter(({ command }) => /dist\/workers/.test(command)),
      [],
    );
  });
});
