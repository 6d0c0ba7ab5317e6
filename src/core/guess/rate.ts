/** What a distribution says of one token and of the most probable ones, in one pass: nothing is sorted. */

export interface Rated {
  id: number;
  probability: number;
  bits: number;
}

export interface Rating {
  /** Most probable first; equals by id. */
  best: Rated[];
  /** In bits. */
  entropy: number;
}

/** @param logits (vocabulary) whose exponentials sum to 1. @param count how many of the best are wanted. */
export function rate(logits: Float32Array, count: number): Rating {
  const best: number[] = [];
  let entropy = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    entropy -= Math.exp(logit) * logit;
    if (best.length === count && logit <= logits[best.at(-1)!]!) continue;
    let at = best.length;
    while (at > 0 && logits[best[at - 1]!]! < logit) at--;
    best.splice(at, 0, id);
    if (best.length > count) best.pop();
  }
  return { best: best.map((id) => rated(logits, id)), entropy: Math.max(0, entropy / Math.LN2) };
}

/** One token with its probability and its bits. @param logits as for `rate`. */
export function rated(logits: Float32Array, id: number): Rated {
  const logit = logits[id]!;
  return { id, probability: Math.exp(logit), bits: Math.max(0, -logit / Math.LN2) };
}

/** 1 is the most probable; equals share the better rank. */
export function rankOf(logits: Float32Array, id: number): number {
  const own = logits[id]!;
  let better = 0;
  for (const logit of logits) if (logit > own) better++;
  return better + 1;
}
