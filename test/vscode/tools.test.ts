/** The tools inside the extension host: by vscode.lm as other agents call them, and what of the disk they reach. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { TOOLS } from "../../src/core/tools/toolbox.js";
import { invocationOf } from "../../src/editor/tools/languageModelTools.js";
import { textOfFile, workspaceFile } from "../../src/editor/tools/workspacePaths.js";

/** Where the extension itself was not loaded, its tools are not registered. */
const contributed = (): { name: string; inputSchema: unknown; modelDescription: string }[] =>
  vscode.extensions.getExtension("glassbox.glassbox")?.packageJSON.contributes.languageModelTools ?? [];

describe("The tools in the extension host", function () {
  this.timeout(60_000);

  async function invoke(name: string, input: object, token?: vscode.CancellationToken): Promise<string> {
    const result = await vscode.lm.invokeTool(
      `glassbox_${name}`,
      { input, toolInvocationToken: undefined },
      token,
    );
    return result.content
      .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ""))
      .join("");
  }

  it("are contributed as the toolbox has them: names, descriptions and schemas", () => {
    assert.deepEqual(
      contributed().map(({ name, modelDescription, inputSchema }) => ({
        name,
        modelDescription,
        inputSchema,
      })),
      TOOLS.map(({ name, description, schema }) => ({
        name: `glassbox_${name}`,
        modelDescription: description,
        inputSchema: JSON.parse(JSON.stringify(schema)),
      })),
    );
    const registered = vscode.lm.tools.map(({ name }) => name);
    for (const { name } of contributed()) assert.ok(registered.includes(name), `${name} of ${registered}`);
  });

  it("compute and count for other agents", async () => {
    assert.equal(await invoke("calculate", { expression: "3847 * 291" }), "3847 * 291 = 1119477");
    assert.match(await invoke("count_characters", { text: "strawberry", of: "r" }), /occurs 3 times/);
    assert.match(
      await invoke("count_tokens", { text: "hello world", tokenizer: "cl100k_base" }),
      /^The text has 2 tokens by cl100k_base\./,
    );
  });

  it("tell the agent what was wrong, so that it can mend it", async () => {
    await assert.rejects(invoke("calculate", { expression: "1 +" }), /ends where a number should follow/);
    await assert.rejects(
      invoke("count_tokens", { text: "a", tokenizer: "gguf:/etc/passwd" }),
      /chosen in the settings/,
    );
    await assert.rejects(
      invoke("read_file", { path: "../../../etc/passwd" }),
      /not a file of the workspace|No folder is open/,
    );
  });

  it("end when the agent gives up", async () => {
    const source = new vscode.CancellationTokenSource();
    source.cancel();
    await assert.rejects(invoke("count_tokens", { text: "a" }, source.token));
  });

  it("show code before it is run, and ask; nothing else asks", () => {
    const { confirmationMessages } = invocationOf("run_code", {
      language: "python",
      code: "print('```')\n[x](command:y)",
    });
    assert.ok(confirmationMessages);
    const { message } = confirmationMessages;
    assert.ok(message instanceof vscode.MarkdownString);
    assert.notEqual(message.isTrusted, true);
    assert.match(message.value, /print\('```'\)\n\[x\]\(command:y\)/);
    for (const { name } of TOOLS) {
      if (name !== "run_code") assert.equal(invocationOf(name, {}).confirmationMessages, undefined);
    }
  });

  describe("and the files of the workspace", () => {
    let outside: string;
    let inside: vscode.Uri | undefined;

    before(async () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder, "the tests run in a window with a folder");
      outside = await mkdtemp(join(tmpdir(), "glassbox-tools-"));
      await writeFile(join(outside, "secret.txt"), "nobody may read this\n");
      inside = vscode.Uri.joinPath(folder.uri, "tools-test");
      await mkdir(join(inside.fsPath, ".git"), { recursive: true });
      await writeFile(join(inside.fsPath, "plain.txt"), "needle-4711 here\nand there\n");
      await writeFile(join(inside.fsPath, ".gitignore"), "left-out.txt\n");
      await writeFile(join(inside.fsPath, "left-out.txt"), "needle-4711 is left out\n");
      await writeFile(join(inside.fsPath, "binary.bin"), Buffer.from([1, 0, 2]));
      await writeFile(join(inside.fsPath, ".git", "config"), "needle-4711\n");
      await symlink(join(outside, "secret.txt"), join(inside.fsPath, "link.txt"));
      await symlink(outside, join(inside.fsPath, "folder-link"));
    });

    after(async () => {
      if (inside) await rm(inside.fsPath, { recursive: true, force: true });
      if (outside) await rm(outside, { recursive: true, force: true });
    });

    it("are read by their path, and lines of them", async () => {
      assert.equal(
        await invoke("read_file", { path: "tools-test/plain.txt", last_line: 1 }),
        "needle-4711 here",
      );
    });

    it("are the only ones: no way up, no absolute path, no link out, none of git's own", async () => {
      const refused = [
        join(outside, "secret.txt"),
        "tools-test/link.txt",
        "tools-test/folder-link/secret.txt",
        "tools-test/../../../../../../etc/passwd",
        "..\\..\\etc\\passwd",
        "tools-test/.git/config",
        "/etc/passwd",
      ];
      for (const path of refused) {
        await assert.rejects(workspaceFile(path), { code: "invalid-request" }, path);
        await assert.rejects(invoke("read_file", { path }), /not a file of the workspace/, path);
      }
    });

    it("are text, and there", async () => {
      const binary = await workspaceFile("tools-test/binary.bin");
      assert.equal(await textOfFile(binary, "x"), undefined);
      await assert.rejects(invoke("read_file", { path: "tools-test/binary.bin" }), /not a text file/);
      await assert.rejects(invoke("read_file", { path: "tools-test/none.txt" }), /There is no file/);
      await assert.rejects(invoke("read_file", { path: "tools-test" }), /is a folder/);
    });

    it("are searched as git sees them, without links", async () => {
      const found = await invoke("search_workspace", { query: "NEEDLE-4711" });
      assert.match(found, /^1 line with "NEEDLE-4711"/);
      assert.match(found, /tools-test\/plain\.txt:1: needle-4711 here/);
      assert.doesNotMatch(found, /left-out|\.git\/config/);
      assert.match(await invoke("search_workspace", { query: "nobody may read this" }), /^0 lines/);
      assert.match(
        await invoke("search_workspace", { query: "NEEDLE-4711", case_sensitive: true }),
        /^0 lines/,
      );
    });

    it("have their errors and warnings listed", async () => {
      const collection = vscode.languages.createDiagnosticCollection("tools-test");
      const uri = await workspaceFile("tools-test/plain.txt");
      const warning = new vscode.Diagnostic(
        new vscode.Range(1, 0, 1, 3),
        "too vague",
        vscode.DiagnosticSeverity.Warning,
      );
      warning.source = "test";
      collection.set(uri, [warning]);
      try {
        const said = await invoke("read_diagnostics", { path: "tools-test/plain.txt" });
        assert.match(said, /plain\.txt:2: warning: too vague \(test\)/);
      } finally {
        collection.dispose();
      }
    });
  });
});
