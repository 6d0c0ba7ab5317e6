/** What a server can be asked in the model's own protocol: a chat, told word by word. All else needs the weights. */

import type { OfferedModel } from "../../core/server/serverModels.js";
import { serverPrompt, withoutMarkers } from "../../core/server/serverPrompt.js";
import { GlassboxError } from "../../shared/errors.js";
import { fileNameOf } from "../../shared/fileNameOf.js";
import { t } from "../../shared/l10n.js";
import type { CallOptions } from "../../shared/rpc.js";
import type { ModelInfo } from "../../shared/types.js";
import type { ModelProtocol } from "../../shared/workerProtocol.js";
import type { ServerClient, ServerConnection } from "./serverClient.js";

/** Where a server does not tell the size of its context. */
const USUAL_CONTEXT = 4096;

type Served = {
  [K in keyof ModelProtocol]: (
    params: ModelProtocol[K]["params"],
    options: CallOptions<ModelProtocol[K]["event"]> | undefined,
  ) => Promise<ModelProtocol[K]["result"]>;
};

/** Calls of the model's protocol, answered by a server. `connection` is asked for again at each call. */
export class ServerCalls {
  readonly #served: Partial<Served>;

  constructor(
    client: ServerClient,
    connection: (signal: AbortSignal | undefined) => Promise<ServerConnection>,
    log: (line: string) => void,
  ) {
    this.#served = {
      renderChat: async ({ messages }) => serverPrompt(messages),
      generate: async (params, options) => {
        const { messages, maxTokens, sampling, seed, stopTexts, alternatives, grammar } = params;
        if (!messages) throw new GlassboxError("invalid-request", "A server is asked in messages.");
        const to = await connection(options?.signal);
        const { stop, tokenCount, promptMs, generateMs } = await client.chat(
          to,
          {
            messages: withoutMarkers(messages),
            maxTokens,
            sampling,
            seed,
            ...(stopTexts ? { stopTexts } : {}),
            ...(alternatives === undefined ? {} : { alternatives }),
            ...(grammar === undefined ? {} : { grammar }),
          },
          { signal: options?.signal, onEvent: options?.onEvent },
        );
        log(`server: ${to.address.host}, ${tokenCount} tokens, the first after ${promptMs.toFixed(0)} ms`);
        return { stop, tokenCount, promptMs, generateMs };
      },
    };
  }

  /** @throws GlassboxError `unsupported` for what needs the model on this machine. */
  async call<K extends keyof ModelProtocol & string>(
    method: K,
    params: ModelProtocol[K]["params"],
    options?: CallOptions<ModelProtocol[K]["event"]>,
  ): Promise<ModelProtocol[K]["result"]> {
    const serve: Served[K] | undefined = this.#served[method];
    if (serve) return serve(params, options);
    throw new GlassboxError(
      "unsupported",
      t("A server gives out neither its tokens nor its weights."),
      t("Run Glassbox: Disconnect from the Server to use the model on this machine."),
    );
  }
}

/** What is known of a model on a server; numbers that the file would tell are 0. */
export function serverModelInfo(
  { address, model }: ServerConnection,
  offered: OfferedModel | undefined,
): ModelInfo {
  const contextSize = offered?.contextSize ?? USUAL_CONTEXT;
  return {
    path: address.base,
    name: shortName(model),
    architecture: "",
    quantisation: "",
    fileBytes: 0,
    parameterCount: 0,
    vocabularySize: 0,
    trainedContext: contextSize,
    contextSize,
    layerCount: 0,
    headCount: 0,
    chat: true,
    server: address.host,
  };
}

/** Some servers name a model by the path of its file. */
export function shortName(model: string): string {
  return fileNameOf(model);
}
