/** Sums of surprisal over stretches of a text, and the places where it is greatest. */

/** A token in its text, as far as sums need it. */
export interface ScoredToken {
  /** UTF-16 offsets. */
  start: number;
  end: number;
  /** Undefined where it has not been read, or nothing stands before it. */
  bits: number | undefined;
}

export interface SurprisalSum {
  /** Tokens that were read. */
  tokens: number;
  /** All of their surprisal. */
  bits: number;
}

export const NOTHING: SurprisalSum = { tokens: 0, bits: 0 };

export function sumOf(tokens: Iterable<Pick<ScoredToken, "bits">>): SurprisalSum {
  const sum = { ...NOTHING };
  for (const { bits } of tokens) {
    if (bits === undefined) continue;
    sum.tokens++;
    sum.bits += bits;
  }
  return sum;
}

/** Cross-entropy of the model and the text, in bits a token; undefined of no tokens. */
export function bitsPerToken({ tokens, bits }: SurprisalSum): number | undefined {
  return tokens > 0 ? bits / tokens : undefined;
}

/** The same by bytes, which is comparable between models with other tokens. @param bytes UTF-8 bytes of the tokens read. */
export function bitsPerByte({ bits }: SurprisalSum, bytes: number): number | undefined {
  return bytes > 0 ? bits / bytes : undefined;
}

/** 2 to the bits a token: as if the model had chosen among so many equally good tokens each time. */
export function perplexity(sum: SurprisalSum): number | undefined {
  const mean = bitsPerToken(sum);
  return mean === undefined ? undefined : 2 ** mean;
}

/** Sums of the tokens that begin in each stretch. @param starts offsets at which stretches begin, ascending, the first 0. */
export function sumsByStart(tokens: readonly ScoredToken[], starts: readonly number[]): SurprisalSum[] {
  const sums = starts.map(() => ({ ...NOTHING }));
  let at = 0;
  for (const { start, bits } of tokens) {
    while (at + 1 < starts.length && starts[at + 1]! <= start) at++;
    const sum = sums[at];
    if (bits === undefined || !sum) continue;
    sum.tokens++;
    sum.bits += bits;
  }
  return sums;
}

/** Indices of the most surprising tokens, the most surprising first; equals in the order of the text. */
export function mostSurprising(
  tokens: readonly Pick<ScoredToken, "bits">[],
  count: number,
  leastBits: number,
): number[] {
  const found: number[] = [];
  for (const [index, { bits }] of tokens.entries())
    if (bits !== undefined && bits >= leastBits) found.push(index);
  return found.sort((a, b) => tokens[b]!.bits! - tokens[a]!.bits! || a - b).slice(0, count);
}

/** The places worth a look: the tokens of the two highest levels. @param thresholds probabilities, falling; see `levelOf`. */
export function surprisingPlaces(
  tokens: readonly Pick<ScoredToken, "bits">[],
  thresholds: readonly number[],
): number[] {
  return mostSurprising(tokens, Number.POSITIVE_INFINITY, -Math.log2(thresholds.at(-2)!));
}
