/** The exhibit of two tasks: learned together by one network, and by experts with a gate for each task, live. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  type Build,
  MultiTaskTraining,
  parameterCount,
  type Step,
  sharedUnits,
  taskData,
  wordsOfText,
} from "../../../src/core/lessons/multiTask.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedExperts, countedSteps, countedWords } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { EmptyNote } from "../../ui/notes.js";
import { Button, Checkbox, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import "./experiments.css";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "two-tasks" }>;

const MOST_WORDS = 80;
const FEWEST_WORDS = 6;
const STEPS = 400;
/** Milliseconds of learning between two frames. */
const SLICE_MS = 8;
const SEED = 1;
/** Steps between two points of the curves. */
const EVERY = 10;

interface Net {
  label: string;
  build: Build;
}

interface Progress {
  steps: number;
  /** By net: the mean loss of both tasks, every few steps. */
  curves: number[][];
  /** By net: what it does now. */
  now: Step[];
}

export function TasksExhibit({ text, covered, onInstrument }: ExhibitProps<Config>) {
  const [conflict, setConflict] = useState(false);
  const [experts, setExperts] = useState(2);
  const [units, setUnits] = useState(1);
  const words = useMemo(() => wordsOfText(text, MOST_WORDS), [text]);
  const data = useMemo(() => taskData(words, conflict), [words, conflict]);
  const nets = useMemo((): Net[] => {
    const gated = { experts, units };
    return [
      { label: t("one network, as wide as an expert"), build: { experts: 1, units } },
      { label: t("{0} experts, a gate for each task", experts), build: gated },
      { label: t("one network with as many parameters"), build: { experts: 1, units: sharedUnits(gated) } },
    ];
  }, [experts, units]);
  const about = JSON.stringify([words, conflict, experts, units]);
  const task = useTask<Progress>(about);
  const { value } = task;
  const opposed = data.opposed.filter(Boolean).length;

  useEffect(() => {
    const loss = (net: number) => meanLoss(value?.now[net]);
    onInstrument({
      text,
      readings: {
        conflict: Number(conflict),
        experts,
        steps: value?.steps ?? 0,
        ...(value && { shared: loss(0), gated: loss(1), wide: loss(2) }),
      },
      setting: conflict
        ? t("{0}, tasks opposed", countedExperts(experts))
        : t("{0}, tasks agree", countedExperts(experts)),
      guesses: {},
    });
  }, [text, about, value]);

  if (words.length < FEWEST_WORDS) {
    return (
      <EmptyNote
        text={t("This takes a text of at least {0} different words in the letters a to z.", FEWEST_WORDS)}
      />
    );
  }
  const train = () =>
    task.begin(async (signal, show) => {
      const trainings = nets.map(({ build }) => new MultiTaskTraining(build, data, SEED));
      const curves = trainings.map(({ now }) => [meanLoss(now)]);
      let steps = 0;
      while (steps < STEPS && !signal.aborted) {
        const until = performance.now() + SLICE_MS;
        while (steps < STEPS && performance.now() < until) {
          for (const [net, training] of trainings.entries()) {
            training.step();
            if ((steps + 1) % EVERY === 0) curves[net]?.push(meanLoss(training.now));
          }
          steps++;
        }
        show({ steps, curves: curves.map((curve) => [...curve]), now: trainings.map(({ now }) => now) });
        await new Promise(requestAnimationFrame);
      }
    });
  const write = (loss: number) => formatReading(loss, "number");
  return (
    <>
      <p class="gb-dim">
        {conflict
          ? t(
              "Task A guesses how long each of your {0} is, from its letters. Task B wants the opposite for the {1} that begin with a vowel: short for long.",
              countedWords(words.length),
              countedWords(opposed),
            )
          : t(
              "Task A guesses how long each of your {0} is, from its letters. Task B does the same.",
              countedWords(words.length),
            )}
      </p>
      <div class="lesson-sliders">
        <Slider
          label={t("Experts")}
          min={2}
          max={4}
          step={1}
          value={experts}
          valueText={String(experts)}
          onInput={setExperts}
        />
        <Slider
          label={t("Units of an expert")}
          min={1}
          max={4}
          step={1}
          value={units}
          valueText={String(units)}
          onInput={setUnits}
        />
      </div>
      <div class="gb-row">
        <Checkbox
          label={t("let the tasks disagree on words that begin with a vowel")}
          checked={conflict}
          onChange={setConflict}
        />
        <Button appearance="primary" onClick={train} disabled={task.running}>
          {value ? t("Train again") : t("Train")}
        </Button>
        {task.running && <Button onClick={task.stop}>{t("Stop")}</Button>}
      </div>
      {!covered && value && (
        <>
          <Figure
            name="losses"
            caption={captionOf(value, nets, write)}
            table={{
              columns: [t("Network"), t("Parameters"), t("Loss of task A"), t("Loss of task B")],
              rows: () =>
                nets.map(({ label, build }, net) => [
                  label,
                  String(parameterCount(build)),
                  write(value.now[net]?.losses[0] ?? 0),
                  write(value.now[net]?.losses[1] ?? 0),
                ]),
            }}
          >
            <Curve
              xs={(value.curves[0] ?? []).map((_, at) => at * EVERY)}
              lines={nets.map(({ label, build }, net) => ({
                label: t("{0}: {1} parameters", label, parameterCount(build)),
                ys: value.curves[net] ?? [],
              }))}
              xLabel={t("steps")}
              writeX={(x) => String(Math.round(x))}
              writeY={write}
            />
          </Figure>
          {value.now[1] && (
            <Figure
              name="gates"
              caption={gateCaption(value.now[1], data.opposed, experts)}
              table={{
                columns: [t("Word"), t("Task A's gate"), t("Task B's gate")],
                rows: () =>
                  words.map((word, row) => [
                    word,
                    ...[0, 1].map((of) =>
                      Array.from({ length: experts }, (_, expert) =>
                        formatProbability(value.now[1]?.gates[of]?.[row * experts + expert] ?? 0),
                      ).join(" · "),
                    ),
                  ]),
              }}
            >
              <h3>{t("What the gates give each expert, on average")}</h3>
              <Bars
                bars={groupsOf(data.opposed).flatMap(({ name, rows }) =>
                  ([0, 1] as const).flatMap((of) =>
                    Array.from({ length: experts }, (_, expert) => {
                      const share = meanGate(value.now[1]?.gates[of], rows, expert, experts);
                      return {
                        key: `${name} ${of} ${expert}`,
                        label: t("task {0}, {1}: expert {2}", of === 0 ? "A" : "B", name, expert + 1),
                        share,
                        value: formatProbability(share),
                        strong: share > 0.5,
                      };
                    }),
                  ),
                )}
              />
            </Figure>
          )}
        </>
      )}
    </>
  );
}

function meanLoss(step: Step | undefined): number {
  return step ? (step.losses[0] + step.losses[1]) / 2 : 0;
}

/** Words on which the tasks agree, and where there are some, the others. */
function groupsOf(opposed: readonly boolean[]): { name: string; rows: number[] }[] {
  const rows = (wanted: boolean) => opposed.flatMap((value, row) => (value === wanted ? [row] : []));
  return [
    { name: t("a consonant first"), rows: rows(false) },
    { name: t("a vowel first"), rows: rows(true) },
  ]
    .filter((group) => group.rows.length > 0)
    .map((group, _, groups) => (groups.length === 1 ? { ...group, name: t("all words") } : group));
}

function meanGate(gates: Float64Array | undefined, rows: readonly number[], expert: number, experts: number) {
  const sum = rows.reduce((total, row) => total + (gates?.[row * experts + expert] ?? 0), 0);
  return sum / Math.max(1, rows.length);
}

function captionOf({ steps, now }: Progress, nets: readonly Net[], write: (loss: number) => string): string {
  const said = nets.map(({ label }, net) => `${label} ${write(meanLoss(now[net]))}`);
  return t(
    "Mean squared error of both tasks after {0}: {1}. Guessing the mean would be 1.",
    countedSteps(steps),
    said.join("; "),
  );
}

function gateCaption({ gates }: Step, opposed: readonly boolean[], experts: number): string {
  const widest = opposed
    .map((_, row) =>
      Array.from({ length: experts }, (_unused, expert) =>
        Math.abs((gates[0][row * experts + expert] ?? 0) - (gates[1][row * experts + expert] ?? 0)),
      ).reduce((sum, each) => sum + each / 2, 0),
    )
    .reduce((sum, each) => sum + each, 0);
  return t(
    "On average the two gates differ in {0} of what they give.",
    formatProbability(widest / Math.max(1, opposed.length)),
  );
}
