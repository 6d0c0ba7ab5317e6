/**
 * From what the engine tells of a distribution to the numbers of one token: its engine hands out no logits, and the
 * whole vocabulary as a list costs ten milliseconds a token. But a short list tells how the best compare with the
 * token that stands there, and the sum over all of the vocabulary (see `ladder.ts`) tells the rest.
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

/** How many tokens of the vocabulary have at least a certain logit, shifted as those of the head. */
export interface Count {
  logit: number;
  count: number;
}

/**
 * Entropy of the whole distribution in bits: of the head exactly, and of all others as a whole.
 *
 * Of the tail are known: how many tokens it has, their probability together, and how many of them are above a second
 * logit. Probabilities by rank are taken to fall as powers of the rank, first from the head to the second logit and
 * then from there on, so steeply that they have the known sum. At most the tail is even, and at least all of it is as
 * probable as the last of the head.
 * @param logSum logarithm of the sum of exponentials over the vocabulary, shifted as the head.
 * @param above may be left out where the tail hardly matters.
 */
export function entropyBits(head: Head, logSum: number, vocabularySize: number, above?: Count): number {
  const { logits } = head;
  let held = 0;
  let entropy = 0;
  for (const logit of logits) {
    const log = logit - logSum;
    const p = Math.exp(log);
    held += p;
    entropy -= p * log;
  }
  const size = logits.length;
  const count = vocabularySize - size;
  const last = logits.at(-1)! - logSum;
  // The engine's sums are good to about a thousandth; what is left can be no more than as many as the last of the head.
  const tail = Math.min(Math.max(0, 1 - held), count * Math.exp(last));
  if (count > 0 && tail > 0) {
    const even = Math.log(count / tail);
    const least = Math.min(-last, even);
    const mean = meanOfTail(
      size,
      last,
      vocabularySize,
      tail,
      above && { ...above, logit: above.logit - logSum },
    );
    entropy += tail * Math.min(Math.max(mean, least), even);
  }
  const range = entropyRange(head, logSum, vocabularySize, above);
  return Math.min(range.most, Math.max(range.least, entropy / Math.LN2));
}

/** Bounds of the same, in bits: no distribution that agrees with all that is known has another entropy. */
export function entropyRange(
  { logits }: Head,
  logSum: number,
  vocabularySize: number,
  above?: Count,
): { least: number; most: number } {
  let held = 0;
  let entropy = 0;
  for (const logit of logits) {
    const log = logit - logSum;
    held += Math.exp(log);
    entropy -= Math.exp(log) * log;
  }
  const count = vocabularySize - logits.length;
  const last = logits.at(-1)! - logSum;
  const tail = Math.min(Math.max(0, 1 - held), count * Math.exp(last));
  const bits = (nats: number) => Math.max(0, nats / Math.LN2);
  if (count <= 0 || tail <= 0) return { least: bits(entropy), most: bits(entropy) };
  // Without a count in between, the tail is one group, whose tokens are as probable as the last of the head at most.
  const near = above ? Math.min(count, Math.max(0, above.count - logits.length)) : count;
  const knot = above ? above.logit - logSum : Number.NEGATIVE_INFINITY;
  // Least where as much as can be lies with the most probable: each group at its upper end.
  const first = Math.min(tail, near * Math.exp(last));
  const least = first * -last + (tail - first) * (above ? -knot : 0);
  // Most where it is as even as can be: the nearer group no higher than it must be, the rest shared out.
  const needed = above ? Math.min(tail, near * Math.exp(knot)) : 0;
  const even = Math.log(count / tail);
  const rest = tail - needed;
  const far = above ? count - near : count;
  const uneven = needed * -knot + (rest > 0 && far > 0 ? rest * Math.log(far / rest) : 0);
  const most = above && -knot < even ? uneven : tail * even;
  return { least: bits(entropy + least), most: bits(entropy + most) };
}

/** The mean of -log p over a tail of probability `tail` that begins at a rank with a log p. */
function meanOfTail(rank: number, log: number, end: number, tail: number, knot: Count | undefined): number {
  let first: Part = { mass: 0, entropy: 0 };
  let [from, fromLog] = [rank, log];
  if (knot && knot.count > rank && knot.count < end) {
    first = powerLaw(rank, log, knot.count, (log - knot.logit) / Math.log(knot.count / rank));
    [from, fromLog] = [knot.count, knot.logit];
  }
  const rest = tail - first.mass;
  if (rest <= 0) return first.entropy / first.mass;
  let [flat, steep] = [0, STEEPEST];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (flat + steep) / 2;
    if (powerLaw(from, fromLog, end, middle).mass > rest) flat = middle;
    else steep = middle;
  }
  const second = powerLaw(from, fromLog, end, flat);
  // As even as it can be and still too little: the parts keep their proportion.
  const scale = second.mass > 0 ? rest / second.mass : 0;
  return (first.entropy + second.entropy * scale) / tail;
}

const STEEPEST = 60;
const BISECTIONS = 40;

interface Part {
  mass: number;
  /** The sum of -p log p, in nats. */
  entropy: number;
}

/** Integrals over ranks from `from` to `to` of p = e^log (rank / from)^-power. */
export function powerLaw(from: number, log: number, to: number, power: number): Part {
  const ratio = to / from;
  const scale = Math.exp(log) * from;
  const less = power - 1;
  if (Math.abs(less) < 1e-6) {
    const width = Math.log(ratio);
    return { mass: scale * width, entropy: scale * (-log * width + (power * width ** 2) / 2) };
  }
  const fallen = ratio ** -less;
  const mass = (scale * (1 - fallen)) / less;
  const slope = (1 - fallen * (1 + less * Math.log(ratio))) / less ** 2;
  return { mass, entropy: mass * -log + power * scale * slope };
}
