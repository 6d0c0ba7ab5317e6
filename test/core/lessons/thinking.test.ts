/** Thought in tokens: what is asked when it is cut short, and what a vote decides. */

import assert from "node:assert/strict";
import { sumPrompt } from "../../../src/core/lessons/sums.js";
import { cheapestFirst, forcedPrompt, scoreOfBought, vote } from "../../../src/core/lessons/thinking.js";

describe("thinking for so many tokens", () => {
  it("is cut short where the tokens end, and made to answer", () => {
    const begun = sumPrompt([3, 5, 2], "step by step");
    assert.equal(forcedPrompt([3, 5, 2], " 3 + 5 = 8, "), `${begun} 3 + 5 = 8, so`);
    assert.equal(forcedPrompt([3, 5, 2], " 3 + 5"), `${begun} 3 + 5, so`);
    assert.equal(forcedPrompt([3, 5, 2], ""), `${begun} so`);
  });

  it("is decided by the answer that most give, at a tie by the first", () => {
    assert.equal(vote([4, 7, 7, undefined]), 7);
    assert.equal(vote([4, 7]), 4);
    assert.equal(vote([undefined, undefined]), undefined);
    assert.equal(vote([]), undefined);
  });

  it("is scored on what was answered", () => {
    const score = scoreOfBought([{ right: true, tokens: 10 }, undefined, { right: false, tokens: 20 }]);
    assert.deepEqual(score, { right: 1, of: 2, tokens: 15 });
    assert.deepEqual(scoreOfBought([]), { right: 0, of: 0, tokens: 0 });
  });

  it("has its place in the picture by what it cost, which need not be its budget", () => {
    const score = (tokens: number, of = 1) => ({ right: 0, of, tokens });
    const costs = cheapestFirst([score(3), score(15), score(28), score(27), score(0, 0)]);
    assert.deepEqual(
      costs.map(({ tokens }) => tokens),
      [3, 15, 27, 28],
    );
  });
});
