/** Which tokens a GBNF grammar lets through next, by llama.cpp's own grammar engine, beside our own sampler. */

import type { LlamaGrammarEvaluationState, LlamaModel } from "node-llama-cpp";
import type { Candidates } from "../../core/sampling/candidates.js";
import { softmax } from "../../core/sampling/candidates.js";
import { GlassboxError } from "../../shared/errors.js";

/**
 * What node-llama-cpp's own token predictors use: its public samplers draw by themselves, which would leave neither
 * our stages nor the probability that the model gave a token before the grammar. A test holds these names.
 */
interface GrammarEngine {
  canBeNextTokenForGrammarEvaluationState(state: object, token: number): boolean;
  acceptGrammarEvaluationStateToken(state: object, token: number): void;
}

export class GrammarGate {
  readonly #engine: GrammarEngine;
  readonly #state: object;

  private constructor(engine: GrammarEngine, state: object) {
    this.#engine = engine;
    this.#state = state;
  }

  /** @throws GlassboxError `invalid-request` for a grammar that llama.cpp does not read. */
  static async make(model: LlamaModel, gbnf: string): Promise<GrammarGate> {
    const { LlamaGrammarEvaluationState } = await import("node-llama-cpp");
    let state: LlamaGrammarEvaluationState;
    try {
      const grammar = await model.llama.createGrammar({ grammar: gbnf });
      state = new LlamaGrammarEvaluationState({ model, grammar });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new GlassboxError("invalid-request", `The grammar cannot be read: ${reason}`, undefined, {
        cause: error,
      });
    }
    const { AddonSampler } = (model.llama as unknown as { _bindings: { AddonSampler: GrammarEngine } })
      ._bindings;
    return new GrammarGate(AddonSampler, (state as unknown as { _state: object })._state);
  }

  /** Whether the grammar lets this token follow; an end of turn follows only where the grammar may end. */
  allows(id: number): boolean {
    return this.#engine.canBeNextTokenForGrammarEvaluationState(this.#state, id);
  }

  /** Moves on by a token that was allowed. */
  accept(id: number): void {
    this.#engine.acceptGrammarEvaluationStateToken(this.#state, id);
  }

  /** The best candidate that is allowed, alone; undefined where none is. */
  best({ ids, logits }: Candidates): Candidates | undefined {
    const rank = ids.findIndex((id) => this.allows(id));
    if (rank < 0) return undefined;
    return {
      ids: ids.slice(rank, rank + 1),
      logits: logits.slice(rank, rank + 1),
      probabilities: Float64Array.of(1),
    };
  }

  /** All candidates that are allowed, their probabilities summing to 1 again. */
  allowed({ ids, logits }: Candidates): Candidates {
    const ranks = Uint32Array.from(ids.keys()).filter((rank) => this.allows(ids[rank]!));
    const kept = Float64Array.from(ranks, (rank) => logits[rank]!);
    return {
      ids: Uint32Array.from(ranks, (rank) => ids[rank]!),
      logits: kept,
      probabilities: softmax(kept),
    };
  }
}
