/**
 * One explanation from selection to words: the parser's steps, the sandbox's facts, then the model, step by step.
 * Everything that happens is an event; the state is what the events make of it.
 */

import { GlassboxError, isCancelled, toWireError } from "../../shared/errors.js";
import type { AnswerEnd, AnswerTarget, ExplainEvent, ExplainState } from "../../shared/panels/explain.js";
import type { SentCall } from "../../shared/panels/sent.js";
import type { Caller } from "../../shared/rpc.js";
import type { ExplanationStep, ModelInfo, ModelToken, SamplingSettings } from "../../shared/types.js";
import type {
  ChatMessage,
  FunctionRun,
  ModelProtocol,
  RenderedPrompt,
  SandboxProtocol,
} from "../../shared/workerProtocol.js";
import { checkReturnClaims } from "../checks/claims.js";
import { afterEvent, isFinished } from "./explanationState.js";
import {
  CONTINUATION_MAX_TOKENS,
  CONTINUATION_SAMPLING,
  type CodeBudget,
  codeAround,
  EXPLAIN_MAX_TOKENS,
  EXPLAIN_STOP_TEXTS,
  factsToTell,
  promptParts,
  quoteStep,
  stepMessages,
} from "./prompts.js";
import { finishedSentences } from "./sentences.js";
import { textOfTokens } from "./textOfTokens.js";

/** Longer prompts are not sent even where the context is larger: reading them would take longer than the answer. */
const MOST_PROMPT_TOKENS = 1200;
/** A step is quoted with at most this many lines; all of it stands in the code above the question. */
const MOST_QUOTED_LINES = 12;
const ALTERNATIVES = 5;
const MOST_SENTENCES = 2;

/** The model as an explanation uses it; `ModelService` is one. */
export interface ExplanationModel extends Caller<ModelProtocol> {
  ready(signal?: AbortSignal): Promise<ModelInfo>;
}

export interface ExplanationParts {
  model: ExplanationModel;
  sandbox: Caller<SandboxProtocol>;
  /** The whole file's text now, for functions that use others beside them. */
  wholeFile(): string | undefined;
  onEvent(event: ExplainEvent): void;
}

/** One request to the model, before it is made. */
interface Request {
  target: AnswerTarget;
  subject: string;
  messages: ChatMessage[];
  prompt: RenderedPrompt;
  sentLines: { first: number; last: number } | undefined;
  sampling: SamplingSettings;
  maxTokens: number;
  stopTexts: readonly string[];
  mostSentences: number;
}

export class Explanation {
  readonly #parts: ExplanationParts;
  readonly #calls = new Map<number, SentCall>();
  #state: ExplainState;
  #explaining: AbortController | undefined;
  #running: AbortController | undefined;
  #nextCall = 1;
  #disposed = false;

  constructor(parts: ExplanationParts, state: ExplainState) {
    this.#parts = parts;
    this.#state = state;
  }

  get state(): ExplainState {
    return this.#state;
  }

  /** A call to the model as it was made, by the number that its answer carries. */
  sentCall(id: number): SentCall | undefined {
    return this.#calls.get(id);
  }

  get lastCall(): SentCall | undefined {
    return this.#calls.get(this.#nextCall - 1);
  }

  /** Splits the selection into steps. A failure becomes part of the state; nothing is thrown. */
  async split(): Promise<void> {
    const { text, languageId, firstLine } = this.#state.subject;
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
   * Runs a function of the selection on each input. One run at a time: a new one ends the one before it.
   * Asking for it is the reader's consent; the caller must see to it that the workspace is trusted.
   */
  async run(functionName: string, inputs: string[]): Promise<void> {
    this.#running?.abort();
    const abort = new AbortController();
    this.#running = abort;
    const { subject, limits } = this.#state;
    const call = (source: string, onEvent?: (run: FunctionRun) => void) =>
      this.#parts.sandbox.call(
        "runFunction",
        { source, languageId: subject.languageId, functionName, inputs, limits },
        { signal: abort.signal, ...(onEvent ? { onEvent } : {}) },
      );
    try {
      this.emit({ kind: "running", functionName, wholeFile: false });
      let runs = await call(subject.text);
      const file = this.#parts.wholeFile();
      if (file !== undefined && runs.some((run) => missesNameOf(run, file))) {
        this.emit({ kind: "running", functionName, wholeFile: true });
        runs = await call(file);
      }
      if (abort.signal.aborted) return;
      for (const run of runs) this.emit({ kind: "ran", run });
      this.emit({ kind: "run-ended", error: undefined });
    } catch (error) {
      if (this.#running !== abort) return;
      this.emit({ kind: "run-ended", error: isCancelled(error) ? undefined : toWireError(error) });
    } finally {
      if (this.#running === abort) this.#running = undefined;
    }
  }

  /**
   * Lets the model speak about every step: all of them `anew`, or those that are not finished. A new request ends
   * the one before it. Failures become part of the state; nothing is thrown.
   */
  async explain(anew: boolean): Promise<void> {
    this.#explaining?.abort();
    const abort = new AbortController();
    this.#explaining = abort;
    const { signal } = abort;
    try {
      this.emit({ kind: "explaining", anew });
      const model = await this.#parts.model.ready(signal);
      const { facts, answers } = this.#state;
      // Who goes on knows what it knew when it began: one explanation, one set of facts.
      const begun = Object.keys(answers).length > 0;
      const known = facts && model.chat ? factsToTell(facts.functionName, facts.runs) : [];
      const told = begun ? this.#state.told : known;
      this.emit({ kind: "model", model, told });
      if (!model.chat) await this.#answer(await this.#continuationRequest(model, signal), model, signal);
      else {
        for (const step of this.#state.steps) {
          if (isFinished(this.#state.answers[step.index])) continue;
          await this.#answer(await this.#stepRequest(step, model, told, signal), model, signal);
        }
      }
      this.emit({ kind: "ended", phase: "done", error: undefined });
    } catch (error) {
      // Somebody else speaks now; what they do is their own story.
      if (this.#explaining !== abort) return;
      if (isCancelled(error)) this.emit({ kind: "ended", phase: "stopped", error: undefined });
      else this.emit({ kind: "ended", phase: "failed", error: toWireError(error) });
    } finally {
      if (this.#explaining === abort) this.#explaining = undefined;
    }
  }

  /** Stops the model and the sandbox. What is written stays. */
  stop(): void {
    this.#explaining?.abort();
    this.#running?.abort();
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

  /** The chat for a step, with as much of the code as fits. */
  async #stepRequest(
    step: ExplanationStep,
    model: ModelInfo,
    told: readonly string[],
    signal: AbortSignal,
  ): Promise<Request> {
    const { subject } = this.#state;
    const most = Math.min(MOST_PROMPT_TOKENS, model.contextSize - EXPLAIN_MAX_TOKENS - 8);
    let budget: CodeBudget = { lines: subject.text.split("\n").length, characters: subject.text.length };
    for (;;) {
      const window = codeAround(subject, step, budget);
      const quoted = quoteStep(subject, step, {
        lines: Math.min(MOST_QUOTED_LINES, budget.lines),
        characters: budget.characters,
      });
      const messages = stepMessages(step, quoted, window.code, told);
      const prompt = await this.#parts.model.call("renderChat", { messages }, { signal });
      const excess = prompt.tokens.length / most;
      if (excess <= 1) {
        return {
          target: step.index,
          subject: `Step ${step.index + 1}: ${step.title}`,
          messages,
          prompt,
          sentLines: window.lines,
          sampling: this.#state.sampling,
          maxTokens: EXPLAIN_MAX_TOKENS,
          stopTexts: EXPLAIN_STOP_TEXTS,
          mostSentences: MOST_SENTENCES,
        };
      }
      const sent = { lines: window.code.split("\n").length, characters: window.code.length };
      budget = {
        lines: Math.max(1, Math.floor(Math.min(budget.lines, sent.lines) / Math.max(1.2, excess))),
        characters: Math.floor(Math.min(budget.characters, sent.characters) / Math.max(1.2, excess)),
      };
      if (budget.characters < 40) throw tooLong(prompt.tokens.length, most);
    }
  }

  /** The end of the selection, as much as fits, to be continued. */
  async #continuationRequest(model: ModelInfo, signal: AbortSignal): Promise<Request> {
    const { subject } = this.#state;
    const most = Math.min(MOST_PROMPT_TOKENS, model.contextSize - CONTINUATION_MAX_TOKENS - 8);
    const text = subject.text.trimEnd();
    for (let start = 0; ; ) {
      const messages: ChatMessage[] = [{ role: "user", content: text.slice(start) }];
      const prompt = await this.#parts.model.call("renderChat", { messages }, { signal });
      const excess = prompt.tokens.length / most;
      if (excess <= 1) {
        const first = subject.firstLine + text.slice(0, start).split("\n").length - 1;
        return {
          target: "continuation",
          subject: "Continuation",
          messages,
          prompt,
          sentLines: start === 0 ? undefined : { first, last: subject.lastLine },
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

  /** Makes the call and streams its tokens into the state. */
  async #answer(request: Request, model: ModelInfo, signal: AbortSignal): Promise<void> {
    const { target, prompt } = request;
    const before = this.#state.answers[target]?.tokens ?? [];
    const maxTokens = request.maxTokens - before.length;
    const resumedFrom: ModelToken[] = before.map(({ token }) => token);
    const id = this.#nextCall++;
    const { seed } = this.#state;
    this.#calls.set(id, {
      id,
      subject: request.subject,
      model,
      prompt,
      parts: model.chat
        ? promptParts(prompt.text, request.messages)
        : [{ role: "user", start: 0, end: prompt.text.length }],
      resumedFrom,
      sampling: request.sampling,
      seed,
      maxTokens,
      stopTexts: [...request.stopTexts],
    });
    this.emit({
      kind: "asked",
      target,
      call: id,
      promptTokens: prompt.tokens.length + resumedFrom.length,
      sentLines: request.sentLines,
      told: [...this.#state.told],
      context: {
        size: model.contextSize,
        used: prompt.tokens.length + resumedFrom.length,
        reserved: maxTokens,
        parts: [],
        dropped: [],
      },
    });

    // The model is stopped by the reader, or because it has said enough.
    const enough = new AbortController();
    const decoder = new TextDecoder();
    let words = resumedFrom.map((token) => decoder.decode(token.bytes, { stream: true })).join("");
    let lastAt = performance.now();
    let end: AnswerEnd = "failed";
    try {
      const result = await this.#parts.model.call(
        "generate",
        {
          tokenIds: [...prompt.tokens, ...resumedFrom].map((token) => token.id),
          maxTokens,
          sampling: request.sampling,
          seed,
          stopTexts: [...request.stopTexts],
          alternatives: ALTERNATIVES,
        },
        {
          signal: AbortSignal.any([signal, enough.signal]),
          onEvent: (token) => {
            if (signal.aborted || enough.signal.aborted) return;
            words += decoder.decode(token.token.bytes, { stream: true });
            if (finishedSentences(words) >= request.mostSentences) {
              enough.abort();
              return;
            }
            const now = performance.now();
            this.emit({ kind: "token", target, token, ms: now - lastAt });
            lastAt = now;
          },
        },
      );
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
        const { facts } = this.#state;
        const written = this.#state.answers[target]?.tokens ?? [];
        const checks =
          facts && end !== "failed" && end !== "stopped"
            ? checkReturnClaims(
                textOfTokens(written.map(({ token }) => token)),
                facts.functionName,
                facts.runs,
              )
            : [];
        this.emit({ kind: "answered", target, end, checks });
      }
    }
  }
}

/** Whether a run failed because of a name that the file declares beside the selection. */
function missesNameOf(run: FunctionRun, file: string): boolean {
  if (run.outcome !== "threw") return false;
  const name = /ReferenceError: ['"]?([\p{ID_Start}$_][\p{ID_Continue}$]*)['"]? is not defined/u.exec(
    run.value,
  )?.[1];
  if (name === undefined) return false;
  const escaped = name.replace(/\$/g, "\\$&");
  return new RegExp(`\\b(?:function\\s*\\*?|const|let|var|class|enum)\\s+${escaped}(?![\\w$])`).test(file);
}

function tooLong(found: number, most: number): GlassboxError {
  return new GlassboxError(
    "too-long",
    `The question needs ${found} tokens; there is room for ${most}.`,
    "Select less text, or choose a model with a larger context.",
  );
}
