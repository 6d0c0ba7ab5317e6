/** The calls of an explanation to the model: each has a number, and is kept as it was made for *What was sent*. */

import type { SentCall } from "../../shared/panels/sent.js";
import type { Caller } from "../../shared/rpc.js";
import type { ModelInfo, ModelToken } from "../../shared/types.js";
import type { GeneratedToken, GenerationResult, ModelProtocol } from "../../shared/workerProtocol.js";
import { promptParts } from "./prompts.js";
import type { ModelRequest } from "./requests.js";
import { textOfTokens } from "./textOfTokens.js";

const ALTERNATIVES = 5;

/** The model as an explanation uses it; `ModelService` is one. */
export interface ExplanationModel extends Caller<ModelProtocol> {
  ready(signal?: AbortSignal): Promise<ModelInfo>;
}

export class ModelCalls {
  readonly #model: ExplanationModel;
  readonly #seed: number;
  readonly #calls = new Map<number, SentCall>();

  constructor(model: ExplanationModel, seed: number) {
    this.#model = model;
    this.#seed = seed;
  }

  /** A call as it was made, by its number. */
  sent(id: number): SentCall | undefined {
    return this.#calls.get(id);
  }

  get last(): SentCall | undefined {
    return this.#calls.get(this.#calls.size);
  }

  /** Keeps a call, and gives it a number. */
  register(
    request: ModelRequest,
    model: ModelInfo,
    resumedFrom: readonly ModelToken[],
    maxTokens: number,
  ): number {
    const id = this.#calls.size + 1;
    const { subject, prompt, messages, sampling, stopTexts } = request;
    this.#calls.set(id, {
      id,
      subject,
      model,
      prompt,
      parts: model.chat
        ? promptParts(prompt, messages)
        : [{ role: "user", start: 0, end: prompt.text.length }],
      resumedFrom: [...resumedFrom],
      sampling,
      seed: this.#seed,
      maxTokens,
      stopTexts: [...stopTexts],
      grammar: request.grammar,
    });
    return id;
  }

  /** Lets the model write, behind the tokens that it is to go on from. */
  generate(
    { messages, prompt, sampling, stopTexts, grammar }: ModelRequest,
    resumedFrom: readonly ModelToken[],
    maxTokens: number,
    signal: AbortSignal,
    onEvent: (token: GeneratedToken) => void,
  ): Promise<GenerationResult> {
    return this.#model.call(
      "generate",
      {
        tokenIds: [...prompt.tokens, ...resumedFrom].map((token) => token.id),
        messages:
          resumedFrom.length === 0
            ? messages
            : [...messages, { role: "assistant", content: textOfTokens(resumedFrom) }],
        maxTokens,
        sampling,
        seed: this.#seed,
        stopTexts: [...stopTexts],
        alternatives: ALTERNATIVES,
        ...(grammar === undefined ? {} : { grammar }),
      },
      { signal, onEvent },
    );
  }
}
