/** Sums for the experiment on thinking in tokens: how they are asked, at once and step by step, and how they are graded. */

import { seededCoin } from "../sampling/randomness.js";

/** Worked examples; a sum of fewer numbers takes as many of each. */
const EXAMPLES = [
  [3, 5, 2, 6, 4, 3],
  [7, 2, 8, 1, 5, 2],
  [6, 9, 4, 3, 7, 1],
];

export const FEWEST_TERMS = 2;
export const MOST_TERMS = 6;

export type Way = "at once" | "step by step";

/** The words behind which each way begins; the prompts differ in nothing else. */
const BEGINNINGS: Record<Way, string> = {
  "at once": "Answer at once:",
  "step by step": "Answer step by step:",
};

/** Numbers of one digit, the same for the same seed. */
export function sumTerms(terms: number, seed: number): number[] {
  const coin = seededCoin(seed);
  return Array.from({ length: terms }, () => 1 + Math.floor(coin() * 9));
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

/** How a sum is answered step by step: " 3 + 5 = 8, 8 + 2 = 10, so 10." */
export function workedSum(numbers: readonly number[]): string {
  let sum = numbers[0] ?? 0;
  let text = "";
  for (const value of numbers.slice(1)) {
    text += ` ${sum} + ${value} = ${sum + value},`;
    sum += value;
  }
  return `${text} so ${sum}.`;
}

/**
 * The prompt: worked examples, each answered in both ways, then the sum, then the words that say which way. The two
 * prompts of a sum are the same up to there, so that only the way differs.
 */
export function sumPrompt(numbers: readonly number[], way: Way): string {
  const question = (of: readonly number[]) => `Question: ${of.join(" + ")}`;
  const examples = EXAMPLES.map((example) => example.slice(0, numbers.length)).map(
    (example) =>
      `${question(example)}\n${BEGINNINGS["at once"]} ${sumOf(example)}.\n${BEGINNINGS["step by step"]}${workedSum(example)}`,
  );
  return `${[...examples, question(numbers)].join("\n\n")}\n${BEGINNINGS[way]}`;
}

/** The number that an answer ends with; undefined where it has none. */
export function answerOf(text: string): number | undefined {
  const line = text.split("\n")[0] ?? "";
  const last = line.match(/\d+/g)?.at(-1);
  return last === undefined ? undefined : Number(last);
}

/** The first step of an answer whose own sum is wrong, as it is written; undefined where all are right. */
export function firstWrongStep(text: string): string | undefined {
  for (const [step, a, b, c] of (text.split("\n")[0] ?? "").matchAll(/(\d+) \+ (\d+) = (\d+)/g)) {
    if (Number(a) + Number(b) !== Number(c)) return step;
  }
  return undefined;
}

export interface Score {
  right: number;
  of: number;
}

/**
 * The range in which the true share lies with 95 % confidence, for few tries as well (Wilson 1927).
 */
export function wilson({ right, of }: Score): { low: number; high: number } {
  if (of === 0) return { low: 0, high: 1 };
  const z = 1.96;
  const share = right / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
