/** Whether draws agree with the distribution that was predicted for them: Pearson's chi-square test. */

export interface GoodnessOfFit {
  /** The sum of (drawn - expected)^2 / expected over the cells. */
  chiSquare: number;
  /** Cells less one. */
  degreesOfFreedom: number;
  /** Probability of a chi-square at least as large if the prediction is true; 0 where an impossible token was drawn. */
  p: number;
}

/** Below this many expected draws chi-square is no good measure: such tokens are counted together. */
const LEAST_EXPECTED = 5;

/**
 * Pearson 1900. Tokens of fewer than 5 expected draws are one cell together.
 * @param counts id -> how often it was drawn.
 * @param predicted probabilities, index = id; they sum to 1.
 */
export function goodnessOfFit(counts: ReadonlyMap<number, number>, predicted: Float64Array): GoodnessOfFit {
  let draws = 0;
  let impossible = false;
  for (const [id, count] of counts) {
    draws += count;
    if (count > 0 && (predicted[id] ?? 0) === 0) impossible = true;
  }
  const cells: { expected: number; drawn: number }[] = [];
  const few = { expected: 0, drawn: 0 };
  for (let id = 0; id < predicted.length; id++) {
    const expected = draws * predicted[id]!;
    if (expected === 0) continue;
    const drawn = counts.get(id) ?? 0;
    if (expected >= LEAST_EXPECTED) {
      cells.push({ expected, drawn });
    } else {
      few.expected += expected;
      few.drawn += drawn;
    }
  }
  // What is left over may itself be too little: it goes with the smallest cell.
  const smallest = cells.reduce<(typeof cells)[number] | undefined>(
    (least, cell) => (!least || cell.expected < least.expected ? cell : least),
    undefined,
  );
  if (few.expected >= LEAST_EXPECTED || !smallest) {
    cells.push(few);
  } else {
    smallest.expected += few.expected;
    smallest.drawn += few.drawn;
  }
  let chiSquare = 0;
  for (const { expected, drawn } of cells) if (expected > 0) chiSquare += (drawn - expected) ** 2 / expected;
  const degreesOfFreedom = cells.length - 1;
  const p = impossible ? 0 : chiSquareTail(chiSquare, degreesOfFreedom);
  return { chiSquare, degreesOfFreedom, p };
}

/**
 * The probability that a chi-square of so many degrees of freedom is at least `x`: the regularised upper incomplete
 * gamma function Q(degrees / 2, x / 2), by its series below a + 1 and by its continued fraction above
 * (Abramowitz and Stegun 6.5.29 and 6.5.31, the latter evaluated by Lentz's method).
 */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0 || x <= 0) return 1;
  const a = degreesOfFreedom / 2;
  const z = x / 2;
  const scale = Math.exp(-z + a * Math.log(z) - logGamma(a));
  if (z < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-15; n++) {
      term *= z / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - scale * sum);
  }
  const tiny = 1e-300;
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const factor = n * (a - n);
    b += 2;
    d = 1 / (factor * d + b || tiny);
    c = b + factor / c || tiny;
    const change = c * d;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return scale * fraction;
}

/** ln Gamma(x) for x >= 0.5: shifted up to where Stirling's series with four terms holds to 1e-15. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 15; z++) shift += Math.log(z);
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
