/** The game of stones: what wins, what copying gets to, and that self-play and search get beyond it. */

import assert from "node:assert/strict";
import {
  bestByValue,
  boldestMove,
  imitator,
  type Player,
  playItself,
  type Rules,
  recordGames,
  searcher,
  teacher,
  teacherMoves,
  winningMove,
  winRate,
} from "../../../src/core/lessons/stones.js";

const RULES: Rules = { stones: 21, most: 3 };
const SKILL = 0.2;
const perfect: Player = (left) => winningMove(left, RULES) ?? 1;

describe("the game of stones", () => {
  it("is won by whoever leaves a multiple: by trying all ways of playing", () => {
    for (const rules of [RULES, { stones: 17, most: 2 }, { stones: 15, most: 4 }]) {
      const wins = [false];
      for (let left = 1; left <= rules.stones; left++) {
        const good = Array.from({ length: Math.min(rules.most, left) }, (_, at) => at + 1).filter(
          (taken) => !wins[left - taken],
        );
        wins.push(good.length > 0);
        assert.deepEqual(
          good.slice(0, 1),
          winningMove(left, rules) === undefined ? [] : [winningMove(left, rules)],
        );
      }
    }
  });

  it("has teachers whose moves are legal and add up to one", () => {
    for (let left = 1; left <= 21; left++) {
      const moves = teacherMoves(left, RULES, SKILL);
      assert.ok(Math.abs(moves.reduce((sum, move) => sum + move, 0) - 1) < 1e-12);
      assert.ok(moves.every((move, at) => move === 0 || at < left));
    }
    assert.deepEqual(teacherMoves(2, RULES, SKILL), [0, 1, 0]);
    assert.deepEqual(teacherMoves(9, RULES, SKILL), [0.2, 0, 0.8]);
  });

  it("is learned by copying to the level of the teachers, and no further", () => {
    const copy = imitator(RULES, recordGames(RULES, SKILL, 3000, 1));
    const rate = winRate(copy, teacher(RULES, SKILL), RULES, 1);
    assert.ok(rate > 0.4 && rate < 0.6, String(rate));
    assert.ok(winRate(copy, perfect, RULES, 1) < 0.15);
  });

  it("is found out by self-play without any teacher, perfectly", () => {
    for (const seed of [1, 2, 3]) {
      const play = bestByValue(RULES, playItself(RULES, 4000, seed));
      for (let left = 1; left <= RULES.stones; left++) {
        const right = winningMove(left, RULES);
        if (right !== undefined)
          assert.equal(
            play(left, () => 0),
            right,
            `${left} left, seed ${seed}`,
          );
      }
      assert.ok(winRate(play, teacher(RULES, SKILL), RULES, 1) > 0.9);
    }
  });

  it("is played better by a copy that looks ahead, and perfectly by one that looks to the end", () => {
    const copy = imitator(RULES, recordGames(RULES, SKILL, 500, 1));
    const [none, some, all] = [0, 5, 21].map((depth) =>
      winRate(searcher(RULES, copy, depth), teacher(RULES, SKILL), RULES, 2),
    );
    assert.ok(none! + 0.1 < some! && some! <= all! + 0.05 && all! > 0.9, String([none, some, all]));
    for (let left = 1; left <= 13; left++) {
      const right = winningMove(left, RULES);
      if (right !== undefined)
        assert.equal(
          searcher(RULES, copy, 21)(left, () => 0.5),
          right,
        );
    }
  });

  it("is lost even by the one that played alone against who begins and always leaves a multiple", () => {
    const alone = bestByValue(RULES, playItself(RULES, 4000, 1));
    for (let left = RULES.stones; ; ) {
      left -= perfect(left, () => 0);
      if (left === 0) break;
      assert.equal(left % (RULES.most + 1), 0);
      left -= alone(left, () => 0);
      assert.ok(left > 0, "it never takes the last stone");
    }
  });

  it("names the move that the teachers find least probable and that wins", () => {
    const found = boldestMove(RULES, SKILL, playItself(RULES, 4000, 1));
    assert.ok(found);
    assert.equal(winningMove(found.left, RULES), found.taken);
    assert.equal(found.byTeachers, teacherMoves(found.left, RULES, SKILL)[found.taken - 1]);
    assert.ok(found.byTeachers <= SKILL);
    // Masters who always know have nothing to be surprised by.
    assert.equal(boldestMove(RULES, 1, playItself(RULES, 4000, 1)), undefined);
  });
});
