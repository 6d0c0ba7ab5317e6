/** In which language the text of an exhibit is written: that of the editor it comes from, else the lesson's. */

import type { LessonSource } from "../../../src/shared/panels/lesson.js";

export function languageOf(language: string, text: string, source: LessonSource | undefined): string {
  return source?.text === text ? source.languageId : language;
}
