/** What tokens cost: a dated price table and the sums made from it. */

export interface Price {
  /** The model's name at its vendor. */
  model: string;
  /** The encoding that the model reads text with. */
  encoding: string;
  /** US dollars per million tokens. */
  input: number;
  output: number;
  /** The day from which the price holds, ISO 8601. */
  date: string;
  /** Where it was published. */
  source: string;
}

/** US dollars for reading `tokens` tokens. */
export function inputCost(price: Price, tokens: number): number {
  return (tokens * price.input) / 1e6;
}

/**
 * An amount as a person reads it: two significant digits below a cent, cents above.
 * `0.0000025` -> `$0.0000025`, `0.00312` -> `$0.0031`, `1.5` -> `$1.50`.
 */
export function formatCost(dollars: number): string {
  if (dollars === 0) return "$0";
  if (dollars >= 0.01) return `$${dollars.toFixed(2)}`;
  const digits = 1 - Math.floor(Math.log10(dollars));
  // The rounding may have carried into the next digit: 0.00996 is one cent.
  return `$${dollars.toFixed(digits).replace(/(\.\d*?[1-9])0+$/, "$1")}`;
}
