/** Builds what is asked of the model: the chat for each purpose, with as much of code, facts and talk as fits. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type {
  ContextUse,
  DroppedPart,
  ExplainSubject,
  FollowUp,
  PredictionQuestion,
} from "../../shared/panels/explain.js";
import type { ExplanationStep, ModelInfo, SamplingSettings } from "../../shared/types.js";
import type { ChatMessage, RenderedPrompt } from "../../shared/workerProtocol.js";
import { sayQuestion } from "../checks/sayQuestion.js";
import { type PromptSection, sectionUse } from "./contextUse.js";
import {
  CONTINUATION_MAX_TOKENS,
  CONTINUATION_SAMPLING,
  type CodeBudget,
  type CodeWindow,
  codeAround,
  correctionRequest,
  EXPLAIN_MAX_TOKENS,
  EXPLAIN_STOP_TEXTS,
  explainRequest,
  FOLLOW_UP_MAX_TOKENS,
  FOLLOW_UP_STOP_TEXTS,
  openingMessages,
  PREDICTION_MAX_TOKENS,
  PREDICTION_SAMPLING,
  predictionRequest,
  quoteStep,
  toldText,
} from "./prompts.js";

/** Longer prompts are not sent even where the context is larger: reading them would take longer than the answer. */
const MOST_PROMPT_TOKENS = 1200;
/** In a conversation the reader waits for what has been said to be read as well. */
const MOST_CONVERSATION_TOKENS = 3000;
/** The engine keeps a few places free. */
const SPARE_TOKENS = 8;
/** A step is quoted with at most this many lines; all of it stands in the code above the question. */
const MOST_QUOTED_LINES = 12;
const MOST_SENTENCES = 2;
const MOST_FOLLOW_UP_SENTENCES = 4;

/** One request to the model, before it is made. */
export interface ModelRequest {
  /** What it is for, as *What was sent* says it. */
  subject: string;
  messages: ChatMessage[];
  prompt: RenderedPrompt;
  sentLines: { first: number; last: number } | undefined;
  told: string[];
  context: ContextUse;
  sampling: SamplingSettings;
  maxTokens: number;
  stopTexts: readonly string[];
  mostSentences: number;
  grammar?: string;
}

/** What all requests of an explanation have in common. */
export interface RequestGround {
  subject: ExplainSubject;
  model: ModelInfo;
  sampling: SamplingSettings;
  /** Facts about the whole selection, one line each. */
  told: readonly string[];
  render(messages: ChatMessage[]): Promise<RenderedPrompt>;
}

/** A draft, and what tools found against it. */
export interface Contradiction {
  draft: string;
  evidence: readonly string[];
}

/** An earlier question of the reader's and its answer. */
export interface Turn {
  question: string;
  answer: string;
}

/** The chat for a step; with a contradiction, the chat that asks for a second draft. */
export function stepRequest(
  ground: RequestGround,
  step: ExplanationStep,
  stepFacts: readonly string[],
  contradiction?: Contradiction,
): Promise<ModelRequest> {
  return fitCode(ground, step, EXPLAIN_MAX_TOKENS, (budget) => {
    const quoted = quoteStep(ground.subject, step, {
      lines: Math.min(MOST_QUOTED_LINES, budget.lines),
      characters: budget.characters,
    });
    const question = explainRequest(step, quoted, stepFacts);
    const after: ChatMessage[] = contradiction
      ? [
          { role: "assistant", content: contradiction.draft },
          { role: "user", content: correctionRequest(step, quoted, contradiction.evidence) },
        ]
      : [];
    return {
      subject: contradiction
        ? t("Step {0}, second draft: {1}", step.index + 1, step.title)
        : t("Step {0}: {1}", step.index + 1, step.title),
      question,
      after,
      stepFacts,
      sampling: ground.sampling,
      stopTexts: EXPLAIN_STOP_TEXTS,
      mostSentences: MOST_SENTENCES,
    };
  });
}

/** The question of a prediction, to be answered under a grammar. */
export function predictionChat(
  ground: RequestGround,
  step: ExplanationStep,
  question: PredictionQuestion,
  grammar: string,
): Promise<ModelRequest> {
  return fitCode(ground, step, PREDICTION_MAX_TOKENS, () => ({
    subject: t("Prediction: {0}", sayQuestion(question)),
    question: predictionRequest(question.text),
    after: [],
    stepFacts: [],
    sampling: PREDICTION_SAMPLING,
    stopTexts: [],
    mostSentences: Number.POSITIVE_INFINITY,
    grammar,
  }));
}

/**
 * A question of the reader's with the talk before it. What does not fit is dropped: the oldest turns first, then
 * code far from the step that the question is about.
 */
export async function followUpRequest(
  ground: RequestGround,
  step: ExplanationStep,
  turns: readonly Turn[],
  followUp: FollowUp,
): Promise<ModelRequest> {
  const most = roomFor(ground.model, FOLLOW_UP_MAX_TOKENS, MOST_CONVERSATION_TOKENS);
  for (let dropped = 0; ; dropped++) {
    const kept = turns.slice(dropped);
    const last = dropped === turns.length;
    const [first, ...rest] = [...kept, { question: followUp.text, answer: "" }];
    const talk = (turn: Turn): ChatMessage[] => [
      ...(turn.answer === "" ? [] : [{ role: "assistant" as const, content: turn.answer }]),
    ];
    const after = [
      ...talk(first!),
      ...rest.flatMap((turn): ChatMessage[] => [{ role: "user", content: turn.question }, ...talk(turn)]),
    ];
    const build: Build = () => ({
      subject: t("Follow-up: {0}", followUp.text),
      question: first!.question,
      after,
      stepFacts: [],
      sampling: ground.sampling,
      stopTexts: FOLLOW_UP_STOP_TEXTS,
      mostSentences: MOST_FOLLOW_UP_SENTENCES,
    });
    const whole = last ? undefined : await tryChat(ground, wholeCode(ground.subject), build, most);
    const request =
      whole && whole.prompt.tokens.length <= most
        ? whole
        : last
          ? await fitCode(ground, step, FOLLOW_UP_MAX_TOKENS, build, MOST_CONVERSATION_TOKENS)
          : undefined;
    if (!request) continue;
    const left = turns
      .slice(0, dropped)
      .map(({ question }): DroppedPart => ({ kind: "follow-up", label: question }));
    return { ...request, context: { ...request.context, dropped: [...left, ...request.context.dropped] } };
  }
}

/** The end of the selection, as much as fits, for a model that can only go on with it. */
export async function continuationRequest({ subject, model, render }: RequestGround): Promise<ModelRequest> {
  const most = roomFor(model, CONTINUATION_MAX_TOKENS, MOST_PROMPT_TOKENS);
  const text = subject.text.trimEnd();
  for (let start = 0; ; ) {
    const messages: ChatMessage[] = [{ role: "user", content: text.slice(start) }];
    const prompt = await render(messages);
    const excess = prompt.tokens.length / most;
    if (excess <= 1) {
      const first = subject.firstLine + text.slice(0, start).split("\n").length - 1;
      const sentLines = start === 0 ? undefined : { first, last: subject.lastLine };
      return {
        subject: t("Continuation"),
        messages,
        prompt,
        sentLines,
        told: [],
        context: {
          size: model.contextSize,
          limit: most,
          used: prompt.tokens.length,
          reserved: CONTINUATION_MAX_TOKENS,
          parts: [{ kind: "code", tokens: prompt.tokens.length }],
          dropped: droppedCode(subject, sentLines),
        },
        sampling: CONTINUATION_SAMPLING,
        maxTokens: CONTINUATION_MAX_TOKENS,
        stopTexts: [],
        mostSentences: Number.POSITIVE_INFINITY,
      };
    }
    const length = Math.floor((text.length - start) / Math.max(1.1, excess));
    if (length < 1) throw tooLong(prompt.tokens.length, most);
    start = text.length - length;
    // Not between the halves of a surrogate pair.
    if (/[\udc00-\udfff]/.test(text[start]!)) start++;
  }
}

interface Built {
  subject: string;
  /** The end of the message that holds the code. */
  question: string;
  after: ChatMessage[];
  stepFacts: readonly string[];
  sampling: SamplingSettings;
  stopTexts: readonly string[];
  mostSentences: number;
  grammar?: string;
}

type Build = (budget: CodeBudget) => Built;

function roomFor(model: ModelInfo, maxTokens: number, most: number): number {
  return Math.min(most, model.contextSize - maxTokens - SPARE_TOKENS);
}

function wholeCode(subject: ExplainSubject): CodeWindow {
  return { code: subject.text.replace(/\r\n?/g, "\n").trimEnd(), lines: undefined };
}

/** Renders a chat with this much of the code. */
async function tryChat(
  ground: RequestGround,
  window: CodeWindow,
  build: Build,
  limit: number,
  budget: CodeBudget = { lines: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY },
  maxTokens = FOLLOW_UP_MAX_TOKENS,
): Promise<ModelRequest> {
  const { subject, question, after, stepFacts, ...rest } = build(budget);
  const told = toldText(ground.told);
  const messages = [...openingMessages(told, window.code, question), ...after];
  const prompt = await ground.render(messages);
  const sections: PromptSection[] = [
    { kind: "facts", text: told },
    { kind: "code", text: window.code },
    // With talk behind it, the question beside the code is the oldest one that is kept.
    ...(after.length === 0
      ? [{ kind: "question" as const, text: question }]
      : [
          { kind: "conversation" as const, text: question },
          ...after.map(({ content }, index) => ({
            kind: index === after.length - 1 ? ("question" as const) : ("conversation" as const),
            text: content,
          })),
        ]),
  ];
  return {
    subject,
    messages,
    prompt,
    sentLines: window.lines,
    told: [...ground.told, ...stepFacts],
    context: {
      size: ground.model.contextSize,
      limit,
      used: prompt.tokens.length,
      reserved: maxTokens,
      parts: sectionUse(prompt, sections),
      dropped: droppedCode(ground.subject, window.lines),
    },
    maxTokens,
    ...rest,
  };
}

/** Renders a chat with less and less of the code around a step, until it fits. */
async function fitCode(
  ground: RequestGround,
  step: ExplanationStep,
  maxTokens: number,
  build: Build,
  mostTokens = MOST_PROMPT_TOKENS,
): Promise<ModelRequest> {
  const { subject } = ground;
  const most = roomFor(ground.model, maxTokens, mostTokens);
  let budget: CodeBudget = { lines: subject.text.split("\n").length, characters: subject.text.length };
  for (;;) {
    const window = codeAround(subject, step, budget);
    const request = await tryChat(ground, window, build, most, budget, maxTokens);
    const found = request.prompt.tokens.length;
    const excess = found / most;
    if (excess <= 1) return request;
    const sent = { lines: window.code.split("\n").length, characters: window.code.length };
    budget = {
      lines: Math.max(1, Math.floor(Math.min(budget.lines, sent.lines) / Math.max(1.2, excess))),
      characters: Math.floor(Math.min(budget.characters, sent.characters) / Math.max(1.2, excess)),
    };
    if (budget.characters < 40) throw tooLong(found, most);
  }
}

/** The lines of the selection that were not sent. */
function droppedCode(
  subject: ExplainSubject,
  sent: { first: number; last: number } | undefined,
): DroppedPart[] {
  if (!sent) return [];
  const gaps = [
    [subject.firstLine, sent.first - 1],
    [sent.last + 1, subject.lastLine],
  ] as const;
  return gaps
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => ({
      kind: "code",
      label: first === last ? t("Line {0}", first + 1) : t("Lines {0}–{1}", first + 1, last + 1),
    }));
}

function tooLong(found: number, most: number): GlassboxError {
  return new GlassboxError(
    "too-long",
    t("The question needs {0} tokens; there is room for {1}.", found, most),
    t("Select less text, or choose a model with a larger context."),
  );
}
