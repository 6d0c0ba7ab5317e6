/** What stands above every training: which text it learns, and start, stop, go on, begin anew. */

import { formatCount } from "../../../src/shared/formatCount.js";
import { FEWEST_TRAINING_CHARACTERS } from "../../../src/shared/training.js";
import { formatDuration, plural } from "../../ui/format.js";
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
            {text.used === text.file ? "Use the lesson’s example" : `Use ${text.file.fileName}`}
          </LinkButton>
        )}
        {learning !== undefined && text.used && learning !== text.used.text && (
          <span> What is drawn below learned another text; begin anew to learn this one.</span>
        )}
      </p>
      <div class="gb-row lesson-training-controls">
        {state === "fresh" && (
          <Button appearance="primary" onClick={onBegin} disabled={!text.used}>
            {label}
          </Button>
        )}
        {running && <Button onClick={training.stop}>Stop</Button>}
        {state === "stopped" && (
          <Button appearance="primary" onClick={training.goOn}>
            Go on
          </Button>
        )}
        {state !== "fresh" && !running && (
          <Button onClick={onBegin} disabled={!text.used}>
            Begin anew
          </Button>
        )}
        {state !== "fresh" && <LinkButton onClick={training.reset}>Clear</LinkButton>}
        {state !== "fresh" && (
          <span class="gb-dim">
            {last
              ? `${plural(last.steps, "step")} of ${formatCount(steps)}, ${formatDuration(last.stepMs)} each`
              : "The first steps …"}
          </span>
        )}
        <span class="gb-visually-hidden" role="status">
          {state === "fresh"
            ? ""
            : running
              ? "Training"
              : state === "done"
                ? "Training done"
                : "Training stopped"}
        </span>
      </div>
      {running && (
        <progress max={steps} value={last?.steps ?? 0} aria-label="Steps of the training">
          {last?.steps ?? 0}
        </progress>
      )}
      {error && <ErrorNote error={error} retry={onBegin} />}
      {text.error && <ErrorNote error={text.error} retry={text.again} />}
    </>
  );
}

function TextLine({ text: { used, file, tooShort } }: { text: TrainingText }) {
  if (!used) return <>Reading the text …</>;
  const size = plural(Array.from(used.text).length, "character");
  if (used === file) {
    return (
      <>
        It learns {file.fileName}: {used.cut ? "the first " : "all "}
        {size}.
      </>
    );
  }
  return (
    <>
      It learns the lesson’s example, a tale of {size}.{" "}
      {file && tooShort
        ? `${file.fileName} has ${plural(Array.from(file.text).length, "character")}; at least ${FEWEST_TRAINING_CHARACTERS} are needed.`
        : file
          ? ""
          : "Open a file beside the lesson to train on that."}
    </>
  );
}
