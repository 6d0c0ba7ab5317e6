/** A game of stones, its teachers, and three players that learn it: by copying, by copying and search, by self-play. */

import { type Coin, seededCoin } from "../sampling/randomness.js";

/** Whoever takes the last stone wins. */
export interface Rules {
  stones: number;
  /** A move takes 1 to so many. */
  most: number;
}

/** How many stones to take, of those that are left. */
export type Player = (left: number, coin: Coin) => number;

/** Streams of coins of one seed. */
const TEACHERS = 1;
const SELF_PLAY = 2;
const MATCHES = 3;
/** Matches that a win rate is measured on. */
const MATCHES_PLAYED = 400;

/** The move that wins by force: it leaves a multiple of most + 1. Undefined where there is none. */
export function winningMove(left: number, { most }: Rules): number | undefined {
  const rest = left % (most + 1);
  return rest === 0 ? undefined : rest;
}

/** (most): how probable each move of a teacher is, taking 1 first. */
export function teacherMoves(left: number, rules: Rules, skill: number): number[] {
  const legal = Math.min(rules.most, left);
  const moves = new Array<number>(rules.most).fill(0);
  // Everyone sees a win in one move.
  if (left <= rules.most) {
    moves[left - 1] = 1;
    return moves;
  }
  const right = winningMove(left, rules);
  // Sometimes they know; else, out of habit, they take as many as they may.
  if (right !== undefined) moves[right - 1]! += skill;
  moves[legal - 1]! += right === undefined ? 1 : 1 - skill;
  return moves;
}

export function teacher(rules: Rules, skill: number): Player {
  return (left, coin) => 1 + draw(teacherMoves(left, rules, skill), coin);
}

/** How often teachers took how many, with how many left: (stones + 1, most). */
export type MoveCounts = number[][];

/** What is written down of so many games between two teachers. */
export function recordGames(rules: Rules, skill: number, games: number, seed: number): MoveCounts {
  const record = emptyTable(rules);
  const coin = seededCoin(seed, 0, TEACHERS);
  const play = teacher(rules, skill);
  for (let game = 0; game < games; game++) {
    for (let left = rules.stones; left > 0; ) {
      const taken = play(left, coin);
      record[left]![taken - 1]!++;
      left -= taken;
    }
  }
  return record;
}

/** Plays as it has seen teachers play, in the same proportions; where it has seen nothing, anything. */
export function imitator(rules: Rules, record: MoveCounts): Player {
  return (left, coin) => {
    const seen = record[left] ?? [];
    if (seen.every((count) => count === 0)) return 1 + Math.floor(coin() * Math.min(rules.most, left));
    return 1 + draw(seen, coin);
  };
}

/** Looks so many moves ahead for a forced win or loss, and leaves the rest to another player's instinct. */
export function searcher(rules: Rules, instinct: Player, depth: number): Player {
  const known = new Map<string, number>();
  return (left, coin) => {
    const legal = Array.from({ length: Math.min(rules.most, left) }, (_, at) => at + 1);
    const outcomes = legal.map((taken) => -outcome(left - taken, rules, depth - 1, known));
    const wins = legal.filter((_, at) => outcomes[at] === 1);
    if (wins.length > 0) return wins[0]!;
    const open = legal.filter((_, at) => outcomes[at] === 0);
    const chosen = instinct(left, coin);
    return open.length === 0 || open.includes(chosen) ? chosen : open[0]!;
  };
}

/** For whoever is to move: 1 a forced win, -1 a forced loss, 0 not known within so many moves. */
function outcome(left: number, rules: Rules, depth: number, known: Map<string, number>): number {
  if (left === 0) return -1;
  if (depth <= 0) return 0;
  const key = `${left} ${depth}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  let best = -1;
  for (let taken = 1; taken <= Math.min(rules.most, left) && best < 1; taken++) {
    best = Math.max(best, -outcome(left - taken, rules, depth - 1, known));
  }
  known.set(key, best);
  return best;
}

/** What self-play has found each move worth: (stones + 1, most), the mean of 1 for each game won and 0 for each lost. */
export type Values = number[][];

/**
 * Plays against itself, with no teacher: at first nearly at random, then more and more what has won before, and writes
 * down how each game ended.
 */
export function playItself(rules: Rules, games: number, seed: number): Values {
  const wins = emptyTable(rules);
  const tries = emptyTable(rules);
  const coin = seededCoin(seed, 0, SELF_PLAY);
  // What has never been tried counts as even.
  const value = (left: number, at: number) =>
    ((wins[left]?.[at] ?? 0) + 0.5) / ((tries[left]?.[at] ?? 0) + 1);
  for (let game = 0; game < games; game++) {
    const curiosity = Math.max(0.1, 1 - game / 300);
    const moves: { left: number; at: number }[] = [];
    // From anywhere: else what lies off the usual ways is never seen.
    for (let left = 1 + Math.floor(coin() * rules.stones); left > 0; ) {
      const legal = Math.min(rules.most, left);
      let at = Math.floor(coin() * legal);
      if (coin() >= curiosity) {
        for (let other = 0; other < legal; other++) if (value(left, other) > value(left, at)) at = other;
      }
      moves.push({ left, at });
      left -= at + 1;
    }
    // Whoever took the last stone has won, and every second move was theirs. Old games count less and less: they
    // were played against a weaker self.
    for (const [turn, { left, at }] of moves.entries()) {
      const won = (moves.length - 1 - turn) % 2 === 0 ? 1 : 0;
      wins[left]![at] = wins[left]![at]! * FORGET + won;
      tries[left]![at] = tries[left]![at]! * FORGET + 1;
    }
  }
  return wins.map((row, left) => row.map((_, at) => value(left, at)));
}

const FORGET = 0.95;

/** Always the move that self-play has found worth most; of equals, any. */
export function bestByValue(rules: Rules, values: Values): Player {
  return (left, coin) => {
    const legal = (values[left] ?? []).slice(0, Math.min(rules.most, left));
    const most = Math.max(...legal);
    const best = legal.flatMap((value, at) => (value === most ? [at + 1] : []));
    return best[Math.floor(coin() * best.length)] ?? 1;
  };
}

/** The part of games that the first player wins against the second, each beginning every other one. */
export function winRate(one: Player, other: Player, { stones }: Rules, seed: number): number {
  const coin = seededCoin(seed, 0, MATCHES);
  let won = 0;
  for (let match = 0; match < MATCHES_PLAYED; match++) {
    let turn = match % 2;
    for (let left = stones; left > 0; turn = 1 - turn) {
      left -= (turn === 0 ? one : other)(left, coin);
      if (left <= 0 && turn === 0) won++;
    }
  }
  return won / MATCHES_PLAYED;
}

/** Where self-play wins by a move that teachers find least probable; undefined where it finds none they do not. */
export function boldestMove(
  rules: Rules,
  skill: number,
  values: Values,
): { left: number; taken: number; byTeachers: number } | undefined {
  const play = bestByValue(rules, values);
  let boldest: { left: number; taken: number; byTeachers: number } | undefined;
  // The largest heap first: the farther from the end, the less there is to see.
  for (let left = rules.stones; left > rules.most; left--) {
    const taken = play(left, () => 0);
    if (taken !== winningMove(left, rules)) continue;
    const byTeachers = teacherMoves(left, rules, skill)[taken - 1] ?? 0;
    if (byTeachers < 0.5 && byTeachers < (boldest?.byTeachers ?? 1)) boldest = { left, taken, byTeachers };
  }
  return boldest;
}

function emptyTable({ stones, most }: Rules): number[][] {
  return Array.from({ length: stones + 1 }, () => new Array<number>(most).fill(0));
}

/** The index of a weight, drawn in proportion. */
function draw(weights: readonly number[], coin: Coin): number {
  let rest = coin() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [at, weight] of weights.entries()) {
    if (rest < weight) return at;
    rest -= weight;
  }
  return weights.findLastIndex((weight) => weight > 0);
}
