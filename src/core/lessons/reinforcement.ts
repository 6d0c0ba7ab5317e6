/** Reinforcement in small: a choice among a few things is tried, and what was rewarded is made more probable. */

import type { Coin } from "../sampling/randomness.js";

/** Scores as probabilities. */
export function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The reward to be expected. */
export function expectedReward(scores: readonly number[], rewards: readonly number[]): number {
  return softmax(scores).reduce((sum, probability, at) => sum + probability * rewards[at]!, 0);
}

export interface Tries {
  /** How often each was tried. */
  counts: number[];
  scores: number[];
  rewarded: number;
}

/**
 * Tries, and moves the scores: REINFORCE with the mean reward of the tries as its baseline (Williams 1992). What was
 * never tried is moved only by the others giving way.
 */
export function tryAndLearn(
  scores: readonly number[],
  rewards: readonly number[],
  { tries, rate, coin }: { tries: number; rate: number; coin: Coin },
): Tries {
  const probabilities = softmax(scores);
  const counts = scores.map(() => 0);
  for (let attempt = 0; attempt < tries; attempt++) {
    const thrown = coin();
    let sum = 0;
    const drawn = probabilities.findIndex((probability) => {
      sum += probability;
      return thrown < sum;
    });
    counts[drawn < 0 ? counts.length - 1 : drawn]!++;
  }
  const earned = counts.reduce((sum, count, at) => sum + count * rewards[at]!, 0);
  const mean = earned / tries;
  // Σ over the tries of (reward − mean) · (1 for the one that was tried − probability): the second part cancels out.
  return {
    counts,
    scores: scores.map((score, at) => score + (rate * counts[at]! * (rewards[at]! - mean)) / tries),
    rewarded: earned,
  };
}
