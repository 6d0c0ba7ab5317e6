/** Shorter names come from the words of the long one, in its style, and never name what the language names. */

import assert from "node:assert/strict";
import { shorterNames } from "../../../src/core/savings/syntax.js";

describe("shorter names", () => {
  const cases: [name: string, shorter: string[]][] = [
    ["remainingCharacterBudget", ["budget", "remainingCharacter", "remaining", "rcb"]],
    ["remaining_character_budget", ["budget", "remaining_character", "remaining", "rcb"]],
    ["LARGEST_CHUNK", ["CHUNK", "LARGEST", "LC"]],
    ["TokenDocument", ["Document", "Token", "TD"]],
    ["_privateThing", ["_thing", "_private", "_pt"]],
    ["parseURLPath", ["path", "parseURL", "parse", "pup"]],
    // The language keeps `class` and `new` for itself.
    ["newCustomClass", ["newCustom", "ncc"]],
    ["word", []],
    ["chunkById", ["chunkBy", "chunk", "cbi"]],
  ];
  for (const [name, shorter] of cases) {
    it(`of ${name}`, () => assert.deepEqual(shorterNames(name), shorter));
  }
});
