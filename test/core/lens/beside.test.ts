/** Two runs beside each other: counterparts of tokens, moved weights, moved shares. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ALONE,
  counterpartsInOther,
  counterpartsInSame,
  movedShare,
  squareDifference,
} from "../../../src/core/lens/beside.js";
import type { AttentionSquare } from "../../../src/core/lens/describe.js";

const tokens = (...names: string[]) => {
  let start = 0;
  return names.map((name) => {
    const end = start + name.length;
    const token = { name, start, end };
    start = end;
    return token;
  });
};

/** Rows that sum to 1, from weights above 0. */
function square(raw: readonly number[][]): AttentionSquare {
  const tokenCount = raw.length;
  const weights = new Float32Array(tokenCount ** 2);
  for (const [row, values] of raw.entries()) {
    const own = values.slice(0, row + 1);
    const sum = own.reduce((a, b) => a + b, 0);
    for (const [at, value] of own.entries()) weights[row * tokenCount + at] = value / sum;
  }
  return { tokenCount, weights };
}

const squares = (size: number) =>
  fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: size, maxLength: size }), {
    minLength: size,
    maxLength: size,
  });

describe("Counterparts of tokens", () => {
  it("keep a changed word in its place where it has as many tokens", () => {
    const first = tokens("<s>", " a", " red", " ball", ".");
    assert.deepEqual(
      [...counterpartsInOther(first, tokens("<s>", " a", " blue", " ball", "."))],
      [0, 1, 2, 3, 4],
    );
    assert.deepEqual(
      [...counterpartsInOther(first, tokens("<s>", " a", " pur", "ple", " ball", "."))],
      [0, 1, ALONE, 4, 5],
    );
    assert.deepEqual([...counterpartsInOther(first, tokens("<s>", " a", " ball", "."))], [0, 1, ALONE, 2, 3]);
    assert.deepEqual([...counterpartsInOther(first, [])], [ALONE, ALONE, ALONE, ALONE, ALONE]);
  });

  it("never use a token twice, and pair alike tokens at both ends", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
    fc.assert(
      fc.property(words, words, (one, two) => {
        const found = [...counterpartsInOther(tokens(...one), tokens(...two))].filter((at) => at !== ALONE);
        assert.deepEqual(
          found,
          [...new Set(found)].sort((a, b) => a - b),
        );
        assert.ok(found.every((at) => at < two.length));
        if (one.join() === two.join()) assert.equal(found.length, one.length);
      }),
    );
  });

  it("are the tokens of the same place where another model cuts the same text", () => {
    const found = counterpartsInSame(tokens("Once", " up", "on", " a"), tokens("Once", " upon", " a"));
    assert.deepEqual([...found], [0, ALONE, ALONE, 2]);
  });
});

describe("What moved", () => {
  it("is nothing between a run and itself", () => {
    fc.assert(
      fc.property(squares(4), (raw) => {
        const own = square(raw);
        const same = Int32Array.from([0, 1, 2, 3]);
        assert.ok(squareDifference(own, own, same).moved.every((value) => value === 0));
        assert.ok(movedShare(own, own, same) < 1e-6);
      }),
    );
  });

  it("is the total variation distance of the rows, with tokens of only one side as keys of their own", () => {
    fc.assert(
      fc.property(squares(4), squares(3), (one, two) => {
        const [first, second] = [square(one), square(two)];
        // The third token of the first has no counterpart.
        const counterparts = Int32Array.from([0, 1, ALONE, 2]);
        let sum = 0;
        for (const [query, other] of counterparts.entries()) {
          if (other === ALONE) continue;
          const row = new Map<string, number>();
          const add = (key: string, value: number) => row.set(key, (row.get(key) ?? 0) + value);
          for (let key = 0; key <= query; key++)
            add(
              counterparts[key] === ALONE ? `first ${key}` : `${counterparts[key]}`,
              first.weights[query * 4 + key]!,
            );
          for (let key = 0; key <= other; key++) add(`${key}`, -second.weights[other * 3 + key]!);
          sum += [...row.values()].reduce((all, value) => all + Math.abs(value), 0) / 2;
        }
        const share = movedShare(first, second, counterparts);
        assert.ok(Math.abs(share - sum / 3) < 1e-6, `${share}, ${sum / 3}`);
        const { tokens: common, moved } = squareDifference(first, second, counterparts);
        assert.deepEqual(common, [0, 1, 3]);
        assert.ok(Math.abs(moved[2 * 3]! - (second.weights[2 * 3]! - first.weights[3 * 4]!)) < 1e-6);
      }),
    );
  });
});
