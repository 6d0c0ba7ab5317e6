/**
 * The package as a stranger gets it: installed into a clean editor that has no checkout, no node_modules, no npm and
 * no network, and used for the main jobs, each of which needs another part of what was packed.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { visibleText } from "../../src/shared/visibleText.js";
import { formatProbability } from "../../webview/ui/format.js";
import { withBuiltInModel } from "../ui/harness/builtInModel.js";
import { Rig } from "../ui/harness/rig.js";
import { until } from "../ui/harness/until.js";
import type { Workbench } from "../ui/harness/workbench.js";

const FAILURES = join(process.cwd(), "test/ui/failures");

/** The most probable token after a text, of the model in the checkout. */
async function favouriteAfter(text: string): Promise<{ token: string; percent: string }> {
  return withBuiltInModel(async (worker) => {
    const prompt = await worker.call("tokenize", { text, bos: true });
    const { logits } = await worker.call("next", { tokenIds: prompt.map(({ id }) => id), own: true });
    const most = logits.reduce((best, logit, id) => (logit > logits[best]! ? id : best), 0);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - logits[most]!), 0);
    const [token] = await worker.call("tokens", { ids: [most] });
    return { token: visibleText(token!.bytes), percent: formatProbability(1 / sum) };
  });
}

describe("The package, installed", function () {
  this.timeout(120_000);
  const vsix = process.env.GLASSBOX_VSIX ?? "";
  let rig: Rig;
  let workbench: Workbench;
  let empty: string;

  before(async () => {
    empty = mkdtempSync(join(tmpdir(), "glassbox-no-programs-"));
    // A home without models or npm's cache, a path without programs, a registry that nobody is behind.
    rig = await Rig.start({
      environment: {
        PATH: empty,
        GLASSBOX_CACHE: join(empty, "cache"),
        npm_config_registry: "http://127.0.0.1:9",
      },
      vsix,
    });
    workbench = await rig.open({ sideBar: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await mkdir(FAILURES, { recursive: true });
    await workbench.saveEvidence(join(FAILURES, `package-${this.currentTest.title.replace(/\W+/g, "-")}`));
  });

  after(async () => {
    await rig?.stop();
    rmSync(empty, { recursive: true, force: true });
  });

  /** The paths of all files in the package. */
  const packed = () =>
    execFileSync("python3", ["-m", "zipfile", "-l", vsix], { encoding: "utf8" })
      .split("\n")
      .map((line) => /^(.*?)\s+\d{4}-\d\d-\d\d /.exec(line)?.[1] ?? "");

  it("is not too large, and holds neither sources, tests, source maps nor another platform's binaries", () => {
    assert.ok(statSync(vsix).size < 75e6, `${statSync(vsix).size} bytes`);
    const files = packed();
    assert.ok(files.includes("extension/dist/extension.js"));
    assert.ok(files.includes("extension/ThirdPartyNotices.txt"));
    for (const texts of ["package.nls.json", "package.nls.de.json", "dist/l10n/bundle.l10n.de.json"])
      assert.ok(files.includes(`extension/${texts}`), texts);
    const unwanted = /\.map$|\.tsx?$|\/test\/|\.unfinished$|cuda|vulkan|llama\/addon|gitRelease\.bundle/;
    assert.deepEqual(
      files.filter((file) => unwanted.test(file) && !file.startsWith("extension/media/sample/")),
      [],
    );
    const binaries = files.filter((file) => /\.(?:node|so|dylib|dll)$/.test(file));
    assert.ok(binaries.length > 3);
    assert.deepEqual(
      binaries.filter((file) => !file.includes("/linux-x64/")),
      [],
    );
  });

  it("shows every picture of its documents, and links to nothing that it has not got", () => {
    const files = packed();
    const read = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())";
    let pictures = 0;
    for (const document of ["readme.md", "changelog.md"]) {
      const path = files.find((file) => file.toLowerCase() === `extension/${document}`);
      assert.ok(path !== undefined, document);
      const text = execFileSync("python3", ["-c", read, vsix, path], { encoding: "utf8" });
      for (const [, sign, target = ""] of text
        .replace(/`[^`\n]*`/g, "")
        .matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)\)/g)) {
        if (sign) pictures++;
        assert.ok(/^https:/.test(target) || files.includes(`extension/${target}`), `${document}: ${target}`);
      }
    }
    assert.ok(pictures > 5);
  });

  it("counts tokens of the file in front", async () => {
    await workbench.openFile("tale.md");
    await workbench.statusItem(/tokens/);
  });

  it("shows what the built-in model says of the text", async () => {
    const text = "Once upon a time there was a";
    await workbench.openFile("src/sum.ts");
    await workbench.setCaret({ line: 1, column: 1 });
    await workbench.page.keyboard.type(text);
    const expected = await favouriteAfter(text);
    await workbench.runCommand("Glassbox: Show Next-Token Distribution");
    const frame = await workbench.webview("sampling");
    const first = frame.locator(".sampling-bars li").first();
    await until(async () => (await first.locator(".sampling-token").textContent()) === expected.token, {
      what: `the token ${expected.token}`,
      timeoutMs: 60_000,
    });
    assert.ok(((await first.textContent()) ?? "").includes(expected.percent), expected.percent);
  });

  it("computes attention", async () => {
    await workbench.showTab("sum.ts");
    await workbench.selectLines(2, 8);
    await workbench.runCommand("Glassbox: Show Attention");
    await workbench.panelText("attention", /Layer \d+, head \d+: /, 60_000);
  });

  it("runs a function of Python in the sandbox", async () => {
    await workbench.openFile("tools/word_count.py");
    await workbench.selectLines(18, 25);
    await workbench.runCommand("Glassbox: Explain Selection");
    const frame = await workbench.webview("explain");
    await frame.locator(".gb-inputs vscode-text-field input").first().fill("15");
    await frame
      .locator("vscode-button")
      .filter({ hasText: /^\s*Run\s*$/ })
      .click();
    await until(
      async () =>
        /fizzbuzz\(15\) returned .*FizzBuzz/.test(
          (await frame.locator(".gb-facts-list").textContent()) ?? "",
        ),
      { what: "what Python returned", timeoutMs: 60_000 },
    );
  });

  it("opens a lesson of the course", async () => {
    await workbench.runCommand("Glassbox: Open Lesson");
    await workbench.pick("What a model reads");
    await workbench.panelText("lesson", /What a model reads/);
  });
});
