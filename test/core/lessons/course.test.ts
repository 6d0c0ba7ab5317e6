/** The course as it ships: every lesson is valid, short enough, complete, and right about what can be computed. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allLessons, buildCourse, type CourseFile, findLesson } from "../../../src/core/lessons/course.js";
import { isRight, judgeCondition } from "../../../src/core/lessons/judge.js";
import { countWords, MOST_WORDS } from "../../../src/core/lessons/parseLesson.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import { tokenReadings } from "../../../src/core/lessons/tokenReadings.js";
import { DEFAULT_ENCODING } from "../../../src/core/tokens/encodings.js";
import { encoderOf } from "../tokens/reference.js";

const folder = join(process.cwd(), "media/lessons");
const file = (path: string): CourseFile => ({ path, source: readFileSync(join(folder, path), "utf8") });
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".md"),
);
const course = buildCourse(file("chapters.yaml"), paths.map(file));

describe("the course as it ships", () => {
  it("has no faults, and every file of it is a lesson that is listed", () => {
    assert.deepEqual(course.faults, []);
    assert.equal(allLessons(course).length, paths.length);
    for (const id of ["tokens", "sampling", "attention"]) assert.ok(findLesson(course, id), id);
  });

  it("keeps each lesson in the folder of its chapter", () => {
    for (const path of paths) {
      const { lesson } = findLesson(course, path.replace(/^.*\//, "").replace(".md", "")) ?? {};
      assert.ok(lesson && path.startsWith(String(lesson.chapter).padStart(2, "0")), path);
    }
  });

  for (const lesson of allLessons(course)) {
    describe(lesson.id, () => {
      it(`has at most ${MOST_WORDS} words and ends with what to do differently`, () => {
        const words = countWords(lesson.blocks);
        assert.ok(words > 100 && words <= MOST_WORDS, String(words));
        const headings = lesson.blocks.filter((block) => block.kind === "heading");
        assert.equal(plainText(headings.at(-1)?.children ?? []), "What to do differently tomorrow");
        assert.equal(lesson.blocks.at(-1)?.kind, "paragraph");
      });

      it("offers hints before answers, and a reason after", () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check") continue;
          assert.ok(block.hints.length > 0, `${block.id} has hints`);
          assert.ok(block.because.length > 0, `${block.id} has a reason`);
        }
      });

      it("has exactly one right option where there is a choice, as measured", () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "choose") continue;
          const { facts, options } = block.config;
          const measured = facts.map(({ text, encoding }) => encoderOf(encoding).encode(text).length);
          assert.equal(options.filter((option) => isRight(option, measured)).length, 1, block.id);
        }
      });

      it("does not begin with the conditions of a check met", () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "until") continue;
          const { exhibit: id, conditions } = block.config;
          const exhibit = lesson.blocks.find((other) => other.kind === "exhibit" && other.id === id);
          if (exhibit?.kind !== "exhibit" || exhibit.config.type !== "token-strip") continue;
          const { text, encoding } = exhibit.config;
          const { table } = encoderOf(encoding || DEFAULT_ENCODING);
          const ids = encoderOf(encoding || DEFAULT_ENCODING).encode(text);
          const readings = tokenReadings(ids.map((token) => table.bytesOf(token)));
          const met = conditions.map((condition) => judgeCondition(condition, readings, "token-strip").met);
          assert.ok(met.includes(false), `${block.id}: ${JSON.stringify(readings)}`);
        }
      });
    });
  }
});

describe("putting a course together", () => {
  const chapters = {
    path: "chapters.yaml",
    source: "- number: 2\n  title: Two\n- number: 3\n  title: Three\n",
  };
  const tokens = paths.find((path) => path.endsWith("tokens.md")) ?? "";
  const good = file(tokens);

  it("shows chapters that have lessons, with what precedes and follows", () => {
    const second = {
      path: "02/later.md",
      source: good.source.replace("id: tokens", "id: later").replace("order: 1", "order: 2"),
    };
    const built = buildCourse(chapters, [second, good]);
    assert.deepEqual(built.faults, []);
    assert.deepEqual(
      built.chapters.map(({ number, lessons }) => [number, lessons.map(({ id }) => id)]),
      [[2, ["tokens", "later"]]],
    );
    const found = findLesson(built, "later");
    assert.equal(found?.previous?.id, "tokens");
    assert.equal(found?.next, undefined);
    assert.equal(findLesson(built, "nothing"), undefined);
  });

  it("keeps the good lessons when one is broken, twice there, or in no chapter", () => {
    const built = buildCourse(chapters, [
      good,
      { path: "02/broken.md", source: "no lesson" },
      { path: "03/tokens.md", source: good.source },
      {
        path: "09/lost.md",
        source: good.source.replace("id: tokens", "id: lost").replace("chapter: 2", "chapter: 9"),
      },
    ]);
    assert.deepEqual(
      allLessons(built).map(({ id }) => id),
      ["tokens"],
    );
    assert.deepEqual(
      built.faults.map(({ file: path, line }) => `${path}:${line}`),
      ["02/broken.md:1", "03/tokens.md:2", "09/lost.md:2"],
    );
  });

  it("says what is wrong with the list of chapters", () => {
    const built = buildCourse({ path: "chapters.yaml", source: "- number: two\n  title: Two\n" }, []);
    assert.match(built.faults[0]?.message ?? "", /"chapters 1, number" must be a whole number/);
    assert.equal(built.faults[0]?.line, 1);
  });
});
