/** Which questions the rules take, with which arguments, and which they leave to the model. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseByRule, type RuleSubject } from "../../../src/core/ask/questionRules.js";
import { callTool } from "../../../src/core/tools/tool.js";
import { toolNamed } from "../../../src/core/tools/toolbox.js";

const NOTHING: RuleSubject = { languageId: "plaintext", text: "", path: undefined };
const SELECTION: RuleSubject = {
  languageId: "typescript",
  text: "function twice(x: number) { return 2 * x; }",
  path: "src/twice.ts",
};

function choice(question: string, subject = NOTHING) {
  const found = chooseByRule(question, subject);
  return found && [found.toolName, found.input];
}

describe("the rules for questions", () => {
  const taken: [string, string, object][] = [
    ["What is 3847 × 291?", "calculate", { expression: "3847 * 291" }],
    ["what is 3,847 x 291", "calculate", { expression: "3,847 * 291" }],
    ["Multiply 1234567890 by 9876543210.", "calculate", { expression: "1234567890 * 9876543210" }],
    ["12 times 13 plus 4?", "calculate", { expression: "12 * 13 + 4" }],
    ["What is (3 + 4) * 2?", "calculate", { expression: "(3 + 4) * 2" }],
    ["What is 15% of 80?", "calculate", { expression: "15 / 100 * 80" }],
    ["What is 2 to the power of 100?", "calculate", { expression: "2 ^ 100" }],
    ["What is the square root of 2?", "calculate", { expression: "sqrt(2)" }],
    ["Which is larger, 9.11 or 9.9?", "calculate", { expression: "9.11 > 9.9" }],
    ["Is 9.11 greater than 9.9?", "calculate", { expression: "9.11 > 9.9" }],
    ["9.11 and 9.9, which one is smaller?", "calculate", { expression: "9.11 < 9.9" }],
    ["Compare 9.11 and 9.9.", "calculate", { expression: "9.11 > 9.9" }],
    ["9.11 > 9.9?", "calculate", { expression: "9.11 > 9.9" }],
    ["How many r are in strawberry?", "count_characters", { text: "strawberry", of: "r" }],
    ['How many "r"s in "strawberry"?', "count_characters", { text: "strawberry", of: "r" }],
    ["How many r's are there in the word 'strawberry'?", "count_characters", { text: "strawberry", of: "r" }],
    ["How many Rs in Strawberry?", "count_characters", { text: "Strawberry", of: "r" }],
    ["count the Rs in strawberry", "count_characters", { text: "strawberry", of: "r" }],
    [
      "How many times does the letter r occur in strawberry?",
      "count_characters",
      { text: "strawberry", of: "r" },
    ],
    ["How often does u appear in ubiquitous?", "count_characters", { text: "ubiquitous", of: "u" }],
    ["How many letters are in ubiquitous?", "count_characters", { text: "ubiquitous" }],
    ["How many letters does ubiquitous have?", "count_characters", { text: "ubiquitous" }],
    ["How many dots are here: .......", "count_characters", { text: ".......", of: "." }],
    ["How many dots are in ....?", "count_characters", { text: "....", of: "." }],
    ['Count the commas in "a, b, c".', "count_characters", { text: "a, b, c", of: "," }],
    [
      "Print every third character of ubiquitous, starting from the first.",
      "index_characters",
      { text: "ubiquitous", every: 3 },
    ],
    [
      'Print every third character of the string "ubiquitous".',
      "index_characters",
      { text: "ubiquitous", every: 3 },
    ],
    ["At which places does r stand in strawberry?", "index_characters", { text: "strawberry", of: "r" }],
    ["Where is parseDate used?", "search_workspace", { query: "parseDate" }],
    ['How many tokens are in "hello world"?', "count_tokens", { text: "hello world" }],
  ];
  for (const [question, tool, input] of taken) {
    it(question, () => assert.deepEqual(choice(question), [tool, input]));
  }

  const aboutSelection: [string, string, object][] = [
    ["How many tokens does this selection have?", "count_tokens", { text: SELECTION.text }],
    ["How many e are in the selection?", "count_characters", { text: SELECTION.text, of: "e" }],
    [
      "What does twice(21) return?",
      "run_code",
      { language: "typescript", code: `${SELECTION.text}\ntwice(21)` },
    ],
    ["What does this print?", "run_code", { language: "typescript", code: SELECTION.text }],
    ["Which errors are in this file?", "read_diagnostics", { path: "src/twice.ts" }],
    ["What errors are in the workspace?", "read_diagnostics", {}],
  ];
  for (const [question, tool, input] of aboutSelection) {
    it(`${question} (with a selection)`, () => assert.deepEqual(choice(question, SELECTION), [tool, input]));
  }

  const left = [
    "What is a closure?",
    "Why is the sky blue?",
    "What happened on 2024-01-02?",
    "Explain lines 3-9 of src/a-1/b-2.ts",
    "Is version 1.2.3 newer?",
    "What does unknown(3) return?",
    "Tell me about foo(3 + 4)",
    "How many people live in Berlin?",
    "Count to ten.",
    "How many words are in the selection?",
    "Where is it?!",
    "Is 5 prime?",
  ];
  for (const question of left) {
    it(`leaves to the model: ${question}`, () =>
      assert.equal(choice(question, { ...SELECTION, path: undefined }), undefined));
  }

  it("copy numbers as they stand in the question, so that any product is exact", async () => {
    const tenDigits = fc.bigInt({ min: 10n ** 9n, max: 10n ** 10n - 1n });
    const forms = [
      (a: bigint, b: bigint) => `What is ${a} × ${b}?`,
      (a: bigint, b: bigint) => `Please compute ${a}*${b}`,
      (a: bigint, b: bigint) => `Multiply ${a} by ${b}.`,
      (a: bigint, b: bigint) => `How much is ${a} times ${b}?`,
      (a: bigint, b: bigint) => `What is the product of ${a} and ${b}?`,
    ];
    await fc.assert(
      fc.asyncProperty(tenDigits, tenDigits, fc.constantFrom(...forms), async (a, b, form) => {
        const found = chooseByRule(form(a, b), NOTHING);
        assert.equal(found?.toolName, "calculate");
        const result = await callTool(
          toolNamed("calculate")!,
          found?.input,
          {},
          new AbortController().signal,
        );
        assert.equal(result.value, `${a * b}`);
      }),
    );
  });

  it("end quickly on any question", () => {
    const words = fc.constantFrom(
      "how many",
      "r",
      "in",
      "is",
      "9.11",
      "-",
      "(",
      '"',
      "'",
      "or",
      "which",
      "larger",
      "....",
      "?",
      "every",
      "third",
      "3",
      "*",
      ",",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 200 }), fc.boolean(), (parts, spaced) => {
        const startedAt = performance.now();
        chooseByRule(parts.join(spaced ? " " : ""), SELECTION);
        assert.ok(performance.now() - startedAt < 500, "took too long");
      }),
      { numRuns: 1000 },
    );
  });
});
