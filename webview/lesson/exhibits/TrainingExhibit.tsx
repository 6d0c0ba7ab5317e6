/** The exhibit of training: a tiny transformer that learns the reader's file, its loss, and what it writes so far. */

import { useEffect } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { latest, lineOf, useTraining, useTrainingText } from "./useTraining.js";

type Config = Extract<ExhibitConfig, { type: "training" }>;

const SEED = 1;
/** Samples that stay to be compared. */
const MOST_SAMPLES = 4;

export function TrainingExhibit(props: ExhibitProps<Config>) {
  const { id, config, source, host, covered, onInstrument } = props;
  const text = useTrainingText(host, source);
  const training = useTraining(host, id, config.steps);
  const { history, start } = training;
  const steps = history.at(-1)?.steps ?? 0;
  const loss = latest(history, "losses", 0);
  const heldOut = latest(history, "heldOut", 0);
  const guessing = Math.log((start?.vocabulary ?? 2) - 1);
  const model = start?.models[0];

  useEffect(() => {
    onInstrument({
      text: text.used?.text ?? "",
      readings: {
        ...(start && { steps, guessing, parameters: model?.parameters ?? 0 }),
        ...(loss !== undefined && { loss }),
        ...(heldOut !== undefined && { "held-out": heldOut }),
      },
      setting: plural(steps, "step"),
      guesses: {},
    });
  }, [steps, loss, heldOut, start, text.used]);

  const write = (nats: number) => formatReading(nats, "number");
  const samples = history.filter(({ sample }) => sample !== null);
  return (
    <>
      <TrainingControls
        training={training}
        text={text}
        steps={config.steps}
        label="Train a model on it"
        onBegin={() => text.used && training.begin({ kind: "learn", text: text.used.text, seed: SEED })}
      />
      {!covered && start && history.length > 1 && loss !== undefined && (
        <Figure
          caption={`After ${plural(steps, "step")} the loss is ${write(loss)} nats a character, so that the right one gets about ${formatReading(Math.exp(-loss), "probability")}; guessing among ${start.vocabulary - 1} characters would be ${write(guessing)}.${heldOut === undefined ? "" : ` On the ${plural(start.keptBack, "character")} that it never learns from: ${write(heldOut)}.`}`}
          table={{
            columns: ["Steps", "Loss", "On unseen text", "Sample"],
            rows: () =>
              history.map((progress) => [
                String(progress.steps),
                write(progress.losses[0] ?? Number.NaN),
                progress.heldOut[0] == null ? "" : write(progress.heldOut[0]),
                progress.sample ?? "",
              ]),
          }}
        >
          <Curve
            xs={history.map((progress) => progress.steps)}
            lines={[
              { label: "loss on what it learns from", ys: lineOf(history, "losses", 0) },
              {
                label: "loss on the end of the text, which it never sees",
                ys: lineOf(history, "heldOut", 0),
              },
            ]}
            xLabel="steps"
            writeX={String}
            writeY={write}
          />
        </Figure>
      )}
      {!covered && samples.length > 0 && (
        <section aria-label="What it writes">
          <h3>What it writes</h3>
          <ol class="lesson-samples">
            {spread(samples).map(({ steps: at, sample }) => (
              <li key={at}>
                <span class="gb-dim">after {plural(at, "step")}</span>
                <pre>{sample}</pre>
              </li>
            ))}
          </ol>
        </section>
      )}
      {model && (
        <p class="gb-dim">
          A transformer of 2 layers with {plural(model.parameters, "parameter")}, which sees 48 characters at
          once; each step learns from three passages of the text, and Adam takes it. The seed is {SEED}: begun
          anew on the same text, it does the same.
        </p>
      )}
    </>
  );
}

/** The first, the last, and some at even distances between them. */
function spread<T>(samples: readonly T[]): T[] {
  const most = Math.min(MOST_SAMPLES, samples.length);
  return Array.from(
    { length: most },
    (_, at) => samples[Math.round((at * (samples.length - 1)) / Math.max(1, most - 1))]!,
  );
}
