/** Decides whether an answer is right, from measured facts and the live readings of exhibits. */

import { formatCount } from "../../shared/formatCount.js";
import type { ChooseOption, Condition, ExhibitType } from "../../shared/panels/lesson.js";
import { readingOf } from "./exhibits.js";

/** The live numbers of an exhibit by the names of the catalogue; one is missing while it is not known. */
export type Readings = Readonly<Record<string, number>>;

export interface JudgedCondition {
  met: boolean;
  /** What is asked: "tokens: at most 8". */
  wanted: string;
  /** What there is now: "11", or "not known yet". */
  found: string;
}

/** Judges a condition against the readings as they are now. */
export function judgeCondition(
  condition: Condition,
  readings: Readings | undefined,
  type: ExhibitType,
): JudgedCondition {
  const reading = readingOf(type, condition.reading);
  const format = reading?.format ?? "count";
  const value = readings?.[condition.reading];
  const { is, value: bound } = condition;
  const met =
    value !== undefined &&
    ((is === "at-least" && value >= bound) ||
      (is === "at-most" && value <= bound) ||
      (is === "over" && value > bound) ||
      (is === "under" && value < bound));
  return {
    met,
    wanted: `${reading?.label ?? condition.reading}: ${is.replace("-", " ")} ${formatReading(bound, format)}`,
    found: value === undefined ? "not known yet" : formatReading(value, format),
  };
}

export function formatReading(value: number, format: "count" | "probability" | "setting"): string {
  if (format === "probability") {
    const percent = value * 100;
    return `${percent !== 0 && percent < 10 ? percent.toFixed(1) : percent.toFixed(percent % 1 === 0 ? 0 : 1)} %`;
  }
  if (format === "setting") return value.toFixed(2);
  return formatCount(value);
}

/** Whether an option is right, given what the facts of its check measured. */
export function isRight(option: ChooseOption, measured: readonly number[]): boolean {
  const { answer } = option;
  if ("right" in answer) return answer.right;
  return (
    answer.values.length === measured.length &&
    answer.values.every((value, index) => value === measured[index])
  );
}
