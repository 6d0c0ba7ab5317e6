/** Ratings from judged pairs by the formula of Elo (1978), as arenas of models use it. */

/** Where everybody begins, and how much one judgement can move a rating. */
export const ELO_START = 1000;
export const ELO_STEP = 32;

/** One judged pair: who met whom, and 1 where `a` was better, 0 where `b` was, 0.5 where neither. */
export interface JudgedPair {
  a: string;
  b: string;
  score: 0 | 0.5 | 1;
}

/** The part of the points that one with rating `a` is expected to get from one with rating `b`: 0 to 1. */
export function expectedScore(a: number, b: number): number {
  return 1 / (1 + 10 ** ((b - a) / 400));
}

/** Ratings after the pairs, in the order in which they were judged. */
export function eloRatings(names: readonly string[], pairs: readonly JudgedPair[]): Map<string, number> {
  const ratings = new Map(names.map((name) => [name, ELO_START]));
  for (const { a, b, score } of pairs) {
    const [left, right] = [ratings.get(a) ?? ELO_START, ratings.get(b) ?? ELO_START];
    const moved = ELO_STEP * (score - expectedScore(left, right));
    ratings.set(a, left + moved);
    ratings.set(b, right - moved);
  }
  return ratings;
}

/** Every pair of names, and after that every pair again with the sides changed: the n-th meeting. */
export function meeting(names: readonly string[], round: number): [left: string, right: string] {
  const pairs = names.flatMap((a, at) => names.slice(at + 1).map((b): [string, string] => [a, b]));
  const [a, b] = pairs[round % Math.max(1, pairs.length)] ?? ["", ""];
  // Which of them stands on the left says nothing about who they are.
  const turned = (Math.imul(round + 1, 2_654_435_761) >>> 16) % 2 === 1;
  return turned ? [b, a] : [a, b];
}
