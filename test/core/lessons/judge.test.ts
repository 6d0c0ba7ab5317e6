/** Judging: bounds are exact, unknown readings never pass, measured facts decide between options. */

import assert from "node:assert/strict";
import { formatReading, isRight, judgeCondition } from "../../../src/core/lessons/judge.js";
import type { Comparison, ExhibitConfig } from "../../../src/shared/panels/lesson.js";

const STRIP: ExhibitConfig = { type: "token-strip", text: "x", own: false, encoding: "", replay: true };
const NEXT: ExhibitConfig = { type: "next-token", text: "x", own: false };

describe("a condition on an exhibit", () => {
  const cases: [Comparison, below: boolean, equal: boolean, above: boolean][] = [
    ["at-most", true, true, false],
    ["under", true, false, false],
    ["at-least", false, true, true],
    ["over", false, false, true],
  ];
  for (const [is, below, equal, above] of cases) {
    it(`${is} 8 is judged on the bound itself`, () => {
      const met = (tokens: number) =>
        judgeCondition({ reading: "tokens", is, value: 8 }, { tokens }, STRIP).met;
      assert.deepEqual([met(7), met(8), met(9)], [below, equal, above]);
    });
  }

  it("is judged as on paper, where a computer’s fractions miss the bound by their last digit", () => {
    const met = (is: Comparison, value: number) =>
      judgeCondition({ reading: "top-probability", is, value }, { "top-probability": 9 / 15 - 6 / 15 }, NEXT)
        .met;
    assert.ok(9 / 15 - 6 / 15 < 0.2);
    assert.deepEqual([met("at-least", 0.2), met("at-most", 0.2)], [true, true]);
    assert.deepEqual([met("over", 0.2), met("under", 0.2)], [false, false]);
    assert.deepEqual([met("at-least", 0.2001), met("at-most", 0.1999)], [false, false]);
  });

  it("is not met while the reading is unknown", () => {
    for (const is of cases.map(([name]) => name)) {
      const judged = judgeCondition({ reading: "tokens", is, value: 0 }, undefined, STRIP);
      assert.deepEqual([judged.met, judged.found], [false, "not known yet"]);
    }
  });

  it("on words is met by the beginning of one, in the text or in the prompt that it names", () => {
    const judged = (words: string[], text?: string) =>
      judgeCondition({ words, prompt: undefined }, {}, STRIP, text === undefined ? undefined : { "": text });
    assert.deepEqual(
      [
        judged(["apple"], "Two Apples."),
        judged(["apple"], "Pineapple"),
        judged(["apple", "pear"], "a pear"),
      ].map(({ met, found }) => [met, found]),
      [
        [true, "yes"],
        [false, "no"],
        [true, "yes"],
      ],
    );
    const { met, known, found } = judged(["apple"]);
    assert.deepEqual([met, known, found], [false, false, "not known yet"]);
    assert.equal(judged(["apple"], "").wanted, "the text names “apple”");
    assert.equal(judged(["apple", "pear"], "").wanted, "the text names one of “apple”, “pear”");

    const odds: ExhibitConfig = {
      type: "odds",
      answers: [" one"],
      prompts: [
        { id: "sum", label: "A sum.", text: "x", answers: undefined },
        { id: "other", label: "Another", text: "x", answers: undefined },
      ],
    };
    const inSum = (texts: Record<string, string>) =>
      judgeCondition({ words: ["apple"], prompt: "sum" }, {}, odds, texts);
    assert.equal(inSum({ sum: "one apple", other: "" }).met, true);
    assert.equal(inSum({ sum: "one", other: "apple" }).met, false);
    assert.equal(inSum({}).wanted, "A sum: the text names “apple”");
  });

  it("says what is wanted and what was found in the reading's own units", () => {
    const judged = judgeCondition(
      { reading: "top-probability", is: "under", value: 0.2 },
      { "top-probability": 0.6234 },
      NEXT,
    );
    assert.equal(judged.wanted, "probability of the likeliest token: under 20 %");
    assert.equal(judged.found, "62.3 %");
    assert.equal(formatReading(0.0412, "probability"), "4.1 %");
    assert.equal(formatReading(0.04, "probability"), "4 %");
    assert.equal(formatReading(12345, "count"), "12,345");
    assert.equal(formatReading(0.00000025, "dollars"), "$0.00000025");
    assert.equal(formatReading(7.5, "dollars"), "$7.50");
    assert.equal(formatReading(30_840_000, "dollars"), "$30.8 million");
  });
});

describe("an option", () => {
  it("is right when the facts measure exactly its values", () => {
    const option = { text: [], why: [], answer: { values: [4, 1] } };
    assert.equal(isRight(option, [4, 1]), true);
    assert.equal(isRight(option, [1, 4]), false);
    assert.equal(isRight(option, [4]), false);
    assert.equal(isRight({ ...option, answer: { right: true } }, []), true);
  });
});
