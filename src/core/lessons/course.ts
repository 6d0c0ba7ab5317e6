/** Lessons and chapters -> the course in its order. */

import { t } from "../../shared/l10n.js";
import type { GlossaryTerm, Lesson } from "../../shared/panels/lesson.js";
import { glossaryInSteps } from "./glossary.js";
import { formatIssue, type LessonIssue, lessonInSteps } from "./parseLesson.js";
import { entriesInSteps, type Issue, integer, list, shape, text } from "./schema.js";

export interface Chapter {
  number: number;
  title: string;
  lessons: Lesson[];
}

export interface Course {
  /** Chapters that have lessons, in order. */
  chapters: Chapter[];
  /** All terms, by their ids. */
  glossary: ReadonlyMap<string, GlossaryTerm>;
  /** What is wrong with the files that are no lessons. */
  faults: LessonIssue[];
}

/** A file of the course: its path below the course's folder, and what is in it. */
export interface CourseFile {
  path: string;
  source: string;
}

/** A folder of lessons. Chapters and terms of one may be used by the lessons of all. */
export interface CourseSource {
  /** `chapters.yaml`: numbers and titles. */
  chapters: CourseFile | undefined;
  /** `glossary.yaml`. */
  glossary: CourseFile | undefined;
  files: readonly CourseFile[];
}

const chapterList = list(shape({ number: integer(1, 99), title: text(80) }), 1, 99);

/** Puts a course together. A file that is no lesson does not keep the others from being read. */
export function buildCourse(sources: readonly CourseSource[]): Course {
  const steps = courseInSteps(sources);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `buildCourse`, handing control back after each file. */
export function* courseInSteps(sources: readonly CourseSource[]): Generator<void, Course, void> {
  const faults: LessonIssue[] = [];
  const byNumber = new Map<number, Chapter>();
  const glossary = new Map<string, GlossaryTerm>();
  for (const { chapters, glossary: terms } of sources) {
    // The course's own titles and terms stand; a teacher's folder adds to them.
    for (const chapter of chapters ? yield* readChapters(chapters, faults) : []) {
      if (!byNumber.has(chapter.number)) byNumber.set(chapter.number, chapter);
    }
    yield;
    for (const term of terms ? yield* readTerms(terms, faults) : []) {
      if (!glossary.has(term.id)) glossary.set(term.id, term);
    }
    yield;
  }
  const known = new Set(glossary.keys());
  const seen = new Map<string, string>();
  for (const { path, source } of sources.flatMap(({ files }) => files)) {
    const { lesson, issues } = yield* lessonInSteps(source, path, known);
    faults.push(...issues);
    yield;
    if (!lesson) continue;
    const other = seen.get(lesson.id);
    const chapter = byNumber.get(lesson.chapter);
    if (other !== undefined) {
      faults.push({
        file: path,
        line: 2,
        message: t('The lesson "{0}" is in {1} already.', lesson.id, other),
      });
    } else if (!chapter) {
      faults.push({
        file: path,
        line: 2,
        message: t("There is no chapter {0} in chapters.yaml.", lesson.chapter),
      });
    } else {
      seen.set(lesson.id, path);
      chapter.lessons.push(lesson);
    }
  }
  const inOrder = [...byNumber.values()]
    .filter((chapter) => chapter.lessons.length > 0)
    .sort((a, b) => a.number - b.number);
  for (const { lessons } of inOrder) lessons.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  return { chapters: inOrder, glossary, faults };
}

function* readChapters(
  { path, source }: CourseFile,
  faults: LessonIssue[],
): Generator<void, Chapter[], void> {
  const issues: Issue[] = [];
  const titles = yield* entriesInSteps(source, chapterList, "chapters", issues, () => []);
  faults.push(...issues.map((issue) => ({ file: path, ...issue })));
  return titles.map(({ number, title }) => ({ number, title, lessons: [] }));
}

function* readTerms(
  { path, source }: CourseFile,
  faults: LessonIssue[],
): Generator<void, GlossaryTerm[], void> {
  const issues: Issue[] = [];
  const terms = yield* glossaryInSteps(source, issues);
  faults.push(...issues.map((issue) => ({ file: path, ...issue })));
  return terms;
}

/** In the order in which they are read. */
export function allLessons(course: Course): Lesson[] {
  return course.chapters.flatMap((chapter) => chapter.lessons);
}

/** The lesson of that id with its chapter and its neighbours in reading order. */
export function findLesson(
  course: Course,
  id: string,
): { lesson: Lesson; chapter: Chapter; previous: Lesson | undefined; next: Lesson | undefined } | undefined {
  const lessons = allLessons(course);
  const at = lessons.findIndex((lesson) => lesson.id === id);
  const lesson = lessons[at];
  const chapter = course.chapters.find(({ number }) => number === lesson?.chapter);
  return lesson && chapter && { lesson, chapter, previous: lessons[at - 1], next: lessons[at + 1] };
}

/** All faults as one text, a line each. */
export function describeFaults(course: Course): string {
  return course.faults.map(formatIssue).join("\n");
}
