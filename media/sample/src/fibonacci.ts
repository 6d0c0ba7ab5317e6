/** The n-th Fibonacci number by its definition. Slow: it computes the same numbers again and again. */
export function fibonacci(n: number): number {
  if (n < 2) return n;
  return fibonacci(n - 1) + fibonacci(n - 2);
}

/** The same number with two variables and a loop. */
export function fibonacciLoop(n: number): number {
  let previous = 0;
  let current = 1;
  for (let i = 0; i < n; i++) {
    [previous, current] = [current, previous + current];
  }
  return previous;
}

/** All Fibonacci numbers below `limit`. */
export function* fibonacciBelow(limit: number): Generator<number> {
  for (let n = 0; ; n++) {
    const value = fibonacciLoop(n);
    if (value >= limit) return;
    yield value;
  }
}
