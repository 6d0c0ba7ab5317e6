/** Two models on the same text: how far their distributions are apart, or, with other tokens, their bits by stretch. */

/** What two distributions over one vocabulary say of each other, in bits. */
export interface Divergence {
  /** Kullback-Leibler divergence: the bits a token that coding by the second costs more where the first is right. */
  forward: number;
  /** The same the other way round. */
  backward: number;
  firstEntropy: number;
  secondEntropy: number;
  /** The most probable tokens; the lower id of equals. */
  firstTop: number;
  secondTop: number;
}

/**
 * D(P || Q) = sum p log2 (p / q), over the whole vocabulary in f64.
 * @param first (vocabulary) logarithms of probabilities. @param second the same of the other model.
 */
export function divergenceOf(first: Float32Array, second: Float32Array): Divergence {
  let [forward, backward, firstEntropy, secondEntropy] = [0, 0, 0, 0];
  let [firstTop, secondTop] = [0, 0];
  for (let id = 0; id < first.length; id++) {
    const [a, b] = [first[id]!, second[id]!];
    const [p, q] = [Math.exp(a), Math.exp(b)];
    forward += p * (a - b);
    backward += q * (b - a);
    firstEntropy -= p * a;
    secondEntropy -= q * b;
    if (a > first[firstTop]!) firstTop = id;
    if (b > second[secondTop]!) secondTop = id;
  }
  // Rounding may leave a little less than nothing.
  const bits = (nats: number) => Math.max(0, nats / Math.LN2);
  return {
    forward: bits(forward),
    backward: bits(backward),
    firstEntropy: bits(firstEntropy),
    secondEntropy: bits(secondEntropy),
    firstTop,
    secondTop,
  };
}

/** A token of one model in a text, with what that gave it. */
export interface CostedToken {
  /** UTF-16 offset behind it. */
  end: number;
  /** It ends inside a character, which the next token goes on with. */
  endsInside: boolean;
  /** Undefined where nothing stands before it. */
  bits: number | undefined;
}

/** A stretch of text with what both models gave it. */
export interface Stretch {
  start: number;
  end: number;
  firstBits: number;
  secondBits: number;
}

/**
 * The shortest stretches of a text at whose ends both models have the end of a token: what each gave all of its
 * tokens there is comparable, however differently they cut it. Stretches with a token that was not read are left out.
 * @param start of the text, UTF-16. Tokens that end at it or before are left out.
 */
export function stretchesOf(
  first: readonly CostedToken[],
  second: readonly CostedToken[],
  start: number,
): Stretch[] {
  const borders = (tokens: readonly CostedToken[]) =>
    new Set(tokens.filter(({ endsInside }) => !endsInside).map(({ end }) => end));
  const others = borders(second);
  const common = [...borders(first)].filter((end) => end > start && others.has(end)).sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  const sums = [sumBetween(first), sumBetween(second)] as const;
  let from = start;
  for (const end of common) {
    const [firstBits, secondBits] = [sums[0](from, end), sums[1](from, end)];
    if (firstBits !== undefined && secondBits !== undefined)
      stretches.push({ start: from, end, firstBits, secondBits });
    from = end;
  }
  return stretches;
}

/** Adds up the tokens that end in one range after the other. */
function sumBetween(tokens: readonly CostedToken[]): (from: number, to: number) => number | undefined {
  let at = 0;
  return (from, to) => {
    while (at < tokens.length && tokens[at]!.end <= from) at++;
    let sum: number | undefined = 0;
    for (; at < tokens.length && tokens[at]!.end <= to; at++) {
      const { bits } = tokens[at]!;
      sum = sum === undefined || bits === undefined ? undefined : sum + bits;
    }
    return sum;
  };
}
