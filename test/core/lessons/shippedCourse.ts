/** The files of the course as it ships, in one language. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CourseFile, CourseSource } from "../../../src/core/lessons/course.js";
import { filesInLanguage, isLessonName } from "../../../src/core/lessons/languages.js";

const folder = join(process.cwd(), "media/lessons");

export function shippedFile(path: string): CourseFile {
  return { path, source: readFileSync(join(folder, path), "utf8") };
}

/** All files below the course's folder, in all languages. */
export function shippedPaths(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
}

/** @param language as VS Code names it; what is not there in it is in English. */
export function shippedSource(language: string): CourseSource {
  const chosen = filesInLanguage(shippedPaths(), language);
  const file = (base: string) => shippedFile(chosen.get(base) ?? base);
  return {
    chapters: file("chapters.yaml"),
    glossary: file("glossary.yaml"),
    files: [...chosen.values()].filter(isLessonName).map(shippedFile),
  };
}
