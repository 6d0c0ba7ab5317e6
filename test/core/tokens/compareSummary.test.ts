/** The sentences under the comparison's pictures, and the sentences that it compares languages by. */

import assert from "node:assert/strict";
import {
  describeCounts,
  describeCuts,
  describeLanguages,
  formatRatio,
} from "../../../src/core/tokens/compareSummary.js";
import { BASE_LANGUAGE, LANGUAGES, MEANINGS } from "../../../src/core/tokens/sameMeaning.js";
import { encoderOf } from "./reference.js";

describe("The summary of a comparison", () => {
  it("names the fewest and the most, and where they agree", () => {
    const counts = [
      { name: "a", tokens: 200 },
      { name: "b", tokens: 1244 },
      { name: "c", tokens: 300 },
    ];
    assert.equal(
      describeCounts(counts),
      "a needs the fewest tokens, 200; b needs 1,244, 6.22 times as many.",
    );
    assert.equal(
      describeCuts({ any: 1500, all: 90 }),
      "Of the 1,500 places where any of them cuts, 90 are common to all.",
    );
    assert.equal(
      describeCuts({ any: 2, all: 1 }),
      "Of the 2 places where any of them cuts, 1 is common to all.",
    );
    assert.equal(describeCuts({ any: 4, all: 4 }), "They cut at the same places throughout.");
    assert.equal(describeCuts({ any: 0, all: 0 }), "To all of them it is a single token.");
  });

  it("is right about ties and about a single row", () => {
    const tied = [
      { name: "a", tokens: 1 },
      { name: "b", tokens: 1 },
    ];
    assert.equal(describeCounts(tied), "a and b both make 1 token of this text.");
    assert.equal(
      describeCounts([...tied, { name: "c", tokens: 1 }]),
      "a, b and c all make 1 token of this text.",
    );
    assert.equal(
      describeCounts([...tied, { name: "c", tokens: 3 }]),
      "a and b need the fewest tokens, 1; c needs 3, 3 times as many.",
    );
    assert.equal(describeCounts([{ name: "a", tokens: 7 }]), "a makes 7 tokens of this text.");
    assert.equal(describeCounts([]), "");
  });

  it("writes ratios with the digits that they deserve", () => {
    assert.deepEqual([1, 1.5, 2.004, 13.37, 250.4].map(formatRatio), ["1", "1.50", "2", "13.4", "250"]);
  });

  it("compares languages with the base", () => {
    const counts = [
      { language: "English", tokens: 10 },
      { language: "Thai", tokens: 45 },
      { language: "Chinese", tokens: 8 },
    ];
    assert.equal(
      describeLanguages("gpt2", counts, "English"),
      "With gpt2, the same meaning takes 4.50 times the tokens of English in Thai, and 0.80 in Chinese.",
    );
  });
});

describe("The same meaning in many languages", () => {
  const scripts: Partial<Record<string, RegExp>> = {
    el: /\p{Script=Greek}/u,
    ru: /\p{Script=Cyrillic}/u,
    he: /\p{Script=Hebrew}/u,
    ar: /\p{Script=Arabic}/u,
    hi: /\p{Script=Devanagari}/u,
    th: /\p{Script=Thai}/u,
    zh: /\p{Script=Han}/u,
    ja: /\p{Script=Hiragana}/u,
    ko: /\p{Script=Hangul}/u,
    am: /\p{Script=Ethiopic}/u,
    my: /\p{Script=Myanmar}/u,
  };

  it("is written in each language's own script, as Unicode composes it", () => {
    for (const { id, texts } of MEANINGS) {
      for (const { tag } of LANGUAGES) {
        const text = texts[tag];
        assert.equal(text, text.normalize("NFC"), `${id} ${tag}`);
        const letters = text.match(/\p{L}/gu) ?? [];
        const own = scripts[tag] ?? /\p{Script=Latin}/u;
        const written = letters.filter(
          (letter) =>
            own.test(letter) || (tag === "ja" && /[\p{Script=Han}\p{Script=Katakana}ー]/u.test(letter)),
        );
        assert.equal(written.length, letters.length, `${id} ${tag}: ${text}`);
        assert.equal(text, text.trim());
      }
    }
  });

  it("costs English least under gpt2, which was trained on English", () => {
    for (const { texts } of MEANINGS) {
      const count = (text: string) => encoderOf("gpt2").encode(text).length;
      for (const { tag } of LANGUAGES) assert.ok(count(texts[tag]) >= count(texts[BASE_LANGUAGE]), tag);
      assert.ok(count(texts.my) > 5 * count(texts.en));
    }
  });
});
