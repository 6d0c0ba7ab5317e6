/** Looking for a lesson by words: what it is about comes first, whatever it is called, in each language. */

import assert from "node:assert/strict";
import { allLessons, buildCourse } from "../../../src/core/lessons/course.js";
import { searchLessons } from "../../../src/core/lessons/searchLessons.js";
import { shippedSource } from "./shippedCourse.js";

const english = buildCourse([shippedSource("en")]);
const german = buildCourse([shippedSource("de")]);
const idsOf = (course: typeof english, query: string) => searchLessons(course, query).map(({ id }) => id);

describe("the search for a lesson", () => {
  const WANTED: [query: string, id: string][] = [
    ["KV cache", "kv-cache"],
    ["softmax", "softmax"],
    ["RoPE", "position"],
    ["merges", "tokens"],
    ["mixture of experts", "mixture-of-experts"],
    ["attention", "attention"],
    ["DPO", "dpo"],
    ["RAG", "retrieval"],
    ["benchmark", "benchmarks"],
    ["perplexity", "cross-entropy"],
    ["jailbr", "jailbreaks"],
    ["the price of a token", "cost"],
  ];
  for (const [query, id] of WANTED) {
    it(`finds ${id} first for “${query}”`, () => {
      assert.equal(idsOf(english, query)[0], id, idsOf(english, query).join());
    });
  }

  it("finds a lesson by its own title and by its id, in German too", () => {
    for (const course of [english, german]) {
      for (const { id, title } of allLessons(course)) {
        assert.ok(idsOf(course, title).includes(id), title);
        assert.ok(idsOf(course, id).includes(id), id);
      }
    }
    assert.equal(idsOf(german, "Kontextfenster")[0], "context-window");
    assert.ok(idsOf(german, "fenster").includes("context-window"));
  });

  it("leaves out what only mentions a thing where other lessons are about it", () => {
    assert.ok(!idsOf(english, "KV cache").includes("operators-manual"));
    assert.ok(idsOf(english, "seed").length > 1, "nothing is about it");
  });

  it("wants each of the words, and finds nothing for what no lesson says", () => {
    assert.ok(idsOf(english, "temperature seed").includes("sampling"));
    assert.deepEqual(idsOf(english, "xylophone softmax"), []);
    assert.deepEqual(idsOf(english, " …"), []);
  });
});
