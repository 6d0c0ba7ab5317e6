/** The course as it ships: every lesson is valid, short enough, complete, and right about what can be computed. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findAnchor } from "../../../src/core/lessons/anchors.js";
import { allLessons, buildCourse, type CourseFile, findLesson } from "../../../src/core/lessons/course.js";
import { termsUsed } from "../../../src/core/lessons/glossary.js";
import {
  inPlace,
  isRight,
  judgeCondition,
  judgeEstimate,
  namedPoints,
  shuffled,
} from "../../../src/core/lessons/judge.js";
import { measureFact } from "../../../src/core/lessons/measureFact.js";
import { countWords, MOST_WORDS } from "../../../src/core/lessons/parseLesson.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import type { Fact } from "../../../src/shared/panels/lesson.js";
import { encoderOf } from "../tokens/reference.js";
import { readingsAfter, SOLUTIONS, TRICKS } from "./answers.js";
import { shippedFile, shippedSource } from "./shippedCourse.js";
import { checksOf, judgedAfter } from "./untilChecks.js";

const shipped = shippedSource("en");
const paths = shipped.files.map(({ path }) => path);
const { glossary } = shipped;
const course = buildCourse([shipped]);

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

      it("has exactly one right option where there is a choice, as measured", async () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "choose") continue;
          const { facts, options } = block.config;
          const measured: number[] = [];
          for (const fact of facts) measured.push(await measure(fact));
          assert.equal(options.filter((option) => isRight(option, measured)).length, 1, block.id);
        }
      });

      it("does not begin with the conditions of a check met, and they can be met", async () => {
        for (const check of checksOf(lesson, "until")) {
          const { block } = check;
          const before = await judgedAfter(check, {});
          if (!before) continue;
          assert.ok(
            before.some((condition) => !condition.met),
            `${block.id}: ${JSON.stringify(before)}`,
          );
          const solution = SOLUTIONS[`${lesson.id} ${block.id}`];
          assert.ok(solution, `${block.id} has a solution in answers.ts`);
          const after = await judgedAfter(check, solution);
          assert.ok(
            after?.every((condition) => condition.met),
            `${block.id}: ${JSON.stringify(after)}`,
          );
          const trick = TRICKS[`${lesson.id} ${block.id}`];
          const tricked = trick && (await judgedAfter(check, trick));
          assert.equal(
            tricked?.every((condition) => condition.met) ?? false,
            false,
            `${block.id}, by a trick`,
          );
        }
      });

      it("takes a good estimate and refuses a bad one", async () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "estimate") continue;
          const { of, within, when } = block.config;
          let value: number | undefined;
          if (of.kind === "fact") value = await measure(of.fact);
          else {
            const exhibit = lesson.blocks.find(
              (other) => other.kind === "exhibit" && other.id === of.exhibit,
            );
            assert.ok(exhibit?.kind === "exhibit");
            const change = SOLUTIONS[`${lesson.id} ${block.id}`] ?? {};
            const readings = await readingsAfter(exhibit.config, change);
            value = readings?.[of.reading];
            for (const condition of when) {
              const { met, wanted } = judgeCondition(condition, readings, exhibit.config);
              assert.ok(met || !readings, `${block.id}: ${wanted}`);
            }
          }
          if (value === undefined) continue;
          assert.equal(judgeEstimate(value, value, within).right, true, block.id);
          assert.equal(judgeEstimate(value * (1 + within * 0.9), value, within).right, true, block.id);
          assert.equal(judgeEstimate(value * (1 + within * 1.2), value, within).right, false, block.id);
          assert.equal(judgeEstimate(0, value, within).right, false, block.id);
        }
      });

      it("begins an order in another order", () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "order") continue;
          const { length } = block.config.items;
          assert.ok(inPlace(shuffled(length, block.id)) < length, block.id);
        }
      });

      it("finds the key points in its own answer, and not in the question", () => {
        for (const block of lesson.blocks) {
          if (block.kind !== "check" || block.config.type !== "explain") continue;
          const { points, need } = block.config;
          const named = (text: string) => namedPoints(text, points).filter(Boolean).length;
          assert.ok(named(plainText(block.because)) >= need, `${block.id}: ${plainText(block.because)}`);
          assert.ok(named(plainText(block.question)) < need, block.id);
          assert.equal(named("I do not know what to say about that."), 0, block.id);
        }
      });
    });
  }

  it("has no solution for a check that is not there", () => {
    const names = allLessons(course).flatMap((lesson) =>
      [...checksOf(lesson, "until"), ...checksOf(lesson, "estimate")].map(
        ({ block }) => `${lesson.id} ${block.id}`,
      ),
    );
    assert.deepEqual(
      Object.keys({ ...SOLUTIONS, ...TRICKS }).filter((name) => !names.includes(name)),
      [],
    );
  });

  it("explains each term once and uses every one", () => {
    const used = new Set(allLessons(course).flatMap((lesson) => termsUsed(lesson.blocks)));
    assert.deepEqual(
      [...course.glossary.keys()].filter((id) => !used.has(id)),
      [],
    );
    const names = [...course.glossary.values()].map(({ name }) => name.toLowerCase());
    assert.equal(new Set(names).size, names.length);
    for (const { id, lesson } of course.glossary.values()) {
      if (lesson !== undefined) assert.ok(findLesson(course, lesson), `${id} is about the lesson ${lesson}`);
    }
  });

  it("links only to lessons that there are", () => {
    const linked = JSON.stringify(allLessons(course)).matchAll(/"kind":"lesson","id":"([^"]+)"/g);
    for (const [, id = ""] of linked) assert.ok(findLesson(course, id), id);
  });

  it("points at code that stands in the sample as it is quoted", () => {
    const anchors = allLessons(course).flatMap(({ id, anchors: of }) => of.map((anchor) => ({ id, anchor })));
    assert.ok(anchors.length >= 4);
    for (const { id, anchor } of anchors) {
      const text = readFileSync(join(process.cwd(), "media/sample", anchor.file), "utf8");
      assert.equal(findAnchor(text, anchor.text)?.changed, false, `${id}, ${anchor.id}`);
    }
  });

  it("names a source with a date for what it does not measure", () => {
    for (const { id, sources } of allLessons(course)) {
      for (const source of sources) assert.match(plainText(source), /\b(?:19|20)\d\d\b/, id);
    }
  });
});

const measure = (fact: Fact) => measureFact(fact, (text, encoding) => encoderOf(encoding).encode(text));

describe("putting a course together", () => {
  const chapters = {
    path: "chapters.yaml",
    source: "- number: 2\n  title: Two\n- number: 3\n  title: Three\n",
  };
  const build = (files: CourseFile[]) => buildCourse([{ chapters, glossary, files }]);
  const good = shippedFile("02-text-into-tokens/tokens.md");

  it("shows chapters that have lessons, with what precedes and follows", () => {
    const second = {
      path: "02/later.md",
      source: good.source.replace("id: tokens", "id: later").replace("order: 1", "order: 2"),
    };
    const built = build([second, good]);
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
    const built = build([
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
    const built = buildCourse([
      { chapters: { path: "chapters.yaml", source: "- number: two\n  title: Two\n" }, glossary, files: [] },
    ]);
    assert.match(built.faults[0]?.message ?? "", /"chapters 1, number" must be a whole number/);
    assert.equal(built.faults[0]?.line, 1);
  });
});
