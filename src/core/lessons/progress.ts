/** What a reader has done in the lessons: pure steps from one state to the next, and the form that is stored. */

import { isFields } from "../../shared/isFields.js";
import type { CheckProgress, CourseSoFar, Lesson, LessonProgress } from "../../shared/panels/lesson.js";

/** Counts up when the stored form changes in a way that an older reader would misread. */
const VERSION = 1;

/** Older guesses give way: they are shown to the reader, not counted. */
const MOST_WRONG_GUESSES = 50;
const LONGEST_GUESS = 600;
const MOST_POINTS = 100;

export interface CourseProgress {
  version: typeof VERSION;
  lessons: Record<string, LessonProgress>;
  /** The lesson that was open last. */
  last: string | undefined;
}

export type LessonState = "not-started" | "in-progress" | "done";

export const NO_PROGRESS: CourseProgress = { version: VERSION, lessons: {}, last: undefined };

const UNTOUCHED: CheckProgress = {
  done: false,
  wrong: [],
  hintsShown: 0,
  answer: undefined,
  points: undefined,
  doneAt: undefined,
  repeats: 0,
};

/** Days after which a check comes back that was missed: the first time, after it was known then, … */
const SPACING_DAYS = [1, 4, 10, 30];
const DAY_MS = 86_400_000;

/** What is known of one lesson. */
export function progressOf(course: CourseProgress, lessonId: string): LessonProgress {
  return own(course.lessons, lessonId) ?? { checks: {} };
}

/** What is known of one check. */
export function checkProgress(lesson: LessonProgress, checkId: string): CheckProgress {
  return own(lesson.checks, checkId) ?? UNTOUCHED;
}

/** Remembers that a lesson was opened. */
export function opened(course: CourseProgress, lessonId: string): CourseProgress {
  return {
    ...course,
    last: lessonId,
    lessons: { ...course.lessons, [lessonId]: progressOf(course, lessonId) },
  };
}

/**
 * Records an answer. A check that is done stays as it is, whatever is tried afterwards.
 * @param now milliseconds.
 * @param points of 100, of an estimate.
 */
export function answered(
  course: CourseProgress,
  lessonId: string,
  checkId: string,
  answer: string,
  right: boolean,
  now: number,
  points?: number,
): CourseProgress {
  const short = answer.slice(0, LONGEST_GUESS);
  return changeCheck(course, lessonId, checkId, (check) => {
    if (check.done) return check;
    return right
      ? { ...check, done: true, answer: short, points, doneAt: now }
      : { ...check, wrong: [...check.wrong, short].slice(-MOST_WRONG_GUESSES) };
  });
}

/** Records that one more hint was shown. */
export function hintShown(course: CourseProgress, lessonId: string, checkId: string): CourseProgress {
  return changeCheck(course, lessonId, checkId, (check) => ({ ...check, hintsShown: check.hintsShown + 1 }));
}

/** Whether a check took more than one answer, or a hint, since it was asked last. */
function wasMissed({ wrong, hintsShown }: CheckProgress): boolean {
  return wrong.length > 0 || hintsShown > 0;
}

/** When a check is asked again, in milliseconds; undefined where it is not done, or is known. */
function comesBackAt(check: CheckProgress): number | undefined {
  const missed = wasMissed(check);
  const days = missed || check.repeats > 0 ? SPACING_DAYS[missed ? 0 : check.repeats] : undefined;
  return check.done && check.doneAt !== undefined && days !== undefined
    ? check.doneAt + days * DAY_MS
    : undefined;
}

/** Whether a check that was missed before it was passed, now or an earlier time, is to be asked again. @param now milliseconds. */
export function isDue(check: CheckProgress, now: number): boolean {
  const at = comesBackAt(check);
  return at !== undefined && at <= now;
}

/**
 * Opens a check again that is due, as if it had never been tried: what was guessed wrong would give it away. One that
 * was known this time rests for longer; one that was missed again begins anew.
 */
export function askedAgain(course: CourseProgress, lessonId: string, checkId: string): CourseProgress {
  return changeCheck(course, lessonId, checkId, (check) => ({
    ...UNTOUCHED,
    repeats: wasMissed(check) ? 1 : check.repeats + 1,
  }));
}

/** The checks of a lesson that are due. */
export function dueChecks(course: CourseProgress, lesson: Lesson, now: number): string[] {
  const progress = progressOf(course, lesson.id);
  return lesson.blocks.flatMap((block) =>
    block.kind === "check" && isDue(checkProgress(progress, block.id), now) ? [block.id] : [],
  );
}

/** How many of a lesson's checks are done, and of how many. */
export function doneChecks(course: CourseProgress, lesson: Lesson): { done: number; of: number } {
  const progress = progressOf(course, lesson.id);
  const checks = lesson.blocks.filter((block) => block.kind === "check");
  return {
    done: checks.filter((check) => checkProgress(progress, check.id).done).length,
    of: checks.length,
  };
}

export function lessonState(course: CourseProgress, lesson: Lesson): LessonState {
  const { done, of } = doneChecks(course, lesson);
  if (done === of) return "done";
  return Object.hasOwn(course.lessons, lesson.id) ? "in-progress" : "not-started";
}

/**
 * Where a reader goes on: the lesson that was open last, else the next that is not done, from there round the course;
 * where all are done, one with something to repeat. @param now milliseconds.
 */
export function lessonToGoOn(
  course: CourseProgress,
  lessons: readonly Lesson[],
  now: number,
): Lesson | undefined {
  const at = Math.max(
    0,
    lessons.findIndex(({ id }) => id === course.last),
  );
  const fromThere = [...lessons.slice(at), ...lessons.slice(0, at)];
  return (
    fromThere.find((lesson) => lessonState(course, lesson) !== "done") ??
    fromThere.find((lesson) => dueChecks(course, lesson, now).length > 0) ??
    fromThere[0]
  );
}

/** Lessons that are told by name at the end of the course. */
const MOST_OPEN = 4;

/** How far a reader has come, and what of it comes back. @param now milliseconds. */
export function courseSoFar(course: CourseProgress, lessons: readonly Lesson[], now: number): CourseSoFar {
  const open = lessons.filter((lesson) => lessonState(course, lesson) !== "done");
  const checks = lessons.flatMap((lesson) => {
    const progress = progressOf(course, lesson.id);
    return lesson.blocks.flatMap((block) =>
      block.kind === "check" ? [checkProgress(progress, block.id)] : [],
    );
  });
  const done = checks.filter((check) => check.done);
  const scores = done.map(({ points }) => points).filter((points) => points !== undefined);
  const back = done.map(comesBackAt).filter((at) => at !== undefined);
  const later = back.filter((at) => at > now);
  return {
    lessons: { done: lessons.length - open.length, of: lessons.length },
    checks: {
      done: done.length,
      of: checks.length,
      atOnce: done.filter((check) => !wasMissed(check) && check.repeats === 0).length,
    },
    estimates: {
      done: scores.length,
      points: scores.reduce((sum, points) => sum + points, 0) / Math.max(1, scores.length),
    },
    open: open.slice(0, MOST_OPEN).map(({ id, title }) => ({ id, title })),
    again: {
      now: back.length - later.length,
      later: later.length,
      next: later.length > 0 ? Math.min(...later) : undefined,
    },
  };
}

/**
 * Reads what was stored. What is not understood is left out rather than trusted: the store may come from another
 * version or have been edited.
 */
export function readProgress(stored: unknown): CourseProgress {
  if (!isFields<keyof CourseProgress>(stored) || stored.version !== VERSION) return NO_PROGRESS;
  const { lessons, last } = stored;
  return {
    version: VERSION,
    lessons: Object.fromEntries(entries(lessons).map(([id, lesson]) => [id, readLesson(lesson)])),
    last: typeof last === "string" ? last : undefined,
  };
}

function readLesson(stored: unknown): LessonProgress {
  const checks = isFields<keyof LessonProgress>(stored) ? entries(stored.checks) : [];
  return { checks: Object.fromEntries(checks.map(([id, check]) => [id, readCheck(check)])) };
}

function readCheck(stored: unknown): CheckProgress {
  if (!isFields<keyof CheckProgress>(stored)) return UNTOUCHED;
  const { done, wrong, hintsShown: hints, answer, points, doneAt, repeats } = stored;
  return {
    done: done === true,
    wrong: Array.isArray(wrong) ? wrong.filter((guess) => typeof guess === "string") : [],
    hintsShown: isCount(hints) ? hints : 0,
    answer: typeof answer === "string" ? answer : undefined,
    points: isCount(points) && points <= MOST_POINTS ? points : undefined,
    doneAt: isCount(doneAt) ? doneAt : undefined,
    repeats: isCount(repeats) ? repeats : 0,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function changeCheck(
  course: CourseProgress,
  lessonId: string,
  checkId: string,
  change: (check: CheckProgress) => CheckProgress,
): CourseProgress {
  const lesson = progressOf(course, lessonId);
  const checks = { ...lesson.checks, [checkId]: change(checkProgress(lesson, checkId)) };
  return { ...course, lessons: { ...course.lessons, [lessonId]: { checks } } };
}

function entries(value: unknown): [string, unknown][] {
  return isFields(value) ? Object.entries(value) : [];
}

/** A field of the record itself: "constructor" is a name like any other. */
function own<T>(record: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
