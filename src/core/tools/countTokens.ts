/** The tool `count_tokens`: how many tokens a text is, by the reader's tokenizer or another. */

import { t } from "../../shared/l10n.js";
import { counted, given, type TokenCount, type Tool } from "./tool.js";

export const countTokens: Tool = {
  name: "count_tokens",
  title: t("Count tokens"),
  description:
    "Counts how many tokens a text has, by the tokenizer that the reader has chosen or by another. Use it for every question " +
    "about a number of tokens.",
  schema: {
    type: "object",
    properties: {
      text: { type: "string", description: "The text to count.", maxLength: 1_000_000 },
      tokenizer: {
        type: "string",
        description:
          "A name such as o200k_base, cl100k_base, gpt2 or gpt-4o; or model, for the loaded model's own.",
        maxLength: 100,
      },
    },
    required: ["text"],
    additionalProperties: false,
  },
  async run(input, context, signal) {
    const count = given(context.countTokens?.bind(context), "Counting tokens");
    const named = input.tokenizer;
    const found = await count(String(input.text), named === undefined ? undefined : String(named), signal);
    const said = `${counted(found.count, "token")} by ${found.tokenizer}`;
    const { approximation } = found;
    return {
      ok: true,
      text: `The text has ${said}.${approximation === undefined ? "" : ` ${approximation}`}`,
      evidence: evidenceOf(found),
      value: `${found.count}`,
    };
  },
};

function evidenceOf({ count, tokenizer, approximation }: TokenCount): string {
  if (approximation !== undefined)
    return count === 1
      ? t("about 1 token by {0}", tokenizer)
      : t("about {0} tokens by {1}", count, tokenizer);
  return count === 1 ? t("1 token by {0}", tokenizer) : t("{0} tokens by {1}", count, tokenizer);
}
