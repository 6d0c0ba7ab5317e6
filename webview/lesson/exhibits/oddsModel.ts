/** The loaded model as the lessons' measure of probability, by way of the sampling host of an exhibit. */

import type { OddsModel } from "../../../src/core/lessons/odds.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { SamplingHost } from "../../../src/shared/panels/sampling.js";
import { embeddedHost } from "./embeddedHost.js";
import type { LessonHost } from "./registry.js";

export function oddsModel(host: LessonHost, exhibitId: string, signal: AbortSignal): OddsModel {
  return {
    tokenize: async (text) => {
      const answer = await embeddedHost<SamplingHost>(host, exhibitId, text).call("prompt", {}, { signal });
      if (answer.kind !== "prompt")
        throw new GlassboxError("invalid-request", t("There is no text to read."));
      return answer.prompt.tokens.map(({ id }) => id);
    },
    next: async (tokenIds) => {
      const own = embeddedHost<SamplingHost>(host, exhibitId, "");
      return (await own.call("next", { tokenIds }, { signal })).logits;
    },
  };
}
