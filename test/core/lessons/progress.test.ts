/** Progress in the lessons: what an answer changes, and what survives a store that cannot be trusted. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answered,
  type CourseProgress,
  checkProgress,
  doneChecks,
  hintShown,
  lessonState,
  lessonToGoOn,
  NO_PROGRESS,
  opened,
  progressOf,
  readProgress,
} from "../../../src/core/lessons/progress.js";
import type { CheckBlock, Lesson } from "../../../src/shared/panels/lesson.js";

const check = (id: string): CheckBlock => ({
  kind: "check",
  id,
  question: [],
  hints: [],
  because: [],
  config: { type: "choose", options: [], facts: [] },
});

const NOW = Date.UTC(2026, 10, 22);

const LESSON: Lesson = {
  id: "tokens",
  title: "Tokens",
  chapter: 2,
  order: 1,
  minutes: 5,
  summary: "",
  needs: "none",
  sources: [],
  anchors: [],
  blocks: [check("a"), check("b")],
};

describe("progress in a lesson", () => {
  it("goes from not started to in progress to done", () => {
    let course = NO_PROGRESS;
    assert.equal(lessonState(course, LESSON), "not-started");
    course = opened(course, "tokens");
    assert.equal(lessonState(course, LESSON), "in-progress");
    course = answered(course, "tokens", "a", "4 and 1", true, NOW);
    assert.equal(lessonState(course, LESSON), "in-progress");
    assert.deepEqual(doneChecks(course, LESSON), { done: 1, of: 2 });
    course = answered(course, "tokens", "b", "x", true, NOW);
    assert.equal(lessonState(course, LESSON), "done");
    assert.equal(course.last, "tokens");
    assert.equal(lessonState(NO_PROGRESS, LESSON), "not-started", "earlier states are left as they were");
  });

  it("goes on with what was open last, else with the next that is not done, round the course", () => {
    const lessons = ["one", "two", "three"].map((id) => ({ ...LESSON, id }));
    const goOn = (course: CourseProgress) => lessonToGoOn(course, lessons)?.id;
    const done = (course: CourseProgress, id: string) =>
      ["a", "b"].reduce((now, of) => answered(now, id, of, "x", true, NOW), opened(course, id));
    assert.equal(goOn(NO_PROGRESS), "one");
    assert.equal(goOn(opened(NO_PROGRESS, "two")), "two");
    assert.equal(goOn(done(NO_PROGRESS, "two")), "three", "not back to the first");
    assert.equal(goOn(done(done(NO_PROGRESS, "two"), "three")), "one");
    assert.equal(goOn(done(done(done(NO_PROGRESS, "one"), "two"), "three")), "three");
    assert.equal(goOn(opened(NO_PROGRESS, "gone")), "one");
    assert.equal(lessonToGoOn(NO_PROGRESS, []), undefined);
  });

  it("keeps wrong guesses and hints, and what is done stays done", () => {
    let course = answered(NO_PROGRESS, "tokens", "a", "3 and 3", false, NOW);
    course = hintShown(course, "tokens", "a");
    course = answered(course, "tokens", "a", "4 and 1", true, NOW);
    course = answered(course, "tokens", "a", "1 and 1", false, NOW);
    assert.deepEqual(checkProgress(progressOf(course, "tokens"), "a"), {
      done: true,
      wrong: ["3 and 3", "1 and 1"],
      hintsShown: 1,
      answer: "4 and 1",
      doneAt: NOW,
      repeats: 0,
    });
  });

  it("keeps the newest of very many guesses, cut to a sensible length", () => {
    let course = NO_PROGRESS;
    for (let n = 0; n < 60; n++)
      course = answered(course, "tokens", "a", `${n} ${"x".repeat(1000)}`, false, NOW);
    const { wrong } = checkProgress(progressOf(course, "tokens"), "a");
    assert.equal(wrong.length, 50);
    assert.ok(wrong.at(-1)?.startsWith("59 ") && wrong.every((guess) => guess.length <= 600));
  });

  it("treats names of the language as names", () => {
    assert.deepEqual(progressOf(NO_PROGRESS, "constructor"), { checks: {} });
    assert.equal(checkProgress({ checks: {} }, "toString").done, false);
  });
});

describe("stored progress", () => {
  it("comes back as it was", () => {
    let course = opened(NO_PROGRESS, "tokens");
    course = answered(course, "tokens", "a", "no", false, NOW);
    course = answered(course, "tokens", "a", "yes", true, NOW);
    assert.deepEqual(readProgress(JSON.parse(JSON.stringify(course))), course);
  });

  it("starts afresh when it is from another version or is nothing", () => {
    for (const stored of [undefined, null, 3, "x", [], {}, { version: 2, lessons: { a: {} } }]) {
      assert.deepEqual(readProgress(stored), NO_PROGRESS);
    }
  });

  it("never throws and never lets a broken part through", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (inner, check) => {
        for (const lessons of [inner, { tokens: inner }, { tokens: { checks: { a: check } } }]) {
          const course = readProgress({ version: 1, lessons, last: inner });
          const progress = checkProgress(progressOf(course, "tokens"), "a");
          assert.equal(typeof progress.done, "boolean");
          assert.ok(Number.isInteger(progress.hintsShown) && Array.isArray(progress.wrong));
          assert.ok(progress.wrong.every((guess) => typeof guess === "string"));
        }
      }),
    );
  });
});
