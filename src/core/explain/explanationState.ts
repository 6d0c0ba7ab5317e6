/** The state of an explanation and how each event changes it; host and page run the same function. */

import type {
  Answer,
  AnswerTarget,
  ExplainEvent,
  ExplainState,
  ExplainSubject,
  Fact,
  Prediction,
  Stage,
  TokenPrice,
} from "../../shared/panels/explain.js";
import type { SamplingSettings, Verdict } from "../../shared/types.js";
import type { SandboxLimits } from "../../shared/workerProtocol.js";

/** An explanation of which nothing has happened yet. */
export function initialState(
  subject: ExplainSubject,
  given: {
    trusted: boolean;
    limits: SandboxLimits;
    sampling: SamplingSettings;
    seed: number;
    price: TokenPrice | undefined;
  },
): ExplainState {
  return {
    subject,
    phase: "splitting",
    error: undefined,
    steps: [],
    parser: "",
    splitMs: 0,
    functions: [],
    mayRun: false,
    facts: undefined,
    gathered: [],
    trace: undefined,
    predictions: [],
    stages: [],
    attempts: [],
    followUps: [],
    context: undefined,
    told: [],
    model: undefined,
    answers: {},
    kept: {},
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
    case "allowed":
      return { ...state, mayRun: true };
    case "gathered": {
      // What is said again is said once.
      const isSaid = (fact: Fact) =>
        event.facts.some(
          ({ source, step, statement }) =>
            source === fact.source && step === fact.step && statement === fact.statement,
        );
      return { ...state, gathered: [...state.gathered.filter((fact) => !isSaid(fact)), ...event.facts] };
    }
    case "tracing": {
      const { functionName, input } = event;
      const none = { trace: undefined, firstLine: 0, beside: [], error: undefined };
      return { ...state, trace: { functionName, input, running: true, ...none } };
    }
    case "traced": {
      const { trace, firstLine, beside, error } = event;
      return state.trace
        ? { ...state, trace: { ...state.trace, running: false, trace, firstLine, beside, error } }
        : state;
    }
    case "questions":
      return {
        ...state,
        predictions: event.questions.map((question) => ({
          question,
          reader: undefined,
          model: undefined,
          outcome: undefined,
        })),
      };
    case "predicted":
      return withPrediction(state, event.prediction, { [event.by]: event.predicted });
    case "revealed":
      return withPrediction(state, event.prediction, { outcome: event.outcome });
    case "stage":
      return { ...state, stages: withStage(state.stages, event.stage) };
    case "attempts":
      return { ...state, attempts: [...state.attempts, ...event.attempts] };
    case "follow-up":
      return { ...state, followUps: [...state.followUps, event.followUp] };
    case "version": {
      const shown = state.answers[event.target];
      const { version, origin, tokens } = event;
      const fresh: Answer = { ...EMPTY_ANSWER, version, origin, tokens };
      return {
        ...state,
        answers: { ...state.answers, [event.target]: fresh },
        kept: shown ? withKept(state.kept, event.target, shown) : state.kept,
      };
    }
    case "switched": {
      const shown = state.answers[event.target];
      const others = state.kept[event.target] ?? [];
      const chosen = others.find(({ version }) => version === event.version);
      if (!chosen || !shown) return state;
      const rest = others.filter((other) => other !== chosen);
      return {
        ...state,
        answers: { ...state.answers, [event.target]: chosen },
        kept: withKept({ ...state.kept, [event.target]: rest }, event.target, shown),
      };
    }
    case "explaining":
      return {
        ...state,
        phase: "explaining",
        error: undefined,
        ...(event.anew ? { ...onlyFollowUps(state), told: [], predictions: unpredicted(state) } : {}),
      };
    case "model":
      return { ...state, model: event.model, told: event.told };
    case "asked": {
      const { call, promptTokens, sentLines, told, context } = event;
      return withAnswer({ ...state, context }, event.target, (before = EMPTY_ANSWER) => ({
        ...before,
        phase: "reading",
        // Words of a stopped answer stay: the model goes on behind them.
        call,
        promptTokens,
        sentLines,
        told,
        end: undefined,
        promptMs: 0,
        checks: [],
      }));
    }
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

const EMPTY_ANSWER: Answer = {
  version: 0,
  origin: { kind: "first" },
  told: [],
  phase: "reading",
  tokens: [],
  call: 0,
  promptTokens: 0,
  sentLines: undefined,
  end: undefined,
  promptMs: 0,
  generateMs: 0,
  timedTokens: 0,
  checks: [],
};

function withKept(kept: ExplainState["kept"], target: AnswerTarget, answer: Answer): ExplainState["kept"] {
  const all = [...(kept[target] ?? []), answer].sort((a, b) => a.version - b.version);
  return { ...kept, [target]: all };
}

/** A stage that is known already is replaced: it has gone on. */
function withStage(stages: readonly Stage[], stage: Stage): Stage[] {
  const known = stages.some(({ id }) => id === stage.id);
  return known ? stages.map((other) => (other.id === stage.id ? stage : other)) : [...stages, stage];
}

function withPrediction(
  state: ExplainState,
  id: number,
  change: Partial<Omit<Prediction, "question">>,
): ExplainState {
  return {
    ...state,
    predictions: state.predictions.map((prediction) =>
      prediction.question.id === id ? { ...prediction, ...change } : prediction,
    ),
  };
}

/** What the reader asked and predicted stays when the steps are explained anew. */
function onlyFollowUps({ answers, kept }: ExplainState): Pick<ExplainState, "answers" | "kept"> {
  const isFollowUp = ([target]: [string, unknown]) => target.startsWith("follow-up-");
  return {
    answers: Object.fromEntries(Object.entries(answers).filter(isFollowUp)),
    kept: Object.fromEntries(Object.entries(kept).filter(isFollowUp)),
  };
}

function unpredicted({ predictions }: ExplainState): Prediction[] {
  return predictions.map((prediction) => ({ ...prediction, model: undefined }));
}

/** How somebody's predictions came out. */
export function scoreOf(
  predictions: readonly Prediction[],
  who: "reader" | "model",
): Readonly<Record<Verdict, number>> {
  const score: Record<Verdict, number> = { verified: 0, contradicted: 0, unchecked: 0 };
  for (const prediction of predictions) {
    const predicted = prediction[who];
    if (predicted) score[predicted.verdict]++;
  }
  return score;
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
