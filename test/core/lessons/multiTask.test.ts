/** Two tasks learned at once: gradients against finite differences, and what gates are good for. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  type Build,
  firstParameters,
  MultiTaskTraining,
  multiTaskStep,
  parameterCount,
  sharedUnits,
  taskData,
  wordsOfText,
} from "../../../src/core/lessons/multiTask.js";
import { parseLesson } from "../../../src/core/lessons/parseLesson.js";

/** The lesson's own text. */
const WORDS = wordsOfText(lessonText(), 80);

function lessonText(): string {
  const path = "04-the-transformer/mmoe.md";
  const { lesson } = parseLesson(readFileSync(`media/lessons/${path}`, "utf8"), path);
  const exhibit = lesson?.blocks.find((block) => block.kind === "exhibit");
  assert.ok(exhibit?.kind === "exhibit" && exhibit.config.type === "two-tasks");
  return exhibit.config.text;
}

describe("two tasks learned at once", () => {
  it("take the different words of a text", () => {
    assert.deepEqual(wordsOfText("The cat, the CAT; dog's 12", 10), ["the", "cat", "dog", "s"]);
    assert.deepEqual(wordsOfText("a b c d", 2), ["a", "b"]);
  });

  it("want the same, or the opposite where a vowel begins", () => {
    const [agree, fight] = [taskData(WORDS, false), taskData(WORDS, true)];
    assert.deepEqual(agree.targets[0], agree.targets[1]);
    for (const [row, word] of WORDS.entries()) {
      const sign = "aeiou".includes(word[0] ?? "") ? -1 : 1;
      assert.equal(fight.targets[1][row], sign * (fight.targets[0][row] ?? 0));
    }
    const mean = agree.targets[0].reduce((sum, value) => sum + value, 0) / WORDS.length;
    assert.ok(Math.abs(mean) < 1e-9);
  });

  for (const build of [
    { experts: 1, units: 3 },
    { experts: 3, units: 2 },
  ] satisfies Build[]) {
    it(`have the gradients that finite differences find: ${build.experts} × ${build.units}`, () => {
      const data = taskData(WORDS, true);
      const parameters = firstParameters(build, 3);
      const { gradients } = multiTaskStep(build, parameters, data);
      let checked = 0;
      for (const task of [0, 1] as const) {
        for (let at = 0; at < parameters.length; at += 5) {
          const step = 1e-5;
          const moved = (by: number) => {
            const other = parameters.slice();
            other[at]! += by;
            return multiTaskStep(build, other, data).losses[task];
          };
          const slope = (moved(step) - moved(-step)) / (2 * step);
          assert.ok(Math.abs(slope - (gradients[task][at] ?? 0)) < 1e-7, `task ${task}, parameter ${at}`);
          checked++;
        }
      }
      assert.ok(checked > 30);
    });
  }

  it("count their parameters", () => {
    assert.equal(parameterCount({ experts: 1, units: 2 }), 2 * 28 + 2 * 3);
    assert.equal(parameterCount({ experts: 3, units: 2 }), 6 * 28 + 6 * 28 + 2 * 3);
    const gated = { experts: 2, units: 1 };
    const wide = { experts: 1, units: sharedUnits(gated) };
    assert.ok(parameterCount(wide) >= parameterCount(gated));
    assert.ok(parameterCount({ ...wide, units: wide.units - 1 }) < parameterCount(gated));
  });

  it("are shared where they agree, and take gates, or room, where they do not", () => {
    const lossAfter = (build: Build, conflict: boolean) => {
      const training = new MultiTaskTraining(build, taskData(WORDS, conflict), 1);
      for (let step = 0; step < 400; step++) training.step();
      const { losses } = training.now;
      return (losses[0] + losses[1]) / 2;
    };
    const gated = { experts: 2, units: 1 };
    const wide = { experts: 1, units: sharedUnits(gated) };
    const narrow = { experts: 1, units: 1 };
    assert.ok(lossAfter(narrow, false) < 0.05);
    assert.ok(lossAfter(gated, false) < 0.05);
    assert.ok(lossAfter(narrow, true) > 0.2);
    assert.ok(lossAfter(gated, true) < 0.1);
    assert.ok(lossAfter(wide, true) < 0.1);
  });
});
