/** What a page with an explanation may ask; the panel and the lessons use the same handlers. */

import type { Explanation } from "../../core/explain/explanation.js";
import { GlassboxError } from "../../shared/errors.js";
import type { ExplainHost } from "../../shared/panels/explain.js";
import type { SentCall } from "../../shared/panels/sent.js";
import type { Handlers } from "../../shared/rpc.js";

/** Where the explanation is shown and what its text is linked to. */
export interface ExplainSurface {
  current(): Explanation | undefined;
  /** Whether code of this workspace may be run. Asked again at each run, whatever the page believes. */
  isTrusted(): boolean;
  highlight(step: number | undefined): void;
  goTo(step: number): Promise<void>;
  showSent(call: SentCall): void;
  manageTrust(): Promise<void>;
}

function notYet(): never {
  throw new GlassboxError("unsupported", "This is not built yet.");
}

export function explainHandlers(surface: ExplainSurface): Handlers<ExplainHost> {
  const current = (): Explanation => {
    const explanation = surface.current();
    if (!explanation) throw new GlassboxError("invalid-request", "Nothing is being explained.");
    return explanation;
  };
  return {
    explain: async ({ anew }) => {
      await current().explain(anew);
      return null;
    },
    stop: () => {
      current().stop();
      return null;
    },
    runFunction: async ({ functionName, inputs }) => {
      const explanation = current();
      if (!surface.isTrusted()) {
        throw new GlassboxError("sandbox", "Code is run only in a trusted workspace.");
      }
      if (!explanation.state.functions.some(({ name }) => name === functionName)) {
        throw new GlassboxError("invalid-request", `The selection has no function "${functionName}".`);
      }
      await explanation.run(functionName, inputs);
      return null;
    },
    allowRuns: notYet,
    predict: notYet,
    reveal: notYet,
    trace: notYet,
    showMoment: notYet,
    branch: notYet,
    switchTo: notYet,
    ask: notYet,
    save: notYet,
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
