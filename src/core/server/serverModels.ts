/** The list of models that a server offers. */

import { GlassboxError } from "../../shared/errors.js";
import { isFields } from "../../shared/isFields.js";
import { t } from "../../shared/l10n.js";

export interface OfferedModel {
  id: string;
  /** Tokens of context, where the server tells: llama-server and vLLM do. */
  contextSize: number | undefined;
}

const MOST_MODELS = 1000;

/** @throws GlassboxError `server` when the body is no list of models. */
export function readModels(body: unknown, host: string): OfferedModel[] {
  const data: unknown = isFields(body) ? body.data : undefined;
  // A server that has none yet: written in Go, its empty list is null.
  const list = data === null && isFields(body) && body.object === "list" ? [] : data;
  if (!Array.isArray(list)) {
    throw new GlassboxError(
      "server",
      t("What answers at {0} has no list of models.", host),
      t("Check that the address belongs to an OpenAI-compatible server; most end in /v1."),
    );
  }
  return list
    .filter(isFields)
    .filter(
      (entry): entry is Record<string, unknown> & { id: string } =>
        typeof entry.id === "string" && entry.id !== "",
    )
    .slice(0, MOST_MODELS)
    .map((entry) => ({ id: entry.id, contextSize: contextOf(entry) }));
}

function contextOf(entry: Record<string, unknown>): number | undefined {
  const meta = isFields(entry.meta) ? entry.meta : {};
  // llama-server: what is allocated; vLLM: the most that a prompt and its answer may have.
  for (const size of [meta.n_ctx, entry.max_model_len]) {
    if (typeof size === "number" && Number.isInteger(size) && size > 0) return size;
  }
  return undefined;
}
