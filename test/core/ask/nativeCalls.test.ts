/** Calls in a model's own form: what is read out of them, whatever was written. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { callGrammar, readCall } from "../../../src/core/ask/nativeCalls.js";
import { argumentsFor } from "../../../src/core/ask/toolGrammar.js";
import { TOOLS } from "../../../src/core/tools/toolbox.js";
import type { CallFormat } from "../../../src/shared/workerProtocol.js";

/** As the templates of these families write calls; `test/model/nativeCalls.test.ts` takes them from the templates. */
const FORMATS: Record<string, CallFormat> = {
  "Qwen and Hermes": {
    before: '<tool_call>\n{"name": "',
    between: '", "arguments": ',
    after: "}\n</tool_call>",
  },
  "Llama 3": { before: '{"name": "', between: '", "parameters": ', after: "" },
  Mistral: { before: '[TOOL_CALLS][{"name": "', between: '", "arguments": ', after: "}]" },
  "newer Mistral": { before: "[TOOL_CALLS]", between: "[ARGS]", after: "" },
  "functionary 3.1": { before: "<function=", between: ">", after: "</function>" },
  "functionary 3.2": { before: "", between: "\n", after: "" },
};

const subject = { text: "", languageId: "plaintext", path: "a.ts", fileName: "a.ts", firstLine: 0 };
const asked = new Map(
  TOOLS.flatMap((tool) => {
    const found = argumentsFor(tool, { question: "What is 1 + 1 in a.ts?", subject, paths: [] });
    return found ? [[tool, found] as const] : [];
  }),
);

describe("a call in a model's own form", () => {
  for (const [family, format] of Object.entries(FORMATS)) {
    const { before, between, after } = format;
    const written = (name: string, json: string) => `${before}${name}${between}${json}${after}`;

    it(`is read as it was written: ${family}`, () => {
      const input = fc.dictionary(
        fc.constantFrom("expression", "text", "of"),
        fc.oneof(fc.string(), fc.integer(), fc.boolean()),
      );
      fc.assert(
        fc.property(fc.constantFrom(...TOOLS), input, ({ name }, wanted) => {
          const plain = { ...wanted };
          const call = readCall(written(name, JSON.stringify(plain)), format, TOOLS);
          assert.deepEqual(call, { kind: "call", name, input: JSON.parse(JSON.stringify(plain)) });
        }),
      );
    });

    it(`is told from words and from what is broken: ${family}`, () => {
      assert.equal(readCall("Nothing has to be found out.", format, TOOLS).kind, "words");
      assert.equal(readCall("", format, TOOLS).kind, "words");
      const whole = written("calculate", '{"expression": "1+1"}');
      const begun = (before + (before === "" ? "calculate" : "")).trim().length;
      const json = whole.indexOf("}", begun + between.length);
      for (let length = before === "" ? begun : 1; length <= json; length++) {
        const { kind } = readCall(whole.slice(0, length), format, TOOLS);
        assert.equal(kind, "malformed", whole.slice(0, length));
      }
      for (const arguments_ of ["[1]", "1", "null", '{"expression": {}}', '{"expression": [1]}']) {
        assert.equal(readCall(written("calculate", arguments_), format, TOOLS).kind, "malformed");
      }
      if (before !== "") {
        const unknown = readCall(written("erase_disk", "{}"), format, TOOLS);
        assert.match(unknown.kind === "malformed" ? unknown.message : "", /no tool “erase_disk”.*calculate/);
      }
    });
  }

  it("never throws for any text", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(FORMATS)),
        fc.array(
          fc.oneof(
            fc.string({ unit: "binary" }),
            fc.constantFrom(
              "<tool_call>",
              "\n",
              "calculate",
              '{"name": "',
              "}",
              '", "arguments": ',
              "[ARGS]",
            ),
          ),
        ),
        (format, parts) => {
          const { kind } = readCall(parts.join(""), format, TOOLS);
          assert.ok(["words", "call", "malformed"].includes(kind));
        },
      ),
    );
  });

  it("may read no file but those that the question or a tool has named", () => {
    const grammar = callGrammar(FORMATS["Llama 3"]!, asked);
    const names = [...asked.keys()].map(({ name }) => name);
    const rule = grammar.split("\n").find((line) => line.startsWith(`input${names.indexOf("read_file")} `));
    assert.match(rule ?? "", /"\\"path\\"" colon \("\\"a\.ts\\""\)/);
  });
});
