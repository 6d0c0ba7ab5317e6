/** The pipeline on the sample crawl and on texts made for each stage; MinHash against the similarity that it estimates. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { languageScores } from "../../../src/core/pipeline/language.js";
import {
  candidatePairs,
  estimate,
  HASHES,
  jaccard,
  shinglesOf,
  signatureOf,
} from "../../../src/core/pipeline/minHash.js";
import {
  nearest,
  type PipelineRules,
  runPipeline,
  withoutPersonalData,
} from "../../../src/core/pipeline/pipeline.js";
import { samplePages } from "../lessons/answers.js";

const sample = samplePages();

const RULES: PipelineRules = {
  blocked: ["casino", "pills"],
  language: "English",
  fewestWords: 40,
  similarity: 0.7,
};

const words = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `w${at + from}`).join(" ");

describe("MinHash", () => {
  it("estimates how much of two texts is the same, within what its number of hashes allows", () => {
    for (const shared of [0, 50, 100, 180]) {
      const [a, b] = [shinglesOf(words(200)), shinglesOf(words(200, 200 - shared))];
      const exact = jaccard(a, b);
      const guessed = estimate(signatureOf(a), signatureOf(b));
      // Four standard deviations of a share of 128 draws.
      const spread = 4 * Math.sqrt((exact * (1 - exact) + 0.002) / HASHES);
      assert.ok(Math.abs(exact - guessed) <= spread, `${shared}: ${guessed} for ${exact}`);
    }
  });

  it("finds a text the same as itself, whatever its case and punctuation, and unlike one with other words", () => {
    const text = "The cat, the dog and the bird sat on a wall.";
    const [one, same, other] = [
      text,
      text.toUpperCase().replace(/[,.]/g, "!"),
      "Nothing of the kind is said here",
    ].map((each) => signatureOf(shinglesOf(each)));
    assert.equal(estimate(one!, same!), 1);
    assert.ok(estimate(one!, other!) < 0.05);
  });

  it("counts shingles in both, of those in either", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.uniqueArray(fc.nat(50)), (first, second) => {
        const [a, b] = [new Set(first), new Set(second)];
        const either = new Set([...a, ...b]).size;
        assert.equal(jaccard(a, b), either === 0 ? 0 : [...a].filter((each) => b.has(each)).length / either);
      }),
      { seed: 7 },
    );
  });

  it("puts near copies together without comparing all with all", () => {
    const texts = [words(120), words(120, 1000), words(120, 3), words(120, 2000)];
    assert.deepEqual(candidatePairs(texts.map((text) => signatureOf(shinglesOf(text)))), [[0, 2]]);
  });
});

describe("the guess of a language", () => {
  it("is right on the sample pages that have one", () => {
    const found = Object.fromEntries(sample.map(({ id, text }) => [id, languageScores(text)[0]]));
    assert.equal(found["https://backstube.example/sauerteig"]?.language, "German");
    assert.equal(found["https://phares.example/histoire"]?.language, "French");
    assert.equal(found["https://old-maps.example/essays/empty-corners"]?.language, "English");
    assert.equal(
      languageScores("el perro y la casa de los niños que no es de una casa")[0]?.language,
      "Spanish",
    );
    assert.ok((found["https://paste-bin.example/raw/8fk2"]?.score ?? 1) < 0.05);
  });
});

describe("the pipeline", () => {
  const results = runPipeline(sample, RULES);
  const at = (name: string) => results.find(({ stage }) => stage === name);
  const dropped = (name: string) =>
    at(name)?.dropped.map(({ page }) => page.id.replace(/^https:\/\//, "").split(/[./]/)[0]);

  it("drops at each stage of the sample crawl what belongs to it", () => {
    assert.equal(sample.length, 16);
    assert.deepEqual(dropped("addresses"), ["win-big-casino-bonus", "cheap-pills-online"]);
    assert.deepEqual(dropped("language"), ["city-hotel", "paste-bin", "backstube", "phares"]);
    assert.deepEqual(dropped("quality"), ["quick-answers", "notes"]);
    assert.deepEqual(dropped("duplicates"), ["sea-facts", "recipes-and-more"]);
    assert.equal(at("personal data")?.kept.length, 6);
    assert.equal(at("personal data")?.changed.length, 1);
  });

  it("loses no page without saying why", () => {
    let before = sample.length;
    for (const { kept, dropped: gone } of results) {
      assert.equal(kept.length + gone.length, before);
      assert.ok(gone.every(({ why }) => why.length > 0));
      before = kept.length;
    }
  });

  it("keeps the first of two that are alike, and both when more must agree", () => {
    assert.equal(runPipeline(sample, { ...RULES, similarity: 0.95 })[3]?.dropped.length, 0);
    const [first] = sample;
    assert.ok(first);
    const twice = runPipeline([first, { ...first, id: "copy" }, { ...first, id: "again" }], RULES)[3];
    assert.deepEqual(
      twice?.dropped.map(({ page }) => page.id),
      ["copy", "again"],
    );
  });

  it("wants the language that it is told", () => {
    const french = runPipeline(sample, { ...RULES, language: "French" })[1];
    assert.deepEqual(
      french?.kept.map(({ id }) => id),
      ["https://phares.example/histoire"],
    );
  });

  it("says how near a text is to the pages", () => {
    assert.equal(nearest(sample[0]?.text ?? "", sample), 1);
    assert.ok(nearest(words(80), sample) < 0.05);
  });

  it("replaces personal data and nothing else", () => {
    const { text, found } = withoutPersonalData(
      "Ask ann@mill.example or +44 20 7946 0958. Version 1.2.3 of 2026-01-02 runs on 10.0.0.7.",
    );
    assert.equal(
      text,
      "Ask email@example.com or +00 000 0000000. Version 1.2.3 of 2026-01-02 runs on 192.0.2.1.",
    );
    assert.deepEqual(found, ["an e-mail address", "an IP address", "a telephone number"]);
    assert.deepEqual(withoutPersonalData(sample[0]?.text ?? ""), { text: sample[0]?.text, found: [] });
  });
});
