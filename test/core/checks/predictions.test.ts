/** Questions that a run decides: how they are made of a recorded run, what may be answered, and who is right. */

import assert from "node:assert/strict";
import {
  answerFromText,
  answerGrammar,
  heldOutInput,
  isAnswer,
  questionsAbout,
  traceOutcome,
  verdictOn,
} from "../../../src/core/checks/predictions.js";
import { sayAnswer, sayQuestion } from "../../../src/core/checks/sayQuestion.js";
import type { ExplainSubject, PredictionQuestion } from "../../../src/shared/panels/explain.js";
import type { ExplanationStep } from "../../../src/shared/types.js";
import type { FunctionTrace, TraceStep } from "../../../src/shared/workerProtocol.js";

const text =
  "function sum(values) {\n  let total = 0;\n  for (const value of values) {\n    total += value;\n  }\n  return total;\n}";
const subject: ExplainSubject = {
  fileName: "sum.js",
  languageId: "javascript",
  firstLine: 10,
  lastLine: 16,
  text,
  notes: [],
};
const step = (index: number, kind: string, firstLine: number, lastLine: number): ExplanationStep => ({
  index,
  kind,
  start: 0,
  end: 1,
  firstLine,
  lastLine,
  title: kind,
});
const steps = [
  step(0, "signature", 10, 10),
  step(1, "declaration", 11, 11),
  step(2, "loop", 12, 14),
  step(3, "return", 15, 16),
];

function moment(line: number, variables: Record<string, string>, change: Partial<TraceStep> = {}): TraceStep {
  return {
    line,
    kind: "line",
    depth: 0,
    functionName: "sum",
    printed: 0,
    variables: Object.entries(variables).map(([name, value]) => ({ name, value, changed: true })),
    ...change,
  };
}

const values = "[3, 4]";
const trace: FunctionTrace = {
  run: { input: values, outcome: "returned", value: "7", printed: "", ms: 1 },
  truncated: false,
  steps: [
    moment(1, { values }),
    moment(2, { values, total: "0" }),
    moment(3, { values, total: "0", value: "3" }),
    moment(3, { values, total: "3", value: "4" }),
    moment(5, { values, total: "7" }),
    moment(5, { values, total: "7" }, { kind: "return", value: "7" }),
  ],
};
const fn = { name: "sum", parameters: ["values"], suggestedInputs: ["[3, 1, 2]", values] };
const placed = { trace, firstLine: 10, beside: [] };
const questions = questionsAbout(fn, placed, subject, steps).map((question, id) => ({ ...question, id }));
const of = (kind: PredictionQuestion["kind"]) => questions.find((question) => question.kind === kind)!;

describe("predictions", () => {
  it("are asked about an input that was not told", () => {
    assert.equal(heldOutInput(fn), values);
    assert.equal(heldOutInput({ ...fn, suggestedInputs: ["1"] }), "1");
    // What the reader has seen is no question any more.
    const many = { ...fn, suggestedInputs: ["1", "2", "3"] };
    assert.equal(heldOutInput(many, ["1", "2"]), "3");
    assert.equal(heldOutInput(many, ["1", "2", "3"]), "2");
  });

  it("are made of one recorded run, one of a kind, each behind its step", () => {
    assert.deepEqual(
      questions.map(({ kind, step: behind, form }) => [kind, behind, form]),
      [
        ["iterations", 2, "count"],
        ["variable", 2, "number"],
        ["return-value", 3, "number"],
        ["throws", 3, "choice"],
        ["complexity", 3, "choice"],
      ],
    );
    assert.match(of("iterations").text, /line 14/);
    assert.match(of("variable").text, /total.*line 14 runs for the second time/);
    assert.equal(of("throws").input, "null");
  });

  it("are put to the reader and to the model in the same English", () => {
    const ofValue = (value: string) =>
      questionsAbout(fn, { ...placed, trace: { ...trace, run: { ...trace.run, value } } }, subject, steps);
    const values = ofValue("true").concat(ofValue("'a'"), ofValue("[1]"));
    for (const question of [...questions, ...values]) assert.equal(sayQuestion(question), question.text);
    assert.deepEqual(new Set(values.map(({ form }) => form)).size, 5);
    assert.equal(sayAnswer(of("throws"), "yes"), "yes");
  });

  it("are decided by the run, with the moment that decides", () => {
    const decided = (kind: PredictionQuestion["kind"]) => traceOutcome(of(kind), placed, "javascript");
    assert.deepEqual([decided("iterations").actual, decided("iterations").traceStep], ["2", 3]);
    assert.deepEqual([decided("variable").actual, decided("variable").traceStep], ["3", 3]);
    assert.deepEqual([decided("return-value").actual, decided("return-value").traceStep], ["7", 5]);
    assert.equal(decided("throws").actual, "no");
    assert.match(decided("iterations").evidence, /Line 14 ran 2 times/);
  });

  it("are right or wrong by value, and open where the run decides nothing", () => {
    const outcome = traceOutcome(of("return-value"), placed, "javascript");
    assert.equal(verdictOn(of("return-value"), " 7.0 ", outcome), "verified");
    assert.equal(verdictOn(of("return-value"), "8", outcome), "contradicted");
    const threw = { ...trace, run: { ...trace.run, outcome: "threw" as const, value: "TypeError" } };
    const error = traceOutcome(of("return-value"), { trace: threw, firstLine: 10, beside: [] }, "javascript");
    assert.equal(verdictOn(of("return-value"), "7", error), "contradicted");
    const slow = { ...trace, run: { ...trace.run, outcome: "timed-out" as const, value: "" } };
    for (const kind of ["return-value", "throws"] as const) {
      const late = traceOutcome(of(kind), { trace: slow, firstLine: 10, beside: [] }, "javascript");
      assert.equal(verdictOn(of(kind), "no", late), "unchecked");
    }
    const cut = traceOutcome(
      of("iterations"),
      { trace: { ...trace, truncated: true }, firstLine: 10, beside: [] },
      "javascript",
    );
    assert.equal(verdictOn(of("iterations"), "2", cut), "unchecked");
  });

  it("let a reader leave out the quotes of a text, and no model", () => {
    const question: PredictionQuestion = { ...of("return-value"), form: "text" };
    const outcome = { ...traceOutcome(question, placed, "python"), actual: "'ab'" };
    assert.equal(verdictOn(question, "ab", outcome), "verified");
    assert.equal(verdictOn(question, '"ab"', outcome), "verified");
    assert.equal(
      verdictOn(of("return-value"), '"7"', traceOutcome(of("return-value"), placed, "javascript")),
      "contradicted",
    );
  });

  it("have a grammar and a form that agree", () => {
    assert.equal(answerGrammar(of("throws"), "javascript"), 'root ::= "yes" | "no"');
    assert.match(answerGrammar(of("complexity"), "javascript"), /"O\(n\^2\)"/);
    assert.equal(answerFromText(" O(n^2)"), "O(n²)");
    assert.ok(isAnswer(of("complexity"), "O(n²)") && !isAnswer(of("complexity"), "O(n^2)"));
    assert.ok(isAnswer(of("iterations"), "12") && !isAnswer(of("iterations"), "many"));
    assert.ok(isAnswer(of("return-value"), "-3.5") && !isAnswer(of("return-value"), "sum of all"));
  });

  it("are not asked where the body of a loop cannot be told from its head", () => {
    const oneLine = { ...subject, text: text.replace("{\n    total", "{ total") };
    const loop = questionsAbout(
      fn,
      { ...placed, trace: { ...trace, steps: trace.steps.filter(({ line }) => line !== 3) } },
      oneLine,
      steps,
    );
    assert.ok(!loop.some(({ kind }) => kind === "iterations"));
    const long = questionsAbout(fn, { ...placed, trace: { ...trace, truncated: true } }, subject, steps);
    assert.ok(!long.some(({ kind }) => kind === "iterations" || kind === "variable"));
  });
});
