/** Words in another order, and rows that are turned by their places. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { addedScore, scaledRow, turned, turnedScore, waves } from "../../../src/core/lessons/turning.js";
import { orderEffect, shuffledOrder, wordsOf } from "../../../src/core/lessons/wordOrder.js";

const token = (text: string, special = false) => ({ bytes: new TextEncoder().encode(text), special });
const sentence = [
  token("<s>", true),
  token("Tom"),
  token(" ga"),
  token("ve"),
  token(" a"),
  token(" ball"),
  token("!"),
];

describe("the words of a text in another order", () => {
  it("are tokens that white space begins, and special tokens stand alone", () => {
    assert.deepEqual(wordsOf(sentence), [[0], [1], [2, 3], [4], [5, 6]]);
  });

  it("keep what is in front and the last word, and differ from the old order", () => {
    for (let seed = 0; seed < 30; seed++) {
      const order = shuffledOrder(sentence, seed);
      assert.ok(order);
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6],
      );
      assert.equal(order[0], 0);
      assert.deepEqual(order.slice(-2), [5, 6]);
      assert.equal(order.indexOf(3), order.indexOf(2) + 1);
      assert.notDeepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
    }
  });

  it("take two words beside the last", () => {
    assert.equal(shuffledOrder([token("<s>", true), token("one"), token(" two")], 1), undefined);
    assert.equal(shuffledOrder([], 1), undefined);
  });

  it("change nothing where each word gets the same, wherever it stands", () => {
    const order = [0, 2, 1];
    const look = (attention: number[], logits: number[]) => ({
      layers: 1,
      attention: Float32Array.from(attention),
      logits: Float32Array.from(logits),
    });
    const same = orderEffect(look([0.5, 0.25, 0.25], [1, 0]), look([0.5, 0.25, 0.25], [1, 0]), order);
    assert.deepEqual(same.attention, [0]);
    assert.equal(same.prediction, 0);
    const moved = orderEffect(look([0.5, 0.5, 0], [9, -9]), look([0.5, 0.5, 0], [-9, 9]), order);
    assert.deepEqual(moved.attention, [0.5]);
    assert.ok(moved.prediction > 0.999);
    assert.deepEqual([moved.before.id, moved.after.id], [0, 1]);
  });
});

describe("rows that are turned by their places", () => {
  const row = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 8, maxLength: 8 });
  const place = fc.nat(3000);

  it("keep their length, and their score depends on the distance alone", () => {
    fc.assert(
      fc.property(row, row, place, place, fc.nat(200), (query, key, at, move, distance) => {
        const length = (values: number[]) => Math.hypot(...values);
        assert.ok(Math.abs(length(turned(query, at, 10_000)) - length(query)) < 1e-9);
        const score = (from: number) =>
          turnedScore(query, key, { query: from + distance, key: from }, 10_000);
        assert.ok(Math.abs(score(at) - score(at + move)) < 1e-8);
      }),
    );
  });

  it("are left alone at place 0, and turned by one radian in the first pair at place 1", () => {
    assert.deepEqual(turned([1, 2, 3, 4], 0, 10_000), [1, 2, 3, 4]);
    const [x = 0, y = 0] = turned([1, 0, 0, 0], 1, 10_000);
    assert.ok(Math.abs(x - Math.cos(1)) < 1e-12 && Math.abs(y - Math.sin(1)) < 1e-12);
  });

  it("waves that are added make the score depend on the place, though waves alone know the distance only", () => {
    const [query, key] = [scaledRow([1, 0, 2, 0, 1, 1, 0, 3]), scaledRow([0, 1, 1, 2, 0, 1, 3, 0])];
    const changes = [100, 500, 900].map((move) =>
      Math.abs(
        addedScore(query, key, { query: move + 3, key: move }) - addedScore(query, key, { query: 3, key: 0 }),
      ),
    );
    assert.ok(changes.some((change) => change > 0.05));
    const alone = (from: number) => {
      const [a, b] = [waves(from + 3, 8), waves(from, 8)];
      return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
    };
    assert.ok(Math.abs(alone(0) - alone(700)) < 1e-9);
  });
});
