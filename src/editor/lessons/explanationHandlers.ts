/** What lessons about explanations ask of the host: one explained from its first stage to its last, and what it takes. */

import { answerRequest } from "../../core/explain/answerRequest.js";
import { Explanation } from "../../core/explain/explanation.js";
import { afterEvent, initialState } from "../../core/explain/explanationState.js";
import { EXPLAIN_SAMPLING, EXPLAIN_SEED } from "../../core/explain/prompts.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ContextUse, ExplainState } from "../../shared/panels/explain.js";
import { type ExplanationNews, MOST_EXHIBIT_CHARACTERS } from "../../shared/panels/lesson.js";
import type { Caller, HandlerContext } from "../../shared/rpc.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";
import type { ModelService } from "../models.js";
import { sandboxLimits } from "../sandboxLimits.js";
import { chosenTokenPrice } from "../tokens/priceTable.js";

export interface ExplanationGround {
  models: ModelService;
  sandbox: Caller<SandboxProtocol>;
  /** Whether code of this workspace may be run. */
  isTrusted(): boolean;
}

export interface ExplainedText {
  text: string;
  languageId: string;
}

/** Explains a text as the panel does, and tells all that happens, each prompt among it. */
export async function explainInLesson(
  ground: ExplanationGround,
  { runs, ...given }: ExplainedText & { runs: boolean },
  { signal, emit }: HandlerContext<ExplanationNews>,
): Promise<null> {
  /** The calls of which the page knows. */
  const told = new Set<number>();
  const explanation = new Explanation(
    {
      model: ground.models,
      sandbox: ground.sandbox,
      wholeFile: () => undefined,
      isTrusted: () => ground.isTrusted(),
      // The text stands in a lesson: no language server knows it.
      languageFacts: async () => [],
      onEvent: (event) => {
        emit({ kind: "happened", event });
        const id = event.kind === "stage" ? event.stage.call : undefined;
        const call = id === undefined || told.has(id) ? undefined : explanation.sentCall(id);
        if (!call) return;
        told.add(call.id);
        emit({ kind: "sent", call });
      },
    },
    stateFor(ground, given),
  );
  emit({ kind: "begun", state: explanation.state });
  const stop = () => explanation.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await explanation.split();
    if (signal.aborted || explanation.state.phase !== "ready") return null;
    if (explanation.state.steps.length === 0) throw nothingToExplain();
    if (runs && explanation.state.functions.length > 0) await explanation.allowRuns();
    if (!signal.aborted) await explanation.explain(true);
    return null;
  } finally {
    signal.removeEventListener("abort", stop);
    explanation.dispose();
  }
}

/** The request for the first step of an explanation, counted and not sent. */
export async function contextUseInLesson(
  { models, sandbox, ...rest }: ExplanationGround,
  given: ExplainedText,
  signal: AbortSignal,
): Promise<ContextUse> {
  const begun = stateFor({ models, sandbox, ...rest }, given);
  const { text, languageId, firstLine } = begun.subject;
  const model = await models.ready(signal);
  const split = await sandbox.call("splitSteps", { text, languageId, firstLine }, { signal });
  if (split.steps.length === 0) throw nothingToExplain();
  const state = afterEvent(begun, { kind: "split", ...split, ms: 0 });
  const { context } = await answerRequest(state, model.chat ? 0 : "continuation", {
    subject: state.subject,
    model,
    sampling: state.sampling,
    told: [],
    render: (messages) => models.call("renderChat", { messages }, { signal }),
  });
  return context;
}

function stateFor(ground: ExplanationGround, { text, languageId }: ExplainedText): ExplainState {
  const short = text.slice(0, MOST_EXHIBIT_CHARACTERS);
  return initialState(
    {
      fileName: "lesson",
      languageId,
      firstLine: 0,
      lastLine: short.split("\n").length - 1,
      text: short,
      notes: [],
    },
    {
      trusted: ground.isTrusted(),
      limits: sandboxLimits(),
      sampling: EXPLAIN_SAMPLING,
      seed: EXPLAIN_SEED,
      price: chosenTokenPrice(),
    },
  );
}

function nothingToExplain(): GlassboxError {
  return new GlassboxError(
    "invalid-request",
    t("There is nothing to explain in this text."),
    t("Write some code."),
  );
}
