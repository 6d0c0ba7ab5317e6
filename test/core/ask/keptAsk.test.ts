/** Questions and answers over a reload of the window: nothing is lost but what there is no room for. */

import assert from "node:assert/strict";
import { keptAsk, returnedAsk } from "../../../src/core/ask/keptAsk.js";
import { fromBytesJson, toBytesJson } from "../../../src/shared/bytesJson.js";
import type { AskPhase, AskState, AskTurn, ModelCall } from "../../../src/shared/panels/ask.js";

const token = {
  id: 7,
  bytes: Uint8Array.of(226, 148, 130),
  special: false,
  name: "",
  start: 0,
  end: 1,
  startsInside: false,
  endsInside: false,
};

const call = (id: number, end: ModelCall["end"]): ModelCall => ({
  id,
  purpose: { kind: "answer" },
  step: undefined,
  promptTokens: 1,
  injected: [token],
  grammar: undefined,
  tokens: [],
  end,
  promptMs: 1,
  generateMs: 2,
});

const turn = (question: string, phase: AskPhase, end: ModelCall["end"]): AskTurn => ({
  question,
  allowCode: false,
  phase,
  error: undefined,
  steps: [],
  calls: [call(1, end)],
  checks: { answer: [], alone: [] },
  notes: ["a lone half of a pair: \ud83d"],
});

const stateOf = (...turns: AskTurn[]): AskState => ({
  subject: {
    fileName: "sum.ts",
    path: "src/sum.ts",
    languageId: "typescript",
    firstLine: 1,
    lastLine: 7,
    text: "total",
    notes: [],
  },
  trusted: true,
  model: undefined,
  turns,
});

/** JSON has no undefined. */
const withoutUndefined = (value: unknown) => fromBytesJson(toBytesJson(value));

describe("questions over a reload", () => {
  it("come back with their answers, bytes and all", () => {
    const state = stateOf(turn("one", "done", "stop-text"), turn("two", "failed", "failed"));
    const back = returnedAsk(keptAsk(state));
    assert.deepEqual(back, withoutUndefined({ state, gone: 0 }));
    assert.ok(back?.state.turns[0]?.calls[0]?.injected[0]?.bytes instanceof Uint8Array);
  });

  it("bring bytes of a Buffer back as bytes", () => {
    assert.deepEqual(fromBytesJson(toBytesJson({ bytes: Buffer.from([0, 255]) })), {
      bytes: Uint8Array.of(0, 255),
    });
  });

  it("were stopped where they were being answered", () => {
    const back = returnedAsk(
      keptAsk(stateOf(turn("one", "done", "stop-text"), turn("two", "asking", undefined))),
    );
    assert.deepEqual(
      back?.state.turns.map(({ phase, calls }) => [phase, calls[0]?.end]),
      [
        ["done", "stop-text"],
        ["stopped", "stopped"],
      ],
    );
  });

  it("lose the first ones where there is no room for all, and say how many", () => {
    const state = stateOf(...["one", "two", "three"].map((question) => turn(question, "done", "stop-text")));
    const room = keptAsk({ ...state, turns: state.turns.slice(1) }).length;
    const back = returnedAsk(keptAsk(state, room));
    assert.deepEqual(
      back?.state.turns.map(({ question }) => question),
      ["two", "three"],
    );
    assert.equal(back?.gone, 1);
    assert.equal(keptAsk(state, 10), "");
    assert.equal(returnedAsk(""), undefined);
  });

  it("are not read where another version has kept them", () => {
    const text = keptAsk(stateOf(turn("one", "done", "stop-text"))).replace('"version":1', '"version":0');
    assert.equal(returnedAsk(text), undefined);
  });
});
