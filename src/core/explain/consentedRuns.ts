/** The only way from an explanation to running code: the workspace is trusted, and the reader has asked for it. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ExplainState, GrowthPoint } from "../../shared/panels/explain.js";
import type { Caller } from "../../shared/rpc.js";
import type {
  FunctionRun,
  FunctionTrace,
  RunnableFunction,
  SandboxProtocol,
} from "../../shared/workerProtocol.js";
import { GROWING_SIZES, grownInput } from "../checks/growth.js";
import type { PlacedTrace } from "../checks/predictions.js";
import { excerptsBeside } from "./excerptsBeside.js";

/** Moments of a recorded run that are kept: more than anybody scrubs through. */
const MOST_TRACE_STEPS = 2000;
/** Where lines are only counted, and where whoever runs them counts only what is recorded. */
const COUNTED_STEPS: Readonly<Record<"counts" | "records", number>> = { counts: 1, records: 20_000 };

export interface ConsentedRunsParts {
  sandbox: Caller<SandboxProtocol>;
  /** The whole file's text now, for functions that use others beside them. */
  wholeFile(): string | undefined;
  /** Whether code of this workspace may be run. Asked again at each run. */
  isTrusted(): boolean;
  state(): ExplainState;
}

export class ConsentedRuns {
  readonly #parts: ConsentedRunsParts;

  constructor(parts: ConsentedRunsParts) {
    this.#parts = parts;
  }

  /**
   * Runs a function of the selection on each input, in the whole file where it needs names beside it.
   * @throws GlassboxError `sandbox` without trust or consent.
   */
  async run(
    functionName: string,
    inputs: string[],
    signal: AbortSignal,
    onWholeFile: () => void,
  ): Promise<FunctionRun[]> {
    const { subject, limits } = this.#allowed(functionName);
    const { languageId } = subject;
    const call = (source: string) =>
      this.#parts.sandbox.call(
        "runFunction",
        { source, languageId, functionName, inputs, limits },
        { signal },
      );
    const runs = await call(subject.text);
    const file = this.#parts.wholeFile();
    if (file === undefined || !runs.some((run) => missesNameOf(run, file))) return runs;
    onWholeFile();
    this.#allowed(functionName);
    return call(file);
  }

  /** Records a run, in the whole file where it needs names beside it. @throws GlassboxError as `run`. */
  async trace(functionName: string, input: string, signal: AbortSignal): Promise<PlacedTrace> {
    const { trace, source } = await this.#trace(functionName, input, MOST_TRACE_STEPS, signal);
    const { subject } = this.#parts.state();
    if (source === subject.text) return { trace, firstLine: subject.firstLine, beside: [] };
    return { trace, firstLine: 0, beside: excerptsBeside(source, subject, trace.steps) };
  }

  /**
   * Counts the lines that runs of growing input take, from small to large, until one is too long.
   * @throws GlassboxError as `run`.
   */
  async growth(fn: RunnableFunction, input: string, signal: AbortSignal): Promise<GrowthPoint[]> {
    const points: GrowthPoint[] = [];
    let way: keyof typeof COUNTED_STEPS = "counts";
    for (const size of GROWING_SIZES) {
      const grown = grownInput(input, fn.parameters, size);
      if (grown === undefined) break;
      let { trace } = await this.#trace(fn.name, grown, COUNTED_STEPS[way], signal);
      if (way === "counts" && trace.lineCount === undefined) {
        way = "records";
        ({ trace } = await this.#trace(fn.name, grown, COUNTED_STEPS[way], signal));
      }
      const lines = trace.lineCount ?? recordedLines(trace);
      if (lines === undefined || trace.run.outcome !== "returned") break;
      points.push({ size, lines });
    }
    return points;
  }

  async #trace(
    functionName: string,
    input: string,
    maxSteps: number,
    signal: AbortSignal,
  ): Promise<{ trace: FunctionTrace; source: string }> {
    const { subject, limits } = this.#allowed(functionName);
    const { languageId } = subject;
    const call = async (source: string) => {
      const given = { source, languageId, functionName, input, limits, maxSteps };
      return { trace: await this.#parts.sandbox.call("trace", given, { signal }), source };
    };
    const traced = await call(subject.text);
    const file = this.#parts.wholeFile();
    if (file === undefined || !missesNameOf(traced.trace.run, file)) return traced;
    this.#allowed(functionName);
    return call(file);
  }

  #allowed(functionName: string): ExplainState {
    const state = this.#parts.state();
    if (!this.#parts.isTrusted()) {
      throw new GlassboxError("sandbox", t("Code is run only in a trusted workspace."));
    }
    if (!state.mayRun) {
      throw new GlassboxError(
        "sandbox",
        t("Nobody has asked for the code to be run."),
        t("Choose to run it in the explanation's panel."),
      );
    }
    if (!state.functions.some(({ name }) => name === functionName)) {
      throw new GlassboxError("invalid-request", `The selection has no function "${functionName}".`);
    }
    return state;
  }
}

function recordedLines({ steps, truncated }: FunctionTrace): number | undefined {
  return truncated ? undefined : steps.filter(({ kind }) => kind === "line").length;
}

/** Whether a run failed because of a name that the file declares beside the selection. */
function missesNameOf(run: FunctionRun, file: string): boolean {
  if (run.outcome !== "threw") return false;
  const name =
    /ReferenceError: ['"]?([\p{ID_Start}$_][\p{ID_Continue}$]*)['"]? is not defined/u.exec(run.value)?.[1] ??
    /NameError: (?:global )?name '([\p{ID_Start}_][\p{ID_Continue}]*)' is not defined/u.exec(run.value)?.[1];
  if (name === undefined) return false;
  const escaped = name.replace(/\$/g, "\\$&");
  return new RegExp(
    `\\b(?:function\\s*\\*?|const|let|var|class|enum|def|import|as)\\s+${escaped}(?![\\w$])|^${escaped}\\s*=|\\bimport\\b.*\\b${escaped}\\b`,
    "m",
  ).test(file);
}
