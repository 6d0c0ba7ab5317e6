/** What a page with an explanation may ask; the panel and the lessons use the same handlers. */

import type { PlacedTrace } from "../../core/checks/predictions.js";
import type { Explanation } from "../../core/explain/explanation.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ExplainHost } from "../../shared/panels/explain.js";
import type { SentCall } from "../../shared/panels/sent.js";
import type { Handlers } from "../../shared/rpc.js";

/** Where the explanation is shown and what its text is linked to. */
export interface ExplainSurface {
  current(): Explanation | undefined;
  explainSelection(): Promise<void>;
  highlight(step: number | undefined): void;
  goTo(step: number): Promise<void>;
  showSent(call: SentCall): void;
  /** Shows a moment of a recorded run beside its code; without a run, none. */
  showMoment(run: PlacedTrace | undefined, moment: number): void;
  save(): Promise<void>;
  manageTrust(): Promise<void>;
}

/** The run that the panel scrubs, or the one that decided a prediction. */
function recordedRun({ state }: Explanation, prediction: number | null): PlacedTrace | undefined {
  const run =
    prediction === null
      ? state.trace
      : state.predictions.find(({ question }) => question.id === prediction)?.outcome;
  return run?.trace ? { ...run, trace: run.trace } : undefined;
}

export function explainHandlers(surface: ExplainSurface): Handlers<ExplainHost> {
  const current = (): Explanation => {
    const explanation = surface.current();
    if (!explanation) throw new GlassboxError("invalid-request", t("Nothing is being explained."));
    return explanation;
  };
  return {
    explainSelection: async () => {
      await surface.explainSelection();
      return null;
    },
    explain: async ({ anew }) => {
      await current().explain(anew);
      return null;
    },
    stop: () => {
      current().stop();
      return null;
    },
    runFunction: async ({ functionName, inputs }) => {
      await current().run(functionName, inputs);
      return null;
    },
    allowRuns: async () => {
      await current().allowRuns();
      return null;
    },
    predict: async ({ prediction, answer }) => {
      await current().predict(prediction, answer);
      return null;
    },
    reveal: async ({ prediction }) => {
      await current().reveal(prediction);
      return null;
    },
    trace: async ({ functionName, input }) => {
      await current().trace(functionName, input);
      return null;
    },
    showMoment: ({ prediction, moment }) => {
      surface.showMoment(moment === null ? undefined : recordedRun(current(), prediction), moment ?? 0);
      return null;
    },
    branch: async ({ target, tokenIndex, tokenId }) => {
      await current().branch(target, tokenIndex, tokenId);
      return null;
    },
    switchTo: ({ target, version }) => {
      current().switchTo(target, version);
      return null;
    },
    ask: async ({ text }) => {
      await current().ask(text);
      return null;
    },
    save: async () => {
      await surface.save();
      return null;
    },
    highlight: ({ step }) => {
      surface.highlight(step ?? undefined);
      return null;
    },
    goTo: async ({ step }) => {
      await surface.goTo(step);
      return null;
    },
    showSent: ({ call }) => {
      const sent = current().sentCall(call);
      if (!sent) throw new GlassboxError("invalid-request", `There was no call ${call}.`);
      surface.showSent(sent);
      return null;
    },
    manageTrust: async () => {
      await surface.manageTrust();
      return null;
    },
  };
}
