/** Thought as something that is bought in tokens: a thought cut short and made to answer, and votes over several. */

import { sumPrompt } from "./sums.js";

/** Tokens of thought after which an answer is forced; the last is the whole thought. */
export const BUDGETS = [0, 6, 12, 24, Number.POSITIVE_INFINITY] as const;

/**
 * The prompt that makes a model answer after the part of a thought that it was granted; as in "budget forcing"
 * (Muennighoff and others, arXiv 2501.19393).
 */
export function forcedPrompt(numbers: readonly number[], thought: string): string {
  const kept = thought.replace(/[\s,]+$/, "");
  return `${sumPrompt(numbers, "step by step")}${kept === "" ? "" : `${kept},`} so`;
}

/** The answer that most give, of equally frequent ones the first; undefined where nobody gives one (Wang 2022). */
export function vote(answers: readonly (number | undefined)[]): number | undefined {
  const counts = new Map<number, number>();
  for (const answer of answers) if (answer !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let best: number | undefined;
  for (const [answer, count] of counts) if (count > (counts.get(best ?? Number.NaN) ?? 0)) best = answer;
  return best;
}

/** An answer, and the tokens that were generated for it. */
export interface Bought {
  right: boolean;
  tokens: number;
}

/** What was bought of one sum: an answer for each budget, and one by the vote of all thoughts. */
export interface ThoughtRow {
  numbers: number[];
  thought: string;
  budgets: Bought[];
  voted: Bought | undefined;
}

export interface ThoughtScore {
  right: number;
  of: number;
  /** Mean tokens of an answer. */
  tokens: number;
}

export function scoreOfBought(bought: readonly (Bought | undefined)[]): ThoughtScore {
  const all = bought.filter((each) => each !== undefined);
  return {
    right: all.filter(({ right }) => right).length,
    of: all.length,
    tokens: all.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, all.length),
  };
}

/**
 * The budgets that have been tried, in the order of what they cost: a thought that is cut short and made to answer may
 * take more tokens than one that came to its own end.
 */
export function cheapestFirst(scores: readonly ThoughtScore[]): ThoughtScore[] {
  return scores.filter(({ of }) => of > 0).sort((one, other) => one.tokens - other.tokens);
}
