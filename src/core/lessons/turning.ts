/** Two ways to tell a model where a token stands, on two rows of numbers: turning them (RoPE), and adding waves. */

/** Angle by which a pair is turned for each place: base^(−2 · pair / width) (RoFormer, arXiv 2104.09864, section 3.2.2). */
export function pairFrequency(pair: number, width: number, base: number): number {
  return base ** ((-2 * pair) / width);
}

/** A row with each pair (2i, 2i + 1) turned as far as its place demands. */
export function turned(row: readonly number[], position: number, base: number): number[] {
  const out = [...row];
  for (let pair = 0; pair < row.length / 2; pair++) {
    const angle = position * pairFrequency(pair, row.length, base);
    const [x, y] = [row[2 * pair]!, row[2 * pair + 1]!];
    out[2 * pair] = x * Math.cos(angle) - y * Math.sin(angle);
    out[2 * pair + 1] = x * Math.sin(angle) + y * Math.cos(angle);
  }
  return out;
}

/** The waves of a place: sine and cosine of the same angles, base 10,000 (Vaswani and others 2017, section 3.5). */
export function waves(position: number, width: number): number[] {
  return Array.from({ length: width }, (_, at) => {
    const angle = position * pairFrequency(Math.floor(at / 2), width, 10_000);
    return at % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

/** The row made as long as √width, so that its numbers are about as large as those of the waves. */
export function scaledRow(row: Iterable<number>): number[] {
  const values = [...row];
  const length = Math.sqrt(dot(values, values));
  const to = Math.sqrt(values.length);
  return values.map((value) => (length === 0 ? 0 : (value / length) * to));
}

/** How well a query at one place fits a key at another, as attention scores it: divided by √width. */
export function turnedScore(
  query: readonly number[],
  key: readonly number[],
  places: { query: number; key: number },
  base: number,
): number {
  return dot(turned(query, places.query, base), turned(key, places.key, base)) / Math.sqrt(query.length);
}

/** The same where places are added to the rows instead. */
export function addedScore(
  query: readonly number[],
  key: readonly number[],
  places: { query: number; key: number },
): number {
  const placed = (row: readonly number[], place: number) => {
    const wave = waves(place, row.length);
    return row.map((value, at) => value + wave[at]!);
  };
  return dot(placed(query, places.query), placed(key, places.key)) / Math.sqrt(query.length);
}
