/** How a run ended, in the reader's language; the model is told it by `factSentence`. */

import { t } from "../../shared/l10n.js";
import type { FunctionRun } from "../../shared/workerProtocol.js";

/** @param call such as `sum([3, 4, 5])`. */
export function sayRun(call: string, { outcome, value }: Pick<FunctionRun, "outcome" | "value">): string {
  switch (outcome) {
    case "returned":
      return t("{0} returned {1}", call, value);
    case "threw":
      return t("{0} threw {1}", call, value);
    case "timed-out":
      return t("{0} did not end in time", call);
    case "out-of-memory":
      return t("{0} ran out of memory", call);
    case "invalid-input":
      return t("{0} could not be run: {1}", call, value);
  }
}
