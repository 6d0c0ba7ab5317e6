/** What a typed guess stands for, when it names a token, and the score in words. */

import assert from "node:assert/strict";
import { bestHit, hitOf, readingsOf, scoreOf, scoreWords, typedText } from "../../../src/core/guess/round.js";
import type { GuessRound, RatedToken } from "../../../src/shared/panels/guess.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("A typed guess", () => {
  it("has signs for what a field cannot hold", () => {
    assert.equal(typedText("a\\nb\\t\\\\n", "\n"), "a\nb\t\\n");
    assert.equal(typedText("\\n", "\r\n"), "\r\n");
    assert.equal(typedText("\\x", "\n"), "\\x");
  });

  it("may have a space in front unless it has one already", () => {
    assert.deepEqual(readingsOf("the"), ["the", " the"]);
    assert.deepEqual(readingsOf(" the"), [" the"]);
    assert.deepEqual(readingsOf("\n"), ["\n"]);
  });

  it("names the token that it reaches the end of, or a part of it", () => {
    const hit = (guess: string, token: string, rest = " x;") =>
      hitOf(bytesOf(guess), bytesOf(token + rest), bytesOf(token).length);
    assert.equal(hit(" return", " return"), "whole");
    assert.equal(hit(" return x", " return"), "whole");
    assert.equal(hit(" return y", " return"), "part");
    assert.equal(hit(" ret", " return"), "part");
    assert.equal(hit("ret", " return"), "miss");
    assert.equal(hit(" retrn", " return"), "miss");
    assert.equal(hit("", " return"), "miss");
    assert.equal(hit(" return x; and", " return"), "part");
    // One byte of a character is a token here, and the guess goes on with the rest of it.
    assert.equal(hitOf(bytesOf("ü"), bytesOf("ü"), 1), "whole");
    assert.equal(bestHit(["miss", "part"]), "part");
    assert.equal(bestHit(["whole", "miss"]), "whole");
    assert.equal(bestHit([]), "miss");
  });
});

describe("The score of a game", () => {
  const rated = (text: string, bits: number): RatedToken => ({
    token: { id: 1, name: text, bytes: bytesOf(text), special: false },
    probability: 2 ** -bits,
    bits,
  });
  const round = (
    index: number,
    guessBits: number | undefined,
    hit: GuessRound["hit"],
    right: boolean,
  ): GuessRound => ({
    index,
    guess:
      guessBits === undefined
        ? undefined
        : {
            text: "x",
            spaced: false,
            rule: "token",
            beginning: 1,
            spelling: [],
            probability: 2 ** -guessBits,
            bits: guessBits,
            leastBits: guessBits,
          },
    text: { ...rated("t", 3), rank: 2 },
    favourite: rated("f", 1),
    alternatives: [rated("f", 1)],
    entropy: 2,
    hit,
    favouriteHit: right,
  });

  it("counts what was named, and means only the guesses that were made", () => {
    const rounds = [
      round(0, 2, "whole", true),
      round(1, 6, "part", false),
      round(2, undefined, "miss", true),
    ];
    assert.deepEqual(scoreOf(rounds), {
      rounds: 3,
      whole: 1,
      part: 1,
      model: 2,
      guessBits: 4,
      textBits: 3,
      favouriteBits: 1,
    });
    assert.equal(
      scoreWords(rounds, 20),
      "Of 3 tokens (20 in all) you named 1 and 1 in part, and the model’s favourite was right 2 times. The model gave your guesses 4.0 bits on average, its own favourites 1.0, and what stands there 3.0.",
    );
    assert.equal(scoreWords([], 20), "Nothing has been guessed yet.");
  });
});
