/** The body of a request for a chat completion, and what to leave out for servers that do not know all of it. */

import type { ChatParams } from "./chatParams.js";

/** What not every server takes; each is left out where one has said so. */
const OPTIONAL_FIELDS = [
  "logprobs",
  "top_logprobs",
  "top_k",
  "min_p",
  "seed",
  "stream_options",
  "grammar",
  "temperature",
  "top_p",
  "max_tokens",
] as const;
export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** The API's own limit of `top_logprobs`. */
const MOST_ALTERNATIVES = 20;

/** The request of OpenAI's "Create chat completion", with `top_k`, `min_p` and `grammar` as llama-server has them. */
export function chatRequest(
  model: string,
  params: ChatParams,
  without: ReadonlySet<OptionalField>,
): Record<string, unknown> {
  const { sampling, alternatives = 0 } = params;
  const optional: Record<OptionalField, unknown> = {
    logprobs: true,
    top_logprobs: Math.min(alternatives, MOST_ALTERNATIVES),
    // 0 is off for us; for some servers it is an error.
    top_k: sampling.topK > 0 ? sampling.topK : undefined,
    min_p: sampling.minP > 0 ? sampling.minP : undefined,
    seed: params.seed,
    stream_options: { include_usage: true },
    grammar: params.grammar,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    max_tokens: params.maxTokens,
  };
  const request: Record<string, unknown> = { model, stream: true, messages: params.messages };
  for (const field of OPTIONAL_FIELDS) {
    if (!without.has(field) && optional[field] !== undefined) request[field] = optional[field];
  }
  // The newer name of the limit, for servers that refuse the older one.
  if (without.has("max_tokens")) request.max_completion_tokens = params.maxTokens;
  return request;
}

/** The fields that a refusal names: `Unrecognized request argument supplied: top_k`. */
export function refusedFields(message: string, sent: Record<string, unknown>): OptionalField[] {
  const named = OPTIONAL_FIELDS.filter(
    (field) => field in sent && new RegExp(`(?<![\\w])${field}(?![\\w])`).test(message),
  );
  // One without the other is an error of its own.
  if (named.includes("logprobs") && !named.includes("top_logprobs")) return [...named, "top_logprobs"];
  return named;
}
