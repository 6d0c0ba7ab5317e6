/** What a reader has done in the lessons: pure steps from one state to the next, and the form that is stored. */

import { isFields } from "../../shared/isFields.js";
import type { CheckProgress, Lesson, LessonProgress } from "../../shared/panels/lesson.js";

/** Counts up when the stored form changes in a way that an older reader would misread. */
const VERSION = 1;

/** Older guesses give way: they are shown to the reader, not counted. */
const MOST_WRONG_GUESSES = 50;
const LONGEST_GUESS = 600;

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
  doneAt: undefined,
  repeats: 0,
};

/** Days after which a check that was missed comes back: the first time, the second, … */
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

/** Records an answer. A check that is done stays done, whatever is tried afterwards. */
export function answered(
  course: CourseProgress,
  lessonId: string,
  checkId: string,
  answer: string,
  right: boolean,
  now: number,
): CourseProgress {
  const short = answer.slice(0, LONGEST_GUESS);
  return changeCheck(course, lessonId, checkId, (check) =>
    right
      ? { ...check, done: true, answer: check.answer ?? short, doneAt: check.doneAt ?? now }
      : { ...check, wrong: [...check.wrong, short].slice(-MOST_WRONG_GUESSES) },
  );
}

/** Records that one more hint was shown. */
export function hintShown(course: CourseProgress, lessonId: string, checkId: string): CourseProgress {
  return changeCheck(course, lessonId, checkId, (check) => ({ ...check, hintsShown: check.hintsShown + 1 }));
}

/** Whether a check that was missed before it was passed, now or an earlier time, is to be asked again. @param now milliseconds. */
export function isDue({ done, wrong, hintsShown, doneAt, repeats }: CheckProgress, now: number): boolean {
  const days = SPACING_DAYS[repeats];
  const missed = wrong.length > 0 || hintsShown > 0 || repeats > 0;
  return done && missed && doneAt !== undefined && days !== undefined && now - doneAt >= days * DAY_MS;
}

/** Opens a check again that is due, as if it had never been tried: what was guessed wrong would give it away. */
export function askedAgain(course: CourseProgress, lessonId: string, checkId: string): CourseProgress {
  return changeCheck(course, lessonId, checkId, (check) => ({
    ...check,
    done: false,
    answer: undefined,
    doneAt: undefined,
    wrong: [],
    hintsShown: 0,
    repeats: check.repeats + 1,
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

/** Where a reader goes on: the lesson that was open last, else the next that is not done, from there round the course. */
export function lessonToGoOn(course: CourseProgress, lessons: readonly Lesson[]): Lesson | undefined {
  const at = Math.max(
    0,
    lessons.findIndex(({ id }) => id === course.last),
  );
  const fromThere = [...lessons.slice(at), ...lessons.slice(0, at)];
  return fromThere.find((lesson) => lessonState(course, lesson) !== "done") ?? fromThere[0];
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
  const { done, wrong, hintsShown: hints, answer, doneAt, repeats } = stored;
  return {
    done: done === true,
    wrong: Array.isArray(wrong) ? wrong.filter((guess) => typeof guess === "string") : [],
    hintsShown: isCount(hints) ? hints : 0,
    answer: typeof answer === "string" ? answer : undefined,
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
