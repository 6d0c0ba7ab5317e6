/** The search over thoughts: exact sums, greed against width, and what a model may propose. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fraction,
  isPossible,
  type Move,
  moveGrammar,
  movesFrom,
  moveText,
  numbersIn,
  searchThoughts,
} from "../../../src/core/lessons/thoughts.js";

const all = async (_: unknown, moves: readonly Move[]) => moves;
const whole = (numbers: readonly number[]) => numbers.map((value) => fraction(value));
const search = (numbers: readonly number[], width: number, target = 24) =>
  searchThoughts(numbers, target, width, all);

/** A written sum, checked with whole numbers only. */
function holds(sum: string): boolean {
  const [, a = "", sign = "", b = "", c = ""] =
    /^(-?\d+(?:\/\d+)?) ([+−×÷]) (-?\d+(?:\/\d+)?) = (-?\d+(?:\/\d+)?)$/.exec(sum) ?? [];
  const parts = (text: string) => text.split("/").map(BigInt);
  const [an = 0n, ad = 1n] = parts(a);
  const [bn = 0n, bd = 1n] = parts(b);
  const [cn = 0n, cd = 1n] = parts(c);
  const [n = 1n, d = 0n] = {
    "+": [an * bd + bn * ad, ad * bd],
    "−": [an * bd - bn * ad, ad * bd],
    "×": [an * bn, ad * bd],
    "÷": [an * bd, ad * bn],
  }[sign] ?? [1n, 0n];
  return d !== 0n && n * cd === cn * d;
}

describe("a search over thoughts", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 2, maxLength: 4 });

  it("makes exact sums only, each of which takes two numbers away and gives one back", () => {
    fc.assert(
      fc.property(numbers, (given) => {
        for (const move of movesFrom(whole(given))) {
          assert.ok(holds(move.sum), move.sum);
          assert.equal(move.left.length, given.length - 1);
        }
      }),
    );
  });

  it("finds a way if there is one and nothing is pruned, and every way it tells leads there", async () => {
    await fc.assert(
      fc.asyncProperty(numbers, fc.integer({ min: 1, max: 30 }), async (given, target) => {
        const { solution } = await search(given, 1e6, target);
        assert.equal(solution !== undefined, isPossible(whole(given), target));
        if (!solution) return;
        assert.equal(solution.length, given.length - 1);
        assert.ok(solution.every(holds));
        assert.match(solution.at(-1) ?? "", new RegExp(` = ${target}$`));
      }),
      { numRuns: 40 },
    );
  });

  it("knows the hard ones, and those that cannot be done", async () => {
    assert.equal(isPossible(whole([3, 3, 8, 8]), 24), true);
    assert.equal(isPossible(whole([1, 1, 1, 1]), 24), false);
    assert.deepEqual((await search([8, 3], 1)).solution, ["3 × 8 = 24"]);
  });

  it("fails by greed on the lesson's numbers, and succeeds with eight at a time", async () => {
    const greedy = await search([4, 9, 10, 13], 1);
    const wide = await search([4, 9, 10, 13], 8);
    assert.equal(greedy.solution, undefined);
    assert.ok(wide.solution);
    assert.ok(wide.thoughts.length > greedy.thoughts.length);
    const [first = ""] = wide.solution;
    const begun = greedy.thoughts.find(({ depth, sum }) => depth === 1 && sum === first);
    assert.equal(begun?.fate, "pruned");
  });

  it("follows no more than its width, and tells the fate of every thought", async () => {
    for (const width of [1, 2, 5]) {
      const { thoughts } = await search([2, 4, 7, 9], width);
      for (const depth of [1, 2]) {
        const at = thoughts.filter((thought) => thought.depth === depth);
        assert.equal(at.filter(({ fate }) => fate === "followed").length, width);
        const worst = Math.max(...at.filter(({ fate }) => fate === "followed").map((each) => each.distance));
        assert.ok(at.every(({ fate, distance }) => fate === "followed" || distance >= worst));
      }
      assert.ok(thoughts.every(({ fate }) => fate !== "open"));
    }
  });

  it("looks at what is proposed and at nothing else", async () => {
    const { thoughts } = await searchThoughts([2, 4, 7, 9], 24, 3, async (_, moves) => moves.slice(0, 2));
    for (const { id } of thoughts) {
      assert.ok(thoughts.filter(({ parent }) => parent === id).length <= 2);
    }
  });

  it("lets a model write legal moves only", () => {
    const moves = movesFrom(whole([3, 8]));
    const grammar = moveGrammar(moves);
    for (const move of moves) assert.ok(grammar.includes(JSON.stringify(moveText(move))));
    assert.match(grammar, /^root ::= "3 \+ 8 = 11 \(left: 11\)" \| /);
    assert.match(grammar, /"3 \* 8 = 24 \(left: 24\)"/);
  });

  it("reads the numbers of any text", () => {
    assert.deepEqual(numbersIn("4 9, 10 and 13 or 20"), [4, 9, 10, 13]);
    assert.deepEqual(numbersIn("0 100 7 8"), [7, 8]);
    assert.equal(numbersIn("seven"), undefined);
  });
});
