/** Measures how the work of a function grows: inputs of growing size, and the curve that their line counts follow. */

import type { GrowthPoint } from "../../shared/panels/explain.js";
import { splitArguments } from "./literals.js";

export const COMPLEXITIES = ["O(1)", "O(log n)", "O(n)", "O(n log n)", "O(n²)"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

/** Doubling, so that the classes part from one another; ended early by a run that gets too long. */
export const GROWING_SIZES: readonly number[] = [4, 8, 16, 32, 64, 128, 256];
/** Fewer points fit every curve. */
const FEWEST_POINTS = 4;

const SHAPES: readonly [Complexity, (n: number) => number][] = [
  ["O(log n)", Math.log2],
  ["O(n)", (n) => n],
  ["O(n log n)", (n) => n * Math.log2(n)],
  ["O(n²)", (n) => n * n],
];

/** `i`-th of `n` numbers in an order that is neither sorted nor random: 7919 is a prime beyond all sizes. */
function scrambled(i: number, n: number): number {
  return (i * 7919 + 3) % n;
}

/** Not among the numbers that are suggested as other arguments: a search for one of those looks everywhere. */
function element(rank: number): number {
  return 10 * rank + 15;
}

function grownList(list: string, parameter: string, size: number): string {
  const elements = splitArguments(list.slice(1, -1));
  const numbers = elements.map(Number);
  if (!numbers.every(Number.isFinite)) {
    return `[${Array.from({ length: size }, (_, i) => elements[i % elements.length]).join(", ")}]`;
  }
  const ascending = /sorted|ascending|ordered/i.test(parameter);
  return `[${Array.from({ length: size }, (_, i) => element(ascending ? i : scrambled(i, size))).join(", ")}]`;
}

function grownText(size: number): string {
  return `"${Array.from({ length: size }, (_, i) => String.fromCharCode(97 + (scrambled(i, size) % 26))).join("")}"`;
}

/**
 * The argument list with its lists and texts made as long as asked, or, where there are none, with its whole numbers
 * made as large.
 * @param parameters their names: a list that is called sorted gets sorted numbers.
 * @returns undefined where nothing in it can grow.
 */
export function grownInput(input: string, parameters: readonly string[], size: number): string | undefined {
  const args = splitArguments(input);
  const isList = (arg: string) => /^\[.*\]$/s.test(arg);
  const isText = (arg: string) => /^(?:"[^"]*"|'[^']*')$/s.test(arg);
  if (args.some((arg) => isList(arg) || isText(arg))) {
    return args
      .map((arg, i) =>
        isList(arg) ? grownList(arg, parameters[i] ?? "", size) : isText(arg) ? grownText(size) : arg,
      )
      .join(", ");
  }
  const isCount = (arg: string) => /^-?\d+$/.test(arg);
  if (!args.some(isCount)) return undefined;
  return args.map((arg) => (isCount(arg) ? String(size) : arg)).join(", ");
}

/** How far `lines = a + b·shape(size)` is from the points at its best, as a share of the largest count. */
function misfit(points: readonly GrowthPoint[], shape: (n: number) => number): number {
  const xs = points.map(({ size }) => shape(size));
  const ys = points.map(({ lines }) => lines);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const b =
    xs.reduce((sum, x, i) => sum + (x - meanX) * (ys[i]! - meanY), 0) /
    xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
  const errors = xs.map((x, i) => (ys[i]! - (meanY + b * (x - meanX))) ** 2);
  return Math.sqrt(mean(errors)) / Math.max(...ys);
}

/** A worse fit than this is none of the curves. */
const WORST_FIT = 0.08;

/**
 * The curve that the counts follow best; undefined where there are too few points or none fits. The measure is lines
 * run: what a built-in function does inside itself is not seen.
 */
export function fitComplexity(points: readonly GrowthPoint[]): Complexity | undefined {
  if (points.length < FEWEST_POINTS) return undefined;
  const counts = points.map(({ lines }) => lines);
  const most = Math.max(...counts);
  if (most - Math.min(...counts) <= Math.max(2, most * 0.05)) return "O(1)";
  const fits = SHAPES.map(([name, shape]) => ({ name, error: misfit(points, shape) }));
  const best = fits.reduce((found, fit) => (fit.error < found.error - 1e-9 ? fit : found));
  return best.error <= WORST_FIT ? best.name : undefined;
}
