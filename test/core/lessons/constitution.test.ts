/** The prompts of a round by a constitution, and what is measured of its answers. */

import assert from "node:assert/strict";
import {
  critiqueTurns,
  judgeTurns,
  preference,
  readRules,
  revisionTurns,
  wordsGone,
} from "../../../src/core/lessons/constitution.js";

describe("a round by written rules", () => {
  const rules = readRules(" Be short. \n\nName an animal.\n");

  it("reads a rule from each line that has one", () => {
    assert.deepEqual(rules, ["Be short.", "Name an animal."]);
  });

  it("shows every prompt the rules, and the revision its critique", () => {
    for (const turns of [
      critiqueTurns("Why?", "Because.", rules),
      revisionTurns("Why?", "Because.", "Rule 2 is broken.", rules),
      judgeTurns("Why?", "Because.", "Bees.", rules),
    ]) {
      assert.match(turns[0]?.text ?? "", /1\. Be short\.\n2\. Name an animal\./);
      assert.equal(turns.at(-1)?.role, "user");
      assert.match(turns[0]?.text ?? "", /Why\?.*Because\./s);
    }
    const [revision] = revisionTurns("Why?", "Because.", "Rule 2 is broken.", rules);
    assert.match(revision?.text ?? "", /Because\..*Rule 2 is broken\./s);
  });

  it("exchanges the places of the two answers and nothing else", () => {
    const [one, two] = [judgeTurns("Why?", "X", "Y", rules), judgeTurns("Why?", "Y", "X", rules)];
    assert.equal(one[0]?.text.replace("A: X", "A: Y").replace("B: Y", "B: X"), two[0]?.text);
  });

  it("measures which words are gone, and a preference of two probabilities", () => {
    assert.equal(wordsGone("The sea moves the ship", "A ship rolls on the sea"), 1 / 5);
    assert.equal(wordsGone("same words", "Words, same!"), 0);
    assert.equal(wordsGone("", "anything"), 0);
    assert.equal(preference(0.3, 0.1), 0.3 / 0.4);
    assert.equal(preference(0, 0), 0);
  });
});
