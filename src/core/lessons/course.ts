/** Lessons and chapters -> the course in its order. */

import type { Lesson } from "../../shared/panels/lesson.js";
import { formatIssue, type LessonIssue, parseLesson } from "./parseLesson.js";
import { type Issue, integer, list, parseYaml, shape, text } from "./schema.js";

export interface Chapter {
  number: number;
  title: string;
  lessons: Lesson[];
}

export interface Course {
  /** Chapters that have lessons, in order. */
  chapters: Chapter[];
  /** What is wrong with the files that are no lessons. */
  faults: LessonIssue[];
}

/** A file of the course: its path below the course's folder, and what is in it. */
export interface CourseFile {
  path: string;
  source: string;
}

const chapterList = list(shape({ number: integer(1, 99), title: text(80) }), 1, 99);

/**
 * Puts a course together. A file that is no lesson does not keep the others from being read.
 * @param chapters `chapters.yaml`: numbers and titles.
 */
export function buildCourse(chapters: CourseFile, files: readonly CourseFile[]): Course {
  const issues: Issue[] = [];
  const yaml = parseYaml(chapters.source, 1, issues);
  const titles =
    yaml?.node && chapterList.read(yaml.node, "chapters", { issues, lineOf: yaml.lineOf, inline: () => [] });
  const faults: LessonIssue[] = issues.map((issue) => ({ file: chapters.path, ...issue }));
  const byNumber = new Map<number, Chapter>();
  for (const { number, title } of titles ?? []) byNumber.set(number, { number, title, lessons: [] });

  const seen = new Map<string, string>();
  for (const { path, source } of files) {
    const { lesson, issues: found } = parseLesson(source, path);
    faults.push(...found);
    if (!lesson) continue;
    const other = seen.get(lesson.id);
    const chapter = byNumber.get(lesson.chapter);
    if (other !== undefined) {
      faults.push({ file: path, line: 2, message: `The lesson "${lesson.id}" is in ${other} already.` });
    } else if (!chapter) {
      const message = `There is no chapter ${lesson.chapter} in ${chapters.path}.`;
      faults.push({ file: path, line: 2, message });
    } else {
      seen.set(lesson.id, path);
      chapter.lessons.push(lesson);
    }
  }
  const inOrder = [...byNumber.values()]
    .filter((chapter) => chapter.lessons.length > 0)
    .sort((a, b) => a.number - b.number);
  for (const { lessons } of inOrder) lessons.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  return { chapters: inOrder, faults };
}

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
