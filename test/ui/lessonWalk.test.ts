/** The whole course walked through in the workbench: each lesson opens, computes, refuses what is wrong, takes what is right. */

import assert from "node:assert/strict";
import { lessonsFor, shippedCourse, walkLesson } from "./harness/lessonWalk.js";
import { useWorkbench } from "./harness/session.js";

describe("The course, lesson by lesson", function () {
  this.timeout(90_000);
  const workbench = useWorkbench({ theme: "dark", reducedMotion: true });

  for (const lesson of lessonsFor(shippedCourse(), "any")) {
    it(`${lesson.id}: ${lesson.title}`, async () => {
      const walked = await walkLesson(workbench(), lesson);
      assert.deepEqual(walked.faults, []);
      assert.ok(walked.opened);
      const exhibits = Object.values(walked.exhibits);
      assert.ok(exhibits.length > 0 && exhibits.every(Boolean), JSON.stringify(walked.exhibits));
      const checks = Object.values(walked.checks);
      assert.ok(checks.length > 0, `none of ${walked.left.join()} was answered`);
      assert.ok(checks.every(({ wrongFails, rightPasses }) => wrongFails && rightPasses));
    });
  }
});
