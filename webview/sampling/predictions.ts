/** What the model says behind a text: distributions, kept for going back, and the names of their tokens. */

import { type Candidates, candidatesOf } from "../../src/core/sampling/candidates.js";
import { GlassboxError, throwIfCancelled } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingHost } from "../../src/shared/panels/sampling.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken } from "../../src/shared/types.js";

/** Tokens that get a bar of their own. */
export const BAR_COUNT = 20;

/** Distributions that are kept for going back; those that were left longest ago are asked for again. */
const KEPT = 16;

/** What the model said after one prefix. */
export interface Prediction {
  candidates: Candidates;
  /** Milliseconds that the engine took, and how many tokens of the text it held already and did not read again. */
  ms: number;
  reused: number;
}

export class Predictions {
  readonly #host: () => Caller<SamplingHost>;
  readonly #names = new Map<number, ModelToken>();
  /** By the tokens before them, those used last at the end. */
  readonly #kept = new Map<string, Prediction>();

  /** @param host the one of now: in a lesson each text has its own, and the names stay. */
  constructor(host: () => Caller<SamplingHost>) {
    this.#host = host;
  }

  /** How many tokens have a name by now. */
  get named(): number {
    return this.#names.size;
  }

  /** A token of the vocabulary, once its name has been asked for. */
  name(id: number): ModelToken | undefined {
    return this.#names.get(id);
  }

  /** Asks for the names of tokens that have none yet. */
  async learnNames(ids: readonly number[], signal: AbortSignal): Promise<void> {
    const unknown = ids.filter((id) => !this.#names.has(id));
    if (unknown.length === 0) return;
    for (const token of await this.#host().call("tokens", { ids: unknown }, { signal }))
      this.#names.set(token.id, token);
  }

  /** @throws GlassboxError where the model has no such token. */
  async token(id: number, signal: AbortSignal): Promise<ModelToken> {
    await this.learnNames([id], signal);
    const token = this.#names.get(id);
    if (!token) throw new GlassboxError("failed", t("The model names no token with the id {0}.", id));
    return token;
  }

  /** The distribution behind these tokens where it is kept. */
  known(ids: readonly number[]): Prediction | undefined {
    return this.#kept.get(ids.join());
  }

  /** The distribution behind these tokens: at once where it is kept, and kept from then on. */
  async behind(ids: readonly number[], signal: AbortSignal): Promise<Prediction> {
    const prediction = this.known(ids) ?? (await this.#ask(ids, signal));
    const key = ids.join();
    this.#kept.delete(key);
    this.#kept.set(key, prediction);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(old);
    }
    return prediction;
  }

  /** The same for a search, which goes where nobody will ever stand: not kept, and the best few with their names. */
  async inPassing(ids: readonly number[], best: number, signal: AbortSignal): Promise<Candidates> {
    const { logits } = await this.#host().call("next", { tokenIds: [...ids] }, { signal });
    const candidates = candidatesOf(logits);
    await this.learnNames(Array.from(candidates.ids.subarray(0, best)), signal);
    throwIfCancelled(signal);
    return candidates;
  }

  /** Forgets the distributions, which are of another text, or of the same one as it was before. */
  forget(): void {
    this.#kept.clear();
  }

  /** Forgets the names as well: those of another model's tokens. */
  forgetNames(): void {
    this.#names.clear();
  }

  async #ask(ids: readonly number[], signal: AbortSignal): Promise<Prediction> {
    // The repeat penalty works on the model's own logits.
    const { logits, ms, reused } = await this.#host().call(
      "next",
      { tokenIds: [...ids], own: true },
      { signal },
    );
    const candidates = candidatesOf(logits);
    await this.learnNames(Array.from(candidates.ids.subarray(0, BAR_COUNT)), signal);
    throwIfCancelled(signal);
    return { candidates, ms, reused };
  }
}
