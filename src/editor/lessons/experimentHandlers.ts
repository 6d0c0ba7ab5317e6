/** What the host does for the experiments of lessons: passes of the lens, texts of two models, counts of the session. */

import { basename } from "node:path";
import { textOfTokens } from "../../core/explain/textOfTokens.js";
import type { ExperimentHost } from "../../shared/panels/experiments.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { LensProtocol, ModelProtocol } from "../../shared/workerProtocol.js";
import { BUILT_IN_MODEL, type ModelService } from "../models.js";
import type { SessionCounts } from "../sessionUse.js";
import { type Writer, write } from "./lessonRequests.js";

/** Tokens of a text that an experiment reads: a pass of the lens over them takes a second or two. */
const MOST_TOKENS = 256;
/** Tokens of the built-in model's context. */
const BUILT_IN_CONTEXT = 256;

export interface ExperimentParts {
  models: ModelService;
  lens: Caller<LensProtocol>;
  /** A second process, for the built-in model beside the active one. */
  beside: Caller<ModelProtocol>;
  counts: SessionCounts;
}

export function experimentHandlers({
  models,
  lens,
  beside,
  counts,
}: ExperimentParts): Handlers<ExperimentHost> {
  const active = (signal: AbortSignal) => models.ready(signal);

  /** The built-in model, in the active model's process where it is that. */
  const builtIn: Writer = {
    async ready(signal) {
      if (basename(await models.activePath()) === BUILT_IN_MODEL) return models.ready(signal);
      const path = models.builtInPath;
      return beside.call(
        "load",
        { path, contextSize: BUILT_IN_CONTEXT, gpuLayers: 0, threads: 1 },
        signal ? { signal } : {},
      );
    },
    async call(method, params, options) {
      const own = basename(await models.activePath()) === BUILT_IN_MODEL;
      return (own ? models : beside).call(method, params, options);
    },
  };

  return {
    read: async ({ text }, { signal }) => {
      const model = await active(signal);
      const tokens = await models.call("tokenize", { text, bos: true }, { signal });
      return { tokens: tokens.slice(0, Math.min(MOST_TOKENS, model.contextSize)), model };
    },
    lookBack: async ({ tokenIds, equalPositions }, { signal }) => {
      const { path, contextSize } = await active(signal);
      return lens.call("lookBack", { path, tokenIds, equalPositions, contextSize }, { signal });
    },
    routing: async ({ tokenIds }, { signal }) => {
      const { path, contextSize } = await active(signal);
      return lens.call("routing", { path, tokenIds, contextSize }, { signal });
    },
    embeddings: async ({ ids }, { signal }) => {
      const { path } = await active(signal);
      return lens.call("embeddings", { path, ids }, { signal });
    },
    nameTokens: async ({ ids }, { signal }) => {
      const tokens = await models.call("tokens", { ids }, { signal });
      return tokens.map((token) => ({
        id: token.id,
        text: token.bytes.length === 0 ? token.name : textOfTokens([token]),
      }));
    },
    next: async ({ tokenIds }, { signal }) => {
      const { logits } = await models.call("next", { tokenIds }, { signal });
      return { logits };
    },
    writeBuiltIn: (request, context) => write(builtIn, request, context),
    sessionUse: () => ({ devices: counts.devices, ...models.memory }),
  };
}
