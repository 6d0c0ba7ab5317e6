/**
 * Questions answered with tools: think, act, observe, at most so many times, then an answer whose claims the tools
 * check. Everything that happens is an event; the state is what the events make of it.
 */

import { GlassboxError, isCancelled, throwIfCancelled, toWireError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { AskEvent, AskState, AskTurn, CallPurpose, ModelCall } from "../../shared/panels/ask.js";
import type { Caller } from "../../shared/rpc.js";
import type { ModelInfo } from "../../shared/types.js";
import type {
  CallFormat,
  ChatMessage,
  ModelProtocol,
  RenderedPrompt,
  ToolDeclaration,
} from "../../shared/workerProtocol.js";
import { instructionAttempts } from "../explain/instructionAttempts.js";
import { writtenText } from "../explain/textOfTokens.js";
import { callTool, type Tool, type ToolContext, type ToolInput, type ToolResult } from "../tools/tool.js";
import { TOOLS, toolNamed } from "../tools/toolbox.js";
import { checkAnswer } from "./answerChecks.js";
import {
  ALONE_TOKENS,
  ANSWER_TOKENS,
  ASK_SAMPLING,
  ASK_SEED,
  aloneMessages,
  answerMessages,
  CALL_TOKENS,
  callingMessages,
  choosingMessages,
  type Fact,
  observation,
  promptFor,
  THOUGHT_TOKENS,
} from "./askPrompts.js";
import { afterEvent, callFor } from "./askState.js";
import { callGrammar, declarations, meantInput, readCall, spelled } from "./nativeCalls.js";
import { chooseByRule, type RuleChoice } from "./questionRules.js";
import { type Argument, argumentsFor, NO_TOOL, ONE_SENTENCE, oneOf } from "./toolGrammar.js";

/** Rounds of think, act, observe. */
export const MOST_STEPS = 4;
/** Questions of before that an answer is told. */
const REMEMBERED = 2;
const LONGEST_QUESTION = 2000;
const ALTERNATIVES = 5;
const NOTHING = "";

/** The model as a question uses it; `ModelService` is one. */
export interface AskModel extends Caller<ModelProtocol> {
  ready(signal?: AbortSignal): Promise<ModelInfo>;
}

export interface AskParts {
  model: AskModel;
  /** What tools may reach. Those that run code are given only where the reader allowed them for this question. */
  context(allowCode: boolean): ToolContext;
  onEvent(event: AskEvent): void;
}

interface Speech {
  purpose: CallPurpose;
  step: number | undefined;
  messages: readonly ChatMessage[];
  /** What the template declares in its own form. */
  tools?: ToolDeclaration[];
  maxTokens: number;
  grammar?: string;
  stopTexts?: string[];
}

interface CalledFact extends Fact {
  input: ToolInput;
}

/** A call that the model has decided on. */
interface ModelsCall {
  tool: Tool;
  input: ToolInput;
  /** The arguments as it wrote them, where it wrote the whole call. */
  written: ToolInput | undefined;
}

/** What runs for one question. */
interface Run {
  question: string;
  allowCode: boolean;
  model: ModelInfo;
  signal: AbortSignal;
}

export class Ask {
  readonly #parts: AskParts;
  #state: AskState;
  #running: AbortController | undefined;
  #nextCall: number;
  #disposed = false;
  /** What the model's context holds of the call before, as text: the next call shows what is new behind it. */
  #held = "";

  constructor(parts: AskParts, state: AskState) {
    this.#parts = parts;
    this.#state = state;
    // Behind the calls of a state that has come back with its window.
    this.#nextCall = 1 + Math.max(0, ...state.turns.flatMap(({ calls }) => calls.map(({ id }) => id)));
  }

  get state(): AskState {
    return this.#state;
  }

  /**
   * Answers a question. One at a time: a new one ends the one before it. Failures become part of the state; nothing
   * is thrown.
   * @param allowCode the reader's consent to run code for this question; the caller sees to the workspace's trust.
   */
  async ask(question: string, allowCode: boolean): Promise<void> {
    this.#running?.abort();
    const abort = new AbortController();
    this.#running = abort;
    const { signal } = abort;
    try {
      this.emit({ kind: "asked", question, allowCode });
      if (question.length > LONGEST_QUESTION) {
        throw new GlassboxError(
          "too-long",
          t("The question has {0} characters; at most {1} are read.", question.length, LONGEST_QUESTION),
          t("Put the text into a file, select it there, and ask about the selection."),
        );
      }
      const model = await this.#parts.model.ready(signal);
      throwIfCancelled(signal);
      this.emit({ kind: "model", model });
      this.#warn(this.#state.subject.fileName, "file-name");
      this.#warn(this.#state.subject.text, "text");
      const run: Run = { question, allowCode, model, signal };
      const rule = chooseByRule(question, this.#state.subject);
      const facts = await this.#findOut(run, rule);
      if (model.chat) {
        // A rule's result says all; without one, the answer may need the text itself.
        await this.#answer(run, facts, rule ? NOTHING : this.#state.subject.text);
        await this.#alone(
          run,
          facts,
          rule && !usesText(rule, this.#state.subject.text) ? NOTHING : this.#state.subject.text,
        );
      }
      this.emit({ kind: "ended", phase: "done", error: undefined });
    } catch (error) {
      // A newer question has the state for itself.
      if (this.#running !== abort) return;
      if (isCancelled(error)) this.emit({ kind: "ended", phase: "stopped", error: undefined });
      else this.emit({ kind: "ended", phase: "failed", error: toWireError(error) });
    } finally {
      if (this.#running === abort) this.#running = undefined;
    }
  }

  /** Stops what runs. What was found and written stays. */
  stop(): void {
    this.#running?.abort();
  }

  dispose(): void {
    this.#disposed = true;
    this.stop();
  }

  /** Takes an event into the state and tells the listener. */
  emit(event: AskEvent): void {
    if (this.#disposed) return;
    this.#state = afterEvent(this.#state, event);
    this.#parts.onEvent(event);
  }

  get #turn(): AskTurn {
    return this.#state.turns.at(-1)!;
  }

  /** Says which texts seem to give orders. Nothing hangs on it: what they say does not stand where tools are chosen. */
  #warn(text: string, where: "file-name" | "text" | "fact"): void {
    const [first, ...more] = instructionAttempts(text, where);
    if (!first) return;
    const source = {
      "file-name": t("The file's name"),
      text: t("The selected text"),
      fact: t("What the tool found"),
    }[where];
    const said = { source, looksLike: first.looksLike, quote: first.quote, more: more.length };
    this.emit({
      kind: "note",
      text:
        more.length > 0
          ? t(
              "{source} {looksLike}: “{quote}”. So do {more} more places. It is data here, and chose no tool.",
              said,
            )
          : t("{source} {looksLike}: “{quote}”. It is data here, and chose no tool.", said),
    });
  }

  /** Rounds of choosing and calling, until a rule has said all, the model wants no tool, or the limit is reached. */
  async #findOut(run: Run, rule: RuleChoice | undefined): Promise<Fact[]> {
    const { question, allowCode, model, signal } = run;
    const { subject } = this.#state;
    const context = this.#parts.context(allowCode);
    if (rule) {
      this.emit({ kind: "step", rule: rule.rule });
      const tool = toolNamed(rule.toolName)!;
      return [await this.#observe(tool, rule.input, context, signal)];
    }
    if (!model.chat) {
      throw new GlassboxError(
        "unsupported",
        t(
          "No rule fits the question, and {0} only continues text, so that it cannot choose a tool.",
          model.name,
        ),
        t("Choose a chat model with Glassbox: Choose Model."),
      );
    }
    const facts: CalledFact[] = [];
    const offered = TOOLS.filter(({ name }) => name !== "run_code" || context.runCode !== undefined);
    const format = await this.#formatFor(run, offered);
    const messages = format
      ? callingMessages(question, subject)
      : choosingMessages(question, subject, offered);
    for (let step = 0; step < MOST_STEPS; step++) {
      this.emit({ kind: "step", rule: undefined });
      const paths = facts.flatMap(({ result }) => result.paths ?? []);
      const asked = new Map<Tool, Argument[]>();
      for (const tool of offered) {
        const found = argumentsFor(tool, { question, subject, paths });
        if (found) asked.set(tool, found);
      }
      const call = format
        ? await this.#callInForm(run, messages, format, asked, step)
        : await this.#callByChoices(run, messages, asked, step);
      if (call === "malformed") continue;
      if (!call) return facts;
      const { tool, input, written } = call;
      if (facts.some((fact) => fact.tool === tool && sameInput(fact.input, input))) {
        this.emit({
          kind: "note",
          text: t("The model asked for the same call again, so it was asked for the answer."),
        });
        return facts;
      }
      const fact = await this.#observe(tool, input, context, signal);
      facts.push(fact);
      messages.push(
        written
          ? {
              role: "assistant",
              content: "",
              call: { name: tool.name, input: written, result: observation(fact.result) },
            }
          : { role: "user", content: `${observation(fact.result)}\n${promptFor({ kind: "thought" })}` },
      );
    }
    this.emit({ kind: "note", text: t("The limit of {0} steps was reached.", MOST_STEPS) });
    return facts;
  }

  /** The form of calls that the model's template has, unless what it says of the tools leaves no room for a call. */
  async #formatFor(
    { question, model, signal }: Run,
    tools: readonly Tool[],
  ): Promise<CallFormat | undefined> {
    // A server's template is not seen from here.
    if (model.server !== undefined) return undefined;
    const format = await this.#parts.model.call("callFormat", {}, { signal });
    if (!format) return undefined;
    const messages = callingMessages(question, this.#state.subject);
    const prompt = await this.#parts.model.call(
      "renderChat",
      { messages, tools: declarations(tools) },
      { signal },
    );
    if (prompt.tokens.length + MOST_STEPS * CALL_TOKENS <= model.contextSize) return format;
    this.emit({
      kind: "note",
      text: t(
        "The model's own form of calls takes {0} tokens of a context of {1}, so it was asked for one thing at a time.",
        prompt.tokens.length,
        model.contextSize,
      ),
    });
    return undefined;
  }

  /** A call as the model was trained to write it, or words, which end the search. */
  async #callInForm(
    run: Run,
    messages: ChatMessage[],
    format: CallFormat,
    asked: ReadonlyMap<Tool, readonly Argument[]>,
    step: number,
  ): Promise<ModelsCall | "malformed" | undefined> {
    const tools = [...asked.keys()];
    await this.#speak(
      {
        purpose: { kind: "call" },
        step,
        messages,
        tools: declarations(tools),
        maxTokens: CALL_TOKENS,
        grammar: callGrammar(format, asked),
      },
      run,
    );
    const text = spelled(callFor(this.#turn, "call"));
    this.emit({ kind: "written", text });
    const call = readCall(text, format, tools);
    switch (call.kind) {
      case "words":
        this.emit({ kind: "chosen", toolName: NO_TOOL });
        return undefined;
      case "malformed":
        messages.push({ role: "assistant", content: text }, { role: "user", content: call.message });
        this.emit({
          kind: "observed",
          outcome: { ok: false, text: call.message, evidence: call.message },
          ms: 0,
        });
        return "malformed";
      case "call": {
        const tool = toolNamed(call.name)!;
        const input = meantInput(call.input, asked.get(tool) ?? []);
        this.emit({ kind: "chosen", toolName: tool.name });
        for (const [name, value] of Object.entries(input)) this.emit({ kind: "argument", name, value });
        return { tool, input, written: call.input };
      }
    }
  }

  /** The same from a model whose template knows no calls: a thought, a name and each argument by itself. */
  async #callByChoices(
    run: Run,
    messages: ChatMessage[],
    asked: ReadonlyMap<Tool, readonly Argument[]>,
    step: number,
  ): Promise<ModelsCall | undefined> {
    const tool = await this.#choose(run, messages, [...asked.keys()], step);
    if (!tool) return undefined;
    return { tool, input: await this.#fill(run, messages, asked.get(tool) ?? [], step), written: undefined };
  }

  /** One thought, then the tool's name by a grammar that knows no other words. */
  async #choose(
    run: Run,
    messages: ChatMessage[],
    tools: readonly Tool[],
    step: number,
  ): Promise<Tool | undefined> {
    const thought = await this.#speak(
      { purpose: { kind: "thought" }, step, messages, maxTokens: THOUGHT_TOKENS, grammar: ONE_SENTENCE },
      run,
    );
    messages.push(
      { role: "assistant", content: thought },
      { role: "user", content: promptFor({ kind: "tool" }) },
    );
    const name = await this.#speak(
      {
        purpose: { kind: "tool" },
        step,
        messages,
        maxTokens: 16,
        grammar: oneOf([...tools.map((tool) => tool.name), NO_TOOL]),
      },
      run,
    );
    messages.push({ role: "assistant", content: name });
    this.emit({ kind: "chosen", toolName: name });
    return tools.find((tool) => tool.name === name);
  }

  /** Each argument by a grammar of its own; what there is no choice for is not asked. */
  async #fill(
    run: Run,
    messages: ChatMessage[],
    wanted: readonly Argument[],
    step: number,
  ): Promise<ToolInput> {
    const input: Record<string, string> = {};
    for (const { name, grammar, value, maxTokens, read } of wanted) {
      let words = value ?? "";
      if (grammar !== undefined) {
        const purpose: CallPurpose = { kind: "argument", name };
        messages.push({ role: "user", content: promptFor(purpose) });
        words = await this.#speak({ purpose, step, messages, maxTokens, grammar }, run);
        messages.push({ role: "assistant", content: words });
      }
      const meant = read(words);
      if (meant === undefined) continue;
      input[name] = meant;
      this.emit({ kind: "argument", name, value: meant });
    }
    return input;
  }

  async #observe(
    tool: Tool,
    input: ToolInput,
    context: ToolContext,
    signal: AbortSignal,
  ): Promise<CalledFact> {
    const step = this.#turn.steps.at(-1);
    if (step?.toolName === undefined) {
      this.emit({ kind: "chosen", toolName: tool.name });
      for (const [name, value] of Object.entries(input)) this.emit({ kind: "argument", name, value });
    }
    const startedAt = performance.now();
    const result = await callTool(tool, input, context, signal);
    throwIfCancelled(signal);
    if (result.quotes) this.#warn(result.text, "fact");
    this.emit({ kind: "observed", outcome: outcomeOf(result), ms: performance.now() - startedAt });
    return { tool, result, input };
  }

  async #answer(run: Run, facts: readonly Fact[], text: string): Promise<void> {
    const before = this.#state.turns.slice(0, -1).flatMap((turn) => {
      const call = callFor(turn, "answer");
      return call ? [{ question: turn.question, answer: writtenText(call) }] : [];
    });
    const words = await this.#speakFitting(
      { purpose: { kind: "answer" }, step: undefined, maxTokens: ANSWER_TOKENS, stopTexts: ["\n"] },
      (share) => answerMessages(run.question, text, facts, before.slice(-REMEMBERED), share),
      run,
    );
    this.emit({ kind: "checked", of: "answer", checks: checkAnswer(run.question, words, facts) });
  }

  async #alone(run: Run, facts: readonly Fact[], text: string): Promise<void> {
    if (facts.length === 0) return;
    const words = await this.#speakFitting(
      { purpose: { kind: "alone" }, step: undefined, maxTokens: ALONE_TOKENS, stopTexts: ["\n"] },
      (share) => aloneMessages(run.question, text, share),
      run,
    );
    this.emit({ kind: "checked", of: "alone", checks: checkAnswer(run.question, words, facts) });
  }

  /** Quotes less and less of what is long until the prompt fits. */
  async #speakFitting(
    speech: Omit<Speech, "messages">,
    messagesFor: (share: number) => ChatMessage[],
    run: Run,
  ): Promise<string> {
    const room = run.model.contextSize - speech.maxTokens - 8;
    for (let share = 1; ; share /= 2) {
      const messages = messagesFor(share);
      const prompt = await this.#parts.model.call("renderChat", { messages }, { signal: run.signal });
      if (prompt.tokens.length <= room) return this.#say({ ...speech, messages }, prompt, run.signal);
      if (share < 0.05) {
        throw new GlassboxError(
          "too-long",
          t("The question needs {0} tokens; there is room for {1}.", prompt.tokens.length, room),
          t("Select less text, or choose a model with a larger context."),
        );
      }
    }
  }

  async #speak(speech: Speech, { signal }: Run): Promise<string> {
    const prompt = await this.#parts.model.call(
      "renderChat",
      { messages: [...speech.messages], ...(speech.tools ? { tools: speech.tools } : {}) },
      { signal },
    );
    return this.#say(speech, prompt, signal);
  }

  /** Makes the call and streams its tokens into the state. */
  async #say(speech: Speech, prompt: RenderedPrompt, signal: AbortSignal): Promise<string> {
    throwIfCancelled(signal);
    const id = this.#nextCall++;
    const known = sharedLength(prompt.text, this.#held);
    const call: ModelCall = {
      id,
      purpose: speech.purpose,
      step: speech.step,
      promptTokens: prompt.tokens.length,
      injected: prompt.tokens.filter(({ start, end }) => end > known || (known === 0 && start === 0)),
      grammar: speech.grammar,
      tokens: [],
      end: undefined,
      promptMs: 0,
      generateMs: 0,
    };
    this.emit({ kind: "call", call });
    let end: NonNullable<ModelCall["end"]> = "failed";
    let lastAt = performance.now();
    try {
      const result = await this.#parts.model.call(
        "generate",
        {
          tokenIds: prompt.tokens.map((token) => token.id),
          messages: [...speech.messages],
          maxTokens: speech.maxTokens,
          sampling: ASK_SAMPLING,
          seed: ASK_SEED,
          alternatives: ALTERNATIVES,
          ...(speech.stopTexts ? { stopTexts: speech.stopTexts } : {}),
          ...(speech.grammar === undefined ? {} : { grammar: speech.grammar }),
        },
        {
          signal,
          onEvent: (token) => {
            if (signal.aborted) return;
            const now = performance.now();
            this.emit({ kind: "token", call: id, token, ms: now - lastAt });
            lastAt = now;
          },
        },
      );
      end = result.stop;
    } catch (error) {
      if (isCancelled(error)) end = "stopped";
      throw error;
    } finally {
      // A newer question has the state for itself.
      if (this.#running?.signal === signal) this.emit({ kind: "spoken", call: id, end });
    }
    throwIfCancelled(signal);
    const spoken = this.#turn.calls.find((made) => made.id === id);
    const words = spoken ? writtenText(spoken) : "";
    this.#held = prompt.text + words;
    return words;
  }
}

/** How many UTF-16 units two texts have in common at their start. */
function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

/** Whether a rule took the selected text as an argument. */
function usesText(rule: RuleChoice, text: string): boolean {
  return text !== "" && Object.values(rule.input).some((value) => String(value).startsWith(text));
}

function sameInput(a: ToolInput, b: ToolInput): boolean {
  const entries = (input: ToolInput) => JSON.stringify(Object.entries(input).sort());
  return entries(a) === entries(b);
}

function outcomeOf({ ok, text, evidence, value, quotes }: ToolResult) {
  return { ok, text, evidence, ...(value === undefined ? {} : { value }), ...(quotes ? { quotes } : {}) };
}
