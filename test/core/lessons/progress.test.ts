/** Progress in the lessons: what an answer changes, and what survives a store that cannot be trusted. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answered,
  askedAgain,
  type CourseProgress,
  checkProgress,
  courseSoFar,
  doneChecks,
  dueChecks,
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
const DAY = 86_400_000;

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
    const goOn = (course: CourseProgress) => lessonToGoOn(course, lessons, NOW)?.id;
    const done = (course: CourseProgress, id: string) =>
      ["a", "b"].reduce((now, of) => answered(now, id, of, "x", true, NOW), opened(course, id));
    assert.equal(goOn(NO_PROGRESS), "one");
    assert.equal(goOn(opened(NO_PROGRESS, "two")), "two");
    assert.equal(goOn(done(NO_PROGRESS, "two")), "three", "not back to the first");
    assert.equal(goOn(done(done(NO_PROGRESS, "two"), "three")), "one");
    assert.equal(goOn(done(done(done(NO_PROGRESS, "one"), "two"), "three")), "three");
    assert.equal(goOn(opened(NO_PROGRESS, "gone")), "one");
    const missed = answered(opened(NO_PROGRESS, "two"), "two", "a", "no", false, NOW - DAY);
    const yesterday = answered(missed, "two", "a", "x", true, NOW - DAY);
    const all = done(done(done(yesterday, "two"), "one"), "three");
    assert.equal(goOn(all), "two", "where all are done, to what is to be repeated");
    assert.equal(lessonToGoOn(NO_PROGRESS, [], NOW), undefined);
  });

  it("keeps wrong guesses and hints, and what is done stays done", () => {
    let course = answered(NO_PROGRESS, "tokens", "a", "3 and 3", false, NOW);
    course = hintShown(course, "tokens", "a");
    course = answered(course, "tokens", "a", "4 and 1", true, NOW);
    // What is tried afterwards is play.
    course = answered(course, "tokens", "a", "1 and 1", false, NOW + 1);
    course = answered(course, "tokens", "a", "2 and 2", true, NOW + 2);
    assert.deepEqual(checkProgress(progressOf(course, "tokens"), "a"), {
      done: true,
      wrong: ["3 and 3"],
      hintsShown: 1,
      answer: "4 and 1",
      points: undefined,
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

describe("what was missed", () => {
  const due = (course: CourseProgress, days: number) => dueChecks(course, LESSON, NOW + days * DAY).join();
  const right = (course: CourseProgress, check: string, days = 0) =>
    answered(course, "tokens", check, "yes", true, NOW + days * DAY);
  const wrong = (course: CourseProgress, check: string, days = 0) =>
    answered(course, "tokens", check, "no", false, NOW + days * DAY);

  it("comes back a day after it was passed; what was known at once does not", () => {
    const course = right(right(wrong(NO_PROGRESS, "a"), "a"), "b");
    assert.equal(due(course, 0.99), "");
    assert.equal(due(course, 1), "a");
    assert.equal(due(wrong(NO_PROGRESS, "a"), 100), "", "what is still open is asked anyway");
    const helped = right(hintShown(NO_PROGRESS, "tokens", "b"), "b");
    assert.equal(due(helped, 1), "b", "a hint is no knowledge");
  });

  it("is asked as if it were new", () => {
    const course = askedAgain(right(wrong(NO_PROGRESS, "a"), "a"), "tokens", "a");
    const { done, answer, wrong: guesses, hintsShown } = checkProgress(progressOf(course, "tokens"), "a");
    assert.deepEqual([done, answer, guesses, hintsShown], [false, undefined, [], 0]);
    assert.equal(lessonState(course, LESSON), "in-progress");
  });

  it("rests for 4, 10 and 30 days where it is known then, and for good after that", () => {
    let course = right(wrong(NO_PROGRESS, "a"), "a");
    let day = 0;
    for (const rest of [1, 4, 10, 30]) {
      assert.equal(due(course, day + rest - 0.01), "", `before ${rest} days`);
      assert.equal(due(course, day + rest), "a", `after ${rest} days`);
      day += rest;
      course = right(askedAgain(course, "tokens", "a"), "a", day);
    }
    assert.equal(due(course, day + 10_000), "");
  });

  it("begins anew where it is missed again", () => {
    let course = right(wrong(NO_PROGRESS, "a"), "a");
    course = right(askedAgain(course, "tokens", "a"), "a", 1);
    course = right(wrong(askedAgain(course, "tokens", "a"), "a", 5), "a", 5);
    assert.equal(due(course, 5.99), "");
    assert.equal(due(course, 6), "a", "after a day again, not after ten");
    course = right(askedAgain(course, "tokens", "a"), "a", 6);
    assert.equal(due(course, 9.99), "");
    assert.equal(due(course, 10), "a");
  });

  it("is counted at the end of the course, with what is open", () => {
    const lessons = ["tokens", "two", "three"].map((id) => ({ ...LESSON, id, title: `The ${id}` }));
    assert.deepEqual(courseSoFar(NO_PROGRESS, lessons, NOW), {
      lessons: { done: 0, of: 3 },
      checks: { done: 0, of: 6, atOnce: 0 },
      estimates: { done: 0, points: 0 },
      open: lessons.map(({ id, title }) => ({ id, title })),
      again: { now: 0, later: 0, next: undefined },
    });
    let course = right(right(wrong(NO_PROGRESS, "a"), "a"), "b");
    course = answered(hintShown(course, "two", "a"), "two", "a", "12", true, NOW + DAY, 80);
    course = answered(course, "three", "b", "7", true, NOW, 91);
    assert.deepEqual(courseSoFar(course, lessons, NOW + DAY), {
      lessons: { done: 1, of: 3 },
      checks: { done: 4, of: 6, atOnce: 2 },
      estimates: { done: 2, points: 85.5 },
      open: [
        { id: "two", title: "The two" },
        { id: "three", title: "The three" },
      ],
      again: { now: 1, later: 1, next: NOW + 2 * DAY },
    });
    const repeated = right(askedAgain(course, "tokens", "a"), "a", 1);
    assert.equal(
      courseSoFar(repeated, lessons, NOW + DAY).checks.atOnce,
      2,
      "the second time is not at once",
    );
  });
});

describe("stored progress", () => {
  it("comes back as it was", () => {
    let course = opened(NO_PROGRESS, "tokens");
    course = answered(course, "tokens", "a", "no", false, NOW);
    course = answered(course, "tokens", "a", "yes", true, NOW, 97);
    const read = readProgress(JSON.parse(JSON.stringify(course)));
    assert.deepEqual(read, course);
    assert.equal(checkProgress(progressOf(read, "tokens"), "a").points, 97);
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
