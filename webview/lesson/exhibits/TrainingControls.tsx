/** What stands above every training: which text it learns, and start, stop, go on, begin anew. */

import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import { FEWEST_TRAINING_CHARACTERS } from "../../../src/shared/training.js";
import { countedCharacters, countedSteps } from "../../ui/counted.js";
import { formatDuration } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, LinkButton } from "../../ui/toolkit.js";
import type { Training, TrainingText } from "./useTraining.js";

export interface TrainingControlsProps {
  training: Training;
  text: TrainingText;
  /** Steps in all. */
  steps: number;
  /** What the first button says. */
  label: string;
  onBegin(): void;
}

export function TrainingControls({ training, text, steps, label, onBegin }: TrainingControlsProps) {
  const { state, history, error } = training;
  const last = history.at(-1);
  const running = state === "running";
  const learning = training.plan?.text;
  return (
    <>
      <p class="lesson-origin gb-dim">
        <TextLine text={text} />{" "}
        {text.file && !text.tooShort && (
          <LinkButton onClick={() => text.useExample(text.used === text.file)}>
            {text.used === text.file ? t("Use the lesson’s example") : t("Use {0}", text.file.fileName ?? "")}
          </LinkButton>
        )}
        {learning !== undefined && text.used && learning !== text.used.text && (
          <span> {t("What is drawn below learned another text; begin anew to learn this one.")}</span>
        )}
      </p>
      <div class="gb-row lesson-training-controls">
        {state === "fresh" && (
          <Button appearance="primary" onClick={onBegin} disabled={!text.used}>
            {label}
          </Button>
        )}
        {running && <Button onClick={training.stop}>{t("Stop")}</Button>}
        {state === "stopped" && (
          <Button appearance="primary" onClick={training.goOn}>
            {t("Go on")}
          </Button>
        )}
        {state !== "fresh" && !running && (
          <Button onClick={onBegin} disabled={!text.used}>
            {t("Begin anew")}
          </Button>
        )}
        {state !== "fresh" && <LinkButton onClick={training.reset}>{t("Clear")}</LinkButton>}
        {state !== "fresh" && (
          <span class="gb-dim">
            {last
              ? t(
                  "{0} of {1}, {2} each",
                  countedSteps(last.steps),
                  formatCount(steps),
                  formatDuration(last.stepMs),
                )
              : t("The first steps …")}
          </span>
        )}
        <span class="gb-visually-hidden" role="status">
          {state === "fresh"
            ? ""
            : running
              ? t("Training")
              : state === "done"
                ? t("Training done")
                : t("Training stopped")}
        </span>
      </div>
      {running && (
        <progress max={steps} value={last?.steps ?? 0} aria-label={t("Steps of the training")}>
          {last?.steps ?? 0}
        </progress>
      )}
      {error && <ErrorNote error={error} retry={onBegin} />}
      {text.error && <ErrorNote error={text.error} retry={text.again} />}
    </>
  );
}

function TextLine({ text: { used, file, tooShort } }: { text: TrainingText }) {
  if (!used) return <>{t("Reading the text …")}</>;
  const size = countedCharacters(Array.from(used.text).length);
  if (used === file) {
    return (
      <>
        {used.cut
          ? t("It learns {0}: the first {1}.", file.fileName ?? "", size)
          : t("It learns {0}: all {1}.", file.fileName ?? "", size)}
      </>
    );
  }
  return (
    <>
      {t("It learns the lesson’s example, a tale of {0}.", size)}{" "}
      {file && tooShort
        ? t(
            "{0} has {1}; at least {2} are needed.",
            file.fileName ?? "",
            countedCharacters(Array.from(file.text).length),
            FEWEST_TRAINING_CHARACTERS,
          )
        : file
          ? ""
          : t("Open a file beside the lesson to train on that.")}
    </>
  );
}
