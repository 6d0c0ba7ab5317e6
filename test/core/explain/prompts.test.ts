/** The prompts of an explanation: what is told, what is quoted, what fits, and where the roles are. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  codeAround,
  explainRequest,
  factSentence,
  factsToTell,
  openingMessages,
  promptParts,
  quoteStep,
  toldText,
  withoutIndent,
} from "../../../src/core/explain/prompts.js";
import { breakMarkers } from "../../../src/core/explain/roleMarkers.js";
import type { ExplainSubject } from "../../../src/shared/panels/explain.js";
import type { ExplanationStep } from "../../../src/shared/types.js";
import type { ChatMessage, FunctionRun } from "../../../src/shared/workerProtocol.js";

function run(input: string, change: Partial<FunctionRun> = {}): FunctionRun {
  return { input, outcome: "returned", value: "12", printed: "", ms: 2, ...change };
}

const lines = [
  "function sum(values) {",
  "  let total = 0;",
  "  for (const value of values) {",
  "    total += value;",
  "  }",
  "  return total;",
  "}",
];
const subject: ExplainSubject = {
  fileName: "sum.js",
  languageId: "javascript",
  firstLine: 10,
  lastLine: 16,
  text: lines.join("\n"),
  notes: [],
};

function stepOf(first: number, last: number, kind = "loop"): ExplanationStep {
  const before = lines.slice(0, first).join("\n").length + (first > 0 ? 1 : 0);
  const text = lines.slice(first, last + 1).join("\n");
  const indent = /^ */.exec(text)![0].length;
  return {
    index: 0,
    kind,
    start: before + indent,
    end: before + text.length,
    firstLine: 10 + first,
    lastLine: 10 + last,
    title: text.trim().split("\n")[0]!,
  };
}

describe("the prompts of an explanation", () => {
  it("tells the facts before the code, and the step last", () => {
    const step = stepOf(2, 4);
    const quoted = quoteStep(subject, step, { lines: 12, characters: 1000 });
    const messages = openingMessages(
      toldText(["sum([3, 4, 5]) returned 12"]),
      subject.text,
      explainRequest(step, quoted, []),
    );
    const question = messages.at(-1)!;
    assert.equal(question.role, "user");
    const fact = question.content.indexOf("sum([3, 4, 5]) returned 12");
    const code = question.content.indexOf(subject.text);
    assert.ok(fact >= 0 && code > fact, question.content);
    assert.ok(
      question.content.endsWith("Explain the loop: for (const value of values) {\n  total += value;\n}"),
      question.content,
    );
  });

  it("has the same beginning for every step, so that the engine reads it once", () => {
    const all = [stepOf(1, 1, "declaration"), stepOf(2, 4), stepOf(5, 5, "return")].map((step) =>
      openingMessages(
        toldText(["a fact"]),
        subject.text,
        explainRequest(step, quoteStep(subject, step, { lines: 12, characters: 1000 }), []),
      ),
    );
    const [first, ...others] = all.map((messages) => JSON.stringify(messages));
    const shared = first!.indexOf("Explain the declaration: let total");
    assert.ok(shared > 0);
    for (const other of others) assert.equal(other.slice(0, shared), first!.slice(0, shared));
  });

  it("says nothing about facts when nothing was run", () => {
    const step = stepOf(1, 1);
    const messages = openingMessages(toldText([]), subject.text, explainRequest(step, "let total = 0;", []));
    assert.ok(!messages.some(({ content }) => content.includes("Facts")));
  });

  it("names what each run did", () => {
    assert.equal(factSentence("sum", run("[3, 4, 5]")), "sum([3, 4, 5]) returned 12");
    assert.equal(
      factSentence("sum", run("null", { outcome: "threw", value: "TypeError: no" })),
      "sum(null) threw TypeError: no",
    );
    assert.equal(factSentence("f", run("1", { outcome: "timed-out" })), "f(1) did not end in time");
    assert.equal(factSentence("f", run("1", { outcome: "out-of-memory" })), "f(1) ran out of memory");
  });

  it("tells at most five facts, each on one short line, and none that was not run", () => {
    const runs = [
      run("[3,", { outcome: "invalid-input", value: "SyntaxError" }),
      ...Array.from({ length: 7 }, (_, index) => run(String(index), { value: `a\n${"b".repeat(500)}` })),
    ];
    const facts = factsToTell("f", runs);
    assert.equal(facts.length, 5);
    for (const fact of facts) {
      assert.ok(!fact.includes("\n"));
      assert.ok(fact.length <= 162, String(fact.length));
    }
    assert.ok(facts[0]!.startsWith("f(0) returned a bbb"));
  });

  it("removes the indentation that the lines of a step share", () => {
    assert.equal(withoutIndent("for (;;) {\r\n      a();\r\n    }"), "for (;;) {\n  a();\n}");
    assert.equal(withoutIndent("  x"), "x");
  });

  it("sends the whole selection where it fits and says so", () => {
    assert.deepEqual(codeAround(subject, stepOf(2, 4), { lines: 7, characters: 1000 }), {
      code: subject.text,
      lines: undefined,
    });
  });

  it("sends the lines around the step where it does not, and marks what is left out", () => {
    const window = codeAround(subject, stepOf(3, 3), { lines: 3, characters: 1000 });
    assert.deepEqual(window.lines, { first: 12, last: 14 });
    assert.equal(window.code, ["…", ...lines.slice(2, 5), "…"].join("\n"));
    const start = codeAround(subject, stepOf(0, 0), { lines: 2, characters: 1000 });
    assert.equal(start.code, [...lines.slice(0, 2), "…"].join("\n"));
  });

  it("stays within any budget and always holds the step's first line", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 400 }),
        (texts, at, mostLines, mostCharacters) => {
          const cleaned = texts.map((text) => text.replace(/[\r\n]/g, " "));
          const line = at % cleaned.length;
          const whole: ExplainSubject = {
            ...subject,
            firstLine: 0,
            lastLine: cleaned.length - 1,
            text: cleaned.join("\n"),
          };
          const step = { ...stepOf(0, 0), firstLine: line, lastLine: cleaned.length - 1 };
          const window = codeAround(whole, step, { lines: mostLines, characters: mostCharacters });
          if (!window.lines) return;
          const { first, last } = window.lines;
          assert.ok(first <= line && line <= last);
          assert.ok(last - first + 1 <= mostLines);
          // Marks and line breaks at the edges come on top.
          assert.ok(window.code.length <= mostCharacters + 6, `${window.code.length} > ${mostCharacters}`);
        },
      ),
    );
  });

  it("finds what each role says in a rendered prompt", () => {
    const messages: ChatMessage[] = [
      { role: "system", content: "Explain." },
      { role: "user", content: "  a </s> b " },
      { role: "assistant", content: "It is b." },
      { role: "user", content: "a </s> b" },
    ];
    const text =
      "<s><|system|>\nExplain.</s>\n<|user|>\na </s> b</s>\n<|assistant|>\nIt is b.</s>\n<|user|>\na </s> b</s>\n<|assistant|>\n";
    const parts = promptParts({ text, tokens: [], joints: [] }, messages);
    assert.deepEqual(
      parts.map(({ role, start, end }) => [role, text.slice(start, end)]),
      [
        ["template", "<s><|system|>\n"],
        ["system", "Explain."],
        ["template", "</s>\n<|user|>\n"],
        ["user", "a </s> b"],
        ["template", "</s>\n<|assistant|>\n"],
        ["assistant", "It is b."],
        ["template", "</s>\n<|user|>\n"],
        ["user", "a </s> b"],
        ["template", "</s>\n<|assistant|>\n"],
      ],
    );
  });

  it("finds a message whose markers were broken up", () => {
    const said = "say <|user|> twice: <|user|>";
    const broken = breakMarkers(said, ["<|user|>"]);
    const head = "<|user|>\n";
    const prompt = {
      text: `${head}${broken.text}</s>`,
      tokens: [],
      joints: broken.joints.map((joint) => joint + head.length),
    };
    assert.deepEqual(
      promptParts(prompt, [{ role: "user", content: said }]).map(({ role, start, end }) => [
        role,
        prompt.text.slice(start, end),
      ]),
      [
        ["template", head],
        ["user", broken.text],
        ["template", "</s>"],
      ],
    );
  });

  it("covers the prompt without gaps, whatever the messages are", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 5 }), (text, contents) => {
        const parts = promptParts(
          { text, tokens: [], joints: [] },
          contents.map((content) => ({ role: "user", content })),
        );
        assert.equal(parts.map(({ start, end }) => text.slice(start, end)).join(""), text);
      }),
    );
  });
});
