/** How events make the state of an explanation. */

import assert from "node:assert/strict";
import {
  afterEvent,
  initialState,
  isFinished,
  tokensPerSecond,
} from "../../../src/core/explain/explanationState.js";
import { EXPLAIN_SAMPLING } from "../../../src/core/explain/prompts.js";
import type { ExplainEvent, ExplainState } from "../../../src/shared/panels/explain.js";
import type { GeneratedToken } from "../../../src/shared/workerProtocol.js";

const start = initialState(
  { fileName: "a.ts", languageId: "typescript", firstLine: 0, lastLine: 1, text: "a();\nb();", notes: [] },
  {
    trusted: true,
    limits: { timeMs: 100, memoryBytes: 1 },
    sampling: EXPLAIN_SAMPLING,
    seed: 1,
    price: undefined,
  },
);

function word(text: string): GeneratedToken {
  const token = { id: text.length, bytes: new TextEncoder().encode(text), name: text, special: false };
  return { token, probability: 0.5, alternatives: [] };
}

function play(events: ExplainEvent[], from: ExplainState = start): ExplainState {
  return events.reduce(afterEvent, from);
}

const asked = (call: number): ExplainEvent => ({
  kind: "asked",
  target: 0,
  call,
  promptTokens: 9,
  sentLines: undefined,
  told: [],
  context: { size: 100, limit: 100, used: 9, reserved: 80, parts: [], dropped: [] },
});

describe("the state of an explanation", () => {
  it("keeps the words of a stopped answer and goes on behind them", () => {
    const stopped = play([
      { kind: "explaining", anew: true },
      asked(1),
      { kind: "token", target: 0, token: word("It"), ms: 400 },
      { kind: "token", target: 0, token: word(" adds"), ms: 50 },
      { kind: "answered", target: 0, end: "stopped", checks: [] },
      { kind: "ended", phase: "stopped", error: undefined },
    ]);
    assert.equal(isFinished(stopped.answers[0]), false);
    const resumed = play(
      [
        { kind: "explaining", anew: false },
        asked(2),
        { kind: "token", target: 0, token: word(" up"), ms: 100 },
        { kind: "answered", target: 0, end: "end-of-turn", checks: [] },
        { kind: "ended", phase: "done", error: undefined },
      ],
      stopped,
    );
    const answer = resumed.answers[0]!;
    assert.deepEqual(
      answer.tokens.map(({ token }) => token.name),
      ["It", " adds", " up"],
    );
    assert.equal(answer.call, 2);
    assert.equal(isFinished(answer), true);
    assert.equal(resumed.phase, "done");
  });

  it("forgets the answers and what was told when it explains anew", () => {
    const again = play([
      asked(1),
      { kind: "token", target: 0, token: word("x"), ms: 1 },
      { kind: "explaining", anew: true },
    ]);
    assert.deepEqual(again.answers, {});
    assert.deepEqual(again.told, []);
  });

  it("counts the speed without the time for reading the prompt", () => {
    const { answers } = play([
      asked(1),
      { kind: "token", target: 0, token: word("a"), ms: 5000 },
      { kind: "token", target: 0, token: word("b"), ms: 50 },
      { kind: "token", target: 0, token: word("c"), ms: 50 },
    ]);
    assert.equal(answers[0]!.promptMs, 5000);
    assert.equal(tokensPerSecond(answers[0]!), 20);
    const one = play([asked(1), { kind: "token", target: 0, token: word("a"), ms: 5000 }]);
    assert.equal(tokensPerSecond(one.answers[0]!), undefined);
  });

  it("ignores words for an answer that was never asked for", () => {
    assert.equal(play([{ kind: "token", target: 3, token: word("a"), ms: 1 }]), start);
  });

  it("keeps the results of a run while the next explanation is written", () => {
    const facts = play([
      { kind: "running", functionName: "f", wholeFile: false },
      { kind: "ran", run: { input: "1", outcome: "returned", value: "2", printed: "", ms: 1 } },
      { kind: "run-ended", error: undefined },
      { kind: "explaining", anew: true },
    ]).facts!;
    assert.equal(facts.running, false);
    assert.equal(facts.runs.length, 1);
  });

  it("never forgets that the text was edited", () => {
    const moved = play([
      { kind: "moved", lines: [{ first: 1, last: 1 }], edited: true },
      { kind: "moved", lines: [{ first: 2, last: 2 }], edited: false },
    ]);
    assert.equal(moved.edited, true);
    assert.deepEqual(moved.lines, [{ first: 2, last: 2 }]);
  });
});
