/** The account of two roads holds each of them whole, in order. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { compareRoads } from "../../../src/core/sampling/compareRoads.js";

const roads = fc.array(
  fc.nat({ max: 3 }).map((id) => ({ id, before: 0.5 })),
  { maxLength: 12 },
);
const ids = (steps: readonly { id: number }[]) => steps.map(({ id }) => id);

/** Length of the longest common subsequence, by its definition. */
function common(one: number[], other: number[]): number {
  const row = new Array<number>(other.length + 1).fill(0);
  for (const id of one) {
    let diagonal = 0;
    for (let j = 1; j <= other.length; j++) {
      const above = row[j]!;
      row[j] = id === other[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!);
      diagonal = above;
    }
  }
  return row[other.length]!;
}

describe("two roads compared", () => {
  it("holds each road whole, and as much for both as can be", () => {
    fc.assert(
      fc.property(roads, roads, (first, second) => {
        const parts = compareRoads(first, second);
        const without = (left: "first" | "second") =>
          parts.filter((part) => part.in !== left).flatMap(({ steps }) => ids(steps));
        assert.deepEqual(without("second"), ids(first));
        assert.deepEqual(without("first"), ids(second));
        const both = parts.flatMap((part) => (part.in === "both" ? part.steps : []));
        assert.equal(both.length, common(ids(first), ids(second)));
        for (const step of both) assert.ok(first.includes(step), "as the first road has it");
      }),
    );
  });
});
