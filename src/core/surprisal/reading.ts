/**
 * From what the engine tells of a distribution to the numbers of one token: its engine hands out no logits, and the
 * whole vocabulary as a list costs ten milliseconds a token. But a short list tells how the best compare with the
 * token that stands there, and the probability of one token, taken over all of the vocabulary, tells the rest.
 */

/** The best tokens of a vocabulary, best first: (head) each. */
export interface Head {
  ids: Uint32Array;
  /** Logits, shifted so that the best has 0. */
  logits: Float64Array;
}

/** A head together with the token that was asked for, which need not be in it. */
export interface HeadAndToken {
  head: Head;
  /** Its logit, shifted as those of the head. */
  logit: number;
  /** Whether no token outside the head can be better. */
  inHead: boolean;
}

/**
 * Reads a list of tokens with their probabilities among one another, in which the logit of one was raised so that it
 * is on the list wherever it ranks.
 * @param list id and probability in turn, at least two tokens.
 * @param raised by how much, in nats.
 * @returns undefined where the token is not on the list all the same.
 */
export function readHead(list: ArrayLike<number>, id: number, raised: number): HeadAndToken | undefined {
  const others: { id: number; logit: number }[] = [];
  let own: { id: number; logit: number } | undefined;
  for (let at = 0; at + 1 < list.length; at += 2) {
    // What underflowed in the engine's f32 arithmetic tells nothing.
    if (!(list[at + 1]! > 0)) continue;
    const entry = { id: list[at]!, logit: Math.log(list[at + 1]!) };
    if (entry.id === id) own = { id, logit: entry.logit - raised };
    else others.push(entry);
  }
  if (!own) return undefined;
  const lowest = others.at(-1)?.logit ?? Number.NEGATIVE_INFINITY;
  const inHead = own.logit >= lowest;
  const entries = inHead ? [...others, own] : others;
  entries.sort((a, b) => b.logit - a.logit);
  const best = entries[0]!.logit;
  return {
    head: {
      ids: Uint32Array.from(entries, (entry) => entry.id),
      logits: Float64Array.from(entries, (entry) => entry.logit - best),
    },
    logit: own.logit - best,
    inHead,
  };
}

/** Rank of a logit in a head that holds it; 1 is the best, and equals share the better rank. */
export function rankInHead({ logits }: Head, logit: number): number {
  let better = 0;
  while (better < logits.length && logits[better]! > logit) better++;
  return better + 1;
}

/** The logarithm of a sum of exponentials over the vocabulary, from the probability `p` that one logit has in it. */
export function logSumOf(logit: number, p: number): number {
  return logit - Math.log(p);
}

/**
 * Entropy of the whole distribution in bits: of the head exactly, and of all others as a whole.
 *
 * With S(b) for the sum of p^b over the tail, the tail's share of the entropy is -S'(1). Three values of the smooth
 * and convex log S are known: the tail's size at 0, its probability at 1, and its sum at one `beta` just above 1.
 * The parabola through them gives the slope at 1; convexity bounds it.
 * @param logSum logarithm of the sum of exponentials over the vocabulary, shifted as the head.
 * @param hotter the same of logits times `beta`; may be left out where the tail hardly matters.
 */
export function entropyBits(
  { logits }: Head,
  logSum: number,
  vocabularySize: number,
  hotter?: { beta: number; logSum: number },
): number {
  let held = 0;
  let entropy = 0;
  let heldHotter = 0;
  for (const logit of logits) {
    const log = logit - logSum;
    const p = Math.exp(log);
    held += p;
    entropy -= p * log;
    if (hotter) heldHotter += Math.exp(hotter.beta * logit - hotter.logSum);
  }
  const count = vocabularySize - logits.length;
  const lowest = logits.at(-1)! - logSum;
  // The engine's sums are good to about a thousandth; what is left can be no more than as many as the last of the head.
  const tail = Math.min(Math.max(0, 1 - held), count * Math.exp(lowest));
  if (count > 0 && tail > 0) {
    const even = Math.log(count / tail);
    let least = Math.min(-lowest, even);
    let mean = (least + even) / 2;
    const tailHotter = hotter && 1 - heldHotter;
    if (hotter && tailHotter !== undefined && tailHotter > 0) {
      const { beta } = hotter;
      const logTailHotter = Math.log(tailHotter) + hotter.logSum - beta * logSum;
      const above = (logTailHotter - Math.log(tail)) / (beta - 1);
      least = Math.min(Math.max(least, -above), even);
      mean = (even * (beta - 1) - above) / beta;
    }
    entropy += tail * Math.min(Math.max(mean, least), even);
  }
  return Math.max(0, entropy / Math.LN2);
}

/** The probability of everything that is not in the head. */
export function tailMass({ logits }: Head, logSum: number): number {
  let held = 0;
  for (const logit of logits) held += Math.exp(logit - logSum);
  return Math.max(0, 1 - held);
}
