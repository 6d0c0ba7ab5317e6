/** Adds up all prices. */
export function sum(values: number[]): number {
  let total = 0;
  for (const value of values) {
    total += value;
  }
  return total;
}

/** The mean price; 0 for an empty list. */
export function average(values: number[]): number {
  if (values.length === 0) return 0;
  return sum(values) / values.length;
}

/** Rounds to whole cents, halves away from zero. */
export function roundToCents(amount: number): number {
  const cents = Math.round(Math.abs(amount) * 100);
  return (Math.sign(amount) * cents) / 100;
}

/** The largest value, or undefined for an empty list. */
export function largest(values: number[]): number | undefined {
  let best: number | undefined;
  for (const value of values) {
    if (best === undefined || value > best) best = value;
  }
  return best;
}
