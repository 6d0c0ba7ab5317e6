/** What git leaves out is left out: held to `git check-ignore` itself, nested files included. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expandBraces, globMatcher, IgnoreRules } from "../../../src/core/budget/ignoreRules.js";

describe("Files that are left out", () => {
  it("are those of git, through nested .gitignore files", () => {
    const rules: Record<string, string> = {
      "": "node_modules/\n*.log\n/dist\n!keep.log\n# note\n\\#odd\nlogs/**/deep\n",
      src: "*.gen.ts\n!*.log\n/only-here.txt\nbuild\n",
      "src/inner": "!special.gen.ts\n*.txt\n",
    };
    const paths = [
      "a.ts",
      "a.log",
      "keep.log",
      "#odd",
      "dist/x.js",
      "src/dist/x.js",
      "node_modules/m/index.js",
      "src/node_modules/m/index.js",
      "src/a.log",
      "src/a.gen.ts",
      "src/inner/special.gen.ts",
      "src/inner/other.gen.ts",
      "src/inner/x.txt",
      "src/only-here.txt",
      "src/deeper/only-here.txt",
      "src/build/x.ts",
      "logs/a/b/deep/x",
      "logs/deep/x",
      "ünïcode/ä.log",
      "with space/a b.log",
    ];
    const folder = mkdtempSync(join(tmpdir(), "glassbox-ignore-"));
    try {
      const write = (path: string, text: string) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      };
      for (const [at, text] of Object.entries(rules)) write(join(at, ".gitignore"), text);
      for (const path of paths) write(path, "x");
      const git = (args: string[], input = "") =>
        spawnSync("git", args, { cwd: folder, input, encoding: "utf8" });
      assert.equal(git(["init", "-q"]).status, 0);
      const checked = git(
        ["-c", "core.quotePath=false", "check-ignore", "--no-index", "--stdin"],
        paths.join("\n"),
      );
      const byGit = checked.stdout.split("\n").filter((line) => line !== "");
      assert.ok(byGit.length > 5, checked.stderr);
      assert.deepEqual(
        paths.filter((path) => isLeftOut(rules, path)),
        byGit,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** As the walk does it: folder by folder, and none is entered that is left out. */
  function isLeftOut(files: Record<string, string>, path: string): boolean {
    let rules = IgnoreRules.none;
    const parts = path.split("/");
    for (let depth = 0; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      const text = files[folder];
      if (text !== undefined) rules = rules.with(folder, text);
      const child = parts.slice(0, depth + 1).join("/");
      if (rules.ignores(depth < parts.length - 1 ? `${child}/` : child)) return true;
    }
    return false;
  }

  for (const [glob, matching, others] of [
    ["**/*.md", ["a.md", "x/y/a.md"], ["a.mdx", "md"]],
    ["*.md", ["a.md"], ["x/a.md"]],
    ["src/**", ["src/a", "src/b/c"], ["a/src/b", "src"]],
    ["**/node_modules", ["node_modules/x", "a/node_modules/x/y"], ["my_node_modules"]],
    ["{src,test}/*.{ts,js}", ["src/a.ts", "test/b.js"], ["lib/a.ts", "src/a.css", "src/x/a.ts"]],
    ["**/a?.ts", ["ab.ts", "x/ac.ts"], ["abc.ts"]],
    ["!x", ["!x"], ["x"]],
  ] as const) {
    it(`match ${glob}`, () => {
      const matches = globMatcher([glob]);
      for (const path of matching) assert.ok(matches(path), path);
      for (const path of others) assert.ok(!matches(path), path);
    });
  }

  it("expand braces inside braces, and take others as they are", () => {
    assert.deepEqual(expandBraces("a{b,{c,d}e}f"), ["abf", "acef", "adef"]);
    assert.deepEqual(expandBraces("a{b"), ["a{b"]);
    assert.deepEqual(expandBraces("plain"), ["plain"]);
  });

  it("can be asked of anything", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 3 }),
        fc.stringMatching(/^[\w.]+(\/[\w.]+)*$/),
        (globs, path) => {
          fc.pre(!/(^|\/)\.\.?(\/|$)/.test(path));
          assert.equal(typeof globMatcher(globs)(path), "boolean");
        },
      ),
    );
  });
});
