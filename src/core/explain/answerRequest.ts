/** From the state of an explanation to what the model is asked for one of its answers. */

import type {
  Answer,
  AnswerTarget,
  ExplainState,
  ExplainSubject,
  FollowUpTarget,
} from "../../shared/panels/explain.js";
import type { ExplanationStep } from "../../shared/types.js";
import { stepFactsToTell } from "./prompts.js";
import {
  type Contradiction,
  continuationRequest,
  followUpRequest,
  type ModelRequest,
  type RequestGround,
  stepRequest,
  type Turn,
} from "./requests.js";
import { writtenText } from "./textOfTokens.js";

/** What the model is sent for one answer: the words on a step, to a question, or the continuation of the text. */
export function answerRequest(
  state: ExplainState,
  target: AnswerTarget,
  ground: RequestGround,
): Promise<ModelRequest> {
  if (target === "continuation") return continuationRequest(ground);
  return typeof target === "number"
    ? requestForStep(state, target, ground)
    : requestForFollowUp(state, Number(target.slice("follow-up-".length)), ground);
}

/** Words that tools contradicted are asked for anew, with what was found. */
function requestForStep(state: ExplainState, target: number, ground: RequestGround): Promise<ModelRequest> {
  const { steps, gathered, kept } = state;
  const origin = rootOf(state, target)?.origin;
  const revised = origin?.kind === "revision" ? origin : undefined;
  const draft = revised && kept[target]?.find(({ version }) => version === revised.of);
  const contradiction: Contradiction | undefined = revised &&
    draft && {
      draft: writtenText(draft),
      evidence: revised.because.map(({ evidence, told }) => told ?? evidence),
    };
  return stepRequest(ground, steps[target]!, stepFactsToTell(gathered, target), contradiction);
}

function requestForFollowUp(state: ExplainState, id: number, ground: RequestGround): Promise<ModelRequest> {
  const { followUps, answers, steps } = state;
  const followUp = followUps.find((question) => question.id === id)!;
  const turns = followUps.flatMap((question): Turn[] => {
    const answer = answers[followUpTarget(question.id)];
    const words = answer ? writtenText(answer) : "";
    return question.id < id && words !== "" ? [{ question: question.text, answer: words }] : [];
  });
  return followUpRequest(ground, stepMeant(followUp.text, steps, ground.subject), turns, followUp);
}

/** The version that an answer goes back to, before branches. */
export function rootOf({ answers, kept }: ExplainState, target: AnswerTarget): Answer | undefined {
  let answer = answers[target];
  while (answer?.origin.kind === "branch") {
    const { of } = answer.origin;
    answer = kept[target]?.find(({ version }) => version === of);
  }
  return answer;
}

function followUpTarget(id: number): FollowUpTarget {
  return `follow-up-${id}`;
}

/** The step that shares most words with a question, so that its code is the last to be left out. */
function stepMeant(
  question: string,
  steps: readonly ExplanationStep[],
  subject: ExplainSubject,
): ExplanationStep {
  const { text, firstLine, lastLine } = subject;
  const wordsIn = (part: string) => new Set(part.toLowerCase().match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? []);
  const asked = wordsIn(question);
  const shared = steps.map((step) => {
    const words = wordsIn(`${step.kind} ${text.slice(step.start, step.end)}`);
    return [...asked].filter((word) => words.has(word)).length;
  });
  const whole = { index: 0, kind: "text", start: 0, end: text.length, firstLine, lastLine, title: "" };
  return steps[shared.indexOf(Math.max(...shared))] ?? whole;
}
