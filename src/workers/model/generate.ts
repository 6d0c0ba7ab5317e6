/** The generation loop: evaluate, sample with our own sampler, report the token, stop where asked. */

import { type Candidates, candidatesOf } from "../../core/sampling/candidates.js";
import { HEAD_MASS, type HeadNeed, headFor } from "../../core/sampling/head.js";
import { seededCoin } from "../../core/sampling/randomness.js";
import { draw } from "../../core/sampling/sample.js";
import { checkSettings, runStages } from "../../core/sampling/stages.js";
import { StopTextWatch } from "../../core/sampling/stopTextWatch.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { SamplingSettings } from "../../shared/types.js";
import type {
  GeneratedToken,
  GenerationResult,
  ModelProtocol,
  StopReason,
} from "../../shared/workerProtocol.js";
import { GrammarGate } from "./grammarGate.js";
import type { LoadedModel } from "./loadedModel.js";

/** What a grammar wants is often among the first thousands only. */
const GATED: HeadNeed = { tokens: 0, mass: HEAD_MASS };

/** What the model would say, and what of it may be drawn: the same, unless a grammar forbids some of it. */
async function candidatesAfter(
  loaded: LoadedModel,
  tokens: readonly number[],
  sampling: SamplingSettings,
  alternatives: number,
  gate: GrammarGate | undefined,
  signal: AbortSignal,
): Promise<{ candidates: Candidates; open: Candidates }> {
  const greedy = sampling.temperature === 0;
  const need = gate ? (greedy ? GATED : undefined) : headFor(sampling, alternatives);
  if (need) {
    const candidates = await loaded.headAfter(tokens, signal, need);
    const open = gate ? gate.best(candidates) : candidates;
    if (open) return { candidates, open };
  }
  // What the grammar wants may be far down in the vocabulary.
  const candidates = candidatesOf(await loaded.logitsAfter(tokens, signal));
  if (!gate) return { candidates, open: candidates };
  const open = greedy ? gate.best(candidates) : gate.allowed(candidates);
  if (open && open.ids.length > 0) return { candidates, open };
  throw new GlassboxError("failed", t("The model has no token that the grammar would let through here."));
}

/**
 * Generates from prompt tokens until the model ends its turn or a limit is reached.
 * The same prompt, settings and seed give the same tokens.
 * @throws GlassboxError `cancelled` within one evaluation of the signal's abort, `too-long` for the prompt.
 */
export async function generate(
  loaded: LoadedModel,
  params: ModelProtocol["generate"]["params"],
  signal: AbortSignal,
  onToken: (token: GeneratedToken) => void,
): Promise<GenerationResult> {
  const { sampling, maxTokens, alternatives = 0 } = params;
  checkSettings(sampling);
  const coin = seededCoin(params.seed);
  const stopTexts = new StopTextWatch(params.stopTexts ?? []);
  const gate =
    params.grammar === undefined ? undefined : await GrammarGate.make(loaded.model, params.grammar);
  const tokens = [...params.tokenIds];
  let tokenCount = 0;
  let promptMs = 0;
  const startedAt = performance.now();
  const result = (stop: StopReason): GenerationResult => ({
    stop,
    tokenCount,
    promptMs,
    generateMs: performance.now() - startedAt - promptMs,
  });

  let next: ReturnType<typeof candidatesAfter> | undefined;
  while (tokenCount < maxTokens) {
    if (tokenCount > 0 && tokens.length > loaded.maxTokens) return result("context-full");
    const { candidates, open } = await (next ??
      candidatesAfter(loaded, tokens, sampling, alternatives, gate, signal));
    next = undefined;
    if (tokenCount === 0) promptMs = performance.now() - startedAt;
    const chosen = draw(open, runStages(open, sampling), coin);
    if (loaded.isEndOfTurn(chosen.id)) return result("end-of-turn");
    const token = loaded.vocabulary.token(chosen.id);
    gate?.accept(chosen.id);
    tokens.push(chosen.id);
    tokenCount++;
    const stops = stopTexts.sees(token.bytes);
    // The engine goes on while this token is told: its threads need not wait for that.
    if (!stops && tokenCount < maxTokens && tokens.length <= loaded.maxTokens)
      next = candidatesAfter(loaded, tokens, sampling, alternatives, gate, signal);
    onToken({
      token,
      probability: gate ? candidates.probabilities[candidates.ids.indexOf(chosen.id)]! : chosen.before,
      alternatives: Array.from(candidates.ids.subarray(0, alternatives), (id, rank) => ({
        // The same object is sent once.
        token: id === chosen.id ? token : loaded.vocabulary.token(id),
        probability: candidates.probabilities[rank]!,
      })),
    });
    if (stops) return result("stop-text");
  }
  return result("max-tokens");
}
