/** The exhibit of distillation: a teacher's distribution, and two students that learn from it and from bare text. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { NextCharacters } from "../../../src/shared/training.js";
import { visibleText } from "../../../src/shared/visibleText.js";
import { countedCharacters, countedParameters, countedSteps } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { useAnswer } from "./useAnswer.js";
import { formatNats, latest, lineOf, useTraining, useTrainingText } from "./useTraining.js";

type Config = Extract<ExhibitConfig, { type: "distillation" }>;

const SEED = 1;
const SHOWN = 5;
const ASKED = 20;

export function DistillationExhibit(props: ExhibitProps<Config>) {
  const { id, config, source, host, covered, onInstrument } = props;
  const [prefix, setPrefix] = useState(config.prefix);
  const text = useTrainingText(host, source);
  const all = config.teacherSteps + config.steps;
  const training = useTraining(host, id, all);
  const { history, start, plan, state } = training;
  const steps = history.at(-1)?.steps ?? 0;
  const [teacher, hard, soft] = [0, 1, 2].map((model) => latest(history, "heldOut", model));
  const taught = steps > config.teacherSteps;
  const measuredAt = history.findLast((progress) => progress.heldOut[0] !== null)?.steps ?? 0;
  const next = useAnswer(
    taught ? `${prefix}\n${state === "running" ? measuredAt : steps}\n${plan?.text}` : undefined,
    (signal) => host.call("nextCharacters", { name: id, prefix, most: ASKED }, { signal }),
  );

  useEffect(() => {
    onInstrument({
      text: text.used?.text ?? "",
      readings: {
        ...(start && { steps }),
        ...(teacher !== undefined && { teacher }),
        ...(taught && hard !== undefined && soft !== undefined && { hard, soft }),
      },
      setting: countedSteps(steps),
      guesses: {},
    });
  }, [steps, teacher, hard, soft, start, text.used]);

  // The students have not begun before the teacher is done.
  const after = history.filter((progress) => progress.steps > config.teacherSteps);
  const names = start?.models.map(({ name }) => name) ?? [];
  return (
    <>
      <TrainingControls
        training={training}
        text={text}
        steps={all}
        label={t("Train the teacher, then both students")}
        onBegin={() =>
          text.used &&
          training.begin({
            kind: "distil",
            text: text.used.text,
            seed: SEED,
            teacherSteps: config.teacherSteps,
          })
        }
      />
      {start && (
        <p class="gb-dim">
          {t(
            "The teacher has {0} and reads {1}; each student has {2} and gets the first {3} only.",
            countedParameters(start.models[0]?.parameters ?? 0),
            countedCharacters(start.models[0]?.learnsFrom ?? 0),
            countedParameters(start.models[1]?.parameters ?? 0),
            countedCharacters(start.models[1]?.learnsFrom ?? 0),
          )}{" "}
          {!taught && state === "running" && t("The teacher learns first.")}
        </p>
      )}
      {!covered && history.length > 1 && teacher !== undefined && (
        <Figure
          name="loss"
          caption={
            taught && hard !== undefined && soft !== undefined
              ? t(
                  "On text that none of them has seen, the student of the text loses {0} nats a character, the student of the teacher {1}, the teacher itself {2}.",
                  formatNats(hard),
                  formatNats(soft),
                  formatNats(teacher),
                )
              : t(
                  "The teacher’s loss on text that it has not seen is {0} nats a character.",
                  formatNats(teacher),
                )
          }
          table={{
            columns: [t("Steps"), ...names],
            rows: () =>
              history
                .filter((progress) => progress.heldOut[0] !== null)
                .map((progress) => [
                  String(progress.steps),
                  ...progress.heldOut.map((loss) => (loss === null ? "" : formatNats(loss))),
                ]),
          }}
        >
          <Curve
            xs={(taught ? after : history).map((progress) => progress.steps)}
            lines={(taught ? names : names.slice(0, 1)).map((label, model) => ({
              label,
              ys: lineOf(taught ? after : history, "heldOut", model),
            }))}
            xLabel={t("steps")}
            writeX={String}
            writeY={formatNats}
          />
        </Figure>
      )}
      {!covered && taught && (
        <>
          <TextField label={t("What comes behind")} value={prefix} onInput={setPrefix} />
          {next.error && <ErrorNote error={next.error} retry={next.again} />}
          {next.value && <Distributions names={names} next={next.value} prefix={prefix} />}
        </>
      )}
    </>
  );
}

/** The teacher's likeliest characters, and what the students make of the same ones. */
function Distributions({ names, next, prefix }: { names: string[]; next: NextCharacters[]; prefix: string }) {
  const shown = next[0]?.characters.slice(0, SHOWN) ?? [];
  const of = (model: number, character: string) => {
    const at = next[model]?.characters.indexOf(character) ?? -1;
    return at < 0 ? 0 : (next[model]?.probabilities[at] ?? 0);
  };
  const sign = (character: string) => visibleText(new TextEncoder().encode(character));
  const first = shown[0] ?? "";
  return (
    <Figure
      name="distributions"
      caption={t(
        "Behind “{0}” the teacher gives “{1}” {2}, the student of the text {3}, the student of the teacher {4}.",
        prefix,
        sign(first),
        formatProbability(of(0, first)),
        formatProbability(of(1, first)),
        formatProbability(of(2, first)),
      )}
      table={{
        columns: [t("Character"), ...names],
        rows: () =>
          shown.map((character) => [
            sign(character),
            ...names.map((_, model) => formatProbability(of(model, character))),
          ]),
      }}
    >
      <div class="lesson-side-by-side">
        {names.map((name, model) => (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <Bars
              bars={shown.map((character) => ({
                key: character,
                label: <code>{sign(character)}</code>,
                share: of(model, character),
                value: formatProbability(of(model, character)),
              }))}
            />
          </section>
        ))}
      </div>
    </Figure>
  );
}
