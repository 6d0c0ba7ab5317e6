/** The course in other languages: which file a reader is given, and that a translation changes the words only. */

import assert from "node:assert/strict";
import { allLessons, buildCourse, findLesson } from "../../../src/core/lessons/course.js";
import { namedPoints } from "../../../src/core/lessons/judge.js";
import { courseFileName, filesInLanguage, isLessonName } from "../../../src/core/lessons/languages.js";
import {
  formatIssue,
  MOST_TRANSLATED_WORDS,
  MOST_WORDS,
  parseLesson,
} from "../../../src/core/lessons/parseLesson.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import type { ExhibitBlock, ExhibitType, Inline, Lesson } from "../../../src/shared/panels/lesson.js";
import { GERMAN_SOLUTIONS, SOLUTIONS } from "./answers.js";
import { shippedFile, shippedPaths, shippedSource } from "./shippedCourse.js";
import { checksOf, judgedAfter } from "./untilChecks.js";

/** The end of each lesson. */
const TOMORROW = "Ab morgen anders";
const NOTHING_TO_SAY = "Dazu kann ich nichts sagen.";

const english = buildCourse([shippedSource("en")]);
const germanFiles = shippedSource("de");
const german = buildCourse([germanFiles]);
const isGerman = ({ path }: { path: string }) => courseFileName(path).language === "de";

describe("the files of a course in several languages", () => {
  it("are read in the reader's language where they are there, whatever its region, else in English", () => {
    const paths = ["02/a.de.md", "02/a.md", "02/b.md", "02/c.fr.md", "chapters.yaml", "chapters.de.yaml"];
    const given = (language: string) => [...filesInLanguage(paths, language).values()];
    assert.deepEqual(given("de"), ["02/a.de.md", "02/b.md", "chapters.de.yaml"]);
    assert.deepEqual(given("de-AT"), given("de"));
    assert.deepEqual(given("en"), ["02/a.md", "02/b.md", "chapters.yaml"]);
    assert.deepEqual(given("pt-br"), given("en"));
    assert.deepEqual(given("fr"), ["02/a.md", "02/b.md", "02/c.fr.md", "chapters.yaml"]);
  });

  it("are no lessons of their own, nor is a page about the folder", () => {
    assert.deepEqual(courseFileName("x/a-b.de.md"), { base: "x/a-b.md", language: "de" });
    assert.deepEqual(courseFileName("x/a-b.md"), { base: "x/a-b.md", language: undefined });
    assert.deepEqual(courseFileName("x/crawl.txt"), { base: "x/crawl.txt", language: undefined });
    assert.deepEqual(["a.md", "a.de.md", "README.md", "x/readme.de.md", "a.yaml"].map(isLessonName), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("are validated as the English ones are, by the same id, with more words", () => {
    const { source } = shippedFile("02-text-into-tokens/tokens.md");
    assert.ok(parseLesson(source, "tokens.de.md").lesson);
    assert.match(parseLesson(source, "other.de.md").issues.map(formatIssue).join(), /^other\.de\.md:2: /);
    const long = (words: number) => `${source}\n${"word ".repeat(words)}`;
    assert.ok(parseLesson(long(MOST_TRANSLATED_WORDS - MOST_WORDS), "tokens.de.md").lesson);
    assert.match(parseLesson(long(200), "tokens.de.md").issues[0]?.message ?? "", /at most 480/);
  });
});

describe("the course in German", () => {
  it("has no faults, and the English lessons in their order", () => {
    assert.deepEqual(german.faults, []);
    assert.deepEqual(
      allLessons(german).map(({ id }) => id),
      allLessons(english).map(({ id }) => id),
    );
    const bases = new Set(shippedPaths().filter((path) => courseFileName(path).language === undefined));
    for (const path of shippedPaths())
      if (isLessonName(path)) assert.ok(bases.has(courseFileName(path).base), `${path} has an English file`);
  });

  it("has every chapter's title and every term of the glossary", () => {
    assert.ok(germanFiles.chapters && isGerman(germanFiles.chapters));
    assert.ok(germanFiles.glossary && isGerman(germanFiles.glossary));
    assert.deepEqual(
      german.chapters.map(({ number }) => number),
      english.chapters.map(({ number }) => number),
    );
    assert.deepEqual([...german.glossary.keys()], [...english.glossary.keys()]);
    for (const [id, { means, lesson }] of german.glossary) {
      const original = english.glossary.get(id);
      assert.equal(lesson, original?.lesson, id);
      assert.deepEqual(marksOf(means), marksOf(original?.means ?? []), id);
    }
    const names = [...german.glossary.values()].map(({ name }) => name.toLowerCase());
    assert.equal(new Set(names).size, names.length);
  });

  it("has every lesson", () => {
    const missing = germanFiles.files.filter((file) => !isGerman(file));
    assert.deepEqual(
      missing.map(({ path }) => path),
      [],
    );
  });

  for (const { path } of germanFiles.files.filter(isGerman)) {
    const id = courseFileName(path).base.replace(/^.*\/|\.md$/g, "");
    const lessonOf = (course: typeof german): Lesson => {
      const found = findLesson(course, id);
      assert.ok(found, `${id}: ${course.faults.map(formatIssue).join("\n")}`);
      return found.lesson;
    };
    describe(id, () => {
      it("differs from the English lesson in its words only", () => {
        assert.deepEqual(skeleton(lessonOf(german)), skeleton(lessonOf(english)));
      });

      it("does not begin with the conditions of a check met, and they can be met", async () => {
        for (const check of checksOf(lessonOf(german), "until")) {
          const name = `${id} ${check.block.id}`;
          const before = await judgedAfter(check, {});
          if (!before) continue;
          assert.ok(
            before.some(({ met }) => !met),
            name,
          );
          const after = await judgedAfter(check, GERMAN_SOLUTIONS[name] ?? SOLUTIONS[name] ?? {});
          assert.ok(
            after?.every(({ met }) => met),
            `${name}: ${JSON.stringify(after)}`,
          );
        }
      });

      it("ends with what to do differently, and quotes as German does", () => {
        const lesson = lessonOf(german);
        const headings = lesson.blocks.filter((block) => block.kind === "heading");
        assert.equal(plainText(headings.at(-1)?.children ?? []), TOMORROW);
        for (const text of textsOf(lesson)) assert.doesNotMatch(text, /”|(?:^|\s)“/);
      });

      it("finds the key points in its own answer, and not in the question", () => {
        for (const block of lessonOf(german).blocks) {
          if (block.kind !== "check" || block.config.type !== "explain") continue;
          const { points, need } = block.config;
          const named = (text: string) => namedPoints(text, points).filter(Boolean).length;
          assert.ok(named(plainText(block.because)) >= need, `${block.id}: ${plainText(block.because)}`);
          assert.ok(named(plainText(block.question)) < need, block.id);
          assert.equal(named(NOTHING_TO_SAY), 0, block.id);
        }
      });
    });
  }
});

/** Parts of a lesson that are words for the reader; all else is the same in every language. */
const WORDS = new Set(["title", "summary", "label", "unit", "about", "words"]);
/** Exhibits that look for words and ask no model: what they search is in the reader's language, as are their words. */
const SEARCHED: ReadonlySet<unknown> = new Set<ExhibitType>(["retrieval", "links", "word-filter"]);

/** A lesson with its words taken out: what every translation must share. */
function skeleton(part: unknown, name = "", exhibit?: unknown): unknown {
  if (isInline(part)) return marksOf(part);
  if (Array.isArray(part)) {
    // What a toy judge looks for is what the exhibit is about.
    const isWords = name === "words" && (exhibit === undefined || SEARCHED.has(exhibit));
    return isWords ? "words" : part.map((each) => skeleton(each, "", exhibit));
  }
  if (typeof part === "object" && part !== null) {
    const inside = "kind" in part && part.kind === "exhibit" ? (part as ExhibitBlock).config.type : exhibit;
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => [key, skeleton(value, key, inside)]),
    );
  }
  const isWords = WORDS.has(name) || (name === "text" && SEARCHED.has(exhibit));
  return typeof part === "string" && isWords ? "words" : part;
}

const INLINE: ReadonlySet<unknown> = new Set<Inline["kind"]>([
  "text",
  "code",
  "strong",
  "emphasis",
  "link",
  "term",
  "break",
]);

/** Running text is told by its first part. */
function isInline(part: unknown): part is Inline[] {
  if (!Array.isArray(part)) return false;
  const [first] = part as unknown[];
  return typeof first === "object" && first !== null && "kind" in first && INLINE.has(first.kind);
}

interface Marks {
  links: string[];
  terms: string[];
  code: string[];
  numbers: string[];
}

/** What stays of running text in any language, in the order of the alphabet: sentences have orders of their own. */
function marksOf(text: readonly Inline[]): Marks {
  const marks: Marks = { links: [], terms: [], code: [], numbers: [] };
  const walk = (children: readonly Inline[]) => {
    for (const child of children) {
      if (child.kind === "code") marks.code.push(child.text);
      if (child.kind === "link") marks.links.push(JSON.stringify(child.target));
      if (child.kind === "term") marks.terms.push(child.id);
      if ("children" in child) walk(child.children);
    }
  };
  walk(text);
  // 1,540 is 1.540 in German, and 9.11 may be 9,11.
  const digits = plainText(text).replace(/(?<=\d)[.,\u00a0\u202f](?=\d)/g, "");
  marks.numbers = digits.match(/\d+/g) ?? [];
  for (const list of Object.values(marks) as string[][]) list.sort();
  return marks;
}

/** Every stretch of running text in a lesson. */
function textsOf(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  if ("kind" in part && part.kind === "text" && "text" in part) return [String(part.text)];
  return Object.values(part).flatMap(textsOf);
}
