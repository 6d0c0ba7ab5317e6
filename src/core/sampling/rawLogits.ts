/**
 * The model's own logits from the engine's probabilities. The engine hands out no logits, and the logarithms of
 * probabilities differ from them by one constant; but a repeat penalty works on the logits themselves, so what it
 * does to two tokens tells the constant.
 */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

/** The repeat penalty that the probes must be given. */
export const PROBE_PENALTY = 2;

export interface Probes {
  /** The most probable token, and one far less probable, both penalised. */
  high: number;
  low: number;
  /** The second most probable, left as it is. */
  reference: number;
}

/**
 * The tokens to probe with.
 * @param logits (vocabulary) f32.
 * @throws GlassboxError `unsupported` for a vocabulary of fewer than three tokens.
 */
export function probesFor(logits: Float32Array): Probes {
  let [high, reference] = [-1, -1];
  for (let id = 0; id < logits.length; id++) {
    if (high < 0 || logits[id]! > logits[high]!) [high, reference] = [id, high];
    else if (reference < 0 || logits[id]! > logits[reference]!) reference = id;
  }
  // The lowest that f32 probabilities still tell exactly, twice as low as it may become by the penalty.
  const least = (logits[high] ?? 0) - 30;
  let low = -1;
  for (let id = 0; id < logits.length; id++) {
    if (id === high || id === reference || logits[id]! < least) continue;
    if (low < 0 || logits[id]! < logits[low]!) low = id;
  }
  if (low < 0) {
    throw new GlassboxError(
      "unsupported",
      t("Cannot tell the logits of a vocabulary of {0} tokens.", logits.length),
    );
  }
  return { high, low, reference };
}

/**
 * The constant to add to the logarithms of probabilities to get the model's logits.
 *
 * A penalty r takes a logit l > 0 to l / r, and any other to l r. So what a probe lost against the reference tells
 * its logit but for the sign, and only one choice of signs agrees with the difference of the two.
 * @param plain (vocabulary) logarithms of the probabilities.
 * @param penalised the same with a repeat penalty of `PROBE_PENALTY` on the probes.
 */
export function logitOffset(
  plain: Float32Array,
  penalised: Float32Array,
  { high, low, reference }: Probes,
): number {
  const lost = (id: number) => plain[id]! - plain[reference]! - (penalised[id]! - penalised[reference]!);
  const positive = (id: number) => lost(id) / (1 - 1 / PROBE_PENALTY);
  const negative = (id: number) => -lost(id) / (PROBE_PENALTY - 1);
  const difference = plain[high]! - plain[low]!;
  const signs = [
    [positive(high), positive(low)],
    [positive(high), negative(low)],
    [negative(high), negative(low)],
  ] as const;
  let offset = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [logit, lower] of signs) {
    const error = Math.abs(logit - lower - difference);
    if (error < least) {
      least = error;
      offset = logit - plain[high]!;
    }
  }
  return offset;
}
