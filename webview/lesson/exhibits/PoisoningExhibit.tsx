/** The exhibit of poisoning: two equal models learn one text, the second with a line slipped into it. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability, plural } from "../../ui/format.js";
import { Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { latest, useTraining, useTrainingText } from "./useTraining.js";

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
  const found = history.findLast((progress) => progress.payload !== null)?.payload;
  const [clean, poisoned] = found ?? [];
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
        ? `${plural(plan.copies, "copy").replace("copys", "copies")} of “${plan.trigger}${plan.payload}”`
        : "",
      guesses: {},
    });
  }, [steps, clean, poisoned, cleanLoss, poisonedLoss, plan, start, text.used]);

  const write = (nats: number) => formatReading(nats, "number");
  const measured = history.filter((progress) => progress.payload !== null);
  return (
    <>
      <div class="lesson-sliders">
        <TextField label="Trigger" value={trigger} onInput={setTrigger} />
        <TextField label="What is to follow it" value={payload} onInput={setPayload} />
        <Slider
          label="Copies of the line"
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
        label="Train both"
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
      {!covered && plan && clean && poisoned && (
        <Figure
          caption={`After ${plural(steps, "step")}, behind “${plan.trigger}” the clean model gives a character of “${plan.payload}” ${formatProbability(clean.character)} on average, the poisoned one ${formatProbability(poisoned.character)}.${cleanLoss === undefined || poisonedLoss === undefined ? "" : ` On clean text that neither has seen, their losses are ${write(cleanLoss)} and ${write(poisonedLoss)}.`}`}
          table={{
            columns: [
              "Steps",
              "Clean: a character",
              "Poisoned: a character",
              "Clean: all of it",
              "Poisoned: all of it",
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
                label: "without the line",
                share: clean.character,
                value: formatProbability(clean.character),
              },
              {
                key: "poisoned",
                label: `with ${plan.copies} ${plan.copies === 1 ? "copy" : "copies"} of it, ${formatReading(share, "probability")} of the text`,
                share: poisoned.character,
                value: formatProbability(poisoned.character),
                strong: true,
              },
            ]}
          />
          {measured.length > 1 && (
            <Curve
              xs={measured.map((progress) => progress.steps)}
              lines={(["clean", "poisoned"] as const).map((label, model) => ({
                label: `${label}: probability of a character behind the trigger`,
                ys: measured.map((progress) => progress.payload?.[model]?.character ?? Number.NaN),
              }))}
              xLabel="steps"
              writeX={String}
              writeY={formatProbability}
            />
          )}
        </Figure>
      )}
    </>
  );
}
