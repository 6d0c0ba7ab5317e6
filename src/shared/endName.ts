/** What ended the words of a model, in a word or two. */

import { t } from "./l10n.js";
import type { AnswerEnd } from "./panels/explain.js";

export function endName(end: AnswerEnd): string {
  switch (end) {
    case "end-of-turn":
      return t("end of its turn");
    case "max-tokens":
      return t("longest length");
    case "stop-text":
      return t("stop text");
    case "context-full":
      return t("full context");
    case "two-sentences":
      return t("two sentences");
    case "stopped":
      return t("stopped");
    case "failed":
      return t("failed");
  }
}
