/**
 * The translation that a process or page has from its start. This is the one without any, for tests and tools; the
 * build puts `texts.ts` of src/editor, src/workers or webview in its place, which find where the language's texts are
 * there. A module of its own, so that they are there before the first constant with a text in it is made.
 */

export interface Translation {
  /** The language's tag as `Intl` takes it, such as `de`. */
  language: string;
  /** By the English message; where that has a comment for translators, by `MESSAGE/COMMENT`. */
  texts: Readonly<Record<string, string>>;
  /** Where they were read from, for processes that read them too. */
  file?: string;
}

/** Undefined where everything is said in English. */
export const translation: Translation | undefined = undefined;
