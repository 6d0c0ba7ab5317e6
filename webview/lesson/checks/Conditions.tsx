/** The conditions of a check, each with what holds now. */

import { type JudgedCondition, judgeCondition } from "../../../src/core/lessons/judge.js";
import { t } from "../../../src/shared/l10n.js";
import type { Condition, ExhibitBlock } from "../../../src/shared/panels/lesson.js";
import { withWholeNumbers } from "../../ui/sentence.js";
import type { Instrument } from "../instruments.js";

/** Judges conditions by what an exhibit tells of itself now. */
export function judgeAll(
  conditions: readonly Condition[],
  instrument: Instrument | undefined,
  exhibit: ExhibitBlock,
): JudgedCondition[] {
  const texts = instrument && (instrument.prompts ?? { "": instrument.text });
  return conditions.map((condition) =>
    judgeCondition(condition, instrument?.readings, exhibit.config, texts),
  );
}

interface ConditionsProps {
  judged: JudgedCondition[];
  /** They have all held once: they keep their signs, whatever the exhibit is set to now. */
  passed?: boolean;
  /** Nothing of the exhibit is to be told yet. */
  covered?: boolean;
}

export function Conditions({ judged, passed = false, covered = false }: ConditionsProps) {
  const otherwise = passed && judged.some(({ met, known }) => known && !met);
  return (
    <>
      <ul class="lesson-conditions" aria-live="polite">
        {judged.map(({ met, wanted, found, known }) => (
          <li key={wanted} data-met={met || passed}>
            <span class={met || passed ? "gb-verified" : "gb-unchecked"}>
              <span aria-hidden="true">{met || passed ? "✓" : "○"}</span>
              <span class="gb-visually-hidden">
                {met ? t("holds:") : passed ? t("has held:") : t("does not hold:")}{" "}
              </span>
            </span>{" "}
            {withWholeNumbers(wanted.replace(/ (?=\d[^ ]*$)/, "\u00a0"))}{" "}
            {!otherwise && (met || !passed) && !covered && (
              <span class="gb-dim">{known ? t("(now {0})", found) : `(${found})`}</span>
            )}
          </li>
        ))}
      </ul>
      {otherwise && <p class="gb-dim">{t("The exhibit is set otherwise now; what is done stays done.")}</p>}
    </>
  );
}
