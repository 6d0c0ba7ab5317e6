/** From a recorded run to the values that stand beside its lines at one moment. */

import { t } from "../../shared/l10n.js";
import type { TraceStep } from "../../shared/workerProtocol.js";

/** More beside one line hides the code. */
const LONGEST_TEXT = 120;

/**
 * For each line that has run so far in the same call: what changed when it ran last; for the line of the moment what
 * its variables hold now. Lines are those of the traced source.
 */
export function momentLines(steps: readonly TraceStep[], moment: number): { line: number; text: string }[] {
  const now = steps[moment];
  if (!now) return [];
  const begins = callBegins(steps, moment);
  const texts = new Map<number, string>();
  let before: TraceStep | undefined;
  for (let at = begins; at <= moment; at++) {
    const step = steps[at]!;
    if (step.depth !== now.depth) continue;
    // A step shows the state before its line: what has changed was changed by the line before.
    const changed = step.variables.filter((variable) => variable.changed);
    if (before && changed.length > 0) texts.set(before.line, listed(changed));
    else if (!before && changed.length > 0) texts.set(step.line, listed(changed));
    before = step;
  }
  if (now.kind !== "line" && now.value !== undefined) {
    texts.set(now.line, cut(now.kind === "throw" ? t("throws {0}", now.value) : t("returns {0}", now.value)));
  }
  return [...texts].map(([line, text]) => ({ line, text }));
}

/** Where the call that is under way at a moment began. */
function callBegins(steps: readonly TraceStep[], moment: number): number {
  const { depth } = steps[moment]!;
  let at = moment;
  while (at > 0) {
    const before = steps[at - 1]!;
    if (before.depth < depth) break;
    if (before.depth === depth && before.kind !== "line") break;
    at--;
  }
  return at;
}

function listed(variables: TraceStep["variables"]): string {
  return cut(variables.map(({ name, value }) => `${name} = ${value}`).join(", "));
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
}
