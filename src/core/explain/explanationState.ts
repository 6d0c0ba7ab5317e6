/** The state of an explanation and how each event changes it; host and page run the same function. */

import type {
  Answer,
  AnswerTarget,
  ExplainEvent,
  ExplainState,
  ExplainSubject,
} from "../../shared/panels/explain.js";
import type { SamplingSettings } from "../../shared/types.js";
import type { SandboxLimits } from "../../shared/workerProtocol.js";

export function initialState(
  subject: ExplainSubject,
  given: { trusted: boolean; limits: SandboxLimits; sampling: SamplingSettings; seed: number },
): ExplainState {
  return {
    subject,
    phase: "splitting",
    error: undefined,
    steps: [],
    parser: "",
    splitMs: 0,
    functions: [],
    facts: undefined,
    told: [],
    model: undefined,
    answers: {},
    lines: [],
    edited: false,
    ...given,
  };
}

/** The state after an event. Parts that the event does not touch keep their identity. */
export function afterEvent(state: ExplainState, event: ExplainEvent): ExplainState {
  switch (event.kind) {
    case "split":
      return {
        ...state,
        phase: "ready",
        steps: event.steps,
        functions: event.functions,
        parser: event.parser,
        splitMs: event.ms,
        lines: event.steps.map((step) => ({ first: step.firstLine, last: step.lastLine })),
      };
    case "trusted":
      return { ...state, trusted: event.trusted };
    case "running":
      return {
        ...state,
        facts: {
          functionName: event.functionName,
          running: true,
          runs: [],
          wholeFile: event.wholeFile,
          error: undefined,
        },
      };
    case "ran":
      return state.facts
        ? { ...state, facts: { ...state.facts, runs: [...state.facts.runs, event.run] } }
        : state;
    case "run-ended":
      return state.facts
        ? { ...state, facts: { ...state.facts, running: false, error: event.error } }
        : state;
    case "explaining":
      return {
        ...state,
        phase: "explaining",
        error: undefined,
        ...(event.anew ? { answers: {}, told: [] } : {}),
      };
    case "model":
      return { ...state, model: event.model, told: event.told };
    case "asked":
      return withAnswer(state, event.target, (before) => ({
        phase: "reading",
        // Words of a stopped answer stay: the model goes on behind them.
        tokens: before?.tokens ?? [],
        call: event.call,
        promptTokens: event.promptTokens,
        sentLines: event.sentLines,
        end: undefined,
        promptMs: 0,
        generateMs: before?.generateMs ?? 0,
        timedTokens: before?.timedTokens ?? 0,
        checks: [],
      }));
    case "token":
      return withAnswer(state, event.target, (before) => {
        if (!before) return undefined;
        const tokens = [...before.tokens, event.token];
        if (before.phase === "reading") return { ...before, phase: "writing", tokens, promptMs: event.ms };
        const generateMs = before.generateMs + event.ms;
        return { ...before, tokens, generateMs, timedTokens: before.timedTokens + 1 };
      });
    case "answered":
      return withAnswer(
        state,
        event.target,
        (before) =>
          before && {
            ...before,
            phase: "ended",
            end: event.end,
            checks: event.checks,
          },
      );
    case "ended":
      return { ...state, phase: event.phase, error: event.error };
    case "moved":
      return { ...state, lines: event.lines, edited: state.edited || event.edited };
  }
}

function withAnswer(
  state: ExplainState,
  target: AnswerTarget,
  change: (before: Answer | undefined) => Answer | undefined,
): ExplainState {
  const answer = change(state.answers[target]);
  return answer ? { ...state, answers: { ...state.answers, [target]: answer } } : state;
}

/** Whether the words of a target are complete, so that going on leaves them alone. */
export function isFinished(answer: Answer | undefined): boolean {
  return answer?.phase === "ended" && answer.end !== "stopped" && answer.end !== "failed";
}

/** Tokens a second of one answer, without the time for reading the prompt; undefined before the second token. */
export function tokensPerSecond(answer: Answer): number | undefined {
  if (answer.timedTokens === 0 || answer.generateMs <= 0) return undefined;
  return (answer.timedTokens * 1000) / answer.generateMs;
}
