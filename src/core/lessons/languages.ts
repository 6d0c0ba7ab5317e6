/** Which files of the course say the same in different languages, and which of them a reader is given. */

/** `tokens.de.md`: what stands before the language is the file it says in German. Ids have no dots. */
const NAME = /^(.*?)(?:\.([a-z]{2,3}))?(\.(?:md|yaml))$/;

export interface CourseFileName {
  /** The path without the language: `02-text-into-tokens/tokens.md`. */
  base: string;
  /** Of the file, without a region: `de`; undefined where its name says none, as in English. */
  language: string | undefined;
}

export function courseFileName(path: string): CourseFileName {
  const [, stem = "", language, ending = ""] = NAME.exec(path) ?? [undefined, path];
  return { base: `${stem}${ending}`, language };
}

/** A page that tells people about the folder is no lesson, in whatever language. */
export function isLessonName(path: string): boolean {
  const { base } = courseFileName(path);
  return base.endsWith(".md") && !/(?:^|\/)readme\.md$/i.test(base);
}

/**
 * Of each file the one in the reader's language, else the one whose name says no language; what exists in other
 * languages only is left out.
 * @param language as VS Code names it, `de` or `pt-br`: the region does not count.
 * @returns the paths by their bases, in the order in which these first come.
 */
export function filesInLanguage(paths: readonly string[], language: string): Map<string, string> {
  const [wanted] = language.split("-");
  const chosen = new Map<string, string>();
  for (const path of paths) {
    const { base, language: written } = courseFileName(path);
    if (written === wanted || (written === undefined && !chosen.has(base))) chosen.set(base, path);
  }
  return chosen;
}
