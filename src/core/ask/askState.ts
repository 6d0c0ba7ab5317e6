/** What the events of a question make of the state; the host and the page keep the same state by it. */

import type { AskEvent, AskState, AskStep, AskTurn, ModelCall } from "../../shared/panels/ask.js";

export function afterEvent(state: AskState, event: AskEvent): AskState {
  switch (event.kind) {
    case "trusted":
      return { ...state, trusted: event.trusted };
    case "model":
      return { ...state, model: event.model };
    case "asked": {
      const turn: AskTurn = {
        question: event.question,
        allowCode: event.allowCode,
        phase: "asking",
        error: undefined,
        steps: [],
        calls: [],
        checks: { answer: [], alone: [] },
        notes: [],
      };
      return { ...state, turns: [...state.turns, turn] };
    }
    default: {
      const turn = state.turns.at(-1);
      return turn ? { ...state, turns: [...state.turns.slice(0, -1), turnAfter(turn, event)] } : state;
    }
  }
}

function turnAfter(
  turn: AskTurn,
  event: Exclude<AskEvent, { kind: "trusted" | "model" | "asked" }>,
): AskTurn {
  switch (event.kind) {
    case "step": {
      const step: AskStep = {
        rule: event.rule,
        toolName: undefined,
        input: {},
        written: undefined,
        outcome: undefined,
        ms: 0,
      };
      return { ...turn, steps: [...turn.steps, step] };
    }
    case "call":
      return { ...turn, calls: [...turn.calls, event.call] };
    case "token":
      return withCall(turn, event.call, (call) => ({
        ...call,
        tokens: [...call.tokens, event.token],
        promptMs: call.tokens.length === 0 ? event.ms : call.promptMs,
        generateMs: call.tokens.length === 0 ? 0 : call.generateMs + event.ms,
      }));
    case "spoken":
      return withCall(turn, event.call, (call) => ({ ...call, end: event.end }));
    case "written":
      return withStep(turn, (step) => ({ ...step, written: event.text }));
    case "chosen":
      return withStep(turn, (step) => ({ ...step, toolName: event.toolName }));
    case "argument":
      return withStep(turn, (step) => ({ ...step, input: { ...step.input, [event.name]: event.value } }));
    case "observed":
      return withStep(turn, (step) => ({ ...step, outcome: event.outcome, ms: event.ms }));
    case "checked":
      return { ...turn, checks: { ...turn.checks, [event.of]: event.checks } };
    case "note":
      return { ...turn, notes: [...turn.notes, event.text] };
    case "ended":
      return { ...turn, phase: event.phase, error: event.error };
  }
}

function withCall(turn: AskTurn, id: number, change: (call: ModelCall) => ModelCall): AskTurn {
  return { ...turn, calls: turn.calls.map((call) => (call.id === id ? change(call) : call)) };
}

function withStep(turn: AskTurn, change: (step: AskStep) => AskStep): AskTurn {
  const last = turn.steps.at(-1);
  return last ? { ...turn, steps: [...turn.steps.slice(0, -1), change(last)] } : turn;
}

/** The call of a kind in a turn that came last. */
export function callFor(turn: AskTurn, kind: ModelCall["purpose"]["kind"]): ModelCall | undefined {
  return turn.calls.findLast(({ purpose }) => purpose.kind === kind);
}
