/** Rotary position embedding: the angles by which queries and keys are turned at each position. */

/** One way of turning; a model may have another for its layers with a window. */
export interface Rope {
  /** Which numbers of a head make a pair: (2i, 2i + 1), or (i, i + rotated / 2). */
  pairs: "interleaved" | "halves";
  /** How many numbers of each head are turned. */
  rotated: number;
  base: number;
  /** Angles are multiplied with this: 1, or 1/factor where the context is stretched. */
  scale: number;
  /**
   * YaRN: pairs that turn more often than `fast` times in the original context keep their angles, those that turn
   * less often than `slow` times are scaled, those between are mixed.
   */
  yarn: { fast: number; slow: number } | undefined;
  /** What the turned numbers are multiplied with besides. */
  magnitude: number;
  /** Tokens of the context before it was stretched. */
  originalContext: number;
  /** Whether the model's divisors of frequencies count here. */
  divided: boolean;
}

/** What frequencies are divided by, (rotated / 2): in a context as long as the original one, and in a longer one. */
export interface RopeDivisors {
  short: readonly number[] | undefined;
  long: readonly number[] | undefined;
}

/**
 * Cosine and sine of every position and pair: angle = position · scale / (base^(2i/rotated) · divisor_i), mixed with
 * the angle without the scale by YaRN. Sources: RoFormer (arXiv 2104.09864), equation 34; YaRN (arXiv 2309.00071),
 * section 3, with its temperature as a factor of cosine and sine; LongRoPE (arXiv 2402.13753) for the divisors.
 * @param context tokens that the context may have, which decides on the divisors.
 * @returns (tokens, rotated / 2, 2) f32.
 */
export function ropeTable(
  tokens: number,
  rope: Rope,
  divisors: RopeDivisors | undefined,
  context: number,
): Float32Array {
  const pairs = rope.rotated / 2;
  const byPair = rope.divided
    ? context > rope.originalContext
      ? divisors?.long
      : divisors?.short
    : undefined;
  const magnitude = rope.magnitude * (rope.yarn && rope.scale < 1 ? 1 - 0.1 * Math.log(rope.scale) : 1);
  const table = new Float32Array(tokens * pairs * 2);
  for (let pair = 0; pair < pairs; pair++) {
    const plain = rope.base ** ((-2 * pair) / rope.rotated) / (byPair?.[pair] ?? 1);
    const kept = unscaledShare(pair, rope);
    const frequency = plain * (rope.scale * (1 - kept) + kept);
    for (let position = 0; position < tokens; position++) {
      const at = (position * pairs + pair) * 2;
      table[at] = Math.cos(position * frequency) * magnitude;
      table[at + 1] = Math.sin(position * frequency) * magnitude;
    }
  }
  return table;
}

/** How much of a pair's angle stays as it would be without the scale: 0 but for YaRN, which has a ramp over the pairs. */
function unscaledShare(pair: number, { yarn, rotated, base, originalContext }: Rope): number {
  if (!yarn) return 0;
  /** The pair, as a fraction, that turns so many times in the original context. */
  const pairTurning = (turns: number) =>
    (rotated * Math.log(originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairTurning(yarn.fast)));
  const high = Math.min(rotated - 1, Math.ceil(pairTurning(yarn.slow)));
  return 1 - Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
}
