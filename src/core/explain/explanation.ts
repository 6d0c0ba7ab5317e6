/**
 * One explanation from selection to words: the parser's steps, the tools' facts, then the model, step by step, with
 * predictions that runs decide and a second draft where they contradict it.
 * Everything that happens is an event; the state is what the events make of it.
 */

import { endName } from "../../shared/endName.js";
import { GlassboxError, isCancelled, toWireError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type {
  AnswerEnd,
  AnswerTarget,
  ExplainEvent,
  ExplainState,
  Fact,
  Prediction,
} from "../../shared/panels/explain.js";
import type { SentCall } from "../../shared/panels/sent.js";
import type { Caller } from "../../shared/rpc.js";
import type { ExplanationStep, ModelInfo, ModelToken } from "../../shared/types.js";
import { VERDICT_NAMES } from "../../shared/verdictNames.js";
import type { GeneratedToken, SandboxProtocol } from "../../shared/workerProtocol.js";
import { answerFromText, answerGrammar, isAnswer, sandboxName, verdictOn } from "../checks/predictions.js";
import { sayQuestion } from "../checks/sayQuestion.js";
import { answerRequest, rootOf } from "./answerRequest.js";
import { ConsentedRuns } from "./consentedRuns.js";
import { afterEvent, isFinished } from "./explanationState.js";
import { instructionAttempts } from "./instructionAttempts.js";
import { type ExplanationModel, ModelCalls } from "./modelCalls.js";
import { type ModelRequest, predictionChat, type RequestGround } from "./requests.js";
import { finishedSentences } from "./sentences.js";
import { StageLog, type StageReport } from "./stageLog.js";
import { checksOfWords, contradictions, standing } from "./standing.js";
import { textOfTokens, writtenText } from "./textOfTokens.js";
import { ToolWork } from "./toolWork.js";

export interface ExplanationParts {
  model: ExplanationModel;
  sandbox: Caller<SandboxProtocol>;
  /** The whole file's text now, for functions that use others beside them. */
  wholeFile(): string | undefined;
  /** Whether code of this workspace may be run. Asked again at each run. */
  isTrusted(): boolean;
  /** What the language server and the editor's diagnostics say of the steps, within a bounded time. */
  languageFacts(steps: readonly ExplanationStep[], signal: AbortSignal): Promise<Fact[]>;
  onEvent(event: ExplainEvent): void;
}

export class Explanation {
  readonly #parts: ExplanationParts;
  readonly #tools: ToolWork;
  readonly #stages: StageLog;
  readonly #calls: ModelCalls;
  /** Questions whose answer the reader has asked to see. */
  readonly #seen = new Set<number>();
  /** Work of tools that the reader asked for, beside the explaining. */
  readonly #tasks = new Set<AbortController>();
  #state: ExplainState;
  #explaining: AbortController | undefined;
  #nextVersion = 1;
  #disposed = false;

  constructor(parts: ExplanationParts, state: ExplainState) {
    this.#parts = parts;
    this.#state = state;
    this.#calls = new ModelCalls(parts.model, state.seed);
    this.#stages = new StageLog((stage) => this.emit({ kind: "stage", stage }));
    const current = { state: () => this.#state, isTrusted: () => parts.isTrusted() };
    this.#tools = new ToolWork({
      ...current,
      runs: new ConsentedRuns({ ...current, sandbox: parts.sandbox, wholeFile: () => parts.wholeFile() }),
      stages: this.#stages,
      languageFacts: (steps, signal) => parts.languageFacts(steps, signal),
      emit: (event) => this.emit(event),
    });
  }

  get state(): ExplainState {
    return this.#state;
  }

  /** A call to the model as it was made, by the number that its answer carries. */
  sentCall(id: number): SentCall | undefined {
    return this.#calls.sent(id);
  }

  get lastCall(): SentCall | undefined {
    return this.#calls.last;
  }

  /** Splits the selection into steps. A failure becomes part of the state; nothing is thrown. */
  async split(): Promise<void> {
    const { text, languageId, firstLine, fileName } = this.#state.subject;
    this.#tools.addAttempts(instructionAttempts(fileName, "file-name"));
    this.#tools.addAttempts(instructionAttempts(text, "text", firstLine));
    const startedAt = performance.now();
    try {
      const { steps, parser, functions } = await this.#parts.sandbox.call("splitSteps", {
        text,
        languageId,
        firstLine,
      });
      this.emit({ kind: "split", steps, functions, parser, ms: performance.now() - startedAt });
    } catch (error) {
      this.emit({ kind: "ended", phase: "failed", error: toWireError(error) });
    }
  }

  /**
   * Takes the reader's consent to running code, for this explanation: the functions are run on suggested inputs, and
   * questions are made from a recorded run. @throws GlassboxError `sandbox` where the workspace is not trusted.
   */
  async allowRuns(): Promise<void> {
    this.#tools.consent();
    await this.#asTask((signal) => this.#tools.gatherRuns(signal));
  }

  /** Runs a function of the selection on each input; see `ToolWork`. */
  async run(functionName: string, inputs: string[]): Promise<void> {
    await this.#tools.run(functionName, inputs);
  }

  /** Records a run, for the panel to scrub; see `ToolWork`. */
  async trace(functionName: string, input: string): Promise<void> {
    await this.#tools.trace(functionName, input);
  }

  /** Takes the reader's prediction, and decides it. @throws GlassboxError where it comes too late or says nothing. */
  async predict(id: number, answer: string): Promise<void> {
    const prediction = this.#prediction(id);
    if (prediction.reader) {
      throw new GlassboxError("invalid-request", "You have predicted this already.");
    }
    // The model may have predicted before: the page keeps what came of it from a reader who has not.
    if (this.#seen.has(id)) {
      throw new GlassboxError("invalid-request", "What the run gave has been shown already.");
    }
    if (answer.trim() === "") throw new GlassboxError("invalid-request", "A prediction needs an answer.");
    await this.#asTask(async (signal) => {
      const outcome = await this.#tools.outcome(prediction, signal);
      const verdict = verdictOn(prediction.question, answer, outcome);
      const predicted = { answer: answer.trim(), verdict, call: undefined, tokens: [] };
      this.emit({ kind: "predicted", prediction: id, by: "reader", predicted });
      this.emit({ kind: "revealed", prediction: id, outcome });
    });
  }

  /** Shows what the run gave. */
  async reveal(id: number): Promise<void> {
    const prediction = this.#prediction(id);
    this.#seen.add(id);
    await this.#asTask(async (signal) => {
      this.emit({ kind: "revealed", prediction: id, outcome: await this.#tools.outcome(prediction, signal) });
    });
  }

  /**
   * Lets the model speak about every step: all of them `anew`, or those that are not finished. A new request ends
   * the one before it. Failures become part of the state; nothing is thrown.
   */
  async explain(anew: boolean): Promise<void> {
    await this.#speaking(anew, async (signal) => {
      const model = await this.#parts.model.ready(signal);
      await this.#tools.gather(signal);
      // Who goes on knows what it knew when it began: one explanation, one set of facts.
      const begun = this.#state.steps.some(({ index }) => this.#state.answers[index]);
      const told = begun ? this.#state.told : model.chat ? this.#tools.known() : [];
      this.emit({ kind: "model", model, told });
      if (!model.chat) await this.#speak("continuation", model, signal);
      else for (const step of this.#state.steps) await this.#explainStep(step, model, signal);
    });
  }

  /**
   * Puts an alternative in the place of a token and lets the model go on behind it. The version before is kept.
   * @throws GlassboxError where there is no such token or alternative.
   */
  async branch(target: AnswerTarget, tokenIndex: number, tokenId: number): Promise<void> {
    const answer = this.#state.answers[target];
    const replaced = answer?.tokens[tokenIndex];
    const alternative = replaced?.alternatives.find(({ token }) => token.id === tokenId);
    if (!answer || !replaced || !alternative) {
      throw new GlassboxError("invalid-request", "That token was not among the alternatives at this place.");
    }
    const forced: GeneratedToken = { ...alternative, alternatives: replaced.alternatives };
    const tokens = [...answer.tokens.slice(0, tokenIndex), forced];
    await this.#speaking(false, async (signal) => {
      const model = await this.#parts.model.ready(signal);
      const origin = { kind: "branch", of: answer.version, tokenIndex, token: alternative.token } as const;
      this.emit({ kind: "version", target, version: this.#nextVersion++, origin, tokens });
      await this.#speak(target, model, signal);
    });
  }

  /** Shows another version of an answer. @throws GlassboxError where there is none of that number. */
  switchTo(target: AnswerTarget, version: number): void {
    if (!this.#state.kept[target]?.some((answer) => answer.version === version)) {
      throw new GlassboxError("invalid-request", `There is no version ${version} of this answer.`);
    }
    this.emit({ kind: "switched", target, version });
  }

  /** Asks the model a question of the reader's about the selection. Failures become part of the state. */
  async ask(text: string): Promise<void> {
    const question = text.trim();
    if (question === "") throw new GlassboxError("invalid-request", "A question needs words.");
    const id = this.#state.followUps.length + 1;
    await this.#speaking(false, async (signal) => {
      const model = await this.#parts.model.ready(signal);
      if (!model.chat) {
        throw new GlassboxError(
          "unsupported",
          t("{0} only continues text and cannot be asked.", model.name),
          t("Choose a chat model in Settings > Glassbox > Model."),
        );
      }
      const { told } = this.#state;
      this.emit({ kind: "model", model, told: told.length > 0 ? told : this.#tools.known() });
      this.emit({ kind: "follow-up", followUp: { id, text: question } });
      // What is asked may have been pasted.
      this.#tools.addAttempts(instructionAttempts(question, "follow-up"));
      await this.#speak(`follow-up-${id}`, model, signal);
    });
  }

  /** Stops the model and the sandbox. What is written stays. */
  stop(): void {
    this.#explaining?.abort();
    this.#tools.stop();
    for (const task of this.#tasks) task.abort();
  }

  dispose(): void {
    this.#disposed = true;
    this.stop();
  }

  /** Takes an event into the state and tells the listener. */
  emit(event: ExplainEvent): void {
    if (this.#disposed) return;
    this.#state = afterEvent(this.#state, event);
    this.#parts.onEvent(event);
  }

  #prediction(id: number): Prediction {
    const found = this.#state.predictions.find(({ question }) => question.id === id);
    if (!found) throw new GlassboxError("invalid-request", `There is no prediction ${id}.`);
    return found;
  }

  /** Work that `stop` ends; that it was ended is no error. */
  async #asTask(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    this.#tasks.add(abort);
    try {
      await work(abort.signal);
    } catch (error) {
      if (!isCancelled(error)) throw error;
    } finally {
      this.#tasks.delete(abort);
    }
  }

  /** The model at work: one at a time, and how it ends becomes part of the state. */
  async #speaking(anew: boolean, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#explaining?.abort();
    const abort = new AbortController();
    this.#explaining = abort;
    try {
      this.emit({ kind: "explaining", anew });
      await work(abort.signal);
      if (this.#explaining !== abort) return;
      this.emit({ kind: "ended", phase: this.#isComplete() ? "done" : "stopped", error: undefined });
    } catch (error) {
      // Somebody else speaks now; what they do is their own story.
      if (this.#explaining !== abort) return;
      if (isCancelled(error)) this.emit({ kind: "ended", phase: "stopped", error: undefined });
      else this.emit({ kind: "ended", phase: "failed", error: toWireError(error) });
    } finally {
      if (this.#explaining === abort) this.#explaining = undefined;
    }
  }

  /** Whether every step has its words; a branch or a follow-up may come before that. */
  #isComplete(): boolean {
    const { answers, steps, model } = this.#state;
    return model?.chat === false
      ? isFinished(answers.continuation)
      : steps.every(({ index }) => isFinished(answers[index]));
  }

  /** A step from words over predictions to what stands. What is done already is not done again. */
  async #explainStep(step: ExplanationStep, model: ModelInfo, signal: AbortSignal): Promise<void> {
    const target = step.index;
    let spoke = false;
    if (!isFinished(this.#state.answers[target])) {
      await this.#speak(target, model, signal);
      spoke = true;
    }
    const asked = this.#state.predictions.filter(
      ({ question, model: predicted }) => question.step === target && !predicted,
    );
    for (const prediction of asked) await this.#predictByModel(prediction, step, model, signal);

    const because = contradictions(this.#state, target);
    const answer = this.#state.answers[target]!;
    const revised = [answer, ...(this.#state.kept[target] ?? [])].some(
      ({ origin }) => origin.kind === "revision",
    );
    const revises = because.length > 0 && !revised;
    if (!spoke && asked.length === 0 && !revises) return;
    if (revises) {
      const origin = { kind: "revision", of: answer.version, because } as const;
      this.emit({ kind: "version", target, version: this.#nextVersion++, origin, tokens: [] });
      await this.#speak(target, model, signal);
    }
    await this.#stages.record("answer", target, t("What stands"), (report) => {
      report.result = standing(this.#state, target);
    });
  }

  /** The model says what a run will show, under a grammar; then the run decides. */
  async #predictByModel(
    prediction: Prediction,
    step: ExplanationStep,
    model: ModelInfo,
    signal: AbortSignal,
  ): Promise<void> {
    const { question } = prediction;
    const tokens: GeneratedToken[] = [];
    const call = await this.#stages.record("call", step.index, sayQuestion(question), async (report) => {
      const grammar = answerGrammar(question, this.#state.subject.languageId);
      const request = await predictionChat(this.#ground(model, signal), step, question, grammar);
      const id = this.#calls.register(request, model, [], request.maxTokens);
      report.called(id, request.prompt.tokens.length);
      await this.#calls.generate(request, [], request.maxTokens, signal, (token) => {
        tokens.push(token);
        report.wrote();
      });
      report.result = answerFromText(textOfTokens(tokens.map(({ token }) => token)));
      return id;
    });
    const answer = answerFromText(textOfTokens(tokens.map(({ token }) => token)));
    await this.#stages.record(
      "observe",
      step.index,
      sandboxName(this.#state.subject.languageId),
      async (report) => {
        const outcome = await this.#tools.outcome(prediction, signal);
        const verdict = isAnswer(question, answer) ? verdictOn(question, answer, outcome) : "unchecked";
        const id = question.id;
        this.emit({
          kind: "predicted",
          prediction: id,
          by: "model",
          predicted: { answer, verdict, call, tokens },
        });
        this.emit({ kind: "revealed", prediction: id, outcome });
        report.result = `${VERDICT_NAMES[verdict]}: ${outcome.evidence}`;
      },
    );
  }

  #ground(model: ModelInfo, signal: AbortSignal): RequestGround {
    const { subject, sampling, told } = this.#state;
    return {
      subject,
      model,
      sampling,
      told,
      render: (messages) => this.#parts.model.call("renderChat", { messages }, { signal }),
    };
  }

  /** Asks for the words of a target and streams their tokens into the state. */
  async #speak(target: AnswerTarget, model: ModelInfo, signal: AbortSignal): Promise<void> {
    const revises = rootOf(this.#state, target)?.origin.kind === "revision";
    const request = await answerRequest(this.#state, target, this.#ground(model, signal));
    await this.#stages.record(revises ? "revise" : "speak", target, request.subject, (report) =>
      this.#answer(target, request, model, signal, report),
    );
  }

  async #answer(
    target: AnswerTarget,
    request: ModelRequest,
    model: ModelInfo,
    signal: AbortSignal,
    report: StageReport,
  ): Promise<void> {
    const before = this.#state.answers[target]?.tokens ?? [];
    const maxTokens = request.maxTokens - before.length;
    const resumedFrom: ModelToken[] = before.map(({ token }) => token);
    const call = this.#calls.register(request, model, resumedFrom, maxTokens);
    const promptTokens = request.prompt.tokens.length + resumedFrom.length;
    report.called(call, promptTokens);
    const { sentLines, told, context } = request;
    if (!this.#state.answers[target]) {
      const version = this.#nextVersion++;
      this.emit({ kind: "version", target, version, origin: { kind: "first" }, tokens: [] });
    }
    this.emit({ kind: "asked", target, call, promptTokens, sentLines, told, context });

    // The model is stopped by the reader, or because it has said enough.
    const enough = new AbortController();
    const decoder = new TextDecoder();
    let words = resumedFrom.map((token) => decoder.decode(token.bytes, { stream: true })).join("");
    let lastAt = performance.now();
    let end: AnswerEnd = "failed";
    try {
      const result =
        maxTokens > 0
          ? await this.#calls.generate(
              request,
              resumedFrom,
              maxTokens,
              AbortSignal.any([signal, enough.signal]),
              (token) => {
                if (signal.aborted || enough.signal.aborted) return;
                words += decoder.decode(token.token.bytes, { stream: true });
                if (finishedSentences(words) >= request.mostSentences) {
                  enough.abort();
                  return;
                }
                const now = performance.now();
                this.emit({ kind: "token", target, token, ms: now - lastAt });
                report.wrote();
                lastAt = now;
              },
            )
          : { stop: "max-tokens" as const };
      end = result.stop;
    } catch (error) {
      if (enough.signal.aborted && !signal.aborted) end = "two-sentences";
      else {
        if (isCancelled(error)) end = "stopped";
        throw error;
      }
    } finally {
      // A newer request has the state for itself.
      if (this.#explaining?.signal === signal) {
        const decided = end !== "failed" && end !== "stopped";
        this.emit({
          kind: "answered",
          target,
          end,
          checks: decided ? checksOfWords(this.#state, target) : [],
        });
        report.result = endName(end);
        const answer = this.#state.answers[target];
        if (decided && answer) this.#tools.addAttempts(instructionAttempts(writtenText(answer), "answer"));
      }
    }
  }
}
