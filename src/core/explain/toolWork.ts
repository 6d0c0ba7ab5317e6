/** The tools' share of an explanation: facts before the model speaks, recorded runs, and what decides predictions. */

import { GlassboxError, isCancelled, toWireError } from "../../shared/errors.js";
import { formatFixed } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type {
  ExplainEvent,
  ExplainState,
  Fact,
  InstructionAttempt,
  Prediction,
  PredictionOutcome,
} from "../../shared/panels/explain.js";
import type { ExplanationStep } from "../../shared/types.js";
import type { FunctionRun, RunnableFunction } from "../../shared/workerProtocol.js";
import {
  growthOutcome,
  heldOutInput,
  questionsAbout,
  sandboxName,
  traceOutcome,
} from "../checks/predictions.js";
import type { ConsentedRuns } from "./consentedRuns.js";
import { instructionAttempts } from "./instructionAttempts.js";
import { factsToTell } from "./prompts.js";
import { sayRun } from "./sayRun.js";
import type { StageLog } from "./stageLog.js";

/** Functions of a selection that questions are asked about, and questions on each where there are several. */
const MOST_QUESTIONED_FUNCTIONS = 3;
const QUESTIONS_BESIDE_OTHERS = 2;

export interface ToolWorkParts {
  runs: ConsentedRuns;
  stages: StageLog;
  /** Whether code of this workspace may be run. Asked again at each run. */
  isTrusted(): boolean;
  /** What the language server and the editor's diagnostics say of the steps, within a bounded time. */
  languageFacts(steps: readonly ExplanationStep[], signal: AbortSignal): Promise<Fact[]>;
  state(): ExplainState;
  emit(event: ExplainEvent): void;
}

export class ToolWork {
  readonly #parts: ToolWorkParts;
  readonly #outcomes = new Map<number, PredictionOutcome>();
  #running: AbortController | undefined;
  #tracing: AbortController | undefined;
  #gathering: Promise<void> | undefined;
  #languageAsked = false;

  constructor(parts: ToolWorkParts) {
    this.#parts = parts;
  }

  /** Ends what is run for the reader. */
  stop(): void {
    this.#running?.abort();
    this.#tracing?.abort();
  }

  /**
   * Runs a function of the selection on each input. One run at a time: a new one ends the one before it.
   * Asking for it is the reader's consent. @throws GlassboxError where it may not be run.
   */
  async run(functionName: string, inputs: string[]): Promise<void> {
    this.find(functionName);
    this.consent();
    await this.#run(functionName, inputs);
  }

  /** Records a run, for the panel to scrub. A new one ends the one before it; asking for it is the consent. */
  async trace(functionName: string, input: string): Promise<void> {
    this.find(functionName);
    this.consent();
    this.#tracing?.abort();
    const abort = new AbortController();
    this.#tracing = abort;
    this.#parts.emit({ kind: "tracing", functionName, input });
    try {
      const placed = await this.#parts.runs.trace(functionName, input, abort.signal);
      if (this.#tracing === abort) this.#parts.emit({ kind: "traced", ...placed, error: undefined });
    } catch (error) {
      if (this.#tracing !== abort) return;
      const wire = isCancelled(error) ? undefined : toWireError(error);
      this.#parts.emit({ kind: "traced", trace: undefined, firstLine: 0, beside: [], error: wire });
    } finally {
      if (this.#tracing === abort) this.#tracing = undefined;
    }
  }

  /** Takes the reader's consent to running code. @throws GlassboxError `sandbox` where the workspace is not trusted. */
  consent(): void {
    if (!this.#parts.isTrusted()) {
      throw new GlassboxError("sandbox", t("Code is run only in a trusted workspace."));
    }
    if (!this.#parts.state().mayRun) this.#parts.emit({ kind: "allowed" });
  }

  /** The function of that name. @throws GlassboxError where the selection has none. */
  find(name: string): RunnableFunction {
    const found = this.#parts.state().functions.find((fn) => fn.name === name);
    if (!found) throw new GlassboxError("invalid-request", `The selection has no function "${name}".`);
    return found;
  }

  async #run(functionName: string, inputs: string[]): Promise<void> {
    this.#running?.abort();
    const abort = new AbortController();
    this.#running = abort;
    try {
      this.#parts.emit({ kind: "running", functionName, wholeFile: false });
      const runs = await this.#parts.runs.run(functionName, inputs, abort.signal, () => {
        if (this.#running === abort) this.#parts.emit({ kind: "running", functionName, wholeFile: true });
      });
      if (abort.signal.aborted) return;
      for (const run of runs) this.#parts.emit({ kind: "ran", run });
      this.#take(runs.map((run) => runFact(functionName, run, this.#parts.state().subject.languageId)));
      this.#parts.emit({ kind: "run-ended", error: undefined });
    } catch (error) {
      if (this.#running !== abort) return;
      this.#parts.emit({ kind: "run-ended", error: isCancelled(error) ? undefined : toWireError(error) });
    } finally {
      if (this.#running === abort) this.#running = undefined;
    }
  }

  /** Takes facts into the state, and tells where one of them tries to instruct the tutor. */
  #take(facts: Fact[]): void {
    if (facts.length === 0) return;
    this.#parts.emit({ kind: "gathered", facts });
    this.addAttempts(
      facts.flatMap((fact) => instructionAttempts(`${fact.statement}\n${fact.evidence}`, "fact")),
    );
  }

  addAttempts(attempts: InstructionAttempt[]): void {
    if (attempts.length > 0) this.#parts.emit({ kind: "attempts", attempts });
  }

  /** Tools first: what the editor knows, and, where the reader has allowed it, what runs show. */
  async gather(signal: AbortSignal): Promise<void> {
    if (!this.#languageAsked) {
      const asked = this.#parts.stages.record(
        "gather",
        undefined,
        t("Types and diagnostics"),
        async (report) => {
          const facts = await this.#parts.languageFacts(this.#parts.state().steps, signal);
          this.#languageAsked = true;
          this.#take(facts);
          report.result = countFacts(facts.length);
        },
      );
      await unlessFailed(asked);
    }
    await unlessFailed(this.gatherRuns(signal));
    await this.#parts.stages.record("plan", undefined, t("Steps and questions"), (report) => {
      const { steps, predictions } = this.#parts.state();
      report.result = t(
        "{0}, {1} that a run decides",
        steps.length === 1 ? t("1 step") : t("{0} steps", steps.length),
        countQuestions(predictions.length),
      );
    });
  }

  /** Runs and questions, once the reader has consented. One at a time: the consent and the explaining may both ask for them. */
  gatherRuns(signal: AbortSignal): Promise<void> {
    const before = this.#gathering;
    this.#gathering = Promise.allSettled([before]).then(() => this.#gatherRunsNow(signal));
    return this.#gathering;
  }

  async #gatherRunsNow(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw GlassboxError.cancelled();
    const { mayRun, functions, facts, predictions } = this.#parts.state();
    const [first] = functions;
    if (!mayRun || !first || !this.#parts.isTrusted()) return;
    if (!facts) {
      const heldOut = heldOutInput(first);
      const others = first.suggestedInputs.filter((input) => input !== heldOut);
      if (others.length > 0) {
        await this.#parts.stages.record("gather", undefined, t("Runs of {0}", first.name), async (report) => {
          await this.#withSignal(signal, () => this.#run(first.name, others));
          report.result = countRuns(this.#parts.state().facts?.runs.length ?? 0);
        });
      }
    }
    if (predictions.length > 0) return;
    await this.#parts.stages.record("gather", undefined, t("Recorded runs"), async (report) => {
      const { subject, steps } = this.#parts.state();
      const questioned = functions.slice(0, MOST_QUESTIONED_FUNCTIONS);
      const questions = [];
      let recorded = 0;
      for (const fn of questioned) {
        const placed = await this.#parts.runs.trace(fn.name, heldOutInput(fn, this.#seenInputs(fn)), signal);
        recorded += placed.trace.steps.length;
        const about = questionsAbout(fn, placed, subject, steps);
        questions.push(...(questioned.length > 1 ? about.slice(0, QUESTIONS_BESIDE_OTHERS) : about));
      }
      this.#parts.emit({
        kind: "questions",
        questions: questions.map((question, index) => ({ ...question, id: index + 1 })),
      });
      const moments = recorded === 1 ? t("1 moment") : t("{0} moments", recorded);
      report.result = `${moments}, ${countQuestions(questions.length)}`;
    });
  }

  /** The inputs of which the reader has seen what comes of them. */
  #seenInputs({ name }: RunnableFunction): string[] {
    const { facts, trace } = this.#parts.state();
    return [
      ...(facts?.functionName === name ? facts.runs.map(({ input }) => input) : []),
      ...(trace?.functionName === name ? [trace.input] : []),
    ];
  }

  /** Ends a run when the explaining is ended. */
  async #withSignal(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const abort = () => this.#running?.abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await work();
    } finally {
      signal.removeEventListener("abort", abort);
    }
    if (signal.aborted) throw GlassboxError.cancelled();
  }

  /** Results that the model is told; those that it is to predict are kept from it. */
  known(): string[] {
    const { facts, predictions } = this.#parts.state();
    if (!facts) return [];
    const asked = new Set(
      predictions
        .filter(
          ({ question }) => question.functionName === facts.functionName && question.kind !== "complexity",
        )
        .map(({ question }) => question.input),
    );
    const shown = facts.runs.filter(({ input }) => !asked.has(input));
    return factsToTell(facts.functionName, shown);
  }

  /** What a run of the question's input shows; run once. */
  async outcome({ question }: Prediction, signal: AbortSignal): Promise<PredictionOutcome> {
    const known = this.#outcomes.get(question.id);
    if (known) return known;
    const { languageId } = this.#parts.state().subject;
    const outcome =
      question.kind === "complexity"
        ? growthOutcome(
            await this.#parts.runs.growth(this.find(question.functionName), question.input, signal),
            languageId,
          )
        : traceOutcome(
            question,
            await this.#parts.runs.trace(question.functionName, question.input, signal),
            languageId,
          );
    this.#outcomes.set(question.id, outcome);
    return outcome;
  }
}

/** Facts are wanted, not needed: a tool that fails has said so in its stage, and the model speaks without it. */
async function unlessFailed(gathering: Promise<void>): Promise<void> {
  try {
    await gathering;
  } catch (error) {
    if (isCancelled(error)) throw error;
  }
}

function countFacts(count: number): string {
  return count === 1 ? t("1 fact") : t("{0} facts", count);
}

function countQuestions(count: number): string {
  return count === 1 ? t("1 question") : t("{0} questions", count);
}

function countRuns(count: number): string {
  return count === 1
    ? t({ message: "1 run", comment: "of a function" })
    : t({ message: "{0} runs", comment: "of a function" }, count);
}

/** One run as a fact of its own. */
function runFact(functionName: string, run: FunctionRun, languageId: string): Fact {
  const printed = run.printed.trim();
  return {
    step: undefined,
    source: "run",
    verdict: run.outcome === "invalid-input" ? "unchecked" : "verified",
    statement: sayRun(`${functionName}(${run.input})`, run),
    evidence:
      printed === ""
        ? t("It ran for {0} ms and printed nothing.", formatFixed(run.ms, 1))
        : t("It ran for {0} ms and printed {1}.", formatFixed(run.ms, 1), JSON.stringify(printed)),
    tool: sandboxName(languageId),
  };
}
