/** A check that is passed by changing an exhibit until its live readings meet every condition. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { JudgedCondition } from "../../../src/core/lessons/judge.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig } from "../../../src/shared/panels/lesson.js";
import { Button } from "../../ui/toolkit.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";
import { Conditions, judgeAll } from "./Conditions.js";

type Until = Extract<CheckConfig, { type: "until" }>;

export function UntilCheck(props: CheckProps & { config: Until }) {
  const { config, progress, exhibit, covered, onAnswer } = props;
  // What is covered until another check has been answered is not told here either.
  const instrument = covered ? undefined : props.instrument;
  const judged = judgeAll(config.conditions, instrument, exhibit);
  const met = judged.every((condition) => condition.met);
  const setting = instrument?.setting ?? "";
  // What holds without the reader's doing is no answer: it must have failed before.
  const failedBefore = useRef(false);
  const [submitted, setSubmitted] = useState<{ setting: string; judged: JudgedCondition[] }>();
  const known = instrument !== undefined && Object.keys(instrument.readings).length > 0;

  useEffect(() => {
    if (config.submit || !known || progress.done) return;
    if (!met) failedBefore.current = true;
    else if (failedBefore.current) onAnswer(setting, true);
  }, [met, known, setting]);

  const submit = () => {
    setSubmitted({ setting, judged });
    onAnswer(setting, met);
  };

  return (
    <CheckFrame {...props} kind={config.submit ? t("find it") : t("change it until it holds")}>
      {!config.submit && <Conditions judged={judged} passed={progress.done} covered={covered} />}
      {covered && !progress.done && (
        <p class="gb-dim">{t("The exhibit is covered until a guess is made.")}</p>
      )}
      {!config.submit && met && !progress.done && known && (
        <p class="gb-dim">
          {t("It holds already. Change it so that it no longer does, then make it hold again.")}
        </p>
      )}
      {config.submit && !progress.done && (
        <div class="gb-row">
          <Button appearance="primary" onClick={submit} disabled={!known}>
            {t("This is my answer")}
          </Button>
          <span class="gb-dim">{setting}</span>
        </div>
      )}
      {config.submit && submitted && (
        <Verdict right={submitted.judged.every((condition) => condition.met)}>
          {submitted.setting}: {submitted.judged.map(comparison).join("; ")}.
        </Verdict>
      )}
      {progress.done && !submitted && progress.answer !== undefined && progress.answer !== "" && (
        <p class="gb-dim">{t("Your answer: {0}", withVisibleEdges(progress.answer))}</p>
      )}
    </CheckFrame>
  );
}

/** A text whose spaces at either end are seen: a page draws none there, and one may be what the answer is about. */
function withVisibleEdges(answer: string): string {
  return answer.replace(/^ +| +$/g, (spaces) => "·".repeat(spaces.length));
}

function comparison({ wanted, found }: JudgedCondition): string {
  return t("{0} measured, wanted {1}", found, wanted);
}
