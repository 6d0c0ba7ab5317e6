/** What of a text looks as if it gave orders to the tutor: told in the panel, and in lessons that have a text explained. */

import { t } from "../../src/shared/l10n.js";
import type { InstructionAttempt } from "../../src/shared/panels/explain.js";

/** Places that look like instructions to the tutor. They were sent as what they are: text. */
export function Attempts({ attempts }: { attempts: readonly InstructionAttempt[] }) {
  const places: Record<InstructionAttempt["where"], string> = {
    text: t("the text"),
    "file-name": t("the file’s name"),
    fact: t("a fact"),
    "follow-up": t("a question"),
    answer: t("the model’s own words"),
  };
  return (
    <section class="gb-attempts" aria-label={t("Instructions in the text")}>
      <p>
        {attempts.length === 1
          ? t(
              "One place looks like an instruction to the tutor. Glassbox treats it as text: it changes no settings, and no tool is run for it. The rules that find such places may miss some.",
            )
          : t(
              "{0} places look like instructions to the tutor. Glassbox treats them as text: they change no settings, and no tool is run for them. The rules that find such places may miss some.",
              attempts.length,
            )}
      </p>
      <ul>
        {attempts.map(({ where, line, quote, looksLike }, index) => (
          <li key={`${index}:${quote}`}>
            {line === undefined ? places[where] : t("line {0}", line + 1)}: <q>{quote}</q>{" "}
            <span class="gb-dim">{looksLike}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
