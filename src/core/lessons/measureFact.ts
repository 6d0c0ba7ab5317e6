/** Measures a fact of a lesson, with the real tokenizer or with exact arithmetic. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { Fact } from "../../shared/panels/lesson.js";
import { evaluate } from "../tools/arithmetic.js";

/** @param encode the ids of a text in an encoding. */
export async function measureFact(
  fact: Fact,
  encode: (text: string, encoding: string) => Promise<ArrayLike<number>> | ArrayLike<number>,
): Promise<number> {
  switch (fact.fact) {
    case "token-count":
      return (await encode(fact.text, fact.encoding)).length;
    case "token-id": {
      const ids = await encode(fact.text, fact.encoding);
      if (ids.length === 1) return ids[0] ?? Number.NaN;
      throw new GlassboxError(
        "invalid-request",
        t(
          '"{0}" is {1} tokens in {2}; a token has one id, several have none in common.',
          fact.text,
          ids.length,
          fact.encoding,
        ),
      );
    }
    case "byte-count":
      return new TextEncoder().encode(fact.text).length;
    case "calculation": {
      const { value } = evaluate(fact.expression);
      if (value) return Number(value.numerator) / Number(value.denominator);
      throw new GlassboxError("invalid-request", t('"{0}" is a comparison, not a number.', fact.expression));
    }
  }
}
