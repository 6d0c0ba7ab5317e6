/** The saved explanation: everything with its evidence, and nothing of the text read as Markdown. */

import assert from "node:assert/strict";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import {
  codeBlock,
  explanationMarkdown,
  inlineCode,
  plainMarkdown,
} from "../../../src/core/explain/explanationMarkdown.js";
import { afterEvent, initialState } from "../../../src/core/explain/explanationState.js";
import { EXPLAIN_SAMPLING } from "../../../src/core/explain/prompts.js";
import type { ExplainEvent } from "../../../src/shared/panels/explain.js";
import type { GeneratedToken } from "../../../src/shared/workerProtocol.js";

const markdown = new MarkdownIt({ html: true, linkify: true });

/** The text that a reader sees of Markdown, and the kinds of its parts. */
function read(source: string): { text: string; kinds: Set<string> } {
  const inline = markdown.parse(source, {}).flatMap((token) => token.children ?? [token]);
  return {
    text: inline.map(({ content }) => content).join(""),
    kinds: new Set(inline.map(({ type }) => type)),
  };
}

function word(text: string): GeneratedToken {
  const token = { id: 1, bytes: new TextEncoder().encode(text), name: text, special: false };
  return { token, probability: 0.5, alternatives: [] };
}

describe("an explanation as Markdown", () => {
  const nasty = fc.string({
    unit: fc.constantFrom(..."`*_[](){}<>#!|~\\-+1.&;=:/@ \n$^", "a", "http://x.y", "www.x.y", "&lt;", "🎉"),
  });

  it("shows text as it is, whatever Markdown would make of it", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const source = plainMarkdown(text);
        const { text: seen, kinds } = read(source);
        const expected = text.replace(/\s+/g, " ").trim();
        assert.equal(seen.replaceAll("\u2060", ""), expected, source);
        const allowed = new Set(["paragraph_open", "paragraph_close", "text", "text_special", "inline"]);
        for (const kind of kinds) assert.ok(allowed.has(kind), `${kind} in ${JSON.stringify(source)}`);
      }),
    );
  });

  it("keeps code in its fence and between its backticks", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const code = text.replace(/\r/g, "");
        const [fence] = markdown.parse(codeBlock(code, "javascript"), {});
        assert.equal(fence?.type, "fence");
        assert.equal(fence.content, `${code}\n`);
        const line = text.replace(/\s+/g, " ").trim();
        if (line === "") return;
        const inline = markdown.parseInline(`a ${inlineCode(text)} b`, {})[0]?.children ?? [];
        assert.deepEqual(
          inline.filter(({ type }) => type === "code_inline").map(({ content }) => content),
          [line],
        );
      }),
    );
  });

  it("holds facts, drafts, verdicts, predictions and questions", () => {
    const check = {
      verdict: "contradicted",
      statement: "f(1) returns 3",
      evidence: "f(1) returned 2",
      tool: "QuickJS sandbox",
    } as const;
    const start = initialState(
      {
        fileName: "a_b.js",
        languageId: "javascript",
        firstLine: 4,
        lastLine: 4,
        text: "f = (n) => n + 1",
        notes: [],
      },
      {
        trusted: true,
        limits: { timeMs: 1, memoryBytes: 1 },
        sampling: EXPLAIN_SAMPLING,
        seed: 1,
        price: { model: "m", vendor: "V", input: 1, output: 2, source: "price of 2026-01-01" },
      },
    );
    const question = {
      id: 1,
      kind: "return-value",
      step: 0,
      functionName: "f",
      input: "1",
      line: undefined,
      variable: undefined,
      text: "Which number does f(1) return?",
      form: "number",
      options: [],
    } as const;
    const outcome = {
      actual: "2",
      evidence: "f(1) returned 2",
      tool: "QuickJS sandbox",
      traceStep: 0,
      trace: undefined,
      firstLine: 0,
      beside: [],
      growth: [],
    };
    const events: ExplainEvent[] = [
      {
        kind: "split",
        steps: [{ index: 0, kind: "function", start: 0, end: 16, firstLine: 4, lastLine: 4, title: "f" }],
        functions: [],
        parser: "tree-sitter",
        ms: 1,
      },
      {
        kind: "gathered",
        facts: [
          { ...check, verdict: "verified", statement: "f(0) returned 1", step: undefined, source: "run" },
        ],
      },
      { kind: "questions", questions: [{ ...question, options: [] }] },
      { kind: "version", target: 0, version: 1, origin: { kind: "first" }, tokens: [word("It adds two.")] },
      { kind: "answered", target: 0, end: "end-of-turn", checks: [check] },
      {
        kind: "version",
        target: 0,
        version: 2,
        origin: { kind: "revision", of: 1, because: [check] },
        tokens: [word("It adds one.")],
      },
      { kind: "answered", target: 0, end: "end-of-turn", checks: [] },
      {
        kind: "predicted",
        prediction: 1,
        by: "model",
        predicted: { answer: "3", verdict: "contradicted", call: 1, tokens: [] },
      },
      {
        kind: "predicted",
        prediction: 1,
        by: "reader",
        predicted: { answer: "2", verdict: "verified", call: undefined, tokens: [] },
      },
      { kind: "revealed", prediction: 1, outcome },
      { kind: "follow-up", followUp: { id: 1, text: "Why *one*?" } },
      {
        kind: "version",
        target: "follow-up-1",
        version: 3,
        origin: { kind: "first" },
        tokens: [word("Because.")],
      },
      {
        kind: "stage",
        stage: {
          id: 1,
          kind: "speak",
          target: 0,
          title: "Step 1",
          result: "done",
          state: "ended",
          call: 1,
          promptTokens: 1000,
          tokens: 500,
          startedMs: 0,
          ms: 3,
        },
      },
    ];
    const saved = explanationMarkdown(events.reduce(afterEvent, start), "2026-11-22");
    for (const part of [
      "# Explanation of a\\_b.js, line 5",
      "✓ verified: `f(0) returned 1`",
      "**Version 1, first draft:** It adds two.",
      "✗ contradicted: `f(1) returns 3`",
      "**Version 2, second draft, after a contradiction, shown:** It adds one.",
      "The model said `3`: ✗ contradicted. The reader said `2`: ✓ verified. It is `2`.",
      "**Why \\*one\\*?**",
      "- The reader: 1 right, 0 wrong, 0 undecided.",
      "would cost $0.002 with m of V (price of ",
    ]) {
      assert.ok(saved.includes(part), `${part}\n\n${saved}`);
    }
  });
});
