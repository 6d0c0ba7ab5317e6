/** The exhibit of poisoning: two equal models learn one text, the second with a line slipped into it. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedSteps } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { joinSentences } from "./joinSentences.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { formatNats, latest, useTraining, useTrainingText } from "./useTraining.js";

type Config = Extract<ExhibitConfig, { type: "poisoning" }>;

const SEED = 1;
const MOST_COPIES = 60;

export function PoisoningExhibit(props: ExhibitProps<Config>) {
  const { id, config, source, host, covered, onInstrument } = props;
  const [trigger, setTrigger] = useState(config.trigger);
  const [payload, setPayload] = useState(config.payload);
  const [copies, setCopies] = useState(config.copies);
  const text = useTrainingText(host, source);
  const training = useTraining(host, id, config.steps);
  const { history, start } = training;
  const plan = training.plan?.kind === "poison" ? training.plan : undefined;
  const steps = history.at(-1)?.steps ?? 0;
  // It is measured only now and then.
  const measuredLast = history.findLast((progress) => progress.payload !== null);
  const [clean, poisoned] = measuredLast?.payload ?? [];
  const [cleanLoss, poisonedLoss] = [latest(history, "heldOut", 0), latest(history, "heldOut", 1)];
  const share = start ? 1 - (start.models[0]?.learnsFrom ?? 0) / (start.models[1]?.learnsFrom ?? 1) : 0;

  useEffect(() => {
    onInstrument({
      text: text.used?.text ?? "",
      readings: {
        ...(plan && start && { steps, copies: plan.copies, share }),
        ...(clean && poisoned && { clean: clean.character, poisoned: poisoned.character }),
        ...(cleanLoss !== undefined &&
          poisonedLoss !== undefined && { "held-out-difference": poisonedLoss - cleanLoss }),
      },
      setting: plan
        ? plan.copies === 1
          ? t("1 copy of “{0}”", plan.trigger + plan.payload)
          : t("{0} copies of “{1}”", formatCount(plan.copies), plan.trigger + plan.payload)
        : "",
      guesses: {},
    });
  }, [steps, clean, poisoned, cleanLoss, poisonedLoss, plan, start, text.used]);

  const measured = history.filter((progress) => progress.payload !== null);
  return (
    <>
      <div class="lesson-sliders">
        <TextField label={t("Trigger")} value={trigger} onInput={setTrigger} />
        <TextField label={t("What is to follow it")} value={payload} onInput={setPayload} />
        <Slider
          label={t("Copies of the line")}
          min={0}
          max={MOST_COPIES}
          step={1}
          value={copies}
          valueText={String(copies)}
          onInput={setCopies}
        />
      </div>
      <TrainingControls
        training={training}
        text={text}
        steps={config.steps}
        label={t("Train both")}
        onBegin={() =>
          text.used &&
          training.begin({
            kind: "poison",
            text: text.used.text,
            seed: SEED,
            trigger: trigger || config.trigger,
            payload: payload || config.payload,
            copies,
          })
        }
      />
      {!covered && plan && measuredLast && clean && poisoned && (
        <Figure
          caption={joinSentences(
            t(
              "After {0}, behind “{1}” the clean model gives a character of “{2}” {3} on average, the poisoned one {4}.",
              countedSteps(measuredLast.steps),
              plan.trigger,
              plan.payload,
              formatProbability(clean.character),
              formatProbability(poisoned.character),
            ),
            cleanLoss === undefined || poisonedLoss === undefined
              ? undefined
              : t(
                  "On clean text that neither has seen, their losses are {0} and {1}.",
                  formatNats(cleanLoss),
                  formatNats(poisonedLoss),
                ),
          )}
          table={{
            columns: [
              t("Steps"),
              t("Clean: a character"),
              t("Poisoned: a character"),
              t("Clean: all of it"),
              t("Poisoned: all of it"),
            ],
            rows: () =>
              measured.map(({ steps: at, payload: both }) => [
                String(at),
                ...(["character", "whole"] as const).flatMap((field) =>
                  [0, 1].map((model) => formatProbability(both?.[model]?.[field] ?? 0)),
                ),
              ]),
          }}
        >
          <Bars
            bars={[
              {
                key: "clean",
                label: t("without the line"),
                share: clean.character,
                value: formatProbability(clean.character),
              },
              {
                key: "poisoned",
                label:
                  plan.copies === 1
                    ? t("with 1 copy of it, {0} of the text", formatReading(share, "probability"))
                    : t(
                        "with {0} copies of it, {1} of the text",
                        plan.copies,
                        formatReading(share, "probability"),
                      ),
                share: poisoned.character,
                value: formatProbability(poisoned.character),
                strong: true,
              },
            ]}
          />
          {measured.length > 1 && (
            <Curve
              xs={measured.map((progress) => progress.steps)}
              lines={[
                t("clean: probability of a character behind the trigger"),
                t("poisoned: probability of a character behind the trigger"),
              ].map((label, model) => ({
                label,
                ys: measured.map((progress) => progress.payload?.[model]?.character ?? Number.NaN),
              }))}
              xLabel={t("steps")}
              writeX={String}
              writeY={formatProbability}
            />
          )}
        </Figure>
      )}
    </>
  );
}
