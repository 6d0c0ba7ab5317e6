/** The checks of a lesson that are about an exhibit, and how they stand after a change that a reader makes. */

import { exhibitOf } from "../../../src/core/lessons/exhibits.js";
import { type JudgedCondition, judgeCondition } from "../../../src/core/lessons/judge.js";
import type {
  CheckBlock,
  CheckConfig,
  CheckType,
  ExhibitBlock,
  Lesson,
} from "../../../src/shared/panels/lesson.js";
import { type Change, readingsAfter, textsAfter } from "./answers.js";

export type CheckOf<T extends CheckType> = {
  block: CheckBlock;
  config: Extract<CheckConfig, { type: T }>;
  exhibit: ExhibitBlock;
};

/** The checks of a kind that are about an exhibit, with that exhibit. */
export function checksOf<T extends CheckType>(lesson: Lesson, type: T): CheckOf<T>[] {
  return lesson.blocks.flatMap((block) => {
    if (block.kind !== "check" || block.config.type !== type) return [];
    const about = exhibitOf(block.config);
    const exhibit = lesson.blocks.find((other) => other.kind === "exhibit" && other.id === about);
    if (exhibit?.kind !== "exhibit") return [];
    return [{ block, config: block.config as CheckOf<T>["config"], exhibit }];
  });
}

/** The conditions of a check after a change; undefined where the exhibit needs a model. */
export async function judgedAfter(
  { config, exhibit }: CheckOf<"until">,
  change: Change,
): Promise<JudgedCondition[] | undefined> {
  const readings = await readingsAfter(exhibit.config, change);
  return (
    readings &&
    config.conditions.map((condition) =>
      judgeCondition(condition, readings, exhibit.config, textsAfter(exhibit.config, change)),
    )
  );
}
