/** The exhibit of training: a tiny transformer that learns the reader's file, its loss, and what it writes so far. */

import { useEffect } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedCharacters, countedParameters, countedSteps } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { Curve } from "./Curve.js";
import { joinSentences } from "./joinSentences.js";
import type { ExhibitProps } from "./registry.js";
import { TrainingControls } from "./TrainingControls.js";
import { formatNats, latest, lineOf, useTraining, useTrainingText } from "./useTraining.js";

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
      setting: countedSteps(steps),
      guesses: {},
    });
  }, [steps, loss, heldOut, start, text.used]);

  const samples = history.filter(({ sample }) => sample !== null);
  return (
    <>
      <TrainingControls
        training={training}
        text={text}
        steps={config.steps}
        label={t("Train a model on it")}
        onBegin={() => text.used && training.begin({ kind: "learn", text: text.used.text, seed: SEED })}
      />
      {!covered && start && history.length > 1 && loss !== undefined && (
        <Figure
          caption={joinSentences(
            t(
              "After {0} the loss is {1} nats a character, so that the right one gets about {2}; guessing among {3} characters would be {4}.",
              countedSteps(steps),
              formatNats(loss),
              formatReading(Math.exp(-loss), "probability"),
              start.vocabulary - 1,
              formatNats(guessing),
            ),
            heldOut === undefined
              ? undefined
              : t(
                  "On the {0} that it never learns from: {1}.",
                  countedCharacters(start.keptBack),
                  formatNats(heldOut),
                ),
          )}
          table={{
            columns: [t("Steps"), t("Loss"), t("On unseen text"), t("Sample")],
            rows: () =>
              history.map((progress) => [
                String(progress.steps),
                formatNats(progress.losses[0] ?? Number.NaN),
                progress.heldOut[0] == null ? "" : formatNats(progress.heldOut[0]),
                progress.sample ?? "",
              ]),
          }}
        >
          <Curve
            xs={history.map((progress) => progress.steps)}
            lines={[
              { label: t("loss on what it learns from"), ys: lineOf(history, "losses", 0) },
              {
                label: t("loss on the end of the text, which it never sees"),
                ys: lineOf(history, "heldOut", 0),
              },
            ]}
            xLabel={t("steps")}
            writeX={String}
            writeY={formatNats}
          />
        </Figure>
      )}
      {!covered && samples.length > 0 && (
        <section aria-label={t("What it writes")}>
          <h3>{t("What it writes")}</h3>
          <ol class="lesson-samples">
            {spread(samples).map(({ steps: at, sample }) => (
              <li key={at}>
                <span class="gb-dim">
                  {at === 1 ? t("after 1 step") : t("after {0} steps", formatCount(at))}
                </span>
                <pre>{sample}</pre>
              </li>
            ))}
          </ol>
        </section>
      )}
      {model && (
        <p class="gb-dim">
          {t(
            "A transformer of 2 layers with {0}, which sees 48 characters at once; each step learns from three passages of the text, and Adam takes it. The seed is {1}: begun anew on the same text, it does the same.",
            countedParameters(model.parameters),
            SEED,
          )}
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
