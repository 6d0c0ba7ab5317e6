/** The exhibit of distillation: a teacher's distribution, and two students that learn from it and from bare text. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { NextCharacters } from "../../../src/shared/training.js";
import { visibleText } from "../../../src/shared/visibleText.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability, plural } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { useAnswer } from "./useAnswer.js";
import { latest, lineOf, useTraining, useTrainingText } from "./useTraining.js";

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
      setting: plural(steps, "step"),
      guesses: {},
    });
  }, [steps, teacher, hard, soft, start, text.used]);

  const write = (nats: number) => formatReading(nats, "number");
  // The students have not begun before the teacher is done.
  const after = history.filter((progress) => progress.steps > config.teacherSteps);
  const names = start?.models.map(({ name }) => name) ?? [];
  return (
    <>
      <TrainingControls
        training={training}
        text={text}
        steps={all}
        label="Train the teacher, then both students"
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
          The teacher has {plural(start.models[0]?.parameters ?? 0, "parameter")} and reads{" "}
          {plural(start.models[0]?.learnsFrom ?? 0, "character")}; each student has{" "}
          {plural(start.models[1]?.parameters ?? 0, "parameter")} and gets the first{" "}
          {plural(start.models[1]?.learnsFrom ?? 0, "character")} only.{" "}
          {!taught && state === "running" && "The teacher learns first."}
        </p>
      )}
      {!covered && history.length > 1 && teacher !== undefined && (
        <Figure
          name="loss"
          caption={
            taught && hard !== undefined && soft !== undefined
              ? `On text that none of them has seen, the student of the text loses ${write(hard)} nats a character, the student of the teacher ${write(soft)}, the teacher itself ${write(teacher)}.`
              : `The teacher’s loss on text that it has not seen is ${write(teacher)} nats a character.`
          }
          table={{
            columns: ["Steps", ...names],
            rows: () =>
              history
                .filter((progress) => progress.heldOut[0] !== null)
                .map((progress) => [
                  String(progress.steps),
                  ...progress.heldOut.map((loss) => (loss === null ? "" : write(loss))),
                ]),
          }}
        >
          <Curve
            xs={(taught ? after : history).map((progress) => progress.steps)}
            lines={(taught ? names : names.slice(0, 1)).map((label, model) => ({
              label,
              ys: lineOf(taught ? after : history, "heldOut", model),
            }))}
            xLabel="steps"
            writeX={String}
            writeY={write}
          />
        </Figure>
      )}
      {!covered && taught && (
        <>
          <TextField label="What comes behind" value={prefix} onInput={setPrefix} />
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
      caption={`Behind “${prefix}” the teacher gives “${sign(first)}” ${formatProbability(of(0, first))}, the student of the text ${formatProbability(of(1, first))}, the student of the teacher ${formatProbability(of(2, first))}.`}
      table={{
        columns: ["Character", ...names],
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
