/** Two continuations of one prompt, token by token: what both have in this order, and what only one of them has. */

import { diffArrays } from "diff";
import type { TreeStep } from "./generationTree.js";

/** Steps that lie behind one another. Of what both have, the steps are those of the first road. */
export interface RoadPart<Step extends TreeStep> {
  in: "both" | "first" | "second";
  steps: Step[];
}

/** The shortest such account (Myers' difference), by the tokens' ids. */
export function compareRoads<Step extends TreeStep>(
  first: readonly Step[],
  second: readonly Step[],
): RoadPart<Step>[] {
  // The library hands out what both have as the second has it.
  let at = 0;
  return diffArrays([...first], [...second], { comparator: (one, other) => one.id === other.id }).map(
    ({ added, removed, value }) => {
      if (added) return { in: "second", steps: value };
      at += value.length;
      return { in: removed ? "first" : "both", steps: first.slice(at - value.length, at) };
    },
  );
}
