/** Keeps the stages of an explanation: what was done, for what, for how long, and what came of it. */

import { GlassboxError, isCancelled } from "../../shared/errors.js";
import type { AnswerTarget, Stage, StageKind } from "../../shared/panels/explain.js";

/** What a stage adds to its own record while and after it runs. */
export interface StageReport {
  /** The call to the model, with the tokens of its prompt. */
  called(call: number, promptTokens: number): void;
  /** A token was written. */
  wrote(): void;
  /** What came of it, in one line. */
  result: string;
}

export class StageLog {
  readonly #emit: (stage: Stage) => void;
  readonly #openedAt = performance.now();
  #nextId = 1;

  /** @param emit takes each stage when it begins, when its prompt is known, and when it ends. */
  constructor(emit: (stage: Stage) => void) {
    this.#emit = emit;
  }

  /** Runs a stage. What it throws is recorded as stopped or failed, and thrown on. */
  async record<T>(
    kind: StageKind,
    target: AnswerTarget | undefined,
    title: string,
    work: (report: StageReport) => T | Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    let stage: Stage = {
      id: this.#nextId++,
      kind,
      target,
      title,
      result: "",
      state: "running",
      call: undefined,
      promptTokens: 0,
      tokens: 0,
      startedMs: startedAt - this.#openedAt,
      ms: 0,
    };
    this.#emit(stage);
    const report: StageReport = {
      called: (call, promptTokens) => {
        stage = { ...stage, call, promptTokens };
        this.#emit(stage);
      },
      wrote: () => {
        stage = { ...stage, tokens: stage.tokens + 1 };
      },
      result: "",
    };
    const end = (state: Stage["state"]) =>
      this.#emit({ ...stage, state, result: report.result, ms: performance.now() - startedAt });
    try {
      const value = await work(report);
      end("ended");
      return value;
    } catch (error) {
      const stopped = isCancelled(error);
      if (!stopped) report.result = GlassboxError.from(error).message;
      end(stopped ? "stopped" : "failed");
      throw error;
    }
  }
}
