/** The grammars of calls, and what can be copied into them. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { argumentsFor, copyable, literal } from "../../../src/core/ask/toolGrammar.js";
import { TOOLS, toolNamed } from "../../../src/core/tools/toolbox.js";

const nothing = { languageId: "plaintext", text: "", path: undefined };

describe("the grammars of calls", () => {
  it("copy texts out of the question, those in quotes first", () => {
    assert.deepEqual(copyable('How many "r b" are in (strawberry)?').slice(0, 2), ["r b", "How"]);
    assert.ok(copyable("Who calls sum.ts?").includes("sum.ts"));
  });

  it("offer only tools that have something to work on", () => {
    const sources = { question: "Hello there", subject: nothing, paths: [] };
    const offered = TOOLS.filter((tool) => argumentsFor(tool, sources)).map(({ name }) => name);
    assert.ok(!offered.includes("calculate") && !offered.includes("read_file"));
    const found = argumentsFor(toolNamed("read_file")!, { ...sources, paths: ["src/a.ts", "src/b.ts"] });
    assert.equal(found?.[0]?.grammar, 'root ::= "src/a.ts" | "src/b.ts"');
  });

  it("do not ask for what there is no choice for, and mean the selection by its name", () => {
    const subject = { languageId: "python", text: "x = 1", path: "a.py" };
    const [language, code] = argumentsFor(toolNamed("run_code")!, { question: "?", subject, paths: [] })!;
    assert.deepEqual([language?.grammar, language?.value], [undefined, "python"]);
    assert.equal(code?.read("print(x)"), "x = 1\nprint(x)");
    const [text] = argumentsFor(toolNamed("count_tokens")!, { question: "How long?", subject, paths: [] })!;
    assert.equal(text?.read("the selected text"), "x = 1");
  });

  it("quote any text so that it reads as itself", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = literal(text);
        assert.doesNotMatch(quoted.slice(1, -1), /(?<!\\)(?:\\\\)*"|[\n\r]/);
        const read = quoted
          .slice(1, -1)
          .replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex?: string, sign?: string) =>
            hex === undefined
              ? ({ n: "\n", r: "\r", t: "\t" }[sign!] ?? sign!)
              : String.fromCharCode(parseInt(hex, 16)),
          );
        assert.equal(read, text);
      }),
    );
  });
});
