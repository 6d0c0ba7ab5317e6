/** Edits found in the sandbox process, where the grammars are: what is offered, and what is known of the meaning. */

import assert from "node:assert/strict";
import { applyReplacements } from "../../src/core/savings/replacements.js";
import type { EditKind, ProposedEdit } from "../../src/shared/savings.js";
import { builtWorkers } from "../builtWorkers.js";

describe("edits that may save tokens", function () {
  this.timeout(30_000);
  const client = builtWorkers.sandbox({ log: (line) => console.log(line) });
  after(() => client.dispose());

  async function find(text: string, languageId: string, part?: [start: number, end: number]) {
    const found: ProposedEdit[] = [];
    const [start, end] = part ?? [0, text.length];
    const count = await client.call(
      "findSavings",
      { text, languageId, start, end, whole: !part },
      { onEvent: (edit) => found.push(edit) },
    );
    assert.equal(found.length, count);
    return found;
  }

  const of = (found: readonly ProposedEdit[], name: EditKind["name"]) =>
    found.filter(({ kind }) => kind.name === name);

  const TYPESCRIPT = `// ====================
function sumOfValues(values: number[]) {
    let runningTotal = 0;  
    for (const value of values) {
        runningTotal += value;
    }


    const template = \`
        kept  


        as it is\`;
    return runningTotal;
}
`;

  it("leave the whitespace of template literals alone and keep the syntax tree", async () => {
    const found = await find(TYPESCRIPT, "typescript");
    for (const name of ["trailingSpaces", "blankLines", "indentation"] as const) {
      const edits = of(found, name);
      assert.ok(edits.length > 0, name);
      for (const { safety, edits: replacements } of edits) {
        assert.deepEqual(safety, { kind: "same", compared: "syntax" });
        const edited = applyReplacements(TYPESCRIPT, replacements);
        assert.ok(edited.includes("`\n        kept  \n\n\n        as it is`"), name);
        assert.notEqual(edited, TYPESCRIPT);
      }
    }
    const [tabs] = of(found, "indentation").filter(
      ({ kind }) => kind.name === "indentation" && kind.to === 0,
    );
    assert.ok(applyReplacements(TYPESCRIPT, tabs!.edits).includes("\n\t\trunningTotal += value;\n\t}\n"));
  });

  it("say of rulers that comments change, and of names that they do", async () => {
    const found = await find(TYPESCRIPT, "typescript");
    const [ruler] = of(found, "rulers");
    assert.deepEqual(ruler!.safety, { kind: "changes", what: "comments" });
    assert.ok(applyReplacements(TYPESCRIPT, ruler!.edits).startsWith("// ===\n"));
    const names = of(found, "longName");
    assert.ok(names.length > 0);
    for (const { kind, safety, edits } of names) {
      assert.ok(kind.name === "longName");
      assert.equal(kind.from, "runningTotal");
      assert.deepEqual(safety, { kind: "changes", what: "names" });
      assert.equal(edits.length, 3);
      assert.ok(!applyReplacements(TYPESCRIPT, edits).includes("runningTotal"));
    }
  });

  it("rename no members, imports, keyword arguments or keys", async () => {
    const python = `from tools import imported_helper
def long_function(some_parameter):
    imported_helper(some_parameter, keyword_name=some_parameter)
    imported_helper(thing.member_name, keyword_name=thing.member_name, member_name=3)
    return imported_helper(some_parameter)
member_name = 1
`;
    const names = of(await find(python, "python"), "longName");
    const renamed = new Set(names.map(({ kind }) => (kind.name === "longName" ? kind.from : "")));
    assert.deepEqual([...renamed], ["some_parameter"]);
  });

  it("indent Python otherwise, and never its strings", async () => {
    const python = 'def f(x):\n    """Doc.\n\n\n      more  \n    """\n    if x:\n        return 1\n';
    const found = await find(python, "python");
    const tabs = of(found, "indentation");
    assert.ok(tabs.length >= 2);
    for (const { safety, edits } of tabs) {
      assert.deepEqual(safety, { kind: "same", compared: "syntax" });
      assert.ok(applyReplacements(python, edits).includes('"""Doc.\n\n\n      more  \n    """'));
    }
    assert.deepEqual(of(found, "blankLines"), []);
    assert.deepEqual(of(found, "trailingSpaces"), []);
  });

  it("are checked by the data of YAML, which knows no tabs", async () => {
    const yaml = "a:\n    b: 1  \n    c: |\n        text\n          deeper\n\n\nd: 2\n";
    const found = await find(yaml, "yaml");
    const indents = of(found, "indentation");
    assert.ok(indents.length > 0);
    for (const { kind, safety } of indents) {
      assert.ok(kind.name === "indentation" && kind.to > 0);
      assert.deepEqual(safety, { kind: "same", compared: "data" });
    }
    // In a block of literal text a space at the end is part of the text: all of that edit is left out.
    const literal = "a: |\n    text  \n    more\n";
    assert.deepEqual(of(await find(literal, "yaml"), "trailingSpaces"), []);
  });

  it("are checked by what Markdown renders to", async () => {
    const markdown =
      "Title\n=========\n\n\n\ntext  \nmore \n\n| a    | b |\n|------|---|\n\n```\n\n\n\n```\n";
    const found = await find(markdown, "markdown");
    for (const name of ["trailingSpaces", "blankLines", "tablePadding", "rulers"] as const) {
      const [edit] = of(found, name);
      assert.deepEqual(edit?.safety, { kind: "same", compared: "rendering" }, name);
      assert.ok(applyReplacements(markdown, edit.edits).includes("```\n\n\n\n```"), name);
    }
  });

  it("leave makefiles and diffs as they are, and call what cannot be checked unchecked", async () => {
    assert.deepEqual(await find("all:  \n\tcc\n\n\n", "makefile"), []);
    assert.deepEqual(await find("+a  \n \n", "diff"), []);
    const lua = await find("function f()  \n    return 1\nend\n", "lua");
    assert.ok(lua.length > 0);
    for (const { safety } of lua) assert.deepEqual(safety, { kind: "unchecked", why: "no grammar" });
    assert.deepEqual(of(await find("main =\n    do  \n        x\n", "haskell"), "indentation"), []);
    const broken = await find("function (((  \n", "typescript");
    assert.deepEqual(of(broken, "trailingSpaces")[0]?.safety, { kind: "unchecked", why: "syntax errors" });
    const prose = await find("a  \n", "plaintext");
    assert.deepEqual(prose[0]?.safety, { kind: "changes", what: "layout" });
  });

  it("say where line endings are inside strings that keep them", async () => {
    const safety = async (text: string, languageId: string) =>
      of(await find(text, languageId), "lineEndings")[0]?.safety;
    assert.deepEqual(await safety("let a = 1;\r\n", "typescript"), { kind: "same", compared: "syntax" });
    assert.deepEqual(await safety('var a = @"x\r\ny";\r\n', "csharp"), { kind: "changes", what: "strings" });
    assert.equal(await safety("echo\r\n", "bat"), undefined);
  });

  it("stay inside the selection, and are understood by the file around it", async () => {
    const text = "const a = `\nb  \n`;\nlet c;  \nlet d;  \n";
    const start = text.indexOf("b  ");
    const [edit] = of(await find(text, "typescript", [start, text.indexOf("let d")]), "trailingSpaces");
    assert.deepEqual(edit!.edits, [
      { start: text.indexOf("let c;") + 6, end: text.indexOf("let c;") + 8, text: "" },
    ]);
  });

  it("are checked together as well", async () => {
    const text = "if (a) {\n  b;  \n}\n";
    const source = { text, languageId: "typescript", start: 0, end: text.length, whole: true };
    const [spaces] = of(await find(text, "typescript"), "trailingSpaces");
    assert.deepEqual(await client.call("checkEdits", { ...source, edits: spaces!.edits, count: 2 }), {
      kind: "same",
      compared: "syntax",
    });
    const wrong = [{ start: text.indexOf("b"), end: text.indexOf("b") + 1, text: "c" }];
    assert.equal(await client.call("checkEdits", { ...source, edits: wrong, count: 2 }), null);
  });
});
